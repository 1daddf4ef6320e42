"""The age of a written state, in log time, so that a second and ten years are one step each.

a = ln(1 + t / t_0) with t the time since the last write. A voltage above v_write rewrites: the age falls as exp(-t / t_w), so a
write that is short against the renewal time t_w renews a part of the device only:

    dt_age/dt = 1 - w t_age,   w = 1 / t_w where |v| > v_write, else 0                                  (1)

which is linear and exact at frozen voltage: waiting adds to the age, ln(exp(a) + dt / t_0), a long write leaves it at t_w.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log1p

OLDEST = 100.0  # e^100 t_0: longer than anything


@scalar_kernel
def age_rate(a, v, t_0, v_write, renew):
    """Return da/dt [1/s]."""
    w = 1.0 / renew if abs(v) > v_write else 0.0
    return (exp(-a) + w * t_0 * expm1(-a)) / t_0


@scalar_kernel
def aged(a, v, dt, t_0, v_write, renew):
    """Return a after ``dt`` [s] at the voltage ``v`` [V], exactly."""
    h = dt / renew if abs(v) > v_write else 0.0
    mean = -expm1(-h) / (h if h > 0.0 else 1.0)
    mean = mean if h > 0.0 else 1.0
    later = log1p(expm1(a) * exp(-h) + dt / t_0 * mean)
    return OLDEST if later > OLDEST else later


def slow_age_rate(a: float, v: float, t_0: float, v_write: float, renew: float) -> float:
    """Return da/dt [1/s] in plain Python."""
    age = t_0 * math.expm1(a)
    return (1.0 - (age / renew if abs(v) > v_write else 0.0)) / (t_0 + age)


def slow_aged(a: float, v: float, dt: float, t_0: float, v_write: float, renew: float) -> float:
    """Return a after ``dt`` [s] in plain Python."""
    age = t_0 * math.expm1(a)
    if abs(v) > v_write:
        age = renew + (age - renew) * math.exp(-dt / renew)
    else:
        age += dt
    return math.log1p(age / t_0)
