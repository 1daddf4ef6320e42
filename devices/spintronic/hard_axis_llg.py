"""The hard-axis junction as a full magnetisation vector: the Landau-Lifshitz-Gilbert twin of the one-state neuron.

Thin film in the x-y plane, easy axis y, write field along x, demagnetising field along z:

    H = (c I + H_off, H_k m_y, -M_s m_z)
    dm/dt = -gamma_0/(1 + alpha^2) { m x H + alpha m x (m x H) } + k (1 - |m|^2) m                         (1)

The last term vanishes on the sphere and holds |m| = 1 for steppers that do not renormalise; k = alpha gamma_0 M_s
/ (2 (1 + alpha^2)) makes it as fast as the fastest motion of the film, so that it costs no step size.
The rest point is m_x = clip((c I + H_off)/H_k, -1, 1). Without noise m = +x and m = -x are absorbing: a state made by
``vector_state`` keeps the angle ``tilt`` from them.

On the way to rest the out-of-plane component stores energy that the output does not show, so that the co-content is

    E = (V_r / c) (H_k (m_x^2 + m_z^2) / 2 + M_s m_z^2 / 2 - H_off m_x)                                   (2)

with least value P(V) of :mod:`devices.spintronic.hard_axis_mtj` at given m_x (m_z = 0). Coupled junctions never raise
sum E - sum over couplings V_i W_ij V_j; sum P alone rises where alpha < 2 sqrt(H_k/M_s).

For alpha > 2 sqrt(H_k/M_s) the motion is overdamped, m_z follows the in-plane torque, and (1) reduces to
dm_x/dt = (gamma_0 H_k/alpha) (1 - m_x^2) (H/H_k - m_x): the one-state form with mobility 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.spintronic.hard_axis_parameters import ALPHA, H_K, H_OFF, M_S, TILT, V_R, C
from devices.spintronic.llg import GAMMA_0, torque
from neurosim.device import StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import CONDUCTANCE, RATE

STATES = (
    StateSpec("m_x", "", -1.0, 1.0, 0.0, "magnetisation along the hard axis, which the junction reads"),
    StateSpec("m_y", "", -1.0, 1.0, 1.0, "magnetisation along the easy axis"),
    StateSpec("m_z", "", -1.0, 1.0, 0.0, "magnetisation out of the plane"),
)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dm/dt [1/s] of (1)."""
    mx, my, mz, i = state[0, start:stop], state[1, start:stop], state[2, start:stop], drive[0, start:stop]
    h_k, c, h_off = params[H_K, start:stop], params[C, start:stop], params[H_OFF, start:stop]
    alpha, m_s = params[ALPHA, start:stop], params[M_S, start:stop]
    dx, dy, dz = out[0, start:stop], out[1, start:stop], out[2, start:stop]
    for k in range(stop - start):
        hx, hy, hz = c[k] * i[k] + h_off[k], h_k[k] * my[k], -m_s[k] * mz[k]
        a = alpha[k]
        gamma = GAMMA_0 / (1.0 + a * a)
        tx, ty, tz = torque(mx[k], my[k], mz[k], hx, hy, hz, a * hx, a * hy, a * hz, gamma)
        hold = 0.5 * a * gamma * m_s[k] * (1.0 - mx[k] * mx[k] - my[k] * my[k] - mz[k] * mz[k])
        dx[k], dy[k], dz[k] = tx + hold * mx[k], ty + hold * my[k], tz + hold * mz[k]


@kernel(CONDUCTANCE)  # the same arguments: state, params, out (n,)
def energy(state, params, out, start, stop):
    """Write the co-content (2) [W] of whole states."""
    mx, mz, w = state[0, start:stop], state[2, start:stop], out[start:stop]
    h_k, c, h_off = params[H_K, start:stop], params[C, start:stop], params[H_OFF, start:stop]
    m_s, v_r = params[M_S, start:stop], params[V_R, start:stop]
    for k in range(stop - start):
        w[k] = v_r[k] / c[k] * (0.5 * h_k[k] * mx[k] * mx[k] + 0.5 * (h_k[k] + m_s[k]) * mz[k] * mz[k] - h_off[k] * mx[k])


def vector_state(m: np.ndarray, params: np.ndarray) -> np.ndarray:
    """Return the in-plane unit vectors with the given m_x, at least ``tilt`` away from the hard axis.

    Parameters
    ----------
    m : ndarray, shape (n,)
        States of the one-state form, within [-1, 1].
    params : ndarray, shape (n_param, n)
        Parameters of the card.

    Returns
    -------
    ndarray, shape (3, n)
        States of the vector form.
    """
    limit = np.cos(params[TILT])
    m_x = np.clip(m, -limit, limit)
    return np.stack([m_x, np.sqrt(1.0 - m_x**2), np.zeros_like(m_x)])


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return dm/dt of one device with cross products written out by numpy, the oracle of ``rate``."""
    m = np.array(state, dtype=float)
    alpha, m_s = params["alpha"], params["m_s"]
    h = np.array([params["c"] * drive[0] + params["h_off"], params["h_k"] * m[1], -m_s * m[2]])
    gamma = GAMMA_0 / (1.0 + alpha**2)
    precession = np.cross(m, h)
    out = -gamma * (precession + alpha * np.cross(m, precession))
    return list(out + 0.5 * alpha * gamma * m_s * (1.0 - math.fsum(m * m)) * m)
