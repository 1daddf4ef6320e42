"""The kernel cache: warm loads, no stale results, and damaged or unwritable folders. Each case is a new process."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neurosim.kernels.jit import kernel, module_key
from neurosim.kernels.signatures import A1, void

CONSTANTS = "FACTOR = {factor}\n"
RULES = """
from neurosim.kernels.jit import scalar_kernel
from toylab.constants import FACTOR


@scalar_kernel
def scaled(x):
    return FACTOR * x
"""
KERNELS = """
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, void
from toylab import rules


@kernel(void(A1, A1))
def apply(x, out):
    for i in range(x.size):
        out[i] = rules.scaled(x[i])
"""
REPORT = """
import json, sys, tempfile, warnings
if len(sys.argv) > 1:
    tempfile.tempdir = sys.argv[1]
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import numpy as np
    from toylab.kernels import apply
out = np.empty(2)
apply(np.array([1.0, 2.0]), out)
print(json.dumps({"out": out.tolist(), "loaded": sum(apply.stats.cache_hits.values()),
                  "warnings": [str(w.message) for w in caught if "cache" in str(w.message)]}))
"""
REPOSITORY = Path(__file__).parents[3]


class Laboratory:
    """A throw-away package whose kernel uses a helper that uses a constant, each in its own file."""

    def __init__(self, folder):
        self.folder = folder
        self.cache = folder / "cache"
        package = folder / "toylab"
        package.mkdir()
        (package / "__init__.py").write_text("")
        (package / "rules.py").write_text(RULES)
        (package / "kernels.py").write_text(KERNELS)
        self.set_factor(3.0)

    def set_factor(self, factor):
        (self.folder / "toylab" / "constants.py").write_text(CONSTANTS.format(factor=factor))

    def start(self, cache=None, *arguments):
        """Start a process that loads and calls the kernel."""
        environment = {**os.environ, "NEUROSIM_CACHE_DIR": str(cache or self.cache), "PYTHONDONTWRITEBYTECODE": "1",
                       "PYTHONPATH": os.pathsep.join([str(self.folder), str(REPOSITORY)])}
        environment.pop("NUMBA_DISABLE_JIT", None)
        return subprocess.Popen([sys.executable, "-c", REPORT, *map(str, arguments)], env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, cache=None, *arguments):
        return self.report(self.start(cache, *arguments))

    @staticmethod
    def report(process):
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return json.loads(out)

    def copy_of_cache(self, name):
        return Path(shutil.copytree(self.cache, self.folder / name))


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """Return a laboratory whose cache was filled by a first process."""
    made = Laboratory(tmp_path_factory.mktemp("laboratory"))
    assert made.run() == {"out": [3.0, 6.0], "loaded": 0, "warnings": []}
    return made


def machine_code(cache):
    files = sorted(cache.rglob("*.nbc"))
    assert files
    return files


def test_a_second_process_loads_and_does_not_compile(laboratory):
    assert laboratory.run() == {"out": [3.0, 6.0], "loaded": 1, "warnings": []}


def test_editing_a_module_two_imports_away_gives_the_new_result(laboratory):
    laboratory.set_factor(5.0)
    try:
        edited = laboratory.run()
    finally:
        laboratory.set_factor(3.0)
    assert edited == {"out": [5.0, 10.0], "loaded": 0, "warnings": []}
    assert laboratory.run()["loaded"] == 1  # the version before the edit is still there


def test_a_truncated_cache_file_is_built_again(laboratory):
    cache = laboratory.copy_of_cache("truncated")
    for path in machine_code(cache):
        path.write_bytes(path.read_bytes()[:100])
    assert laboratory.run(cache) == {"out": [3.0, 6.0], "loaded": 0, "warnings": []}
    assert laboratory.run(cache)["loaded"] == 1


@pytest.mark.parametrize("suffix", ["nbc", "nbi"])
def test_a_flipped_bit_in_a_cache_file_is_noticed(laboratory, suffix):
    cache = laboratory.copy_of_cache(f"flipped_{suffix}")
    for path in cache.rglob(f"*.{suffix}"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 4
        path.write_bytes(content)
    assert laboratory.run(cache) == {"out": [3.0, 6.0], "loaded": 0, "warnings": []}


def test_a_cache_without_checksums_is_not_trusted(laboratory):
    cache = laboratory.copy_of_cache("unsigned")
    for path in cache.rglob("*.sum"):
        path.unlink()
    assert laboratory.run(cache)["loaded"] == 0


def test_an_unwritable_cache_folder_falls_back_to_the_temporary_folder(laboratory, tmp_path):
    # A folder below a file cannot be made, not even by root.
    (tmp_path / "file").write_text("")
    (tmp_path / "temporary").mkdir()
    report = laboratory.run(tmp_path / "file" / "cache", tmp_path / "temporary")
    assert report == {"out": [3.0, 6.0], "loaded": 0, "warnings": []}
    assert machine_code(tmp_path / "temporary")


def test_without_any_writable_folder_kernels_work_and_warn_once(laboratory, tmp_path):
    (tmp_path / "file").write_text("")
    report = laboratory.run(tmp_path / "file" / "cache", tmp_path / "file")
    assert report["out"] == [3.0, 6.0]
    assert len(report["warnings"]) == 1
    assert "NEUROSIM_CACHE_DIR" in report["warnings"][0]


@pytest.mark.slow
def test_processes_that_start_together_on_an_empty_cache_all_work(laboratory, tmp_path):
    processes = [laboratory.start(tmp_path / "shared") for _ in range(4)]
    for process in processes:
        assert laboratory.report(process)["out"] == [3.0, 6.0]
    assert laboratory.run(tmp_path / "shared")["loaded"] == 1


def test_a_type_error_in_a_kernel_is_raised_and_not_taken_for_damage():
    def wrong(x):
        x.no_such_method()

    with pytest.raises(Exception, match="no_such_method"):
        kernel(void(A1))(wrong)


def test_kernels_keep_nan_and_divide_by_zero_as_floats_do():
    @kernel(void(A1, A1))
    def divide(x, out):
        for i in range(x.size):
            out[i] = 1.0 / x[i] if x[i] == x[i] else -7.0

    out = np.empty(2)
    divide(np.array([0.0, np.nan]), out)
    np.testing.assert_array_equal(out, [np.inf, -7.0])


def test_the_key_of_a_module_depends_on_every_module_it_imports():
    names = ("bits", "vmath", "rng", "signatures")
    keys = [module_key(f"neurosim.kernels.{name}") for name in names]
    assert len(set(keys)) == len(names)
    assert all(len(key) == 64 for key in keys)


CLOSURES = """
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, void
from toylab.kernels import apply


@kernel(void(A1, A1))
def negate(x, out):
    for i in range(x.size):
        out[i] = -x[i]


def shifted(inner, shift):
    @kernel(void(A1, A1))
    def apply_and_shift(x, out):
        inner(x, out)
        for i in range(x.size):
            out[i] += shift

    return apply_and_shift


ALL = [shifted(apply, 1.0), shifted(apply, 10.0), shifted(negate, 1.0), shifted(shifted(negate, 1.0), 1.0)]
"""
REPORT_CLOSURES = """
import json
import numpy as np
from toylab.closures import ALL
out, found = np.empty(1), []
for kernel in ALL:
    kernel(np.array([2.0]), out)
    found.append(out[0])
print(json.dumps({"out": found, "loaded": sum(sum(kernel.stats.cache_hits.values()) for kernel in ALL)}))
"""


def closures(laboratory):
    environment = {**os.environ, "NEUROSIM_CACHE_DIR": str(laboratory.cache), "PYTHONDONTWRITEBYTECODE": "1",
                   "PYTHONPATH": os.pathsep.join([str(laboratory.folder), str(REPOSITORY)])}
    process = subprocess.Popen([sys.executable, "-c", REPORT_CLOSURES], env=environment, text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
    return laboratory.report(process)


def test_closures_over_different_kernels_and_numbers_are_kept_apart_and_loaded(tmp_path):
    laboratory = Laboratory(tmp_path)
    (tmp_path / "toylab" / "closures.py").write_text(CLOSURES)
    expected = [7.0, 16.0, -1.0, 0.0]  # 3 * 2 + 1, 3 * 2 + 10, -2 + 1, -2 + 1 + 1
    assert closures(laboratory) == {"out": expected, "loaded": 0}
    assert closures(laboratory) == {"out": expected, "loaded": 4}
    count = len(machine_code(laboratory.cache))
    assert closures(laboratory)["loaded"] == 4
    assert len(machine_code(laboratory.cache)) == count
    laboratory.set_factor(5.0)  # two modules below the inner kernel: only what closes over it is compiled anew
    changed = closures(laboratory)
    assert changed["out"] == [11.0, 20.0, -1.0, 0.0]


def test_a_kernel_may_not_close_over_an_array():
    table = np.array([1.0])

    def looked_up(x, out):
        out[0] = table[0]

    with pytest.raises(TypeError, match="closes over array"):
        kernel(void(A1, A1))(looked_up)


PAIRS = """
import os
from toylab.closures import kernel, A1, void, apply, shifted

INNER = [shifted(apply, float(x)) for x in os.environ["SHIFTS"].split()]


def pair(a, b):
    @kernel(void(A1, A1))
    def both(x, out):
        a(x, out)
        first = out[0]
        b(x, out)
        out[0] = 100.0 * first + out[0]

    return both


ALL = [pair(a, b) for a in INNER for b in INNER]
"""


def test_a_closure_from_the_cache_is_not_taken_for_another_one_compiled_in_this_process(tmp_path, monkeypatch):
    # Symbols hold a number that each process counts anew: a loaded closure and one compiled here can have the same one.
    laboratory = Laboratory(tmp_path)
    (tmp_path / "toylab" / "closures.py").write_text(CLOSURES.partition("ALL = ")[0])
    (tmp_path / "toylab" / "pairs.py").write_text(PAIRS)
    monkeypatch.setattr(sys.modules[__name__], "REPORT_CLOSURES", REPORT_CLOSURES.replace("toylab.closures", "toylab.pairs"))
    for shifts in ("1", "2 1", "3 2 1", "4 3 2 1"):
        monkeypatch.setenv("SHIFTS", shifts)
        inner = [6.0 + float(x) for x in shifts.split()]
        assert closures(laboratory)["out"] == [100.0 * a + b for a in inner for b in inner]
