"""The spin-torque nano-oscillator as a complex amplitude c = x + i y with thermal noise.

    dc/dt = -i (omega_0 + N p) c - Gamma_G (1 + Q p) c + Gamma_G zeta (1 - kappa p) c + f(t),   p = x^2 + y^2   (1)
    <f(t) f*(t')> = 2 Gamma_G (1 + Q p) eta delta(t - t')                                                  (2)

The torque ends at full power: 1 - kappa p is taken as zero where noise takes p beyond 1/kappa, else a reversed current
would drive the amplitude to infinity there.

The strength of the noise depends on the power; it is read in the Stratonovich sense, as the limit of physical noise of
short memory. Each of x and y then has the coefficient sqrt(Gamma_G (1 + Q p) eta), and the stationary density of the
power is proportional to exp(-Phi(p)/eta) / sqrt(1 + Q p), dPhi/dp = 1 - zeta (1 - kappa p)/(1 + Q p)
(:func:`devices.spintronic.stno_scales.mean_power`).

Above threshold a perturbed power returns with the rate 2 Gamma_G (zeta - 1), and the line has the full width (Hz)

    (1 + nu^2) Gamma_G (1 + Q p_0) eta / (2 pi p_0),   nu = N / (Gamma_G (Q + kappa zeta))                  (3)

once the phase is followed for longer than the power takes to return.

References
----------
J.-V. Kim, V. Tiberkevich, A. Slavin, Phys. Rev. Lett. 100, 017207 (2008), doi:10.1103/PhysRevLett.100.017207 (3).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.spintronic.stno_parameters import (
    DAMPING_RATE,
    FREQUENCY,
    FREQUENCY_SHIFT,
    GAIN,
    I_BIAS,
    I_THRESHOLD,
    NOISE_POWER,
    SATURATION,
    V_R,
    Q,
)
from neurosim.device import StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import DIFFUSION, OUTPUT, RATE

STATES = (
    StateSpec("x", "", -10.0, 10.0, 0.3, "in-phase amplitude; the power x^2 + y^2 is 1 at full power"),
    StateSpec("y", "", -10.0, 10.0, 0.0, "quadrature amplitude"),
)
NOISES = ("thermal, in phase", "thermal, quadrature")
TWO_PI = 2.0 * math.pi


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write the noiseless part of (1) [1/s]."""
    x, y, i = state[0, start:stop], state[1, start:stop], drive[0, start:stop]
    dx, dy = out[0, start:stop], out[1, start:stop]
    gamma, q, kappa = params[DAMPING_RATE, start:stop], params[Q, start:stop], params[SATURATION, start:stop]
    i_th, i_b, g = params[I_THRESHOLD, start:stop], params[I_BIAS, start:stop], params[GAIN, start:stop]
    f_0, shift = params[FREQUENCY, start:stop], params[FREQUENCY_SHIFT, start:stop]
    for k in range(stop - start):
        p = x[k] * x[k] + y[k] * y[k]
        zeta = (i_b[k] + g[k] * i[k]) / i_th[k]
        growth = gamma[k] * (zeta * max(0.0, 1.0 - kappa[k] * p) - 1.0 - q[k] * p)
        omega = TWO_PI * (f_0[k] + shift[k] * p)
        dx[k] = growth * x[k] + omega * y[k]
        dy[k] = growth * y[k] - omega * x[k]


@kernel(DIFFUSION)
def diffusion(state, drive, params, out, start, stop):
    """Write the Stratonovich noise matrix [1/sqrt(s)]: equal and independent in phase and in quadrature."""
    x, y = state[0, start:stop], state[1, start:stop]
    xx, xy, yx, yy = out[0, start:stop], out[1, start:stop], out[2, start:stop], out[3, start:stop]
    gamma, q, eta = params[DAMPING_RATE, start:stop], params[Q, start:stop], params[NOISE_POWER, start:stop]
    for k in range(stop - start):
        strength = math.sqrt(gamma[k] * (1.0 + q[k] * (x[k] * x[k] + y[k] * y[k])) * eta[k])
        xx[k], yy[k], xy[k], yx[k] = strength, strength, 0.0, 0.0


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the rectified output voltage V_r p [V]."""
    x, y, v_r, v = state[0, start:stop], state[1, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * (x[k] * x[k] + y[k] * y[k])


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt, dy/dt] of one device by complex arithmetic, the oracle of ``rate``."""
    c = complex(state[0], state[1])
    p = abs(c) ** 2
    zeta = (params["i_bias"] + params["gain"] * drive[0]) / params["i_threshold"]
    damping, torque = 1.0 + params["q"] * p, zeta * max(0.0, 1.0 - params["torque_saturation"] * p)
    omega = 2.0 * math.pi * (params["frequency"] + params["frequency_shift"] * p)
    change = (-1j * omega - params["damping_rate"] * (damping - torque)) * c
    return [change.real, change.imag]


def slow_diffusion(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return the noise matrix [1/sqrt(s)] row by row, the oracle of ``diffusion``."""
    del drive
    damping = params["damping_rate"] * (1.0 + params["q"] * math.hypot(*state) ** 2)
    strength = math.sqrt(damping * params["noise_power"])
    return [strength, 0.0, 0.0, strength]


def slow_output(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V], the oracle of ``output``."""
    return [params["v_r"] * math.hypot(*state) ** 2]
