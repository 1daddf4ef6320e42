"""Energy certificates: true ones are given, false ones refused, and their numbers are those of linear algebra."""

import json
from dataclasses import replace

import numpy as np
import pytest

from neurosim.certify import Setup, certify
from neurosim.certify.circuits import Circuits
from neurosim.certify.gradient import cosine, differences, natural_units, propagated
from neurosim.certify.networks import build_trial, direction_gains
from neurosim.certify.sweep import largest_rise
from neurosim.cli import run
from neurosim.errors import ParameterError
from neurosim.library import load_device
from tests.unit.toy_neuron import ROTATING, UNSTABLE, toy_device

SMALL = Setup(neurons=4, networks=2)
HARD_AXIS, SMTJ = "hard_axis_mtj/nominal", "smtj/nominal"


def judged(certificate):
    """Return the verdicts by claim."""
    return {verdict.claim: verdict.ok for verdict in certificate.verdicts}


def linear_gradient(trial, asymmetry):
    """Return the cost gradient of unsaturated hard-axis networks by an adjoint solve: V = (D - W)^-1 b, D = 1 / (dV/dI)."""
    w, n = trial.circuits.weights, trial.slope.shape[1]
    matrix = np.einsum("bi,ij->bij", 1.0 / trial.slope, np.eye(n)) - w
    v = np.linalg.solve(matrix, trial.circuits.bias[..., None])[..., 0]
    pull = (v - trial.goal) * trial.outputs
    mu = np.linalg.solve(matrix.transpose(0, 2, 1), pull[..., None])[..., 0]
    i, j = np.triu_indices(n, 1)
    gains = direction_gains(n, asymmetry)
    pairs = gains[i, j] * mu[:, i] * v[:, j] + gains[j, i] * mu[:, j] * v[:, i]
    return v, np.concatenate([pairs, mu], axis=1) * natural_units(trial)


def linear_estimate(trial, beta, nudge):
    """Return what centered nudging of unsaturated hard-axis networks gives, from its two linear rests."""
    n = trial.slope.shape[1]
    matrix = np.einsum("bi,ij->bij", 1.0 / trial.slope, np.eye(n)) - trial.circuits.weights
    free = np.linalg.solve(matrix, trial.circuits.bias[..., None])[..., 0]
    i, j = np.triu_indices(n, 1)
    products = []
    for sign in (1.0, -1.0):
        k = sign * beta * trial.g0 * trial.outputs
        pull = k * trial.goal if nudge == "spring" else k * (trial.goal - free)
        stiff = matrix + (np.einsum("bi,ij->bij", k, np.eye(n)) if nudge == "spring" else 0.0)
        v = np.linalg.solve(stiff, (trial.circuits.bias + pull)[..., None])[..., 0]
        products.append(np.concatenate([v[:, i] * v[:, j], v], axis=1))
    return -(products[0] - products[1]) / (2.0 * beta * trial.g0) * natural_units(trial)


# -- what is measured ----------------------------------------------------------------------------------------------------------
def test_uncoupled_neurons_relax_exponentially_to_their_rest():
    device = load_device(HARD_AXIS)
    params = np.repeat(np.array(device.params).reshape(-1, 1), 3, axis=1)
    field = np.array([[-0.4, 0.3, 0.6]])  # of h_k
    circuits = Circuits.build(device.model, params, np.zeros((1, 3, 3)), field * device.value("h_k") / device.value("c"))
    motion = circuits.settle(np.array([[0.9, -0.2, 0.1]]))
    expected = field + (motion.states[0] - field) * np.exp(-motion.times[:, None, None] / device.value("tau"))
    np.testing.assert_allclose(motion.states, expected, rtol=0, atol=1e-9)  # steps of 1e-11, of order one each
    assert motion.rested


def test_a_state_pushed_against_its_bound_stays_at_it():
    device = load_device(HARD_AXIS)
    params = np.array(device.params).reshape(-1, 1)
    bias = np.array([[3.0 * device.value("h_k") / device.value("c")]])
    motion = Circuits.build(device.model, params, np.zeros((1, 1, 1)), bias).settle(np.array([[0.0]]))
    assert motion.rested
    assert motion.end[0, 0] == 1.0


@pytest.mark.parametrize("asymmetry", [0.0, 0.2])
def test_differences_are_the_gradient_of_the_adjoint_solve(asymmetry):
    trial = build_trial(load_device(HARD_AXIS), replace(SMALL, asymmetry=asymmetry))
    motion = trial.circuits.settle(trial.start)
    voltage, exact = linear_gradient(trial, asymmetry)
    np.testing.assert_allclose(trial.circuits.voltage(motion.end), voltage, rtol=1e-9)
    found = differences(trial, motion, asymmetry)
    np.testing.assert_allclose(found.values, exact, rtol=0, atol=1e-7 * np.abs(exact).max())  # 1e-11 of a rest over 2e-3


@pytest.mark.parametrize("nudge", ["constant_current", "spring"])
def test_propagated_gradient_is_that_of_two_linear_rests(nudge):
    trial = build_trial(load_device(HARD_AXIS), replace(SMALL, asymmetry=0.1))
    found = propagated(trial, trial.circuits.settle(trial.start), 0.05, nudge).values
    expected = linear_estimate(trial, 0.05, nudge)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8 * np.abs(expected).max())


def test_angle_of_unequal_gains_is_that_of_linear_algebra():
    trial = build_trial(load_device(HARD_AXIS), SMALL)
    points = {point.value: point for point in certify(load_device(HARD_AXIS), SMALL).sweeps["asymmetry"]}
    for asymmetry in (0.1, 0.5):
        changed = trial.with_circuits(weights=trial.circuits.weights * direction_gains(4, asymmetry))
        _, exact = linear_gradient(changed, asymmetry)
        expected = cosine(linear_estimate(changed, 0.01, "constant_current"), exact)
        assert points[asymmetry].cosine == pytest.approx(expected, rel=1e-9)
    assert points[0.5].cosine < points[0.1].cosine < points[0.0].cosine == pytest.approx(1.0, rel=1e-12)
    assert points[0.5].rise > points[0.1].rise > 1e-6 > points[0.0].rise


def test_couplings_are_symmetric_with_the_stated_norm():
    trial = build_trial(load_device(SMTJ), replace(SMALL, norm=0.7))
    weights, root = trial.circuits.weights, np.sqrt(trial.slope)
    np.testing.assert_array_equal(weights, weights.transpose(0, 2, 1))
    scaled = root[:, :, None] * weights * root[:, None, :]
    np.testing.assert_allclose(np.linalg.norm(scaled, 2, axis=(1, 2)), 0.7, rtol=1e-12)
    assert np.ptp(trial.circuits.params[trial.circuits.model.param_index["gain"]]) > 0


def test_rises_in_sequence_add_up():
    energy = np.array([[10.0, 4.0], [3.0, 3.0], [4.0, 2.0], [5.0, 1.0], [0.0, 0.0]])
    assert largest_rise(energy) == 0.2  # from 3 to 5, of 10
    assert largest_rise(energy[:, 1:]) == 0.0
    assert largest_rise(np.array([[2.0], [np.nan], [1.0]])) == np.inf


# -- what is judged ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", [HARD_AXIS, SMTJ, "stno/ross2023", "phase_oscillator/nominal"])
def test_neurons_with_a_true_potential_are_certified(name):
    certificate = certify(load_device(name), sweeps=False)
    assert certificate.status == "certified"
    assert judged(certificate) == dict.fromkeys(("potential", "energy", "rest", "gradient", "order"), True)
    assert certificate.errors["constant_current"][certificate.betas.index(0.01)] <= 1e-4


def test_precession_stores_energy_that_the_output_does_not_show():
    device = load_device(HARD_AXIS, form="llg", alpha=0.02)  # underdamped, below 2 sqrt(h_k / m_s) = 0.089
    certificate = certify(device, SMALL, sweeps=False)
    assert certificate.status == "certified"
    assert certificate.errors["constant_current"][certificate.betas.index(0.01)] <= 1e-4
    shown = replace(device, model=replace(device.model, energy=None))
    assert judged(certify(shown, SMALL, sweeps=False))["energy"] is False


def test_wrong_sign_of_the_potential_fails():
    device = load_device(HARD_AXIS)
    true = device.model.potential

    def wrong(output, params, out, start, stop):
        true(output, params, out, start, stop)
        out[start:stop] *= -1.0

    certificate = certify(replace(device, model=replace(device.model, potential=wrong)), SMALL, sweeps=False)
    assert certificate.status == "failed"
    assert judged(certificate) == {"potential": False, "energy": False, "rest": True, "gradient": True, "order": True}


def test_couplings_that_differ_by_direction_fail():
    certificate = certify(load_device(HARD_AXIS), Setup(asymmetry=0.2), sweeps=False)
    found = judged(certificate)
    assert certificate.status == "failed"
    assert not (found["energy"])
    assert not (found["gradient"])
    assert not (found["order"])
    assert found["potential"]
    assert found["rest"]


def test_without_a_potential_nothing_is_certified():
    device = load_device(HARD_AXIS)
    certificate = certify(replace(device, model=replace(device.model, potential=None)), SMALL, sweeps=False)
    assert certificate.status == "not_certified"
    assert certificate.ok
    assert set(judged(certificate).values()) == {None}
    assert certificate.energy.size == 0
    assert "no potential" in certificate.verdicts[0].text


def test_noise_that_is_left_out_is_told():
    certificate = certify(load_device("phase_oscillator/nominal", form="phase"), Setup(neurons=3, networks=1), sweeps=False)
    assert certificate.status == "certified"
    assert "left out (phase)" in certificate.verdicts[0].text


def test_currents_without_a_rest_are_outside_the_range():
    def lost(drive, params, out, slope, start, stop):
        ROTATING.activation(drive, params, out, slope, start, stop)
        out[0, start:stop] = np.where(drive[0, start:stop] > 2.0, np.nan, out[0, start:stop])

    trial = build_trial(toy_device(replace(ROTATING, activation=lost)), SMALL)
    assert np.all(trial.swing > 10.0)  # from -10 V
    assert np.all(trial.swing <= 12.0)  # to 2 V at the last current with a rest


def test_spin_torque_costs_the_energy_of_a_wall_and_leaves_the_gradient():
    certificate = certify(load_device("domain_wall/nominal", form="wall"), Setup(neurons=3, networks=1), sweeps=False)
    assert certificate.status == "not_certified"
    assert "stt = 100000 breaks the energy" in certificate.verdicts[0].text
    assert largest_rise(certificate.energy) > 1e-3
    assert certificate.errors["constant_current"][certificate.betas.index(0.01)] <= 1e-4


def test_a_parameter_without_which_there_is_no_response_is_not_swept():
    def driven(drive, params, out, slope, start, stop):
        ROTATING.activation(drive, params, out, slope, start, stop)
        out[0, start:stop] *= params[0, start:stop] != 0.0

    device = replace(toy_device(replace(ROTATING, activation=driven)), params=np.array([0.5]))
    certificate = certify(device, Setup(neurons=2, networks=1))
    assert list(certificate.sweeps) == ["asymmetry"]
    assert any("twist is not swept" in verdict.text for verdict in certificate.verdicts)


def test_a_card_that_breaks_the_energy_by_declaration_is_not_certified():
    device = replace(toy_device(ROTATING), params=np.array([0.5]))
    certificate = certify(device, Setup(neurons=3, networks=1), sweeps=False)
    assert certificate.status == "not_certified"
    assert certificate.ok
    assert "twist = 0.5 breaks the energy" in certificate.verdicts[0].text
    assert largest_rise(certificate.energy) > 1e-6


def test_of_a_binary_neuron_only_the_energy_is_certified():
    device = load_device("phase_oscillator/ising")
    certificate = certify(device, SMALL)
    assert certificate.status == "energy_certified"
    assert judged(certificate) == {"response": None, "energy": True}
    assert certificate.energy.shape[1] == 16
    model = device.model

    def wrong(output, params, out, start, stop):
        model.potential(output, params, out, start, stop)
        out[start:stop] *= -1.0

    assert certify(replace(device, model=replace(model, potential=wrong)), SMALL).status == "failed"


def test_energy_of_hidden_states_counts():
    assert certify(toy_device(ROTATING), SMALL, sweeps=False).status == "certified"


def test_rotation_costs_the_energy_and_leaves_the_gradient():
    # The static response stays a straight line, V = i / (1 + twist^2): the gradient of the rest is found for any twist.
    points = certify(toy_device(ROTATING), Setup(neurons=3, networks=1)).sweeps["twist"]
    assert points[0].value == 0.0
    assert points[0].rise < 1e-9
    assert all(point.rested for point in points)
    assert points[-1].rise > points[3].rise > 1e-6
    for point in points:
        assert point.error < 1e-4
    # A lone neuron at 0.4 of the half swing moves by 0.2 of that where 1 / (1 + twist^2) = 1/2: the next third of a decade.
    assert 1.0 <= points[-1].value <= 10 ** (1 / 3)


def test_a_neuron_that_never_rests_is_told():
    certificate = certify(toy_device(UNSTABLE), Setup(neurons=2, networks=1), sweeps=False)
    assert certificate.status == "failed"
    assert judged(certificate)["rest"] is False
    assert "gradient" not in judged(certificate)


def test_a_parameter_that_breaks_the_energy_must_exist():
    with pytest.raises(ParameterError, match=r'breaks_energy names the unknown parameter "twits".*Did you mean'):
        replace(ROTATING, breaks_energy=("twits",))


@pytest.mark.parametrize("wrong", [{"norm": 1.0}, {"neurons": 1}, {"spread": -0.1}, {"asymmetry": 1.0}, {"networks": 0}])
def test_a_setup_outside_its_range_is_refused(wrong):
    with pytest.raises(ParameterError, match="certify: "):
        Setup(**wrong)


# -- the command ---------------------------------------------------------------------------------------------------------------
def test_command_exits_by_the_verdict_and_draws(capsys, tmp_path):
    few = ["--neurons", "4", "--networks", "2"]
    figure = tmp_path / "certificate.png"
    assert run(["device", "certify", HARD_AXIS, *few, "--json", "--out", str(figure)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "certified"
    assert figure.stat().st_size > 0
    assert [point["value"] for point in told["sweeps"]["asymmetry"]][:2] == [0.0, 0.01]
    assert run(["device", "certify", HARD_AXIS, *few, "--asymmetry", "0.3"]) == 1
    assert "FAIL  energy" in capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "words"), [
    (["vteam/nominal"], 'this model has no "output"'),
    ([HARD_AXIS, "--sweep", "tua"], "Did you mean"),
    ([HARD_AXIS, "--sweep", "h_k"], "cannot be swept from 0"),
    ([HARD_AXIS, "--norm", "1.5"], "coupling norm = 1.5"),
])
def test_bad_input_is_one_clear_line(capsys, arguments, words):
    assert run(["device", "certify", *arguments]) == 2
    assert words in capsys.readouterr().err
