"""Ambient temperature: everything inside runs at an Arrhenius factor, and the current is scaled.

The factors are those of :mod:`neurosim.modifiers.arrhenius`. An autonomous law at a factor s is the same law for a time s t,
so ``advance`` and ``charge`` are as exact as those of the inner model. Whatever was put on before, retention, drift and
telegraph noise included, runs faster too, as in accelerated ageing; what is put on afterwards does not. Thermal voltages
inside rate laws and junctions are not changed: set them on the card.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from neurosim.device import DeviceModel, Kernel
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, RATE
from neurosim.modifiers.arrhenius import conduction, slow_conduction, slow_speed, speed
from neurosim.modifiers.compose import Layer
from neurosim.modifiers.scaled import FACTOR, scaled_kernels


@functools.cache
def _rate(inner: Kernel, count: int, t_row: int, r_row: int, e_row: int) -> Kernel:
    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s]."""
        inner(state, drive, params, out, start, stop)
        t, reference, energy = params[t_row, start:stop], params[r_row, start:stop], params[e_row, start:stop]
        for row in range(count):
            dx = out[row, start:stop]
            for j in range(stop - start):
                dx[j] *= speed(t[j], reference[j], energy[j])

    return rate


@functools.cache
def _advance(inner: Kernel, t_row: int, r_row: int, e_row: int) -> Kernel:
    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step the inner device over its own time; ``duration`` is put back as it was."""
        t, reference, energy = params[t_row, start:stop], params[r_row, start:stop], params[e_row, start:stop]
        dt = duration[start:stop]
        given = dt.copy()
        for j in range(stop - start):
            dt[j] *= speed(t[j], reference[j], energy[j])
        inner(state, drive, params, noise, duration, start, stop)
        dt[:] = given

    return advance


@functools.cache
def _charge(inner: Kernel, t_row: int, r_row: int, e_row: int) -> Kernel:
    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of the inner current over real time [C]; the factor of the current follows."""
        t, reference, energy = params[t_row, start:stop], params[r_row, start:stop], params[e_row, start:stop]
        dt, q = duration[start:stop], out[start:stop]
        given = dt.copy()
        for j in range(stop - start):
            dt[j] *= speed(t[j], reference[j], energy[j])
        inner(state, drive, params, duration, out, start, stop)
        dt[:] = given
        for j in range(stop - start):
            q[j] /= speed(t[j], reference[j], energy[j])

    return charge


@functools.cache
def _factor(t_row: int, r_row: int, a_row: int, e_row: int) -> Kernel:
    @kernel(FACTOR)
    def factor(state, params, g, out, start, stop):
        """Write the factor of the current."""
        t, reference = params[t_row, start:stop], params[r_row, start:stop]
        coefficient, energy = params[a_row, start:stop], params[e_row, start:stop]
        for j in range(stop - start):
            out[j] = conduction(t[j], reference[j], coefficient[j], energy[j])

    return factor


def build(layer: Layer) -> DeviceModel:
    """Return the model at its ambient temperature."""
    inner, prefix, ambient = layer.inner, layer.prefix, layer.key("ambient")
    slow_rate, slow_advance = inner.twins.get("rate"), inner.twins.get("advance")
    rows = layer.row("ambient"), layer.row("reference"), layer.row("activation_energy")

    def twin_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return dx/dt of one device in plain Python."""
        assert slow_rate is not None
        return [slow_speed(params[ambient], params, prefix) * dx for dx in slow_rate(state, drive, params)]

    def twin_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                     duration: float) -> list[float]:
        """Return the states of one device after ``duration`` in plain Python."""
        assert slow_advance is not None
        return slow_advance(state, drive, params, noise, slow_speed(params[ambient], params, prefix) * duration)

    def slow_factor(state: Sequence[float], params: Mapping[str, float], g: float) -> float:
        return slow_conduction(params[ambient], params, prefix)

    factor = _factor(*rows[:2], layer.row("resistance_coefficient"), layer.row("conduction_energy"))
    timed = inner.charge and _charge(inner.charge, *rows)
    kernels = scaled_kernels(inner, factor, slow_factor, charge=timed)
    kernels["twins"] |= {"rate": twin_rate if slow_rate else None, "advance": twin_advance if slow_advance else None}
    return layer.extended(**kernels, rate=_rate(inner.rate, len(inner.states), *rows),
                          advance=_advance(inner.require("advance"), *rows))
