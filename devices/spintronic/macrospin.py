"""Macrospin: one magnetic moment with anisotropy, shape, spin torques and thermal agitation; the reference for neurons.

    dm/dt = -gamma_0/(1 + alpha^2) {m x H + alpha m x (m x H)
                                    + sum of (a_f - alpha a_d) m x p + (a_d + alpha a_f) m x (m x p)}       (1)
    H = H_ext + [H_k - 2 xi V/(mu_0 M_s t_F t_ox)] c u + H_k2 c (1 - c^2) u - M_s (n_x m_x, n_y m_y, n_z m_z)
        + (J_1 + 2 J_2 m.p)/(mu_0 M_s t_F) p,   c = m.u                                                     (2)
    junction, along p:  a_d = hbar eta L(m.p) I/(2 e mu_0 M_s volume),  a_f = b a_d                         (3)
                        L = 2 Lambda^2/[Lambda^2 + 1 + (Lambda^2 - 1) m.p]   (1 where Lambda = 1)
    line, along s:      a_d = hbar theta_SH I_s/(2 e mu_0 M_s t_F A_s),      a_f = b_s a_d
    E = -mu_0 M_s volume [m.H_ext + H_k(V) c^2/2 - H_k2 (1 - c^2)^2/4 - M_s (n_x m_x^2 + n_y m_y^2 + n_z m_z^2)/2
                          + (J_1 m.p + J_2 (m.p)^2)/(mu_0 M_s t_F)]                                         (4)
    G(m, V) = G_p [(1 + m.p)/2 + (1 - m.p)/2/(1 + tmr(V))],   tmr(V) = tmr/(1 + (V/V_h)^2),   G_p = 1/r_p   (5)

p is the magnetisation of the reference layer, which polarises the current and to which J_1 and J_2 couple. Positive current
and voltage pull m towards +p, the high conductance; a positive voltage lowers H_k where xi > 0. Without torques (4) falls at
dE/dt = -alpha gamma_0 mu_0 M_s volume/(1 + alpha^2) |m x H|^2. Brown's thermal field (``llg``) enters like H, in the
Stratonovich sense. With Lambda^2 = 1 + tmr the torque of a given voltage has the same size at all angles, as it has in
a symmetric tunnel junction. Left out: heating, the field of the line, torques of second order in the voltage.

What drives the junction is said by the form: ``current`` (the model itself, drive ``i`` [A]: V is that at which the junction
carries it) or ``voltage`` (drive ``v`` [V]: I = V G(m, V)). Both have the fields ``h_x``, ``h_y``, ``h_z`` and ``i_sot``.

Schemes that do not know the sphere drift off it: ``advance`` and ``heun_step`` renormalise m after each step, and
``rate`` adds k (1 - |m|^2) m, which vanishes on the sphere and returns to it as fast as m precesses, 2 k = gamma_0 times
the sum of the field scales over (1 + alpha^2); without it Heun's |m|^2 grows by (omega dt)^4/4 per step.

The drift must be integrated to second order (Heun or better): explicit Euler gains (omega dt)^2/2 of energy per step,
which at low damping heats the moment far above the temperature of the bath (``macrospin_steps`` refuses it).

References
----------
J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996), doi:10.1016/0304-8853(96)00062-5 (torque);
Phys. Rev. B 39, 6995 (1989), doi:10.1103/PhysRevB.39.6995 (conductance linear in the cosine).
W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677 (thermal field).
J. L. Garcia-Palacios, F. J. Lazaro, Phys. Rev. B 58, 14937 (1998), doi:10.1103/PhysRevB.58.14937 (Heun, Stratonovich).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from devices.spintronic.llg import GAMMA_0, brown_strength, inverse_norm, torque
from devices.spintronic.macrospin_kernels import Kernels, make_heun_steps, make_kernels, make_rk4_steps
from devices.spintronic.macrospin_parameters import (
    ALPHA,
    ASYMMETRY,
    CURRENT_DRIVES,
    H_K2,
    M_S,
    NOISES,
    OUTPUTS,
    P_X,
    P_Y,
    P_Z,
    PARAMS,
    R_P,
    STATES,
    TEMPERATURE,
    TMR,
    V_HALF,
    VCMA,
    VOLTAGE_DRIVES,
    VOLUME,
    derive,
)
from devices.spintronic.macrospin_scales import (
    slow_conductance,
    slow_current,
    slow_diffusion,
    slow_output,
    slow_rate,
    slow_rate_by_voltage,
)
from devices.spintronic.macrospin_steps import check_run, check_run_by_voltage
from devices.spintronic.macrospin_terms import (
    N_FULL,
    N_PLAIN,
    fill_full,
    fill_plain,
    largest_current,
    largest_plain,
    largest_voltage,
    relative_conductance,
    slope_current,
    slope_plain,
    slope_voltage,
)
from neurosim.device import DeviceModel, Handle
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import CONDUCTANCE, CURRENT, DIFFUSION, OUTPUT

if TYPE_CHECKING:
    from neurosim.calibration import Calibration

PLAIN_LAW = make_kernels(fill_plain, slope_plain, largest_plain, N_PLAIN)
CURRENT_LAW = make_kernels(fill_full, slope_current, largest_current, N_FULL)
VOLTAGE_LAW = make_kernels(fill_full, slope_voltage, largest_voltage, N_FULL)
heun_step, full_rate = PLAIN_LAW.heun_step, CURRENT_LAW.rate
rk4_steps = make_rk4_steps(fill_plain, PLAIN_LAW.runge_kutta, N_PLAIN)
heun_steps = make_heun_steps(fill_plain, PLAIN_LAW.heun, N_PLAIN)
full_heun_steps = make_heun_steps(fill_full, CURRENT_LAW.heun, N_FULL)
voltage_heun_steps = make_heun_steps(fill_full, VOLTAGE_LAW.heun, N_FULL)


@kernel(DIFFUSION)
def diffusion(state, drive, params, out, start, stop):
    """Write the Stratonovich noise matrix [1/sqrt(s)]: column j is the motion under Brown's field along axis j."""
    mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
    m_s, volume = params[M_S, start:stop], params[VOLUME, start:stop]
    alpha, temperature = params[ALPHA, start:stop], params[TEMPERATURE, start:stop]
    xx, xy, xz = out[0, start:stop], out[1, start:stop], out[2, start:stop]
    yx, yy, yz = out[3, start:stop], out[4, start:stop], out[5, start:stop]
    zx, zy, zz = out[6, start:stop], out[7, start:stop], out[8, start:stop]
    for k in range(stop - start):
        a = alpha[k]
        gamma = GAMMA_0 / (1.0 + a * a) * brown_strength(a, temperature[k], m_s[k], volume[k])
        xx[k], yx[k], zx[k] = torque(mx[k], my[k], mz[k], 1.0, 0.0, 0.0, a, 0.0, 0.0, gamma)
        xy[k], yy[k], zy[k] = torque(mx[k], my[k], mz[k], 0.0, 1.0, 0.0, 0.0, a, 0.0, gamma)
        xz[k], yz[k], zz[k] = torque(mx[k], my[k], mz[k], 0.0, 0.0, 1.0, 0.0, 0.0, a, gamma)


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write m.p, the magnetisation along the reference layer."""
    mx, my, mz, projection = state[0, start:stop], state[1, start:stop], state[2, start:stop], out[0, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    for k in range(stop - start):
        projection[k] = (mx[k] * px[k] + my[k] * py[k] + mz[k] * pz[k]) * inverse_norm(px[k], py[k], pz[k])


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write the junction conductance (5) [S] at small voltage, linear in the cosine of the angle."""
    mx, my, mz, g = state[0, start:stop], state[1, start:stop], state[2, start:stop], out[start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    r_p, tmr = params[R_P, start:stop], params[TMR, start:stop]
    for k in range(stop - start):
        cosine = (mx[k] * px[k] + my[k] * py[k] + mz[k] * pz[k]) * inverse_norm(px[k], py[k], pz[k])
        g[k] = relative_conductance(cosine, 0.0, tmr[k], 0.0)[0] / r_p[k]


@kernel(CURRENT)
def current(state, drive, params, out, slope, start, stop):
    """Write the current V G(m, V) [A] of a junction under a voltage, and its derivative [S]."""
    mx, my, mz, v = state[0, start:stop], state[1, start:stop], state[2, start:stop], drive[3, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    r_p, tmr, v_half = params[R_P, start:stop], params[TMR, start:stop], params[V_HALF, start:stop]
    i, didv = out[start:stop], slope[start:stop]
    for k in range(stop - start):
        cosine = (mx[k] * px[k] + my[k] * py[k] + mz[k] * pz[k]) * inverse_norm(px[k], py[k], pz[k])
        g, rise = relative_conductance(cosine, v[k] * v[k], tmr[k], 1.0 / (v_half[k] * v_half[k]))
        i[k], didv[k] = v[k] * g / r_p[k], (g + 2.0 * v[k] * v[k] * rise) / r_p[k]


def law_of(params: np.ndarray) -> Kernels:
    """Return the kernels of current-driven devices with these parameters: plain where nothing needs the full law."""
    plain = not np.any(params[H_K2]) and not np.any(params[VCMA]) and bool(np.all(params[ASYMMETRY] == 1.0))
    return PLAIN_LAW if plain else CURRENT_LAW


def _select(params: np.ndarray) -> DeviceModel:
    law = law_of(params)
    return replace(CURRENT_DRIVEN, rate=law.rate, advance=law.advance,
                   noise_steps=heun_steps if law is PLAIN_LAW else full_heun_steps)


def _calibrate(values: Mapping[str, float], seed: int) -> Calibration:
    from devices.spintronic.macrospin_calibration import calibrate

    return calibrate(values, seed)


CURRENT_DRIVEN = DeviceModel(
    name="macrospin",
    params=PARAMS,
    states=STATES,
    drives=CURRENT_DRIVES,
    outputs=OUTPUTS,
    noises=NOISES,
    rate=CURRENT_LAW.rate,
    advance=CURRENT_LAW.advance,
    conductance=conductance,
    output=output,
    diffusion=diffusion,
    noise_steps=full_heun_steps,
    calculus="stratonovich",
    exact_advance=False,
    advance_tolerance=1e-6,
    handles={"stiffness": Handle(("h_k",)), "gain": Handle(("eta", "theta_sh")), "size": Handle(("volume",)),
             "loss": Handle(("alpha",))},
    twins={"rate": slow_rate, "diffusion": slow_diffusion, "conductance": slow_conductance, "output": slow_output},
    select=_select,
    derive=derive,
    check_run=check_run,
    calibrate=_calibrate,
    reference="10.1016/0304-8853(96)00062-5",
    doc="Macrospin with anisotropy, shape, coupling, voltage control, spin-transfer and spin-orbit torque, thermal field.",
)

VOLTAGE_DRIVEN = replace(
    CURRENT_DRIVEN,
    name="macrospin_voltage",
    drives=VOLTAGE_DRIVES,
    rate=VOLTAGE_LAW.rate,
    advance=VOLTAGE_LAW.advance,
    noise_steps=voltage_heun_steps,
    current=current,
    select=None,
    check_run=check_run_by_voltage,
    twins={**CURRENT_DRIVEN.twins, "rate": slow_rate_by_voltage, "current": slow_current},
    doc="Macrospin whose junction is driven by a voltage; current I = V G(m, V).",
)

MODEL = replace(CURRENT_DRIVEN, forms={"current": CURRENT_DRIVEN, "voltage": VOLTAGE_DRIVEN})
