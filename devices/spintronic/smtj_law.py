"""Rates and rest state of a thermally flipping two-state magnet as functions of the reduced drive x, see ``smtj``."""

from __future__ import annotations

import math

import numpy as np

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, log1p, power, tanh

LARGEST = 600.0  # exponent up to which rates grow
NODES, WEIGHTS = (tuple(values.tolist()) for values in np.polynomial.legendre.leggauss(16))
PANELS = 8
STEPS = 60  # of the safeguarded Newton iteration


@scalar_kernel
def reduced_drive(i, gain, i_c, x_off):
    """Return x = gain I / i_c + x_off."""
    return gain * i / i_c + x_off


@scalar_kernel
def barrier(base, n):
    """Return base^n of (1): zero below zero, but the line itself for n = 1."""
    return base if n == 1.0 else (power(base, n) if base > 0.0 else 0.0)


@scalar_kernel
def switching_rates(x, delta, n, tau_0):
    """Return the rates up and down [1/s] of (1)."""
    up = exp(min(LARGEST, -delta * barrier(1.0 - x, n)))
    down = exp(min(LARGEST, -delta * barrier(1.0 + x, n)))
    return up / tau_0, down / tau_0


@scalar_kernel
def rest_argument(x, delta, n):
    """Return f of (3), the artanh of the mean state at rest: half the logarithm of up / down."""
    return 0.5 * delta * (barrier(1.0 + x, n) - barrier(1.0 - x, n))


@scalar_kernel
def barrier_slope(base, n):
    """Return d base^n / d base."""
    return 1.0 if n == 1.0 else (n * power(base, n - 1.0) if base > 0.0 else 0.0)


@scalar_kernel
def rest_slope(x, delta, n):
    """Return df/dx."""
    return 0.5 * delta * (barrier_slope(1.0 + x, n) + barrier_slope(1.0 - x, n))


@scalar_kernel
def inverse(s, delta, n):
    """Return the drive x that holds the mean state s at rest, by a Newton iteration inside a bracket."""
    s = min(1.0 - 2.0**-53, max(2.0**-53 - 1.0, s))
    goal = 0.5 * (log1p(s) - log1p(-s))
    if n == 1.0:
        return goal / delta
    size = abs(goal)
    low, high = 0.0, 1.0 + 2.0 * power(2.0 * size / delta + 1e-300, 1.0 / n)  # f(x) >= delta x^n / 2 for x >= 1
    x = min(high, size / (n * delta))
    for _ in range(STEPS):
        miss = rest_argument(x, delta, n) - size
        if miss > 0.0:
            high = x
        else:
            low = x
        step = miss / rest_slope(x, delta, n)
        if abs(step) <= 2e-16 * x:
            break
        x = x - step if low < x - step < high else 0.5 * (low + high)
    return x if goal >= 0.0 else -x


@scalar_kernel
def log_cosh(x):
    """Return log(cosh(x)) without overflow."""
    return abs(x) + log1p(exp(-2.0 * abs(x))) - math.log(2.0)


@scalar_kernel
def mean_drive(x, delta, n):
    """Return the integral of tanh(f) from 0 to x; closed for n = 1, else Gauss-Legendre on both sides of the kink at 1."""
    if n == 1.0:
        return log_cosh(delta * x) / delta
    size, total = abs(x), 0.0
    for part in range(2):
        begin, end = (0.0, min(size, 1.0)) if part == 0 else (1.0, max(size, 1.0))
        width = (end - begin) / PANELS
        for panel in range(PANELS):
            for k in range(len(NODES)):
                y = begin + (panel + 0.5 * (1.0 + NODES[k])) * width
                total += 0.5 * width * WEIGHTS[k] * tanh(rest_argument(y, delta, n))
    return total
