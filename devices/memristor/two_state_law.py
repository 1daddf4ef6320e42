"""Rate laws and exact steps of two-state switches: what the models of this family share.

Rates [1/s] of one direction at a voltage v that favours it; the other direction takes -v and parameters of its own:

    Fermi         rate / (1 + exp(-(v - v_half) / w))       two-level switch at temperature w = k T / q
    exponential   rate exp((v - v_half) / w)                field-assisted hopping; w = 1e30 V makes it constant
    Arrhenius     attempt exp(-(E - lever q v) / k T)       never above the attempt rate (the barrier is then gone)
    Neel-Brown    attempt exp(-Delta (1 - v / v_c))         never above the attempt rate
    Merz          rate exp(-v_a / v) for v > 0, else 0      nucleation of ferroelectric domains

At frozen voltage the fraction x of switches that are ON obeys dx/dt = up (1 - x) - down x. With L = up + down and
x_rest = up / L the mean and its time average over t are

    x_1 = x_0 + (x_rest - x_0) (1 - exp(-L t)),   <x> = x_rest + (x_0 - x_rest) (1 - exp(-L t)) / (L t)

Exponents of Fermi and exponential rates are limited to +-345: a rate then is at most 1e150 times its prefactor, and sums and
ratios stay finite. Other exponents end at -690; Merz rates are zero below.

References
----------
M. A. Nugent, T. W. Molter, PLoS ONE 9, e85175 (2014), doi:10.1371/journal.pone.0085175 (Fermi).
W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677 (thermal switching of a magnet).
W. J. Merz, Phys. Rev. 95, 690 (1954), doi:10.1103/PhysRev.95.690 (exp(-activation field / field)).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from devices.memristor.short_exp import LEAST_EXPONENT, decayed, exp_bounded
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import CONDUCTANCE, CURRENT

G_ON, G_OFF = range(2)  # the first two parameters of every model of this family
MAX_EXPONENT = 345.0
BOLTZMANN = 1.380649e-23 / 1.602176634e-19  # eV/K

Rates = Callable[[float, Mapping[str, float]], tuple[float, float]]


@scalar_kernel
def limited(e):
    """Return an exponent within +-345."""
    e = MAX_EXPONENT if e > MAX_EXPONENT else e
    return -MAX_EXPONENT if e < -MAX_EXPONENT else e


@scalar_kernel
def falling(e):
    """Return an exponent within -690 and 0."""
    e = 0.0 if e > 0.0 else e
    return LEAST_EXPONENT if e < LEAST_EXPONENT else e


@scalar_kernel
def fermi_rate(v, rate, v_half, width, saturation):
    """Return the Fermi (saturation 1) or exponential (saturation 0) rate [1/s]."""
    return rate / (saturation + exp_bounded(limited((v_half - v) / width)))


@scalar_kernel
def fermi_rates(v, rate_plus, rate_minus, v_plus, v_minus, w_plus, w_minus, saturation):
    """Return the Fermi or exponential rates up and down [1/s], with one division for both."""
    up = saturation + exp_bounded(limited((v_plus - v) / w_plus))
    down = saturation + exp_bounded(limited((v - v_minus) / w_minus))
    inverse = 1.0 / (up * down)
    return rate_plus * (down * inverse), rate_minus * (up * inverse)


@scalar_kernel
def arrhenius_rate(v, attempt, barrier, lever, inverse):
    """Return the rate [1/s] over a barrier [eV] that ``lever * v`` [V] lowers; ``inverse`` is 1 / k T [1/eV]."""
    return attempt * exp_bounded(falling((lever * v - barrier) * inverse))


@scalar_kernel
def neel_brown_rate(v, attempt, stability, v_critical):
    """Return the rate [1/s] over a barrier of ``stability`` k T that vanishes at ``v_critical`` [V]."""
    return attempt * exp_bounded(falling(stability * (v / v_critical - 1.0)))


@scalar_kernel
def merz_rates(v, rate_plus, rate_minus, v_plus, v_minus):
    """Return the nucleation rates up and down [1/s]: zero for the direction that the voltage does not favour."""
    up = v > 0.0
    e = (v_plus if up else -v_minus) / -abs(v)
    none = e <= LEAST_EXPONENT
    fast = (rate_plus if up else rate_minus) * exp_bounded(LEAST_EXPONENT if none else e)
    fast = 0.0 if none else fast
    return fast if up else 0.0, 0.0 if up else fast


@scalar_kernel
def rest_state(x, up, down):
    """Return the state at which both flows balance; x where neither rate acts."""
    total = up + down
    rest = up / (total if total > 0.0 else 1.0)
    return rest if total > 0.0 else x


@scalar_kernel
def relaxed(x, up, down, duration):
    """Return the mean state after ``duration`` [s], within [0, 1]."""
    total = up + down
    moves = total > 0.0
    y = x + (up - total * x) / (total if moves else 1.0) * decayed(total * duration)
    y = 1.0 if y > 1.0 else y
    y = 0.0 if y < 0.0 else y
    return y if moves else x


@scalar_kernel
def average(x, up, down, duration):
    """Return the mean state, averaged over the next ``duration`` [s]."""
    rest, decay = rest_state(x, up, down), (up + down) * duration
    share = decayed(decay) / (decay if decay > 0.0 else 1.0)
    return rest + (x - rest) * (share if decay > 0.0 else 1.0)


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G = g_off + (g_on - g_off) x [S]."""
    x, g = state[0, start:stop], out[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = g_off[j] + (g_on[j] - g_off[j]) * x[j]


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i = G v [A] and di/dv = G [S]."""
    x, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_on, g_off = params[G_ON, start:stop], params[G_OFF, start:stop]
    for j in range(stop - start):
        g[j] = g_off[j] + (g_on[j] - g_off[j]) * x[j]
        i[j] = v[j] * g[j]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_on"] * state[0] + params["g_off"] * (1.0 - state[0])]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [drive[0] * slow_conductance(state, params)[0]]


def twins_of(slow_rates: Rates) -> dict[str, Callable[..., Any]]:
    """Return the slow twins of a model from the slow form of its rates (up, down) at a voltage."""

    def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
        """Return [dx/dt] of one device in plain Python."""
        up, down = slow_rates(drive[0], params)
        return [up * (1.0 - state[0]) - down * state[0]]

    def slow_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float],
                     noise: Sequence[float], duration: float) -> list[float]:
        """Return [x] of one device of infinitely many switches after ``duration`` in plain Python."""
        up, down = slow_rates(drive[0], params)
        if up + down == 0.0:
            return [state[0]]
        rest = up / (up + down)
        return [rest + (state[0] - rest) * math.exp(-(up + down) * duration)]

    return {"rate": slow_rate, "advance": slow_advance, "conductance": slow_conductance, "current": slow_current}
