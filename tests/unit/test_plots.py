"""Figures draw from plain arrays, name their units, and say what is wrong with data they cannot draw."""

import re
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

import matplotlib.pyplot as plt

from neurosim.errors import ParameterError
from neurosim.library import load_device
from neurosim.plot import crossbar, network, training
from neurosim.plot.run import synapse_loop, with_conductance

UNIT = re.compile(r"\((%|[fpnµmkMG]?[AVSJs])\)$")
UNITLESS = {"", "epoch", "samples learned", "pulses per sample", "predicted class", "true class", "row", "first row", "neuron",
            "source line", "coupling norm"}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def history(n_epochs, *, program=1e-8):
    return [{"epoch": e, "samples": 100, "correct": 50 + e, "unsettled_phases": int(e == 1), "phases": 300, "free_energy": 4e-9,
             "nudge_energy": 7.5e-9, "program_energy": 100 * program * np.exp(-e), "bias_energy": 2e-7, "settle_time": 3e-6,
             "program_time": 5e-4, "pulses": 4000 // (e + 1), "clipped": 10 * (e == 0), "largest_norm": 0.2 + 0.1 * e}
            for e in range(n_epochs)]


def records(n_records, n_crossbars=2, *, log_spaced=True, n_traced=10):
    generator = np.random.default_rng(5)
    samples = np.array([0, *(2 ** np.arange(n_records - 1))]) if log_spaced else 500 * np.arange(n_records)
    edges = np.linspace(0.0, 1.3e-4, 65)
    out = {"samples": samples[:n_records], "edges": edges}
    for k in range(n_crossbars):
        g = generator.uniform(5e-6, 1e-4, (n_records, 400))
        out[f"percentiles{k}"] = np.percentile(g, (1, 5, 25, 50, 75, 95, 99), axis=1).T
        out[f"traces{k}"] = g[:, :n_traced]
        out[f"histograms{k}"] = np.array([np.histogram(row, edges)[0] for row in g])
    return out


def trace(*, hidden=6, devices=True, program=True, target=True):
    phase = np.repeat([0, 1, 2], [20, 10, 10])
    out = {"time": np.arange(40) * 1e-9, "phase": phase, "n_output": 3,
           "voltage": np.random.default_rng(5).normal(0, 0.05, (40, hidden + 3))}
    if target:
        out["target"] = np.array([-0.1, 0.1, -0.1])
    if program:
        out |= {"program_time": np.arange(1, 51) * 1e-7, "program_row": np.arange(50) // 10}
    if devices:
        out |= {"program_device_voltage": np.zeros((120, 4)), "program_edge": np.linspace(0, 49e-7, 120),
                "program_conductance": np.full((51, 4), 5e-5), "program_device": np.array([0, 5, 11, 26])}
    return out


def weights(*shapes):
    generator = np.random.default_rng(5)
    return [[generator.normal(0, 2e-5, shape) for shape in shapes] for _ in range(2)]


def assert_labelled(figure):
    figure.canvas.draw()
    for ax in figure.axes:
        for label in (ax.get_xlabel(), ax.get_ylabel()):
            first = label.split("\n")[0]
            assert first in UNITLESS or UNIT.search(first), f"no unit: {label!r}"


FIGURES = {
    "learning_curve": lambda f=None: training.learning_curve(history(5), test_accuracy=0.5, figure=f),
    "energy_per_sample": lambda f=None: training.energy_per_sample(history(5), figure=f),
    "conductance_evolution": lambda f=None: crossbar.conductance_evolution(records(8), figure=f),
    "weight_maps": lambda f=None: crossbar.weight_maps(*weights((65, 20), (21, 10)), figure=f),
    "phase_sequence": lambda f=None: network.phase_sequence(trace(), figure=f),
}
AXES = {
    "accuracy": lambda ax=None: training.accuracy(history(5), ax, test_accuracy=0.5),
    "confusion": lambda ax=None: training.confusion(np.arange(10), np.arange(10)[::-1], ax, n_classes=10),
    "conductance_band": lambda ax=None: crossbar.conductance_band(records(8), ax, crossbar=1),
    "conductance_heat_map": lambda ax=None: crossbar.conductance_heat_map(records(8), ax, crossbar=1),
}


@pytest.mark.parametrize("name", FIGURES)
def test_panels_have_titles_and_units(name):
    figure = FIGURES[name]()
    assert_labelled(figure)
    titles = [ax.get_title(loc) for ax in figure.axes for loc in ("left", "center")]
    assert any(titles)


@pytest.mark.parametrize("name", FIGURES)
def test_panels_draw_into_a_given_subfigure(name):
    whole = plt.figure(figsize=(12, 8), layout="constrained")
    part = whole.subfigures(1, 2)[1]
    assert FIGURES[name](part) is part
    assert_labelled(whole)
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize("name", AXES)
def test_axes_draw_alone_and_into_given_axes(name):
    alone = AXES[name]()
    assert_labelled(alone.figure)
    _, ax = plt.subplots()
    assert AXES[name](ax) is ax
    assert ax.get_title("left")
    assert_labelled(ax.figure)


def test_drawing_leaves_global_style_alone():
    before = dict(mpl.rcParams)
    for draw in FIGURES.values():
        draw()
    assert dict(mpl.rcParams) == before


def test_importing_figures_does_not_import_matplotlib():
    code = ("import sys, neurosim.plot.training, neurosim.plot.crossbar, neurosim.plot.network; "
            "sys.exit('matplotlib' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_accuracy_is_shown_in_percent_at_epochs_from_one():
    line = training.accuracy(history(3)).lines[0]
    np.testing.assert_allclose(line.get_xdata(), [1, 2, 3])
    np.testing.assert_allclose(line.get_ydata(), [50.0, 51.0, 52.0])


def test_energies_beyond_a_decade_are_on_a_log_axis_in_their_unit():
    left = training.energy_per_sample(history(5)).axes[0]
    assert left.get_yscale() == "log"
    assert left.get_ylabel() == "energy per sample (nJ)"
    programming = next(line for line in left.lines if line.get_label() == "programming")
    np.testing.assert_allclose(programming.get_ydata(), 10.0 * np.exp(-np.arange(5.0)), rtol=1e-12)


def test_energies_within_a_decade_are_stacked_bars_that_add_up():
    flat = [{**epoch, "program_energy": 5e-9, "bias_energy": 0.0} for epoch in history(2)]
    left, right = training.energy_per_sample(flat).axes[:2]
    assert left.get_yscale() == "linear"
    tops = [patch.get_y() + patch.get_height() for patch in left.patches]
    np.testing.assert_allclose(max(tops), 40.0 + 75.0 + 50.0, rtol=1e-12)
    np.testing.assert_allclose(max(p.get_y() + p.get_height() for p in right.patches), 100.0, rtol=1e-12)


def test_sample_axis_is_logarithmic_only_for_log_spaced_records():
    assert crossbar.conductance_band(records(12)).get_xscale() == "symlog"
    assert crossbar.conductance_band(records(12, log_spaced=False)).get_xscale() == "linear"


def test_weight_colours_are_symmetric_and_shared_before_and_after():
    figure = crossbar.weight_maps(*weights((65, 20), (21, 10)))
    limits = [ax.images[0].get_clim() for ax in figure.axes if ax.images]
    assert len(limits) == 4
    assert limits[0] == limits[1]
    assert limits[2] == limits[3]
    assert all(low == -high for low, high in limits)


@pytest.mark.parametrize("shapes", [[(3, 1)], [(2, 3)], [(65, 3)], [(12, 40), (41, 5), (6, 2)]])
def test_weight_maps_take_any_size(shapes):
    assert_labelled(crossbar.weight_maps(*weights(*shapes)))


def test_the_end_of_learning_is_never_cut_and_a_start_that_is_tells_its_height():
    wide = records(2, 1)
    wide["histograms0"] = np.array([[0] * 32 + [400] + [0] * 31, [6, 7] + [6] * 60 + [13, 14]])
    for pair, start in ((wide["histograms0"], "start, to 100 %"), (wide["histograms0"][::-1], "start")):
        right = crossbar.conductance_evolution({**wide, "histograms0": pair}).axes[2]
        assert right.get_xlim()[1] > 100.0 * pair[-1].max() / 400
        assert right.get_legend().get_texts()[0].get_text() == start


def test_bias_weights_have_the_colours_of_their_bar():
    before, after = weights((65, 4), (5, 3))
    after[0][-1] = [0.0, 1e-5, -1e-5, 2e-5]
    ax = crossbar.weight_maps(before, after).axes[1]
    bars = [patch for patch in ax.patches if patch.get_height() < 1.0]
    expected = {tuple(ax.images[0].to_rgba(1e6 * weight)) for weight in after[0][-1]}
    assert {tuple(bar.get_facecolor()) for bar in bars} == expected


def test_a_colour_bar_tells_where_its_colours_end():
    before, after = weights((65, 20))
    after[0][3, 3] = 1.0
    labels = [ax.get_ylabel() for ax in crossbar.weight_maps(before, after).axes]
    assert any("colours end at ±" in label for label in labels)


def test_written_devices_are_named_by_row_and_column_of_their_crossbar():
    told = trace() | {"program_crossbar": 1, "program_columns": 10}
    rows, lanes, changes = network.phase_sequence(told).axes[-3:]
    assert "crossbar 2" in rows.get_title("left")
    assert [label.get_text() for label in lanes.get_yticklabels()][:2] == ["row 0, column 0", "row 0, column 5"]
    assert changes.get_ylabel() == "ΔG (S)"
    assert "device 26" in [label.get_text() for label in network.phase_sequence(trace()).axes[-2].get_yticklabels()]


def test_full_pulses_are_filled_and_half_selected_ones_are_not():
    told = trace()
    told["program_device_voltage"] = np.tile([[0.9, 0.45, -0.45, 0.0]], (120, 1))
    lanes = network.phase_sequence(told).axes[-2]
    heights = [np.ptp(filled.get_paths()[0].vertices[:, 1]) for filled in lanes.collections]
    np.testing.assert_allclose(heights, [0.9, 0.0, 0.0, 0.0], rtol=1e-12, atol=0)
    assert "+900 mV" in lanes.get_title("left")


def test_conductance_changes_are_drawn_to_the_last_write():
    told = trace()
    told["program_conductance"] = np.linspace(5e-5, 6e-5, 51)[:, None] + np.zeros(4)
    changes = network.phase_sequence(told).axes[-1]
    assert changes.get_ylabel() == "ΔG (µS)"
    end = changes.lines[0].get_xydata()[-1]
    assert end[0] > changes.get_xlim()[1] > 5.0
    np.testing.assert_allclose(end[1], 10.0, rtol=1e-12)


def test_states_become_conductances_of_a_nominal_synapse():
    states = {"program_before": np.array([0.0, 1.0]), "program_state": np.array([[0.5, 1.0], [0.5, 0.0]])}
    made = with_conductance(states, load_device("vteam/nominal"))
    np.testing.assert_allclose(made["program_conductance"][[0, 0, 2], [0, 1, 1]], [1e-4, 5e-6, 1e-4], rtol=1e-9)
    told = {**states, "program_conductance": np.zeros((3, 2))}
    assert with_conductance(told, load_device("vteam/nominal")) is told


def test_the_loop_of_a_synapse_starts_in_the_middle_of_its_window_and_covers_it():
    ax = synapse_loop(load_device("vteam/nominal"))
    assert ax.get_title("left").startswith("vteam/nominal: 2 cycles of ")
    volts, amps = np.concatenate([line.get_xydata() for line in ax.lines[:2]]).T
    read = np.abs(volts) > 0.1
    assert (amps[read] / volts[read]).min() < 10.0
    assert (amps[read] / volts[read]).max() > 90.0
    first = ax.lines[0].get_xydata()[1]
    np.testing.assert_allclose(first[1] / first[0], 52.5, rtol=1e-3)


def test_weights_of_zero_draw():
    assert_labelled(crossbar.weight_maps([np.zeros((65, 4))], [np.zeros((65, 4))]))


@pytest.mark.parametrize("options", [
    {"devices": False}, {"devices": False, "program": False}, {"target": False}, {"hidden": 0}])
def test_phase_sequence_draws_what_the_trace_has(options):
    assert_labelled(network.phase_sequence(trace(**options)))


def test_free_phase_alone_draws():
    only = trace(program=False, devices=False)
    for name in ("time", "phase", "voltage"):
        only[name] = only[name][:20]
    assert_labelled(network.phase_sequence(only))


def test_one_epoch_and_one_record_draw():
    assert_labelled(training.learning_curve(history(1)))
    assert_labelled(training.energy_per_sample(history(1)))
    assert_labelled(crossbar.conductance_evolution(records(1)))
    assert_labelled(crossbar.conductance_evolution(records(2, 1, n_traced=0)))


def test_ideal_programming_without_pulses_or_energy_draws():
    zero = dict.fromkeys(("pulses", "clipped", "program_energy", "free_energy", "nudge_energy", "bias_energy"), 0)
    silent = [{**epoch, **zero} for epoch in history(3)]
    assert_labelled(training.learning_curve(silent))
    assert_labelled(training.energy_per_sample(silent))


@pytest.mark.parametrize(("draw", "message"), [
    (lambda: training.learning_curve([]), "no finished epoch"),
    (lambda: training.energy_per_sample([]), "no finished epoch"),
    (lambda: training.accuracy([{"epoch": 0, "samples": 3}]), 'no "correct"'),
    (lambda: training.accuracy(history(2), test_accuracy=95.0), r"outside \[0, 1\]"),
    (lambda: training.confusion(np.array([], int), np.array([], int), n_classes=2), "non-empty"),
    (lambda: training.confusion(np.array([0, 2]), np.array([0, 1]), n_classes=2), r"labels span 0\.\.2"),
    (lambda: crossbar.conductance_evolution({"samples": np.array([]), "edges": np.array([0.0, 1e-4])}), "none was taken"),
    (lambda: crossbar.conductance_evolution({"samples": np.array([0]), "edges": np.array([0.0, 1e-4])}), "percentiles0"),
    (lambda: crossbar.conductance_band(records(4), crossbar=7), "percentiles7"),
    (lambda: crossbar.weight_maps([], []), "non-empty"),
    (lambda: crossbar.weight_maps([np.zeros((3, 2))], [np.zeros((3, 3))]), "equal"),
    (lambda: network.phase_sequence({**trace(), "n_output": 99}), "n_output = 99"),
    (lambda: network.phase_sequence({"phase": np.array([]), "time": np.array([]), "voltage": np.empty((0, 3)), "n_output": 1}),
     "record > 0"),
    (lambda: network.phase_sequence({"time": np.array([0.0])}), 'no "phase"'),
])
def test_data_that_cannot_be_drawn_is_named(draw, message):
    with pytest.raises(ParameterError, match=message):
        draw()
