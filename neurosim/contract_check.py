"""Whether a device keeps its contract: its kernels are one law, stay within bounds, and suit a crossbar.

These checks need nothing but the model and a card; they are what ``neurosim device check`` runs for every author, besides the
card's own expected numbers (:mod:`neurosim.self_test`). What they sample is on the bench (:mod:`neurosim.contract_bench`).

- ``advance`` agrees with ``rate`` integrated by scipy; a model of whole pulses: one pulse is ``rate`` times its width.
- The dead zone is dead, states stay within bounds under noise, conductances are finite and positive.
- ``increase_sign`` is the sign of the drive that raises the conductance; the ``rate`` handle scales dx/dt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from neurosim.card import Device
from neurosim.contract_bench import Bench, bench_of
from neurosim.device import DeviceModel
from neurosim.errors import NeurosimError, ParameterError

LEAST_TOLERANCE = 2e-5  # of a state's span: the reference integration's own error on steep laws, with a margin
EVENT = 0.5  # of its span: a state beside others that has no rate and yet moves so far has jumped (a branch, a domain)
STEPS_WITH_NOISE = 100
ROUNDING = 4e-16  # unit vectors leave their cube by rounding only
SHARES = np.array([-1.0, -0.7, -0.4, 0.4, 0.7, 1.0])  # of the largest drive
USES: Mapping[str, str] = MappingProxyType({
    "rate": "a crossbar cannot hold it, and rate spreads and stuck devices do not work",
    "g_min": "sigma on g_min and g_min= overrides do not work", "g_max": "sigma on g_max and g_max= overrides do not work"})


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
    model, findings = device.model, [kernels]
    if model.states and model.advance is not None and model.hazard is None:
        findings.append(_guarded("advance", _pulse_law if model.pulse else _advance_law, bench))
    if model.states and model.advance is not None:
        findings.append(_guarded("bounds", _bounds, bench))
    if model.conductance is not None:
        findings.append(_guarded("conductance", _conductances, bench))
    if model.dead_zone is not None:
        findings.append(_guarded("dead zone", _dead_zone, bench))
    if model.conductance is not None and model.states:
        findings.append(_guarded("handles", _handles, bench))
    if model.programmable and model.states:
        findings.append(_guarded("increase_sign", _increase_sign, bench))
    return findings


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
    return "states stay within theirs under noise"


def _conductances(bench: Bench) -> str:
    values = [bench.conductance(state) for state in bench.states.T]
    if not all(np.isfinite(g) and g > 0.0 for g in values):
        raise ParameterError(f"{values} S in the sampled states must be finite and positive.")
    return f"finite and positive, {min(values):.3g} to {max(values):.3g} S in the sampled states"


def _dead_zone(bench: Bench) -> str:
    lowest, highest = np.zeros(1), np.zeros(1)
    bench.model.require("dead_zone")(bench.params, lowest, highest, 0, 1)
    if lowest[0] > highest[0]:
        return "none"
    low, high = np.clip([lowest[0], highest[0]], -bench.largest, bench.largest)
    for state in bench.states.T:
        for drive in (low, 0.5 * (low + high), high):
            moves = np.any(bench.rate(state, drive)) or (bench.model.advance is not None
                                                        and np.any(bench.advance(state, drive, 1e-3) != state))
            if moves:
                raise ParameterError(f"the state moves at {drive:g} {bench.model.drives[0].unit}, inside "
                                     f"[{lowest[0]:g}, {highest[0]:g}]. Below threshold, rate and advance must change nothing.")
    return f"nothing moves from {lowest[0]:g} to {highest[0]:g} {bench.model.drives[0].unit}"


def _handles(bench: Bench) -> str:
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
    missing = [f'"{name}" is missing: {uses}' for name, uses in USES.items() if name not in model.handles]
    return "; ".join(missing) if missing else f"{', '.join(model.handles)}; all that a crossbar uses"


def _increase_sign(bench: Bench) -> str:
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
