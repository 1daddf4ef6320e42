"""A behavioural pulse model from the shape of its step: kernels, variants and contract that all models of this family share.

A shape is two scalar kernels, inlined into the loops of :mod:`devices.memristor.pulse_law`: ``rows(params, start, stop)``
returns the rows of parameters that the step needs, ``step(up, x, shape, k)`` the step of device k and whether that direction
is felt.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from devices.memristor.pulse_later import later_pulses_loop
from devices.memristor.pulse_law import (
    DRIVES,
    NOISES,
    PULSE,
    STATES,
    advance_loop,
    charge_loop,
    conductance,
    current,
    dead_zone_loop,
    handles,
    is_quiet,
    is_same,
    rate_loop,
)
from devices.memristor.pulse_population import Populate
from devices.memristor.pulse_twins import SlowStep, slow_twins
from neurosim.device import DeviceModel, ParamSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, DEAD_ZONE, RATE


def advances_of(rows: Any, step: Any, *, with_same: bool) -> dict[tuple[bool, bool], Any]:
    """Return the ``advance`` kernels of a shape by (quiet, same), see :func:`devices.memristor.pulse_law.advance_loop`."""

    @kernel(ADVANCE)
    def later_pulses(state, drive, params, noise, duration, start, stop):
        """Do the second and all further pulses of a call."""
        later_pulses_loop(step, rows, state, drive, params, noise, duration, start, stop)

    def advance_of(quiet: bool, same: bool) -> Any:
        """Return one variant; quiet: every sigma is zero, same: all devices share the pulse and noise parameters."""

        @kernel(ADVANCE)
        def advance(state, drive, params, noise, duration, start, stop):
            """Do the whole pulses of ``duration`` [s]."""
            advance_loop(step, rows(params, start, stop), later_pulses, state, drive, params, noise, duration, start, stop,
                         quiet, same)

        return advance

    kinds = [(quiet, same) for quiet in (False, True) for same in (False, True) if with_same or not same]
    return {kind: advance_of(*kind) for kind in kinds}


def judging_of(rows: Any, step: Any) -> tuple[Any, Any, Any]:
    """Return the kernels ``rate``, ``charge`` and ``dead_zone`` of a shape."""

    @kernel(RATE)
    def rate(state, drive, params, out, start, stop):
        """Write the quiet step over the pulse width [1/s]."""
        rate_loop(step, rows(params, start, stop), state, drive, params, out, start, stop)

    @kernel(CHARGE)
    def charge(state, drive, params, duration, out, start, stop):
        """Write the integral of i dt [C]: trapezoid of each pulse."""
        charge_loop(step, rows, state, drive, params, duration, out, start, stop)

    @kernel(DEAD_ZONE)
    def dead_zone(params, lowest, highest, start, stop):
        """Write the voltages [V] between which nothing moves."""
        dead_zone_loop(step, rows(params, start, stop), params, lowest, highest, start, stop)

    return rate, charge, dead_zone


def pulse_model(name: str, doc: str, *, params: tuple[ParamSpec, ...], rows: Any, step: Any, slow_step: SlowStep,
                steps: tuple[tuple[str, ...], tuple[str, ...]], populate: Populate, reference: str = "",
                with_same: bool = False) -> DeviceModel:
    """Return the model of a shape.

    Parameters
    ----------
    name, doc, params, populate, reference
        As in :class:`neurosim.device.DeviceModel`; ``params`` begin with those of :mod:`devices.memristor.pulse_law`.
    rows, step : scalar kernels
        The shape, see the top of this file.
    slow_step : callable
        ``slow_step(up, x, params)``: the step in plain Python.
    steps : tuple of two tuples of str
        The parameters that scale the raising and the lowering step; a direction where all are zero is not felt.
    with_same : bool
        Compile variants for devices that share pulse and noise parameters: worth it where the step costs little.
    """
    advances = advances_of(rows, step, with_same=with_same)
    rate, charge, dead_zone = judging_of(rows, step)

    def felt(up: bool, values: Mapping[str, float]) -> bool:
        """Tell whether pulses of a direction move the device at all."""
        return any(values[each] != 0.0 for each in steps[0 if up else 1])

    def select(array: np.ndarray) -> DeviceModel:
        """Return the variant with the fastest ``advance`` of the same law for this parameter array."""
        key = is_quiet(array), with_same and is_same(array)
        return dataclasses.replace(model, advance=advances[key]) if any(key) else model

    twins = slow_twins(slow_step, felt)
    twins["rate"].__module__ = slow_step.__module__  # cards find further figures of a model, like labels, beside this twin
    model = DeviceModel(
        name=name,
        params=params,
        states=STATES,
        drives=DRIVES,
        noises=NOISES,
        rate=rate,
        advance=advances[False, False],
        conductance=conductance,
        current=current,
        charge=charge,
        dead_zone=dead_zone,
        handles=handles(*steps[0], *steps[1]),
        increase_sign=1,
        pulse=PULSE,
        twins=twins,
        select=select,
        populate=populate,
        reference=reference,
        doc=doc,
    )
    return model
