"""Units: strings become SI floats exactly, and anything doubtful is refused with a remedy."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from neurosim import units
from neurosim.errors import ParameterError
from neurosim.units import check_unit, convert, format_quantity, quantity


@pytest.mark.parametrize(("text", "unit", "expected"), [
    ("1.2 V", "V", 1.2), ("120 uS", "S", 120e-6), ("120 µS", "S", 120e-6), ("120 μS", "S", 120e-6),
    ("5 kohm", "ohm", 5e3), ("5 kΩ", "ohm", 5e3), ("10 %", "", 0.1), ("10%", "", 0.1), ("0.1", "", 0.1),
    ("5V", "V", 5.0), ("-3 mV", "V", -3e-3), ("1 kHz", "1/s", 1e3), ("2 nm/V", "m/V", 2e-9), ("3 V^-1", "1/V", 3.0),
    ("1 S/V**2", "S/V**2", 1.0), ("25 degC", "K", 298.15), ("1 h", "s", 3600.0), ("1e-3 V", "V", 1e-3),
    (".5 V", "V", 0.5), ("5. V", "V", 5.0), ("  7 V\n", "V", 7.0), ("0 V", "V", 0.0), ("2 G", "T", 2e-4),
    ("3 mG", "T", 3e-7), ("1 mT", "T", 1e-3), ("5 V/mV", "", 5e3),
])
def test_string_with_unit_becomes_the_si_float(text, unit, expected):
    assert quantity(text, unit) == expected


def test_oersted_is_a_field_of_1000_over_4_pi_ampere_per_metre():
    assert quantity("1 Oe", "A/m") == pytest.approx(1000 / (4 * math.pi), rel=1e-15, abs=0)
    assert quantity("1 kOe", "A/m") == pytest.approx(1e6 / (4 * math.pi), rel=1e-15, abs=0)


@pytest.mark.parametrize("value", [3, 3.0, np.float64(3), np.int32(3), np.float32(3)])
def test_plain_number_is_already_si(value):
    assert quantity(value, "V") == 3.0
    assert type(quantity(value, "V")) is float


@pytest.mark.parametrize("value", [
    True, False, None, float("nan"), float("inf"), -math.inf, np.nan, 10**400, "nan V", "inf V", "1e400 V", "1e300 YV",
    "1e-400 V", "", " ", "V", "5", "5 kV/m", "5 foo", "5 mv", "1,5 V", "1_0 V", "0x10 V", "9**9**9", "2 9**9**9 V",
    "2 V**9999", "5 V; import os", "5 %", "5 __class__", "٣ V" * 40, "5 V" + " " * 200, [1.0], {"value": 1}, 1 + 2j,
    np.array([1.0, 2.0]), np.True_, b"1 V", "-- 5 V", "5 V 3 V", "5 V\x00",
])
def test_doubtful_value_is_refused_with_its_name(value):
    with pytest.raises(ParameterError, match="my_name"):
        quantity(value, "V", "my_name")


@pytest.mark.parametrize("value", ["5 V", "1 S", "five", "", None, math.nan])
def test_pure_number_refuses_units_and_text(value):
    with pytest.raises(ParameterError):
        quantity(value, "")


def test_message_says_what_where_allowed_and_remedy():
    with pytest.raises(ParameterError, match=r'vteam/nominal: r_on: "5 kV/m" has the wrong unit, allowed is a unit '
                                             r'that converts to ohm. Write for example "1.5 ohm".'):
        quantity("5 kV/m", "ohm", "vteam/nominal: r_on")
    with pytest.raises(ParameterError, match=r'"5" has no unit. Write for example "1.5 V": text always needs'):
        quantity("5", "V")
    with pytest.raises(ParameterError, match="case sensitive"):
        quantity("5 US", "S")


def test_long_text_is_not_echoed_whole():
    with pytest.raises(ParameterError) as caught:
        quantity("9" * 100_000 + " V", "V")
    assert len(str(caught.value)) < 300


@given(st.floats(-1e12, 1e12, allow_subnormal=False), st.sampled_from(["f", "p", "n", "u", "m", "", "k", "M", "G"]))
def test_prefix_is_an_exact_decimal_shift(number, prefix):
    exponent = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9}[prefix]
    mantissa, _, power = f"{number:.15e}".partition("e")
    assert quantity(f"{number:.15e} {prefix}V", "V") == float(f"{mantissa}e{int(power) + exponent}")


def test_number_with_unit_converts_like_its_text():
    assert convert(1.5, "us", "s") == quantity("1.5 us", "s") == 1.5e-6
    assert convert(25, "degC", "K") == pytest.approx(298.15, rel=1e-15, abs=0)
    assert convert(3, "%", "") == 0.03
    for bad in (math.nan, True, "3"):
        with pytest.raises(ParameterError):
            convert(bad, "kohm", "ohm") if bad != "3" else convert(bad, "volt", "ohm")


def test_unit_of_a_spec_is_checked_by_itself():
    assert check_unit("S/V**2") == "S/V**2"
    assert check_unit("") == ""
    for bad in ("foo", "9**9**9", "V/", "(V", "V__class__"):
        with pytest.raises(ParameterError):
            check_unit(bad)


@pytest.mark.parametrize(("value", "unit", "expected"), [
    (1.234e-5, "S", "12.3 uS"), (4700, "ohm", "4.7 kohm"), (999.96, "V", "1 kV"), (0, "V", "0 V"), (0.1, "", "0.1"),
    (-5e-6, "S", "-5 uS"), (1e5, "A/m", "100 kA/m"), (3e6, "1/s", "3e+06 1/s"), (2e-18, "m**2", "2e-18 m**2"),
    (math.nan, "V", "nan V"), (math.inf, "V", "inf V"), (1e-25, "J", "1e-25 J"), (300, "K", "300 K"),
])
def test_engineering_notation_is_what_people_write(value, unit, expected):
    assert format_quantity(value, unit) == expected


@given(st.floats(1e-14, 1e13))
def test_formatted_value_reads_back_within_its_digits(value):
    assert quantity(format_quantity(value, "V"), "V") == pytest.approx(value, rel=5.1e-3, abs=0)


def test_constants_are_those_of_codata():
    # scipy may carry a later CODATA adjustment: 1e-8 covers the change between 2018 and 2022.
    for name, expected in [("BOLTZMANN", constants.k), ("ELEMENTARY_CHARGE", constants.e), ("PLANCK", constants.h),
                           ("HBAR", constants.hbar), ("SPEED_OF_LIGHT", constants.c), ("MU_0", constants.mu_0),
                           ("EPSILON_0", constants.epsilon_0), ("ELECTRON_MASS", constants.m_e),
                           ("BOHR_MAGNETON", constants.physical_constants["Bohr magneton"][0]),
                           ("GYROMAGNETIC", constants.physical_constants["electron gyromag. ratio"][0]),
                           ("CONDUCTANCE_QUANTUM", constants.physical_constants["conductance quantum"][0])]:
        assert getattr(units, name) == pytest.approx(expected, rel=1e-8, abs=0), name


def test_importing_units_cards_and_library_stays_light():
    code = ("import sys, neurosim.units, neurosim.card, neurosim.library; "
            "print([m for m in ('pint', 'pydantic', 'numba', 'matplotlib', 'scipy') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
