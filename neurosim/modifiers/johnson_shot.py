"""Johnson and shot noise: white noise of the terminal current, with one law for both.

One-sided spectrum [A^2/Hz] of a device at the voltage v with the current i, u = q v / 2 k T, Fano factor F:

    S = 4 k T (i / v) [(1 - F) + F u coth u]                                                            (1)

v -> 0 gives 4 k T di/dv (Johnson, Nyquist), |v| >> k T / q gives 2 q |i| F (Schottky). White noise has no value at an
instant; it has one as an average over a time t, and as a charge kicked onto a node in a step t:

    sigma_i = sqrt(S / 2 t),     sigma_q = t sigma_i = sqrt(S t / 2)                                    (2)

exact for any t, so the law does not depend on a time step. The kernel ``current_noise`` of a modified model writes sigma_i;
it uses the current at the outer terminals, so this modifier may be put anywhere in the order. It adds nothing to states or
steps: noise of this kind belongs to a read (summed over the devices of a line: :mod:`neurosim.line_noise`) or to a node with a
capacitance, which :func:`node_noise` steps exactly: its variance is k T / C whatever the resistance and the step.

References
----------
J. B. Johnson, Phys. Rev. 32, 97 (1928), doi:10.1103/PhysRev.32.97; H. Nyquist, ibid. 110, doi:10.1103/PhysRev.32.110. Y. M.
Blanter, M. Buettiker, Phys. Rep. 336, 1 (2000), doi:10.1016/S0370-1573(99)00123-4 (thermal and shot noise together, (1)).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.device import DeviceModel, Kernel
from neurosim.errors import ParameterError
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import CHARGE
from neurosim.kernels.vmath import tanh
from neurosim.modifiers.compose import Layer
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE

TEMPERATURE, SHOT_FACTOR = "johnson_shot_temperature", "johnson_shot_shot_factor"
CURRENT_NOISE = CHARGE  # state, drive, params, averaging time (n,), out (n,), start, stop


@functools.cache
def current_noise_of(current: Kernel, t_row: int, f_row: int) -> Kernel:
    """Return the ``current_noise`` kernel of a model with this current: (1) and (2)."""

    @kernel(CURRENT_NOISE)
    def current_noise(state, drive, params, duration, out, start, stop):
        """Write the standard deviation [A] of the current averaged over ``duration`` [s]."""
        n = drive.shape[1]
        flow, slope = np.empty(n), np.empty(n)
        current(state, drive, params, flow, slope, start, stop)
        v, i, g = drive[0, start:stop], flow[start:stop], slope[start:stop]
        kelvin, fano, t, sigma = params[t_row, start:stop], params[f_row, start:stop], duration[start:stop], out[start:stop]
        for j in range(stop - start):
            u = abs(ELEMENTARY_CHARGE * v[j] / (2.0 * BOLTZMANN * kelvin[j]))
            rest = u < 1e-9
            conductance = g[j] if rest else i[j] / (1.0 if rest else v[j])
            growth = 1.0 if rest else u / tanh(1.0 if rest else u)
            spectrum = 4.0 * BOLTZMANN * kelvin[j] * conductance * (1.0 - fano[j] + fano[j] * growth)
            sigma[j] = math.sqrt(0.5 * (spectrum if spectrum > 0.0 else 0.0) / t[j])

    return current_noise


def build(layer: Layer) -> DeviceModel:
    """Return the model with white noise at its terminals."""
    if layer.inner.current_noise is not None:
        raise ParameterError(f"{layer.inner.name}: johnson_shot is the noise of the whole device and can be put on once.")
    return with_current_noise(layer.extended())


def with_current_noise(model: DeviceModel) -> DeviceModel:
    """Return a model with ``current_noise`` from its outermost current; one with noise of its own law as it is."""
    if TEMPERATURE not in model.param_index:
        return model
    rows = model.param_index[TEMPERATURE], model.param_index[SHOT_FACTOR]
    slow_current, slow_conductance = model.twins.get("current"), model.twins["conductance"]

    def twin(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], duration: float) -> list[float]:
        """Return [sigma_i] of one device in plain Python."""
        assert slow_current is not None
        kelvin, fano, v = params[TEMPERATURE], params[SHOT_FACTOR], drive[0]
        if v == 0.0:
            spectrum = 4.0 * BOLTZMANN * kelvin * slow_conductance(state, params)[0]
        else:
            u = ELEMENTARY_CHARGE * v / (2.0 * BOLTZMANN * kelvin)
            growth = 1.0 - fano + fano * u / math.tanh(u)
            spectrum = 4.0 * BOLTZMANN * kelvin * slow_current(state, drive, params)[0] / v * growth
        return [math.sqrt(spectrum / (2.0 * duration))]

    twins = {**model.twins, "current_noise": twin} if slow_current else model.twins
    return dataclasses.replace(model, current_noise=current_noise_of(model.require("current"), *rows), twins=twins)


def node_noise(conductance: float, capacitance: float, temperature: float, duration: float) -> tuple[float, float]:
    """Return (decay, kick [V]) of the exact thermal step of a node: v <- v_rest + (v - v_rest) decay + kick z, z normal.

    Parameters
    ----------
    conductance : float
        Of everything that loads the node [S], at one temperature.
    capacitance : float
        Of the node [F].
    temperature : float
        [K].
    duration : float
        [s]; the law does not depend on how time is cut into steps.
    """
    lost = math.expm1(-duration * conductance / capacitance)
    return 1.0 + lost, math.sqrt(BOLTZMANN * temperature / capacitance * -lost * (2.0 + lost))
