"""A laboratory's own device package, found by its entry point alone, is listed, checked and learns in place."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
MODULE = '''"""A memristor of a laboratory: dx/dt = k sinh(v / v_0), conductance linear in x, x within [0, 1]."""

from math import sinh

from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, RATE

K, V_0, G_LOW, G_HIGH = range(4)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    for j in range(start, stop):
        f = params[K, j] * sinh(drive[0, j] / params[V_0, j])
        out[0, j] = 0.0 if (state[0, j] >= 1.0 and f > 0.0) or (state[0, j] <= 0.0 and f < 0.0) else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    for j in range(start, stop):
        x = state[0, j] + params[K, j] * sinh(drive[0, j] / params[V_0, j]) * duration[j]
        state[0, j] = min(1.0, max(0.0, x))


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    for j in range(start, stop):
        out[j] = params[G_LOW, j] + (params[G_HIGH, j] - params[G_LOW, j]) * state[0, j]


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    for j in range(start, stop):
        f, x = params[K, j] * sinh(drive[0, j] / params[V_0, j]), state[0, j]
        end = min(1.0, max(0.0, x + f * duration[j]))
        moving = (end - x) / f if f != 0.0 else 0.0
        area = 0.5 * (x + end) * moving + end * (duration[j] - moving)
        out[j] = drive[0, j] * (params[G_LOW, j] * duration[j] + (params[G_HIGH, j] - params[G_LOW, j]) * area)


MODEL = DeviceModel(
    name="lab_cell", rate=rate, advance=advance, conductance=conductance, charge=charge, reference="none",
    params=(ParamSpec("k", "1/s", 1e-3, 0.0, 1e9, "rate"), ParamSpec("v_0", "V", 0.05, 1e-3, 1.0, "slope"),
            ParamSpec("g_low", "S", 5e-6, 1e-9, 1.0, "OFF"), ParamSpec("g_high", "S", 1e-4, 1e-9, 1.0, "ON")),
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "fraction"),), drives=(SignalSpec("v", "V", "voltage"),),
    handles={"rate": Handle(("k",)), "g_min": Handle(("g_low",)), "g_max": Handle(("g_high",))})
'''
INIT = '''from pathlib import Path

LIBRARY = {"lab_cell": "lab_devices.cell:MODEL"}
CARDS = Path(__file__).parent / "cards"
'''
# sinh(0.9 / 0.05) = 3.2829984568665247e7 (half the exponential of 18): dx/dt = 32829.984568665247 / s at 0.9 V.
CARD = '''schema = 1
model = "lab_cell"
[source]
title = "First cell of the laboratory"
authors = "A. Nobody"
year = 2026
[params]
k = { value = 1e-3, unit = "1/s", origin = "assumed" }
v_0 = { value = 50.0, unit = "mV", origin = "assumed" }
g_low = { value = 5.0, unit = "uS", origin = "assumed" }
g_high = { value = 100.0, unit = "uS", origin = "assumed" }
[valid]
v_read_max = { value = 0.2, unit = "V" }
[[expected.switching_time]]
voltage = 0.9
from = 0.0
to = 1.0
seconds = 30.459959489425264e-6
rtol = 1e-9
'''
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
    (package / "__init__.py").write_text(INIT)
    (package / "cell.py").write_text(MODULE)
    (package / "cards/lab_cell/first.toml").write_text(CARD)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab-devices\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[neurosim.devices]\nlab = lab_devices:LIBRARY\n")
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
