"""The device contract on modified models: the tests of test_contract.py, run on a representative set of (model, modifiers)."""

import math

import numpy as np
import pytest
import test_contract as contract
from scipy.integrate import quad

from neurosim.modifiers import CATALOGUE, modify

# Values that make a modifier matter within the durations of the contract suite (1 us for vteam, 1 ms for two_state).
STACKS = {
    "vteam+series_resistance": [("series_resistance", {"resistance": "2 kohm"})],
    "messaris+series_resistance": [("series_resistance", {"resistance": "1 kohm"})],
    "diode+series_resistance": [("series_resistance", {"resistance": "50 ohm"})],
    "two_state+selector": [("selector", {"current": "1 mA", "voltage": "50 mV"})],
    "vteam+rtn": [("rtn", {"capture_time": "1 us", "emission_time": "2 us"})],
    "two_state+flicker": [("flicker", {"frequency_low": "1 Hz", "frequency_high": "1 kHz", "states": 4})],
    "vteam+johnson_shot": [("johnson_shot", {})],
    "messaris+drift": [("drift", {"time": "1 ms", "v_write": "0.4 V", "renew_time": "2 ms"})],
    "two_state+retention": [("retention", {"time": "2 ms", "exponent": 1.4, "v_write": "0.1 V", "renew_time": "1 ms"})],
    "two_state+temperature": [("temperature", {"ambient": "305 K", "activation_energy": "0.3 eV", "conduction_energy": "0.1 eV",
                                               "resistance_coefficient": 1e-3})],
    "vteam+self_heating": [("self_heating", {"activation_energy": "0.2 eV", "thermal_resistance": "300 kK/W",
                                             "thermal_time": "0.2 us", "conduction_energy": "0.05 eV"})],
    "vteam+stuck": [("stuck", {})],
    "messaris+levels": [("levels", {"count": 8})],
    "vteam+endurance": [("endurance", {"onset": 10.0, "slope": 0.3})],
    "pulse_step+rtn": [("rtn", {"capture_time": "1 us", "emission_time": "2 us", "exponent": 0.5})],
    "two_state+rtn+series_resistance+johnson_shot": [("rtn", {"capture_time": "1 ms", "emission_time": "2 ms"}),
                                                     ("series_resistance", {"resistance": "50 ohm"}), ("johnson_shot", {})],
}
MODELS = {}
N = contract.N


def load(name):
    """Return a modified model, built once."""
    if name not in MODELS:
        model = contract_load(name.partition("+")[0])
        for kind, values in STACKS.get(name, []):
            model = modify(model, kind, **values)
        MODELS[name] = model
    return MODELS[name]


contract_load = contract.load
contract_draw = contract.draw


def draw(name, n=N, seed=1):
    """Draw like the suite; states without a bound are drawn within three of their scales."""
    model, finite = load(name), []
    for spec in model.states:
        low = -3.0 * spec.scale if spec.low == -math.inf else spec.low
        high = 3.0 * spec.scale if spec.high == math.inf else spec.high
        finite.append((low, high))
    rng, base = np.random.default_rng(seed), name.partition("+")[0]
    params = model.default_params(n)
    inner = contract_draw(base, n, seed)
    params[:len(inner[3])] = inner[3]
    for row, spec in enumerate(model.params):
        if row >= len(inner[3]):
            spread = 0.02 if spec.unit == "K" else 0.2
            params[row] = np.clip(spec.default * rng.uniform(1.0 - spread, 1.0 + spread, n), spec.low, spec.high)
    if "stuck_fault" in model.param_index:
        params[model.param_index["stuck_fault"]] = rng.integers(-1, 3, n)
    state = np.array([rng.uniform(low, high, n) for low, high in finite]).reshape(len(finite), n)
    return model, state, inner[2], params, rng.standard_normal((len(model.noises), n)), inner[5]


@pytest.fixture(autouse=True)
def suite(monkeypatch):
    """Let the suite load and draw modified models."""
    monkeypatch.setattr(contract, "load", load)
    monkeypatch.setattr(contract, "draw", draw)
    for name in STACKS:
        monkeypatch.setitem(contract.CASES, name, contract.CASES[name.partition("+")[0]])


# Each stack compiles kernels of its own: the default run takes one of each kind, the others are slow tests.
QUICK = ("vteam+series_resistance", "two_state+selector", "vteam+rtn", "two_state+flicker", "vteam+johnson_shot",
         "messaris+drift", "two_state+retention", "two_state+temperature", "vteam+self_heating", "vteam+stuck",
         "messaris+levels", "vteam+endurance")
EVERY = [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in STACKS]


def stepped(model):
    return model.advance_tolerance > 1e-9


@pytest.mark.parametrize("name", EVERY)
def test_modified_model_is_complete(name):
    contract.test_model_is_complete(name)
    contract.test_every_role_has_an_oracle(name)


@pytest.mark.parametrize("name", EVERY)
def test_every_kernel_is_its_slow_twin(name):
    for role in load(name).twins:
        contract.test_kernel_is_its_slow_twin(name, role)


@pytest.mark.parametrize("name", EVERY)
def test_advance_is_the_rate_integrated_and_can_be_split(name):
    if load(name).pulse:
        contract.test_pulses_in_one_call_are_as_many_calls_of_one_pulse(name)
        return
    contract.test_advance_is_the_rate_integrated(name)
    contract.test_quiet_advance_can_be_split(name)


@pytest.mark.parametrize("name", EVERY)
def test_states_stay_within_their_bounds(name):
    contract.test_states_stay_within_their_bounds(name)


def test_a_faster_variant_of_the_inner_model_is_used_and_is_the_same_law():
    model = load("vteam+rtn")
    chosen = model.select(model.default_params(3))
    assert chosen.advance is not model.advance
    assert chosen.params == model.params
    contract.test_selected_variant_is_the_same_law("vteam+rtn")


@pytest.mark.parametrize("name", ["vteam+johnson_shot", "vteam+stuck", "vteam+endurance"])
def test_nothing_moves_in_the_dead_zone(name):
    contract.test_nothing_moves_in_the_dead_zone(name)


def test_nothing_moves_in_the_dead_zone_of_a_loaded_device():
    # The zone of the device itself: the resistor only widens it, by up to R i(threshold) < 25 % here.
    model, state, _, params, noise, duration = draw("vteam+series_resistance", seed=7)
    lowest, highest = np.zeros(N), np.zeros(N)
    model.dead_zone(params, lowest, highest, 0, N)
    for edge in (lowest, highest):
        assert contract.advanced(model.advance, state, edge[None, :], params, noise, duration).tobytes() == state.tobytes()
    moved = contract.advanced(model.advance, state, 1.3 * highest[None, :], params, 0.0 * noise, duration)
    assert np.all(moved[0] > state[0])


@pytest.mark.parametrize("name", [name for name in QUICK if CATALOGUE[name.partition("+")[2]].ages])
def test_what_ages_or_fluctuates_at_zero_volts_has_no_dead_zone(name):
    assert load(name).dead_zone is None


@pytest.mark.parametrize("name", EVERY)
def test_current_is_passive_and_its_slope_is_its_derivative(name):
    contract.test_current_is_passive_and_its_slope_is_its_derivative(name)


@pytest.mark.parametrize("name", ["vteam+rtn", "vteam+johnson_shot", "two_state+temperature", "vteam+stuck", "vteam+endurance"])
def test_charge_is_the_current_integrated(name):
    contract.test_charge_is_the_current_integrated(name)
    contract.test_charge_of_a_tiny_step_does_not_cancel(name)


@pytest.mark.parametrize("name", ["vteam+series_resistance", "two_state+selector", "two_state+retention", "vteam+self_heating",
                                  pytest.param("two_state+rtn+series_resistance+johnson_shot", marks=pytest.mark.slow)])
def test_charge_in_sub_steps_is_the_current_integrated_to_a_millionth(name):
    model, state, drive, params, _, duration = draw(name, n=8, seed=9)
    assert stepped(model)
    q = np.zeros(8)
    model.charge(state, drive, params, duration, q, 0, 8)
    for j in range(8):
        x, d, p = (a[:, j:j + 1].copy() for a in (state, drive, params))

        def current(t, x=x, d=d, p=p):
            moved, i = contract.advanced(model.advance, x, d, p, np.zeros((len(model.noises), 1)), np.array([t])), np.zeros(1)
            model.current(moved, d, p, i, np.zeros(1), 0, 1)
            return i[0]

        expected, _ = quad(current, 0.0, duration[j], epsrel=1e-8, epsabs=0.0, limit=200)
        np.testing.assert_allclose(q[j], expected, rtol=1e-6)
    contract.test_charge_of_a_tiny_step_does_not_cancel(name)


def test_charge_has_the_noise_before_the_step():
    name, inner = "two_state+flicker", contract_load("two_state")
    model, state, drive, params, _, duration = draw(name, seed=9)
    q, q_inner, g, g_inner = np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N)
    own_state, own_params = state[:1].copy(), params[:len(inner.params)].copy()
    model.charge(state, drive, params, duration, q, 0, N)
    model.conductance(state, params, g, 0, N)
    inner.charge(own_state, drive, own_params, duration, q_inner, 0, N)
    inner.conductance(own_state, own_params, g_inner, 0, N)
    np.testing.assert_allclose(q, q_inner * (g / g_inner), rtol=1e-13)


@pytest.mark.parametrize("name", EVERY)
def test_columns_outside_start_and_stop_are_untouched_and_bits_repeat(name):
    for role in contract.ROLES:
        if getattr(load(name), role) is not None:
            contract.test_columns_outside_start_and_stop_are_untouched_and_bits_repeat(name, role)


def test_every_modifier_is_in_some_quick_stack():
    assert {kind for name in QUICK for kind, _ in STACKS[name]} == set(CATALOGUE)
