"""Putting modifiers together: order, cards and arrays, experiment files, errors, and the page that lists them."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

import neurosim as ns
from neurosim.crossbar import CrossbarArray
from neurosim.errors import ParameterError
from neurosim.library import list_models, load_model
from neurosim.modifiers import CATALOGUE, ModifierTable, modify, modify_device, why_not
from neurosim.modifiers.tables import README, updated
from neurosim.nominal_write import NominalWrite
from neurosim.population import build_population

VALUES = {
    "rtn": {"amplitude": 0.3}, "flicker": {"amplitude": 1e-3, "states": 2}, "drift": {"nu": 0.1},
    "temperature": {"ambient": "350 K", "resistance_coefficient": 2e-3}, "levels": {"count": 6},
    "series_resistance": {"resistance": "3 kohm"}, "stuck": {"fault": 1.0}, "johnson_shot": {},
    "endurance": {"onset": 1.0, "slope": 20.0, "fail_conductance": "20 uS"},
}


def stack(*kinds, **changes):
    model = load_model("vteam")
    for kind in kinds:
        model = modify(model, kind, **{**VALUES[kind], **changes.get(kind, {})})
    return model


def by_name(model, n=7, seed=1):
    """Return states and parameters that depend on their names only, not on the order of rows."""
    state = []
    for spec in model.states:
        rng = np.random.default_rng([seed, *spec.name.encode()])
        state.append(np.round(rng.random(n)) if spec.name.endswith("trap") else 3.0 * rng.random(n) if spec.name != "x"
                     else rng.random(n))
    return np.array(state), model.default_params(n)


def seen(model):
    """Return conductance and current at one voltage for states drawn by name."""
    state, params = by_name(model)
    g, i, slope = np.empty(7), np.empty(7), np.empty(7)
    model.conductance(state, params, g, 0, 7)
    model.current(state, np.full((1, 7), 0.3), params, i, slope, 0, 7)
    return np.array([g, i])


def pairs(quick, more):
    """Return parameters of which the second part runs with the slow tests: every order of two modifiers compiles anew."""
    return [*quick, *(pytest.param(*pair, marks=pytest.mark.slow) for pair in more)]


@pytest.mark.parametrize(("one", "two"), pairs(
    [("rtn", "flicker"), ("drift", "temperature"), ("series_resistance", "johnson_shot")],
    [("rtn", "drift"), ("rtn", "temperature"), ("flicker", "drift"), ("flicker", "temperature"), ("rtn", "johnson_shot"),
     ("levels", "johnson_shot"), ("stuck", "johnson_shot")]))
def test_factors_of_the_conductance_commute(one, two):
    np.testing.assert_allclose(seen(stack(one, two)), seen(stack(two, one)), rtol=1e-13)


@pytest.mark.parametrize(("one", "two"), pairs(
    [("rtn", "levels"), ("rtn", "series_resistance")],
    [("drift", "levels"), ("temperature", "series_resistance"), ("levels", "series_resistance"), ("drift", "endurance")]))
def test_order_matters_where_the_page_says_so(one, two):
    first, second = stack(one, two), stack(two, one)
    assert np.max(np.abs(seen(first) / seen(second) - 1.0)) > 1e-3


def test_a_trap_inside_a_stuck_device_stands_still_and_one_outside_goes_on():
    flips = {}
    for kinds in (("rtn", "stuck"), ("stuck", "rtn")):
        model = stack(*kinds)
        state, params = np.zeros((2, 400)), model.default_params(400)
        noise = np.random.default_rng(1).standard_normal((len(model.noises), 400))
        model.advance(state, np.zeros((1, 400)), params, noise, np.full(400, 1.0), 0, 400)
        flips[kinds[0]] = state[model.state_index["rtn_trap"]].mean()
    assert flips["rtn"] == 0.0
    assert flips["stuck"] == pytest.approx(1.0 / 3.0, abs=5.0 * np.sqrt(2.0 / 9.0 / 400))


def test_levels_of_a_noisy_conductance_are_levels_and_a_noisy_level_is_not():
    inside, outside = seen(stack("rtn", "levels"))[0], seen(stack("levels", "rtn"))[0]
    levels = np.linspace(5e-6, 1e-4, 6)

    def distance(g):
        return np.abs(g[:, None] - levels).min(axis=1)

    np.testing.assert_allclose(distance(inside), 0.0, atol=1e-18)
    assert distance(outside).max() > 1e-7


def test_what_is_inside_a_hot_device_ages_faster_and_what_is_outside_does_not():
    hot = {"temperature": {"ambient": "400 K", "activation_energy": "0.5 eV"}}
    ages = {}
    for kinds in (("drift", "temperature"), ("temperature", "drift")):
        model = stack(*kinds, **hot)
        state, params = model.initial_state(), model.default_params()
        model.advance(state, np.zeros((1, 1)), params, np.zeros((1, 1)), np.array([1e3]), 0, 1)
        ages[kinds[0]] = 20.0 * np.expm1(state[model.state_index["drift_age"], 0])
    assert ages["temperature"] == pytest.approx(1e3, rel=1e-9)
    assert ages["drift"] == pytest.approx(1e3 * np.exp(0.5 / 8.617333262e-5 * (1 / 300 - 1 / 400)), rel=1e-9)


@pytest.fixture(scope="module")
def device():
    return modify_device(ns.load_device("vteam/nominal", g_max="80 uS"), [
        {"kind": "rtn", "amplitude": "5 %", "capture_time": "10 us", "emission_time": "10 us"},
        {"kind": "levels", "count": 32},
        {"kind": "series_resistance", "resistance": "500 ohm"},
    ])


def test_a_modified_card_keeps_its_overrides_and_takes_new_ones(device):
    assert device.value("g_max") == pytest.approx(80e-6)
    assert device.value("rtn_amplitude") == 0.05
    assert device.value("levels_high") == pytest.approx(80e-6)  # the window of this card with its override
    changed = device.override(rtn_amplitude="1 %", g_min="3 uS")
    assert changed.value("rtn_amplitude") == 0.01
    assert changed.fingerprint != device.fingerprint
    with pytest.raises(ParameterError, match="rtn_amplitud"):
        device.override(rtn_amplitud=0.1)


def test_parameters_of_a_modifier_can_be_spread(device):
    population = build_population(device, 5000, spreads={"rtn_amplitude": 0.3, "g_max": 0.1}, seed=3)
    row = population.params[device.model.param_index["rtn_amplitude"]]
    assert np.std(np.log(row)) == pytest.approx(0.3, rel=0.05)
    assert np.median(row) == pytest.approx(0.05, rel=0.05)


def test_a_crossbar_of_modified_devices_is_formed_read_and_written(device):
    spec = ns.Crossbar(device=device, v_read=0.1, sigma_d2d=0.05, sigma_c2c=0.1, stuck_fraction=0.05)
    array = CrossbarArray(spec, 6, 4, seed=2, name="test")
    array.form(np.zeros((7, 4)), *spec.nominal_window())
    before = array.g.copy()
    width = np.zeros((7, 8))
    width[2, :4], width[2, 4:] = 2e-7, -2e-7
    energy, pulses, rows = array.program_in_place(width, -0.9, 0.9, 2e-7)
    assert (pulses, rows) == (8.0, 1.0)
    # The row at V for its pulse and V / 2 for the other part, all others at V / 2 for one pulse; g moves by some per cent.
    expected = 0.81 * 2e-7 * (1.25 * before[2].sum() + 0.25 * (before.sum() - before[2].sum()))
    assert energy == pytest.approx(expected, rel=0.05)
    works = array.population.stuck.reshape(7, 8)[2] == 0
    assert np.all((array.g[2] > before[2])[:4][works[:4]])
    assert np.all((array.g[2] < before[2])[4:][works[4:]])
    assert np.isfinite(array.g).all()


def test_faults_of_a_modified_device_are_drawn_with_the_population():
    device = modify_device(ns.load_device("vteam/nominal"), [{"kind": "stuck", "unformed_fraction": "10 %"}])
    population = build_population(device, 4000, seed=1)
    assert abs(np.mean(population.conductance() == 1e-9) - 0.1) < 5.0 * np.sqrt(0.09 / 4000)
    same = build_population(device, 4000, seed=1)
    assert population.params.tobytes() == same.params.tobytes()


# -- experiment files ----------------------------------------------------------------------------------------------------
class Section(BaseModel):
    modifiers: list[ModifierTable] = []


def test_an_experiment_file_gives_the_same_device_as_python_and_its_resolved_form_reads_back():
    import tomllib

    section = Section.model_validate(tomllib.loads("""
    modifiers = [
      { kind = "rtn", amplitude = "2 %", capture_time = "2 ms" },
      { kind = "selector", law = "transistor", current = "100 uA" },
      { kind = "flicker", states = 4 },
    ]"""))
    given = [table.given() for table in section.modifiers]
    assert given == [{"kind": "rtn", "amplitude": 0.02, "capture_time": 2e-3},
                     {"kind": "selector", "law": "transistor", "current": 1e-4}, {"kind": "flicker", "states": 4}]
    again = Section.model_validate(json.loads(section.model_dump_json()))
    assert again == section
    names = [spec.name for spec in modify_device(ns.load_device("vteam/nominal"), given).model.states]
    assert names == ["x", "rtn_trap", *(f"flicker_u{k}" for k in range(1, 5))]


@pytest.mark.parametrize(("table", "message"), [
    ({"kind": "rtm"}, 'no modifier "rtm". Did you mean "rtn"?'),
    ({"amplitude": 0.1}, "a table with kind"),
    ("rtn", "a table with kind"),
    ({"kind": "rtn", "amplitud": 0.1}, 'unknown value "amplitud". Did you mean "amplitude"?'),
    ({"kind": "rtn", "capture_time": "2 mV"}, "wrong unit"),
    ({"kind": "rtn", "capture_time": "2"}, "has no unit"),
    ({"kind": "rtn", "amplitude": 1.5}, "is outside"),
    ({"kind": "rtn", "amplitude": float("nan")}, "not a finite number"),
    ({"kind": "series_resistance", "resistance": "-1 ohm"}, "is outside"),
    ({"kind": "selector", "law": "tunnel"}, "allowed: exponential, diode, transistor"),
    ({"kind": "flicker", "states": 2.5}, "a whole number"),
    ({"kind": "flicker", "states": 1}, "a whole number in [2, 64]"),
    ({"kind": "stuck", "on_fraction": "120 %"}, "a number in [0, 1]"),
])
def test_mistakes_in_an_experiment_file_name_the_value_and_what_is_allowed(table, message):
    with pytest.raises(ValidationError) as caught:
        Section.model_validate({"modifiers": [{"kind": "rtn"}, table]})
    error = caught.value.errors()[0]
    assert message in error["msg"]
    assert error["loc"][:2] == ("modifiers", 1)


def test_the_schema_lists_every_kind_with_its_values():
    kinds = ModifierTable.model_json_schema()["oneOf"]
    assert [kind["properties"]["kind"]["const"] for kind in kinds] == list(CATALOGUE)


@pytest.mark.parametrize(("model", "kind", "values", "message"), [
    ("macrospin", "rtn", {}, "not a two-terminal device"),
    ("resistor", "retention", {}, "no state"),
    ("pulse_step", "series_resistance", {}, "counts whole pulses"),
    ("diode", "temperature", {}, "a temperature of its own"),
    ("vteam", "rtm", {}, 'Did you mean "rtn"'),
    ("vteam", "rtn", {"amplitude": "5 V"}, "wrong unit"),
    ("vteam", "stuck", {"on_fraction": 0.7, "off_fraction": 0.6}, "add up to 1.3"),
    ("vteam", "levels", {"low": "20 uS", "high": "10 uS"}, "low = 20 uS is not below"),
    ("vteam", "flicker", {"frequency_low": "1 kHz", "frequency_high": "1 Hz"}, "frequency_low = 1 kHz is not below"),
])
def test_what_cannot_be_put_on_says_why(model, kind, values, message):
    with pytest.raises(ParameterError, match=message):
        modify(load_model(model), kind, **values)


def test_temperature_and_noise_of_the_terminals_are_put_on_once():
    hot = modify(load_model("vteam"), "temperature")
    with pytest.raises(ParameterError, match="temperature_ambient"):
        modify(hot, "self_heating")
    noisy = modify(load_model("vteam"), "johnson_shot")
    with pytest.raises(ParameterError, match="once"):
        modify(noisy, "johnson_shot")


# -- the page ------------------------------------------------------------------------------------------------------------
def test_the_page_of_modifiers_is_up_to_date():
    text = README.read_text(encoding="utf-8")
    assert text == updated(text), "run: python -m neurosim.modifiers --write"


@pytest.mark.slow
@pytest.mark.parametrize("name", list_models())
def test_every_model_of_the_library_works_with_a_modifier(name):
    # One kind for each model, all kinds over all models: every pair compiles kernels of its own.
    model = load_model(name)
    kinds = list(CATALOGUE)[list(list_models()).index(name) % len(CATALOGUE):] + list(CATALOGUE)
    kind = next((kind for kind in kinds if not why_not(CATALOGUE[kind], model)), None)
    if kind is None:
        with pytest.raises(ParameterError, match="not a two-terminal device"):
            modify(model, "levels")
        return
    changed = modify(model, kind)
    state, params = changed.initial_state(3), changed.default_params(3)
    noise, g = np.full((max(1, len(changed.noises)), 3), 0.3), np.empty(3)
    changed.advance(state, np.array([[0.0, 0.2, -0.2]]), params, noise, np.full(3, 1e-9), 0, 3)
    changed.conductance(state, params, g, 0, 3)
    assert np.isfinite(state).all()
    assert np.isfinite(g).all()
    assert np.all(g >= 0.0)


def test_what_a_model_says_it_contains_are_modifiers():
    assert {kind for name in list_models() for kind in load_model(name).contains} <= set(CATALOGUE)


def test_checking_an_experiment_file_compiles_nothing():
    code = ("import sys; from neurosim.modifiers import ModifierTable; ModifierTable(kind='rtn', amplitude='2 %'); "
            "sys.exit('numba' in sys.modules)")
    root = Path(importlib.import_module("neurosim").__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, timeout=60, check=False).returncode == 0


# -- noise rows and rest ---------------------------------------------------------------------------------------------------
def test_more_noise_than_an_array_has_numbers_for_is_refused():
    with pytest.raises(ParameterError, match=r"vteam\+flicker: 65 rows .* an array has 64.*fewer states") as told:
        modify(load_model("vteam"), "flicker", states=64)
    assert told.value.exit_code == 2


def zone(model, **params):
    values, low, high = model.default_params(), np.empty(1), np.empty(1)
    for name, value in params.items():
        values[model.param_index[name]] = value
    model.rest_zone(values, low, high, 0, 1)
    return low[0], high[0]


def test_what_ages_or_fluctuates_rests_between_the_thresholds_of_the_device():
    assert zone(stack("rtn")) == (-0.5, 0.5)
    assert zone(stack("rtn", "series_resistance")) == (-0.5, 0.5)
    assert zone(stack("drift")) == (-0.5, 0.5)
    assert zone(stack("drift"), drift_v_write=0.2) == (-0.2, 0.2)
    assert zone(stack("rtn", "stuck")) == (-1e30, 1e30)
    assert stack("drift").params[-2].default == 0.5  # v_write: the threshold of the device
    assert modify(load_model("two_state"), "drift").params[-2].default == 0.3  # no threshold
    assert modify(load_model("two_state"), "drift").resting is None
    assert modify(stack("rtn"), "self_heating").resting is None  # it warms at any voltage


def test_a_modified_device_is_written_with_the_pulses_of_the_plain_one():
    plain = ns.load_device("vteam/nominal")
    for modifiers in ([{"kind": "rtn"}], [{"kind": "retention"}], [{"kind": "drift"}, {"kind": "flicker", "states": 2}]):
        found, expected = (NominalWrite.of(device, None, 0.02) for device in (modify_device(plain, modifiers), plain))
        assert (found.v_raise, found.v_lower) == (expected.v_raise, expected.v_lower)
        assert found.raise_slope == pytest.approx(expected.raise_slope, rel=1e-3)


def test_half_selected_devices_at_rest_age_by_waiting_only():
    device = modify_device(ns.load_device("vteam/nominal"), [{"kind": "drift", "nu": 0.1, "time": "1 us"}])
    array = CrossbarArray(ns.Crossbar(device=device, v_read=0.1), 5, 3, seed=2, name="test")
    width = np.zeros((6, 6))
    width[2, 1] = 2e-7
    array.program_in_place(width, -0.9, 0.9, 2e-7)
    age = array.population.state[1].reshape(6, 6)
    written = age.copy()
    written[2, 1] = 0.0
    np.testing.assert_array_equal(written, 0.0)
    array.wait(1e-3)
    np.testing.assert_allclose(np.delete(age.ravel(), 13), np.log1p(1e-3 / 1e-6), rtol=1e-12)
