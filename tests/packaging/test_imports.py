"""What importing costs, and that each part of the project imports only what its layer may."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {"numba", "scipy", "matplotlib", "pydantic", "pint", "rich"}


def test_importing_neurosim_loads_nothing_heavy(tmp_path):
    code = f"import sys, neurosim; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def test_names_of_the_package_stay_what_they_are_after_their_modules_are_imported(tmp_path):
    # A module of the same name as a function would replace it in the package once it is imported.
    code = ("import neurosim as ns; first = {name: getattr(ns, name) for name in ns.__all__}; "
            "print([name for name in first if getattr(ns, name) is not first[name]])")
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
                          capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


def imported(path):
    """Return the names of all modules that a source file imports, at any depth."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    return names


@pytest.mark.parametrize(("folder", "forbidden"), [
    ("neurosim", ("devices",)),
    ("neurosim/kernels", ("neurosim.device", "neurosim.card", "neurosim.errors", "neurosim.network", "neurosim.learning")),
    ("devices", ("neurosim.card", "neurosim.card_file", "neurosim.library", "neurosim.network", "neurosim.learning",
                 "neurosim.config", "tests")),
    ("neurosim/learning", ("neurosim.plot", "neurosim.cli", "neurosim.commands")),
])
def test_layer_does_not_import_what_is_above_it(folder, forbidden):
    wrong = [f"{path.relative_to(ROOT)}: {name}" for path in sorted((ROOT / folder).rglob("*.py")) for name in imported(path)
             if any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)]
    assert wrong == []


def test_every_kernel_module_goes_through_the_one_decorator():
    # numba's own cache returns stale results when an imported kernel is edited; only kernels/jit.py may compile.
    wrong = [str(path.relative_to(ROOT)) for folder in ("neurosim", "devices") for path in (ROOT / folder).rglob("*.py")
             if path.name != "jit.py" and any(name in ("numba.njit", "numba.jit", "numba.vectorize", "numba.guvectorize")
                                              for name in imported(path))]
    assert wrong == []
