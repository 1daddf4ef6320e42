"""What the macrospin's equation of motion needs of its parameters and drives, computed once per call; and dm/dt from it.

    dm/dt = -gamma m x (A + m x (alpha A + e)),   A = A_0 + Q m + thermal field                             (1)
    A_0 = applied field + coupling J_1 + sum of (a_f - alpha a_d) over the torques
    e   = (1 + alpha^2) times the sum of the damping-like torque fields
    Q   = H_k u u - M_s N + H_2 p p        (symmetric; H_2 = 2 J_2/(mu_0 M_s t_F))

A row of the array of terms is one quantity, a column one device, so that loops over devices vectorise. The *plain* law has the
junction's torque in A_0 and e. The *full* law has in addition what depends on m in other ways: second-order anisotropy,
asymmetry of the torque, voltage control of the anisotropy, and a junction whose voltage is given in the place of its current.
"""

from __future__ import annotations

import math

from devices.spintronic.llg import GAMMA_0, TORQUE_PER_AMPERE, brown_strength, inverse_norm, torque
from devices.spintronic.macrospin_parameters import (
    ALPHA,
    ASYMMETRY,
    BARRIER,
    ETA,
    FIELD_LIKE_RATIO,
    H_K,
    H_K2,
    J_1,
    J_2,
    LINE_AREA,
    M_S,
    N_X,
    N_Y,
    N_Z,
    P_X,
    P_Y,
    P_Z,
    R_P,
    S_X,
    S_Y,
    S_Z,
    SOT_FIELD_LIKE,
    TEMPERATURE,
    THETA_SH,
    THICKNESS,
    TMR,
    U_X,
    U_Y,
    U_Z,
    V_HALF,
    VCMA,
    VOLUME,
)
from neurosim.kernels.jit import scalar_kernel
from neurosim.units import MU_0

# Rows of the array of terms: A_0, Q, e, alpha, gamma, strength of the thermal field, largest field, scale of the hold on |m|.
A_X, A_Y, A_Z, Q_XX, Q_YY, Q_ZZ, Q_XY, Q_YZ, Q_ZX, E_X, E_Y, E_Z, DAMPING, GAMMA, SIGMA, LARGEST, SCALE = range(17)
N_PLAIN = 17
# Rows of the full law: unit vectors u and p, H_k2, a_d per ampere, b, Lambda^2, field per volt, G_p, tmr, 1/v_half^2, drive.
EU_X, EU_Y, EU_Z, EP_X, EP_Y, EP_Z, SECOND, PER_AMPERE, RATIO = range(17, 26)
LAMBDA_SQUARE, PER_VOLT, G_P, RISE, DROOP, JUNCTION = range(26, 32)
N_FULL = 32
VOLTAGE_ITERATIONS = 6  # of Newton's method for the voltage of a given current: quadratic, exact where tmr does not droop


@scalar_kernel
def fill_base(params, drive, terms, start, stop):
    """Write the rows of ``terms`` that both laws share, for columns start to stop, from its column 0; without the junction.

    Loops are short: one that writes many rows is not vectorised, as each might overlap with each row that is read.
    """
    _fill_vectors(params, drive, terms, start, stop)
    _fill_tensor(params, terms, start, stop)
    _fill_scalars(params, drive, terms, start, stop)


@scalar_kernel
def _fill_vectors(params, drive, terms, start, stop):
    """Write A_0 and e of the field, the line and the bilinear coupling."""
    m_s, thickness, alpha = params[M_S, start:stop], params[THICKNESS, start:stop], params[ALPHA, start:stop]
    line, area, theta = drive[4, start:stop], params[LINE_AREA, start:stop], params[THETA_SH, start:stop]
    sx, sy, sz = params[S_X, start:stop], params[S_Y, start:stop], params[S_Z, start:stop]
    ex, ey, ez = terms[E_X], terms[E_Y], terms[E_Z]
    for k in range(stop - start):
        torque_field = TORQUE_PER_AMPERE * theta[k] * line[k] / (m_s[k] * thickness[k] * area[k])
        torque_field *= inverse_norm(sx[k], sy[k], sz[k])
        ex[k], ey[k], ez[k] = torque_field * sx[k], torque_field * sy[k], torque_field * sz[k]
    hx, hy, hz, ratio = drive[0, start:stop], drive[1, start:stop], drive[2, start:stop], params[SOT_FIELD_LIKE, start:stop]
    px, py, pz, j_1 = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop], params[J_1, start:stop]
    ax, ay, az = terms[A_X], terms[A_Y], terms[A_Z]
    for k in range(stop - start):
        h_1 = j_1[k] / (MU_0 * m_s[k] * thickness[k]) * inverse_norm(px[k], py[k], pz[k])
        like = ratio[k] - alpha[k]
        ax[k] = hx[k] + h_1 * px[k] + like * ex[k]
        ay[k] = hy[k] + h_1 * py[k] + like * ey[k]
        az[k] = hz[k] + h_1 * pz[k] + like * ez[k]
    for k in range(stop - start):
        push = 1.0 + alpha[k] * alpha[k]
        ex[k], ey[k], ez[k] = push * ex[k], push * ey[k], push * ez[k]


@scalar_kernel
def _fill_tensor(params, terms, start, stop):
    """Write Q of anisotropy, shape and biquadratic coupling."""
    m_s, h_k, j_2 = params[M_S, start:stop], params[H_K, start:stop], params[J_2, start:stop]
    ux, uy, uz = params[U_X, start:stop], params[U_Y, start:stop], params[U_Z, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    nx, ny, nz = params[N_X, start:stop], params[N_Y, start:stop], params[N_Z, start:stop]
    thickness = params[THICKNESS, start:stop]
    one, two = terms[LARGEST], terms[SCALE]  # scratch
    xx, yy, zz, xy, yz, zx = terms[Q_XX], terms[Q_YY], terms[Q_ZZ], terms[Q_XY], terms[Q_YZ], terms[Q_ZX]
    for k in range(stop - start):
        u, p = inverse_norm(ux[k], uy[k], uz[k]), inverse_norm(px[k], py[k], pz[k])
        one[k], two[k] = h_k[k] * u * u, 2.0 * j_2[k] / (MU_0 * m_s[k] * thickness[k]) * p * p
    for k in range(stop - start):
        xx[k] = one[k] * ux[k] * ux[k] + two[k] * px[k] * px[k] - m_s[k] * nx[k]
        yy[k] = one[k] * uy[k] * uy[k] + two[k] * py[k] * py[k] - m_s[k] * ny[k]
        zz[k] = one[k] * uz[k] * uz[k] + two[k] * pz[k] * pz[k] - m_s[k] * nz[k]
    for k in range(stop - start):
        xy[k] = one[k] * ux[k] * uy[k] + two[k] * px[k] * py[k]
        yz[k] = one[k] * uy[k] * uz[k] + two[k] * py[k] * pz[k]
        zx[k] = one[k] * uz[k] * ux[k] + two[k] * pz[k] * px[k]


@scalar_kernel
def _fill_scalars(params, drive, terms, start, stop):
    """Write damping, gamma, strength of the thermal field, and the two bounds of the field."""
    m_s, volume, alpha = params[M_S, start:stop], params[VOLUME, start:stop], params[ALPHA, start:stop]
    temperature, damping, gamma, sigma = params[TEMPERATURE, start:stop], terms[DAMPING], terms[GAMMA], terms[SIGMA]
    for k in range(stop - start):
        damping[k], gamma[k] = alpha[k], GAMMA_0 / (1.0 + alpha[k] * alpha[k])
        sigma[k] = brown_strength(alpha[k], temperature[k], m_s[k], volume[k])
    hx, hy, hz, h_k = drive[0, start:stop], drive[1, start:stop], drive[2, start:stop], params[H_K, start:stop]
    nx, ny, nz, scale = params[N_X, start:stop], params[N_Y, start:stop], params[N_Z, start:stop], terms[SCALE]
    for k in range(stop - start):
        scale[k] = (abs(hx[k]) + abs(hy[k]) + abs(hz[k]) + abs(h_k[k])
                    + m_s[k] * (abs(nx[k]) + abs(ny[k]) + abs(nz[k])))
    xx, yy, zz, xy, yz, zx = terms[Q_XX], terms[Q_YY], terms[Q_ZZ], terms[Q_XY], terms[Q_YZ], terms[Q_ZX]
    ax, ay, az, ex, ey, ez = terms[A_X], terms[A_Y], terms[A_Z], terms[E_X], terms[E_Y], terms[E_Z]
    bound = terms[LARGEST]
    for k in range(stop - start):
        mean = (xx[k] + yy[k] + zz[k]) / 3.0  # a multiple of m turns nothing
        norm = (xx[k] - mean) * (xx[k] - mean) + (yy[k] - mean) * (yy[k] - mean) + (zz[k] - mean) * (zz[k] - mean)
        norm += 2.0 * (xy[k] * xy[k] + yz[k] * yz[k] + zx[k] * zx[k])
        bound[k] = (math.sqrt(2.0 * norm) + abs(ax[k]) + abs(ay[k]) + abs(az[k]) + abs(ex[k]) + abs(ey[k]) + abs(ez[k]))


@scalar_kernel
def fill_plain(params, drive, terms, start, stop):
    """Write the terms of the plain law: ``fill_base`` with the torque of the junction's current."""
    fill_base(params, drive, terms, start, stop)
    i, m_s, volume = drive[3, start:stop], params[M_S, start:stop], params[VOLUME, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    alpha, eta, ratio = params[ALPHA, start:stop], params[ETA, start:stop], params[FIELD_LIKE_RATIO, start:stop]
    ax, ay, az, bound = terms[A_X], terms[A_Y], terms[A_Z], terms[LARGEST]
    for k in range(stop - start):
        a_d = TORQUE_PER_AMPERE * eta[k] * i[k] / (m_s[k] * volume[k])
        like = (ratio[k] - alpha[k]) * a_d * inverse_norm(px[k], py[k], pz[k])
        ax[k] += like * px[k]
        ay[k] += like * py[k]
        az[k] += like * pz[k]
        bound[k] += (1.0 + abs(ratio[k])) * abs(a_d)
    ex, ey, ez = terms[E_X], terms[E_Y], terms[E_Z]
    for k in range(stop - start):
        a_d = TORQUE_PER_AMPERE * eta[k] * i[k] / (m_s[k] * volume[k])
        push = (1.0 + alpha[k] * alpha[k]) * a_d * inverse_norm(px[k], py[k], pz[k])
        ex[k] += push * px[k]
        ey[k] += push * py[k]
        ez[k] += push * pz[k]


@scalar_kernel
def fill_full(params, drive, terms, start, stop):
    """Write the terms of the full law; whether drive 3 is a current or a voltage is up to the slope."""
    fill_base(params, drive, terms, start, stop)
    junction, m_s, volume = drive[3, start:stop], params[M_S, start:stop], params[VOLUME, start:stop]
    ux, uy, uz = params[U_X, start:stop], params[U_Y, start:stop], params[U_Z, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    eta, ratio, asymmetry = params[ETA, start:stop], params[FIELD_LIKE_RATIO, start:stop], params[ASYMMETRY, start:stop]
    h_k2, vcma, barrier = params[H_K2, start:stop], params[VCMA, start:stop], params[BARRIER, start:stop]
    thickness, r_p, tmr = params[THICKNESS, start:stop], params[R_P, start:stop], params[TMR, start:stop]
    v_half = params[V_HALF, start:stop]
    for k in range(stop - start):
        u, p = inverse_norm(ux[k], uy[k], uz[k]), inverse_norm(px[k], py[k], pz[k])
        terms[EU_X, k], terms[EU_Y, k], terms[EU_Z, k] = u * ux[k], u * uy[k], u * uz[k]
        terms[EP_X, k], terms[EP_Y, k], terms[EP_Z, k] = p * px[k], p * py[k], p * pz[k]
        terms[SECOND, k], terms[RATIO, k] = h_k2[k], ratio[k]
        terms[PER_AMPERE, k] = TORQUE_PER_AMPERE * eta[k] / (m_s[k] * volume[k])
        terms[LAMBDA_SQUARE, k] = asymmetry[k] * asymmetry[k]
        terms[PER_VOLT, k] = 2.0 * vcma[k] / (MU_0 * m_s[k] * thickness[k] * barrier[k])
        terms[G_P, k], terms[RISE, k], terms[DROOP, k] = 1.0 / r_p[k], tmr[k], 1.0 / (v_half[k] * v_half[k])
        terms[JUNCTION, k] = junction[k]


@scalar_kernel
def relative_conductance(cosine, v_square, tmr, droop):
    """Return G/G_p and its derivative by ``v_square``: linear in the cosine of the angle, tmr/(1 + droop v^2)."""
    y, across = droop * v_square, 0.5 * (1.0 - cosine)
    inverse = 1.0 / (1.0 + tmr + y)
    return 0.5 * (1.0 + cosine) + across * (1.0 + y) * inverse, across * tmr * droop * inverse * inverse


@scalar_kernel
def voltage_of_current(current, cosine, g_p, tmr, droop):
    """Return the voltage [V] at which the junction carries a current [A]."""
    goal = current / g_p
    v = goal / relative_conductance(cosine, 0.0, tmr, droop)[0]
    for _ in range(VOLTAGE_ITERATIONS):
        g, rise = relative_conductance(cosine, v * v, tmr, droop)
        v -= (v * g - goal) / (g + 2.0 * v * v * rise)
    return v


@scalar_kernel
def slope_plain(terms, k, x, y, z, tx, ty, tz):
    """Return dm/dt [1/s] of device k of the plain law at m = (x, y, z) under a thermal field (tx, ty, tz) [A/m]."""
    ax = terms[A_X, k] + tx + terms[Q_XX, k] * x + terms[Q_XY, k] * y + terms[Q_ZX, k] * z
    ay = terms[A_Y, k] + ty + terms[Q_XY, k] * x + terms[Q_YY, k] * y + terms[Q_YZ, k] * z
    az = terms[A_Z, k] + tz + terms[Q_ZX, k] * x + terms[Q_YZ, k] * y + terms[Q_ZZ, k] * z
    a = terms[DAMPING, k]
    return torque(x, y, z, ax, ay, az, a * ax + terms[E_X, k], a * ay + terms[E_Y, k], a * az + terms[E_Z, k], terms[GAMMA, k])


@scalar_kernel
def _slope_full(terms, k, x, y, z, tx, ty, tz, current, voltage, cosine):
    ux, uy, uz, px, py, pz = (terms[EU_X, k], terms[EU_Y, k], terms[EU_Z, k], terms[EP_X, k], terms[EP_Y, k], terms[EP_Z, k])
    a, square = terms[DAMPING, k], terms[LAMBDA_SQUARE, k]
    a_d = terms[PER_AMPERE, k] * current * 2.0 * square / (square + 1.0 + (square - 1.0) * cosine)
    like, push = (terms[RATIO, k] - a) * a_d, (1.0 + a * a) * a_d
    along = x * ux + y * uy + z * uz
    h = along * (terms[SECOND, k] * (1.0 - along * along) - terms[PER_VOLT, k] * voltage)
    ax = terms[A_X, k] + tx + terms[Q_XX, k] * x + terms[Q_XY, k] * y + terms[Q_ZX, k] * z + h * ux + like * px
    ay = terms[A_Y, k] + ty + terms[Q_XY, k] * x + terms[Q_YY, k] * y + terms[Q_YZ, k] * z + h * uy + like * py
    az = terms[A_Z, k] + tz + terms[Q_ZX, k] * x + terms[Q_YZ, k] * y + terms[Q_ZZ, k] * z + h * uz + like * pz
    return torque(x, y, z, ax, ay, az, a * ax + terms[E_X, k] + push * px, a * ay + terms[E_Y, k] + push * py,
                  a * az + terms[E_Z, k] + push * pz, terms[GAMMA, k])


@scalar_kernel
def slope_current(terms, k, x, y, z, tx, ty, tz):
    """Return dm/dt [1/s] of the full law where drive 3 is the current through the junction [A]."""
    cosine = x * terms[EP_X, k] + y * terms[EP_Y, k] + z * terms[EP_Z, k]
    i = terms[JUNCTION, k]
    v = voltage_of_current(i, cosine, terms[G_P, k], terms[RISE, k], terms[DROOP, k])
    return _slope_full(terms, k, x, y, z, tx, ty, tz, i, v, cosine)


@scalar_kernel
def slope_voltage(terms, k, x, y, z, tx, ty, tz):
    """Return dm/dt [1/s] of the full law where drive 3 is the voltage over the junction [V]."""
    cosine = x * terms[EP_X, k] + y * terms[EP_Y, k] + z * terms[EP_Z, k]
    v = terms[JUNCTION, k]
    i = v * terms[G_P, k] * relative_conductance(cosine, v * v, terms[RISE, k], terms[DROOP, k])[0]
    return _slope_full(terms, k, x, y, z, tx, ty, tz, i, v, cosine)


@scalar_kernel
def largest_plain(terms, k):
    """Return a bound of the field that turns device k [A/m], without the thermal field."""
    return terms[LARGEST, k]


@scalar_kernel
def _largest_full(terms, k, current, voltage):
    torque_field = (1.0 + abs(terms[RATIO, k])) * abs(terms[PER_AMPERE, k] * current) * max(terms[LAMBDA_SQUARE, k], 1.0)
    return terms[LARGEST, k] + abs(terms[SECOND, k]) + abs(terms[PER_VOLT, k] * voltage) + torque_field


@scalar_kernel
def largest_current(terms, k):
    """Return a bound of the field that turns device k [A/m] of the full law under a current."""
    i = terms[JUNCTION, k]
    return _largest_full(terms, k, i, i * (1.0 + terms[RISE, k]) / terms[G_P, k])


@scalar_kernel
def largest_voltage(terms, k):
    """Return a bound of the field that turns device k [A/m] of the full law under a voltage."""
    return _largest_full(terms, k, terms[JUNCTION, k] * terms[G_P, k], terms[JUNCTION, k])
