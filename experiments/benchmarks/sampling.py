"""How fast does a network of fluctuating junctions give averages, beside simulated annealing calls?

Question   Cost per spin update of a 120-40 network of telegraph junctions with running means and pair products, and time to a
           correlation matrix of 1000 independent samples; beside it dwave-samplers' simulated annealing at constant
           temperature, 1000 reads of as many sweeps as one independent sample takes here, on the same couplings.
Command    python experiments/benchmarks/sampling.py [--repeats 10] [--json]
Time       half a minute; the peer is left out where it is not installed (pip install dwave-samplers)
Expected   see ../README.md
Method     a repeat runs every piece once, in turn; the least processor time of the repeats counts. The integrated
           autocorrelation time is that of the slowest spin, from single steps. The mean states of both must agree within five
           standard errors.
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import neurosim
from neurosim.crossbar_spec import Crossbar
from neurosim.library import load_device
from neurosim.network import Inputs, Network, Neurons, SettleOptions

HIDDEN, OUTPUT, SAMPLES, BURN_IN = 120, 40, 1000, 20  # spins, spins, independent samples, correlation times
STEP = 1e-7  # s: many dwell times, so that a step is a Gibbs update
SPREAD_FIELD, SPREAD_COUPLING = 0.5, 0.1  # standard deviations of fields and couplings over kT


def build(steps: int) -> Network:
    """Return the network with random fields and couplings."""
    neuron = load_device("smtj/nominal", form="telegraph", delta=2.0, tau_0="0.1 ns")
    synapse = Crossbar(device=load_device("vteam/nominal"), v_read=0.2)
    options = SettleOptions(mode="sampled", sample_step=STEP, sample_time=steps * STEP, burn_in=0.0)
    network = Network([Inputs(1), Neurons(HIDDEN, neuron), Neurons(OUTPUT, neuron)], synapse, seed=1, options=options)
    rng = np.random.default_rng(1)
    unit = neuron.value("i_c") / neuron.value("delta")  # current of one kT per spin
    weights = rng.normal(0.0, SPREAD_COUPLING, (HIDDEN, OUTPUT)) * unit / neuron.value("v_r")
    middle = 0.5 * sum(synapse.nominal_window())
    wide = np.vstack([weights, np.zeros(OUTPUT)])
    network.crossbars[1].assign(np.hstack([middle + wide / 2, middle - wide / 2]))
    network.crossbars[0].assign(np.full_like(network.crossbars[0].g, middle))
    network.present(np.zeros(1))
    network.begin_phase()
    network.engine.fixed[:] = rng.normal(0.0, SPREAD_FIELD, HIDDEN + OUTPUT) * unit
    return network


def correlation_time(network: Network, steps: int = 4000) -> float:
    """Return the integrated autocorrelation time of the slowest spin, in steps (1: independent)."""
    states = np.empty((steps, HIDDEN + OUTPUT))
    network.options = SettleOptions(mode="sampled", sample_step=STEP, sample_time=STEP, burn_in=0.0)
    for k in range(steps):
        network.phase += 1
        states[k] = network.settle().voltage
    z = (states - states.mean(axis=0)) / np.maximum(states.std(axis=0), 1e-30)
    lags = np.array([(z[: steps - lag] * z[lag:]).mean(axis=0) for lag in range(1, 60)])
    total = np.ones(z.shape[1])
    alive = np.ones(z.shape[1], dtype=bool)
    for row in lags:
        alive &= row > 2.0 / math.sqrt(steps)
        total[alive] += 2.0 * row[alive]
    return float(total.max())


def peer(network: Network, sweeps: int) -> Callable[[], np.ndarray] | None:
    """Return a function that gives SAMPLES x spins states of the same law, or None where the peer is not installed."""
    try:
        import dimod  # type: ignore[import-not-found, unused-ignore]
        from dwave.samplers import SimulatedAnnealingSampler  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    neuron = network.neurons[0]
    scale = neuron.params[neuron.model.param_index["delta"], 0] / neuron.params[neuron.model.param_index["i_c"], 0]
    couplings = network.crossbars[1].weights()[:-1] * 0.05 * scale
    model: Any = dimod.BinaryQuadraticModel("SPIN")
    for i, field in enumerate(network.engine.fixed * scale):
        model.add_linear(i, -float(field))
    for i in range(HIDDEN):
        for j in range(OUTPUT):
            model.add_quadratic(i, HIDDEN + j, -float(couplings[i, j]))
    sampler: Any = SimulatedAnnealingSampler()

    def run() -> np.ndarray:
        found = sampler.sample(model, num_reads=SAMPLES, beta_schedule_type="custom", beta_schedule=[1.0] * sweeps,
                               num_sweeps_per_beta=1, proposal_acceptance_criteria="Gibbs", seed=3)
        states = found.record.sample[:, np.argsort(list(found.variables))].astype(float)
        states.T @ states / SAMPLES  # the matrix that is asked for
        return states

    return run


def main() -> None:
    """Measure and print, or print one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    correlation = correlation_time(build(1))
    steps = math.ceil(SAMPLES * correlation)
    network = build(steps)
    network.settle()  # burn-in
    other = peer(network, math.ceil(BURN_IN * correlation))
    ours, theirs = math.inf, math.inf
    states = np.empty((0, HIDDEN + OUTPUT))
    for _ in range(options.repeats):
        network.phase += 1
        began = time.thread_time()
        rest = network.settle()
        ours = min(ours, time.thread_time() - began)
        if other is not None:
            began = time.thread_time()
            states = other()
            theirs = min(theirs, time.thread_time() - began)
    result: dict[str, Any] = {
        "neurosim": neurosim.__version__, "python": platform.python_version(), "correlation_steps": correlation,
        "ns_per_update": 1e9 * ours / steps / (HIDDEN + OUTPUT), "ms_per_matrix": 1e3 * ours}
    if other is not None:
        gap = (states.mean(axis=0) - rest.voltage / 0.05) / np.maximum(states.std(axis=0), 0.05) * math.sqrt(SAMPLES / 2)
        from importlib import metadata

        result |= {"dwave-samplers": metadata.version("dwave-samplers"), "peer_ms_per_matrix": 1e3 * theirs,
                   "ratio": theirs / ours, "largest_gap_in_standard_errors": float(np.abs(gap).max())}
    if options.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:32s} {value:.4g}" if isinstance(value, float) else f"{name:32s} {value}")


if __name__ == "__main__":
    main()
