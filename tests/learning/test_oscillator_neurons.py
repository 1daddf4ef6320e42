"""Equilibrium propagation on a crossbar with oscillators as neurons: rectified power, and homodyne phase."""

from __future__ import annotations

import numpy as np
import pytest

from neurosim.config import parse_config
from neurosim.experiment import build
from neurosim.learning.adjoint import adjoint_gradient, contrast_gradient
from neurosim.learning.estimators import EqProp
from neurosim.network import SettleOptions

SAMPLES = range(4)


def made(card, mode, form=""):
    neuron = {"card": card} | ({"form": form} if form else {})
    result = build(parse_config({"synapse": {"read_noise": 0}, "neuron": neuron,
                                 "network": {"hidden": [10], "init_gain": [0.5, 0.3]}}))
    result.network.options = SettleOptions(distance=1e-9, local_error=1e-8, t_max=4e-6, max_steps=200_000, mode=mode)
    return result


def phases_of(experiment, sample, beta, target):
    network = experiment.network
    network.present(experiment.train_voltage[sample])
    network.reset()
    phases = EqProp("centered", beta).run(network, target)
    network.begin_phase(quiet=True)
    return phases


def gradient_error(experiment, sample, beta, target):
    """Return the relative error of the contrast against the adjoint, None if a neuron changed saturation."""
    network = experiment.network
    phases = phases_of(experiment, sample, beta, target)
    assert phases.settled
    if network.changed_saturation(*phases.contrast[:2]):
        return None
    exact = adjoint_gradient(network, phases.free.voltage, target)
    return max(np.linalg.norm(a - b) / np.linalg.norm(b)
               for a, b in zip(contrast_gradient(network, phases.contrast), exact, strict=True))


def targets(experiment, sample):
    return experiment.trainer.targets[experiment.trainer.labels[sample]]


def test_power_of_oscillators_learns_with_an_error_of_second_order_in_beta():
    experiment = made("stno/ross2023", "equilibrium")
    for sample in SAMPLES:
        target = np.abs(targets(experiment, sample)) * 0.3  # a power has one sign
        errors = [gradient_error(experiment, sample, beta, target) for beta in (0.02, 0.005)]
        assert errors[1] <= 2e-4
        np.testing.assert_allclose(errors[0] / errors[1], 16, rtol=0.2, atol=0)


@pytest.mark.parametrize("card", ["stno/ross2023", "phase_oscillator/nominal"])
def test_dynamics_of_oscillators_comes_to_the_solved_rest(card):
    dynamic, static = made(card, "transient"), made(card, "equilibrium")
    settled = 0
    for sample in SAMPLES:
        volts = []
        for experiment in (static, dynamic):
            experiment.network.present(experiment.train_voltage[sample])
            experiment.network.reset()
            experiment.network.begin_phase(quiet=True)
            rest = experiment.network.settle()
            volts.append(rest.voltage)
        settled += rest.status == "settled"
        np.testing.assert_allclose(volts[0], volts[1], rtol=0, atol=1e-6 * dynamic.network.output_swing())
    assert settled >= 2


def test_homodyne_phases_learn_with_the_exact_gradient():
    experiment = made("phase_oscillator/nominal", "equilibrium")
    errors = [gradient_error(experiment, sample, 0.01, targets(experiment, sample)) for sample in SAMPLES]
    found = [error for error in errors if error is not None]
    assert len(found) >= 2
    assert max(found) <= 1e-9  # piecewise linear
