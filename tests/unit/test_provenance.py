"""Provenance: the record says what ran on what, is plain JSON, and collecting it cannot fail a run."""

import json
import subprocess
import sys

import numpy
import pytest

import neurosim
from neurosim import datasets, provenance
from neurosim.library import load_device
from neurosim.storage import read_json


@pytest.fixture(scope="module")
def record():
    return provenance.collect(seeds={"network": 7}, devices=[load_device("vteam/nominal", g_max="120 uS")],
                              dataset=datasets.xor(), config_sha256="ab" * 32, argv=["neurosim", "run"], started=1e9)


def test_record_names_versions_inputs_and_seeds(record):
    assert record["schema"] == 1
    assert record["neurosim"] == neurosim.__version__
    assert record["python"] == sys.version.split()[0]
    assert record["packages"]["numpy"] == numpy.__version__
    assert record["seeds"] == {"network": 7}
    assert record["data"]["sha256"] == datasets.xor().sha256
    device = record["devices"][0]
    assert device["name"] == "vteam/nominal"
    assert device["card_sha256"] == load_device("vteam/nominal").sha256
    assert device["overrides"] == {"g_max": 120e-6}
    assert device["fingerprint"] != load_device("vteam/nominal").fingerprint
    assert record["argv"] == ["neurosim", "run"]
    assert record["machine"]["cores"] >= 1


def test_record_is_plain_json_and_is_stored_whole(record, tmp_path):
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    provenance.write(tmp_path / "provenance.json", record)
    assert read_json(tmp_path / "provenance.json") == record


def test_times_are_utc_and_the_end_is_a_new_record(record):
    done = provenance.finish(record, 1e9 + 2.5)
    # 1e9 seconds after the epoch is 2001-09-09T01:46:40Z.
    assert record["times"] == {"started": "2001-09-09T01:46:40.000+00:00", "finished": None, "seconds": None}
    assert done["times"] == {"started": "2001-09-09T01:46:40.000+00:00", "finished": "2001-09-09T01:46:42.500+00:00",
                             "seconds": 2.5}


def test_thread_pins_are_recorded(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert provenance.collect(seeds={})["threads"]["OMP_NUM_THREADS"] == "1"


def test_differences_name_inputs_and_leave_times_out(record):
    other = provenance.collect(seeds={"network": 8}, devices=[load_device("vteam/nominal")], dataset=datasets.xor(),
                               config_sha256="ab" * 32, argv=["python"])
    lines = provenance.differences(record, other)
    assert "seeds.network: 7 -> 8" in lines
    assert any(line.startswith("devices.0.fingerprint:") for line in lines)
    assert not any(line.startswith(("times", "argv", "machine")) for line in lines)
    assert provenance.differences(record, provenance.finish(record)) == []


@pytest.mark.parametrize("error", [FileNotFoundError("git"), subprocess.TimeoutExpired("git", 3),
                                   subprocess.CalledProcessError(128, "git")])
def test_git_that_is_missing_slow_or_failing_gives_none(monkeypatch, error):
    def failing(*_, **__):
        raise error

    monkeypatch.setattr(provenance.subprocess, "run", failing)
    assert provenance.collect(seeds={})["code"] is None


def git(folder, *arguments):
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t", "-C", str(folder), *arguments], check=True,
                   capture_output=True)


@pytest.fixture
def checkout(tmp_path):
    package = tmp_path / "neurosim"
    package.mkdir()
    (package / "errors.py").write_text("x = 1\n")
    try:
        git(tmp_path, "init")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git is not available")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    return package


def test_git_state_has_commit_and_tells_changed_files(checkout):
    state = provenance.git_state(checkout)
    assert len(state["commit"]) == 40
    assert state["changed"] is False
    (checkout / "errors.py").write_text("x = 2\n")
    assert provenance.git_state(checkout) == {"commit": state["commit"], "changed": True}


def test_package_installed_inside_another_repository_is_not_its_code(checkout):
    installed = checkout.parent / "env" / "site-packages" / "neurosim"
    installed.mkdir(parents=True)
    (installed / "errors.py").write_text("x = 1\n")
    assert provenance.git_state(installed) is None
    copied = checkout.parent / "copied"
    copied.mkdir()
    (copied / "errors.py").write_text("")
    assert provenance.git_state(copied) is None
