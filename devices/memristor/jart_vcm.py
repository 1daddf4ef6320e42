"""JART VCM v1b: a filament whose disc of oxygen vacancies fills and empties, behind a Schottky contact, with heat.

State x in [0, 1] with N = n_min (n_max / n_min)^x vacancies in the disc [1e26 / m^3]; x = 1 is ON. Current and speed come
from the implicit law of :mod:`devices.memristor.jart_oracle`, tabulated by :mod:`devices.memristor.jart_table` with the
published numbers of the material; the physical one of up to three solutions is the table's. Voltages beyond 1.58 V keep the
conductance and the speed per volt of 1.58 V. Error of the tables in current and speed: 1e-6 typical and 0.2 % worst (below
10 mV 1 %) at the nominal radius and length; 0.1 % typical and 2 % worst over their ranges.

A negative voltage raises N (SET: ``increase_sign`` is -1), a positive one lowers it (RESET), at any voltage:

    d(ln N)/dt = speed(V, N) (1 - (N / n_max)^10)  or  -speed(V, N) (1 - (n_min / N)^10)                    (1)

The limits make the approach to a bound exponential: it is never reached in finite time, and left at once by the other
polarity. At frozen voltage ``advance`` and ``charge`` integrate dt = d(ln N) / speed, error below 1e-7 of the range or 1e-9 of
the time, any duration (:mod:`devices.memristor.jart_law`). The slope of the current has a step at 0 V, where emission over
the barrier changes to field emission; ``conductance`` is di/dv at v = +0.

Device-to-device spread: ``radius``, ``length``, ``n_min``, ``n_max``, within the ranges published for the variability model.
Their redraw at each reversal of the voltage is the model :mod:`devices.memristor.jart_cycles`.

References
----------
C. Bengel et al., IEEE Trans. Circuits Syst. I 67 (2020), doi:10.1109/TCSI.2020.3018502.
F. Cueppers et al., APL Mater. 7, 091105 (2019), doi:10.1063/1.5108654.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from devices.memristor.jart_law import STEEP, departures, looked_up, piece, voltage_weights
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
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import ADVANCE, CHARGE, CONDUCTANCE, CURRENT, RATE
from neurosim.kernels.vmath import exp, expm1, log

N_MIN, N_MAX, RADIUS_ROW, LENGTH_ROW, SPEED = range(5)
BLOCK = 32  # devices stepped together: the slowest of a block sets the number of its pieces
# Rows of the scratch of a block, after those of the parameters, and their number.
(Y, LEFT, VOLTAGE, PASSED, BOUND, WAY, SIZE, OFFSET, WEIGHT_0, WEIGHT_1, WEIGHT_2, WEIGHT_3, AREA, STRETCH, FIRST, SPAN,
 ROWS) = range(5, 22)
CURRENT_TABLE, SPEED_TABLE = 0, 1
LARGEST_V = 1e30  # V: keeps rates finite


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (1)."""
    for j in range(start, stop):
        v, first = drive[0, j], log(params[N_MIN, j])
        span = log(params[N_MAX, j]) - first
        y = first + span * state[0, j]
        speed, _ = looked_up(SPEED_TABLE, y, v, params[RADIUS_ROW, j], params[LENGTH_ROW, j])
        d = y - first if v > 0.0 else first + span - y
        driven = max(-LARGEST_V, min(LARGEST_V, v))
        out[0, j] = -driven * params[SPEED, j] * exp(speed) * -expm1(-STEEP * d) / span


@scalar_kernel
def copied(s, row, values, count):
    """Copy values into a row of the scratch."""
    for k in range(count):
        s[row, k] = values[k]


@scalar_kernel
def prepare(state, drive, params, duration, s, begin, count):
    """Fill the scratch of a block: state, time, parameters, then all that stays the same during the pulse."""
    end = begin + count
    copied(s, Y, state[0, begin:end], count)
    copied(s, LEFT, duration[begin:end], count)
    copied(s, VOLTAGE, drive[0, begin:end], count)
    for row in range(Y):
        copied(s, row, params[row, begin:end], count)
    for k in range(count):
        v, first, last = s[VOLTAGE, k], log(s[N_MIN, k]), log(s[N_MAX, k])
        offset, weights, _ = voltage_weights(v)
        s[OFFSET, k] = float(offset)
        s[WEIGHT_0, k], s[WEIGHT_1, k], s[WEIGHT_2, k], s[WEIGHT_3, k] = weights
        s[AREA, k], s[STRETCH, k] = departures(s[RADIUS_ROW, k], s[LENGTH_ROW, k])
        s[SIZE, k] = abs(v) * s[SPEED, k]
        s[FIRST, k], s[SPAN, k] = first, last - first
        s[WAY, k] = -1.0 if v > 0.0 else 1.0
        s[BOUND, k] = first if v > 0.0 else last
        s[Y, k] = first + (last - first) * s[Y, k]
        s[PASSED, k] = 0.0


@scalar_kernel
def move(s, count, nominal, charged):
    """Move a block by one piece of its trajectory; return the number of devices that have time left."""
    active = 0
    for k in range(count):
        left = s[LEFT, k]
        goes = left > 0.0
        weights = s[WEIGHT_0, k], s[WEIGHT_1, k], s[WEIGHT_2, k], s[WEIGHT_3, k]
        y, rest, passed = piece(s[Y, k], s[BOUND, k], s[WAY, k], left if goes else 0.0, s[SIZE, k], int(s[OFFSET, k]), weights,
                                s[AREA, k], s[STRETCH, k], nominal)
        s[Y, k] = y if goes else s[Y, k]
        s[LEFT, k] = rest if goes else left
        if charged:
            s[PASSED, k] += passed
        active += 1 if rest > 0.0 and goes else 0
    return active


@scalar_kernel
def stored(state, duration, s, begin, count):
    """Write the states of a block."""
    x, dt = state[0, begin:begin + count], duration[begin:begin + count]
    for k in range(count):
        y = (s[Y, k] - s[FIRST, k]) / s[SPAN, k]
        x[k] = min(1.0, max(0.0, y)) if s[SIZE, k] > 0.0 and dt[k] > 0.0 else x[k]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen voltage."""
    scratch = np.empty((ROWS, BLOCK))
    for begin in range(start, stop, BLOCK):
        count = min(BLOCK, stop - begin)
        prepare(state, drive, params, duration, scratch, begin, count)
        while move(scratch, count, False, False) > 0:
            pass
        stored(state, duration, scratch, begin, count)


@kernel(ADVANCE)
def advance_nominal(state, drive, params, noise, duration, start, stop):
    """Step x like ``advance`` where radius and length are the nominal ones."""
    scratch = np.empty((ROWS, BLOCK))
    for begin in range(start, stop, BLOCK):
        count = min(BLOCK, stop - begin)
        prepare(state, drive, params, duration, scratch, begin, count)
        while move(scratch, count, True, False) > 0:
            pass
        stored(state, duration, scratch, begin, count)


@kernel(CHARGE)
def charge(state, drive, params, duration, out, start, stop):
    """Write the integral of i dt [C] at frozen voltage, with the nodes of ``advance``."""
    scratch = np.empty((ROWS, BLOCK))
    for begin in range(start, stop, BLOCK):
        count = min(BLOCK, stop - begin)
        prepare(state, drive, params, duration, scratch, begin, count)
        while move(scratch, count, False, True) > 0:
            pass
        q = out[begin:begin + count]
        for k in range(count):
            at_rest = max(0.0, -scratch[LEFT, k])
            g, _ = looked_up(CURRENT_TABLE, scratch[Y, k], scratch[VOLTAGE, k], scratch[RADIUS_ROW, k], scratch[LENGTH_ROW, k])
            q[k] = scratch[VOLTAGE, k] * (scratch[PASSED, k] + at_rest * exp(g))


@kernel(CONDUCTANCE)
def conductance(state, params, out, start, stop):
    """Write di/dv at v = +0 [S]."""
    for j in range(start, stop):
        first = log(params[N_MIN, j])
        y = first + (log(params[N_MAX, j]) - first) * state[0, j]
        g, _ = looked_up(CURRENT_TABLE, y, 1e-300, params[RADIUS_ROW, j], params[LENGTH_ROW, j])
        out[j] = exp(g)


@kernel(CURRENT)
def current(state, drive, params, current, slope, start, stop):
    """Write i [A] and di/dv [S]; at 0 V the slope of the positive side."""
    for j in range(start, stop):
        v, first = drive[0, j], log(params[N_MIN, j])
        y = first + (log(params[N_MAX, j]) - first) * state[0, j]
        g, tilt = looked_up(CURRENT_TABLE, y, v if v != 0.0 else 1e-300, params[RADIUS_ROW, j], params[LENGTH_ROW, j])
        current[j] = v * exp(g)
        slope[j] = exp(g) * (1.0 + v * tilt)


def slow_lookup(quantity: int, y: float, v: float, radius: float, length: float) -> float:
    """Return a tabulated quantity for one device: numpy on the table in its six dimensions."""
    area, stretch = 2.0 * math.log(radius / RADIUS), math.log(length / LENGTH)
    table = (NOMINAL + area * PER_AREA + stretch * PER_LENGTH + area**2 * PER_AREA_SQUARED
             + stretch**2 * PER_LENGTH_SQUARED + area * stretch * PER_PRODUCT)
    mixed = table.reshape(2, 2, N_W, N_Y, 2)[quantity, 1 if v > 0.0 else 0]
    w = math.asinh(min(abs(v), V_LARGEST) / V_SCALE) / W_STEP
    node = min(N_W - 3, max(1, int(w)))
    weights = [np.prod([(w - node - m) / (k - m) for m in range(-1, 3) if m != k]) for k in range(-1, 3)]
    rows = np.tensordot(np.array(weights), mixed[node - 1:node + 3], (0, 0))
    t, cell = math.modf((y - Y_FIRST) / Y_STEP)
    (p_0, d_0), (p_1, d_1) = rows[int(cell)], rows[int(cell) + 1]
    hermite = (1 + 2 * t) * (1 - t) ** 2, t * (1 - t) ** 2, t**2 * (3 - 2 * t), t**2 * (t - 1)
    return float(np.dot(hermite, (p_0, d_0, p_1, d_1)))


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [dx/dt] of one device in plain Python."""
    v, first, last = drive[0], math.log(params["n_min"]), math.log(params["n_max"])
    y = first + (last - first) * state[0]
    limit = 1.0 - math.exp(10.0 * ((first - y) if v > 0.0 else (y - last)))
    speed = params["rate_scale"] * math.exp(slow_lookup(SPEED_TABLE, y, v, params["radius"], params["length"]))
    return [-v * speed * limit / (last - first)]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    first, last = math.log(params["n_min"]), math.log(params["n_max"])
    y = first + (last - first) * state[0]
    return [drive[0] * math.exp(slow_lookup(CURRENT_TABLE, y, drive[0], params["radius"], params["length"]))]


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [di/dv at v = +0] of one device in plain Python."""
    return [slow_current(state, [1e-300], params)[0] * 1e300]


def select(params: np.ndarray) -> DeviceModel:
    """Return the variant with the fastest ``advance`` for this parameter array (select again when it changes)."""
    nominal = bool(np.all(params[RADIUS_ROW] == RADIUS) and np.all(params[LENGTH_ROW] == LENGTH))
    return dataclasses.replace(MODEL, advance=advance_nominal) if nominal else MODEL


MODEL = DeviceModel(
    name="jart_vcm",
    params=(
        ParamSpec("n_min", "", 0.008, 0.004, 0.25, "fewest vacancies in the disc, in 1e26 / m^3", "N_disc,min"),
        ParamSpec("n_max", "", 20.0, 10.0, 24.0, "most vacancies in the disc, in 1e26 / m^3", "N_disc,max"),
        ParamSpec("radius", "m", RADIUS, 40.5e-9, 49.5e-9, "radius of the filament", "r_fil"),
        ParamSpec("length", "m", LENGTH, 0.36e-9, 0.44e-9, "thickness of the disc", "l_disc"),
        ParamSpec("rate_scale", "", 1.0, 0.0, 1e6, "factor of the ionic current; 0 means stuck", ""),
    ),
    states=(StateSpec("x", "", 0.0, 1.0, 0.0, "ln(N / n_min) / ln(n_max / n_min): 0 is OFF, 1 is ON"),),
    drives=(SignalSpec("v", "V", "voltage, active electrode against ohmic electrode; negative raises the conductance"),),
    rate=rate,
    advance=advance,
    conductance=conductance,
    current=current,
    charge=charge,
    exact_advance=False,
    advance_tolerance=1e-7,
    handles={"rate": Handle(("rate_scale",))},
    increase_sign=-1,
    twins={"rate": slow_rate, "conductance": slow_conductance, "current": slow_current},
    select=select,
    contains=("temperature", "self_heating"),
    reference="10.1109/TCSI.2020.3018502",
    doc="Valence-change filament of Juelich and Aachen (JART VCM v1b): vacancies, Schottky contact, heat; tabulated.",
)
