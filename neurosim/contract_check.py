"""Whether a device keeps its contract: its kernels are one law, stay within bounds, and suit a crossbar.

These checks need nothing but the model and a card; they are what ``neurosim device check`` runs for every author, besides the
card's own expected numbers (:mod:`neurosim.self_test`). What they sample is on the bench (:mod:`neurosim.contract_bench`).

- ``advance`` agrees with ``rate`` integrated by scipy; a model of whole pulses: one pulse is ``rate`` times its width.
- States stay within bounds under noise, and at a bound ``rate`` never points outward; conductances are finite and positive.
- What a crossbar relies on: dead zone, read limit, handles, sign (:mod:`neurosim.contract_use`).

A clause that does not apply to a device with a state is told with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from neurosim import contract_use as use
from neurosim.card import Device
from neurosim.contract_bench import SHARES, Bench, bench_of
from neurosim.device import DeviceModel
from neurosim.errors import NeurosimError, ParameterError

LEAST_TOLERANCE = 2e-5  # of a state's span: the reference integration's own error on steep laws, with a margin
EVENT = 0.5  # of its span: a state beside others that has no rate and yet moves so far has jumped (a branch, a domain)
STEPS_WITH_NOISE = 100
ROUNDING = 4e-16  # unit vectors leave their cube by rounding only


@dataclass(frozen=True)
class Finding:
    """One clause of the contract: its name, whether it holds, and one line for people."""

    kind: str
    ok: bool
    text: str

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"kind": self.kind, "ok": self.ok, "text": self.text}


def check_contract(device: Device) -> list[Finding]:
    """Return one finding per clause of the contract that applies to a device.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> all(finding.ok for finding in check_contract(load_device("vteam/nominal")))
    True
    """
    kernels = _guarded("kernels", _kernels, device.model)
    if not kernels.ok:
        return [kernels]
    try:
        bench = bench_of(device)
    except (NeurosimError, ArithmeticError, TypeError, IndexError) as error:
        return [kernels, Finding("kernels", False, f"kernels cannot be called: {error}")]
    return [kernels, *(_guarded(kind, check, bench) for kind, check in _clauses(device.model))]


def _clauses(model: DeviceModel) -> list[tuple[str, Callable[[Bench], str]]]:
    """Return the clauses that apply to a model, in the order in which they are told."""
    found: list[tuple[str, Callable[[Bench], str]]] = []
    if model.states:
        found += [("advance", _advance), ("bounds", _bounds)]
    if model.conductance is not None:
        found.append(("conductance", _conductances))
    if model.states and model.conductance is not None:
        if model.drives and model.drives[0].unit == "V":
            found += [("dead zone", use.dead_zone), ("reads", use.reads)]
        found.append(("handles", use.handles))
    if model.states and model.programmable:
        found.append(("increase_sign", use.increase_sign))
    return found


def _guarded(kind: str, check: Callable[[Any], str], subject: Any) -> Finding:
    """Return the finding of one check: it returns its text, or raises with what is wrong."""
    try:
        return Finding(kind, True, f"{kind}: {check(subject)}")
    except NeurosimError as error:
        return Finding(kind, False, f"{kind}: {error}")
    except (ArithmeticError, ValueError, TypeError, IndexError) as error:  # a kernel may fail in any of these ways
        return Finding(kind, False, f"{kind}: {type(error).__name__}: {error}")


def _kernels(model: DeviceModel) -> str:
    from neurosim.kernels.tables import function_table

    roles = [role for role in ("rate", "advance", "conductance", "charge", "output", "activation", "diffusion")
             if getattr(model, role) is not None]
    for role in roles:
        try:
            function_table(role, [getattr(model, role)])
        except TypeError as error:
            raise ParameterError(str(error)) from error
    return f"{', '.join(roles)} are compiled for their roles"


def _advance(bench: Bench) -> str:
    model = bench.model
    if model.advance is None:
        return "not judged: the model has none, so nothing but simulate and iv can use it"
    if model.hazard is not None:
        return "not judged: the state jumps at random, it is no integral of rate"
    return _pulse_law(bench) if model.pulse else _advance_law(bench)


def _advance_law(bench: Bench) -> str:
    from scipy.integrate import solve_ivp

    model, spans = bench.model, bench.spans
    low, high = (np.array([getattr(spec, side) for spec in model.states]) for side in ("low", "high"))
    allowed, worst, jumps = max(LEAST_TOLERANCE, 10.0 * model.advance_tolerance), 0.0, 0
    for state in bench.states.T:
        for drive in SHARES * bench.largest:
            seconds = bench.duration(state, drive)

            def slope(_: float, x: np.ndarray, drive: float = drive, seconds: float = seconds) -> np.ndarray:
                return bench.rate(np.clip(x, low, high), drive) * seconds

            exact = solve_ivp(slope, (0.0, 1.0), state, method="LSODA", rtol=1e-9, atol=1e-10 * float(spans.min()),
                              max_step=0.1)
            stepped = bench.advance(state, drive, seconds)
            if state.size > 1 and np.any((exact.y[:, -1] == state) & (np.abs(stepped - state) > EVENT * spans)):
                jumps += 1
                continue
            difference = np.abs(stepped - np.clip(exact.y[:, -1], low, high)) / spans
            worst = max(worst, float(difference.max()))
            if not difference.max() <= allowed:
                k = int(np.argmax(difference))
                raise ParameterError(f"after {seconds:.3g} s at {drive:g} {model.drives[0].unit} from {model.states[k].name} = "
                                     f"{state[k]:g}, advance differs from the integrated rate by {difference[k]:.2g} of the "
                                     f"span, allowed {allowed:.2g}. One of the two kernels has another law.")
    left_out = f"; {jumps} steps with a jump are not compared" if jumps else ""
    return f"agrees with the integrated rate within {worst:.1g} of the span (allowed {allowed:.1g}){left_out}"


def _pulse_law(bench: Bench) -> str:
    model = bench.model
    widths = [float(bench.params[model.param_index[name], 0]) for name in model.pulse]
    for state in bench.states.T:
        for drive in SHARES * bench.largest:
            width = widths[0] if drive * model.increase_sign > 0.0 else widths[-1]
            moved, expected = bench.advance(state, drive, width) - state, bench.rate(state, drive) * width
            if not np.all(np.abs(moved - expected) <= 1e-12 * bench.spans):
                raise ParameterError(f"one pulse of {drive:g} V and {width:.3g} s moves by {moved[0]:.6g}, its rate times the "
                                     f"width is {expected[0]:.6g}.")
    return "one pulse is the rate times its width"


def _bounds(bench: Bench) -> str:
    model, random = bench.model, np.random.default_rng(1)
    outward = _never_outward(bench)
    if model.advance is None:
        return outward
    low, high = (np.array([getattr(spec, side) for spec in model.states]) for side in ("low", "high"))
    for start in bench.states.T:
        state = start
        for _ in range(STEPS_WITH_NOISE):
            drive = float(bench.largest * random.uniform(-1.0, 1.0))
            seconds = 10.0 * bench.duration(state, drive)
            state = bench.advance(state, drive, seconds, random.standard_normal((max(1, len(model.noises)), 1)))
            slack = ROUNDING * np.maximum(1.0, np.abs(state))
            bad = ~((state >= low - slack) & (state <= high + slack))
            if bad.any():
                k = int(np.argmax(bad))
                raise ParameterError(f"{model.states[k].name} = {state[k]:g} after {seconds:.3g} s at {drive:g}, outside "
                                     f"[{low[k]:g}, {high[k]:g}]. Clip the state at the end of advance.")
    return f"states stay within theirs under noise{outward and f'; {outward}'}"


def _never_outward(bench: Bench) -> str:
    """Check the rate of the first state at both of its bounds, at drives of both signs, and return what was checked."""
    spec, shares = bench.model.states[0], np.concatenate([[0.0], SHARES])
    if not bench.boxed or bench.model.hazard is not None:  # jumps have no velocity
        return ""
    for bound, outward in ((spec.low, -1.0), (spec.high, 1.0)):
        state = bench.states[:, 0].copy()
        state[0] = bound
        for drive in shares * bench.largest:
            speed = float(bench.rate(state, drive)[0])
            if not speed * outward <= ROUNDING * bench.fastest:
                way = "up" if outward > 0.0 else "down"
                raise ParameterError(f"at {spec.name} = {bound:g} and {drive:g} {bench.unit}, rate is {speed:.3g} per second: "
                                     f"it goes {way}, beyond [{spec.low:g}, {spec.high:g}]. Return 0 where the state is at a "
                                     f"bound and would leave it.")
    return f"rate stops at both bounds of {spec.name}"


def _conductances(bench: Bench) -> str:
    values = [bench.conductance(state) for state in bench.states.T]
    if not all(np.isfinite(g) and g > 0.0 for g in values):
        raise ParameterError(f"{values} S in the sampled states must be finite and positive.")
    return f"finite and positive, {min(values):.3g} to {max(values):.3g} S in the sampled states"
