"""``device check`` finds what an author gets wrong, and nothing in shipped models of each kind."""

import dataclasses

import pytest

from neurosim.contract_check import check_contract
from neurosim.device import Handle
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CONDUCTANCE, DEAD_ZONE
from neurosim.library import load_device

NOMINAL = load_device("vteam/nominal")


@kernel(ADVANCE)
def half_as_fast(state, drive, params, noise, duration, start, stop):
    """Step x by a law of its own, without any bound."""
    for j in range(start, stop):
        state[0, j] += 1e4 * drive[0, j] * duration[j]


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
