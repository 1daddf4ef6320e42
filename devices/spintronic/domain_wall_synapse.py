"""Domain wall on a track as a synapse: a strip moves the wall, a tunnel junction along the track reads where it is.

Between the two terminals the junction conducts beside a write path, a strip of resistance R that a bidirectional selector
joins above its voltage V_s, so that a read (|v| < V_s) sees the junction alone:

    I = sign(v) max(0, |v| - V_s) / R                      current in the strip, moves the wall            (1)
    i = G v + I,   G = G_min + (G_max - G_min) x           x = q / L in [0, 1]                             (2)

The wall is pinned up to the current I_p of its direction. Beyond, it has the mean velocity of an overdamped wall in a
sinusoidal pinning potential; below, heat lets it creep over barriers E that the current tilts linearly:

    flow   L dx/dt = +-mu sqrt(I^2 - I_p^2)                                    for |I| > I_p               (3)
    creep  L dx/dt = +-v_0 exp(-E/kT) 2 sinh(E/kT min(1, |I| / I_p))           added, v_0 = 0 by default   (4)

mu is (beta/alpha) u/I of spin torque, or what a spin-orbit torque gives. (3) is averaged over the period of the potential:
position is resolved no finer than that. (4) is Arrhenius hopping of a rigid wall between neighbouring sites, forwards less
backwards, not the quarter-power law of an elastic wall in a film with disorder; above I_p it stays at its value there.
At frozen voltage both are constant, so that ``advance`` and ``charge`` are exact. The ends of the track are hard.

Left out: the wall angle (:mod:`devices.spintronic.domain_wall`), inertia, heating, stochastic depinning of single steps.

References
----------
S. Lequeux et al., Sci. Rep. 6, 31510 (2016), doi:10.1038/srep31510 (a junction read along the track of a wall).
V. Ambegaokar, B. I. Halperin, Phys. Rev. Lett. 22, 1364 (1969), doi:10.1103/PhysRevLett.22.1364 (mean velocity in a tilted
sinusoidal potential).
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from devices.spintronic.domain_wall_synapse_twins import (
    STUCK_DRIVE,
    slow_advance,
    slow_conductance,
    slow_current,
    slow_dead_zone,
    slow_rate,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, DEAD_ZONE, RATE
from neurosim.kernels.vmath import exp, sinh

G_MIN, G_MAX, R_STRIP, V_SELECT, I_UP, I_DOWN, MOBILITY, LENGTH, CREEP_VELOCITY, STABILITY = range(10)
INSIDE = 1.0 - 2.0**-51  # sums may be rounded once or twice: what is reported as at rest must not move


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that move the wall."""
    return (params[R_STRIP, start:stop], params[V_SELECT, start:stop], params[I_UP, start:stop], params[I_DOWN, start:stop],
            params[MOBILITY, start:stop], params[LENGTH, start:stop], params[CREEP_VELOCITY, start:stop],
            params[STABILITY, start:stop])


@scalar_kernel
def free_rate(v, law, j):
    """Return dx/dt [1/s] of (3) and (4) between the ends; written in voltages, so that it is zero at the threshold itself."""
    r, v_select, i_up, i_down, mobility, length, creep_velocity, stability = law
    size = abs(v)
    held = r[j] * (i_up[j] if v > 0.0 else i_down[j])
    over, strip = size - (v_select[j] + held), max(0.0, size - v_select[j])
    flow = mobility[j] / r[j] * math.sqrt(max(0.0, over) * (strip + held))
    tilt = stability[j] * min(1.0, strip / held)
    creep = creep_velocity[j] * exp(-stability[j]) * 2.0 * sinh(tilt)
    speed = (flow + creep) / length[j]
    return speed if v > 0.0 else -speed


@scalar_kernel
def strip_current(v, v_select, r):
    """Return the current (1) [A]."""
    through = max(0.0, abs(v) - v_select) / r
    return through if v > 0.0 else -through


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s]: zero where the wall is at an end and pushed outwards."""
    x, v, dx, law = state[0, start:stop], drive[0, start:stop], out[0, start:stop], law_rows(params, start, stop)
    for j in range(stop - start):
        f = free_rate(v[j], law, j)
        outward = (x[j] >= 1.0 and f > 0.0) or (x[j] <= 0.0 and f < 0.0)
        dx[j] = 0.0 if outward else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage: exact."""
    x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
    for j in range(stop - start):
        x[j] = min(1.0, max(0.0, x[j] + free_rate(v[j], law, j) * dt[j]))


@kernel(ADVANCE)
def advance_flow(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance`` where no wall creeps."""
    x, v, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    r, v_select, i_up, i_down, mobility, length, _, _ = law_rows(params, start, stop)
    for j in range(stop - start):
        size, up, down = abs(v[j]), i_up[j], i_down[j]
        held = r[j] * (up if v[j] > 0.0 else down)
        over, strip = max(0.0, size - (v_select[j] + held)), max(0.0, size - v_select[j])
        step = mobility[j] / (r[j] * length[j]) * math.sqrt(over * (strip + held)) * dt[j]
        x[j] = min(1.0, max(0.0, x[j] + (step if v[j] > 0.0 else -step)))


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (2)."""
    x, g, g_min, g_max = state[0, start:stop], out[start:stop], params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_min[j] + (g_max[j] - g_min[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (2) and di/dv [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    r, v_select = params[R_STRIP, start:stop], params[V_SELECT, start:stop]
    for j in range(stop - start):
        read = g_min[j] + (g_max[j] - g_min[j]) * x[j]
        i[j] = read * v[j] + strip_current(v[j], v_select[j], r[j])
        g[j] = read + (1.0 / r[j] if abs(v[j]) > v_select[j] else 0.0)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage, exactly: x moves evenly until it meets an end."""
    x, v, dt, q, law = (state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop],
                        law_rows(params, start, stop))
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    r, v_select = params[R_STRIP, start:stop], params[V_SELECT, start:stop]
    for j in range(stop - start):
        f, time = free_rate(v[j], law, j), dt[j]
        room = (1.0 if f > 0.0 else 0.0) - x[j]
        hits = abs(f * time) > abs(room)
        moving = room / (f if hits else 1.0) if hits else time
        gone = room if hits else f * time
        area = x[j] * time + gone * (time - 0.5 * moving)  # integral of x dt
        q[j] = v[j] * (g_min[j] * time + (g_max[j] - g_min[j]) * area) + strip_current(v[j], v_select[j], r[j]) * time


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the voltages [V] between which nothing moves: pinning, the selector where the wall creeps, 1e30 if stuck."""
    low, high = lowest[start:stop], highest[start:stop]
    r, v_select, i_up, i_down, mobility, _, creep_velocity, _ = law_rows(params, start, stop)
    for j in range(stop - start):
        creeps, stuck = creep_velocity[j] > 0.0, mobility[j] == 0.0 and creep_velocity[j] == 0.0
        up, down = INSIDE * (v_select[j] + r[j] * i_up[j]), INSIDE * (v_select[j] + r[j] * i_down[j])
        low[j] = -STUCK_DRIVE if stuck else (-v_select[j] if creeps else -down)
        high[j] = STUCK_DRIVE if stuck else (v_select[j] if creeps else up)


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` for this parameter array (select again when it changes)."""
    return MODEL if np.any(params[CREEP_VELOCITY]) else dataclasses.replace(MODEL, advance=advance_flow)


MODEL = DeviceModel(
    name="domain_wall_synapse",
    params=(
        ParamSpec("g_min", "S", 4e-5, 0.0, 1e3, "conductance of the junction with the wall at x = 0", "G_min"),
        ParamSpec("g_max", "S", 1e-4, 0.0, 1e3, "conductance of the junction with the wall at x = 1", "G_max"),
        ParamSpec("r_strip", "ohm", 2e3, 1e-3, 1e12, "resistance of the write strip", "R"),
        ParamSpec("v_select", "V", 0.25, 1e-6, 1e3, "voltage of the selector of the write strip", "V_s"),
        ParamSpec("i_up", "A", 1e-4, 1e-12, 1e3, "pinning current for motion to x = 1", "I_p,up"),
        ParamSpec("i_down", "A", 1e-4, 1e-12, 1e3, "pinning current for motion to x = 0", "I_p,down"),
        ParamSpec("mobility", "m/(A*s)", 1.5e4, 0.0, 1e15, "velocity per ampere far above the pinning current", "mu"),
        ParamSpec("length", "m", 1e-6, 1e-9, 1.0, "length of the track", "L"),
        ParamSpec("creep_velocity", "m/s", 0.0, 0.0, 1e6, "velocity of hopping without barriers; 0: no creep", "v_0"),
        ParamSpec("stability", "", 40.0, 0.0, 300.0, "barrier between pinning sites over kT", "E / kT"),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "position of the wall over the length of the track"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    dead_zone=dead_zone,
    handles={
        "g_max": Handle(("g_max",)),
        "g_min": Handle(("g_min",)),
        "rate": Handle(("mobility", "creep_velocity")),
        "threshold_up": Handle(("i_up",)),
        "threshold_down": Handle(("i_down",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current,
           "dead_zone": slow_dead_zone},
    select=select,
    reference="10.1038/srep31510",
    doc="Domain wall in a track under a tunnel junction: pinned below a current, even motion beyond, linear conductance.",
)
