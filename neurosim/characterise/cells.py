"""Private copies of a device, stepped by its own kernels: what every measurement is made on."""

from __future__ import annotations

import numpy as np

from neurosim.card import Device
from neurosim.characterise.inputs import whole_number
from neurosim.conductance import state_at_share
from neurosim.errors import DivergedError, ParameterError
from neurosim.kernels.rng import fill_normal, stream_key
from neurosim.population import Population, draw_start, nominal_params


class Cells:
    """``n`` two-terminal devices with private, writeable arrays.

    Parameters
    ----------
    device : Device
        Driven by one voltage.
    n : int
        Number of equal copies, unless ``population`` gives instances.
    noisy : bool
        Draw the numbers of the model's noises for each step, and at the start the states that fluctuate by themselves;
        otherwise the noises are zero.
    population : Population, optional
        Instances with spread parameters.
    seed : int
        Key of the noise.
    """

    def __init__(self, device: Device, n: int = 1, *, noisy: bool = False, population: Population | None = None,
                 seed: int = 0) -> None:
        drives = device.model.drives
        if len(drives) != 1 or drives[0].unit != "V" or (device.model.current or device.model.conductance) is None:
            raise ParameterError(f"{device.name}: not a two-terminal device driven by one voltage, so it has no "
                                 f"current-voltage loop and no conductance.")
        self.device, seed = device, whole_number(seed, 0, f"{device.name}: seed")
        if population is None:
            self.params = nominal_params(device, n)
            # select() may return faster kernels for these parameters; a model without parameters has nothing to select by.
            self.model = device.model.select(self.params) if device.model.select else device.model
            self.state = np.repeat(np.array(device.state).reshape(-1, 1), n, axis=1)
            if noisy:
                draw_start(self.model, self.state, self.params, seed=seed, role=f"characterise/{device.name}")
        else:
            self.params, self.model, self.state = population.params.copy(), population.model, population.state.copy()
        self.n = self.params.shape[1]
        self.time = 0.0
        self._noisy, self._key, self._step = noisy, np.uint64(stream_key(seed, "characterise", 0, device.name)), 0
        self._drive, self._duration = np.zeros((1, self.n)), np.zeros(self.n)
        self._noise = np.zeros((max(len(self.model.noises), 1), self.n))
        self._current, self._slope = np.zeros(self.n), np.zeros(self.n)
        self._advance = self.model.require("advance")

    def advance(self, voltage: float | np.ndarray, duration: float | np.ndarray) -> None:
        """Move the states over ``duration`` [s] at frozen voltage [V]; numbers, or one per device (n,)."""
        self._drive[0], self._duration[:] = voltage, duration
        if self._noisy:
            fill_normal(self._noise, self._key, 0, self._step, 0, self.n)
            self._step += 1
        self._advance(self.state, self._drive, self.params, self._noise, self._duration, 0, self.n)
        self.time += float(np.max(duration))
        if not np.isfinite(self.state).all():
            raise DivergedError(f"{self.device.name}: a state is not finite after {self.time:g} s. Lower the voltage.")

    def current(self, voltage: float | np.ndarray) -> np.ndarray:
        """Return the currents [A] at a voltage [V] and the present states, shape (n,)."""
        if self.model.current is None:
            self.model.require("conductance")(self.state, self.params, self._current, 0, self.n)
            return np.asarray(self._current * voltage)
        self._drive[0] = voltage
        self.model.current(self.state, self._drive, self.params, self._current, self._slope, 0, self.n)
        return self._current.copy()

    def conductance(self, v_read: float) -> np.ndarray:
        """Return i / v at the read voltage [V] and the present states [S], shape (n,); the states do not move."""
        return self.current(v_read) / v_read

    def put_at(self, share: float | np.ndarray) -> None:
        """Put devices where the conductance is ``share`` (0..1, or one each) of the window.

        Other states go to the model's start; those of noisy copies stay as they were drawn. Where equal parts make the
        conductance together (domains), the nearest whole number of them is at its high end.
        """
        if not np.all((np.asarray(share) >= 0.0) & (np.asarray(share) <= 1.0)):
            raise ParameterError(f"{self.device.name}: {share} of the conductance window, allowed is a fraction from 0 to 1.")
        if not self.model.programmable and (parts := self._parts()):
            high = np.arange(len(parts))[:, None] < np.rint(np.broadcast_to(share, self.n) * len(parts))
            ends = np.array([[end] for _, end in parts]), np.array([[end] for end, _ in parts])
            self.state[:len(parts)] = np.where(high, *ends)
            return
        state = state_at_share(self.model, self.params, share)
        rows = slice(0, 1) if self._noisy else slice(None)
        self.state[rows] = state[rows]

    def _parts(self) -> list[tuple[float, float]]:
        """Return the ends (low, high conductance) of the first states, where these are equal parts that make it together."""
        from neurosim.characterise.one_pulse import window_states

        ends = window_states(self.device)
        moving = [(float(low), float(high)) for low, high in ends if low != high]
        first = [(float(low), float(high)) for low, high in ends[:len(moving)]]
        return moving if len(moving) > 1 and first == moving and len(set(moving)) == 1 else []
