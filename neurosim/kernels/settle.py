"""Settle a system to rest: Dormand-Prince 5(4) with projection onto bounds and a stop on the *distance* to rest.

Why not stop on a small derivative: the nudged-minus-free difference is divided by beta, so what matters is how far the state
still is from its rest point. The slowest mode decays as exp(-lambda t); from two successive derivative norms r follows
lambda = ln(r0 / r1) / h and the remaining distance r / lambda. While faster modes still decay, lambda is too large for the
slowest: the estimate is multiplied by ``MIXED``. It must be below the tolerance twice in a row.

An explicit step that rides its stability limit never comes to rest. The largest rate is estimated from the last two stages
(Hairer, Norsett, Wanner, Solving ODEs I, sec. IV.2) and the step is kept at ``STABLE`` / rate, where every mode decays. The
largest value of the phase counts: near rest the last stages hold nothing of the fast modes any more, and would allow too much.

States with bounds (a magnetisation of 1) are projected after each accepted step; the device's ``rate`` holds a state that
sits exactly on its bound. The last entry of ``y`` is the dissipated energy: integrated with the states, never controlled.
"""

from __future__ import annotations

import math

from neurosim.kernels.bits import bits_of_float, float_of_bits
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import A1, A2, I1, OUTPUTS, RATES, SYSTEMS, f8, i8
from neurosim.kernels.steppers.dopri5 import dopri5_stages

SETTLED, NOT_SETTLED, DIVERGED, STEP_UNDERFLOW, TOO_MANY_STEPS = range(5)
# Entries of ``options`` and of ``result``.
T_MAX, DISTANCE_TOLERANCE, STEP_TOLERANCE, FIRST_STEP, MAX_STEPS, FAR = range(6)
R_TIME, R_DISTANCE, R_STEPS, R_EVALUATIONS, R_WORST, R_RECORDED, R_REJECTED = range(7)
WORK_ROWS = 10
STABLE = 2.8  # step times largest rate; the scheme is stable up to 3.3
MIXED = 1.5  # with it the true distance is 0.67 (median) to 1.02 (largest) of the estimate, coupling norms 0.89-0.99
SAFETY, SHRINK, GROW = 0.9, 0.2, 5.0


@kernel(f8(A1, A1))
def largest(values, inverse_scale):
    """Return ``max |values| inverse_scale`` over ``inverse_scale.size`` entries; NaN wins over everything.

    Floats that are not negative are ordered as their bits are, with NaN last: an integer maximum vectorises and keeps NaN.
    """
    top = 0
    for i in range(inverse_scale.size):
        top = max(top, bits_of_float(abs(values[i]) * inverse_scale[i]))
    return float_of_bits(top)


@kernel(i8(A1, A1))
def where_largest(values, inverse_scale):
    """Return the index of :func:`largest`."""
    top, index = -1, 0
    for i in range(inverse_scale.size):
        bits = bits_of_float(abs(values[i]) * inverse_scale[i])
        if bits > top:
            top, index = bits, i
    return index


@kernel(f8(A2, f8, A1), reassociate=True)
def largest_rate(k, h, inverse_scale):
    """Return the largest rate [1/s] seen by the last two stages, ``|f(y7) - f(y6)| / |y7 - y6|``; 0 at rest."""
    top, bottom = 0.0, 0.0
    k1, k2, k3, k4, k5, k6, k7 = k[0], k[1], k[2], k[3], k[4], k[5], k[6]
    for i in range(inverse_scale.size):
        gap = ((35.0 / 384.0 - 9017.0 / 3168.0) * k1[i] + 355.0 / 33.0 * k2[i]
               + (500.0 / 1113.0 - 46732.0 / 5247.0) * k3[i] + (125.0 / 192.0 - 49.0 / 176.0) * k4[i]
               + (-2187.0 / 6784.0 + 5103.0 / 18656.0) * k5[i] + 11.0 / 84.0 * k6[i]) * inverse_scale[i]
        bend = (k7[i] - k6[i]) * inverse_scale[i]
        top += bend * bend
        bottom += gap * gap
    return math.sqrt(top / bottom) / h if bottom > 0.0 else 0.0


@kernel(i8(A1, A1, A1, A1))
def project(y_new, low, high, y):
    """Fill ``y`` with ``y_new`` kept within its bounds (the last entry, the energy, has none); return how many moved."""
    moved = 0
    for i in range(low.size):
        value = min(high[i], max(low[i], y_new[i]))
        moved += value != y_new[i]
        y[i] = value
    y[low.size] = y_new[low.size]
    return moved


@kernel(i8(SYSTEMS, A1, I1, A1, RATES, OUTPUTS, A1, A1, A1, A1, A2, A1, A1, A2))
def settle(systems, y, layout, values, rates, outputs, scale, low, high, options, work, result, times, history):
    """Integrate ``y`` in place until it rests; return SETTLED or the reason why not.

    Parameters
    ----------
    systems, layout, values, rates, outputs
        The problem, see :data:`neurosim.kernels.signatures.RHS`.
    y : (n + 1,)
        n states and the energy [J].
    scale, low, high : (n,)
        Absolute scale for errors and distances, and bounds of each state.
    options : (6,)
        Time limit [s], distance tolerance (in units of ``scale``), local error tolerance (same), first step [s], step limit,
        and the derivative norm [1/s] below which the state counts as at rest from the start.
    work : (10, n + 1)
        Scratch.
    result : (7,)
        Filled: time [s], distance, steps, evaluations, index of the worst state, records kept, rejected steps.
    times, history : (m,), (m, n + 1)
        Filled with start, every accepted step and the end, while there is room; m = 0 records nothing.
    """
    n = y.size - 1
    k = work[:7]
    y_new = work[7]
    error = work[8]
    inverse = work[9, :n]
    for i in range(n):
        inverse[i] = 1.0 / scale[i]
    t_max, tolerance, local = options[T_MAX], options[DISTANCE_TOLERANCE], options[STEP_TOLERANCE]
    h = options[FIRST_STEP]
    t = 0.0
    steps = 0
    rejected = 0
    evaluations = 1
    kept = 0
    good = 0
    previous_error = 1.0
    distance = math.inf
    slowest = 0.0
    fastest = 0.0

    systems[0](t, y, layout, values, rates, outputs, k[0])
    norm = largest(k[0], inverse)
    if times.size > 0:
        times[0] = t
        history[0] = y
        kept = 1
    status = NOT_SETTLED
    if not math.isfinite(norm):
        status = DIVERGED
    elif norm <= options[FAR]:
        status = SETTLED
        distance = 0.0

    while status == NOT_SETTLED and t < t_max:
        if steps + rejected >= options[MAX_STEPS]:
            status = TOO_MANY_STEPS
            break
        h = min(h, t_max - t)
        dopri5_stages(systems, t, y, h, layout, values, rates, outputs, k, y_new, error)
        evaluations += 6
        err = largest(error, inverse)
        if not math.isfinite(err):
            k[0] = error
            status = DIVERGED
            break
        err /= local
        if err > 1.0:
            rejected += 1
            previous_error = 1.0
            h *= max(SHRINK, SAFETY * err**-0.2)
            if t + h == t:
                status = STEP_UNDERFLOW
            continue

        fastest = max(fastest, largest_rate(k, h, inverse))
        t += h
        steps += 1
        moved = project(y_new, low, high, y)
        if moved:
            systems[0](t, y, layout, values, rates, outputs, k[0])
            evaluations += 1
        else:
            k[0] = k[6]
        if kept < times.size:
            times[kept] = t
            history[kept] = y
            kept += 1

        before = norm
        norm = largest(k[0], inverse)
        if not math.isfinite(norm):
            status = DIVERGED
            break
        if norm <= options[FAR]:
            distance = 0.0
            status = SETTLED
            break
        decay = math.log(before / norm) / h
        rate = min(decay, slowest) if slowest > 0.0 else decay
        slowest = decay
        distance = MIXED * norm / rate if rate > 0.0 else math.inf
        good = good + 1 if distance <= tolerance else 0
        if good >= 2:
            status = SETTLED
            break

        factor = SAFETY * max(err, 1e-10) ** -0.17 * previous_error**0.04
        previous_error = max(err, 1e-4)
        h *= min(GROW, max(SHRINK, factor))
        if fastest > 0.0:
            h = min(h, STABLE / fastest)

    result[R_TIME] = t
    result[R_DISTANCE] = distance
    result[R_STEPS] = steps
    result[R_EVALUATIONS] = evaluations
    result[R_WORST] = where_largest(error if status == STEP_UNDERFLOW else k[0], inverse)
    result[R_RECORDED] = kept
    result[R_REJECTED] = rejected
    return status
