"""The front of a switching distribution: how far thermal switching has come, and which share of hysterons that is.

In the units of :mod:`devices.spintronic.sot_multilevel`: the front is at z, in standard deviations of the thresholds;
w = +-z is its place in the direction of the current, where the next hysteron has the threshold i = I_k (1 + s w). With
L = log(1 + K nu t exp(-Delta (1 - I/i_0))) after a time t at the current I,

    1/i = 1/i_0 - L / (Delta I)                                                                          (1)

is the exact solution of di/dt = K nu i^2 / (I Delta) exp(-Delta (1 - I/i)). The thresholds are normal, cut at three standard
deviations: the share below z is Phi(z), stretched so that it goes from 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log1p

CUT = 3.0  # standard deviations
EULER_FACTOR = math.exp(0.5772156649015329)  # K: the mean of the hysterons' logarithmic switching times
NORM = math.erf(CUT / math.sqrt(2.0))
LARGEST = 600.0  # exponent
DEEPEST = 45.0   # e-folds of time that are integrated: the rest is below rounding
NODES, WEIGHTS = (tuple(values.tolist()) for values in np.polynomial.legendre.leggauss(10))
LONGEST_PANEL = 3.0  # e-folds


def _share_polynomial() -> tuple[float, ...]:
    """Return (share - 1/2) / z as a polynomial in t = 2 z^2/9 - 1, lowest first: error 6e-15."""
    t = np.cos(np.pi * (np.arange(17) + 0.5) / 17)
    z = np.sqrt(0.5 * CUT * CUT * (1.0 + t))
    slope = np.array([0.5 * math.erf(value / math.sqrt(2.0)) / value for value in z]) / NORM
    series = np.polynomial.chebyshev.chebfit(t, slope, 16)
    return tuple(np.polynomial.chebyshev.cheb2poly(series).tolist())


SHARE = _share_polynomial()


@scalar_kernel
def share_of(z):
    """Return the share of hysterons with thresholds below z, |z| <= 3."""
    t = z * z * (2.0 / (CUT * CUT)) - 1.0
    p = 0.0
    for k in range(17):
        p = p * t + SHARE[16 - k]
    return min(1.0, max(0.0, 0.5 + z * p))


@scalar_kernel
def progress_of(through, threshold, stability, attempt, seconds):
    """Return L of (1)."""
    lead = exp(min(LARGEST, stability * (through / threshold - 1.0)))
    return log1p(EULER_FACTOR * attempt * seconds * lead)


@scalar_kernel
def moved_front(w, threshold, mean, spread, through, stability, progress):
    """Return the front after a progress L: (1) without cancellation; the cut where every hysteron has switched."""
    share = threshold * progress / (stability * max(through, 1e-300))
    far = share >= 1.0
    step = threshold * share / ((1.0 if far else 1.0 - share) * mean * spread)
    return CUT if far else min(CUT, w + step)


@scalar_kernel
def mean_share(w, threshold, mean, spread, through, stability, progress, sign):
    """Return the share of hysterons that are up, averaged over the time of a step that makes a progress L."""
    if progress == 0.0:
        return share_of(sign * w)
    end = stability * through * (1.0 / threshold - 1.0 / (mean * (1.0 + spread * CUT)))  # progress that ends at the cut
    last = min(progress, max(0.0, end))
    first = max(0.0, last - DEEPEST)
    panels = max(1, math.ceil((last - first) / LONGEST_PANEL))
    width = (last - first) / panels
    total = share_of(sign * CUT) * -expm1(last - progress)
    for panel in range(panels):
        for k in range(len(NODES)):
            p = first + (panel + 0.5 * (1.0 + NODES[k])) * width
            z = moved_front(w, threshold, mean, spread, through, stability, p)
            total += 0.5 * width * WEIGHTS[k] * exp(p - progress) * share_of(sign * z)
    return total / -expm1(-progress)


def slow_share(z: float) -> float:
    """Return the share of hysterons with thresholds below z."""
    return 0.5 + 0.5 * math.erf(z / math.sqrt(2.0)) / NORM


def slow_front(z: float, v: float, params: Mapping[str, float]) -> tuple[float, float, float]:
    """Return (direction, current in the strip [A], threshold of the next hysteron [A]) of one device."""
    sign = 1.0 if v > 0.0 else -1.0
    through = max(0.0, abs(v) - params["v_select"]) / params["r_strip"]
    mean = params["i_up"] if v > 0.0 else params["i_down"]
    return sign, through, mean * (1.0 + sign * params["spread"] * z)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dz/dt] of one device."""
    z = state[0]
    sign, through, threshold = slow_front(z, drive[0], params)
    if through == 0.0 or (sign * z >= CUT):
        return [0.0]
    mean = params["i_up"] if sign > 0.0 else params["i_down"]
    lead = math.exp(min(LARGEST, params["stability"] * (through / threshold - 1.0)))
    speed = EULER_FACTOR * params["attempt"] * threshold**2 / (through * params["stability"]) * lead
    return [sign * speed / (mean * params["spread"])]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device."""
    return [params["g_min"] + (params["g_max"] - params["g_min"]) * slow_share(state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device."""
    sign, through, _ = slow_front(state[0], drive[0], params)
    return [slow_conductance(state, params)[0] * drive[0] + sign * through]

