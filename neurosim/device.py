"""The device contract: the only file that a device author must read.

A device model is a frozen :class:`DeviceModel`: names and ranges of its parameters and states, and compiled kernels that
work on whole populations. Arrays are structure-of-arrays, C-contiguous float64; row ``k`` of ``params`` is
``model.params[k]``, a column is one instance. Device-to-device variability is different columns.

Kernels are decorated with :func:`neurosim.kernels.jit.kernel` and one signature of :mod:`neurosim.kernels.signatures`.
They take the active columns ``start, stop`` last. Take row views first (``x = state[0, start:stop]``), then write one
straight-line loop: it vectorises. Use :mod:`neurosim.kernels.vmath` instead of libm inside loops.

===============  ==========================================================  =======================================
role             arguments (all then ``start, stop``)                        meaning
===============  ==========================================================  =======================================
``rate``         state, drive, params, out                                   dx/dt, required: every device is an ODE
``advance``      state, drive, params, noise, duration                       exact (or A-stable) step at frozen drive
``conductance``  state, params, out                                          small-signal read conductance [S]
``current``      state, drive, params, current, slope                        i(v) [A] and di/dv [S]
``charge``       state, drive, params, duration, out                         integral of i dt at frozen drive [C]
``dead_zone``    params, lowest, highest                                     drives between which nothing moves
``rest_zone``    params, lowest, highest                                     drives between which it moves as at zero drive
``output``       state, params, out                                          what a neuron puts on its line [V]
``activation``   drive, params, out, slope                                   static response of ``output`` to the drive
``potential``    output, params, out                                         its co-content: d(potential)/d(output) = drive
``energy``       state, params, out                                          co-content of the whole state, see below [W]
``diffusion``    state, drive, params, out                                   noise matrix, row ``state * n_noise + noise``
``hazard``       state, drive, params, out                                   rates of jump events [1/s]
``current_noise``  state, drive, params, duration, out                       deviation of the current averaged that long [A]
===============  ==========================================================  =======================================

``advance`` adds cycle-to-cycle noise from ``noise`` (standard normals, one row per entry of ``noises``; all zeros means a
quiet step). Each kernel has a slow twin: the same law for one device in plain Python, an oracle for tests, in ``twins``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim.errors import ParameterError, did_you_mean

Kernel = Callable[..., Any]
NEEDED_FOR: Mapping[str, str] = MappingProxyType({
    "advance": "writes in a crossbar, pulse trains and the modifiers that wrap a write use (simulate and iv need rate only)",
    "conductance": "a crossbar, a read and the conductance window need",
    "current": "series resistance, self-heating, shot noise and tests of the current need",
    "output": "neurons in a network need", "activation": "neurons in a network need",
    "diffusion": "stochastic schemes need (scheme=\"auto\" integrates the noiseless law)",
    "current_noise": "noise of the current needs",
})


@dataclass(frozen=True)
class ParamSpec:
    """One parameter of a model: SI value, inclusive range, meaning.

    ``unit`` is the SI unit in pint notation (``"ohm"``, ``"1/s"``, ``""`` for a pure number).
    """

    name: str
    unit: str
    default: float
    low: float
    high: float
    meaning: str
    symbol: str = ""

    def check(self, value: float, where: str) -> float:
        """Return the value if it is finite and in range, else raise a ParameterError that says where it came from."""
        if not (np.isfinite(value) and self.low <= value <= self.high):
            raise ParameterError(f"{where}: {self.name} = {value:g} {self.unit} is outside "
                                 f"[{self.low:g}, {self.high:g}] {self.unit} ({self.meaning}).".replace("  ", " "))
        return float(value)


@dataclass(frozen=True)
class StateSpec:
    """One state variable: bounds, start value, and the absolute scale used for integration errors."""

    name: str
    unit: str
    low: float
    high: float
    initial: float
    meaning: str
    scale: float = 1.0


@dataclass(frozen=True)
class SignalSpec:
    """One row of ``drive`` or ``output``: a voltage, a current, a field component."""

    name: str
    unit: str
    meaning: str


@dataclass(frozen=True)
class Handle:
    """How a named nonideality acts on parameters: each is multiplied by ``factor ** power``.

    A spread of ``g_max`` on a model with the parameter ``r_on`` is ``Handle(("r_on",), -1.0)``.
    """

    params: tuple[str, ...]
    power: float = 1.0


@dataclass(frozen=True, kw_only=True)
class DeviceModel:
    """A physical law with its kernels; see the module docstring for roles and array shapes.

    ``handles`` maps nonideality names to parameters. Programmable two-terminal devices declare ``g_min``, ``g_max``,
    ``rate`` (the whole dx/dt scales with it; zero means stuck), ``threshold_up`` and ``threshold_down`` where they exist;
    neurons declare ``gain`` and ``stiffness``. ``increase_sign`` is the sign of the drive that raises the conductance.
    ``select`` may return a variant with faster kernels for a given parameter array (same law, same specs).
    ``forms`` names other models that take the same card (a one-state neuron and its full LLG twin).
    ``populate(params, generator)`` turns equal nominal columns into instances by spreads that are parameters of the model
    itself; ``generator(line)`` gives an independent random generator for each named line of the law.
    ``start(state, params, normal)`` draws states that fluctuate by themselves or are latent numbers from their law, in place;
    ``normal(line)`` gives standard normal numbers, shape (n,), one per instance, independent for each named line of the law.
    ``pulse`` names the parameters with the widths [s] of one raising and one lowering pulse of a behavioural model: there
    ``advance`` counts whole pulses, the nearest number to duration over width, and ``rate`` is one quiet step over the width.
    ``derive(values, given)`` returns parameters that follow from others (a volume from lengths); what a card gives is kept.
    ``check_run(scheme, step, params, drives)`` raises where a scheme or a step [s] (0: chosen by the scheme) would integrate
    devices with these params wrongly; ``drives (n_drive,)`` are the largest magnitudes of the waveforms.
    ``noise_steps`` (state, drive, params, key, first step, dt, steps, start, stop) makes many steps of the stochastic scheme of
    its calculus at frozen drive, with draws of :func:`neurosim.kernels.rng.fill_normal` at (key, purpose 0, step).
    ``calibrate(values, seed)`` returns the :class:`neurosim.calibration.Calibration` of a device from its parameters by name.
    ``contains`` names modifiers (:mod:`neurosim.modifiers`) that are a part of the law already, such as ``drift``.
    ``energy`` is for neurons with states that the output does not show: its least value at a given output is ``potential``, and
    it, not ``potential``, falls on the way to rest. ``breaks_energy`` names parameters that are zero where that holds, and
    whose other values make the motion no gradient flow (``neurosim device certify`` tells how much that costs).
    """

    name: str
    params: tuple[ParamSpec, ...]
    states: tuple[StateSpec, ...]
    drives: tuple[SignalSpec, ...]
    outputs: tuple[SignalSpec, ...] = ()
    noises: tuple[str, ...] = ()
    rate: Kernel
    advance: Kernel | None = None
    conductance: Kernel | None = None
    current: Kernel | None = None
    charge: Kernel | None = None
    dead_zone: Kernel | None = None
    rest_zone: Kernel | None = None
    output: Kernel | None = None
    activation: Kernel | None = None
    potential: Kernel | None = None
    energy: Kernel | None = None
    diffusion: Kernel | None = None
    hazard: Kernel | None = None
    current_noise: Kernel | None = None
    calculus: str = ""
    populate: Callable[[np.ndarray, Callable[[str], np.random.Generator]], np.ndarray] | None = None
    start: Callable[[np.ndarray, np.ndarray, Callable[[str], np.ndarray]], None] | None = None
    derive: Callable[[Mapping[str, float], Collection[str]], Mapping[str, float]] | None = None
    check_run: Callable[[str, float, np.ndarray, np.ndarray], None] | None = None
    calibrate: Callable[[Mapping[str, float], int], Any] | None = None
    noise_steps: Kernel | None = None
    exact_advance: bool = True
    pulse: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    breaks_energy: tuple[str, ...] = ()
    advance_tolerance: float = 1e-9
    handles: Mapping[str, Handle] = field(default_factory=dict)
    increase_sign: int = 1
    twins: Mapping[str, Kernel] = field(default_factory=dict)
    select: Callable[[np.ndarray], DeviceModel] | None = None
    forms: Mapping[str, DeviceModel] = field(default_factory=dict)
    reference: str = ""
    doc: str = ""

    def __post_init__(self) -> None:
        if self.diffusion is not None and self.calculus not in ("ito", "stratonovich"):
            raise ParameterError(f'{self.name}: diffusion needs calculus "ito" or "stratonovich", got "{self.calculus}".')
        names = [spec.name for spec in self.params]
        for name in self.breaks_energy:
            if name not in names:
                raise ParameterError(f'{self.name}: breaks_energy names the unknown parameter "{name}".'
                                     + did_you_mean(name, names))
        for handle, target in self.handles.items():
            for name in target.params:
                if name not in names:
                    raise ParameterError(f'{self.name}: handle "{handle}" acts on unknown parameter "{name}".'
                                         + did_you_mean(name, names))

    @cached_property
    def param_index(self) -> Mapping[str, int]:
        """Row of each parameter in the ``params`` array."""
        return MappingProxyType({spec.name: row for row, spec in enumerate(self.params)})

    @cached_property
    def state_index(self) -> Mapping[str, int]:
        """Row of each state in the ``state`` array."""
        return MappingProxyType({spec.name: row for row, spec in enumerate(self.states)})

    @property
    def resting(self) -> Kernel | None:
        """The ``rest_zone`` of a device that ages or fluctuates by itself, else the ``dead_zone``: no write between these."""
        return self.rest_zone or self.dead_zone

    @property
    def programmable(self) -> bool:
        """Whether a crossbar can hold it: a conductance that a voltage can change."""
        return self.conductance is not None and "rate" in self.handles

    def default_params(self, n: int = 1) -> np.ndarray:
        """Return the default parameters, shape (n_param, n)."""
        return np.repeat(np.array([[spec.default] for spec in self.params], dtype=float).reshape(-1, 1), n, axis=1)

    def initial_state(self, n: int = 1) -> np.ndarray:
        """Return the initial states, shape (n_state, n)."""
        return np.repeat(np.array([[spec.initial] for spec in self.states], dtype=float).reshape(-1, 1), n, axis=1)

    def require(self, role: str) -> Kernel:
        """Return the kernel of a role or say that this model cannot be used so."""
        found = getattr(self, role)
        if found is None:
            raise ParameterError(f'{self.name}: this model has no "{role}", which {NEEDED_FOR.get(role, "is needed here")}. '
                                 f"Give {role}= a kernel decorated with @kernel({role.upper()}) in DeviceModel(...), or take "
                                 f"another device (neurosim device list).")
        return found
