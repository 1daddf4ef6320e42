"""The phase oscillator with lag, detuning and noise: the phase itself is the state (form ``phase``).

    dphi/dt = w - k I sin(phi + lag) - K_s sin(2 phi) + noise,   w = 2 pi delta_f,   V = V_r cos phi          (1)

The current that holds phi is I(phi) = (w - K_s sin 2 phi) / (k sin(phi + lag)), a function of the phase alone, so that on
the branch 0 < phi < pi, where V tells the phase, the neuron has the co-content

    U(V) = -(V_r/k) F(phi),   F = integral of (w - K_s sin 2 phi) sin phi / sin(phi + lag) dphi               (2)
    dV/dt = k V_r sin(phi) sin(phi + lag) (I - dU/dV):

still a gradient flow where sin(phi) sin(phi + lag) > 0. With psi = phi + lag,
F = w (phi cos lag - sin lag ln|sin psi|) + K_s cos lag cos(2 phi)/2
+ K_s sin lag [cos(2 lag)(psi + sin(2 psi)/2) - sin(2 lag)(ln|sin psi| + cos(2 psi)/2)].

On the other branch the same voltages have other rest points, and between phi = 0 and phi = -lag there is none for any
I > 0: a current that pulls a lagged phase into alignment makes it slip to the other branch, where it stays (detuning does
the same). A network with such neurons has more rest points than its voltages tell; the contrast of two phases is the
gradient at the one it is in.

The activation is where the phase goes from 90 degrees, its declared start, at frozen current; an oscillator that the
current cannot lock never rests, and is given as 0 V with slope 0. Networks of this form are settled by their dynamics: a
voltage does not tell the state, and the activation of a neuron that slipped is not its rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.spintronic.phase_parameters import COUPLING, DETUNING, INJECTION, LAG, PHASE_NOISE, V_R
from neurosim.device import StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ACTIVATION, DIFFUSION, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import sincos2pi

MANY_TURNS = 1e6  # the phase is counted on, not wrapped
STATES = (StateSpec("phi", "rad", -MANY_TURNS, MANY_TURNS, 0.5 * math.pi, "phase to the common reference"),)
TURN = 1.0 / (2.0 * math.pi)
SCAN, BISECTIONS = 64, 52  # steps of a turn in which a rest is looked for, halvings of one step


@scalar_kernel
def velocity(phi, pull, injection, lag, w):
    """Return dphi/dt of (1) [rad/s] for the pull k I."""
    s, c = sincos2pi(TURN * phi)
    lagged, _ = sincos2pi(TURN * (phi + lag))
    return w - pull * lagged - 2.0 * injection * s * c


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dphi/dt [rad/s] of (1) without noise."""
    phi, i, turning = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    coupling, injection = params[COUPLING, start:stop], params[INJECTION, start:stop]
    lag, detuning = params[LAG, start:stop], params[DETUNING, start:stop]
    for k in range(stop - start):
        turning[k] = velocity(phi[k], coupling[k] * i[k], injection[k], lag[k], detuning[k] / TURN)


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the homodyne voltage V_r cos phi [V]."""
    phi, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        _, c = sincos2pi(TURN * phi[k])
        v[k] = v_r[k] * c


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the voltage [V] and its slope [V/A] at the first rest that the phase meets from 90 degrees on."""
    i, v, dv = drive[0, start:stop], out[0, start:stop], slope[0, start:stop]
    coupling, injection, v_r = params[COUPLING, start:stop], params[INJECTION, start:stop], params[V_R, start:stop]
    lag, detuning = params[LAG, start:stop], params[DETUNING, start:stop]
    for k in range(stop - start):
        pull, w = coupling[k] * i[k], detuning[k] / TURN
        near = 0.25 / TURN
        way = 1.0 if velocity(near, pull, injection[k], lag[k], w) >= 0.0 else -1.0
        step, found = way / (TURN * SCAN), False
        for _ in range(SCAN):
            if way * velocity(near + step, pull, injection[k], lag[k], w) <= 0.0:
                found = True
                break
            near += step
        for _ in range(BISECTIONS):
            step *= 0.5
            near += step if way * velocity(near + step, pull, injection[k], lag[k], w) > 0.0 else 0.0
        s, c = sincos2pi(TURN * near)
        s_lag, c_lag = sincos2pi(TURN * (near + lag[k]))
        stiffness = pull * c_lag + 2.0 * injection[k] * (c * c - s * s)
        v[k] = v_r[k] * c if found else 0.0
        dv[k] = v_r[k] * coupling[k] * s * s_lag / stiffness if found and stiffness > 0.0 else 0.0


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (2) [W] of the output voltages on the branch 0 < phi < pi; infinite beyond +-V_r."""
    v, u = output[0, start:stop], out[start:stop]
    coupling, injection, v_r = params[COUPLING, start:stop], params[INJECTION, start:stop], params[V_R, start:stop]
    lag, detuning = params[LAG, start:stop], params[DETUNING, start:stop]
    for k in range(stop - start):
        inside = abs(v[k]) <= v_r[k]
        phi, d, w, k_s = math.acos(v[k] / v_r[k] if inside else 1.0), lag[k], detuning[k] / TURN, injection[k]
        psi = phi + d
        logarithm = math.log(abs(math.sin(psi))) if d != 0.0 else 0.0
        f = w * (phi * math.cos(d) - math.sin(d) * logarithm) + 0.5 * k_s * math.cos(d) * math.cos(2.0 * phi)
        f += k_s * math.sin(d) * (math.cos(2.0 * d) * (psi + 0.5 * math.sin(2.0 * psi))
                                  - math.sin(2.0 * d) * (logarithm + 0.5 * math.cos(2.0 * psi)))
        u[k] = -v_r[k] / coupling[k] * f if inside else math.inf


@kernel(DIFFUSION)
def diffusion(state, drive, params, out, start, stop):
    """Write the noise strength sqrt(2 D) [rad/sqrt(s)]; additive, the same in both calculi."""
    noise, spread = params[PHASE_NOISE, start:stop], out[0, start:stop]
    for k in range(stop - start):
        spread[k] = math.sqrt(2.0 * noise[k])


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dphi/dt] of (1) as printed, the oracle of ``rate``."""
    pull = params["coupling"] * drive[0] * math.sin(state[0] + params["lag"])
    return [2.0 * math.pi * params["detuning"] - pull - params["injection"] * math.sin(2.0 * state[0])]


def slow_output(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V], the oracle of ``output``."""
    return [params["v_r"] * math.cos(state[0])]


def slow_diffusion(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [sqrt(2 D)], the oracle of ``diffusion``."""
    del state, drive
    return [math.sqrt(2.0 * params["phase_noise"])]
