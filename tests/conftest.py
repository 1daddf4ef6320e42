"""One thread per process, and the small networks and configurations that several tests build."""

import collections
import copy
import os

for _name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
import pytest  # noqa: E402

TINY = {
    "seed": 3,
    "data": {"name": "two_moons", "options": {"n": 12, "seed": 1}},
    "network": {"hidden": [5], "init_gain": [2.0, 0.3], "output_bias": 0.0},
    "learning": {"beta": 0.2, "accumulator": {"kind": "digital", "quantum": 0.002}},
    "training": {"epochs": 2, "rate": [0.02, 0.01]},
    "record": {"every": 5, "traced_devices": 3},
}


def pytest_sessionstart(session):
    """Compile all kernels in parallel before a first run: collecting the tests would do it one after the other."""
    from neurosim.compile_ahead import compile_ahead
    from neurosim.kernels.cache_folder import is_cold

    if is_cold() and not session.config.option.collectonly:
        compile_ahead()


def pytest_collection_modifyitems(config, items):
    """With NEUROSIM_REDUCED=1 keep the first and every tenth case of each slow test: what a check of every change runs."""
    if os.environ.get("NEUROSIM_REDUCED") != "1":
        return
    seen, kept, left_out = collections.Counter(), [], []
    for item in items:
        name = item.nodeid.partition("[")[0]
        spare = item.get_closest_marker("slow") is not None and seen[name] % 10 > 0
        (left_out if spare else kept).append(item)
        seen[name] += 1
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def tiny():
    """Return a function that gives the raw tiny configuration with ``section.key`` changes (dots as double underscores)."""

    def make(**changes):
        raw = copy.deepcopy(TINY)
        for path, value in changes.items():
            *parents, last = path.split("__")
            table = raw
            for name in parents:
                table = table.setdefault(name, {})
            table[last] = value
        return raw

    return make


@pytest.fixture
def build_tiny(tiny):
    """Return a function that builds the experiment of the tiny configuration with changes."""
    from neurosim.config import parse_config
    from neurosim.experiment import build

    return lambda **changes: build(parse_config(tiny(**changes)))


@pytest.fixture
def make_network():
    """Return a function that builds a 6-5-3 network with formed weights: spread on by default, reads without noise."""
    from neurosim.crossbar_spec import Crossbar
    from neurosim.library import load_device
    from neurosim.network import Inputs, Network, Neurons, SettleOptions

    def make(seed=7, mode="equilibrium", gain=(1.0, 0.8), sigma=0.1, sizes=(6, 5, 3), options=None, synapse=None):
        neuron, memristor = load_device("hard_axis_mtj/nominal"), load_device("vteam/nominal")
        layers = [Inputs(sizes[0]), *(Neurons(n, neuron, sigma_stiffness=sigma, sigma_gain=sigma) for n in sizes[1:])]
        crossbar = Crossbar(device=memristor, **{"sigma_d2d": sigma, **(synapse or {})})
        network = Network(layers, crossbar, seed=seed, options=SettleOptions(**{"mode": mode, **(options or {})}))
        low, high = crossbar.nominal_window()
        rng = np.random.default_rng(seed)
        for k, array in enumerate(network.crossbars):
            uniform = rng.uniform(-1, 1, (array.n_rows, array.n_targets))
            weights = gain[k] * np.sqrt(6 / (array.n_sources + array.n_targets)) * uniform
            weights[-1] *= 0.3
            unit = network.output_swing() / crossbar.v_read if k == 0 else 1.0
            array.form(weights * unit * network.g0, low, high)
        return network

    return make
