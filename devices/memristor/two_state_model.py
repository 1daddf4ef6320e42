"""A two-state model from its rate law: the loops, the variants and the contract that all models of this family share.

A law is two scalar kernels, inlined into the loops: ``law_rows(params, start, stop)`` returns the rows of parameters that the
rates need, ``rates(v, law, j)`` the rates up and down [1/s] of device j at v [V]. Rows of parameters: g_on, g_off, those of the
law, n_switches. Formulas: :mod:`devices.memristor.two_state_law`, :mod:`devices.memristor.switch_count`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from devices.memristor.switch_count import counted, one_count, telegraph
from devices.memristor.two_state_law import G_OFF, G_ON, Rates, average, conductance, current, relaxed, twins_of
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, RATE


class Steps(NamedTuple):
    """How x moves by one law, whatever is read from it."""

    rate: Any
    advance: Any
    advance_mean: Any


class Kernels(NamedTuple):
    """Array kernels of one law where the conductance is linear in x."""

    rate: Any
    advance: Any
    advance_mean: Any
    advance_alike: Any
    advance_single: Any
    charge: Any


def steps_of(law_rows: Any, rates: Any, n_switches: int) -> Steps:
    """Return how x moves by a law; ``n_switches`` is the row of the number of switches."""

    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write dx/dt [1/s]: of the mean, for any number of switches."""
        x, v, dx, law = state[0, start:stop], drive[0, start:stop], out[0, start:stop], law_rows(params, start, stop)
        for j in range(stop - start):
            up, down = rates(v[j], law, j)
            dx[j] = up * (1.0 - x[j]) - down * x[j]

    @kernel(ADVANCE)
    def advance(state, drive, params, noise, duration, start, stop):
        """Step x over ``duration`` [s] at frozen voltage: exact for any duration and number of switches."""
        x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
        z_down, z_up, z_between = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop]
        n = params[n_switches, start:stop]
        for j in range(stop - start):
            up, down = rates(v[j], law, j)
            x[j] = counted(x[j], n[j], up, down, dt[j], z_down[j], z_up[j], z_between[j])

    @kernel(ADVANCE)
    def advance_mean(state, drive, params, noise, duration, start, stop):
        """Step x like ``advance`` where every device has infinitely many switches: the noise array is not read."""
        x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
        for j in range(stop - start):
            up, down = rates(v[j], law, j)
            x[j] = relaxed(x[j], up, down, dt[j])

    return Steps(rate, advance, advance_mean)


def kernels_of(law_rows: Any, rates: Any, n_switches: int) -> Kernels:
    """Return all kernels of a law; ``n_switches`` is the row of the number of switches."""

    @kernel(ADVANCE)
    def advance_alike(state, drive, params, noise, duration, start, stop):
        """Step x like ``advance_mean`` where all devices have the same rates: found once if they see the same voltage."""
        x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
        others = 0
        for j in range(stop - start):
            others += v[j] != v[0]
        if others > 0:
            for j in range(stop - start):
                up, down = rates(v[j], law, 0)
                x[j] = relaxed(x[j], up, down, dt[j])
        elif stop > start:
            up, down = rates(v[0], law, 0)
            for j in range(stop - start):
                x[j] = relaxed(x[j], up, down, dt[j])

    @kernel(ADVANCE)
    def advance_single(state, drive, params, noise, duration, start, stop):
        """Step x where every device is one switch: the law of ``advance`` from one normal number each."""
        x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
        z = noise[0, start:stop]
        for j in range(stop - start):
            up, down = rates(v[j], law, j)
            x[j] = telegraph(x[j], up, down, dt[j], z[j])

    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of i dt [C] over ``duration`` at frozen voltage: exact, the expected one for few switches."""
        x, v, dt, law = state[0, start:stop], drive[0, start:stop], duration[start:stop], law_rows(params, start, stop)
        g_on, g_off, q = params[G_ON, start:stop], params[G_OFF, start:stop], out[start:stop]
        for j in range(stop - start):
            up, down = rates(v[j], law, j)
            q[j] = v[j] * dt[j] * (g_off[j] + (g_on[j] - g_off[j]) * average(x[j], up, down, dt[j]))

    return Kernels(*steps_of(law_rows, rates, n_switches), advance_alike, advance_single, charge)


def two_state_model(name: str, doc: str, *, conductances: tuple[float, float], law: tuple[ParamSpec, ...], law_rows: Any,
                    rates: Any, slow_rates: Rates, handles: Mapping[str, Handle], reference: str = "") -> DeviceModel:
    """Return the model of a law.

    Parameters
    ----------
    name, doc, reference : str
        As in :class:`neurosim.device.DeviceModel`.
    conductances : tuple of float
        Default conductances ON and OFF [S].
    law : tuple of ParamSpec
        Parameters of the rates, in the order of their rows, which begin at 2.
    law_rows, rates : scalar kernels
        The law, see the top of this file.
    slow_rates : callable
        ``slow_rates(v, params)``: the same in plain Python.
    handles : mapping
        Handles of the rates; those of the conductances are added.
    """
    on, off = conductances
    n_switches = G_OFF + 1 + len(law)
    kernels = kernels_of(law_rows, rates, n_switches)
    variants: dict[tuple[int, bool], DeviceModel] = {}  # by the number of switches, and whether all have the same rates

    def select(params: np.ndarray) -> DeviceModel:
        """Return the variant with the fastest ``advance`` for this parameter array (select again when it changes)."""
        count, rows = one_count(params[n_switches]), params[G_OFF + 1:n_switches]
        return variants.get((count, count == 0 and bool(np.all(rows == rows[:, :1]))), model)

    model = DeviceModel(
        name=name,
        params=(
            ParamSpec("g_on", "S", on, 0.0, 1e3, "conductance with all switches ON", "G_on"),
            ParamSpec("g_off", "S", off, 0.0, 1e3, "conductance with all switches OFF", "G_off"),
            *law,
            ParamSpec("n_switches", "", 0.0, 0.0, 1e15, "number of switches; 0: infinitely many, no switching noise", "N"),
        ),
        states=(StateSpec("x", "", 0.0, 1.0, 0.5, "fraction of switches that are ON"),),
        drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
        noises=("switches turning OFF", "switches turning ON", "part of a switch"),
        rate=kernels.rate,
        advance=kernels.advance,
        conductance=conductance,
        current=current,
        charge=kernels.charge,
        calculus="jump",
        handles={"g_max": Handle(("g_on",)), "g_min": Handle(("g_off",)), **handles},
        increase_sign=1,
        twins=twins_of(slow_rates),
        select=select,
        reference=reference,
        doc=doc,
    )
    variants[0, False] = dataclasses.replace(model, advance=kernels.advance_mean, noises=())
    variants[0, True] = dataclasses.replace(model, advance=kernels.advance_alike, noises=())
    variants[1, False] = dataclasses.replace(model, advance=kernels.advance_single, noises=("switching",))
    return model
