"""The age of a written state, in log time, so that a second and ten years are one step each.

a = ln(1 + t / t_0) with t the time since the last write. A voltage above v_write rewrites: the age falls as exp(-t / t_w), so a
write that is short against the renewal time t_w renews a part of the device only:

    dt_age/dt = 1 - w t_age,   w = 1 / t_w where |v| > v_write, else 0                                  (1)

which is linear and exact at frozen voltage: waiting adds to the age, ln(exp(a) + dt / t_0), a long write leaves it at t_w.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from neurosim.device import DeviceModel, Kernel
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import DEAD_ZONE
from neurosim.kernels.vmath import exp, expm1, log1p

OLDEST = 100.0  # e^100 t_0: longer than anything
USUAL_WRITE, LARGEST_WRITE = 0.3, 1e3  # V


def write_threshold(model: DeviceModel, params: np.ndarray) -> tuple[float]:
    """Return ``v_write`` of a device [V]: the lower of its two thresholds, 0.3 V where it has none."""
    if model.resting is None:
        return (USUAL_WRITE,)
    low, high = np.empty(1), np.empty(1)
    model.resting(params, low, high, 0, 1)
    threshold = min(-float(low[0]), float(high[0]))
    return (threshold if 0.0 < threshold < LARGEST_WRITE else USUAL_WRITE,)


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


def aging_zone(inner: Kernel | None, v_row: int) -> Kernel | None:
    """Return the ``rest_zone`` of a device with an age: that of the inner model where nothing is rewritten."""
    return inner and _aging_zone(inner, v_row)


@functools.cache
def _aging_zone(inner: Kernel, v_row: int) -> Kernel:
    @kernel(DEAD_ZONE)
    def rest_zone(params, lowest, highest, start, stop):
        """Write the voltages [V] between which the device moves as at zero volts."""
        inner(params, lowest, highest, start, stop)
        v, low, high = params[v_row, start:stop], lowest[start:stop], highest[start:stop]
        for j in range(stop - start):
            low[j] = -v[j] if low[j] < -v[j] else low[j]
            high[j] = v[j] if high[j] > v[j] else high[j]

    return rest_zone


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
