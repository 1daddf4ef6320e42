"""The drive law of VTEAM for one device, inlined into the loops of :mod:`devices.memristor.vteam`.

    dx/dt = k_off (v / v_off - 1)^alpha_off   for v > v_off > 0,
            k_on  (v / v_on  - 1)^alpha_on    for v < v_on < 0   (k_on < 0),
            0                                 else, exactly

Powers are exp(alpha log(u)), relative error 1e-16 |alpha log(u)|, 1e-14 at worst. The parameters of both polarities are
arguments, so that loops load them before one is chosen: a load under a condition does not vectorise.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, log_normal_range

R_ON, R_OFF, K_OFF, K_ON, ALPHA_OFF, ALPHA_ON, V_OFF, V_ON, SIGMA_STEP, SIGMA_RANGE = range(10)  # rows of params


@scalar_kernel
def overdrive(v, v_off, v_on):
    """Return (whether v is positive, whether v is beyond its threshold, overdrive v / v_th - 1, or 1 where it is not)."""
    up = v > 0.0
    over = v / (v_off if up else v_on) - 1.0
    moved = over > 0.0
    return up, moved, over if moved else 1.0


@scalar_kernel
def free_rate(v, k_off, k_on, alpha_off, alpha_on, v_off, v_on):
    """Return (dx/dt [1/s] without the window, whether v is beyond its threshold); dx/dt means nothing where it is not."""
    up, moved, u = overdrive(v, v_off, v_on)
    grown = exp((alpha_off if up else alpha_on) * log_normal_range(u))
    return (k_off if up else k_on) * grown, moved


@scalar_kernel
def binary_digits(alpha):
    """Return the four binary digits of an integer below 16, lowest first."""
    n = int(alpha)
    return n & 1, (n >> 1) & 1, (n >> 2) & 1, (n >> 3) & 1


@scalar_kernel
def integer_rate(v, k_off, k_on, digits, v_off, v_on):
    """Return the same as :func:`free_rate` for integer exponents, given by their digits: no exp, no log, exact.

    u^alpha is the product of u^(2^m) over the digits of alpha; both polarities are worked out, so nothing branches.
    """
    up, moved, u = overdrive(v, v_off, v_on)
    u_2 = u * u
    u_4 = u_2 * u_2
    d_off, d_on = digits
    off = (u if d_off[0] else 1.0) * (u_2 if d_off[1] else 1.0) * (u_4 if d_off[2] else 1.0) * (u_4 * u_4 if d_off[3] else 1.0)
    on = (u if d_on[0] else 1.0) * (u_2 if d_on[1] else 1.0) * (u_4 if d_on[2] else 1.0) * (u_4 * u_4 if d_on[3] else 1.0)
    return (k_off * off if up else k_on * on), moved


@scalar_kernel
def clipped(y):
    """Return y within [0, 1]."""
    y = 1.0 if y > 1.0 else y
    return 0.0 if y < 0.0 else y


@scalar_kernel
def noisy(x, step, z, sigma_step, sigma_range):
    """Return the state after a step with noise, clip(x + step + z sqrt((sigma_step step)^2 + sigma_range^2))."""
    relative = sigma_step * step
    return clipped(x + step + z * math.sqrt(relative * relative + sigma_range * sigma_range))
