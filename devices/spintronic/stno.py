"""Spin-torque nano-oscillator as a neuron: the Slavin-Tiberkevich oscillator, its power as the signal.

The complex amplitude c of the precession, with power p = |c|^2 in [0, 1], obeys (``stno_complex``)

    dc/dt = -i (omega_0 + N p) c - Gamma_G (1 + Q p) c + Gamma_G zeta (1 - kappa p) c + noise               (1)
    zeta = (I_b + g I) / I_th

Averaged over the phase, with thermal noise of power eta to first order, it is the one-state neuron of this file:

    dp/dt = -2 Gamma_G p [1 + Q p - zeta (1 - kappa p)] + 2 Gamma_G eta (1 + Q p),   V = V_r p              (2)

The power rests at the positive root of (Q + kappa zeta) p^2 - (zeta - 1 + eta Q) p - eta = 0: a soft threshold at
zeta = 1 that becomes p = (zeta - 1)/(zeta + Q) for kappa = 1 and eta = 0. For eta = 0 the power p = 0 is absorbing:
a network needs eta > 0 as its seed. For frozen zeta (2) is a Riccati equation, solved exactly by ``advance``.

(2) can be written dp/dt = 2 Gamma_G p (1 - kappa p) (zeta - z(p)) with z(p) = (1 + Q p)(1 - eta/p)/(1 - kappa p), the
overdrive that holds p. So oscillators that are coupled by rectified (direct) currents, with distinct frequencies so that
they do not lock, follow the gradient of the network's co-content with

    U(V) = (V_r/g) [I_th G(p) - I_b p],   G = integral of z(p) dp,   p = V / V_r                            (3)
    G(p) = -Q p/kappa - (Q/kappa + 1)(1/kappa - eta) ln(1 - kappa p) - eta ln p

with positive mobility, whatever the spread of the parameters: the flow is a gradient flow with noise power included.

kappa = 1 is the torque of Slavin and Tiberkevich. A vortex oscillator with reduced orbit s, ds/dt = a s + b s^3, is (2)
with p = s^2 when a and b are linear in the current (:func:`devices.spintronic.stno_scales.vortex_parameters`);
kappa = 0 is a constant b: a rectifier, p = (zeta - 1)/Q, that ends where the core leaves the dot, at p = 1.

(2) follows the mean of the noise, not its spread: the true mean power of (1) is ``stno_scales.mean_power`` (at
threshold 20 % below (2) for eta = 1e-3, Q = 2). The complex form does not rest, it rotates: it is for characterisation
(frequency, linewidth, noise), not for settling networks.

References
----------
A. Slavin, V. Tiberkevich, IEEE Trans. Magn. 45, 1875 (2009), doi:10.1109/TMAG.2008.2009935 (the oscillator).
J. Torrejon et al., Nature 547, 428 (2017), doi:10.1038/nature23011 (vortex oscillator as a neuron).
A. Ross et al., Nat. Nanotechnol. 18, 1273 (2023), doi:10.1038/s41565-023-01452-w (oscillators in layers).
"""

from __future__ import annotations

import math
from dataclasses import replace

from devices.spintronic import stno_complex
from devices.spintronic.stno_parameters import (
    DAMPING_RATE,
    DRIVES,
    GAIN,
    HANDLES,
    I_BIAS,
    I_THRESHOLD,
    NOISE_POWER,
    OUTPUTS,
    PARAMS,
    SATURATION,
    V_R,
    Q,
)
from devices.spintronic.stno_scales import slow_activation, slow_potential, slow_rate
from neurosim.device import DeviceModel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ACTIVATION, ADVANCE, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import exp, expm1, log, log1p

SMALL = 0.01  # of kappa p, below which the logarithm is summed as a series
ZERO_RATE = 1e-150  # keeps the degenerate case (eta = 0, zeta = 1) finite


@scalar_kernel
def overdrive(i, i_bias, gain, i_threshold):
    """Return zeta, the total current over its threshold."""
    return (i_bias + gain * i) / i_threshold


@scalar_kernel
def discriminant_root(zeta, q, kappa, eta):
    """Return half the return rate over the damping rate, s > 0: the difference of the roots times Q + kappa zeta."""
    middle = zeta - 1.0 + eta * (q + 2.0 * kappa)
    return max(ZERO_RATE, math.sqrt(middle * middle + 4.0 * eta * (q + kappa) * (1.0 - kappa * eta)))


@scalar_kernel
def rest_power(zeta, q, kappa, eta):
    """Return the stable root of (2), not yet limited to 1, and s; without cancellation on either side of threshold."""
    b, s = zeta - 1.0 + eta * q, discriminant_root(zeta, q, kappa, eta)
    above, below = (b + s) / (2.0 * (q + kappa * zeta)), 2.0 * eta / (s - b)
    return (above if b > 0.0 else below), s


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dp/dt [1/s] of (2): zero where p is exactly at a bound and pushed outwards, the free law everywhere else."""
    p, i, dp = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    gamma, q, kappa = params[DAMPING_RATE, start:stop], params[Q, start:stop], params[SATURATION, start:stop]
    i_th, i_b, g = params[I_THRESHOLD, start:stop], params[I_BIAS, start:stop], params[GAIN, start:stop]
    eta = params[NOISE_POWER, start:stop]
    for k in range(stop - start):
        zeta = overdrive(i[k], i_b[k], g[k], i_th[k])
        f = 2.0 * gamma[k] * (zeta * p[k] * (1.0 - kappa[k] * p[k]) - (1.0 + q[k] * p[k]) * (p[k] - eta[k]))
        dp[k] = 0.0 if (p[k] == 1.0 and f > 0.0) or (p[k] == 0.0 and f < 0.0) else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step p over ``duration`` [s] at frozen current, exactly: the solution of (2) is a ratio of two linear flows.

    With a = Q + kappa zeta, b = zeta - 1 + eta Q, s = sqrt(b^2 + 4 a eta), E = exp(-2 Gamma_G s t):
    p(t) = (p [(s + b) + (s - b) E] + 2 eta (1 - E)) / ((s - b) + (s + b) E + 2 a p (1 - E)). The motion is monotonic, so
    clipping its end point is the exact projected motion.
    """
    p, i, length = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    gamma, q, kappa = params[DAMPING_RATE, start:stop], params[Q, start:stop], params[SATURATION, start:stop]
    i_th, i_b, g = params[I_THRESHOLD, start:stop], params[I_BIAS, start:stop], params[GAIN, start:stop]
    eta = params[NOISE_POWER, start:stop]
    for k in range(stop - start):
        zeta = overdrive(i[k], i_b[k], g[k], i_th[k])
        a, b, s = q[k] + kappa[k] * zeta, zeta - 1.0 + eta[k] * q[k], discriminant_root(zeta, q[k], kappa[k], eta[k])
        large = s + abs(b)
        small = 4.0 * a * eta[k] / large if b != 0.0 else s
        plus, minus = (large, small) if b > 0.0 else (small, large)
        z = 2.0 * gamma[k] * s * length[k]
        decay, gap = exp(-z), -expm1(-z)
        top = p[k] * (plus + minus * decay) + 2.0 * eta[k] * gap
        bottom = minus + plus * decay + 2.0 * a * p[k] * gap
        # A vanished denominator: no power and no noise stay there, anything else has grown without limit.
        p[k] = min(1.0, max(0.0, top / bottom)) if bottom > 0.0 else (1.0 if top > 0.0 else 0.0)


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the rectified output voltage V_r p [V]."""
    p, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * min(1.0, max(0.0, p[k]))


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the rest voltage [V] and its slope [V/A], dp/dzeta = p (1 - kappa p) / s; zero where p is limited to 1."""
    i, v, dv = drive[0, start:stop], out[0, start:stop], slope[0, start:stop]
    q, kappa, eta = params[Q, start:stop], params[SATURATION, start:stop], params[NOISE_POWER, start:stop]
    i_th, i_b, g = params[I_THRESHOLD, start:stop], params[I_BIAS, start:stop], params[GAIN, start:stop]
    v_r = params[V_R, start:stop]
    for k in range(stop - start):
        zeta = overdrive(i[k], i_b[k], g[k], i_th[k])
        p, s = rest_power(zeta, q[k], kappa[k], eta[k])
        c = 2.0 * q[k] + kappa[k] * (1.0 + zeta - eta[k] * q[k])  # beside p near 1/kappa
        left = 2.0 * (q[k] + kappa[k]) * (1.0 - kappa[k] * eta[k]) / (c + kappa[k] * s) if c > 0.0 else 1.0 - kappa[k] * p
        v[k] = v_r[k] * min(1.0, p)
        dv[k] = v_r[k] * g[k] / i_th[k] * p * left / s if p < 1.0 else 0.0


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (3) [W] of the output voltages; infinite where the law has no state."""
    v, w = output[0, start:stop], out[start:stop]
    q, kappa, eta = params[Q, start:stop], params[SATURATION, start:stop], params[NOISE_POWER, start:stop]
    i_th, i_b, g = params[I_THRESHOLD, start:stop], params[I_BIAS, start:stop], params[GAIN, start:stop]
    v_r = params[V_R, start:stop]
    for k in range(stop - start):
        p = v[k] / v_r[k]
        x = kappa[k] * p
        # h = (-ln(1 - x) - x) / x^2, so that kappa -> 0 has no division by zero.
        series = 0.5 + x * (1 / 3 + x * (0.25 + x * (0.2 + x * (1 / 6 + x * (1 / 7 + x * (0.125 + x / 9))))))
        h = series if x < SMALL else (-log1p(-x) - x) / (x * x)
        grown = p + (q[k] + kappa[k]) * p * (p * h - eta[k] * (1.0 + x * h))
        grown -= eta[k] * log(p) if eta[k] > 0.0 else 0.0
        inside = p >= 0.0 and p <= 1.0
        w[k] = v_r[k] / g[k] * (i_th[k] * grown - i_b[k] * p) if inside else math.inf


POWER = DeviceModel(
    name="stno",
    params=PARAMS,
    states=(StateSpec("p", "", 0.0, 1.0, 0.1, "power of the precession over its largest value"),),
    drives=DRIVES,
    outputs=OUTPUTS,
    rate=rate,
    advance=advance,
    output=output,
    activation=activation,
    potential=potential,
    handles=HANDLES,
    twins={"rate": slow_rate, "activation": slow_activation, "potential": slow_potential},
    reference="10.1109/TMAG.2008.2009935",
    doc="Spin-torque nano-oscillator, one state: its power, a soft-threshold neuron with an exact energy.",
)

COMPLEX = replace(
    POWER,
    name="stno_complex",
    states=stno_complex.STATES,
    noises=stno_complex.NOISES,
    rate=stno_complex.rate,
    output=stno_complex.output,
    diffusion=stno_complex.diffusion,
    calculus="stratonovich",
    advance=None,
    activation=None,
    potential=None,
    twins={"rate": stno_complex.slow_rate, "diffusion": stno_complex.slow_diffusion, "output": stno_complex.slow_output},
    doc="Spin-torque nano-oscillator, complex amplitude with thermal noise: frequency, linewidth, power.",
)

MODEL = replace(POWER, forms={"power": POWER, "complex": COMPLEX})
