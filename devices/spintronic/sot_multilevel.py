"""Many small magnets on one strip: a multilevel synapse switched by spin-orbit torque, with heat and memory.

M hysterons under one junction switch at currents I_up (1 + s z_k) upwards and I_down (1 - s z_k) downwards; z_k is normal, cut
at three standard deviations. They stand for the grains of an antiferromagnet, whose exchange bias shifts each magnet's loop:
what goes up last comes down first, so that one number, the front z in [-3, 3], is the whole state (a Preisach plane with shifts
only).

Each hysteron switches over a barrier Delta kT (1 - I/I_k) with the attempt rate nu, that is, at the current

    I_k(t) = I_k [1 - ln(nu t) / Delta]                    for a pulse of length t                        (1)

The front that these rates carry through the distribution obeys an equation of its own, with K = exp(0.5772) so that the mean
number is right (Gumbel's law), i the threshold of the next hysteron and I the current in the strip:

    di/dt = K nu i^2 / (I Delta) exp(-Delta (1 - I/i))
    1/i(t) = 1/i_0 - ln(1 + K nu t exp(-Delta (1 - I/i_0))) / (Delta I)                                   (2)
    G = G_min + (G_max - G_min) share(z),   i_device = G v + sign(v) I                                    (3)
    I = max(0, |v| - V_s) / R              strip behind a selector, as in domain_wall_synapse             (4)

Pulses add up, whatever their split. At the front some hysterons have switched early and some late: with the width
W = i / (Delta I) i / (I_k s) of the front in z, a step of the front by D adds to z the thermal write noise

    sigma_z^2 = ln 2 W / (M pdf(z)) (1 - exp(-2 D / W))                                                  (5)

for M hysterons (none for M = 0): nothing where the front did not move. (2) is exact for the front; as the mean of many
hysterons it is the leading order in W. Below V_s nothing moves at all; between V_s and the switching currents motion is
exponentially slow, so that no dead zone is declared that pulse voltages could be chosen from. A write of few magnets is
coarse: about 4 % of the window (one standard deviation) for the 32 of the nominal card. Conductance is not quantised (the
modifier ``levels`` does that). Left out: heating of the strip, hysterons with a spread of coercivity, whose state is more
than one number, and retention without current.

References
----------
S. Fukami et al., Nat. Mater. 15, 535 (2016), doi:10.1038/nmat4566 (antiferromagnet-ferromagnet bilayers, analogue states).
"""

from __future__ import annotations

import math

from devices.spintronic.domain_wall_synapse import strip_current
from devices.spintronic.sot_law import (
    CUT,
    EULER_FACTOR,
    LARGEST,
    NORM,
    mean_share,
    moved_front,
    progress_of,
    share_of,
    slow_conductance,
    slow_current,
    slow_rate,
)
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1

G_MIN, G_MAX, R_STRIP, V_SELECT, I_UP, I_DOWN, SPREAD, STABILITY, ATTEMPT, HYSTERONS = range(10)
PEAK = 1.0 / (math.sqrt(2.0 * math.pi) * NORM)  # density of thresholds at z = 0


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that move the front."""
    return (params[R_STRIP, start:stop], params[V_SELECT, start:stop], params[I_UP, start:stop], params[I_DOWN, start:stop],
            params[SPREAD, start:stop], params[STABILITY, start:stop], params[ATTEMPT, start:stop])


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dz/dt [1/s]: zero where every hysteron has switched or no current flows in the strip."""
    z, v, dz = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    r, v_select, i_up, i_down, spread, stability, attempt = law_rows(params, start, stop)
    for j in range(stop - start):
        sign = 1.0 if v[j] > 0.0 else -1.0
        through, mean = abs(strip_current(v[j], v_select[j], r[j])), i_up[j] if v[j] > 0.0 else i_down[j]
        threshold = mean * (1.0 + spread[j] * sign * z[j])
        lead = exp(min(LARGEST, stability[j] * (through / threshold - 1.0)))
        moves = through > 0.0 and sign * z[j] < CUT
        per = threshold / (max(through, 1e-300) * stability[j]) * (threshold / (mean * spread[j]))
        dz[j] = sign * EULER_FACTOR * attempt[j] * lead * per if moves else 0.0


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step z over ``duration`` [s] at frozen voltage: (2), exact, then the noise (5) of the step."""
    z, v, x, dt = state[0, start:stop], drive[0, start:stop], noise[0, start:stop], duration[start:stop]
    r, v_select, i_up, i_down, spread, stability, attempt = law_rows(params, start, stop)
    count = params[HYSTERONS, start:stop]
    for j in range(stop - start):
        sign = 1.0 if v[j] > 0.0 else -1.0
        through, mean = abs(strip_current(v[j], v_select[j], r[j])), i_up[j] if v[j] > 0.0 else i_down[j]
        w = sign * z[j]
        threshold = mean * (1.0 + spread[j] * w)
        progress = progress_of(through, threshold, stability[j], attempt[j], dt[j]) if through > 0.0 else 0.0
        front = moved_front(w, threshold, mean, spread[j], through, stability[j], progress)
        near = mean * (1.0 + spread[j] * front)
        width = near / (stability[j] * max(through, 1e-300)) * (near / (mean * spread[j]))
        variance = math.log(2.0) * width * -expm1(-2.0 * (front - w) / width)
        variance /= max(1.0, count[j]) * PEAK * exp(-0.5 * front * front)
        kick = x[j] * math.sqrt(max(0.0, variance)) if count[j] >= 1.0 else 0.0
        moved = min(CUT, max(-CUT, front + kick))
        z[j] = sign * moved if progress > 0.0 else z[j]


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write G [S] of (3)."""
    z, g, g_min, g_max = state[0, start:stop], out[start:stop], params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        g[j] = g_min[j] + (g_max[j] - g_min[j]) * share_of(z[j])


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] of (3) and di/dv [S]."""
    z, v, i, g = state[0, start:stop], drive[0, start:stop], current[start:stop], slope[start:stop]
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    r, v_select = params[R_STRIP, start:stop], params[V_SELECT, start:stop]
    for j in range(stop - start):
        read = g_min[j] + (g_max[j] - g_min[j]) * share_of(z[j])
        i[j] = read * v[j] + strip_current(v[j], v_select[j], r[j])
        g[j] = read + (1.0 / r[j] if abs(v[j]) > v_select[j] else 0.0)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] over ``duration`` at frozen voltage, by Gauss-Legendre in the logarithm of time."""
    z, v, dt, q = state[0, start:stop], drive[0, start:stop], duration[start:stop], out[start:stop]
    r, v_select, i_up, i_down, spread, stability, attempt = law_rows(params, start, stop)
    g_min, g_max = params[G_MIN, start:stop], params[G_MAX, start:stop]
    for j in range(stop - start):
        sign = 1.0 if v[j] > 0.0 else -1.0
        through, mean = strip_current(v[j], v_select[j], r[j]), i_up[j] if v[j] > 0.0 else i_down[j]
        size, w = abs(through), sign * z[j]
        threshold = mean * (1.0 + spread[j] * w)
        progress = progress_of(size, threshold, stability[j], attempt[j], dt[j]) if size > 0.0 else 0.0
        share = mean_share(w, threshold, mean, spread[j], size, stability[j], progress, sign)
        q[j] = (v[j] * (g_min[j] + (g_max[j] - g_min[j]) * share) + through) * dt[j]


MODEL = DeviceModel(
    name="sot_multilevel",
    params=(
        ParamSpec("g_min", "S", 4e-5, 0.0, 1e3, "conductance of the junction with all magnets down", "G_min"),
        ParamSpec("g_max", "S", 1e-4, 0.0, 1e3, "conductance of the junction with all magnets up", "G_max"),
        ParamSpec("r_strip", "ohm", 1e3, 1e-3, 1e12, "resistance of the write strip", "R"),
        ParamSpec("v_select", "V", 0.25, 1e-6, 1e3, "voltage of the selector of the write strip", "V_s"),
        ParamSpec("i_up", "A", 1e-3, 1e-12, 1e3, "mean switching current upwards at 1 / attempt", "I_up"),
        ParamSpec("i_down", "A", 1e-3, 1e-12, 1e3, "mean switching current downwards at 1 / attempt", "I_down"),
        ParamSpec("spread", "", 0.1, 1e-3, 0.3, "standard deviation of the thresholds over their mean", "s"),
        ParamSpec("stability", "", 60.0, 1.0, 300.0, "barrier of a magnet over kT without current", "Delta"),
        ParamSpec("attempt", "1/s", 1e9, 0.0, 1e15, "attempt rate", "nu"),
        ParamSpec("hysterons", "", 32.0, 0.0, 1e12, "number of magnets; 0: infinitely many, no write noise", "M"),
    ),
    states=(StateSpec("z", "", -CUT, CUT, 0.0, "front of switching, in standard deviations of the thresholds"),),
    drives=(SignalSpec("v", "V", "voltage across the device; positive raises the conductance"),),
    noises=("thermal",),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    handles={
        "g_max": Handle(("g_max",)),
        "g_min": Handle(("g_min",)),
        "rate": Handle(("attempt",)),
        "threshold_up": Handle(("i_up",)),
        "threshold_down": Handle(("i_down",)),
        "barrier": Handle(("stability",)),
    },
    increase_sign=1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    reference="10.1038/nmat4566",
    doc="Many magnets on a spin-orbit strip: normal switching currents, thermal switching front, write noise, soft bounds.",
)
