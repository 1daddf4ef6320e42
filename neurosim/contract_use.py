"""What a crossbar relies on: the clauses of the contract about dead zones, reads, handles and the sign of a write.

Each takes a device on the bench and returns one line for people, or raises a ParameterError with what is wrong and the remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from neurosim.contract_bench import SHARES, Bench
from neurosim.errors import ParameterError
from neurosim.units import format_quantity

DEAD_TIME = 1e-3  # s
NEEDED: Mapping[str, str] = MappingProxyType({
    "rate": "a crossbar cannot hold it, and rate spreads and stuck devices do not work",
    "g_min": "sigma on g_min and g_min= overrides do not work", "g_max": "sigma on g_max and g_max= overrides do not work"})
THRESHOLDS = ("threshold_up", "threshold_down")


def dead_zone(bench: Bench) -> str:
    """Below threshold nothing moves; a device that moves by itself moves as at zero drive (``rest_zone``)."""
    model = bench.model
    kernel = model.resting
    if kernel is None:
        return "not judged: the model declares none, so every voltage may move it"
    lowest, highest = np.zeros(1), np.zeros(1)
    kernel(bench.params, lowest, highest, 0, 1)
    if lowest[0] > highest[0]:
        return "none"
    low, high = np.clip([lowest[0], highest[0]], -bench.largest, bench.largest)
    for state in bench.states.T:
        alone = bench.rate(state, 0.0) if model.dead_zone is None else np.zeros_like(state)
        for drive in (low, 0.5 * (low + high), high):
            moves = np.any(bench.rate(state, drive) != alone)
            if model.advance is not None and not moves:
                after = bench.advance(state, 0.0, DEAD_TIME) if model.dead_zone is None else state
                moves = np.any(bench.advance(state, drive, DEAD_TIME) != after)
            if moves:
                raise ParameterError(f"the state moves at {drive:g} {bench.unit}, inside [{lowest[0]:g}, {highest[0]:g}]. "
                                     "Below threshold, rate and advance must change nothing.")
    between = f"from {lowest[0]:g} to {highest[0]:g} {bench.unit}"
    return f"nothing moves {between}" if model.dead_zone is not None else f"it moves by itself, {between} as at 0 {bench.unit}"


def reads(bench: Bench) -> str:
    """The card's ``v_read_max`` is within its range and harmless (:mod:`neurosim.characterise.read_limit`)."""
    from neurosim.characterise.one_pulse import is_volatile
    from neurosim.characterise.read_limit import HARMLESS, STANDARD_READ, STARTS, read_shift

    device, volts = bench.device, bench.device.v_read_max
    if not np.isfinite(volts):
        return "not judged: the card gives no v_read_max"
    if bench.model.advance is None:
        return "not judged: without advance nothing reads it"
    shown, seconds = format_quantity(volts, "V"), format_quantity(STANDARD_READ, "s")
    for key in ("v_min", "v_max"):
        if volts > abs(device.card.valid.get(key, np.inf)):
            raise ParameterError(f"v_read_max = {shown} is beyond {key} = {format_quantity(device.card.valid[key], 'V')} of "
                                 f"the card. Lower v_read_max.")
    volatile = is_volatile(device)  # judged from rest: it falls back by itself, and a read only delays that
    moved = read_shift(device, volts, start=(0.0,) if volatile else STARTS)
    if not moved < HARMLESS:
        raise ParameterError(f"{seconds} at v_read_max = {shown} moves the conductance by {100.0 * moved:.2g} % of its window, "
                             f"allowed is less than {100.0 * HARMLESS:g} %. Lower v_read_max.")
    change = "nothing" if moved <= 0.0 else f"{100.0 * moved:.1g} % of the window"
    return f"{seconds} at +-{shown} moves {change}{' from rest' if volatile else ''}"


def handles(bench: Bench) -> str:
    """The ``rate`` handle scales dx/dt; those that are missing are named with what does not work then."""
    model = bench.model
    if "rate" in model.handles:
        doubled, handle = bench.params.copy(), model.handles["rate"]
        for name in handle.params:
            doubled[model.param_index[name]] *= 2.0**handle.power
        for state in bench.states.T:
            for drive in SHARES * bench.largest:
                once, twice = bench.rate(state, drive), bench.rate(state, drive, doubled)
                if not np.allclose(twice[0], 2.0 * once[0], rtol=1e-6, atol=0.0) and not model.pulse:
                    raise ParameterError(f'"rate" doubled changes dx/dt at {drive:g} from {once[0]:g} to {twice[0]:g} per '
                                         f"second: it must scale the whole rate.")
    missing = [f'"{name}" is missing: {uses}' for name, uses in NEEDED.items() if name not in model.handles]
    thresholds = [name for name in THRESHOLDS if name not in model.handles] if model.programmable else []
    if thresholds:
        missing.append(f"no {', '.join(thresholds)}: sigma_threshold has no effect{' there' if len(thresholds) == 1 else ''}")
    present = ", ".join(name for name in (*NEEDED, *THRESHOLDS) if name in model.handles)
    return "; ".join([*([present] if present else []), *(missing or ["all that a crossbar uses"])])


def increase_sign(bench: Bench) -> str:
    """The sign of the drive that raises the conductance."""
    sign, best = bench.model.increase_sign, {1: 0.0, -1: 0.0}
    for state in bench.states.T:
        for drive in SHARES * bench.largest:
            change = bench.rate(state, drive) * 1e-3 * bench.duration(state, drive)
            low, high = (np.array([getattr(spec, side) for spec in bench.model.states]) for side in ("low", "high"))
            gained = bench.conductance(np.clip(state + change, low, high)) - bench.conductance(state)
            way = int(np.sign(drive)) * sign
            best[way] = max(best[way], gained)
    if best[1] <= 0.0 < best[-1]:
        raise ParameterError(f"increase_sign = {sign}, but drives of the other sign raise the conductance. Write {-sign}.")
    if best[1] <= 0.0:
        return f"no drive up to {bench.largest:g} raises the conductance: not judged"
    return f"{sign:+d} raises the conductance"
