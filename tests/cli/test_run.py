"""``run``, ``resume``, ``evaluate``: results on standard output, progress apart, a stop that loses nothing."""

import json
import math
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from neurosim.commands.run import _progress
from neurosim.config import Config, load_config
from neurosim.learning.trainer import Totals
from neurosim.plot.training import energy_per_sample

ROOT = Path(__file__).parents[2]
SUMMARY = {"status", "test_accuracy", "train_accuracy", "energy_per_sample_joule", "wall_seconds", "samples",
           "unsettled_phases"}
PARTS = {"free", "nudge", "program", "neuron_bias", "total"}


def one_json_line(text):
    lines = text.splitlines()
    assert len(lines) == 1, text
    return json.loads(lines[0])


def arrays_of(path):
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def assert_same_arrays(a, b):
    assert a.keys() == b.keys()
    for name, array in a.items():
        np.testing.assert_array_equal(array, b[name], err_msg=name)


def test_run_prints_one_json_line_with_the_whole_result(finished):
    done, folder = finished
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    summary = one_json_line(done.stdout)
    assert summary.keys() >= SUMMARY
    assert summary["status"] == "ok"
    for name in ("test_accuracy", "train_accuracy"):
        assert 0.0 <= summary[name] <= 1.0
    assert summary["samples"] == 2 * 12
    assert summary["unsettled_phases"] == 0
    assert summary["wall_seconds"] > 0.0
    energy = summary["energy_per_sample_joule"]
    assert energy.keys() >= PARTS
    assert all(energy[name] > 0.0 for name in PARTS)
    assert math.isclose(energy["total"], sum(energy[name] for name in PARTS - {"total"}), rel_tol=1e-12)

    assert len((folder / "metrics.jsonl").read_text().splitlines()) == 2
    assert json.loads((folder / "summary.json").read_text())["test_accuracy"] == summary["test_accuracy"]
    for name in ("config.json", "manifest.json", "checkpoint.npz", "conductance.npz", "weights.npz", "sequence.npz"):
        assert (folder / name).exists(), name
    assert not list(folder.glob(".*.part"))


def test_evaluate_repeats_the_test_and_other_nonidealities_change_it(call, finished):
    trained = one_json_line(finished[0].stdout)
    same = one_json_line(call("evaluate", finished[1], "--json").stdout)
    assert same["status"] == "ok"
    assert same["test_accuracy"] == trained["test_accuracy"]
    assert same["test_samples"] == trained["test_samples"] == 12
    assert same["energy_per_sample_joule"] > 0.0
    broken = one_json_line(call("evaluate", finished[1], "--json", "--set", "synapse.stuck_fraction=0.9").stdout)
    assert broken["energy_per_sample_joule"] != same["energy_per_sample_joule"]
    assert broken["overrides"] == ["synapse.stuck_fraction=0.9"]
    table = call("evaluate", finished[1])
    assert table.returncode == 0
    assert "test accuracy" in table.stdout


def test_override_is_the_same_as_the_key_in_the_file(call, experiment, tmp_path):
    changed = tmp_path / "changed.toml"
    changed.write_text(experiment.read_text().replace("beta = 0.2", "beta = 0.3"))
    a, b, c = (one_json_line(call("run", path, *extra, "--out", out, "--json", "--no-figures").stdout)
               for path, extra, out in ((experiment, ("--set", "learning.beta=0.3"), "a"), (changed, (), "b"),
                                        (experiment, (), "c")))
    assert a["energy_per_sample_joule"] == b["energy_per_sample_joule"] != c["energy_per_sample_joule"]
    assert_same_arrays(arrays_of(tmp_path / "a/weights.npz"), arrays_of(tmp_path / "b/weights.npz"))


def test_run_draws_figures_and_prints_a_table(call, experiment, tmp_path):
    done = call("run", experiment, "--out", "out")
    assert done.returncode == 0, done.stderr
    figures = list((tmp_path / "out/figures").iterdir())
    assert figures
    assert all(path.stat().st_size > 1000 for path in figures)
    assert "test accuracy" in done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_interrupted_run_exits_130_and_resumes_to_the_same_bits(call, environment, experiment, tmp_path, number):
    longer = ("--set", "training.epochs=40")
    whole = call("run", experiment, *longer, "--out", "whole", "--json", "--no-figures")
    assert whole.returncode == 0, whole.stderr
    with subprocess.Popen([sys.executable, "-m", "neurosim", "run", str(experiment), *longer, "--out", "cut", "--json",
                           "--no-figures"], cwd=tmp_path, env=environment, text=True, stderr=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        for line in process.stderr:
            if "epoch 2/" in line:
                process.send_signal(number)
                break
        out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert json.loads(out)["status"] == "interrupted"
    assert "resume" in err
    assert "Traceback" not in err
    assert (tmp_path / "cut/checkpoint.npz").exists()
    assert json.loads((tmp_path / "cut/summary.json").read_text())["status"] == "interrupted"
    continued = call("resume", "cut", "--json", "--no-figures")
    assert continued.returncode == 0, continued.stderr
    a, b = one_json_line(whole.stdout), one_json_line(continued.stdout)
    for summary in (a, b):
        summary.pop("wall_seconds")
        summary.pop("folder")
    assert a == b
    for name in ("weights.npz", "conductance.npz", "sequence.npz", "test.npz"):
        assert_same_arrays(arrays_of(tmp_path / "whole" / name), arrays_of(tmp_path / "cut" / name))
    assert (tmp_path / "whole/metrics.jsonl").read_text() == (tmp_path / "cut/metrics.jsonl").read_text()


def test_second_run_in_the_same_folder_is_refused_while_the_first_goes_on(environment, call, experiment, tmp_path):
    with subprocess.Popen([sys.executable, "-m", "neurosim", "run", str(experiment), "--set", "training.epochs=100000",
                           "--out", "busy", "--no-figures"], cwd=tmp_path, env=environment, text=True,
                          stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            for line in process.stderr:
                if "first sample" in line:
                    break
            second = call("resume", "busy", "--json")
            assert second.returncode == 5
            assert "in use" in second.stderr
            assert "Traceback" not in second.stderr
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=120)
    assert process.returncode == 130


def test_resume_falls_back_to_the_previous_checkpoint_and_says_so(call, finished):
    folder = finished[1]
    path = folder / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:100])
    done = call("resume", folder, "--json", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "damaged" in done.stderr
    assert one_json_line(done.stdout)["test_accuracy"] == one_json_line(finished[0].stdout)["test_accuracy"]
    for name in ("checkpoint.npz", "checkpoint.previous.npz"):
        (folder / name).write_bytes(b"no")
    failed = call("resume", folder, "--json", "--no-figures")
    assert failed.returncode == 5
    assert "no usable checkpoint" in failed.stderr


def test_help_is_quick_to_import(environment, tmp_path):
    code = ("import sys; sys.argv = ['neurosim', '--help']\nfrom neurosim.__main__ import main\n"
            "try: main()\nexcept SystemExit as stop: print(stop.code, sorted({'numba', 'scipy', 'numpy', 'matplotlib', "
            "'pydantic', 'pint', 'rich'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=tmp_path, capture_output=True, text=True,
                          timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_defaults_of_the_schema_are_the_settings_of_the_main_job():
    shipped = load_config(ROOT / "experiments/digits.toml").model_dump()
    default = Config().model_dump()
    for section in (shipped, default):
        section.pop("title")
        section["data"].pop("split")  # named in the file, the data set's own default in the schema
    assert shipped == default


def test_time_left_after_resume_counts_only_the_samples_of_this_leg(capsys, monkeypatch):
    now = iter([100.0, 105.0, 115.0])  # began, first sample (compiled for 5 s), end of the epoch
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    trainer = SimpleNamespace(epoch=7, epochs=10, position=50, labels=np.zeros(100), totals=Totals(samples=50, correct=25))
    with _progress(plain=True) as report:
        report(trainer)
        trainer.position = 100
        report(trainer)
    # 50 samples in 10 s, 200 to go.
    assert capsys.readouterr().err.splitlines() == [
        "neurosim: first sample after 5.0 s", "neurosim: epoch 8/10, training accuracy 50.0 %, 40 s left"]


def test_energy_figure_shows_the_total_of_the_summary(finished):
    history = [json.loads(line) for line in (finished[1] / "metrics.jsonl").read_text().splitlines()]
    left, right = energy_per_sample(history).axes[:2]
    total = next(line for line in left.lines if line.get_label() == "total").get_ydata()
    assert left.get_ylabel() == "energy per sample (pJ)"
    summary = one_json_line(finished[0].stdout)
    # Both epochs have the same number of samples.
    assert math.isclose(1e-12 * total.mean(), summary["energy_per_sample_joule"]["total"], rel_tol=1e-12)
    assert max(bar.get_y() + bar.get_height() for bar in right.patches) == pytest.approx(100.0, rel=1e-12)


def test_unsettled_phases_are_in_metrics_summary_and_table(call, experiment, tmp_path):
    done = call("run", experiment, "--set", "settle.t_max=0.1 ns", "--out", "short", "--no-figures")
    assert done.returncode == 0, done.stderr
    assert "72 of 72" in done.stdout
    assert "nudged+" not in done.stdout
    assert "free phase: not settled after" in " ".join(done.stdout.split())
    epochs = [json.loads(line) for line in (tmp_path / "short/metrics.jsonl").read_text().splitlines()]
    assert [len(epoch["failures"]) for epoch in epochs] == [20, 20]
    assert json.loads((tmp_path / "short/summary.json").read_text())["first_unsettled_phase"]["epoch"] == 0


def test_idle_options_of_the_file_are_a_caution_also_after_a_resume(call, experiment):
    text = experiment.read_text().replace("[learning]", "[learning]\nprogrammer = \"ideal\"\npulse_levels = 64")
    experiment.write_text(text)
    done = call("run", experiment, "--out", "idle", "--json", "--no-figures")
    assert done.returncode == 0, done.stderr
    caution = [text for text in one_json_line(done.stdout)["cautions"] if "changes nothing" in text or "change nothing" in text]
    assert len(caution) == 1
    assert "learning.pulse_levels" in caution[0]
    again = one_json_line(call("resume", "idle", "--json", "--no-figures").stdout)
    assert caution[0] in again["cautions"]


@pytest.mark.parametrize("override", ["synapse.sigma_c2c=0.5", "neuron.reset_time=1 us"])
def test_evaluate_refuses_an_override_that_acts_only_on_writes(call, finished, override):
    done = call("evaluate", finished[1], "--set", override)
    assert done.returncode == 2
    assert f"--set {override}: a test only reads" in done.stderr
