"""JART VCM v1b for one device from its tables, inlined into the loops of :mod:`devices.memristor.jart_vcm`.

At frozen voltage four rows of the tables are joined; in a cell of ln N, ln(I / V) and ln(speed / |V|) are then cubics of the
place t in the cell. With d the distance in ln N to the bound that the motion goes to,

    d' = -speed (1 - exp(-10 d)),   s = ln(exp(10 d) - 1),   s' = -10 speed,

so that in s the limit F_lim of the law and the endless approach to the bound are gone. ``piece`` integrates ds / (10 speed)
through the five Gauss-Lobatto nodes of :mod:`devices.memristor.gap_law`, up to the end of a cell, of a distance over which
ln(speed) changes by 0.8, or of the time. Few hundred pieces cross the whole range; a duration costs no more than that.
"""

from __future__ import annotations

import math

from devices.memristor.gap_law import MARGIN, N1, N3, W0, W1, W2, corrected, quintic
from devices.memristor.jart_table import (
    LENGTH,
    N_W,
    N_Y,
    NOMINAL,
    PER_AREA,
    PER_AREA_SQUARED,
    PER_LENGTH,
    PER_LENGTH_SQUARED,
    PER_PRODUCT,
    RADIUS,
    V_LARGEST,
    V_SCALE,
    W_STEP,
    Y_FIRST,
    Y_STEP,
)
from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log, log_normal_range, softplus

ROW = 2 * N_Y  # numbers in the table per voltage
QUANTITY = 2 * N_W * ROW
STEEP = 10.0  # exponent of F_lim
FARTHEST = 1e3  # largest change of s: beyond, the bound is reached to rounding
CHANGE = 0.8  # of ln(speed) in a piece
EDGE = 1e-9  # of a cell: so near to its end the next one is taken


@scalar_kernel
def voltage_weights(v):
    """Return the offset of the first of four voltages in the table, their weights, and the derivatives of these [1/V]."""
    size = min(V_LARGEST, abs(v))
    u = size / V_SCALE
    root = math.sqrt(1.0 + u * u)
    place = log_normal_range(u + root) / W_STEP
    node = min(N_W - 3, max(1, int(place)))
    f = place - node
    a, b, c = f + 1.0, f - 1.0, f - 2.0
    w0, w1, w2, w3 = -f * b * c / 6.0, a * b * c / 2.0, -a * f * c / 2.0, a * f * b / 6.0
    scale = (1.0 if v > 0.0 else -1.0) / (V_SCALE * W_STEP * root) if abs(v) < V_LARGEST else 0.0
    d0, d1 = -(b * c + f * c + f * b) / 6.0, (b * c + a * c + a * b) / 2.0
    d2, d3 = -(f * c + a * c + a * f) / 2.0, (f * b + a * b + a * f) / 6.0
    offset = ((N_W if v > 0.0 else 0) + node - 1) * ROW
    return offset, (w0, w1, w2, w3), (d0 * scale, d1 * scale, d2 * scale, d3 * scale)


@scalar_kernel
def departures(radius, length):
    """Return ln(area / nominal area) and ln(length / nominal length)."""
    return 2.0 * log_normal_range(radius / RADIUS), log_normal_range(length / LENGTH)


@scalar_kernel
def joined(table, start, weights):
    """Return values and slopes at both ends of a cell, joined over four voltages."""
    w0, w1, w2, w3 = weights
    a, b, c = start + ROW, start + 2 * ROW, start + 3 * ROW
    return (w0 * table[start] + w1 * table[a] + w2 * table[b] + w3 * table[c],
            w0 * table[start + 1] + w1 * table[a + 1] + w2 * table[b + 1] + w3 * table[c + 1],
            w0 * table[start + 2] + w1 * table[a + 2] + w2 * table[b + 2] + w3 * table[c + 2],
            w0 * table[start + 3] + w1 * table[a + 3] + w2 * table[b + 3] + w3 * table[c + 3])


@scalar_kernel
def added(ends, table, start, weights, factor):
    """Return values and slopes at both ends of a cell with those of a correction, times a factor, added."""
    a, b, c, d = joined(table, start, weights)
    return ends[0] + factor * a, ends[1] + factor * b, ends[2] + factor * c, ends[3] + factor * d


@scalar_kernel
def hermite(ends):
    """Return the cubic c0 + c1 t + c2 t^2 + c3 t^3 with these values and slopes at t = 0 and t = 1."""
    p0, d0, p1, d1 = ends
    rise = p1 - p0
    return p0, d0, 3.0 * rise - 2.0 * d0 - d1, d0 + d1 - 2.0 * rise


@scalar_kernel
def line(quantity, offset, cell, weights, area, length, nominal):
    """Return the cubic of a quantity in a cell at fixed area and length; ``nominal`` leaves the corrections out."""
    start = quantity * QUANTITY + offset + 2 * cell
    ends = joined(NOMINAL, start, weights)
    if not nominal:
        ends = added(ends, PER_AREA, start, weights, area)
        ends = added(ends, PER_LENGTH, start, weights, length)
        ends = added(ends, PER_AREA_SQUARED, start, weights, area * area)
        ends = added(ends, PER_LENGTH_SQUARED, start, weights, length * length)
        ends = added(ends, PER_PRODUCT, start, weights, area * length)
    return hermite(ends)


@scalar_kernel
def six(quantity, offset, cell, weights):
    """Return the cubics of a quantity in a cell: nominal, and five corrections by area and length."""
    start = quantity * QUANTITY + offset + 2 * cell
    return (hermite(joined(NOMINAL, start, weights)), hermite(joined(PER_AREA, start, weights)),
            hermite(joined(PER_LENGTH, start, weights)), hermite(joined(PER_AREA_SQUARED, start, weights)),
            hermite(joined(PER_LENGTH_SQUARED, start, weights)), hermite(joined(PER_PRODUCT, start, weights)))


@scalar_kernel
def corrected_by_size(a, b, c, d, e, f, area, length):
    """Return a nominal number with its five corrections."""
    return a + area * (b + area * d + length * f) + length * (c + length * e)


@scalar_kernel
def surface(cubics, t, area, length):
    """Return the quantity of six cubics at t for an area and a length."""
    a, b, c, d, e, f = cubics
    return corrected_by_size(cubic(a, t), cubic(b, t), cubic(c, t), cubic(d, t), cubic(e, t), cubic(f, t), area, length)


@scalar_kernel
def sum_of_six(cubics, area, length):
    """Return the one cubic that six are at a fixed area and length."""
    a, b, c, d, e, f = cubics
    return (corrected_by_size(a[0], b[0], c[0], d[0], e[0], f[0], area, length),
            corrected_by_size(a[1], b[1], c[1], d[1], e[1], f[1], area, length),
            corrected_by_size(a[2], b[2], c[2], d[2], e[2], f[2], area, length),
            corrected_by_size(a[3], b[3], c[3], d[3], e[3], f[3], area, length))


@scalar_kernel
def cubic(c, t):
    """Return the cubic at t."""
    return c[0] + t * (c[1] + t * (c[2] + t * c[3]))


@scalar_kernel
def cell_of(y, way):
    """Return the cell of ln N = y that a motion in direction ``way`` (1 or -1) enters, and the place in it."""
    place = (y - Y_FIRST) / Y_STEP
    cell = min(N_Y - 2, max(0, int(place + way * EDGE)))
    return cell, place - cell


@scalar_kernel
def looked_up(quantity, y, v, radius, length):
    """Return a tabulated quantity and its derivative by the voltage [1/V]."""
    offset, weights, tilts = voltage_weights(v)
    area, stretch = departures(radius, length)
    cell, t = cell_of(y, 1.0)
    value = line(quantity, offset, cell, weights, area, stretch, False)
    tilt = line(quantity, offset, cell, tilts, area, stretch, False)
    return cubic(value, t), cubic(tilt, t)


@scalar_kernel
def room(d):
    """Return s = ln(exp(10 d) - 1) for d > 0."""
    return STEEP * d + log(-expm1(-STEEP * d))


@scalar_kernel
def stride(y, bound, way, left, size, t, speed, l0):
    """Return whether a piece moves, its distance d to the bound and speed there, s there, and how far s falls."""
    v0 = size * exp(l0)
    d = way * (bound - y)
    moves = d > 0.0 and v0 > 0.0 and left > 0.0
    d, v0 = (d if moves else 1.0), (v0 if moves else 1.0)
    in_cell = (1.0 - t if way > 0.0 else t) * Y_STEP
    steepness = abs(speed[1] + t * (2.0 * speed[2] + t * 3.0 * speed[3])) / Y_STEP
    reach = min(in_cell, CHANGE / max(0.1, steepness))
    s0 = room(d)
    free = min(FARTHEST, STEEP * MARGIN * v0 * left)
    limited = reach < d
    span = min(free, s0 - room(d - reach if limited else d)) if limited else free
    return moves, d, v0, s0, max(span, 1e-300)


@scalar_kernel
def nodes(s0, span):
    """Return the distances to the bound at the second to the fifth node of a piece."""
    return (softplus(s0 - N1 * span) / STEEP, softplus(s0 - 0.5 * span) / STEEP, softplus(s0 - N3 * span) / STEEP,
            softplus(s0 - span) / STEEP)


@scalar_kernel
def travelled(y, bound, way, left, moves, v0, s0, span, slowness, conductance):
    """Return ln N, time left and integral of I / V of a piece, from the slowness over its start's and I / V at the nodes."""
    r1, r2, r3, r4 = slowness
    g0, g1, g2, g3, g4 = conductance
    a0, a1, a2, a3, a4 = quintic(1.0, r1, r2, r3, r4)
    pace = span / (STEEP * v0)  # s: time of the piece at the speed of its start
    goal = left / pace
    total = W0 * (1.0 + r4) + W1 * (r1 + r3) + W2 * r2
    ends = total > goal
    c = goal / total if ends else 1.0
    c = corrected(c, goal, a0, a1, a2, a3, a4)
    c = corrected(c, goal, a0, a1, a2, a3, a4)
    c = corrected(c, goal, a0, a1, a2, a3, a4)
    c = min(1.0, max(0.0, c)) if ends else 1.0
    b0, b1, b2, b3, b4 = quintic(g0, g1 * r1, g2 * r2, g3 * r3, g4 * r4)
    passed = pace * c * (b0 + c * (b1 + c * (b2 + c * (b3 + c * b4))))
    end = bound - way * softplus(s0 - c * span) / STEEP
    rest = 0.0 if ends else left - pace * total
    return (end if moves else y), (rest if moves else -left), (passed if moves else 0.0)


@scalar_kernel
def piece(y, bound, way, left, size, offset, weights, area, length, nominal):
    """Move one piece towards ``bound`` in direction ``way``; ``size`` is |V| times the scale of the speed.

    Returns ln N, the time left [s] (zero or negative at the end: minus what passed at rest), and the integral of I / V [S s].
    """
    cell, t = cell_of(y, way)
    speed, conductance = (line(1, offset, cell, weights, area, length, nominal),
                          line(0, offset, cell, weights, area, length, nominal))
    l0 = cubic(speed, t)
    moves, d, v0, s0, span = stride(y, bound, way, left, size, t, speed, l0)
    d1, d2, d3, d4 = nodes(s0, span)
    scale = way / Y_STEP
    t1, t2, t3, t4 = t + (d - d1) * scale, t + (d - d2) * scale, t + (d - d3) * scale, t + (d - d4) * scale
    slowness = (exp(l0 - cubic(speed, t1)), exp(l0 - cubic(speed, t2)), exp(l0 - cubic(speed, t3)), exp(l0 - cubic(speed, t4)))
    passing = (exp(cubic(conductance, t)), exp(cubic(conductance, t1)), exp(cubic(conductance, t2)),
               exp(cubic(conductance, t3)), exp(cubic(conductance, t4)))
    return travelled(y, bound, way, left, moves, v0, s0, span, slowness, passing)
