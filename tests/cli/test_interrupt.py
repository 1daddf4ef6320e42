"""Ctrl-C at any moment: one line on standard error, exit 130, no traceback.

The moment is set by what the process has just imported (``-X importtime`` tells), not by the clock.
"""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

ANSWER = "neurosim: interrupted."
IMPORTED = "import time:"


def interrupt_after(module, environment, tmp_path, *arguments):
    """Start ``neurosim``, send SIGINT once it has imported ``module``; return code, output, and lines that are no imports."""
    with subprocess.Popen([sys.executable, "-X", "importtime", "-m", "neurosim", *map(str, arguments)], cwd=tmp_path,
                          env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for line in process.stderr:
            if line.rpartition("|")[2].strip() == module:
                process.send_signal(signal.SIGINT)
                break
        else:
            raise AssertionError(f"{module} was never imported")
        out, err = process.communicate(timeout=120)
    return process.returncode, out, [line for line in err.splitlines() if not line.startswith(IMPORTED)]


@pytest.mark.parametrize("module", ["neurosim.cli", "rich.console", "pydantic", "numpy", "numba.core.typing",
                                    "neurosim.kernels.jit", "neurosim.run"])
def test_ctrl_c_while_modules_load_is_one_line_and_130(environment, experiment, tmp_path, module):
    code, out, lines = interrupt_after(module, environment, tmp_path, "run", experiment, "--out", "run", "--json")
    assert (code, lines) == (130, [ANSWER])
    assert module == "neurosim.cli" or json.loads(out)["status"] == "interrupted"  # --json may not be read yet
    assert not (tmp_path / "run/run.lock").exists()


@pytest.mark.parametrize("arguments", [("device", "list"), ("doctor",)])
def test_every_command_answers_ctrl_c_while_it_loads(environment, tmp_path, arguments):
    assert interrupt_after("numba.core.typing", environment, tmp_path, *arguments) == (130, "", [ANSWER])


@pytest.mark.slow
@pytest.mark.parametrize("module", ["neurosim.kernels.vmath", "neurosim.kernels.rng", "neurosim.network"])
def test_ctrl_c_while_kernels_compile_is_answered_within_half_a_second(environment, experiment, tmp_path, module):
    environment["NEUROSIM_CACHE_DIR"] = str(tmp_path / "kernels")
    with subprocess.Popen([sys.executable, "-X", "importtime", "-m", "neurosim", "run", str(experiment)], cwd=tmp_path,
                          env=environment, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        for line in process.stderr:
            if line.rpartition("|")[2].strip() == module:
                break
        time.sleep(0.5)  # into the compilation of what comes next
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        answered = next(time.monotonic() for line in process.stderr if line.strip() == ANSWER)
        rest = [line for line in process.stderr if not line.startswith(IMPORTED)]
    assert answered - sent < 0.5
    assert (process.returncode, rest) == (130, [])


@pytest.mark.slow
def test_ctrl_c_while_training_is_answered_within_half_a_second(environment, experiment, tmp_path):
    with subprocess.Popen([sys.executable, "-m", "neurosim", "run", str(experiment), "--set", "training.epochs=100000",
                           "--out", "run", "--no-figures"], cwd=tmp_path, env=environment, text=True, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL) as process:
        next(line for line in process.stderr if "epoch 3/" in line)
        sent = time.monotonic()
        process.send_signal(signal.SIGINT)
        answered = next(time.monotonic() for line in process.stderr if "Stopping after this sample" in line)
        rest = process.stderr.read()
    assert answered - sent < 0.5
    assert process.returncode == 130
    assert "neurosim resume" in rest
    assert not os.path.exists(tmp_path / "run/run.lock")


def test_an_interrupt_that_is_swallowed_is_repeated(environment, tmp_path):
    code = ("import time\nfrom neurosim.interrupt import Interrupts\nwith Interrupts():\n"
            "  while True:\n    try:\n      print('ready', flush=True)\n      while True: time.sleep(0.01)\n"
            "    except KeyboardInterrupt: print('swallowed', flush=True)\n")
    with subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=environment, text=True, stderr=subprocess.PIPE,
                          stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, ANSWER + "\n")
    assert out.count("swallowed") > 1
