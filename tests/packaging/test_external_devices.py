"""A laboratory's own device package, found by its entry point alone, is listed, checked and learns in place."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "devices" / "README.md").read_text(encoding="utf-8")


def block(name):
    """Return the code block that follows a file name in the document: the example is what is tested."""
    return re.search(rf"^`{re.escape(name)}`.*?\n\n```\w+\n(.*?)```", DOCUMENT, re.DOTALL | re.MULTILINE)[1]


# sinh(0.9 / 0.05) = 3.2829984568665247e7 (half the exponential of 18): dx/dt = 32829.984568665247 / s at 0.9 V.
# The card of the document promises 30.459959489425264 us for the whole window.
EXPERIMENT = '''schema = 1
seed = 0
[data]
name = "xor"
[network]
hidden = [8]
init_gain = [0.7, 0.4]
output_bias = 0.0
[synapse]
card = "lab_cell/first"
sigma_threshold = 0.0
sigma_c2c = 0.0
sigma_c2c_range = 0.0
[training]
epochs = 60
rate = [0.05, 0.05]
schedule = "constant"
'''


@pytest.fixture
def laboratory(tmp_path):
    """Return a function that runs ``neurosim`` where an installed package of a laboratory is on the path."""
    site = tmp_path / "site"
    package, info = site / "lab_devices", site / "lab_devices-1.0.dist-info"
    (package / "cards/lab_cell").mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(block("lab_devices/__init__.py"))
    (package / "cell.py").write_text(block("lab_devices/cell.py"))
    (package / "cards/lab_cell/first.toml").write_text(block("lab_devices/cards/lab_cell/first.toml"))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-devices\nVersion: 1.0\n")
    entry = tomllib.loads(block("pyproject.toml"))["project"]["entry-points"]["neurosim.devices"]["lab"]
    (info / "entry_points.txt").write_text(f"[neurosim.devices]\nlab = {entry}\n")
    (tmp_path / "xor.toml").write_text(EXPERIMENT)

    def run(*arguments):
        return subprocess.run([sys.executable, "-m", "neurosim", *arguments], cwd=tmp_path, capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{site}", "NO_COLOR": "1"}, timeout=300,
                              check=False)

    run.site = site
    return run


def test_external_device_is_listed_checked_and_learns_exclusive_or(laboratory, tmp_path):
    listed = laboratory("device", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert {"lab_cell/first", "vteam/nominal"} <= {item["name"] for item in json.loads(listed.stdout)["devices"]}
    checked = laboratory("device", "check", "lab_cell/first", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    trained = laboratory("run", "xor.toml", "--out", "out", "--json", "--no-figures")
    assert trained.returncode == 0, trained.stderr
    summary = json.loads(trained.stdout)
    assert summary["train_accuracy"] == 1.0
    assert summary["unsettled_phases"] == 0
    with np.load(tmp_path / "out/weights.npz") as weights:
        assert np.any(weights["before0"] != weights["after0"])


def test_broken_external_package_does_not_break_the_others(laboratory):
    (laboratory.site / "lab_devices/__init__.py").write_text("raise RuntimeError('half installed')")
    listed = laboratory("device", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    names = {item["name"] for item in json.loads(listed.stdout)["devices"]}
    assert "vteam/nominal" in names
    assert "lab_cell/first" not in names
    missing = laboratory("device", "show", "lab_cell/first")
    assert missing.returncode == 2
    assert "half installed" in missing.stderr
    assert "Traceback" not in missing.stderr
