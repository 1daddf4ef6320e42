"""Settling is a gradient flow: the energy never increases, and dynamics and Newton end at the same minimum."""

import numpy as np
import pytest

from neurosim.config import parse_config
from neurosim.crossbar_spec import Crossbar
from neurosim.errors import NotSettledError, ParameterError
from neurosim.experiment import build
from neurosim.kernels.newton import coupling_matrix, rest_residual
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons
from neurosim.rest import SettleOptions

TARGET = np.array([0.025, -0.025, -0.025])
INPUTS = np.random.default_rng(100).uniform(-0.2, 0.2, (5, 6))
TIGHT = {"distance": 1e-10, "local_error": 1e-8}


def settle(network, x, beta=0.0, **options):
    """Return the rest of a phase from the reset state, nudged by a constant current if beta is not zero."""
    network.present(x)
    network.reset()
    network.begin_phase(quiet=True)
    if beta:
        network.nudge(beta * network.g0 * TARGET)
    return network.settle(**options)


def energy_terms(network, voltage):
    """Return the terms of L [W] of each state, shape (m, terms): sum_i (V_r/c)(H_k m^2/2 - H_off m) - I V - V W V."""
    parts = []
    for population, where in zip(network.neurons, network.slices, strict=True):
        h_k, c, h_off, v_r = (population.params[population.model.param_index[name]] for name in ("h_k", "c", "h_off", "v_r"))
        m = voltage[:, where] / v_r
        parts += [v_r / c * 0.5 * h_k * m**2, -v_r / c * h_off * m]
    parts.append(-network.engine.fixed * voltage)
    for b, crossbar in enumerate(network.crossbars[1:]):
        source, target = voltage[:, network.slices[b]], voltage[:, network.slices[b + 1]]
        parts.append((-source[:, :, None] * crossbar.weights()[:-1] * target[:, None, :]).reshape(len(voltage), -1))
    return np.concatenate(parts, axis=1)


# Near rest the step is at the stability limit, about two tau, whatever the tolerance: only tight ones have mostly small steps.
SMALL_SHARE = {1e-3: 0.02, 1e-5: 0.02, 1e-9: 0.35, 1e-12: 0.65}


@pytest.mark.parametrize("beta", [0.0, 0.3, -0.3])
@pytest.mark.parametrize("local_error", SMALL_SHARE)
def test_settle_energy_never_increases(make_network, beta, local_error):
    network = make_network(gain=(1.5, 0.8), mode="transient", options={"local_error": local_error, "distance": 1e-10})
    small = count = 0
    for x in INPUTS:
        rest = settle(network, x, beta, record=5000)
        assert rest.status == "settled"
        terms = energy_terms(network, rest.line_voltage)
        energy, size = terms.sum(axis=1), np.abs(terms).sum(axis=1)
        tau = min(float(population.params[population.model.param_index["tau"]].min()) for population in network.neurons)
        steps, change = np.diff(rest.times), np.diff(energy)
        # Rounding of a sum of some 60 terms; a large step may add its own error times the force, below one swing's.
        allowed = np.where(steps <= 0.1 * tau, 1e-12, local_error) * size[1:]
        assert np.all(change <= allowed)
        assert energy[-1] < energy[0]
        small += np.count_nonzero(steps <= 0.1 * tau)
        count += steps.size
    assert small >= SMALL_SHARE[local_error] * count


@pytest.mark.parametrize("beta", [0.0, 0.3])
def test_energy_falls_by_what_the_neurons_dissipate(make_network, beta):
    # dL/dV = (H_k / c) (m - h), dV/dt = V_r (h - m) / tau, h = (c I + H_off) / H_k: dL/dt = -sum H_k V_r (h - m)^2 / (c tau)
    # over the neurons that are not held at +-1. Rates are below 2 / tau and their squares' below 4 / tau, so the trapezoid over
    # steps of h <= 0.1 tau is right within (4 h / tau)^2 / 12 = 1.3 %; later, larger steps hardly count.
    network = make_network(gain=(1.5, 0.8), mode="transient", options={"local_error": 1e-12, "distance": 1e-10})
    h_k, c, h_off, v_r, tau = (np.concatenate([p.params[p.model.param_index[name]] for p in network.neurons])
                               for name in ("h_k", "c", "h_off", "v_r", "tau"))
    for x in INPUTS:
        rest = settle(network, x, beta, record=5000)
        energy = energy_terms(network, rest.line_voltage).sum(axis=1)
        m, h = rest.line_voltage / v_r, (c * rest.line_current + h_off) / h_k
        held = (np.abs(m) == 1.0) & (m * (h - m) > 0.0)
        power = np.where(held, 0.0, h_k * v_r / (c * tau) * (h - m) ** 2).sum(axis=1)
        spent = np.sum(0.5 * (power[1:] + power[:-1]) * np.diff(rest.times))
        np.testing.assert_allclose(energy[0] - energy[-1], spent, rtol=0.013)


def test_dynamics_and_newton_end_at_the_same_rest_point(make_network):
    slow, fast = make_network(gain=(1.5, 0.6), mode="transient", options=TIGHT), make_network(gain=(1.5, 0.6))
    for x in INPUTS:
        for beta in (0.0, 0.3, -0.3):
            a, b = settle(slow, x, beta).raise_for_status(), settle(fast, x, beta).raise_for_status()
            assert a.time > 0.0
            assert np.abs(a.voltage - b.voltage).max() <= 1e-9 * slow.output_swing()


def test_transient_ends_at_a_minimum_of_the_energy(make_network):
    network = make_network(gain=(1.5, 0.8), mode="transient", options=TIGHT)
    for x in INPUTS:
        rest = settle(network, x).raise_for_status()
        again = network.equilibrium(rest.voltage)
        assert again.status == "settled"
        assert np.abs(again.voltage - rest.voltage).max() <= 1e-9 * network.output_swing()
        # Hessian of L in the unsaturated voltages: 1 / slope - A, symmetric because the crossbar is reciprocal.
        n = network.n_neurons
        residual, slope, coupling = np.empty(n), np.empty(n), np.empty((n, n))
        network.rest_equations(rest_residual, again.voltage, residual, slope)
        coupling_matrix(network.engine.layout, network.engine.values, coupling)
        np.testing.assert_array_equal(coupling, coupling.T)
        free = slope > 0
        assert free.any()
        root = np.sqrt(slope[free])
        assert np.linalg.eigvalsh(np.eye(free.sum()) - root[:, None] * coupling[np.ix_(free, free)] * root).min() > 0.0


def test_residual_at_rest_is_the_response_minus_the_voltage(make_network):
    # V = V_r clip((c I + H_off) / H_k, -1, 1) with I from the devices' conductances, all written out here.
    network = make_network(gain=(1.5, 0.6))
    x = INPUTS[0]
    voltage = settle(network, x).voltage
    first, second = (crossbar.weights() for crossbar in network.crossbars)
    hidden, output = voltage[network.slices[0]], voltage[network.slices[1]]
    v_read = network.synapse.v_read
    current = [np.append(x, v_read) @ first + second[:-1] @ output, np.append(hidden, v_read) @ second]
    for population, part, i in zip(network.neurons, (hidden, output), current, strict=True):
        h_k, c, h_off, v_r = (population.params[population.model.param_index[name]] for name in ("h_k", "c", "h_off", "v_r"))
        np.testing.assert_allclose(part, v_r * np.clip((c * i + h_off) / h_k, -1, 1), rtol=1e-11)


def test_read_energy_is_the_time_integral_of_v_squared_g(make_network):
    network = make_network(gain=(1.0, 0.5), mode="transient", options={"local_error": 1e-9, "distance": 1e-9})
    x = INPUTS[1]
    rest = settle(network, x, record=5000)
    lines = np.append(x, network.synapse.v_read)
    first, second = (crossbar.g for crossbar in network.crossbars)
    power = []
    for voltage in rest.line_voltage:
        hidden, output = voltage[network.slices[0]], voltage[network.slices[1]]
        source = np.append(hidden, network.synapse.v_read)
        # Forward read of both arrays, and the backward read that puts the outputs on both columns of each pair.
        back = (second[:, :3] + second[:, 3:]) @ output**2
        power.append(lines**2 @ first.sum(axis=1) + source**2 @ second.sum(axis=1) + back.sum())
    # Trapezoid over accepted steps of at most 0.05 tau: relative error below (h / tau)^2 / 12.
    integral = np.sum(np.diff(rest.times) * 0.5 * (np.array(power)[1:] + np.array(power)[:-1]))
    np.testing.assert_allclose(rest.energy, integral, rtol=2e-3)


def test_recording_a_phase_gives_the_same_bits(make_network):
    network = make_network(mode="transient")
    plain, recorded = settle(network, INPUTS[0]), settle(network, INPUTS[0], record=1000)
    np.testing.assert_array_equal(plain.voltage, recorded.voltage)
    assert (plain.time, plain.energy, plain.steps) == (recorded.time, recorded.energy, recorded.steps)
    assert len(recorded.times) == recorded.steps + 1


def test_too_short_a_time_limit_is_flagged_and_raises(make_network):
    network = make_network(mode="transient", options={"t_max": 1e-10})
    rest = settle(network, INPUTS[0])
    assert rest.status == "not_settled"
    with pytest.raises(NotSettledError, match="from rest after 1e-10 s"):
        rest.raise_for_status()


@pytest.mark.parametrize("change", [{"distance": 1e-3}, {"local_error": 1e-2}])
def test_settle_options_change_the_trajectory(make_network, change):
    a = settle(make_network(mode="transient"), INPUTS[0])
    b = settle(make_network(mode="transient", options=change), INPUTS[0])
    assert a.steps > b.steps


def test_read_noise_is_constant_within_a_phase_and_new_in_each(make_network):
    network = make_network(gain=(1.0, 0.5), synapse={"read_noise": 0.02})
    network.present(INPUTS[0])
    ends = []
    for _ in range(2):
        network.reset()
        network.begin_phase()
        ends.append(network.settle().voltage)
        again = network.settle().voltage  # Newton from its own rest point: rounding only
        assert np.abs(again - ends[-1]).max() <= 1e-15
    assert np.abs(ends[0] - ends[1]).max() > 1e-4 * network.output_swing()


def test_the_stated_distance_to_rest_is_not_too_small(main_job):
    # 106 neurons with all nonidealities, coupling norm 0.89: fast and slow modes decay together when the phase ends.
    network, voltages = main_job
    worst = 0.0
    for x in voltages:
        network.present(x)
        network.reset()
        network.begin_phase(quiet=True)
        rest = network.settle().raise_for_status()
        true = np.abs(network.equilibrium(rest.voltage).raise_for_status().voltage - rest.voltage) / network.saturation
        worst = max(worst, float(true.max()) / rest.distance)
    assert worst <= 1.5


def test_equilibrium_from_a_tight_transient_moves_the_main_job_by_less_than_a_billionth(main_job):
    network, voltages = main_job
    usual, network.options = network.options, SettleOptions(distance=1e-10, local_error=1e-8)
    try:
        for x in voltages[:10]:
            network.present(x)
            network.reset()
            network.begin_phase(quiet=True)
            rest = network.settle().raise_for_status()
            moved = np.abs(network.equilibrium(rest.voltage).raise_for_status().voltage - rest.voltage)
            assert moved.max() <= 1e-9 * network.output_swing()
    finally:
        network.options = usual


@pytest.fixture(scope="module")
def main_job():
    experiment = build(parse_config({}))
    return experiment.network, experiment.train_voltage[:60]


def test_inputs_that_no_phase_has_seen_are_not_settled(make_network):
    network = make_network()
    network.present(INPUTS[0])
    network.reset()
    network.begin_phase(quiet=True)
    network.settle()
    network.present(INPUTS[1])
    with pytest.raises(ParameterError, match="begin_phase"):
        network.settle()


@pytest.mark.parametrize("bad", [np.zeros(5), np.full(6, np.nan), np.full(6, 0.21), np.zeros((1, 6)), 0.1])
def test_line_voltages_that_no_read_allows_are_refused(make_network, bad):
    with pytest.raises(ParameterError, match="present"):
        make_network().present(bad)


@pytest.mark.parametrize(("card", "lowest", "highest"), [("hard_axis_mtj/nominal", -0.05, 0.05), ("stno/ross2023", 0.0, None)])
def test_output_range_is_what_the_neurons_can_give(card, lowest, highest):
    neuron = load_device(card)
    network = Network([Inputs(2), Neurons(3, neuron)], Crossbar(device=load_device("vteam/nominal")), seed=0)
    low, high = network.output_range()
    assert low == pytest.approx(lowest, abs=1e-6 * high)
    assert high == pytest.approx(neuron.value("v_r") if highest is None else highest, rel=1e-6)
