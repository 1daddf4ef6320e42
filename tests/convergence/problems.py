"""Test problems with known solutions, and one call that runs any scheme on them."""

from __future__ import annotations

import importlib
import math

import numpy as np

from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import RHS
from neurosim.kernels.steppers.problem import REPORT_SIZE
from neurosim.kernels.tables import function_table


@kernel(RHS)
def linear(t, y, layout, values, rates, outputs, out):
    """A damped rotation: dy/dt = [[-a, -w], [w, -a]] y."""
    out[0] = -values[0] * y[0] - values[1] * y[1]
    out[1] = values[1] * y[0] - values[0] * y[1]


@kernel(RHS)
def van_der_pol(t, y, layout, values, rates, outputs, out):
    """Van der Pol: x' = v, v' = mu (1 - x^2) v - x."""
    out[0] = y[1]
    out[1] = values[0] * (1.0 - y[0] * y[0]) * y[1] - y[0]


@kernel(RHS)
def driven(t, y, layout, values, rates, outputs, out):
    """Non-autonomous and stiffness set by values[0]: y' = -l (y - cos t) - sin t, solution cos t from y(0) = 1."""
    for i in range(y.size):
        out[i] = -values[0] * (y[i] - math.cos(t)) - math.sin(t)


@kernel(RHS)
def logistic_driven(t, y, layout, values, rates, outputs, out):
    """Non-autonomous and non-linear: y' = y (1 - y) cos t, solution 1 / (1 + exp(-sin t)) from y(0) = 1/2."""
    out[0] = y[0] * (1.0 - y[0]) * math.cos(t)


@kernel(RHS)
def square_wave(t, y, layout, values, rates, outputs, out):
    """y' = (1 before values[0], -2 from values[0] on) - y; f jumps at the edge."""
    out[0] = (1.0 if t < values[0] else -2.0) - y[0]


@kernel(RHS)
def blow_up(t, y, layout, values, rates, outputs, out):
    """y' = y^2, infinite at t = 1 / y(0)."""
    for i in range(y.size):
        out[i] = y[i] * y[i]


@kernel(RHS)
def not_a_number_after(t, y, layout, values, rates, outputs, out):
    """f of the last component is NaN from t = values[0] on."""
    for i in range(y.size):
        out[i] = 1.0
    if t >= values[0]:
        out[y.size - 1] = math.nan


def integrate(scheme, rhs, y0, grid, *, values=(0.0,), edge=(), step=0.0, rtol=1e-6, scale=None, bounds=None,
              max_step=np.inf, max_steps=10_000_000, n_blocks=1, with_state=False):
    """Run one scheme by name; returns (status, record (n_grid, n), report)."""
    module = importlib.import_module(f"neurosim.kernels.steppers.{scheme}")
    y = np.array(y0, dtype=float)
    grid = np.array(grid, dtype=float)
    edges = np.zeros(grid.size, dtype=np.int64)
    edges[list(edge)] = 1
    record, report = np.full((grid.size, y.size), np.nan), np.zeros(REPORT_SIZE)
    limits = np.array([[-np.inf] * y.size, [np.inf] * y.size]) if bounds is None else np.array(bounds, dtype=float)
    status = getattr(module, scheme)(
        function_table("system", [rhs]), grid, edges, y, np.zeros(1, dtype=np.int64), np.array(values, dtype=float),
        function_table("rate", []), function_table("output", []), n_blocks, limits,
        np.full(y.size, rtol if scale is None else scale), rtol, step, max_step, max_steps, record, report)
    return (status, record, report, y) if with_state else (status, record, report)


def slope(steps, errors):
    """Return the order: the least-squares slope of log(error) against log(step)."""
    return np.polyfit(np.log(steps), np.log(errors), 1)[0]
