"""Device-to-device spread of behavioural pulse devices, as the simulators do it that count in weights.

Units are the nominal window: a card has its lowest weight at -zero, its highest at 1 - zero, and weight zero conducts
g_min + (g_max - g_min) zero. With independent normal numbers xi for each device and each line:

    bounds   b_max = (1 - zero) (1 + spread_max xi),   b_min = -zero (1 + spread_min xi);
             swapped where crossed, then b_max = |b_max|, b_min = -|b_min|
    gain     g = 1 + spread_step xi, or exp(spread_step xi) where step_lognormal
             is 1
    steps    u_up = |nominal + u (g - 1 + r)|, u_down = |nominal + u (g - 1 - r)|, r = spread_up_down xi, with u the larger
             nominal step at weight zero                                                                              (1)
    corrupt  a cell with the probability ``corrupt_fraction`` never moves: its weight is uniform within its bounds and within
             +-corrupt_range

Each device's state runs over its own bounds, so its steps and sigmas are divided by its own window b_max - b_min, and its
g_min and g_max are the conductances of its bounds. A bound whose conductance would fall below ``FLOOR`` of the nominal g_min
is cut there. Every line has its own random stream, so that one spread never changes the draws of another.

References
----------
T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016), doi:10.3389/fnins.2016.00333 (spread of steps, bounds, asymmetry).
M. J. Rasch et al., AICAS 2021, doi:10.1109/AICAS51828.2021.9458494 (the toolkit whose populations these are).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from devices.memristor.pulse_law import G_MAX, G_MIN, SIGMA_DOWN, SIGMA_ROOT, SIGMA_UP, SIGMA_WRITE, ZERO
from neurosim.device import ParamSpec

FLOOR = 0.01  # of the nominal g_min: no device conducts less

SPREADS = (
    ParamSpec("spread_step", "", 0.0, 0.0, 10.0, "spread of the common gain of both steps from device to device", "s_u"),
    ParamSpec("step_lognormal", "", 0.0, 0.0, 1.0, "1: that gain is log-normal, 0: normal"),
    ParamSpec("spread_up_down", "", 0.0, 0.0, 10.0, "spread of the difference of up and down steps over the step", "s_ud"),
    ParamSpec("spread_max", "", 0.0, 0.0, 10.0, "spread of the upper bound over its distance from zero", "s_max"),
    ParamSpec("spread_min", "", 0.0, 0.0, 10.0, "spread of the lower bound over its distance from zero", "s_min"),
    ParamSpec("corrupt_fraction", "", 0.0, 0.0, 1.0, "fraction of cells that never move", "p_c"),
    ParamSpec("corrupt_range", "", 1e3, 0.0, 1e3, "largest weight of such a cell over the window"),
)


Generators = Callable[[str], np.random.Generator]


class Draws:
    """Normal and uniform numbers for a population, one stream per line of the law."""

    def __init__(self, generator: Generators, n: int) -> None:
        self._generator, self._n = generator, n

    def normal(self, line: str) -> np.ndarray:
        """Return standard normal numbers, shape (n,)."""
        return self._generator(line).standard_normal(self._n)

    def uniform(self, line: str) -> np.ndarray:
        """Return uniform numbers in [0, 1), shape (n,)."""
        return self._generator(line).random(self._n)


def nominal(params: np.ndarray, names: Mapping[str, int]) -> dict[str, float]:
    """Return the parameters of the first column by name: a population starts from equal columns."""
    return {name: float(params[row, 0]) for name, row in names.items()}


def has_spread(values: Mapping[str, float]) -> bool:
    """Tell whether anything differs from device to device."""
    return any(value > 0.0 for name, value in values.items() if name.startswith("spread_")
               or name in ("corrupt_fraction", "subtract_symmetry"))


@dataclass(frozen=True)
class Bounds:
    """Bounds of each device in units of the nominal window: ``low`` <= 0 <= ``high``, shape (n,)."""

    low: np.ndarray
    high: np.ndarray

    @property
    def window(self) -> np.ndarray:
        """Width of each device's own window."""
        return self.high - self.low

    @property
    def zero(self) -> np.ndarray:
        """State of each device at weight zero."""
        return -self.low / self.window


Populate = Callable[[np.ndarray, Generators], np.ndarray]
Shaped = Callable[[np.ndarray, Mapping[str, float], Bounds, Draws], None]


def draw_bounds(values: Mapping[str, float], draws: Draws) -> Bounds:
    """Return bounds drawn from a nominal card; ``values`` are its parameters by name."""
    zero, unit = values["zero"], values["g_max"] - values["g_min"]
    high = (1.0 - zero) * (1.0 + values["spread_max"] * draws.normal("max"))
    low = -zero * (1.0 + values["spread_min"] * draws.normal("min"))
    low, high = np.minimum(low, high), np.maximum(low, high)
    floor = -(values["g_min"] * (1.0 - FLOOR) + unit * zero) / unit  # weight of the conductance FLOOR * g_min
    return Bounds(np.maximum(-np.abs(low), floor), np.abs(high))


def draw_steps(values: Mapping[str, float], up: float, down: float, draws: Draws) -> tuple[np.ndarray, np.ndarray]:
    """Return (1) for nominal steps at weight zero."""
    gain = values["spread_step"] * draws.normal("gain")
    gain = np.expm1(gain) if values["step_lognormal"] > 0.5 else gain
    r, largest = values["spread_up_down"] * draws.normal("up_down"), max(abs(up), abs(down))
    return (np.abs(up + largest * (gain + r)) if up else np.zeros_like(gain),
            np.abs(down + largest * (gain - r)) if down else np.zeros_like(gain))


def place(params: np.ndarray, values: Mapping[str, float], bounds: Bounds, shift: np.ndarray | float = 0.0) -> None:
    """Write the conductance window, zero and written noise of each device; ``shift`` is a weight that reads subtract."""
    unit = values["g_max"] - values["g_min"]
    at_zero = values["g_min"] + unit * values["zero"]
    params[G_MIN] = at_zero + unit * (bounds.low - shift)
    params[G_MAX] = at_zero + unit * (bounds.high - shift)
    params[ZERO] = bounds.zero
    params[SIGMA_WRITE] = values["sigma_write"] / bounds.window
    params[SIGMA_ROOT] = values["sigma_root"] / np.sqrt(bounds.window)


def scale_noise(params: np.ndarray, values: Mapping[str, float], up: np.ndarray | float, down: np.ndarray | float) -> None:
    """Write the additive noise of raising and lowering pulses: the nominal one times a factor for each direction."""
    params[SIGMA_UP], params[SIGMA_DOWN] = values["sigma_up"] * up, values["sigma_down"] * down


def corrupt(params: np.ndarray, values: Mapping[str, float], bounds: Bounds, steps: list[int], draws: Draws) -> None:
    """Take the steps from corrupt cells and pin their conductance: their window shrinks to one number.

    ``steps`` are the rows that hold steps.
    """
    dead = draws.uniform("corrupt") < values["corrupt_fraction"]
    low = np.maximum(bounds.low, -values["corrupt_range"])
    weight = low + (np.minimum(bounds.high, values["corrupt_range"]) - low) * draws.uniform("where")
    span = params[G_MAX] - params[G_MIN]
    pinned = params[G_MIN] + span * (weight - bounds.low) / bounds.window
    params[G_MIN] = np.where(dead, pinned, params[G_MIN])
    params[G_MAX] = np.where(dead, pinned, params[G_MAX])
    for row in steps:
        params[row, dead] = 0.0


def populate_of(specs: tuple[ParamSpec, ...], steps: tuple[tuple[str], tuple[str]], shaped: Shaped | None = None) -> Populate:
    """Return the ``populate`` of a shape with one parameter for the step of each direction.

    Parameters
    ----------
    specs : tuple of ParamSpec
        Parameters of the model.
    steps : tuple of two tuples of str
        Names of the raising and of the lowering step.
    shaped : callable, optional
        ``shaped(out, values, bounds, draws)`` changes the other parameters of the shape.
    """
    names = {spec.name: row for row, spec in enumerate(specs)}
    (step_up,), (step_down,) = steps

    def populate(params: np.ndarray, generator: Generators) -> np.ndarray:
        """Return instances of a nominal card."""
        values = nominal(params, names)
        if not has_spread(values):
            return params
        draws, out = Draws(generator, params.shape[1]), params.copy()
        bounds = draw_bounds(values, draws)
        up, down = draw_steps(values, values[step_up], values[step_down], draws)
        out[names[step_up]], out[names[step_down]] = up / bounds.window, down / bounds.window
        scale_noise(out, values, 1.0 / bounds.window, 1.0 / bounds.window)
        if shaped is not None:
            shaped(out, values, bounds, draws)
        place(out, values, bounds)
        corrupt(out, values, bounds, [names[step_up], names[step_down]], draws)
        return out

    return populate
