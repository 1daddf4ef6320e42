"""The exact loss gradient at a rest point, by one adjoint solve: the oracle that estimators are measured against.

At rest V = s(I(V, W)). With the cost C(V), S = diag(ds/dI) and A = dI/dV, the adjoint mu = S (1 - A^T S)^-1 dC/dV gives

    dC/dW_ij = mu_j V_i + mu_i V_j      (mu = 0 on clamped lines),

because W_ij carries the current W_ij V_i into j and W_ij V_j into i. Equilibrium propagation estimates the same number as
``-contrast / g0``. Dense and slow on purpose; not used for learning.
"""

from __future__ import annotations

import numpy as np

from neurosim.kernels.newton import coupling_matrix, rest_residual
from neurosim.network import Network


def adjoint_gradient(network: Network, voltage: np.ndarray, target: np.ndarray) -> list[np.ndarray]:
    """Return dC/dW of every crossbar at the free rest point, shapes (n_rows, n_targets) [V^2/S].

    Parameters
    ----------
    network : Network
        With its inputs presented and the free phase begun (no nudge).
    voltage : ndarray, shape (n_neurons,)
        Outputs at rest [V].
    target : ndarray, shape (n_outputs,)
        Target voltages of C = sum (V - V*)^2 / 2.
    """
    n = network.n_neurons
    residual, slope, coupling = np.empty(n), np.empty(n), np.empty((n, n))
    network.rest_equations(rest_residual, voltage, residual, slope)
    coupling_matrix(network.engine.layout, network.engine.values, coupling)
    pull = np.zeros(n)
    pull[network.slices[-1]] = voltage[network.slices[-1]] - target
    mu = slope * np.linalg.solve(np.eye(n) - coupling.T * slope[None, :], pull)
    gradients = []
    for k in range(len(network.crossbars)):
        source, at_target = network.line_voltages(k, voltage)
        mu_source = np.zeros(source.size)
        if k > 0:
            mu_source[:-1] = mu[network.slices[k - 1]]
        gradients.append(np.outer(source, mu[network.slices[k]]) + np.outer(mu_source, at_target))
    return gradients


def contrast_gradient(network: Network, contrast: tuple[np.ndarray, np.ndarray, float]) -> list[np.ndarray]:
    """Return the gradient that two phases estimate, same shapes and unit as :func:`adjoint_gradient`."""
    a, b, scale = contrast
    gradients = []
    for k in range(len(network.crossbars)):
        source_a, target_a = network.line_voltages(k, a)
        source_b, target_b = network.line_voltages(k, b)
        gradients.append(-scale / network.g0 * (np.outer(source_a, target_a) - np.outer(source_b, target_b)))
    return gradients
