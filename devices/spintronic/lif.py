"""Leaky integrate-and-fire neuron: its firing rate as a neuron with an energy, and its spikes one by one.

Form ``spiking``: u is the integrator between rest (0) and threshold (1), driven by j = (I_b + g I) / I_th,

    tau du/dt = j - u,  kept above 0;   at u = 1: a spike of the length t_ref, count + 1, then u = 0      (1)

The output is V_r during a spike and 0 else. At constant current its mean is V_r f with the share of time in spikes

    f(j) = t_ref / (t_ref - tau ln(1 - 1/j))  for j > 1,  0 else                                         (2)

Default form ``rate``: the output averaged over tau_s, long against the spikes,

    tau_s ds/dt = f(j) - s,   V = V_r s,   at rest V = V_r f                                              (3)
    U(V) = (V_r / g) [I_th (integral of j(s) ds) - I_b s],   j(s) = 1 / (1 - exp(-(1/s - 1) t_ref / tau))  (4)

dU/dV is the current that holds V, and f - s has the sign of j - j(s): averaged neurons coupled by symmetric conductances
never raise the co-content of their network, and equilibrium propagation applies to them. The spiking form has no such energy:
it never rests, and its place is to show what is lost when averages are short. f has an infinite slope at j = 1, as this neuron
has without noise.

A domain wall that current drives from the middle of a track against a linear leak to its end, where a junction fires and a
reset returns it, is (1) below the Walker threshold: :func:`devices.spintronic.lif_parameters.from_domain_wall`.

References
----------
L. Lapicque, J. Physiol. Pathol. Gen. 9, 620 (1907) (the neuron).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from devices.spintronic.lif_parameters import (
    DRIVES,
    GAIN,
    HANDLES,
    I_BIAS,
    I_THRESHOLD,
    OUTPUTS,
    PARAMS,
    T_REF,
    TAU,
    TAU_RATE,
    V_R,
    slow_activation,
    slow_rate,
    slow_spiking_advance,
)
from neurosim.device import DeviceModel, StateSpec
from neurosim.errors import ParameterError
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ACTIVATION, ADVANCE, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import exp, expm1, log, log1p

NODES, WEIGHTS = (tuple(values.tolist()) for values in np.polynomial.legendre.leggauss(16))
PANELS = 24  # towards each end, each half as wide as the last or in proportion


@scalar_kernel
def drive_of(i, i_bias, gain, i_threshold):
    """Return j, the total current over the threshold."""
    return (i_bias + gain * i) / i_threshold


@scalar_kernel
def share_of(j, ratio):
    """Return f of (2); ``ratio`` is tau / t_ref."""
    return 1.0 / (1.0 - ratio * log1p(-1.0 / j)) if j > 1.0 else 0.0


@scalar_kernel
def rest_of_holding(s, ratio):
    """Return j(s) - 1/y, y = (1/s - 1) / ratio: between 1/2 and 1, smooth."""
    y = (1.0 / s - 1.0) / ratio
    return 0.5 + y / 12.0 - y * y * y / 720.0 if y < 0.01 else -1.0 / expm1(-y) - 1.0 / y


@scalar_kernel
def panel_integral(begin, end, ratio):
    """Return the integral of ``rest_of_holding`` over one panel."""
    total = 0.0
    for k in range(len(NODES)):
        total += WEIGHTS[k] * rest_of_holding(begin + 0.5 * (1.0 + NODES[k]) * (end - begin), ratio)
    return 0.5 * (end - begin) * total


@scalar_kernel
def integral_of_holding(s, ratio):
    """Return the integral of j from 0 to s < 1: 1/y in closed form, the rest by panels that shrink towards 0 and towards 1."""
    total, end = ratio * (-s - log1p(-s)), 0.5 * s
    for _ in range(PANELS):
        total += panel_integral(0.5 * end, end, ratio)
        end *= 0.5
    total += panel_integral(0.0, end, ratio)
    far, step = 1.0 - 0.5 * s, exp(log((1.0 - s) / (1.0 - 0.5 * s)) / PANELS)
    for k in range(PANELS):
        near = far * step if k < PANELS - 1 else 1.0 - s
        total += panel_integral(1.0 - far, 1.0 - near, ratio)
        far = near
    return total


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write ds/dt [1/s] of (3)."""
    s, i, ds, tau_rate = state[0, start:stop], drive[0, start:stop], out[0, start:stop], params[TAU_RATE, start:stop]
    tau, t_ref, i_th = params[TAU, start:stop], params[T_REF, start:stop], params[I_THRESHOLD, start:stop]
    i_b, gain = params[I_BIAS, start:stop], params[GAIN, start:stop]
    for k in range(stop - start):
        ds[k] = (share_of(drive_of(i[k], i_b[k], gain[k], i_th[k]), tau[k] / t_ref[k]) - s[k]) / tau_rate[k]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step s over ``duration`` [s] at frozen current: exact."""
    s, i, dt, tau_rate = state[0, start:stop], drive[0, start:stop], duration[start:stop], params[TAU_RATE, start:stop]
    tau, t_ref, i_th = params[TAU, start:stop], params[T_REF, start:stop], params[I_THRESHOLD, start:stop]
    i_b, gain = params[I_BIAS, start:stop], params[GAIN, start:stop]
    for k in range(stop - start):
        rest = share_of(drive_of(i[k], i_b[k], gain[k], i_th[k]), tau[k] / t_ref[k])
        s[k] = rest + (s[k] - rest) * exp(-dt[k] / tau_rate[k])


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the mean output voltage V = V_r s [V]."""
    s, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * min(1.0, max(0.0, s[k]))


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the rest voltage (3) [V] and its slope dV/dI [V/A]: df/dj = f^2 (tau / t_ref) / (j (j - 1))."""
    i, v, dv, v_r = drive[0, start:stop], out[0, start:stop], slope[0, start:stop], params[V_R, start:stop]
    tau, t_ref, i_th = params[TAU, start:stop], params[T_REF, start:stop], params[I_THRESHOLD, start:stop]
    i_b, gain = params[I_BIAS, start:stop], params[GAIN, start:stop]
    for k in range(stop - start):
        j, ratio = drive_of(i[k], i_b[k], gain[k], i_th[k]), tau[k] / t_ref[k]
        f = share_of(j, ratio)
        v[k] = v_r[k] * f
        dv[k] = v_r[k] * gain[k] / i_th[k] * f * f * ratio / (j * (j - 1.0)) if j > 1.0 else 0.0


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (4) [W] of the output voltages; infinite where no current holds them."""
    v, w, v_r = output[0, start:stop], out[start:stop], params[V_R, start:stop]
    tau, t_ref, i_th = params[TAU, start:stop], params[T_REF, start:stop], params[I_THRESHOLD, start:stop]
    i_b, gain = params[I_BIAS, start:stop], params[GAIN, start:stop]
    for k in range(stop - start):
        s = v[k] / v_r[k]
        if s == 0.0:
            w[k] = 0.0
        elif s < 0.0 or s >= 1.0:
            w[k] = math.inf
        else:
            w[k] = v_r[k] / gain[k] * (i_th[k] * integral_of_holding(s, tau[k] / t_ref[k]) - i_b[k] * s)


@kernel(RATE)
def spiking_rate(state, drive, params, out, start, stop):
    """Write the motion between two spikes: d(u, w, count)/dt [1/s] of (1); the spikes themselves are in ``advance``."""
    u, w, i = state[0, start:stop], state[1, start:stop], drive[0, start:stop]
    du, dw, dn = out[0, start:stop], out[1, start:stop], out[2, start:stop]
    tau, t_ref, i_th = params[TAU, start:stop], params[T_REF, start:stop], params[I_THRESHOLD, start:stop]
    i_b, gain = params[I_BIAS, start:stop], params[GAIN, start:stop]
    for k in range(stop - start):
        f = (drive_of(i[k], i_b[k], gain[k], i_th[k]) - u[k]) / tau[k]
        du[k] = 0.0 if w[k] > 0.0 or (u[k] <= 0.0 and f < 0.0) else f
        dw[k] = -1.0 / t_ref[k] if w[k] > 0.0 else 0.0
        dn[k] = 0.0


@kernel(ADVANCE)
def spiking_advance(state, drive, params, noise, duration, start, stop):
    """Step (1) over ``duration`` [s] at frozen current with any number of spikes: exact."""
    u, w, n = state[0, start:stop], state[1, start:stop], state[2, start:stop]
    i, dt = drive[0, start:stop], duration[start:stop]
    tau, t_ref, i_th = params[TAU, start:stop], params[T_REF, start:stop], params[I_THRESHOLD, start:stop]
    i_b, gain = params[I_BIAS, start:stop], params[GAIN, start:stop]
    for k in range(stop - start):
        j, left = drive_of(i[k], i_b[k], gain[k], i_th[k]), dt[k] - w[k] * t_ref[k]
        if left < 0.0:
            w[k] = -left / t_ref[k]
            continue
        w[k] = 0.0
        reach = tau[k] * log1p((1.0 - u[k]) / (j - 1.0)) if j > 1.0 else math.inf
        if reach <= left:
            left -= reach
            period = t_ref[k] - tau[k] * log1p(-1.0 / j)
            whole = math.floor(left / period)
            left = max(0.0, left - whole * period)
            n[k] += 1.0 + whole
            u[k], w[k] = 0.0, max(0.0, 1.0 - left / t_ref[k])
            left = max(0.0, left - t_ref[k])
        u[k] = min(1.0, max(0.0, u[k] - (j - u[k]) * expm1(-left / tau[k])))


@kernel(OUTPUT)
def spiking_output(state, params, out, start, stop):
    """Write the output voltage [V]: V_r during a spike, else 0."""
    w, v_r, v = state[1, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] if w[k] > 0.0 else 0.0


def refuse_integration(scheme: str, step: float, params: np.ndarray, drives: np.ndarray) -> None:
    """Refuse schemes that integrate ``rate``: they would run past the threshold without a spike."""
    raise ParameterError(f'lif_spiking: scheme "{scheme}" integrates the motion between spikes and would miss them. Step this '
                         'form by its exact advance, or take the form "rate".')


RATE_FORM = DeviceModel(
    name="lif",
    params=PARAMS,
    states=(StateSpec("s", "", 0.0, 1.0, 0.0, "share of time in spikes, averaged"),),
    drives=DRIVES,
    outputs=OUTPUTS,
    rate=rate,
    advance=advance,
    output=output,
    activation=activation,
    potential=potential,
    handles=HANDLES,
    twins={"rate": slow_rate, "activation": slow_activation},
    doc="Leaky integrate-and-fire neuron, mean output: firing-rate curve with an exact energy; spikes in a form of its own.",
)

SPIKING = replace(
    RATE_FORM,
    name="lif_spiking",
    states=(
        StateSpec("u", "", 0.0, 1.0, 0.0, "integrator, 0 is rest and 1 is threshold"),
        StateSpec("w", "", 0.0, 1.0, 0.0, "share of a spike that is still to come"),
        StateSpec("count", "", 0.0, math.inf, 0.0, "spikes so far"),
    ),
    rate=spiking_rate,
    advance=spiking_advance,
    output=spiking_output,
    activation=None,
    potential=None,
    check_run=refuse_integration,
    twins={"advance": slow_spiking_advance},
    doc="Leaky integrate-and-fire neuron, spike by spike: exact step, no energy.",
)

MODEL = replace(RATE_FORM, forms={"rate": RATE_FORM, "spiking": SPIKING})
