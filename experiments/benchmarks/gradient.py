"""How exactly two settled phases give the loss gradient: estimators and nudging against the adjoint, over beta.

Question: what is the bias of each estimator, and where does it start (a neuron that changes saturation)?
Command:  python experiments/benchmarks/gradient.py [--json]
Expected: one-sided slope 1 in beta, centred spring slope 2, centred constant current <= 1e-9, while no neuron changes
          saturation.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

import neurosim as ns
from neurosim.config import parse_config
from neurosim.experiment import build
from neurosim.learning.adjoint import adjoint_gradient, contrast_gradient
from neurosim.learning.estimators import EqProp

BETAS = (1e-4, 1e-3, 1e-2, 3e-2, 1e-1)
SAMPLES = range(40)


def main() -> None:
    """Print the median relative error over samples whose neurons keep their saturation, and how many those are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    experiment = build(parse_config({"synapse": {"read_noise": 0}, "settle": {"mode": "equilibrium"}}))
    network, rows = experiment.network, []
    for kind, nudging in (("positive", "constant_current"), ("positive", "spring"), ("centered", "spring"),
                          ("centered", "constant_current")):
        for beta in BETAS:
            errors = []
            for sample in SAMPLES:
                target = experiment.trainer.targets[experiment.trainer.labels[sample]]
                network.present(experiment.train_voltage[sample])
                phases = EqProp(kind, beta, nudging).run(network, target)
                if network.changed_saturation(*phases.contrast[:2]):
                    continue
                network.begin_phase()
                exact = np.concatenate([g.ravel() for g in adjoint_gradient(network, phases.free.voltage, target)])
                estimate = np.concatenate([g.ravel() for g in contrast_gradient(network, phases.contrast)])
                errors.append(np.linalg.norm(estimate - exact) / np.linalg.norm(exact))
            rows.append({"estimator": kind, "nudging": nudging, "beta": beta, "samples": len(errors),
                         "median_error": float(np.median(errors)) if errors else None,
                         "largest_error": float(np.max(errors)) if errors else None})
    if parser.parse_args().json:
        print(json.dumps({"rows": rows, "neurosim": ns.__version__}))
        return
    print(f"neurosim {ns.__version__}; default network, {len(SAMPLES)} samples, read noise off")
    for row in rows:
        error = "no sample keeps its saturation" if row["median_error"] is None else (
            f"median {row['median_error']:.1e}, largest {row['largest_error']:.1e}")
        print(f"{row['estimator']:9s} {row['nudging']:17s} beta {row['beta']:7.0e}  {error}  ({row['samples']} samples)")


if __name__ == "__main__":
    main()
