"""Hard-axis biased magnetic tunnel junction: a hard-tanh neuron with an exact energy.

A field along the in-plane hard axis turns the magnetisation by sin(angle) = H/H_k until it saturates, so that the
reduced magnetisation m = m_x in [-1, 1] and the output voltage V are

    H = c I + H_off                 tau dm/dt = (1 - a m^2) (H/H_k - m),  kept within [-1, 1]             (1)
    V = V_r m                       at rest V = V_r clip(H/H_k, -1, 1)                                    (2)

with mobility a = 0 (linear) or a = 1 (the exact overdamped limit of the Landau-Lifshitz-Gilbert equation of a thin
film, tau = alpha / (gamma_0 H_k)). Written with the co-content

    P(V) = (V_r / c) (H_k m^2 / 2 - H_off m),   dP/dV = the current that holds V,   m = V / V_r           (3)

the motion is a gradient flow, (V_r / c) (H - H_k m) = -d(P - I V)/dm, for any spread of c, V_r and H_k. With a = 1 the
saturated states m = -1 and m = 1 are absorbing, as the hard axis itself is for the LLG equation without noise.

The LLG twin (``MODEL.forms["llg"]``) takes the same card. How well (1) follows it is stated in ``hard_axis_fit``.

References
----------
E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948), doi:10.1098/rsta.1948.0007 (coherent rotation).
B. Scellier, Y. Bengio, Front. Comput. Neurosci. 11, 24 (2017), doi:10.3389/fncom.2017.00024 (the hard-tanh as neuron).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from devices.spintronic import hard_axis_llg
from devices.spintronic.hard_axis_parameters import DRIVES, H_K, H_OFF, HANDLES, MOBILITY, OUTPUTS, PARAMS, TAU, V_R, C
from neurosim.device import DeviceModel, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ACTIVATION, ADVANCE, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import exp, tanh

SUBSTEPS_PER_TAU = 32  # of `advance` with mobility; fourth order, error below 1e-7


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dm/dt [1/s]: zero where m is exactly at a bound and pushed outwards, the free law everywhere else."""
    m, i, dm = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    h_k, c, h_off = params[H_K, start:stop], params[C, start:stop], params[H_OFF, start:stop]
    tau, a = params[TAU, start:stop], params[MOBILITY, start:stop]
    for k in range(stop - start):
        f = max(0.0, 1.0 - a[k] * m[k] * m[k]) * ((c[k] * i[k] + h_off[k]) / h_k[k] - m[k]) / tau[k]
        blocked = (m[k] == 1.0 and f > 0.0) or (m[k] == -1.0 and f < 0.0)
        dm[k] = 0.0 if blocked else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step m over ``duration`` [s] at frozen current: exact for mobility 0, Runge-Kutta in artanh(m) to 1e-7 otherwise.

    The free motion is monotonic, so clipping its end point is the exact projected motion. With x = sqrt(a) m and
    u = artanh(x), (1) becomes du/ds = sqrt(a) h - tanh(u) with s = t / tau: slope at most one, stable for any duration.
    """
    m, i, length = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    h_k, c, h_off = params[H_K, start:stop], params[C, start:stop], params[H_OFF, start:stop]
    tau, a = params[TAU, start:stop], params[MOBILITY, start:stop]
    longest = 0.0
    for k in range(stop - start):
        if a[k] == 0.0:
            h = (c[k] * i[k] + h_off[k]) / h_k[k]
            m[k] = min(1.0, max(-1.0, h + (m[k] - h) * exp(-length[k] / tau[k])))
        else:
            x = min(1.0, max(-1.0, math.sqrt(a[k]) * m[k]))
            m[k] = math.atanh(x)  # +-inf at an absorbing bound, and stays there
            longest = max(longest, length[k] / tau[k])
    n_substeps = math.ceil(longest * SUBSTEPS_PER_TAU)
    for _ in range(n_substeps):
        for k in range(stop - start):
            if a[k] != 0.0:
                h = math.sqrt(a[k]) * (c[k] * i[k] + h_off[k]) / h_k[k]
                ds = length[k] / tau[k] / n_substeps
                k1 = h - tanh(m[k])
                k2 = h - tanh(m[k] + 0.5 * ds * k1)
                k3 = h - tanh(m[k] + 0.5 * ds * k2)
                k4 = h - tanh(m[k] + ds * k3)
                m[k] += ds / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    for k in range(stop - start):
        if a[k] != 0.0:
            m[k] = min(1.0, max(-1.0, tanh(m[k]) / math.sqrt(a[k])))


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the output voltage V = V_r clip(m, -1, 1) [V]."""
    m, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * min(1.0, max(-1.0, m[k]))


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the rest voltage (2) [V] and its slope dV/dI [V/A], zero where saturated."""
    i, v, dv = drive[0, start:stop], out[0, start:stop], slope[0, start:stop]
    h_k, c, h_off = params[H_K, start:stop], params[C, start:stop], params[H_OFF, start:stop]
    v_r = params[V_R, start:stop]
    for k in range(stop - start):
        h = (c[k] * i[k] + h_off[k]) / h_k[k]
        v[k] = v_r[k] * min(1.0, max(-1.0, h))
        dv[k] = v_r[k] * c[k] / h_k[k] if abs(h) < 1.0 else 0.0


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (3) [W] of the output voltages."""
    v = output[0, start:stop]
    h_k, c, h_off = params[H_K, start:stop], params[C, start:stop], params[H_OFF, start:stop]
    v_r = params[V_R, start:stop]
    w = out[start:stop]
    for k in range(stop - start):
        m = v[k] / v_r[k]
        w[k] = v_r[k] / c[k] * (0.5 * h_k[k] * m * m - h_off[k] * m)


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dm/dt] of one device in plain Python, the oracle of ``rate``."""
    m = state[0]
    h = (params["c"] * drive[0] + params["h_off"]) / params["h_k"]
    f = max(0.0, 1.0 - params["mobility"] * m**2) * (h - m) / params["tau"]
    return [0.0 if (m == 1.0 and f > 0.0) or (m == -1.0 and f < 0.0) else f]


def slow_activation(drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V] at rest of one device in plain Python, the oracle of ``activation``."""
    h = (params["c"] * drive[0] + params["h_off"]) / params["h_k"]
    return [params["v_r"] * min(1.0, max(-1.0, h))]


ONE_STATE = DeviceModel(
    name="hard_axis_mtj",
    params=PARAMS,
    states=(StateSpec("m", "", -1.0, 1.0, 0.0, "magnetisation along the hard axis x over its saturation value"),),
    drives=DRIVES,
    outputs=OUTPUTS,
    rate=rate,
    advance=advance,
    output=output,
    activation=activation,
    potential=potential,
    exact_advance=False,
    advance_tolerance=1e-7,
    handles=HANDLES,
    twins={"rate": slow_rate, "activation": slow_activation},
    reference="10.1098/rsta.1948.0007",
    doc="Hard-axis biased magnetic tunnel junction, one state: hard-tanh neuron with an exact energy.",
)

LLG = replace(
    ONE_STATE,
    name="hard_axis_mtj_llg",
    states=hard_axis_llg.STATES,
    rate=hard_axis_llg.rate,
    energy=hard_axis_llg.energy,
    advance=None,
    twins={"rate": hard_axis_llg.slow_rate, "activation": slow_activation},
    doc="Hard-axis biased magnetic tunnel junction, full magnetisation vector (Landau-Lifshitz-Gilbert).",
)

MODEL = replace(ONE_STATE, forms={"one_state": ONE_STATE, "llg": LLG})
