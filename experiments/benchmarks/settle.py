"""Time of one free phase: transient and Newton, 64-96-10 and 784-120-10, with the distance to rest that was reached.

Question: what does settling in time cost against solving for the rest point?
Command:  python experiments/benchmarks/settle.py [--json]
Expected: transient of 784-120-10 <= 150 us (input projection included), on one thread.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable

import numba
import numpy as np

import neurosim as ns


def median_us(call: Callable[[], object], repeats: int = 15, inner: int = 40) -> float:
    """Return the median time of a call [us]."""
    call()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        for _ in range(inner):
            call()
        times.append((time.perf_counter() - began) / inner * 1e6)
    return statistics.median(times)


def measure(sizes: tuple[int, ...], active: float) -> dict[str, object]:
    """Return times of one network with random weights of the size that training starts from."""
    neuron, device = ns.load_device("hard_axis_mtj/nominal"), ns.load_device("vteam/nominal")
    network = ns.Network([ns.Inputs(sizes[0]), *(ns.Neurons(n, neuron) for n in sizes[1:])], ns.Crossbar(device=device), seed=1)
    low, high = network.synapse.nominal_window()
    generator = np.random.default_rng(0)
    for crossbar, gain in zip(network.crossbars, (2.0 * network.output_swing() / 0.2, 0.3), strict=True):
        shape = (crossbar.n_rows, crossbar.n_targets)
        crossbar.form(network.g0 * gain * np.sqrt(6 / sum(shape)) * generator.uniform(-1, 1, shape), low, high)
    voltage = np.where(generator.random(sizes[0]) < active, generator.uniform(0, 0.2, sizes[0]), 0.0)

    def transient() -> object:
        network.present(voltage)
        network.reset()
        network.begin_phase(quiet=True)
        return network.settle()

    rest = transient().raise_for_status()  # type: ignore[attr-defined]
    newton = network.equilibrium(np.zeros(network.n_neurons))
    return {"network": "-".join(map(str, sizes)), "transient_us": median_us(transient), "steps": rest.steps,
            "simulated_ns": rest.time * 1e9, "newton_us": median_us(lambda: network.equilibrium(np.zeros(network.n_neurons))),
            "newton_iterations": newton.steps,
            "distance": float(np.abs(rest.voltage - newton.voltage).max() / network.output_swing())}


def main() -> None:
    """Print one line per network."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    rows = [measure((64, 96, 10), 0.5), measure((784, 120, 10), 0.19)]
    if parser.parse_args().json:
        print(json.dumps({"rows": rows, "neurosim": ns.__version__, "numba": numba.__version__}))
        return
    print(f"neurosim {ns.__version__}, numba {numba.__version__}, Python {platform.python_version()}, {platform.machine()}, "
          "one thread, medians")
    for row in rows:
        print(f"{row['network']:12s} transient {row['transient_us']:6.1f} us ({row['steps']} steps, "
              f"{row['simulated_ns']:.0f} ns), Newton {row['newton_us']:6.1f} us ({row['newton_iterations']} iterations), "
              f"apart by {row['distance']:.1e}")


if __name__ == "__main__":
    main()
