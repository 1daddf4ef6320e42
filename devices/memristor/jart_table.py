"""Tables of JART VCM v1b: ln(I / V) and ln(|d ln N / dt| / F_lim / |V|) over voltage and ln N, from the implicit law.

Both are smooth on the physical branch, also through V = 0 and through the thermal runaway. Nodes: V = 0.1 sinh(w), w = 0.04 k
up to 1.6 V, each polarity for itself; ln N in steps of 0.1 from 0.0035 to 24. Each node holds the value and its slope in ln N
(differences of fourth order), so that the table is C1 in ln N; four voltages are joined by the cubic through them.

Radius and length of a device enter through the polynomial of second order in ln(r^2 / r_0^2) and ln(l / l_0) through the
centre, the sides and the corners of their range. Errors: see
:mod:`devices.memristor.jart_vcm`.

The node at 0 V is continued from the next four: where the barrier is lowered to nothing, the conductance of the published
reverse current falls to zero with the square root of the voltage, an artefact that shows below 4 mV and is left out.

Each array is flat: quantity (2), polarity (2: negative, positive), voltage, ln N, (value, slope). They are constants of the
compiled code, and stay below the 1 MB up to which such code can be cached.
"""

from __future__ import annotations

import math

import numpy as np

from devices.memristor.jart_oracle import PUBLISHED, R_DET, contact_voltage, current_and_speed, near_contact_voltage
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, A3, f8, void

V_SCALE, W_STEP = 0.1, 0.04
N_W = 88  # nodes in w: up to 1.62 V
Y_FIRST, Y_STEP = math.log(0.0035), 0.1
N_Y = 90  # nodes in ln N: up to 24.3
V_LARGEST = V_SCALE * math.sinh(W_STEP * (N_W - 2))
RADIUS, LENGTH = 45e-9, 0.4e-9
CORRECTIONS = 6
SMALLEST_V = 1e-6


@kernel(void(f8, f8, f8, A1, A3))
def fill(sign, radius, length, p, out):
    """Write ln(I / V) and ln(speed / |V|), shape (2, N_W, N_Y), by continuation from V = 0."""
    for column in range(out.shape[2]):
        n = math.exp(Y_FIRST + Y_STEP * column)
        share, previous = 0.5, 0.5
        for row in range(out.shape[1]):
            v = sign * max(SMALLEST_V, V_SCALE * math.sinh(W_STEP * row))
            v_s = math.nan
            if row > 0:
                v_s = near_contact_voltage(v, n, radius, length, p, v * min(1.0, max(1e-3, 2.0 * share - previous)))
            if not math.isfinite(v_s):
                v_s = contact_voltage(v, n, radius, length, p)
            previous, share = (share if row > 0 else v_s / v), v_s / v
            i, speed = current_and_speed(v, v_s, n, radius, length, p)
            out[0, row, column], out[1, row, column] = math.log(i / v), math.log(speed / abs(v))


def slopes(values: np.ndarray) -> np.ndarray:
    """Return the differences per node along the last axis, of fourth order inside and of second order at the ends."""
    out = np.gradient(values, axis=-1, edge_order=2)
    out[..., 2:-2] = (8.0 * (values[..., 3:-1] - values[..., 1:-3]) - (values[..., 4:] - values[..., :-4])) / 12.0
    return out


def build() -> list[np.ndarray]:
    """Return the four tables: nominal, per area, per length, per area squared, per length squared, per product."""
    spread, stretch = 2.0 * math.log(1.1), math.log(1.1)  # of r^2 / r_0^2 and l / l_0
    tables = np.empty((CORRECTIONS, 2, 2, N_W, N_Y, 2))
    for polarity, sign in enumerate((-1.0, 1.0)):
        points = {}
        for area, length in ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1), (1, -1), (-1, 1)):
            values = np.empty((2, N_W, N_Y))
            fill(sign, RADIUS * math.exp(0.5 * spread * area), LENGTH * math.exp(stretch * length), PUBLISHED, values)
            values[:, 0] = 4.0 * (values[:, 1] + values[:, 3]) - 6.0 * values[:, 2] - values[:, 4]
            points[area, length] = values
        base = points[0, 0]
        corrections = (
            base,
            (points[1, 0] - points[-1, 0]) / (2.0 * spread),
            (points[0, 1] - points[0, -1]) / (2.0 * stretch),
            (points[1, 0] - 2.0 * base + points[-1, 0]) / (2.0 * spread**2),
            (points[0, 1] - 2.0 * base + points[0, -1]) / (2.0 * stretch**2),
            (points[1, 1] + points[-1, -1] - points[1, -1] - points[-1, 1]) / (4.0 * spread * stretch),
        )
        for number, values in enumerate(corrections):
            tables[number, :, polarity, :, :, 0] = values
            tables[number, :, polarity, :, :, 1] = slopes(values)
    return [table.ravel() for table in tables]


assert PUBLISHED[R_DET] == RADIUS
NOMINAL, PER_AREA, PER_LENGTH, PER_AREA_SQUARED, PER_LENGTH_SQUARED, PER_PRODUCT = build()
