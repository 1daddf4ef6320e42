"""The kernels of the macrospin, made once for each law of ``macrospin_terms``: rate, steps, and many steps in one call.

All steps end with |m| = 1 by renormalisation. Many steps of one tile of devices are made before the next tile is taken, so
that terms and states stay in the first cache.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from devices.spintronic.llg import inverse_norm
from devices.spintronic.macrospin_terms import DAMPING, GAMMA, LARGEST, SCALE, SIGMA
from neurosim.device import Kernel
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.rng import fill_normal
from neurosim.kernels.signatures import A2, ADVANCE, RATE, f8, i8, u8, void

PHASE_PER_SUBSTEP = 0.05  # rad of precession per Runge-Kutta substep of `advance`
TILE = 128  # devices that make many steps together
NOISE_STEPS = void(A2, A2, A2, u8, i8, f8, i8, i8, i8)  # state, drive, params, key, first step, dt, steps, start, stop
QUIET_STEPS = void(A2, A2, A2, f8, i8, i8, i8)  # state, drive, params, dt, steps, start, stop


@dataclass(frozen=True)
class Kernels:
    """``rate`` and ``advance`` as in :mod:`neurosim.device`, one Heun step, and its parts for loops over steps."""

    rate: Kernel
    advance: Kernel
    heun_step: Kernel
    heun: Any
    runge_kutta: Any


def make_kernels(fill: Any, slope: Any, largest: Any, n_terms: int) -> Kernels:
    """Return the kernels of one law: its ``fill``, its ``slope``, its bound of the ``largest`` field, its number of terms."""

    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dm/dt [1/s] without the thermal field, and the term that holds |m| = 1."""
        terms = np.empty((n_terms, max(1, stop - start)))
        fill(params, drive, terms, start, stop)
        mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
        ox, oy, oz = out[0, start:stop], out[1, start:stop], out[2, start:stop]
        for k in range(stop - start):
            x, y, z = mx[k], my[k], mz[k]
            tx, ty, tz = slope(terms, k, x, y, z, 0.0, 0.0, 0.0)
            hold = 0.5 * terms[GAMMA, k] * terms[SCALE, k] * (1.0 - x * x - y * y - z * z)
            ox[k], oy[k], oz[k] = tx + hold * x, ty + hold * y, tz + hold * z

    @scalar_kernel
    def heun(terms, k, x, y, z, hx, hy, hz, dt):
        """Return m after a Heun step of ``dt`` under the thermal field (hx, hy, hz), the same in both stages."""
        ax, ay, az = slope(terms, k, x, y, z, hx, hy, hz)
        bx, by, bz = slope(terms, k, x + dt * ax, y + dt * ay, z + dt * az, hx, hy, hz)
        x, y, z = x + 0.5 * dt * (ax + bx), y + 0.5 * dt * (ay + by), z + 0.5 * dt * (az + bz)
        r = inverse_norm(x, y, z)
        return x * r, y * r, z * r

    @scalar_kernel
    def runge_kutta(terms, k, x, y, z, hx, hy, hz, dt):
        """Return m after a classical Runge-Kutta step of ``dt`` under a constant extra field."""
        h = 0.5 * dt
        ax, ay, az = slope(terms, k, x, y, z, hx, hy, hz)
        bx, by, bz = slope(terms, k, x + h * ax, y + h * ay, z + h * az, hx, hy, hz)
        cx, cy, cz = slope(terms, k, x + h * bx, y + h * by, z + h * bz, hx, hy, hz)
        ex, ey, ez = slope(terms, k, x + dt * cx, y + dt * cy, z + dt * cz, hx, hy, hz)
        x += dt / 6.0 * (ax + 2.0 * (bx + cx) + ex)
        y += dt / 6.0 * (ay + 2.0 * (by + cy) + ey)
        z += dt / 6.0 * (az + 2.0 * (bz + cz) + ez)
        r = inverse_norm(x, y, z)
        return x * r, y * r, z * r

    @kernel(ADVANCE)
    def heun_step(state, drive, params, noise, duration, start, stop):
        """Make one Heun step of ``duration`` [s] (Stratonovich, same thermal sample in both stages), then renormalise.

        For thermal runs: keep gamma_0 |H| duration below about 0.1. Strong order 1/2 (1 where the noise is small), weak
        order 1; quiet order 2.
        """
        terms = np.empty((n_terms, max(1, stop - start)))
        fill(params, drive, terms, start, stop)
        mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
        wx, wy, wz, length = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop], duration[start:stop]
        for k in range(stop - start):
            dt = length[k]
            sigma = terms[SIGMA, k] / math.sqrt(dt) if dt > 0.0 else 0.0
            mx[k], my[k], mz[k] = heun(terms, k, mx[k], my[k], mz[k], sigma * wx[k], sigma * wy[k], sigma * wz[k], dt)

    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step m over ``duration`` [s] at frozen drive by renormalised Runge-Kutta substeps of at most 0.05 rad.

        Quiet error below 1e-7 per radian. A thermal field is held for the whole duration (Wong-Zakai: Stratonovich), so
        with noise the duration must be short against the precession period.
        """
        terms = np.empty((n_terms, max(1, stop - start)))
        fill(params, drive, terms, start, stop)
        mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
        wx, wy, wz, length = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop], duration[start:stop]
        most = 0.0
        for k in range(stop - start):
            sigma = terms[SIGMA, k] / math.sqrt(length[k]) if length[k] > 0.0 else 0.0
            terms[SIGMA, k] = sigma
            field = largest(terms, k) + sigma * (abs(wx[k]) + abs(wy[k]) + abs(wz[k]))
            phase = terms[GAMMA, k] * math.sqrt(1.0 + terms[DAMPING, k] * terms[DAMPING, k]) * field * length[k]
            terms[LARGEST, k] = max(1.0, math.ceil(phase / PHASE_PER_SUBSTEP))  # substeps, of each device its own
            most = max(most, terms[LARGEST, k])
        for j in range(int(most)):
            for k in range(stop - start):
                s, left = terms[SIGMA, k], j < terms[LARGEST, k]
                x, y, z = runge_kutta(terms, k, mx[k], my[k], mz[k], s * wx[k], s * wy[k], s * wz[k],
                                      length[k] / terms[LARGEST, k])
                mx[k], my[k], mz[k] = x if left else mx[k], y if left else my[k], z if left else mz[k]

    return Kernels(rate, advance, heun_step, heun, runge_kutta)


def make_rk4_steps(fill: Any, runge_kutta: Any, n_terms: int) -> Kernel:
    """Return a kernel that makes many quiet steps of a law of :func:`make_kernels` in one call."""

    @kernel(QUIET_STEPS)
    def rk4_steps(state, drive, params, dt, steps, start, stop):
        """Make ``steps`` Runge-Kutta steps of ``dt`` [s] without thermal field at frozen drive."""
        terms = np.empty((n_terms, TILE))
        for first in range(start, stop, TILE):
            last = min(first + TILE, stop)
            fill(params, drive, terms, first, last)
            mx, my, mz = state[0, first:last], state[1, first:last], state[2, first:last]
            for _ in range(steps):
                for k in range(last - first):
                    mx[k], my[k], mz[k] = runge_kutta(terms, k, mx[k], my[k], mz[k], 0.0, 0.0, 0.0, dt)

    return rk4_steps


def make_heun_steps(fill: Any, heun: Any, n_terms: int) -> Kernel:
    """Return a kernel that makes many thermal steps of a law of :func:`make_kernels` in one call."""

    @kernel(NOISE_STEPS)
    def heun_steps(state, drive, params, key, first_step, dt, steps, start, stop):
        """Make ``steps`` thermal Heun steps of ``dt`` [s] at frozen drive; draws are functions of key, device and step."""
        terms, noise = np.empty((n_terms, TILE)), np.empty((3, state.shape[1]))
        for first in range(start, stop, TILE):
            last = min(first + TILE, stop)
            fill(params, drive, terms, first, last)
            for k in range(last - first):
                terms[SIGMA, k] /= math.sqrt(dt)
            mx, my, mz = state[0, first:last], state[1, first:last], state[2, first:last]
            wx, wy, wz = noise[0, first:last], noise[1, first:last], noise[2, first:last]
            for step in range(first_step, first_step + steps):
                fill_normal(noise, key, 0, step, first, last)
                for k in range(last - first):
                    s = terms[SIGMA, k]
                    mx[k], my[k], mz[k] = heun(terms, k, mx[k], my[k], mz[k], s * wx[k], s * wy[k], s * wz[k], dt)

    return heun_steps
