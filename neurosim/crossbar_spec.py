"""What the crossbars of a network are made of: a device card and the nonidealities of an array."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.conductance import conductance_at_bounds
from neurosim.errors import ParameterError
from neurosim.population import Population, build_population, nominal_params
from neurosim.units import format_quantity, quantity

RELATIVE = ("sigma_d2d", "sigma_rate", "sigma_threshold", "sigma_c2c", "sigma_c2c_range", "read_noise", "stuck_fraction")
MOST_SPREAD = 2.0


@dataclass(frozen=True, kw_only=True)
class Crossbar:
    """What every array of a network is made of, with its nonidealities (each a relative standard deviation).

    Parameters
    ----------
    device : Device
        Programmable two-terminal device; its nominal parameters are all that an open-loop programmer knows.
    v_read : float
        Largest read voltage on a line [V].
    sigma_d2d, sigma_rate, sigma_threshold : float
        Device-to-device spread of g_min and g_max, of the switching rate, and of the thresholds (the two polarities
        independently).
    sigma_c2c, sigma_c2c_range : float
        Cycle-to-cycle noise of each pulse: a fraction of the step, and a fraction of the state range.
    read_noise : float
        Fraction of each column current, redrawn for each phase.
    read_time : float
        Time [s] over which the sense stage averages the white noise of devices that have it (modifier ``johnson_shot``).
    stuck_fraction : float
        Fraction of dead devices, half at the highest, half at the lowest conductance.
    """

    device: Device
    v_read: float = 0.2
    sigma_d2d: float = 0.0
    sigma_rate: float = 0.0
    sigma_threshold: float = 0.0
    sigma_c2c: float = 0.0
    sigma_c2c_range: float = 0.0
    read_noise: float = 0.0
    read_time: float = 1e-8
    stuck_fraction: float = 0.0

    def __post_init__(self) -> None:
        if not self.device.model.programmable:
            raise ParameterError(f"{self.device.name}: a crossbar needs a programmable device (a conductance that a voltage "
                                 'changes). See "neurosim device list".')
        object.__setattr__(self, "v_read", quantity(self.v_read, "V", "crossbar: v_read"))
        object.__setattr__(self, "read_time", quantity(self.read_time, "s", "crossbar: read_time"))
        for name, unit in (("v_read", "V"), ("read_time", "s")):
            if not getattr(self, name) > 0.0:
                raise ParameterError(f"crossbar: {name} = {getattr(self, name):g} {unit} must be > 0.")
        for name in RELATIVE:
            value = quantity(getattr(self, name), "", f"crossbar: {name}")
            most = 1.0 if name == "stuck_fraction" else MOST_SPREAD
            if not 0.0 <= value <= most:
                raise ParameterError(f"crossbar: {name} = {value:g} is outside [0, {most:g}].")
            object.__setattr__(self, name, value)
        self.device.check_voltage(-self.v_read, self.v_read, strict=True)
        limit = self.device.v_read_max
        if np.isfinite(limit) and self.v_read > limit * (1 + 1e-12):
            raise ParameterError(f"v_read = {self.v_read:g} V is above v_read_max = {limit:g} V of {self.device.name}: "
                                 "reads would write. Lower v_read.")

    def nominal_window(self) -> tuple[float, float]:
        """Return the lowest and highest nominal conductance [S]."""
        g = np.concatenate(conductance_at_bounds(self.device.model, nominal_params(self.device)))
        return float(g.min()), float(g.max())

    def populate(self, n: int, *, seed: int, role: str) -> Population:
        """Return ``n`` devices with their spread, their faults and, where the model has its own, their write noise.

        A spread that the model has no parameter for is left out with a warning.
        """
        model = self.device.model
        spreads = {"g_min": self.sigma_d2d, "g_max": self.sigma_d2d, "rate": self.sigma_rate,
                   "threshold_up": self.sigma_threshold, "threshold_down": self.sigma_threshold}
        spreads = {handle: sigma for handle, sigma in spreads.items() if sigma}
        for handle in [handle for handle in spreads if handle not in model.handles]:
            del spreads[handle]
            warnings.warn(f"{self.device.name}: {model.name} has no {handle}; its spread is left out.", RuntimeWarning,
                          stacklevel=4)
        noise = {"sigma_step": self.sigma_c2c, "sigma_range": self.sigma_c2c_range}
        own = {key: value for key, value in noise.items() if key in model.param_index}
        device = self.device.override(**own) if own else self.device  # type: ignore[arg-type]
        return build_population(device, n, spreads=spreads, stuck_fraction=self.stuck_fraction, seed=seed, role=role)

    def cycle_noise(self, n: int) -> np.ndarray:
        """Return what the write kernels need to add cycle-to-cycle noise, see :func:`neurosim.kernels.program.move_run`."""
        spec, model = self.device.model.states[0], self.device.model
        if "sigma_step" in model.param_index or not (self.sigma_c2c or self.sigma_c2c_range):
            return np.empty((5, 0))
        span = spec.high - spec.low
        if not np.isfinite(span):
            raise ParameterError(f"{self.device.name}: the range of {spec.name} is not finite, so cycle-to-cycle noise has no "
                                 "scale. Set sigma_c2c and sigma_c2c_range to 0.")
        rows = [self.sigma_c2c, self.sigma_c2c_range * span, spec.low, spec.high, 0.0]
        return np.repeat(np.array(rows)[:, None], n, axis=1)


def dead_zones(population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Return the drive interval [V] in which each device moves no more than at rest, (n,) each (empty where it has none)."""
    low, high = np.full(population.size, np.inf), np.full(population.size, -np.inf)
    if (zone := population.model.resting) is not None:
        zone(population.params, low, high, 0, population.size)
    return low, high


def moved_by(population: Population, voltages: tuple[float, ...]) -> int:
    """Return how many devices have a threshold below one of the voltages [V] of its polarity; 0 where the model has none."""
    if population.model.resting is None:
        return 0
    low, high = dead_zones(population)
    moved = np.any([(low > v) | (high < v) for v in voltages], axis=0)
    return int(np.count_nonzero(moved & (population.stuck == 0)))


def check_array(spec: Crossbar, population: Population, name: str) -> None:
    """Refuse inverted conductance windows and warn about reads that would write.

    Raises
    ------
    ParameterError
        The spread is so wide that some device's lowest conductance is above its highest.
    """
    at_low, at_high = conductance_at_bounds(population.model, population.params)
    odd = min(np.count_nonzero(at_high > at_low), np.count_nonzero(at_high < at_low))  # a corrupt cell has no window at all
    if odd:
        raise ParameterError(f"{name}: sigma_d2d = {spec.sigma_d2d:g} puts g_min above g_max in {odd} of {population.size} "
                             f"devices of {spec.device.name}. Lower sigma_d2d or widen the window.")
    if population.model.resting is not None:
        low, high = dead_zones(population)
        has_threshold, moved = low <= high, (high < spec.v_read) | (low > -spec.v_read)
        disturbed = int(np.count_nonzero(has_threshold & moved))
        if disturbed:
            warnings.warn(f"{name}: v_read = {format_quantity(spec.v_read, 'V')} is above the threshold of {disturbed} of "
                          f"{population.size} devices; their reads are not integrated as writes.", RuntimeWarning, stacklevel=4)
