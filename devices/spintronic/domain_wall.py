"""Domain wall on a track: a hard-tanh neuron with an exact energy, and its collective coordinates (q, phi).

The wall is at q = x L / 2 with x in [-1, 1]; the current g I through the device gives a field c g I and a spin-torque
velocity u = (u/I) g I. A restoring field, linear along the track (a gradient of shape or anisotropy), is the leak:

    H = H_off + c g I - H_e x                                                                            (1)

Form ``wall``: Gilbert's equation for a rigid wall of width Delta and wall angle phi, with wall anisotropy H_K,

    (1 + alpha^2) dphi/dt = gamma_0 (H - H_pin) - (alpha gamma_0 H_K / 2) sin 2phi + (beta - alpha) u / Delta
    (1 + alpha^2) dq/dt = Delta [alpha gamma_0 (H - H_pin) + (gamma_0 H_K / 2) sin 2phi] + (1 + alpha beta) u     (2)

and a sinusoidal pinning potential, H_pin = H_p sin(2 pi q / p). At a hard end of the track the edge field is as large as it
must be to stop the wall, dq/dt = 0, which leaves dphi/dt = -[(gamma_0 H_K / 2) sin 2phi + u / Delta] / alpha.

Default form, one state: below the Walker threshold phi rests soon and the wall follows its mobility; without pinning

    dx/dt = (2/L) (gamma_0 Delta / alpha) (H + beta u / (gamma_0 Delta)),  kept within [-1, 1]            (3)
    V = V_r x,   at rest V = V_r clip((H_off + C I) / H_e, -1, 1),   C = g [c + beta (u/I) / (gamma_0 Delta)]     (4)
    P(V) = (V_r / C) (H_e x^2 / 2 - H_off x),   dP/dV = the current that holds V,   x = V / V_r           (5)

so that (3) is a gradient flow of the network's co-content for any spread of parameters. With pinning the rest point depends on
the past, so that the one-state form leaves it out. (2) has the energy P + (V_r / C) [(H_K Delta / L) sin^2 phi +
(H_p p / (pi L)) (1 - cos(2 pi q / p))], which falls for a drive by field; spin torque (u) is not a gradient there.

Velocities, Walker threshold and depinning: :mod:`devices.spintronic.domain_wall_scales`. Left out: deformation of the wall,
Dzyaloshinskii-Moriya field and spin-orbit torque on chiral walls, thermal noise.

References
----------
N. L. Schryer, L. R. Walker, J. Appl. Phys. 45, 5406 (1974), doi:10.1063/1.1663252 (wall in a field).
A. Thiaville et al., Europhys. Lett. 69, 990 (2005), doi:10.1209/epl/i2004-10452-6 (spin torque, beta).
"""

from __future__ import annotations

import math
from dataclasses import replace

from devices.spintronic.domain_wall_parameters import (
    ALPHA,
    BETA,
    DRIVES,
    GAIN,
    H_LEAK,
    H_OFF,
    H_PIN,
    H_WALL,
    HANDLES,
    LENGTH,
    OUTPUTS,
    PARAMS,
    PIN_PERIOD,
    SMALLEST_FIELD,
    STT,
    V_R,
    WIDTH,
    C,
    field_per_ampere,
)
from devices.spintronic.domain_wall_scales import slow_activation, slow_rate, slow_wall_rate
from devices.spintronic.llg import GAMMA_0
from neurosim.device import DeviceModel, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ACTIVATION, ADVANCE, OUTPUT, POTENTIAL, RATE
from neurosim.kernels.vmath import expm1, sincos2pi


@scalar_kernel
def mobility_rows(params, start, stop):
    """Return the rows of ``params`` that (3) needs."""
    return (params[LENGTH, start:stop], params[WIDTH, start:stop], params[ALPHA, start:stop], params[BETA, start:stop],
            params[H_LEAK, start:stop], params[H_OFF, start:stop], params[C, start:stop], params[STT, start:stop],
            params[GAIN, start:stop])


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (3): zero where x is exactly at an end and pushed outwards, the free law everywhere else."""
    x, i, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    length, width, alpha, beta, h_leak, h_off, c, stt, gain = mobility_rows(params, start, stop)
    for k in range(stop - start):
        push = h_off[k] + field_per_ampere(c[k], beta[k], stt[k], width[k], gain[k]) * i[k]
        f = 2.0 * GAMMA_0 * width[k] / (alpha[k] * length[k]) * (push - h_leak[k] * x[k])
        dx[k] = 0.0 if (x[k] == 1.0 and f > 0.0) or (x[k] == -1.0 and f < 0.0) else f


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen current, exactly; the motion is monotonic, so that clipping its end is exact."""
    x, i, dt = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    length, width, alpha, beta, h_leak, h_off, c, stt, gain = mobility_rows(params, start, stop)
    for k in range(stop - start):
        push = h_off[k] + field_per_ampere(c[k], beta[k], stt[k], width[k], gain[k]) * i[k]
        time = 2.0 * GAMMA_0 * width[k] / (alpha[k] * length[k]) * dt[k]  # m/A
        decay = h_leak[k] * time
        grown = time if decay == 0.0 else -expm1(-decay) / h_leak[k]
        x[k] = min(1.0, max(-1.0, x[k] + (push - h_leak[k] * x[k]) * grown))


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the output voltage V = V_r x [V]."""
    x, v_r, v = state[0, start:stop], params[V_R, start:stop], out[0, start:stop]
    for k in range(stop - start):
        v[k] = v_r[k] * min(1.0, max(-1.0, x[k]))


@kernel(ACTIVATION)
def activation(drive, params, out, slope, start, stop):
    """Write the rest voltage (4) [V] and its slope dV/dI [V/A], zero where the wall is at an end."""
    i, v, dv, v_r = drive[0, start:stop], out[0, start:stop], slope[0, start:stop], params[V_R, start:stop]
    _, width, _, beta, h_leak, h_off, c, stt, gain = mobility_rows(params, start, stop)
    for k in range(stop - start):
        per_ampere = field_per_ampere(c[k], beta[k], stt[k], width[k], gain[k])
        h = (h_off[k] + per_ampere * i[k]) / max(SMALLEST_FIELD, h_leak[k])
        v[k] = v_r[k] * min(1.0, max(-1.0, h))
        dv[k] = v_r[k] * per_ampere / max(SMALLEST_FIELD, h_leak[k]) if abs(h) < 1.0 else 0.0


@kernel(POTENTIAL)
def potential(output, params, out, start, stop):
    """Write the co-content (5) [W] of the output voltages."""
    v, w, v_r = output[0, start:stop], out[start:stop], params[V_R, start:stop]
    _, width, _, beta, h_leak, h_off, c, stt, gain = mobility_rows(params, start, stop)
    for k in range(stop - start):
        x = v[k] / v_r[k]
        per_ampere = max(SMALLEST_FIELD, field_per_ampere(c[k], beta[k], stt[k], width[k], gain[k]))
        w[k] = v_r[k] / per_ampere * (0.5 * h_leak[k] * x * x - h_off[k] * x)


@kernel(RATE)
def wall_rate(state, drive, params, out, start, stop):
    """Write dx/dt and dphi/dt [1/s] of (2), with a hard edge where x is exactly at an end and pushed outwards."""
    x, phi, i = state[0, start:stop], state[1, start:stop], drive[0, start:stop]
    dx, dphi = out[0, start:stop], out[1, start:stop]
    length, width, alpha, beta, h_leak, h_off, c, stt, gain = mobility_rows(params, start, stop)
    h_wall, h_pin, period = params[H_WALL, start:stop], params[H_PIN, start:stop], params[PIN_PERIOD, start:stop]
    for k in range(stop - start):
        a, through = alpha[k], gain[k] * i[k]
        pinned, _ = sincos2pi(0.5 * length[k] * x[k] / period[k])
        twisted, _ = sincos2pi(phi[k] / math.pi)
        turning = GAMMA_0 * (h_off[k] + c[k] * through - h_leak[k] * x[k] - h_pin[k] * pinned)
        drift = stt[k] * through / width[k]
        twist = 0.5 * GAMMA_0 * h_wall[k] * twisted
        inverse = 1.0 / (1.0 + a * a)
        speed = (a * turning + twist + (1.0 + a * beta[k]) * drift) * inverse
        blocked = (x[k] == 1.0 and speed > 0.0) or (x[k] == -1.0 and speed < 0.0)
        dx[k] = 0.0 if blocked else 2.0 * width[k] / length[k] * speed
        dphi[k] = -(twist + drift) / a if blocked else (turning - a * twist + (beta[k] - a) * drift) * inverse


@kernel(POTENTIAL)
def wall_energy(state, params, out, start, stop):
    """Write the co-content [W] of position and angle: (5) with the energies of the wall angle and of the pinning."""
    x, phi, w, v_r = state[0, start:stop], state[1, start:stop], out[start:stop], params[V_R, start:stop]
    length, width, _, beta, h_leak, h_off, c, stt, gain = mobility_rows(params, start, stop)
    h_wall, h_pin, period = params[H_WALL, start:stop], params[H_PIN, start:stop], params[PIN_PERIOD, start:stop]
    for k in range(stop - start):
        per_ampere = max(SMALLEST_FIELD, field_per_ampere(c[k], beta[k], stt[k], width[k], gain[k]))
        half_turn, _ = sincos2pi(0.25 * length[k] * x[k] / period[k])
        sine, _ = sincos2pi(phi[k] / (2.0 * math.pi))
        pinned = 2.0 * h_pin[k] * period[k] / (math.pi * length[k]) * half_turn * half_turn
        own = 0.5 * h_leak[k] * x[k] * x[k] - h_off[k] * x[k] + h_wall[k] * width[k] / length[k] * sine * sine + pinned
        w[k] = v_r[k] / per_ampere * own


ONE_STATE = DeviceModel(
    name="domain_wall",
    params=PARAMS,
    states=(StateSpec("x", "", -1.0, 1.0, 0.0, "position of the wall over half the length of the track"),),
    drives=DRIVES,
    outputs=OUTPUTS,
    rate=rate,
    advance=advance,
    output=output,
    activation=activation,
    potential=potential,
    handles=HANDLES,
    twins={"rate": slow_rate, "activation": slow_activation},
    reference="10.1063/1.1663252",
    doc="Domain wall on a track with a restoring field, one state: hard-tanh neuron with an exact energy.",
)

WALL = replace(
    ONE_STATE,
    name="domain_wall_wall",
    states=(*ONE_STATE.states, StateSpec("phi", "rad", -math.inf, math.inf, 0.0, "angle of the wall magnetisation")),
    rate=wall_rate,
    advance=None,
    energy=wall_energy,
    breaks_energy=("stt", "h_pin"),
    twins={"rate": slow_wall_rate, "activation": slow_activation},
    doc="Domain wall on a track, position and angle: Walker breakdown, spin torque, pinning.",
)

MODEL = replace(ONE_STATE, forms={"one_state": ONE_STATE, "wall": WALL})
