"""What a run warns of: unstable springs during training, reads that write, warnings of construction kept to the end."""

import warnings

import numpy as np
import pytest

from neurosim.commands.run import summary_table
from neurosim.coupling import coupling_norm
from neurosim.errors import ParameterError
from neurosim.learning.estimators import EqProp
from neurosim.learning.evaluate import evaluate
from neurosim.read_disturb import read_adiabaticity, read_rates
from neurosim.summary import conclude, unfinished

WIDE = {"sigma_threshold": 1.5, "stuck_fraction": 0.0}


def summary_of(experiment):
    experiment.trainer.fit()
    return conclude(experiment, evaluate(experiment.network, experiment.test_voltage, experiment.test_labels), 1.0)


def caution(summary, words):
    return [text for text in summary["cautions"] if words in text]


def test_warnings_of_construction_are_issued_and_kept(build_tiny):
    with pytest.warns(RuntimeWarning, match="above the threshold"):
        experiment = build_tiny(synapse=WIDE)
    assert len(experiment.warnings) == 2  # one per crossbar
    assert all("above the threshold of" in text for text in experiment.warnings)
    assert unfinished("interrupted", experiment)["warnings"] == list(experiment.warnings)
    assert summary_of(experiment)["warnings"] == list(experiment.warnings)


def test_without_cause_nothing_is_warned_of(build_tiny):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        experiment = build_tiny()
    summary = summary_of(experiment)
    assert summary["warnings"] == caution(summary, "reads") == caution(summary, "spring") == []
    assert summary["read_adiabaticity"] == 0.0
    assert summary["read_drift_of_job"] == {"fastest": 0.0, "typical": 0.0}


@pytest.mark.filterwarnings("ignore:crossbar")
def test_read_adiabaticity_is_the_fastest_instance_times_the_settle_time(build_tiny):
    experiment = build_tiny(synapse=WIDE)
    summary = summary_of(experiment)
    expected = 0.0
    for crossbar in experiment.network.crossbars:
        population = crossbar.population
        value = {name: population.params[row] for name, row in population.model.param_index.items()}
        for rate, threshold in (("k_off", 0.2 / value["v_off"]), ("k_on", -0.2 / value["v_on"])):
            over = np.maximum(threshold - 1, 0)
            outward = (population.state[0] >= 1) if rate == "k_off" else (population.state[0] <= 0)
            expected = max(expected, float((np.abs(value[rate]) * over**3)[~outward].max()))
    seconds = summary["time_per_sample_second"]["settle"]
    np.testing.assert_allclose(summary["read_adiabaticity"], expected * seconds, rtol=1e-12)
    assert summary["read_adiabaticity"] > 1e-3
    assert len(caution(summary, "reads of one sample")) == 1
    np.testing.assert_allclose(read_adiabaticity(experiment.network, 2 * seconds), 2 * summary["read_adiabaticity"], rtol=1e-14)


def test_stuck_devices_do_not_move_in_reads(build_tiny):
    with pytest.warns(RuntimeWarning):
        experiment = build_tiny(synapse={"sigma_threshold": 0.5, "stuck_fraction": 0.3})
    for rates, crossbar in zip(read_rates(experiment.network), experiment.network.crossbars, strict=True):
        assert not rates[crossbar.population.stuck != 0].any()


def test_spring_that_becomes_unstable_while_training_is_counted(build_tiny, monkeypatch):
    experiment = build_tiny(learning__nudging="spring", learning__beta=0.3)
    network, estimator = experiment.network, experiment.trainer.estimator
    limit = estimator.stable_beta(network, coupling_norm(network))
    assert limit > 0.3
    # Training has raised the coupling until a -spring of 0.3 g0 is more than the margin: (1 - norm) min(1/slope) = 0.3 g0.
    stiffest = np.min(1 / network.neuron_slopes()[network.slices[-1]]) / network.g0
    monkeypatch.setattr("neurosim.learning.trainer.coupling_norm", lambda _: 1 - 0.299 / stiffest)
    summary = summary_of(experiment)
    assert summary["unstable_spring_checks"] == summary["norm_checks"] == 2  # one per epoch of 12 samples
    assert len(caution(summary, "stability limit in 2 of 2 checks")) == 1


@pytest.mark.parametrize(("kind", "nudging"), [("centered", "constant_current"), ("positive", "spring")])
def test_only_a_negative_spring_has_a_stability_limit(build_tiny, kind, nudging):
    assert EqProp(kind, 5.0, nudging).stable_beta(build_tiny().network, 0.99) == np.inf


def test_read_disturb_is_judged_on_the_formed_devices(build_tiny):
    # Ions 1e4 times as fast as on the card: its start state of 14.4 kohm moves by 4e-5 of its range per phase, which passes;
    # formed in the middle of the conductance window, at 200 ohm, by 72 times that.
    fast = {"card": "linear_ion_drift/biolek2009", "sigma_threshold": 0.0, "params": {"mobility": 1e-10}}
    refusal = r"linear_ion_drift/biolek2009: a read phase of 1e-07 s at v_read = 0.062 V moves a typical"
    with pytest.raises(ParameterError, match=refusal):
        build_tiny(synapse=fast)


def test_reads_of_a_whole_job_are_those_of_one_sample_times_the_samples(build_tiny):
    # Linear ion drift has no threshold: dx/dt = mobility r_on / (thickness^2 R(x)) V.
    # Ions 1600 times as fast as on the card, so that it shows in 240 samples.
    drifting = {"card": "linear_ion_drift/biolek2009", "v_read": 0.06, "sigma_threshold": 0.0, "params": {"mobility": 1.6e-11}}
    experiment = build_tiny(synapse=drifting, training__epochs=20)
    summary = summary_of(experiment)
    medians, fastest = [], []
    for crossbar in experiment.network.crossbars:
        population = crossbar.population
        mu, r_on, thickness = (population.params[population.model.param_index[name]]
                               for name in ("mobility", "r_on", "thickness"))
        rate = np.where(population.stuck != 0, 0.0, mu * r_on / thickness**2 * 0.06 * crossbar.g.ravel())
        medians.append(np.median(rate))
        fastest.append(rate.max())
    seconds = 240 * summary["time_per_sample_second"]["settle"]
    np.testing.assert_allclose(summary["read_drift_of_job"]["typical"], max(medians) * seconds, rtol=1e-12)
    np.testing.assert_allclose(summary["read_drift_of_job"]["fastest"], max(fastest) * seconds, rtol=1e-12)
    assert summary["read_adiabaticity"] < 1e-3
    assert summary["read_drift_of_job"]["typical"] > 1e-2
    assert len(caution(summary, "reads are not integrated: those of all 240 samples")) == 1
    assert "in all samples" in "".join(summary_table(summary).columns[1].cells)


def test_devices_that_half_of_a_pulse_moves_are_counted(build_tiny):
    experiment = build_tiny(learning__amplitude="0.96 V", synapse={"stuck_fraction": 0.1})
    expected, total = 0, 0
    for crossbar in experiment.network.crossbars:
        population = crossbar.population
        v_on, v_off = (population.params[population.model.param_index[name]] for name in ("v_on", "v_off"))
        expected += np.count_nonzero(((v_on > -0.48) | (v_off < 0.48)) & (population.stuck == 0))
        total += population.size
    assert 0 < expected < total / 2
    assert len(caution(summary_of(experiment), f"is above the threshold of {expected} of {total} devices")) == 1
    assert caution(summary_of(build_tiny(synapse={"sigma_threshold": 0.0})), "half of the pulse") == []


def test_first_weights_clipped_to_the_window_are_counted(build_tiny):
    experiment = build_tiny(network__output_bias=500.0)
    assert experiment.clipped_weights == 2  # the two output biases
    assert len(caution(summary_of(experiment), "2 of 27 first weights were clipped")) == 1  # (2 + 1) x 5 and (5 + 1) x 2
    assert build_tiny().clipped_weights == 0
