"""Equilibrium propagation gives the gradient of the cost: against the adjoint solve, and that against differences."""

import numpy as np
import pytest
from ep_oracle import TARGET, cosine, flat, phases_and_gradients, relative_error, usable

from neurosim.learning.adjoint import adjoint_gradient, contrast_gradient
from neurosim.learning.estimators import EqProp

BETAS = (1e-4, 1e-3, 1e-2, 1e-1)


@pytest.mark.parametrize("sigma", [0.0, 0.1])
def test_centered_contrast_with_constant_current_is_the_exact_gradient_at_every_beta(make_network, sigma):
    # The circuit is piecewise linear: outside saturation changes the response to +-beta is exactly odd.
    network = make_network(gain=(1.0, 0.5), sigma=sigma)
    samples = usable(network, max(BETAS))
    assert len(samples) >= 2
    for x in samples:
        for beta in BETAS:
            _, exact, estimate = phases_and_gradients(network, x, "centered", beta)
            assert relative_error(estimate, exact) <= 1e-9


def test_spread_of_stiffness_gain_and_output_voltage_keeps_the_gradient_exact(make_network):
    network = make_network(gain=(1.0, 0.4), sigma=0.3)
    rng = np.random.default_rng(5)
    for k, population in enumerate(network.neurons):
        row = population.model.param_index["v_r"]
        population.params[row] *= rng.uniform(0.7, 1.3, population.size)
        network.engine.groups[0].params[row, network.slices[k]] = population.params[row]  # the engine reads its own copy
    network.__dict__.pop("saturation", None)
    network.__dict__.pop("g0", None)
    spread = network.saturation / np.median(network.saturation)
    assert spread.max() - spread.min() > 0.2
    samples = usable(network, 1e-2)
    assert len(samples) >= 2
    for x in samples:
        _, exact, estimate = phases_and_gradients(network, x, "centered", 1e-2)
        assert relative_error(estimate, exact) <= 1e-9


def _slope(network, x, kind, nudging):
    betas = 2.0 ** -np.arange(4, 9)
    errors = [relative_error(*phases_and_gradients(network, x, kind, beta, nudging)[:0:-1]) for beta in betas]
    return np.polyfit(np.log(betas), np.log(errors), 1)[0]


@pytest.mark.parametrize(("kind", "nudging", "order"), [
    ("positive", "constant_current", 1), ("negative", "constant_current", 1), ("positive", "spring", 1),
    ("centered", "spring", 2)])
def test_bias_of_the_estimator_has_its_order_in_beta(make_network, kind, nudging, order):
    network = make_network(gain=(1.0, 0.5))
    samples = usable(network, 2.0**-4, nudging, (kind,))
    assert len(samples) >= 2
    for x in samples:
        assert abs(_slope(network, x, kind, nudging) - order) <= 0.2


def test_unequal_forward_and_backward_gain_breaks_the_gradient_more_the_larger_it_is(make_network):
    network = make_network(gain=(1.0, 0.5))
    x = usable(network, 1e-2)[0]
    reference = phases_and_gradients(network, x)[1]
    begin = network.begin_phase
    angles = []
    for mismatch in (0.0, 0.1, 0.3, 0.6):
        def unequal(*, quiet=False, mismatch=mismatch):
            begin(quiet=quiet)
            network.engine.matrices[0][1][:] *= 1 + mismatch

        network.begin_phase = unequal
        network.present(x)
        phases = EqProp("centered", 1e-2).run(network, TARGET)
        estimate = flat(contrast_gradient(network, phases.contrast))
        network.begin_phase(quiet=True)
        exact = flat(adjoint_gradient(network, phases.free.voltage, TARGET))
        angles.append(np.degrees(np.arccos(min(1.0, cosine(estimate, exact)))))
        if mismatch == 0.0:
            assert relative_error(estimate, reference) <= 1e-9
    assert angles[0] < 1e-4
    assert np.all(np.diff(angles) > 0)
    assert angles[1] > 0.05


def test_adjoint_gradient_is_the_central_difference_of_the_cost(make_network):
    network = make_network(gain=(1.0, 0.5))
    x = usable(network, 1e-2)[0]

    def cost():
        network.present(x)
        network.reset()
        network.begin_phase(quiet=True)
        rest = network.settle().raise_for_status()
        return 0.5 * float(np.sum((rest.voltage[network.slices[-1]] - TARGET) ** 2)), rest.voltage

    _, voltage = cost()
    gradients = adjoint_gradient(network, voltage, TARGET)
    for crossbar, gradient in zip(network.crossbars, gradients, strict=True):
        before = crossbar.g.copy()
        step = 1e-4 * network.g0  # truncation ~ (step/g0)^2 = 1e-8, rounding ~ 1e-16 / 1e-4
        size = np.abs(gradient).max()
        for row, column in ((0, 0), (1, 2), (crossbar.n_rows - 1, 1)):
            costs = []
            for sign in (1, -1):
                moved = before.copy()
                moved[row, column] += sign * step
                crossbar.assign(moved)
                costs.append(cost()[0])
            crossbar.assign(before)
            difference = (costs[0] - costs[1]) / (2 * step)
            assert abs(difference - gradient[row, column]) <= 1e-6 * size


def test_gradient_from_transient_phases_is_the_gradient_at_rest(make_network):
    # Each voltage is within ~1e-10 swings of rest; divided by beta = 0.05 that leaves some 1e-8 of the largest entry.
    network = make_network(gain=(1.0, 0.5), mode="transient", options={"distance": 1e-11, "local_error": 1e-8})
    twin = make_network(gain=(1.0, 0.5))
    for x in usable(twin, 0.05)[:2]:
        phases, exact, estimate = phases_and_gradients(network, x, "centered", 0.05)
        assert phases.settled
        assert relative_error(estimate, exact) <= 1e-7
        assert relative_error(exact, phases_and_gradients(twin, x, "centered", 0.05)[1]) <= 1e-7


def test_read_noise_disturbs_the_gradient(make_network):
    network = make_network(gain=(1.0, 0.5))
    noisy = make_network(gain=(1.0, 0.5), synapse={"read_noise": 0.01})
    x = usable(network, 1e-2)[0]
    _, exact, _ = phases_and_gradients(network, x)
    _, _, estimate = phases_and_gradients(noisy, x)
    assert relative_error(estimate, exact) > 1e-3
