"""Networks of neurons without a graded response, such as phases that lock to 0 or 180 degrees: only their energy can be judged.

They have several rest points and no gradient to propagate. The scale of currents comes from the potential: the largest
current |dU/dV| that it names. Starts are states that lone neurons pass on their way to rest under random currents.
"""

from __future__ import annotations

import numpy as np

from neurosim.card import Device
from neurosim.certify.circuits import Circuits
from neurosim.certify.networks import (
    STARTS,
    Response,
    Setup,
    direction_gains,
    generator,
    spread_population,
    symmetric_couplings,
)

STEPS = 40  # of the voltage over which dU/dV is looked at


def build_binary(device: Device, setup: Setup) -> tuple[Circuits, np.ndarray]:
    """Return random networks and start states of ``circuits.times(STARTS)``, shape (n_state, B STARTS n)."""
    shape, population, rng = (setup.networks, setup.neurons), spread_population(device, setup), generator(setup)
    alone = Circuits.build(population.model, population.params, np.zeros((*shape, setup.neurons)), np.zeros(shape))
    held = Response(alone)
    current = largest_current(alone, held)
    weights = symmetric_couplings(rng, held.swing / (2.0 * current), setup.norm)
    weights *= direction_gains(setup.neurons, setup.asymmetry)
    circuits = alone.changed(weights=weights, bias=current * rng.uniform(-0.5, 0.5, shape))
    many = alone.times(STARTS)
    pushed = many.changed(bias=np.repeat(current, STARTS, axis=0) * rng.uniform(-1.0, 1.0, many.bias.shape))
    passed = pushed.settle(np.repeat(population.state, STARTS, axis=1)).states
    chosen = rng.integers(0, len(passed), many.columns)
    return circuits, np.ascontiguousarray(passed[chosen, :, np.arange(many.columns)].T)


def largest_current(alone: Circuits, held: Response) -> np.ndarray:
    """Return the largest |dU/dV| between the lowest and highest output [A], shape (B, n)."""
    contents = []
    for share in np.linspace(0.0, 1.0, STEPS + 1):
        own = np.empty(alone.columns)
        voltage = np.ascontiguousarray(held.voltage(share).reshape(1, -1))
        alone.model.require("potential")(voltage, alone.params, own, 0, alone.columns)
        contents.append(own.reshape(alone.bias.shape))
    return np.abs(np.diff(np.array(contents), axis=0)).max(axis=0) * STEPS / held.swing
