"""The Kuramoto network with second-harmonic injection: pairwise coupled phases, in plain numpy, for tests and comparison.

    dphi_i/dt = omega_i - sum_j K_ij sin(phi_i - phi_j + lag) - K_s,i sin(2 phi_i) - b_i sin(phi_i)          (1)
    L = -(1/2) sum_ij K_ij cos(phi_i - phi_j) - (1/2) sum_i K_s,i cos(2 phi_i) - sum_i b_i cos(phi_i) - sum_i omega_i phi_i

For symmetric K and lag = 0, (1) is dphi/dt = -dL/dphi, and equilibrium propagation has dL/dK_ij = -cos(phi_i - phi_j) for
each pair once. With all omega equal to zero L is bounded. A lag (a nonisochronous oscillator has tan(lag) = nu) makes the
coupling no longer odd, and (1) is not a gradient flow: L may rise and the network may never rest. b is a field of the
reference, omega a detuning [rad/s]; oscillators whose detuning is larger than their coupling do not lock.

This is not the law of :mod:`devices.spintronic.phase_oscillator`, whose neurons see each other through voltages cos phi.

Reference: J. A. Acebron et al., Rev. Mod. Phys. 77, 137 (2005), doi:10.1103/RevModPhys.77.137.
"""

from __future__ import annotations

import numpy as np

Number = np.ndarray | float


def kuramoto_rate(phase: np.ndarray, coupling: np.ndarray, injection: Number = 0.0, *, field: Number = 0.0,
                  detuning: Number = 0.0, lag: Number = 0.0) -> np.ndarray:
    """Return dphi/dt of (1) [rad/s].

    Parameters
    ----------
    phase : ndarray, shape (n,)
        Phases [rad].
    coupling : ndarray, shape (n, n)
        K [1/s].
    injection, field, detuning, lag : float or ndarray, shape (n,)
        K_s [1/s], b [1/s], omega [rad/s], lag [rad] of each oscillator.
    """
    difference = phase[:, None] - phase[None, :] + np.reshape(lag, (-1, 1))
    pull = np.sum(coupling * np.sin(difference), axis=1)
    return detuning - pull - injection * np.sin(2.0 * phase) - field * np.sin(phase)


def kuramoto_energy(phase: np.ndarray, coupling: np.ndarray, injection: Number = 0.0, *, field: Number = 0.0,
                    detuning: Number = 0.0) -> float:
    """Return L [rad/s] of the module docstring; it never rises for symmetric couplings without lag."""
    pairs = -0.5 * np.sum(coupling * np.cos(phase[:, None] - phase[None, :]))
    own = 0.5 * injection * np.cos(2.0 * phase) + field * np.cos(phase) + detuning * phase
    return float(pairs - np.sum(own))


def coupling_gradient(phase: np.ndarray) -> np.ndarray:
    """Return dL/dK_ij = -cos(phi_i - phi_j) of each pair (both directions together), shape (n, n)."""
    return -np.cos(phase[:, None] - phase[None, :])
