"""Macrospin: one magnetic moment with anisotropy, shape, spin torque and thermal agitation; the reference for neurons.

    dm/dt = -gamma_0/(1 + alpha^2) m x (A + m x B)                                                          (1)
    A = H + (a_f - alpha a_d) p,   B = alpha H + (a_d + alpha a_f) p
    H = H_ext + H_k (m.u) u - M_s (n_x m_x, n_y m_y, n_z m_z)                                               (2)
    a_d = hbar eta I / (2 e mu_0 M_s V),   a_f = b a_d                                                      (3)
    E = -mu_0 M_s V [ m.H_ext + H_k (m.u)^2/2 - M_s (n_x m_x^2 + n_y m_y^2 + n_z m_z^2)/2 ]                 (4)
    G(m) = (G_p + G_ap)/2 + (G_p - G_ap)/2 m.p,   G_p = 1/r_p,   G_ap = G_p/(1 + tmr)                       (5)

I > 0 pulls m towards +p (parallel, the high conductance). u and p are normalised in the kernels. Without current, (4)
falls at dE/dt = -alpha gamma_0 mu_0 M_s V/(1 + alpha^2) |m x H|^2. Brown's thermal field (``llg``) enters like H, in
the Stratonovich sense. Left out: voltage dependence of tmr and anisotropy, angular asymmetry of the torque, heating.

Schemes that do not know the sphere drift off it: ``advance`` and ``heun_step`` renormalise m after each step, and
``rate`` adds k (1 - |m|^2) m, which vanishes on the sphere and returns to it as fast as m precesses, 2 k = gamma_0 times
the sum of the field scales over (1 + alpha^2); without it Heun's |m|^2 grows by (omega dt)^4/4 per step.

The drift must be integrated to second order (Heun or better): explicit Euler gains (omega dt)^2/2 of energy per step,
which at low damping heats the moment far above the temperature of the bath.

References
----------
J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996), doi:10.1016/0304-8853(96)00062-5 (torque);
Phys. Rev. B 39, 6995 (1989), doi:10.1103/PhysRevB.39.6995 (conductance linear in the cosine).
W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677 (thermal field).
J. L. Garcia-Palacios, F. J. Lazaro, Phys. Rev. B 58, 14937 (1998), doi:10.1103/PhysRevB.58.14937 (Heun, Stratonovich).
"""

from __future__ import annotations

import math

from devices.spintronic.llg import GAMMA_0, brown_strength, damping_like_field, inverse_norm, torque
from devices.spintronic.macrospin_scales import slow_conductance, slow_diffusion, slow_output, slow_rate
from neurosim.device import DeviceModel, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CONDUCTANCE, DIFFUSION, OUTPUT, RATE

PARAMS = (
    ParamSpec("m_s", "A/m", 1e6, 1e2, 1e7, "saturation magnetisation", "M_s"),
    ParamSpec("volume", "m^3", 2e-24, 1e-30, 1e-15, "volume of the free layer", "V"),
    ParamSpec("h_k", "A/m", 1e5, -1e8, 1e8, "uniaxial anisotropy field along u, shape excluded", "H_k"),
    ParamSpec("u_x", "", 0.0, -1.0, 1.0, "anisotropy axis, x (normalised by the kernels)", "u_x"),
    ParamSpec("u_y", "", 0.0, -1.0, 1.0, "anisotropy axis, y", "u_y"),
    ParamSpec("u_z", "", 1.0, -1.0, 1.0, "anisotropy axis, z", "u_z"),
    ParamSpec("alpha", "", 0.01, 0.0, 10.0, "Gilbert damping", "alpha"),
    ParamSpec("n_x", "", 0.0, -1.0, 1.0, "demagnetising factor along x", "N_x"),
    ParamSpec("n_y", "", 0.0, -1.0, 1.0, "demagnetising factor along y", "N_y"),
    ParamSpec("n_z", "", 0.0, -1.0, 1.0, "demagnetising factor along z", "N_z"),
    ParamSpec("p_x", "", 0.0, -1.0, 1.0, "polariser direction, x (normalised by the kernels)", "p_x"),
    ParamSpec("p_y", "", 0.0, -1.0, 1.0, "polariser direction, y", "p_y"),
    ParamSpec("p_z", "", 1.0, -1.0, 1.0, "polariser direction, z", "p_z"),
    ParamSpec("eta", "", 0.6, -10.0, 10.0, "spin torque efficiency: polarisation or spin Hall angle", "eta"),
    ParamSpec("field_like_ratio", "", 0.0, -10.0, 10.0, "field-like over damping-like torque", "b"),
    ParamSpec("temperature", "K", 300.0, 0.0, 2000.0, "temperature of the bath", "T"),
    ParamSpec("r_p", "ohm", 6e3, 1e-3, 1e12, "junction resistance, parallel", "R_p"),
    ParamSpec("tmr", "", 1.0, 0.0, 100.0, "tunnel magnetoresistance (R_ap - R_p)/R_p", "TMR"),
)
(M_S, VOLUME, H_K, U_X, U_Y, U_Z, ALPHA, N_X, N_Y, N_Z, P_X, P_Y, P_Z, ETA, FIELD_LIKE_RATIO, TEMPERATURE, R_P,
 TMR) = range(len(PARAMS))
PHASE_PER_SUBSTEP = 0.05  # rad of precession per Runge-Kutta substep of `advance`




@scalar_kernel
def slope(mx, my, mz, hx, hy, hz, sx, sy, sz, dx, dy, dz, ux, uy, uz, nx, ny, nz, alpha, gamma, h_k):
    """Return dm/dt of (1): field h, (a_f - alpha a_d) p = s, (a_d + alpha a_f) p = d, unit axis u, M_s n, H_k."""
    along = h_k * (mx * ux + my * uy + mz * uz)
    x, y, z = hx - nx * mx + along * ux, hy - ny * my + along * uy, hz - nz * mz + along * uz
    return torque(mx, my, mz, x + sx, y + sy, z + sz, alpha * x + dx, alpha * y + dy, alpha * z + dz, gamma)


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dm/dt [1/s] of (1) without the thermal field, and the term that holds |m| = 1."""
    mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
    hx, hy, hz, i = drive[0, start:stop], drive[1, start:stop], drive[2, start:stop], drive[3, start:stop]
    m_s, volume, h_k = params[M_S, start:stop], params[VOLUME, start:stop], params[H_K, start:stop]
    ux, uy, uz = params[U_X, start:stop], params[U_Y, start:stop], params[U_Z, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    nx, ny, nz = params[N_X, start:stop], params[N_Y, start:stop], params[N_Z, start:stop]
    alpha, eta, ratio = params[ALPHA, start:stop], params[ETA, start:stop], params[FIELD_LIKE_RATIO, start:stop]
    ox, oy, oz = out[0, start:stop], out[1, start:stop], out[2, start:stop]
    for k in range(stop - start):
        a, gamma = alpha[k], GAMMA_0 / (1.0 + alpha[k] * alpha[k])
        u, p = inverse_norm(ux[k], uy[k], uz[k]), inverse_norm(px[k], py[k], pz[k])
        a_d = damping_like_field(i[k], eta[k], m_s[k], volume[k]) * p
        s, d = (ratio[k] - a) * a_d, (1.0 + a * ratio[k]) * a_d
        tx, ty, tz = slope(
            mx[k], my[k], mz[k], hx[k], hy[k], hz[k], s * px[k], s * py[k], s * pz[k], d * px[k], d * py[k], d * pz[k],
            u * ux[k], u * uy[k], u * uz[k], m_s[k] * nx[k], m_s[k] * ny[k], m_s[k] * nz[k], a, gamma, h_k[k])
        scale = abs(hx[k]) + abs(hy[k]) + abs(hz[k]) + abs(h_k[k]) + m_s[k] * (abs(nx[k]) + abs(ny[k]) + abs(nz[k]))
        hold = 0.5 * gamma * scale * (1.0 - mx[k] * mx[k] - my[k] * my[k] - mz[k] * mz[k])
        ox[k], oy[k], oz[k] = tx + hold * mx[k], ty + hold * my[k], tz + hold * mz[k]


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


@kernel(ADVANCE)
def heun_step(state, drive, params, noise, duration, start, stop):
    """Make one Heun step of ``duration`` [s] (Stratonovich, same thermal sample in both stages), then renormalise.

    For thermal runs: keep gamma_0 |H| duration below about 0.1. Strong order 1/2 (1 where the noise is small), weak
    order 1; quiet order 2.
    """
    mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
    fx, fy, fz, i = drive[0, start:stop], drive[1, start:stop], drive[2, start:stop], drive[3, start:stop]
    wx, wy, wz, length = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop], duration[start:stop]
    m_s, volume, h_k = params[M_S, start:stop], params[VOLUME, start:stop], params[H_K, start:stop]
    ux, uy, uz = params[U_X, start:stop], params[U_Y, start:stop], params[U_Z, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    nx, ny, nz = params[N_X, start:stop], params[N_Y, start:stop], params[N_Z, start:stop]
    alpha, eta, ratio = params[ALPHA, start:stop], params[ETA, start:stop], params[FIELD_LIKE_RATIO, start:stop]
    temperature = params[TEMPERATURE, start:stop]
    for k in range(stop - start):
        a, gamma, dt = alpha[k], GAMMA_0 / (1.0 + alpha[k] * alpha[k]), length[k]
        u, p = inverse_norm(ux[k], uy[k], uz[k]), inverse_norm(px[k], py[k], pz[k])
        a_d = damping_like_field(i[k], eta[k], m_s[k], volume[k]) * p
        s, d = (ratio[k] - a) * a_d, (1.0 + a * ratio[k]) * a_d
        sx, sy, sz, dx, dy, dz = s * px[k], s * py[k], s * pz[k], d * px[k], d * py[k], d * pz[k]
        vx, vy, vz = u * ux[k], u * uy[k], u * uz[k]
        qx, qy, qz = m_s[k] * nx[k], m_s[k] * ny[k], m_s[k] * nz[k]
        sigma = brown_strength(a, temperature[k], m_s[k], volume[k]) / math.sqrt(dt) if dt > 0.0 else 0.0
        hx, hy, hz = fx[k] + sigma * wx[k], fy[k] + sigma * wy[k], fz[k] + sigma * wz[k]
        x, y, z = mx[k], my[k], mz[k]
        ax, ay, az = slope(x, y, z, hx, hy, hz, sx, sy, sz, dx, dy, dz, vx, vy, vz, qx, qy, qz, a, gamma, h_k[k])
        bx, by, bz = slope(x + dt * ax, y + dt * ay, z + dt * az, hx, hy, hz, sx, sy, sz, dx, dy, dz,
                           vx, vy, vz, qx, qy, qz, a, gamma, h_k[k])
        x, y, z = x + 0.5 * dt * (ax + bx), y + 0.5 * dt * (ay + by), z + 0.5 * dt * (az + bz)
        r = inverse_norm(x, y, z)
        mx[k], my[k], mz[k] = x * r, y * r, z * r


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step m over ``duration`` [s] at frozen drive by renormalised Runge-Kutta substeps of at most 0.05 rad.

    Quiet error below 1e-7 per radian. A thermal field is held for the whole duration (Wong-Zakai: Stratonovich), so
    with noise the duration must be short against the precession period.
    """
    mx, my, mz = state[0, start:stop], state[1, start:stop], state[2, start:stop]
    fx, fy, fz, i = drive[0, start:stop], drive[1, start:stop], drive[2, start:stop], drive[3, start:stop]
    wx, wy, wz, length = noise[0, start:stop], noise[1, start:stop], noise[2, start:stop], duration[start:stop]
    m_s, volume, h_k = params[M_S, start:stop], params[VOLUME, start:stop], params[H_K, start:stop]
    ux, uy, uz = params[U_X, start:stop], params[U_Y, start:stop], params[U_Z, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    nx, ny, nz = params[N_X, start:stop], params[N_Y, start:stop], params[N_Z, start:stop]
    alpha, eta, ratio = params[ALPHA, start:stop], params[ETA, start:stop], params[FIELD_LIKE_RATIO, start:stop]
    temperature = params[TEMPERATURE, start:stop]
    phase = 0.0
    for k in range(stop - start):
        sigma = brown_strength(alpha[k], temperature[k], m_s[k], volume[k])
        sigma = sigma / math.sqrt(length[k]) if length[k] > 0.0 else 0.0
        a_d = damping_like_field(i[k], eta[k], m_s[k], volume[k])
        largest = (abs(fx[k]) + abs(fy[k]) + abs(fz[k]) + abs(h_k[k]) + (1.0 + abs(ratio[k])) * abs(a_d)
                   + m_s[k] * max(abs(nx[k]), abs(ny[k]), abs(nz[k]))
                   + sigma * (abs(wx[k]) + abs(wy[k]) + abs(wz[k])))
        phase = max(phase, GAMMA_0 * largest * length[k])
    n_substeps = max(1, math.ceil(phase / PHASE_PER_SUBSTEP))
    for _ in range(n_substeps):
        for k in range(stop - start):
            a, gamma, dt = alpha[k], GAMMA_0 / (1.0 + alpha[k] * alpha[k]), length[k] / n_substeps
            u, p = inverse_norm(ux[k], uy[k], uz[k]), inverse_norm(px[k], py[k], pz[k])
            a_d = damping_like_field(i[k], eta[k], m_s[k], volume[k]) * p
            s, d = (ratio[k] - a) * a_d, (1.0 + a * ratio[k]) * a_d
            sx, sy, sz, dx, dy, dz = s * px[k], s * py[k], s * pz[k], d * px[k], d * py[k], d * pz[k]
            vx, vy, vz = u * ux[k], u * uy[k], u * uz[k]
            qx, qy, qz = m_s[k] * nx[k], m_s[k] * ny[k], m_s[k] * nz[k]
            sigma = brown_strength(a, temperature[k], m_s[k], volume[k]) / math.sqrt(length[k]) if dt > 0.0 else 0.0
            hx, hy, hz = fx[k] + sigma * wx[k], fy[k] + sigma * wy[k], fz[k] + sigma * wz[k]
            x, y, z = mx[k], my[k], mz[k]
            ax, ay, az = slope(x, y, z, hx, hy, hz, sx, sy, sz, dx, dy, dz, vx, vy, vz, qx, qy, qz, a, gamma, h_k[k])
            bx, by, bz = slope(x + 0.5 * dt * ax, y + 0.5 * dt * ay, z + 0.5 * dt * az, hx, hy, hz, sx, sy, sz,
                               dx, dy, dz, vx, vy, vz, qx, qy, qz, a, gamma, h_k[k])
            cx, cy, cz = slope(x + 0.5 * dt * bx, y + 0.5 * dt * by, z + 0.5 * dt * bz, hx, hy, hz, sx, sy, sz,
                               dx, dy, dz, vx, vy, vz, qx, qy, qz, a, gamma, h_k[k])
            ex, ey, ez = slope(x + dt * cx, y + dt * cy, z + dt * cz, hx, hy, hz, sx, sy, sz,
                               dx, dy, dz, vx, vy, vz, qx, qy, qz, a, gamma, h_k[k])
            x += dt / 6.0 * (ax + 2.0 * bx + 2.0 * cx + ex)
            y += dt / 6.0 * (ay + 2.0 * by + 2.0 * cy + ey)
            z += dt / 6.0 * (az + 2.0 * bz + 2.0 * cz + ez)
            r = inverse_norm(x, y, z)
            mx[k], my[k], mz[k] = x * r, y * r, z * r


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write the junction conductance (5) [S], linear in the cosine of the angle to the polariser."""
    mx, my, mz, g = state[0, start:stop], state[1, start:stop], state[2, start:stop], out[start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    r_p, tmr = params[R_P, start:stop], params[TMR, start:stop]
    for k in range(stop - start):
        cosine = (mx[k] * px[k] + my[k] * py[k] + mz[k] * pz[k]) * inverse_norm(px[k], py[k], pz[k])
        parallel, antiparallel = 1.0 / r_p[k], 1.0 / (r_p[k] * (1.0 + tmr[k]))
        g[k] = 0.5 * (parallel + antiparallel) + 0.5 * (parallel - antiparallel) * cosine


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write m.p, the magnetisation along the polariser."""
    mx, my, mz, projection = state[0, start:stop], state[1, start:stop], state[2, start:stop], out[0, start:stop]
    px, py, pz = params[P_X, start:stop], params[P_Y, start:stop], params[P_Z, start:stop]
    for k in range(stop - start):
        projection[k] = (mx[k] * px[k] + my[k] * py[k] + mz[k] * pz[k]) * inverse_norm(px[k], py[k], pz[k])


MODEL = DeviceModel(
    name="macrospin",
    params=PARAMS,
    states=(
        StateSpec("m_x", "", -1.0, 1.0, 0.6, "reduced magnetisation along x"),
        StateSpec("m_y", "", -1.0, 1.0, 0.0, "reduced magnetisation along y"),
        StateSpec("m_z", "", -1.0, 1.0, 0.8, "reduced magnetisation along z"),
    ),
    drives=(
        SignalSpec("h_x", "A/m", "applied field along x"),
        SignalSpec("h_y", "A/m", "applied field along y"),
        SignalSpec("h_z", "A/m", "applied field along z"),
        SignalSpec("i", "A", "current through the junction; positive pulls m towards the polariser"),
    ),
    outputs=(SignalSpec("projection", "", "magnetisation along the polariser"),),
    noises=("thermal field x", "thermal field y", "thermal field z"),
    rate=rate,
    advance=advance,
    conductance=conductance,
    output=output,
    diffusion=diffusion,
    calculus="stratonovich",
    exact_advance=False,
    advance_tolerance=1e-6,
    twins={"rate": slow_rate, "diffusion": slow_diffusion, "conductance": slow_conductance, "output": slow_output},
    reference="10.1016/0304-8853(96)00062-5",
    doc="Macrospin with uniaxial anisotropy, demagnetising tensor, Slonczewski torques and Brown's thermal field.",
)
