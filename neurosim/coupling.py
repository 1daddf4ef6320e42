"""How strongly a network's neurons act on each other: the norm that says whether rest points are unique."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from neurosim.network import Network


def coupling_norm(network: Network) -> float:
    """Return the spectral norm of all neuron-neuron couplings together; below 1 every rest point is unique.

    With two neuron layers it is the norm of their one block, with more that of the whole symmetric matrix.
    """
    root, slices = np.sqrt(network.neuron_slopes()), network.slices
    blocks = [root[slices[b]][:, None] * crossbar.weights()[:-1] * root[slices[b + 1]][None, :]
              for b, crossbar in enumerate(network.crossbars[1:])]
    if len(blocks) < 2:
        return float(np.linalg.norm(blocks[0], 2)) if blocks else 0.0
    whole = np.zeros((network.n_neurons, network.n_neurons))
    for b, block in enumerate(blocks):
        whole[slices[b], slices[b + 1]] = block
    return float(np.linalg.norm(whole + whole.T, 2))
