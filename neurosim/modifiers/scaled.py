"""Modifiers that multiply the conductance by a factor: wrappers of the three kernels that carry a current.

A factor is a kernel of the signature ``FACTOR``: (state, params, g, out, start, stop), with ``g`` the conductance [S] of the
inner model for the columns start to stop and ``out`` the factor, both of shape (stop - start,). Current, its slope and the
charge are multiplied by the same number, so that the shape of i(v) stays and a passive device stays passive. In ``charge``
the factor is that before the step.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from neurosim.device import DeviceModel, Kernel
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, A2, CHARGE, CONDUCTANCE, CURRENT, i8, void

FACTOR = void(A2, A2, A1, A1, i8, i8)
SlowFactor = Callable[[Sequence[float], Mapping[str, float], float], float]  # state, params, g -> factor


@functools.cache
def scaled_conductance(inner: Kernel, factor: Kernel) -> Kernel:
    """Return the conductance kernel of the inner model times a factor."""

    @kernel(CONDUCTANCE)
    def conductance(state, params, out, start, stop):
        """Write G [S]."""
        inner(state, params, out, start, stop)
        g, share = out[start:stop], np.empty(stop - start)
        factor(state, params, g, share, start, stop)
        for j in range(stop - start):
            g[j] *= share[j]

    return conductance


@functools.cache
def scaled_current(inner: Kernel, inner_conductance: Kernel, factor: Kernel) -> Kernel:
    """Return the current kernel of the inner model times a factor."""

    @kernel(CURRENT)
    def current(state, drive, params, current, slope, start, stop):
        """Write i [A] and di/dv [S]."""
        share, i, g = np.empty(stop - start), current[start:stop], slope[start:stop]
        inner_conductance(state, params, slope, start, stop)
        factor(state, params, g, share, start, stop)
        inner(state, drive, params, current, slope, start, stop)
        for j in range(stop - start):
            i[j] *= share[j]
            g[j] *= share[j]

    return current


@functools.cache
def scaled_charge(inner: Kernel, inner_conductance: Kernel, factor: Kernel) -> Kernel:
    """Return the charge kernel of the inner model times the factor before the step."""

    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of i dt [C]."""
        share, q = np.empty(stop - start), out[start:stop]
        inner_conductance(state, params, out, start, stop)
        factor(state, params, q, share, start, stop)
        inner(state, drive, params, duration, out, start, stop)
        for j in range(stop - start):
            q[j] *= share[j]

    return charge


def scaled_kernels(inner: DeviceModel, factor: Kernel, slow_factor: SlowFactor, *,
                   charge: Kernel | None = None) -> dict[str, Any]:
    """Return conductance, current, charge and their twins of a model times a factor, for ``Layer.extended``.

    ``charge`` stands for that of the inner model where it has to be another one.
    """
    charge = charge or inner.charge
    conductance, n = inner.require("conductance"), len(inner.states)
    slow_conductance, slow_current = inner.twins["conductance"], inner.twins.get("current")

    def twin_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [G] of one device in plain Python."""
        g = slow_conductance(state[:n], params)[0]
        return [g * slow_factor(state, params, g)]

    def twin_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [i] of one device in plain Python."""
        assert slow_current is not None
        return [slow_current(state[:n], drive, params)[0] * slow_factor(state, params, slow_conductance(state[:n], params)[0])]

    return {
        "conductance": scaled_conductance(conductance, factor),
        "current": None if inner.current is None else scaled_current(inner.current, conductance, factor),
        "charge": None if charge is None else scaled_charge(charge, conductance, factor),
        "twins": {"conductance": twin_conductance, "current": twin_current if slow_current else None, "charge": None},
    }
