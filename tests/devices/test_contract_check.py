"""``device check`` finds what an author gets wrong, and nothing in shipped models of each kind."""

import dataclasses

import pytest

from neurosim.contract_check import check_contract
from neurosim.device import Handle
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CONDUCTANCE, DEAD_ZONE, RATE
from neurosim.library import load_device
from neurosim.modifiers import modify_device

NOMINAL = load_device("vteam/nominal")


@kernel(ADVANCE)
def half_as_fast(state, drive, params, noise, duration, start, stop):
    """Step x by a law of its own, without any bound."""
    for j in range(start, stop):
        state[0, j] += 1e4 * drive[0, j] * duration[j]


@kernel(RATE)
def outward(state, drive, params, out, start, stop):
    """Stop at the upper bound only where the state would come back from it: it goes on outward."""
    for j in range(start, stop):
        f = 1e4 * drive[0, j]
        out[0, j] = 0.0 if (state[0, j] >= 1.0 and f < 0.0) or (state[0, j] <= 0.0 and f < 0.0) else f


@kernel(CONDUCTANCE)
def negative(state, params, out, start, stop):
    """G = -1 S."""
    for j in range(start, stop):
        out[j] = -1.0


@kernel(DEAD_ZONE)
def too_wide(params, lowest, highest, start, stop):
    """Promise that nothing moves up to 0.9 V; the threshold is 0.5 V."""
    for j in range(start, stop):
        lowest[j], highest[j] = -0.9, 0.9


def plain(state, params, out, start, stop):
    """Not compiled."""


def found(**changes):
    """Return the findings on vteam/nominal with something wrong in its model."""
    model = dataclasses.replace(NOMINAL.model, select=None, **changes)
    return {finding.kind: finding for finding in check_contract(dataclasses.replace(NOMINAL, model=model))}


@pytest.mark.parametrize("card", ["vteam/nominal", "linear_ion_drift/biolek2009", "pulse_step/alpha", "resistor/nominal",
                                  "hard_axis_mtj/nominal", "thermal_vo2/zhang2024", "team/pickett_a", "gap/sky130"])
def test_shipped_models_of_each_kind_keep_the_contract(card):
    assert [finding.text for finding in check_contract(load_device(card)) if not finding.ok] == []


@pytest.mark.parametrize(("changes", "kind", "words"), [
    ({"advance": half_as_fast}, "advance", "differs from the integrated rate"),
    ({"advance": half_as_fast}, "bounds", "outside [0, 1]"),
    ({"rate": outward}, "bounds", "at x = 1 and 0.8 V, rate is 8e+03 per second: it goes up, beyond [0, 1]"),
    ({"conductance": negative}, "conductance", "finite and positive"),
    ({"dead_zone": too_wide}, "dead zone", "the state moves at"),
    ({"increase_sign": 1}, "increase_sign", "Write -1"),
    ({"handles": {"rate": Handle(("k_off",))}}, "handles", "must scale the whole rate"),
    ({"conductance": plain}, "kernels", "plain is not decorated with @kernel(CONDUCTANCE)")])
def test_each_wrong_clause_is_found(changes, kind, words):
    finding = found(**changes)[kind]
    assert not finding.ok
    assert words in finding.text


def test_missing_handles_are_named_with_what_does_not_work():
    text = found(handles={})["handles"].text
    assert '"rate" is missing: a crossbar cannot hold it' in text
    assert '"g_max" is missing' in text


def on_card(name, **limits):
    """Return the findings on a card with other limits of its valid range."""
    device = load_device(name)
    card = dataclasses.replace(device.card, valid={**device.card.valid, **limits})
    return {finding.kind: finding for finding in check_contract(dataclasses.replace(device, card=card))}


@pytest.mark.parametrize(("volts", "words"), [
    (1.5, "1 us at v_read_max = 1.5 V moves the conductance by 1e+02 % of its window, allowed is less than 0.1 %. Lower"),
    (30.0, "v_read_max = 30 V is beyond v_min = -2 V of the card. Lower v_read_max.")])
def test_a_read_limit_that_writes_is_found(volts, words):
    finding = on_card("vteam/nominal", v_read_max=volts)["reads"]
    assert not finding.ok
    assert words in finding.text


def test_an_unknown_read_limit_is_not_judged():
    assert on_card("vteam/nominal", v_read_max=float("nan"))["reads"].text == "reads: not judged: the card gives no v_read_max"


def test_handles_that_a_threshold_spread_would_need_are_named():
    text = on_card("linear_ion_drift/biolek2009")["handles"].text
    assert text == "handles: rate, g_min, g_max; no threshold_up, threshold_down: sigma_threshold has no effect"
    assert on_card("vteam/nominal")["handles"].text.endswith("threshold_up, threshold_down; all that a crossbar uses")


def test_a_modified_device_is_sampled_over_its_whole_range_and_each_missing_clause_has_its_reason():
    device = modify_device(load_device("vteam/nominal"), [{"kind": "drift"}, {"kind": "rtn", "amplitude": "2 %"}])
    findings = {finding.kind: finding.text for finding in check_contract(device)}
    # x = 0.2, 0.5, 0.8: 1 / (10 kohm + 190 kohm x), and RTN as it starts
    assert findings["conductance"].startswith("conductance: finite and positive, 6.")
    assert "to 2" in findings["conductance"]
    assert findings["dead zone"] == "dead zone: it moves by itself, from -0.5 to 0.5 V as at 0 V"
    assert all(finding.ok for finding in check_contract(device))
    assert "not judged: the model declares none" in on_card("linear_ion_drift/biolek2009")["dead zone"].text
