"""What an open-loop programmer knows: the pulse voltages and the slopes of the *nominal* device, never an instance.

Pulse voltages can be given; otherwise they follow from the card. A device with a dead zone gets 1.8 of its thresholds, so
that half-selected devices, at 0.9 of them, do not move. A device without one, or one that this would move through a step in
less than ``SHORTEST_PULSE``, gets the voltage at which the longest pulse takes ``LONGEST_PULSE``, or half the speed at the
highest voltage that the card allows if that is slower, and at least 5 % of that; its half-selected devices then move by what
its law says.

A behavioural device counts whole pulses (:attr:`neurosim.device.DeviceModel.pulse`): there a level is a whole number of them,
at least one, however small the steps that were asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.conductance import conductance_at_bounds, state_for_conductance
from neurosim.errors import ParameterError
from neurosim.population import nominal_params

OVER_THRESHOLD = 1.8  # pulse voltage over threshold; half of it stays below the threshold by 10 %
LONGEST_PULSE, SHORTEST_PULSE = 1e-6, 1e-9  # s, of the longest pulse of an open-loop write
SLOWEST_PULSE = 1.0  # s: a card whose longest pulse is longer at any voltage cannot be written by pulses
HIGHEST = 10.0  # V, where a card gives no limit
SATURATED = 0.5  # of the speed at the limit: where rates saturate, more voltage buys nothing but half-select disturb
HALVINGS = 50
BACKWARDS = 0.5  # of a request: the most that a pulse may go the wrong way
SHARES = np.linspace(0.05, 1.0, 20)  # of the highest voltage, where a device is asked whether it moves at all


@dataclass(frozen=True)
class NominalWrite:
    """Window, pulse voltages, and slopes at the middle of the window.

    Attributes
    ----------
    g_low, g_high : float
        Conductance window [S].
    v_raise, v_lower : float
        Signed voltages [V] that raise and lower the conductance; zero when nothing is written by pulses.
    raise_slope, lower_slope : float
        Seconds of pulse per siemens of change.
    pulse_up, pulse_down : float
        Width [s] of one raising and one lowering pulse of a device that counts pulses; zero where any width does.
    """

    g_low: float
    g_high: float
    v_raise: float = 0.0
    v_lower: float = 0.0
    raise_slope: float = 0.0
    lower_slope: float = 0.0
    pulse_up: float = 0.0
    pulse_down: float = 0.0

    @property
    def window(self) -> float:
        """Width of the conductance window [S]."""
        return self.g_high - self.g_low

    @classmethod
    def assigned(cls, device: Device) -> NominalWrite:
        """Return the window alone, for conductances that are assigned."""
        g = np.concatenate(conductance_at_bounds(device.model, nominal_params(device)))
        return cls(float(g.min()), float(g.max()))

    @classmethod
    def of(cls, device: Device, amplitude: float | None, step_max: float) -> NominalWrite:
        """Return what pulses of +-``amplitude`` [V] do to a nominal device.

        Parameters
        ----------
        device : Device
        amplitude : float or None
            None takes the voltages from the card, see the module's text.
        step_max : float
            Change of the longest pulse as a fraction of the window.

        Raises
        ------
        ParameterError
            The pulses do not move the device, or move it the wrong way.
        """
        window = cls.assigned(device)
        sign = device.model.increase_sign
        v_raise, v_lower = (sign * amplitude, -sign * amplitude) if amplitude is not None else (
            pulse_voltage(device, window, sign, step_max), pulse_voltage(device, window, -sign, step_max))
        slopes = []
        for voltage in (v_raise, v_lower):
            seconds, change = conductance_step(device, window, voltage)
            if not change * voltage * sign > 0.0:
                raise ParameterError(f"{device.name}: a pulse of {voltage:g} V does not move a nominal device"
                                     f"{'' if change == 0.0 else ' the way it should'}. Raise the programming amplitude "
                                     'above the card\'s thresholds, or take it from the card ("card").')
            slopes.append(seconds / abs(change))
        if not device.model.pulse:
            _refuse_one_sided(device, window, zip((v_raise, v_lower), slopes, (1.0, -1.0), strict=True), step_max)
        return cls(window.g_low, window.g_high, v_raise, v_lower, *slopes, *(device.value(name) for name in device.model.pulse))

    @property
    def pulse_step(self) -> float:
        """Change of one pulse [S], of the larger direction, of a device that counts pulses; zero where any width does."""
        return max(self.pulse_up / self.raise_slope, self.pulse_down / self.lower_slope) if self.pulse_up else 0.0

    def levels(self, step_max: float, levels: int) -> tuple[float, int, float, float]:
        """Return the change of one level [S], the number of levels, and the seconds per siemens to raise and to lower.

        The longest pulse changes ``step_max`` of the window in ``levels`` levels; whole pulses make levels coarser and fewer.
        """
        level = step_max * self.window / levels
        if not self.pulse_up:
            return level, levels, self.raise_slope, self.lower_slope
        level = self.pulse_step * max(1, math.ceil(level / self.pulse_step * (1 - 1e-9)))
        count = max(1, int(step_max * self.window / level * (1 + 1e-9)))
        raising, lowering = (max(1.0, float(np.rint(level * slope / width))) * width / level
                             for slope, width in ((self.raise_slope, self.pulse_up), (self.lower_slope, self.pulse_down)))
        return level, count, raising, lowering


def check_amplitude(amplitude: float | None) -> None:
    """Refuse a pulse voltage [V] that is not a finite number above zero; None (from the card) is allowed."""
    if amplitude is not None and not (math.isfinite(amplitude) and amplitude > 0):
        raise ParameterError(f"programming amplitude = {amplitude:g} V must be a finite number > 0.")


def refuse_beyond_card(device: Device, amplitude: float | None) -> None:
    """Refuse pulses of +-``amplitude`` [V] where the card is not valid."""
    low, high = device.card.valid.get("v_min", -math.inf), device.card.valid.get("v_max", math.inf)
    if amplitude is not None and not low * (1 + 1e-12) <= -amplitude < amplitude <= high * (1 + 1e-12):
        raise ParameterError(f"programming amplitude = {amplitude:g} V: pulses of +-{amplitude:g} V leave the range that "
                             f"{device.name} is valid in, {low:g} V to {high:g} V. Lower learning.amplitude.")


def conductance_step(device: Device, window: NominalWrite, voltage: float) -> tuple[float, float]:
    """Return a short time [s] and the change of the nominal device's conductance in it [S], mid-window, at a voltage [V]."""
    model, params = device.model, nominal_params(device)
    middle = np.array([0.5 * (window.g_low + window.g_high)])
    state = state_for_conductance(model, params, middle)
    change, after = np.zeros_like(state), np.empty(1)
    model.rate(state, np.array([[voltage]]), params, change, 0, 1)
    if change[0, 0] == 0.0:
        return 1.0, 0.0
    seconds = 1e-4 * (model.states[0].high - model.states[0].low) / abs(change[0, 0])
    state[0] += change[0] * seconds
    model.require("conductance")(state, params, after, 0, 1)
    return float(seconds), float(after[0] - middle[0])


def _refuse_one_sided(device: Device, window: NominalWrite, pulses: Iterable[tuple[float, float, float]],
                      step_max: float) -> None:
    """Refuse devices whose pulse ends where its voltage says, whatever the state was: from some it goes the wrong way.

    Raises
    ------
    ParameterError
        From a quarter or three quarters of the window a pulse goes backwards by more than ``BACKWARDS`` of the request.
    """
    model, params, request = device.model, nominal_params(device), step_max * window.window
    noise = np.zeros((len(model.noises), 1))
    for voltage, slope, sign in pulses:
        for share in (0.25, 0.75):
            before, after = np.array([window.g_low + share * window.window]), np.empty(1)
            state = state_for_conductance(model, params, before)
            model.require("advance")(state, np.array([[voltage]]), params, noise, np.array([request * slope]), 0, 1)
            model.require("conductance")(state, params, after, 0, 1)
            change = float(after[0] - before[0])
            if sign * change < -BACKWARDS * request:
                way = "raise" if sign > 0 else "lower"
                raise ParameterError(
                    f"{device.name}: a pulse of {voltage:g} V that should {way} the conductance by {100 * step_max:g} % of the "
                    f"window changes it by {100 * change / window.window:+.2g} % from {100 * share:g} % of the window: where "
                    "it ends does not depend on where it began (a one-sided device). Open-loop pulses cannot write it both "
                    'ways. Take another card, or learning.programmer = "ideal".')


def _speed(device: Device, window: NominalWrite, voltage: float) -> float:
    """Return dG/dt [S/s] of the nominal device in the middle of its window, positive the way that pulses should move it."""
    seconds, change = conductance_step(device, window, voltage)
    return change * math.copysign(1.0, voltage) * device.model.increase_sign / seconds


def pulse_voltage(device: Device, window: NominalWrite, sign: int, step_max: float) -> float:
    """Return the pulse voltage [V] of one polarity that follows from the card, see the module's text.

    Raises
    ------
    ParameterError
        No voltage that the card allows moves the nominal device that way.
    """
    model = device.model
    if (zone := model.resting) is not None:
        low, high = np.empty(1), np.empty(1)
        zone(nominal_params(device), low, high, 0, 1)
        threshold = float(high[0] if sign > 0 else -low[0])
        usual = OVER_THRESHOLD * threshold
        if threshold > 0.0 and 0.0 < SHORTEST_PULSE * _speed(device, window, sign * usual) <= step_max * window.window:
            return sign * usual
    valid = device.card.valid
    limit = abs(valid.get("v_max" if sign > 0 else "v_min", HIGHEST))
    change, alone = step_max * window.window, _speed(device, window, sign * 0.0)
    working = [v for v in SHARES * limit if _speed(device, window, sign * v) >= max(change / SLOWEST_PULSE, (1 + 1e-9) * alone)]
    if not working:
        way = "raises" if sign == model.increase_sign else "lowers"
        raise ParameterError(f"{device.name}: no voltage from 0 to {sign * limit:g} V (the card's limit) {way} the conductance "
                             f"of a nominal device by {100 * step_max:g} % of its window in {SLOWEST_PULSE:g} s: pulses "
                             'cannot write it both ways. Take another card, or learning.programmer = "ideal".')
    lowest, limit = SHARES[0] * limit, working[-1]
    needed = min(change / LONGEST_PULSE, SATURATED * _speed(device, window, sign * limit))
    slow, fast = 0.0, limit
    for _ in range(HALVINGS):
        middle = 0.5 * (slow + fast)
        slow, fast = (middle, fast) if _speed(device, window, sign * middle) < needed else (slow, middle)
    unit = 10.0 ** (math.floor(math.log10(fast)) - 2)  # three digits, rounded up: a threshold stays passed
    return sign * min(limit, max(lowest, float(f"{math.ceil(fast / unit * (1 - 1e-9)) * unit:.3g}")))
