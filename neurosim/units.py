"""Physical constants, and the one place where "120 uS" becomes 1.2e-4.

Inside the simulator every number is an SI float. At its edge (Python arguments, device cards, experiment files, command
line) a value is either an SI float or a string with a unit. A string without a unit is refused where a unit is needed:
"5" could be ohm or kohm.

Constants: CODATA 2018 (E. Tiesinga et al., Rev. Mod. Phys. 93, 025010 (2021), doi:10.1103/RevModPhys.93.025010).
Device kernels may import them: this module imports pint only when the first string is parsed.
"""

from __future__ import annotations

import functools
import math
import numbers
import re
from decimal import Decimal
from typing import Any

from neurosim.errors import ParameterError

BOLTZMANN = 1.380649e-23                # J/K, exact
ELEMENTARY_CHARGE = 1.602176634e-19     # C, exact
PLANCK = 6.62607015e-34                 # J s, exact
HBAR = 1.054571817e-34                  # J s, h / 2 pi
SPEED_OF_LIGHT = 299792458.0            # m/s, exact
MU_0 = 1.25663706212e-6                 # T m/A
EPSILON_0 = 8.8541878128e-12            # F/m
ELECTRON_MASS = 9.1093837015e-31        # kg
BOHR_MAGNETON = 9.2740100783e-24        # J/T
GYROMAGNETIC = 1.76085963e11            # rad/(s T), magnitude for the free electron
CONDUCTANCE_QUANTUM = 7.748091729e-5    # S, 2 e^2 / h
ROOM_TEMPERATURE = 300.0                # K, a convention

MAX_TEXT = 100
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_UNSAFE_UNIT = re.compile(r"\d\s*(?:\*\*|\^)|\d{4}|__|[^\w\s%°/*^().+\-·²³⁻¹µμΩ\u2126]")
_GAUSSIAN = re.compile(r"\b([kmu]?)(Oe|G)\b")
_PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}
_TAKES_PREFIX = re.compile(r"(?:V|A|S|ohm|s|m|Hz|T|W|J|F|H|C|K|eV)(?![\w^*])(?!\s*\*\*)")


@functools.cache
def _registry() -> Any:
    import pint

    # Magnetism papers mean SI fields by Oe and G; pint's own have Gaussian dimensions, which do not convert.
    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("si_oersted = 79.57747154594767 * ampere / meter")
    registry.define("si_gauss = 1e-4 * tesla")
    return registry


def quantity(value: str | float, unit: str, name: str = "value") -> float:
    """Return a value as a finite SI float of the given unit.

    Parameters
    ----------
    value : str, float or int
        ``"120 uS"``, ``"10 %"`` for a pure number, or a number already in ``unit``.
    unit : str
        Unit of the result in pint notation, ``""`` for a pure number.
    name : str
        What the value is, for the error message (``"vteam/nominal: g_max"``).

    Returns
    -------
    float
        The value in ``unit``, finite.

    Raises
    ------
    ParameterError
        Not a number, not finite, without a unit where one is needed, or of another dimension.

    Examples
    --------
    >>> quantity("5 kohm", "ohm")
    5000.0
    >>> quantity("10 %", "")
    0.1
    """
    if isinstance(value, str):
        return _finite(_parse(value, unit, name), value, unit, name)
    # bool is an int in Python, but True volts is a mistake.
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise ParameterError(f"{name}: got {_shorten(value)} ({type(value).__name__}), allowed are a number{_of(unit)} "
                             f"or a string such as {_example(unit)}.")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return _finite(number, value, unit, name)


def convert(number: float, given: str, unit: str, name: str = "value") -> float:
    """Return ``number`` of the unit ``given`` expressed in ``unit``; both units are strings, ``""`` for a pure number.

    Examples
    --------
    >>> convert(1.5, "us", "s")
    1.5e-06
    """
    if given == unit:
        return quantity(number, unit, name)
    number = quantity(number, "", name)
    text = f"{number!r} {given}".rstrip()
    return _finite(_to(repr(number), given, unit, text, name), text, unit, name)


def check_unit(unit: str, name: str = "unit") -> str:
    """Return the unit if it is known, else raise a ParameterError."""
    if unit:
        convert(1.0, unit, unit + " ", name)
    return unit


def format_quantity(value: float, unit: str, digits: int = 3) -> str:
    """Return a value in engineering notation with ``digits`` significant figures, for people to read.

    Examples
    --------
    >>> format_quantity(1.234e-5, "S")
    '12.3 uS'
    >>> format_quantity(4700, "ohm")
    '4.7 kohm'
    """
    value = float(value)
    if unit and value and math.isfinite(value) and _TAKES_PREFIX.match(unit):
        # The exponent of the rounded value: 999.96 becomes 1 k, not 1000.
        rounded = Decimal(f"{value:.{digits - 1}e}")
        exponent = rounded.adjusted() // 3 * 3
        if exponent in _PREFIXES:
            return f"{float(rounded.scaleb(-exponent)):.{max(digits, 3)}g} {_PREFIXES[exponent]}{unit}"
    return f"{value:.{digits}g} {unit}".rstrip()


def _parse(text: str, unit: str, name: str) -> float:
    matched = _NUMBER.fullmatch(text) if len(text) <= MAX_TEXT else None
    if matched is None:
        raise ParameterError(f"{name}: cannot read {_shorten(text)} as a finite number{_of(unit)}. "
                             f"Write for example {_example(unit)}.")
    digits, given = matched.groups()
    number = float(digits)
    if number == 0.0 and re.search("[1-9]", re.split("[eE]", digits)[0]):
        raise ParameterError(f"{name}: {_shorten(text)} is too small for a 64-bit float. Write 0 if zero is meant.")
    if not given:
        if unit:
            raise ParameterError(f"{name}: {_shorten(text)} has no unit. Write for example {_example(unit)}: text always "
                                 f"needs its unit (in Python a number that is not text is in {unit}).")
        return number
    return _to(digits, given, unit, text, name)


def _to(digits: str, given: str, unit: str, text: str, name: str) -> float:
    """Convert; powers of ten are shifted in decimal, so that "120 uS" is the same float as 120e-6."""
    import pint

    try:
        power, factor = _conversion(given, unit)
        if power is not None:
            return float(Decimal(digits).scaleb(power))
        if factor is not None:
            return float(digits) * factor
        return float(_registry().Quantity(float(digits), _unit(given)).to(_unit(unit)).magnitude)
    except (pint.DimensionalityError, pint.OffsetUnitCalculusError) as error:
        wanted = f"a unit that converts to {unit}" if unit else "a pure number or %"
        raise ParameterError(f"{name}: {_shorten(text)} has the wrong unit, allowed is {wanted}. "
                             f"Write for example {_example(unit)}.") from error
    except LookupError as error:
        raise ParameterError(f'{name}: unknown unit "{error.args[0]}" in {_shorten(text)}. '
                             f"Unit names are case sensitive: mV, uS, kohm, ns, pJ, A/m, 1/s.") from error


@functools.lru_cache(maxsize=1024)
def _conversion(given: str, unit: str) -> tuple[int | None, float | None]:
    """Return (k, factor) with factor = 10**k where it is a power of ten; (None, None) for units with an offset."""
    registry = _registry()
    source, target = _unit(given), _unit(unit)
    if registry.Quantity(0.0, source).to(target).magnitude != 0.0:
        return None, None
    factor = float(registry.Quantity(1.0, source).to(target).magnitude)
    power = round(math.log10(factor))
    return (power if math.isclose(factor, 10.0**power, rel_tol=1e-14, abs_tol=0.0) else None), factor


def _unit(text: str) -> Any:
    registry = _registry()
    if not text.strip():
        return registry.dimensionless
    try:
        if len(text) > MAX_TEXT or _UNSAFE_UNIT.search(text):
            raise ValueError(text)
        text = _GAUSSIAN.sub(lambda found: found[1] + ("si_oersted" if found[2] == "Oe" else "si_gauss"), text.strip())
        return registry.parse_units("percent" if text == "%" else text)
    except Exception as error:  # pint raises many types, also from the tokenizer
        raise LookupError(text[:MAX_TEXT].strip()) from error


def _finite(number: float, given: Any, unit: str, name: str) -> float:
    if not math.isfinite(number):
        raise ParameterError(f"{name}: {_shorten(given)} is not a finite number{_of(unit)}. "
                             f"Write for example {_example(unit)}.")
    return number


def _of(unit: str) -> str:
    return f" in {unit}" if unit else ""


def _example(unit: str) -> str:
    return f'"1.5 {unit}"' if unit else '0.1 or "10 %"'


def _shorten(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else f"{text[:56]}..."
