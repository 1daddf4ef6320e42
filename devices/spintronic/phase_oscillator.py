"""Phase-locked oscillator as a neuron, read against a common reference: hard-tanh for learning, or binary for Ising machines.

An oscillator of the network frequency, with second-harmonic injection, is described by its phase phi to a reference that
all share. It is read by homodyne detection, V = V_r cos phi, and the arriving direct current I modulates an injection at
the reference frequency, so that

    dphi/dt = 2 pi delta_f - k I sin(phi + lag) - K_s sin(2 phi) + noise                                     (1)

For delta_f = lag = 0 and without noise this closes in m = cos phi, the state of the default form:

    dm/dt = (1 - m^2) (k I + 2 K_s m),   V = V_r m                                                           (2)
    U(V) = -K_s V^2 / (k V_r),   dV/dt = -k V_r (1 - m^2) d(U - I V)/dV                                      (3)

a gradient flow of the network's co-content, in phases L = -(k V_r / 2) sum W_ij cos phi_i cos phi_j - (K_s/2) sum cos 2 phi_i.

- K_s < 0 (injection that pulls to phi = +-90 degrees): U is convex, V = V_r clip(k I / (2 |K_s|), -1, 1), a hard-tanh
  like the hard-axis junction with the mobility of a rotating moment. This is the neuron for equilibrium propagation.
- K_s > 0 (pulls to 0 or 180 degrees): U is concave, the phase is binary and remembers its sign for |k I| < 2 K_s: an
  oscillator Ising machine. There is no graded response: the activation is the sign, with slope 0.
m = -1 and m = 1 are absorbing without noise, as exact phase alignment is; start between them.

Which form is which
-------------------
- ``MODEL`` (form ``homodyne``): (2), one state m. Ideal: ``lag``, ``detuning`` and ``phase_noise`` are not in it.
- form ``phase`` (:mod:`devices.spintronic.phase_lagged`): (1), one state phi, with all of them.
- :mod:`devices.spintronic.phase_network`: pairwise coupling sin(phi_i - phi_j), the Kuramoto network. There an
  oscillator sends a phase, not a voltage, so it does not fit a crossbar of conductances: pure functions, for comparison.

What lag and detuning do depends on the coupling. In the Kuramoto network a lag breaks the gradient flow. Here one voltage
leaves and one current arrives, so the current that holds a phase is a function of the phase alone, and a locked neuron
keeps a co-content (of its branch, 0 < phi < pi): learning stays exact, only the response changes. What is lost is the
single-valued response (phases phi and -phi have the same voltage, but with lag or detuning not the same rest), and the
rest itself where the detuning exceeds what coupling and injection can lock.

Without a constant reference cos phi_i cos phi_j is not cos(phi_i - phi_j): (1) is another network than Kuramoto's, equal
where all phases are 0 or 180 degrees.

References
----------
Y. Kuramoto, Chemical Oscillations, Waves, and Turbulence, Springer 1984, doi:10.1007/978-3-642-69689-3.
T. Wang, J. Roychowdhury, arXiv:1709.08102 (2017) (oscillator Ising machine with second-harmonic injection).
T. Rageau, J. Grollier, arXiv:2504.11884 (2025) (equilibrium propagation with phase oscillators).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from devices.spintronic import phase_lagged
from devices.spintronic.phase_parameters import COUPLING, DRIVES, HANDLES, INJECTION, OUTPUTS, PARAMS, V_R
from neurosim.device import DeviceModel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ACTIVATION, ADVANCE, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import exp, expm1, log, log1p, tanh

FARTHEST = 36.0  # of 2 artanh(m) after a step, 1 - |m| = 5e-16: a step never ends exactly on an absorbing end
NEWTON_STEPS, CLOSE = 40, 1e-15


@scalar_kernel
def moved(m, pull, stiffness, time):
    """Return m after ``time`` [s] of dm/dt = (1 - m^2) (pull - stiffness m), by Newton on its implicit solution.

    With v = 2 artanh(m), w = exp(v), a = pull - stiffness, b = pull + stiffness, |b| >= |a| (else m is mirrored), and
    z = ln((a w + b)/(a w_0 + b)):  v - v_0 + (2 stiffness / a) z = 2 b t. On the way to a rest point, w = -b/a, the
    unknown is z, which falls in proportion to time there; else it is v. Both are convex, and Newton starts on the side
    from which it converges without overshoot.
    """
    side = -1.0 if abs(pull - stiffness) > abs(pull + stiffness) else 1.0
    a, b = side * pull - stiffness, side * pull + stiffness
    v_0 = log((1.0 + side * m) / (1.0 - side * m)) if abs(m) < 1.0 else FARTHEST
    w_0 = exp(v_0)
    speed = a * w_0 + b
    way = 1.0 if speed > 0.0 else -1.0
    if abs(m) >= 1.0 or speed == 0.0 or way * v_0 >= FARTHEST:
        return m
    rest = log(-b / a) if a * b < 0.0 else FARTHEST
    v = v_0
    if stiffness > 0.0 and rest < FARTHEST:
        z, gap = a * b * time / stiffness, speed / a
        for _ in range(NEWTON_STEPS):
            w = w_0 + expm1(z) * gap if gap < 0.0 else exp(z) * gap - b / a  # sums of positive terms
            step = (log(w) - v_0 + 2.0 * stiffness / a * z - 2.0 * b * time) * a * w / (b * (1.0 + w))
            z = min(0.0, z - step)
            if not abs(step) > CLOSE * (1.0 + abs(z)):
                break
        v = log(w_0 + expm1(z) * gap if gap < 0.0 else exp(z) * gap - b / a)
    else:
        v += 2.0 * b * time if stiffness > 0.0 else 0.0
        v = min(FARTHEST, v)
        for _ in range(NEWTON_STEPS):
            w = exp(v)
            x = (w - w_0) / speed
            run = (log((a * w + b) / speed) if abs(a * x) > 0.5 else log1p(a * x)) / a if a != 0.0 else x
            step = (v - v_0 + 2.0 * stiffness * run - 2.0 * b * time) * (a * w + b) / (b * (w + 1.0))
            v = min(FARTHEST, max(-FARTHEST, v - step))
            if not abs(step) > CLOSE * (1.0 + abs(v)):
                break
    return side * tanh(0.5 * v)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dm/dt [1/s] of (2)."""
    m, i, dm = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    coupling, injection = params[COUPLING, start:stop], params[INJECTION, start:stop]
    for k in range(stop - start):
        dm[k] = max(0.0, 1.0 - m[k] * m[k]) * (coupling[k] * i[k] + 2.0 * injection[k] * m[k])


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step m over ``duration`` [s] at frozen current, exactly."""
    m, i, length = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    coupling, injection = params[COUPLING, start:stop], params[INJECTION, start:stop]
    for k in range(stop - start):
        m[k] = moved(m[k], coupling[k] * i[k], -2.0 * injection[k], length[k])


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the homodyne voltage V_r clip(m, -1, 1) [V]."""
    m, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * min(1.0, max(-1.0, m[k]))


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the rest voltage [V] of (2) and its slope [V/A]: hard-tanh for negative, sign for positive injection."""
    i, v, dv = drive[0, start:stop], out[0, start:stop], slope[0, start:stop]
    coupling, injection, v_r = params[COUPLING, start:stop], params[INJECTION, start:stop], params[V_R, start:stop]
    for k in range(stop - start):
        pull, stiffness = coupling[k] * i[k], max(0.0, -2.0 * injection[k])
        graded = abs(pull) < stiffness
        sign = 1.0 if pull > 0.0 else (-1.0 if pull < 0.0 else 0.0)
        v[k] = v_r[k] * (pull / stiffness if graded else sign)
        dv[k] = v_r[k] * coupling[k] / stiffness if graded else 0.0


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (3) [W] of the output voltages."""
    v, w = output[0, start:stop], out[start:stop]
    coupling, injection, v_r = params[COUPLING, start:stop], params[INJECTION, start:stop], params[V_R, start:stop]
    for k in range(stop - start):
        w[k] = -injection[k] * v[k] * v[k] / (coupling[k] * v_r[k])


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dm/dt] by way of the phase, -sin(phi) dphi/dt, the oracle of ``rate``."""
    m = state[0]
    if abs(m) >= 1.0:
        return [0.0]
    return [(1.0 - m) * (1.0 + m) * (params["coupling"] * drive[0] + 2.0 * params["injection"] * m)]


def slow_activation(drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V] at rest, the oracle of ``activation``."""
    pull = params["coupling"] * drive[0]
    if params["injection"] < 0.0:
        return [params["v_r"] * min(1.0, max(-1.0, -0.5 * pull / params["injection"]))]
    return [params["v_r"] * (pull > 0.0) - params["v_r"] * (pull < 0.0)]


def slow_output(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V], the oracle of ``output``."""
    return [params["v_r"] * state[0]]


HOMODYNE = DeviceModel(
    name="phase_oscillator",
    params=PARAMS,
    states=(StateSpec("m", "", -1.0, 1.0, 0.0, "cosine of the phase to the common reference"),),
    drives=DRIVES,
    outputs=OUTPUTS,
    rate=rate,
    advance=advance,
    output=output,
    activation=activation,
    potential=potential,
    handles=HANDLES,
    twins={"rate": slow_rate, "activation": slow_activation, "output": slow_output},
    reference="10.1007/978-3-642-69689-3",
    doc="Phase oscillator with second-harmonic injection and homodyne read-out: hard-tanh or binary neuron with an energy.",
)

PHASE = replace(
    HOMODYNE,
    name="phase_oscillator_phase",
    states=phase_lagged.STATES,
    noises=("phase",),
    rate=phase_lagged.rate,
    advance=None,
    output=phase_lagged.output,
    activation=phase_lagged.activation,
    potential=phase_lagged.potential,
    diffusion=phase_lagged.diffusion,
    calculus="stratonovich",
    twins={"rate": phase_lagged.slow_rate, "output": phase_lagged.slow_output, "diffusion": phase_lagged.slow_diffusion},
    doc="Phase oscillator with phase lag, detuning and phase noise.",
)

MODEL = replace(HOMODYNE, forms={"homodyne": HOMODYNE, "phase": PHASE})
