"""Run the command line on a tiny experiment: in a new process, or in this one where no process is tested."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[2]
TINY = """
schema = 1
seed = 3
[data]
name = "two_moons"
options = { n = 12, seed = 1 }
[network]
hidden = [5]
output_bias = 0.0
[learning]
beta = 0.2
accumulator = { kind = "digital", quantum = 0.002 }
[training]
epochs = 2
rate = [0.02, 0.01]
[record]
every = 5
traced_devices = 3
"""


@pytest.fixture
def environment():
    """Return the environment of a new process that finds this source tree and draws without a screen."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "NO_COLOR": "1", "COLUMNS": "160"}


@pytest.fixture
def experiment(tmp_path):
    """Return the path of a tiny experiment file."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


@pytest.fixture
def command(environment, tmp_path):
    """Return a function that runs ``neurosim`` with arguments in a scratch folder and gives the finished process."""

    def run(*arguments, **options):
        return subprocess.run([sys.executable, "-m", "neurosim", *map(str, arguments)], cwd=tmp_path, env=environment,
                              capture_output=True, text=True, timeout=300, check=False, **options)

    return run


@pytest.fixture
def call(capsys, monkeypatch, tmp_path):
    """Return a function that runs ``neurosim`` with arguments in this process and gives what a process would."""
    from neurosim.cli import run as run_command

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "160")

    def run(*arguments):
        capsys.readouterr()
        try:
            code = run_command([str(argument) for argument in arguments])
        except SystemExit as stop:
            code = stop.code
        text = capsys.readouterr()
        return SimpleNamespace(args=arguments, returncode=code, stdout=text.out, stderr=text.err)

    return run


@pytest.fixture(scope="session")
def _finished(tmp_path_factory):
    """Run the tiny experiment once, in a new process, with a checkpoint after each sample and no read noise."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "tiny.toml").write_text(TINY)
    done = subprocess.run([sys.executable, "-m", "neurosim", "run", "tiny.toml", "--out", "run", "--json", "--no-figures",
                           "--set", "record.checkpoint_seconds=1e-6", "--set", "synapse.read_noise=0.0"], cwd=folder,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300,
                          check=False)
    return done, folder / "run"


@pytest.fixture
def finished(_finished, tmp_path):
    """Return the finished process of a run, and a private copy of its folder."""
    done, folder = _finished
    shutil.copytree(folder, tmp_path / "finished")
    return done, tmp_path / "finished"
