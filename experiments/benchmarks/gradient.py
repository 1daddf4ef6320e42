"""How exactly two settled phases give the loss gradient: estimators and nudging against the adjoint, over beta.

Question: what is the bias of each estimator, and where does it start (a neuron that changes saturation)? By what angle does the
          estimate turn away from the gradient when backward products come out larger than forward ones?
Command:  python experiments/benchmarks/gradient.py [--json]
Expected: one-sided slope 1 in beta, centred spring slope 2, centred constant current <= 1e-9, while no neuron changes
          saturation. Angle of slope 1 in the mismatch of the gains (checked: within 0.1 below a mismatch of 0.1).
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
MISMATCHES = (0.003, 0.01, 0.03, 0.1, 0.3)


def angle(experiment, sample: int, mismatch: float) -> float | None:
    """Return the angle [degrees] between estimate and gradient, both of the circuit with backward products times 1 + mismatch.

    None where a neuron changes saturation between the two nudged phases, or where a phase finds no rest: the larger gain raises
    the coupling norm.
    """
    network = experiment.network
    target = experiment.trainer.targets[experiment.trainer.labels[sample]]
    begin = type(network).begin_phase

    def unequal(*, quiet=False):
        begin(network, quiet=quiet)
        for _, backward in network.engine.matrices:
            backward *= 1 + mismatch

    network.begin_phase = unequal
    try:
        network.present(experiment.train_voltage[sample])
        phases = EqProp("centered", 1e-3).run(network, target)
        network.begin_phase()
    finally:
        del network.begin_phase
    if not phases.settled or network.changed_saturation(*phases.contrast[:2]):
        return None
    free = phases.free.voltage
    exact = adjoint_gradient(network, free, target)
    for k in range(1, len(exact)):  # the adjoint takes each coupling for reciprocal; its bias row is v_read mu
        exact[k][:-1] += mismatch * np.outer(exact[k - 1][-1] / network.synapse.v_read, free[network.slices[k]])
    a, b = (np.concatenate([g.ravel() for g in gradient]) for gradient in (contrast_gradient(network, phases.contrast), exact))
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    return float(np.degrees(2 * np.arctan2(np.linalg.norm(a - b), np.linalg.norm(a + b))))


def mismatch_rows(experiment) -> list[dict]:
    """Return the median and largest angle over samples at each mismatch of the gains.

    Raises
    ------
    AssertionError
        The median angle does not grow in proportion to a small mismatch.
    """
    rows = []
    for mismatch in MISMATCHES:
        found = [x for x in (angle(experiment, sample, mismatch) for sample in SAMPLES) if x is not None]
        rows.append({"mismatch": mismatch, "samples": len(found), "median_degree": float(np.median(found)),
                     "largest_degree": float(np.max(found))})
    small = [row for row in rows if row["mismatch"] < 0.1]
    slope = np.polyfit(*(np.log([row[key] for row in small]) for key in ("mismatch", "median_degree")), 1)[0]
    if abs(slope - 1) > 0.1:
        raise AssertionError(f"the angle grows with the mismatch to the power {slope:.2f}; to first order it is 1.")
    return rows


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
    unequal = mismatch_rows(experiment)
    if parser.parse_args().json:
        print(json.dumps({"rows": rows, "mismatch": unequal, "neurosim": ns.__version__}))
        return
    print(f"neurosim {ns.__version__}; default network, {len(SAMPLES)} samples, read noise off")
    for row in rows:
        error = "no sample keeps its saturation" if row["median_error"] is None else (
            f"median {row['median_error']:.1e}, largest {row['largest_error']:.1e}")
        print(f"{row['estimator']:9s} {row['nudging']:17s} beta {row['beta']:7.0e}  {error}  ({row['samples']} samples)")
    for row in unequal:
        print(f"backward gain {1 + row['mismatch']:.3f} of forward: angle to the gradient median {row['median_degree']:.2g}, "
              f"largest {row['largest_degree']:.2g} degrees  ({row['samples']} samples)")


if __name__ == "__main__":
    main()
