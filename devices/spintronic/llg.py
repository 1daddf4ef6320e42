"""Landau-Lifshitz-Gilbert dynamics of one moment: the scalar pieces that every magnetic device inlines.

The Gilbert equation with Slonczewski torque, solved for dm/dt (|m| = 1):

    dm/dt = -gamma_0/(1 + alpha^2) { m x H + alpha m x (m x H)
                                     + (a_f - alpha a_d) m x p + (a_d + alpha a_f) m x (m x p) }         (1)

with the field H [A/m], the polariser direction p, and the damping-like and field-like torque fields a_d, a_f [A/m];
a_d > 0 pulls m towards +p. Collecting fields, A = H + (a_f - alpha a_d) p and B = alpha H + (a_d + alpha a_f) p, (1)
reads dm/dt = -gamma_0/(1 + alpha^2) m x (A + m x B), which is what ``torque`` computes.

Thermal field (W. F. Brown): independent white components of spectral strength ``brown_strength``^2,
2 alpha k T / (gamma_0 mu_0 M_s V), read in the Stratonovich sense. It enters (1) like H, with no further factor.

References
----------
T. L. Gilbert, IEEE Trans. Magn. 40, 3443 (2004), doi:10.1109/TMAG.2004.836740.
J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996), doi:10.1016/0304-8853(96)00062-5.
W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import scalar_kernel
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE, GYROMAGNETIC, HBAR, MU_0

GAMMA_0 = MU_0 * GYROMAGNETIC                      # m/(A s), the precession rate per field
TORQUE_PER_AMPERE = HBAR / (2.0 * ELEMENTARY_CHARGE * MU_0)  # A/m per (A / (M_s V)), times the efficiency
BROWN = 2.0 * BOLTZMANN / (GAMMA_0 * MU_0)


@scalar_kernel
def torque(mx, my, mz, ax, ay, az, bx, by, bz, gamma):
    """Return the three components of -gamma m x (A + m x B) [1/s]."""
    qx = ax + my * bz - mz * by
    qy = ay + mz * bx - mx * bz
    qz = az + mx * by - my * bx
    return gamma * (mz * qy - my * qz), gamma * (mx * qz - mz * qx), gamma * (my * qx - mx * qy)


@scalar_kernel
def inverse_norm(mx, my, mz):
    """Return 1/|m|: schemes for (1) drift off the sphere by their own order, so steps end by multiplying with it."""
    return 1.0 / math.sqrt(mx * mx + my * my + mz * mz)


@scalar_kernel
def brown_strength(alpha, temperature, m_s, volume):
    """Return the strength of the thermal field [A/m sqrt(s)]; over sqrt(dt): the standard deviation of a step."""
    return math.sqrt(BROWN * alpha * temperature / (m_s * volume))


@scalar_kernel
def damping_like_field(current, efficiency, m_s, volume):
    """Return a_d = hbar eta I / (2 e mu_0 M_s V) [A/m] of a current [A] through a free layer of that volume [m^3]."""
    return TORQUE_PER_AMPERE * efficiency * current / (m_s * volume)
