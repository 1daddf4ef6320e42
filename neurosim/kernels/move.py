"""Step devices of an array under given voltages: state, energy, conductance, cycle-to-cycle noise.

Two things are optional in a device model and then done here. Without ``charge`` the energy of a pulse is the trapezoid
v^2 t (G_before + G_after) / 2. Without cycle-to-cycle noise of its own, a device that a pulse has moved by s is displaced by
z sqrt((sigma_step s)^2 + (sigma_range range)^2), z normal, within its bounds (first state; one number per device and pulse).
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import kernel
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A1, A2, ADVANCES, CHARGES, CONDUCTANCES, f8, i8, u8, void


@kernel(void(A2, A2, A2, i8, i8))
def displace(state, noise, cycle, start, stop):
    """Add cycle-to-cycle noise to the first state of the devices that have moved; the last row of ``noise`` is the number."""
    row = noise.shape[0] - 1
    for k in range(start, stop):
        step = state[0, k] - cycle[4, k]
        if step != 0.0:
            sigma = math.sqrt(cycle[0, k] * cycle[0, k] * step * step + cycle[1, k] * cycle[1, k])
            state[0, k] = min(cycle[3, k], max(cycle[2, k], state[0, k] + sigma * noise[row, k]))


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A1, A2, A1, A1, A2, i8, i8))
def move(advances, conductances, charges, state, params, noise, g, drive, duration, charge, cycle, start, stop):
    """Step devices ``start`` to ``stop`` and their conductances; return the dissipated energy [J], NaN if one went wrong.

    ``noise`` holds the draws of this step. ``cycle`` (5, n): sigma_step, sigma_range times the range, lowest and highest first
    state, scratch; empty for models with noise of their own.
    """
    if len(charges) > 0:
        charges[0](state, drive, params, duration, charge, start, stop)
    else:
        for k in range(start, stop):
            charge[k] = 0.5 * g[k] * drive[0, k] * duration[k]
    noisy = cycle.size > 0
    if noisy:
        cycle[4, start:stop] = state[0, start:stop]
    advances[0](state, drive, params, noise, duration, start, stop)
    if noisy:
        displace(state, noise, cycle, start, stop)
    conductances[0](state, params, g, start, stop)
    if len(charges) == 0:
        for k in range(start, stop):
            charge[k] += 0.5 * g[k] * drive[0, k] * duration[k]
    energy = 0.0
    for k in range(start, stop):
        energy += drive[0, k] * charge[k]
        if not math.isfinite(g[k]):
            energy = math.nan
    return energy


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A1, A2, A1, A1, A2, u8, i8, i8, i8, i8))
def move_run(advances, conductances, charges, state, params, noise, g, drive, duration, charge, cycle, key, purpose, event,
             start, stop):
    """Draw the noise of neighbouring devices and :func:`move` them."""
    fill_normal(noise, key, purpose, event, start, stop)
    return move(advances, conductances, charges, state, params, noise, g, drive, duration, charge, cycle, start, stop)


@kernel(f8(ADVANCES, CONDUCTANCES, CHARGES, A2, A2, A2, A1, A1, A1, A2, A1, A1, A2, u8, i8, i8, i8, i8))
def hold(advances, conductances, charges, state, params, noise, g, lowest, highest, drive, duration, charge, cycle, key,
         purpose, event, start, stop):
    """Apply ``drive`` [V] for ``duration`` [s] to devices ``start`` to ``stop``; return the dissipated energy [J]."""
    energy = 0.0
    k = start
    while k < stop:
        v = drive[0, k]
        if duration[k] == 0.0 or lowest[k] <= v <= highest[k]:
            energy += v * v * g[k] * duration[k]
            k += 1
            continue
        end = k + 1
        while end < stop and duration[end] > 0.0 and not (lowest[end] <= drive[0, end] <= highest[end]):
            end += 1
        energy += move_run(advances, conductances, charges, state, params, noise, g, drive, duration, charge, cycle, key,
                           purpose, event, k, end)
        k = end
    return energy
