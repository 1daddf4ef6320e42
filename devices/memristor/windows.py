"""Window functions of drift models: how the speed dies at the bounds of x in [0, 1], in a form that cannot lock.

========================  ===========================================  =================================================
window (code)             f(x), s = 1 if x is falling, else 0           at a bound
========================  ===========================================  =================================================
Joglekar (1)              1 - (2 x - 1)^(2 p)                           zero at both: x = 0 and x = 1 would lock
Biolek (2)                1 - (x - s)^(2 p)                             zero ahead, one behind; jumps when x turns
Prodromakis (3)           j (1 - [(x - 1/2)^2 + 3/4]^p)                 zero at both
Zha (4)                   j (1 - [(x - s)^2 / 4 + 3/4]^p)               zero ahead
Kvatinsky (5)             exp(-exp((x - a_up) / w)) rising,             small ahead, never zero
                          exp(-exp((a_down - x) / w)) falling
========================  ===========================================  =================================================

With e the distance to the bound ahead, the first four are one function, and no difference of near numbers is taken:

    f = j (1 - (1 - u)^p),   u = a e (b - e),   a, b = 4, 1 | 1, 2 | 1, 1 | 1/4, 2                         (1)

p is a positive integer for the first two, as published (else f has a kink at u = 1), and positive for the next two.

Lock-free form: e is kept within [edge, 1 - edge] before it enters (1). A device that reached its bound leaves it at the
speed f(edge) > 0. Leaving takes about ln(1 / edge) / (4 p) in units of the free crossing time (Joglekar); the published
window is the limit edge -> 0, in which leaving takes for ever. Direction is that of dx/dt, not the sign of the current.

References
----------
Y. N. Joglekar, S. J. Wolf, Eur. J. Phys. 30, 661 (2009), doi:10.1088/0143-0807/30/4/001.
Z. Biolek, D. Biolek, V. Biolkova, Radioengineering 18, 210 (2009).
T. Prodromakis et al., IEEE Trans. Electron Devices 58, 3099 (2011), doi:10.1109/TED.2011.2158004.
J. Zha, H. Huang, Y. Liu, IEEE Trans. Circuits Syst. II 63, 423 (2016), quoted from memory.
S. Kvatinsky et al., IEEE Trans. Circuits Syst. I 60, 211 (2013), doi:10.1109/TCSI.2012.2215714.
"""

from __future__ import annotations

import math

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp, expm1, log1p

JOGLEKAR, BIOLEK, PRODROMAKIS, ZHA, KVATINSKY = range(1, 6)


@scalar_kernel
def edge_shape(code):
    """Return a and b of (1) for windows 1 to 4."""
    a = 4.0 if code == JOGLEKAR else (0.25 if code == ZHA else 1.0)
    return a, 1.0 if code in (JOGLEKAR, PRODROMAKIS) else 2.0


@scalar_kernel
def exponent_of(code, p):
    """Return the exponent of a window: rounded to a positive integer for the first two."""
    whole = float(int(p + 0.5))
    return (whole if whole > 1.0 else 1.0) if code in (JOGLEKAR, BIOLEK) else p


@scalar_kernel
def height_of(code, height):
    """Return the height j of a window: the two that have one, else 1."""
    return height if code in (PRODROMAKIS, ZHA) else 1.0


@scalar_kernel
def edge_window(a, b, e, d, p, limit):
    """Return f / j of (1) at the distance e to the bound ahead and d = 1 - e behind."""
    near = e if e > limit else limit
    far = d if d > limit else limit
    near = near if d > limit else 1.0 - limit
    far = far if e > limit else 1.0 - limit
    u = a * near * (far if b < 1.5 else 1.0 + far)
    return -expm1(p * log1p(-(u if u < 1.0 else 1.0)))


@scalar_kernel
def barrier_window(e, centre, width):
    """Return the Kvatinsky window at the distance e to the bound ahead; centre is the distance at which f = 1/e."""
    return exp(-exp((centre - e) / width))


def slow_window(code: int, x: float, rising: bool, p: float, j: float, edge: float, a_up: float, a_down: float,
                width: float) -> float:
    """Return f(x) from the table above, in plain Python, with the lock-free clip."""
    if code == KVATINSKY:
        u = (x - a_up) / width if rising else (a_down - x) / width
        return math.exp(-math.exp(u)) if u < 7.0 else 0.0
    x = min(max(x, edge), 1.0 - edge)
    s = 0.0 if rising else 1.0
    p = max(1, int(p + 0.5)) if code in (JOGLEKAR, BIOLEK) else p
    return {
        JOGLEKAR: lambda: 1.0 - abs(2.0 * x - 1.0) ** (2.0 * p),
        BIOLEK: lambda: 1.0 - abs(x - s) ** (2.0 * p),
        PRODROMAKIS: lambda: j * (1.0 - ((x - 0.5) ** 2 + 0.75) ** p),
        ZHA: lambda: j * (1.0 - ((x - s) ** 2 / 4.0 + 0.75) ** p),
    }[code]()
