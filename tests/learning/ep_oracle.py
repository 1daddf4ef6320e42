"""Free and nudged phases next to the exact gradient of the same circuit, by adjoint solve."""

import numpy as np

from neurosim.learning.adjoint import adjoint_gradient, contrast_gradient
from neurosim.learning.estimators import EqProp

TARGET = np.array([0.025, -0.025, -0.025])
INPUTS = np.random.default_rng(100).uniform(-0.2, 0.2, (8, 6))


def flat(gradients):
    """Return all crossbars' gradients as one vector."""
    return np.concatenate([part.ravel() for part in gradients])


def phases_and_gradients(network, x, kind="centered", beta=1e-2, nudging="constant_current"):
    """Return the phases of one sample, its exact gradient and its estimate, both flat [V^2/S]."""
    network.present(x)
    phases = EqProp(kind, beta, nudging).run(network, TARGET)
    network.begin_phase(quiet=True)
    exact = flat(adjoint_gradient(network, phases.free.voltage, TARGET))
    return phases, exact, flat(contrast_gradient(network, phases.contrast))


def relative_error(estimate, exact):
    """Return the largest error over the largest exact entry."""
    return np.abs(estimate - exact).max() / np.abs(exact).max()


def cosine(a, b):
    """Return the cosine of the angle between two vectors."""
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def usable(network, beta, nudging="constant_current", kinds=("centered", "positive")):
    """Return the inputs whose phases settle, change no saturation at +-beta, and have a gradient in both crossbars."""
    kept = []
    for x in INPUTS:
        good = True
        for kind in kinds:
            phases, exact, _ = phases_and_gradients(network, x, kind, beta, nudging)
            rests = [rest.voltage for rest in phases.rests]
            good &= phases.settled and not any(network.changed_saturation(rests[0], other) for other in rests[1:])
            good &= np.abs(exact[: network.crossbars[0].n_rows * network.crossbars[0].n_targets]).max() > 0
        if good:
            kept.append(x)
    return kept
