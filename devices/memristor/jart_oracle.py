"""JART VCM v1b solved implicitly: the law itself, and the oracle of its tables (:mod:`devices.memristor.jart_table`).

A disc of oxide with N vacancies (in 1e26 / m^3) lies between a Schottky contact and a plug, in series with the oxide of the
electrode and its line. At a voltage V (positive: RESET) the contact takes V_s of it:

    I = I_schottky(V_s, N, T),   V = V_s + I [R_disc(N) + R_plug + R_TiOx + R_0 (1 + R_0 alpha R_th,line I^2)]
    T = T_0 + R_th (r_det / r)^2 (0.27 if V > 0) I (V_s + V_disc + V_plug)
    R_disc = l / (z e mu N A),   R_plug = (l_cell - l) / (z e mu N_plug A),   A = pi r^2
    I_schottky: thermionic emission for V_s > 0, thermionic field emission for V_s < 0, barrier lowered by image force

    |dN/dt| = c a nu_0 / l [exp(-W_min / k T) - exp(-W_max / k T)] F_lim,  c = (N_plug + N) / 2
    W = W_A [sqrt(1 - g^2) -+ pi g / 2 + g asin g],  g = z a E / (pi W_A)
    SET (V < 0): N grows, E = V_disc / l, F_lim = 1 - (N / N_max)^10;   RESET: N falls, E = (V_s + V_disc + V_plug) / l_cell,
    F_lim = 1 - (N_min / N)^10

For V > 0 these equations have up to three solutions, because the lowering of the barrier has an infinite slope where the
contact's band is flat. The physical one, connected with V = 0, has the smallest |V_s| and is smooth in V and N.

All scalar functions take the numbers of the law as one array, rows ``LAW``; they are plain code for tests and tables, not for
loops over devices.

References
----------
C. Bengel et al., IEEE Trans. Circuits Syst. I 67 (2020), doi:10.1109/TCSI.2020.3018502 (equations 1 to 19).
F. Cueppers et al., APL Mater. 7, 091105 (2019), doi:10.1063/1.5108654 (the deterministic model).
"""

from __future__ import annotations

import math

import numpy as np

from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A1, f8, i8
from neurosim.units import BOLTZMANN, ELECTRON_MASS, ELEMENTARY_CHARGE, EPSILON_0, PLANCK

LAW = {
    "z": 2.0, "ambient": 293.0, "richardson": 6.01e5, "eps": 17.0, "eps_barrier": 5.5, "phi_barrier": 0.18, "phi_fermi": 0.1,
    "mobility": 4e-6, "n_plug": 20.0, "hop": 0.25e-9, "attempt": 2e13, "barrier": 1.35, "r_thermal": 15.72e6,
    "radius_nominal": 45e-9, "l_cell": 3e-9, "reset_heat": 0.27, "r_tiox": 650.0, "r_0": 719.2437, "r_line": 90471.47,
    "alpha_line": 3.92e-3,
}
PUBLISHED = np.array(list(LAW.values()))
(Z, AMBIENT, RICHARDSON, EPS, EPS_B, PHI_B, PHI_N, MOBILITY, N_PLUG, HOP, ATTEMPT, W_A, R_TH, R_DET, L_CELL, RESET_HEAT, R_TIOX,
 R_0, R_LINE, ALPHA) = range(20)
E, UNIT = ELEMENTARY_CHARGE, 1e26
SCAN = 400  # trial contact voltages between 0 and V: the nearest two roots are farther apart


@scalar_kernel
def schottky(v_s, n, t, area, p):
    """Return the current [A] of the contact at contact voltage v_s [V], n [1e26 / m^3], temperature t [K]."""
    phi = p[PHI_B]
    psi = p[PHI_B] - p[PHI_N] - v_s
    if psi > 0.0:
        eps = p[EPS_B] * EPSILON_0
        lowering = (E * E * E * p[Z] * n * UNIT * psi / (8.0 * math.pi * math.pi * eps * eps * eps)) ** 0.25
        phi = max(0.0, phi - lowering)
    thermal = BOLTZMANN * t
    if v_s < 0.0:
        w_00 = E * PLANCK / (4.0 * math.pi) * math.sqrt(p[Z] * n * UNIT / (ELECTRON_MASS * p[EPS] * EPSILON_0))
        u = w_00 / thermal
        w_0, eps_prime = w_00 / math.tanh(u), w_00 / (u - math.tanh(u))
        root = math.sqrt(math.pi * w_00 * E * (phi / math.cosh(u) ** 2 - v_s))
        return (-area * p[RICHARDSON] * t / BOLTZMANN * root * math.exp(-E * phi / w_0)
                * math.expm1(-E * v_s / eps_prime))
    return area * p[RICHARDSON] * t * t * math.exp(-E * phi / thermal) * math.expm1(E * v_s / thermal)


@scalar_kernel
def series_current(u, ohm, cubic):
    """Return I [A] with I (ohm + cubic I^2) = u [V], by Newton's method from above: it converges for every u."""
    i = u / ohm
    for _ in range(60):
        step = (i * (ohm + cubic * i * i) - u) / (ohm + 3.0 * cubic * i * i)
        i -= step
        if abs(step) <= 1e-16 * abs(i):
            break
    return i


@scalar_kernel
def excess(v_s, v, n, radius, length, p):
    """Return the current missing in the series part [A], its current [A], temperature [K], voltage of the disc [V]."""
    area = math.pi * radius * radius
    specific = UNIT * p[Z] * E * p[MOBILITY] * area
    disc, plug = length / (n * specific), (p[L_CELL] - length) / (p[N_PLUG] * specific)
    cubic = p[R_0] * p[R_0] * p[ALPHA] * p[R_LINE]
    i = series_current(v - v_s, disc + plug + p[R_TIOX] + p[R_0], cubic)
    inner = v - i * (p[R_TIOX] + p[R_0] + cubic * i * i)
    ratio = p[R_DET] / radius
    t = p[AMBIENT] + p[R_TH] * ratio * ratio * (p[RESET_HEAT] if v > 0.0 else 1.0) * i * inner
    return schottky(v_s, n, t, area, p) - i, i, t, i * disc


@kernel(f8(f8, f8, f8, f8, A1))
def contact_voltage(v, n, radius, length, p):
    """Return the contact voltage V_s [V]: the root of smallest size, by a scan from 0 and bisection."""
    first = excess(0.0, v, n, radius, length, p)[0]
    previous = 0.0
    for k in range(1, SCAN + 1):
        v_s = v * (k / SCAN)
        found = excess(v_s, v, n, radius, length, p)[0]
        if found * first <= 0.0:
            for _ in range(100):
                middle = 0.5 * (previous + v_s)
                if middle in (previous, v_s):
                    break
                value = excess(middle, v, n, radius, length, p)[0]
                if value * first > 0.0:
                    previous = middle
                else:
                    v_s = middle
            return 0.5 * (previous + v_s)
        previous = v_s
    return math.nan


@kernel(i8(f8, f8, f8, f8, A1, i8))
def solutions(v, n, radius, length, p, trials):
    """Return the number of solutions that a scan with so many trials tells apart."""
    count = 0
    first = excess(0.0, v, n, radius, length, p)[0]
    for k in range(1, trials + 1):
        found = excess(v * (k / trials), v, n, radius, length, p)[0]
        if found * first < 0.0:
            count, first = count + 1, found
    return count


@scalar_kernel
def near_contact_voltage(v, n, radius, length, p, guess):
    """Return the root V_s [V] next to ``guess`` by the secant method, NaN if it does not converge between 0 and v."""
    a, b = guess, guess * (1.0 + 1e-4)
    f_a = excess(a, v, n, radius, length, p)[0]
    for _ in range(40):
        f_b = excess(b, v, n, radius, length, p)[0]
        if f_b == f_a:
            break
        c = b - f_b * (b - a) / (f_b - f_a)
        a, f_a, b = b, f_b, c
        if abs(b - a) <= 1e-14 * abs(b):
            break
    return b if 0.0 < b / v < 1.0 and abs(b - a) <= 1e-9 * abs(b) else math.nan


@scalar_kernel
def current_and_speed(v, v_s, n, radius, length, p):
    """Return I [A] and |d ln N / dt| / F_lim [1/s] at a solution."""
    _, i, t, disc = excess(v_s, v, n, radius, length, p)
    cubic = p[R_0] * p[R_0] * p[ALPHA] * p[R_LINE]
    field = (v - i * (p[R_TIOX] + p[R_0] + cubic * i * i)) / p[L_CELL] if v > 0.0 else disc / length
    g = min(1.0, abs(p[Z] * p[HOP] * field / (math.pi * p[W_A])))
    even, odd = math.sqrt(1.0 - g * g) + g * math.asin(g), 0.5 * math.pi * g
    scale = p[W_A] * E / (BOLTZMANN * t)
    hops = 2.0 * math.exp(-scale * even) * math.sinh(scale * odd)
    return i, 0.5 * (p[N_PLUG] + n) / n * p[HOP] * p[ATTEMPT] / length * hops


@kernel(f8(f8, f8, f8, f8, A1, A1))
def solve(v, n, radius, length, p, out):
    """Write I [A], |d ln N / dt| / F_lim [1/s] and V_s [V] into ``out``; return T [K]."""
    if v == 0.0:
        out[:] = 0.0
        return p[AMBIENT]
    v_s = contact_voltage(v, n, radius, length, p)
    out[0], out[1] = current_and_speed(v, v_s, n, radius, length, p)
    out[2] = v_s
    _, _, t, _ = excess(v_s, v, n, radius, length, p)
    return t
