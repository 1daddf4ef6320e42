"""Exact motion of one state at frozen drive: the time as a function of the place, integrated and inverted.

Drift models have a rate that never changes sign at frozen drive, so the state runs one way and ``time(place)`` is an
ordinary integral. With m the distance moved since the start and e = e_0 - m the distance left to the bound ahead,

    t(m) = integral of pace dm,  pace = 1 / |dx/dt|,     charge / v = integral of G pace dm               (1)

``flow`` inverts t(m) = duration by Newton steps, each a *panel* over which (1) is integrated by Gauss-Legendre with four
nodes. A panel is short enough that log(pace) changes by about PANEL, and never crosses a kink of the law, so the error
of (1) is about 1e-11, for any duration, any stiffness, and with no step in time. What is left over when the bound is
reached, or when a step no longer changes the place, is spent at rest.

Laws (``family``), with R = R_0 + R_1 m; the rows of ``work`` hold one device in each column:

    EDGE     pace = SCALE D / f,  D = R where DRIVEN is 1 (current drive) and 1 where it is 0,
             f = 1 - (1 - u)^p,  u = a e' (b - e'), e' = e kept within [edge, 1 - edge]
    BARRIER  log pace = -SCALE - alpha log(A / R - B) + exp((c - e) / w)
    TAIL     pace = SCALE / f,  f = min(1, (e / c) exp(w (e - c)))

G is (R_0 + R_1 m)^power. Loops run over tiles of devices, so that every line vectorises and stays in cache; a device that
has arrived is frozen, therefore no result depends on its neighbours.
"""

from __future__ import annotations

from numba import types

from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A2, i8
from neurosim.kernels.vmath import exp, expm1, log, log1p

# Rows of `work`: results, workspace, then the law of each device.
MOVED, LEFT, HELD, CHARGE, TO, SPENT, GAIN, NODE, PACE, CONDUCT, STEEP = range(11)
AHEAD, BEHIND, DURATION, SCALE, R_0, R_1, POWER = range(11, 18)
EDGE_A, EDGE_B, EDGE_P, EDGE_LIMIT, DRIVEN = range(18, 23)          # EDGE
DRIVE_A, DRIVE_B, ALPHA, CENTRE, WIDTH, CURVED = range(18, 24)      # BARRIER; TAIL has CENTRE and WIDTH
ROWS = 24
EDGE, BARRIER, TAIL = range(3)

TILE = 128              # devices: 24 rows of 128 float64 are 24 kB
PANEL = 0.2             # largest change of log(pace) over one panel, roughly
SHORT = 1e-5            # change of log(pace) below which one node does
ARRIVED = 1e-14         # part of the duration that may be left over
MAX_PANELS = 20_000     # far beyond any law here; a device that is not there yet stays where it is
STILL, NEVER = 692.0, 1e300  # largest log of a pace, and the pace [s] from which on nothing moves
TINY = 1e-20            # distance to the bound that counts as arrived
NODES = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263)
WEIGHTS = (0.17392742256872692, 0.32607257743127308, 0.32607257743127308, 0.17392742256872692)


@kernel(types.void(A2, i8, i8, i8))
def law(work, family, charge, n):
    """Write pace, conductance (where ``charge`` is not 0) and steepness of log(pace) at the place NODE."""
    m, pace, steep, g = work[NODE, :n], work[PACE, :n], work[STEEP, :n], work[CONDUCT, :n]
    ahead, behind, scale = work[AHEAD, :n], work[BEHIND, :n], work[SCALE, :n]
    r_0, r_1, power = work[R_0, :n], work[R_1, :n], work[POWER, :n]
    if family == EDGE:
        a, b, p, limit, driven = work[EDGE_A, :n], work[EDGE_B, :n], work[EDGE_P, :n], work[EDGE_LIMIT, :n], work[DRIVEN, :n]
        for j in range(n):
            # Compared in m, as `flow` places its panels: e and d are rounded.
            at_end, at_start = m[j] > ahead[j] - limit[j], m[j] < limit[j] - behind[j]
            near = limit[j] if at_end else (1.0 - limit[j] if at_start else ahead[j] - m[j])
            far = limit[j] if at_start else (1.0 - limit[j] if at_end else behind[j] + m[j])
            u = a[j] * near * (far if b[j] < 1.5 else 1.0 + far)
            window = -expm1(p[j] * log1p(-(u if u < 1.0 else 1.0)))
            pace[j] = scale[j] * (1.0 + driven[j] * (r_0[j] + r_1[j] * m[j] - 1.0)) / window
            steep[j] = 0.0 if at_end or at_start else 1.0 / near + (1.0 / far if b[j] < 1.5 else 0.0)
    elif family == BARRIER:
        drive_a, drive_b, alpha = work[DRIVE_A, :n], work[DRIVE_B, :n], work[ALPHA, :n]
        centre, width, curved = work[CENTRE, :n], work[WIDTH, :n], work[CURVED, :n]
        for j in range(n):
            line = r_0[j] + r_1[j] * m[j]
            r = exp(line) if curved[j] > 0.5 else line
            slope = abs(r_1[j]) * (r if curved[j] > 0.5 else 1.0)
            over = drive_a[j] / r - drive_b[j]
            over = over if over > 1e-300 else 1e-300
            before = ahead[j] - m[j] - centre[j]
            wall = exp(-before / width[j])
            exponent = wall - scale[j] - alpha[j] * log(over)
            pace[j] = exp(exponent if exponent < STILL else STILL)
            steep[j] = (wall / width[j] + 1.0 / (width[j] + (before if before > 0.0 else 0.0))
                        + alpha[j] * slope * drive_a[j] / (r * r * over))
    else:
        centre, width = work[CENTRE, :n], work[WIDTH, :n]
        for j in range(n):
            e = ahead[j] - m[j]
            e = e if e > TINY else TINY
            tail = m[j] >= ahead[j] - centre[j]
            window = e / centre[j] * exp(width[j] * (e - centre[j]))
            pace[j] = scale[j] / (window if tail else 1.0)
            steep[j] = 1.0 / e + width[j] if tail else 0.0
    if charge != 0:
        for j in range(n):
            line = r_0[j] + r_1[j] * m[j]
            g[j] = line if line > 0.0 or family == BARRIER else 0.0
        if family == BARRIER:
            curved = work[CURVED, :n]
            for j in range(n):
                g[j] = exp(power[j] * (g[j] if curved[j] > 0.5 else log(g[j])))
        else:
            for j in range(n):
                g[j] = exp(power[j] * log(g[j]))


@kernel(types.void(A2, i8, i8, i8))
def flow(work, family, charge, n):
    """Move the first ``n`` devices: MOVED and, where ``charge`` is not 0, CHARGE = integral of G dt; LEFT becomes zero.

    On entry LEFT is the duration [s], zero for devices that do not move; HELD is the time that those spend at rest.
    """
    moved, left, held, total, to = work[MOVED, :n], work[LEFT, :n], work[HELD, :n], work[CHARGE, :n], work[TO, :n]
    spent, gain, node, pace, g = work[SPENT, :n], work[GAIN, :n], work[NODE, :n], work[PACE, :n], work[CONDUCT, :n]
    power = work[POWER, :n]
    steep, ahead, behind, duration = work[STEEP, :n], work[AHEAD, :n], work[BEHIND, :n], work[DURATION, :n]
    kink, width = work[EDGE_LIMIT if family == EDGE else CENTRE, :n], 0.0
    for j in range(n):
        moved[j], total[j], duration[j] = 0.0, 0.0, left[j]
    for panel in range(MAX_PANELS):
        for j in range(n):
            node[j] = moved[j]
        law(work, family, 0, n)
        long = 0
        for j in range(n):
            bend = power[j] - 2.0 if charge != 0 and power[j] > 2.0 else 0.0  # a high power of the place needs more panels
            longest = PANEL / ((1.0 + 0.25 * bend) * (steep[j] if steep[j] > PANEL else PANEL))
            step = left[j] / pace[j]
            step = longest if step > longest else step
            step = -longest if step < -longest else step
            end = moved[j] + (step if pace[j] < NEVER else 0.0)
            end = 0.0 if end < 0.0 else end
            end = ahead[j] if ahead[j] - end < TINY else end
            # No panel crosses a kink: of the two that EDGE has, the second is where the distance behind is the limit.
            first = ahead[j] - kink[j] if family != BARRIER else -1.0
            second = kink[j] - behind[j] if family == EDGE else -1.0
            end = first if (moved[j] - first) * (end - first) < 0.0 else end
            end = second if (moved[j] - second) * (end - second) < 0.0 else end
            to[j], spent[j], gain[j] = end if left[j] != 0.0 else moved[j], 0.0, 0.0
            change = abs(to[j] - moved[j]) * (steep[j] + 1.0)
            long += 1 if change >= SHORT else 0
        # The last corrections are so short that the middle alone is exact to rounding.
        nodes = 1 if panel > 0 and long == 0 else 4
        for k in range(nodes):
            place, weight = (NODES[k], WEIGHTS[k]) if nodes == 4 else (0.5, 1.0)
            for j in range(n):
                node[j] = moved[j] + place * (to[j] - moved[j])
            law(work, family, charge, n)
            for j in range(n):
                spent[j] += weight * pace[j]
            if charge != 0:
                for j in range(n):
                    gain[j] += weight * pace[j] * g[j]
        moving = 0
        for j in range(n):
            width = to[j] - moved[j]
            left[j] -= width * spent[j]
            total[j] += width * gain[j]
            stop = width == 0.0 or abs(left[j]) <= ARRIVED * duration[j] or (to[j] == ahead[j] and left[j] > 0.0)
            moved[j] = to[j]
            held[j] += left[j] if stop else 0.0
            left[j] = 0.0 if stop else left[j]
            moving += 0 if stop else 1
        if moving == 0:
            break
    if charge != 0:
        for j in range(n):
            node[j] = moved[j]
        law(work, family, 1, n)
        for j in range(n):
            total[j] += g[j] * (held[j] + left[j])
