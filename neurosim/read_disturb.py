"""Reads that would write: how fast the read voltage moves the devices of a network, and what is refused.

Reads are not integrated as writes; that is right while one sample's reads move nothing noticeable.
"""

from __future__ import annotations

import numpy as np

from neurosim.config import Config
from neurosim.errors import ParameterError
from neurosim.network import Network

TYPICAL_PHASE = 1e-7  # s, free and nudged phases of one sample together
ADIABATIC = 1e-3  # largest state change in one sample's reads, as a fraction of the state range
LASTING = 1e-2  # largest state change of a typical device in all reads of a job, as a fraction of the state range


def refuse_read_disturb(network: Network, config: Config) -> None:
    """Refuse formed devices that reads would write: state change in one phase at v_read above ADIABATIC of the range.

    Raises
    ------
    ParameterError
        With the measured adiabaticity and what to lower.
    """
    swing = float(network.saturation.max())
    v_read = network.synapse.v_read
    if swing > v_read * (1 + 1e-9):
        limit = network.synapse.device.v_read_max
        remedy = (f"Lower neuron.params.v_r to at most {limit:g} V, the v_read_max of {config.synapse.card}." if swing > limit
                  else "Lower neuron.params.v_r or raise synapse.v_read.")
        raise ParameterError(f"{config.neuron.card}: neurons drive their lines with up to {swing:g} V, above synapse.v_read = "
                             f"{v_read:g} V. {remedy}")
    for rates in read_rates(network):
        moved = float(np.median(rates)) * TYPICAL_PHASE
        if moved > ADIABATIC:
            raise ParameterError(f"{config.synapse.card}: a read phase of {TYPICAL_PHASE:.0e} s at v_read = "
                                 f"{v_read:g} V moves a typical device by {moved:.2g} of its range (limit "
                                 f"{ADIABATIC:g}). Lower synapse.v_read or take a device with a threshold.")


def read_rates(network: Network) -> list[np.ndarray]:
    """Return how fast +-v_read moves every device as it is now, beyond what time alone does: one (n,) per crossbar.

    In ranges of the state per second, the faster polarity and the fastest state.
    """
    found = []
    for crossbar in network.crossbars:
        population = crossbar.population
        span = np.array([[spec.high - spec.low] for spec in population.model.states])
        fastest, alone = np.zeros(population.size), np.zeros_like(population.state)
        population.model.rate(population.state, np.zeros((1, population.size)), population.params, alone, 0, population.size)
        for voltage in (network.synapse.v_read, -network.synapse.v_read):
            change = np.zeros_like(population.state)
            population.model.rate(population.state, np.full((1, population.size), voltage), population.params, change, 0,
                                  population.size)
            fastest = np.maximum(fastest, (np.abs(change - alone) / span).max(axis=0))
        found.append(fastest)
    return found


def read_adiabaticity(network: Network, seconds: float) -> float:
    """Return how far reads of that duration at v_read move the fastest device, as a fraction of its state range."""
    return float(max(rates.max() for rates in read_rates(network))) * seconds


def typical_read_drift(network: Network, seconds: float) -> float:
    """Return how far reads of that duration move the median device of the worst crossbar, as a fraction of its range."""
    return float(max(np.median(rates) for rates in read_rates(network))) * seconds
