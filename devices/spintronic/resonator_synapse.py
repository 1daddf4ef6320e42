"""Spin-diode resonator as a synapse: rectifies one radio frequency, with a signed weight set by its resonance frequency.

A magnetic tunnel junction driven at f_in with microwave power P gives, by the spin-diode effect, the direct voltage

    v_dc = P W,    W = o K 2 d / (1 + d^2),    d = (f_in - f_r) / (alpha f_r)                                (1)

with f_r its resonance frequency, alpha the damping, K the sensitivity [V/W] and o = +1 or -1 the orientation in its
chain. W is zero on resonance, odd in the detuning, and has its extremes +-K at f_in = f_r (1 +- alpha). The weight is
tuned by f_r, so one junction holds a signed weight:

    f_r = f_center (1 + tuning (2 x - 1)),   0 <= x <= 1                                                     (2)

This is not a conductance: the input is a power, the output a voltage in series with its neighbours, and nothing sums
currents on a bit line. A crossbar cannot hold it (it has no ``conductance``). Its output here is the weight W [V/W] at
its own input frequency; chains, in which every junction also answers to the inputs of its neighbours, are in
:mod:`devices.spintronic.resonator_chain`. Used with oscillators as sources it makes feed-forward networks; it has no
reciprocal path, so equilibrium propagation needs a second chain with equal resonance frequencies for the way back.

How f_r is programmed in place is an assumption, no measured device: current pulses in a write line beside the junction
move a non-volatile magnet whose stray field shifts f_r, above a threshold and in proportion to the excess,

    dx/dt = r_up (I - I_up) (1 - x)  for I > I_up,     dx/dt = -r_down (I_down - I) x  for I < I_down        (3)

and nothing moves between. The microwave drive is taken as too weak to shift f_r (linear response).

References
----------
N. Leroux et al., Phys. Rev. Applied 15, 034067 (2021), doi:10.1103/PhysRevApplied.15.034067 ((1), chains).
A. Ross et al., Nat. Nanotechnol. 18, 1273 (2023), doi:10.1038/s41565-023-01452-w.
"""

from __future__ import annotations

from devices.spintronic.resonator_chain import slow_dead_zone, slow_output, slow_rate
from neurosim.device import DeviceModel, Handle, ParamSpec, SignalSpec, StateSpec
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ADVANCE, DEAD_ZONE, OUTPUT, RATE
from neurosim.kernels.vmath import expm1

PARAMS = (
    ParamSpec("f_input", "Hz", 7e7, 1.0, 1e13, "frequency of its own input", "f_in"),
    ParamSpec("f_center", "Hz", 7e7, 1.0, 1e13, "resonance frequency in the middle of the tuning range", "f_c"),
    ParamSpec("tuning", "", 0.01, 0.0, 0.9, "relative half width of the tuning range", "tau"),
    ParamSpec("alpha", "", 0.01, 1e-6, 1.0, "Gilbert damping: relative half width of the resonance", "alpha"),
    ParamSpec("sensitivity", "V/W", 8838.8, 1e-6, 1e12, "largest rectified voltage per microwave power", "K"),
    ParamSpec("orientation", "", 1.0, -1.0, 1.0, "+1 or -1: how it is connected in its chain", "o"),
    ParamSpec("i_up", "A", 1e-4, 1e-12, 1.0, "write current above which f_r rises", "I_up"),
    ParamSpec("i_down", "A", -1e-4, -1.0, -1e-12, "write current below which f_r falls", "I_down"),
    ParamSpec("rate_up", "1/A/s", 1e11, 0.0, 1e30, "speed upwards per excess current", "r_up"),
    ParamSpec("rate_down", "1/A/s", 1e11, 0.0, 1e30, "speed downwards per excess current", "r_down"),
)
(F_INPUT, F_CENTER, TUNING, ALPHA, SENSITIVITY, ORIENTATION, I_UP, I_DOWN, RATE_UP, RATE_DOWN) = range(len(PARAMS))


@kernel(RATE)
def rate(state, drive, params, out, start, stop):
    """Write dx/dt [1/s] of (3)."""
    x, i, dx = state[0, start:stop], drive[0, start:stop], out[0, start:stop]
    i_up, i_down = params[I_UP, start:stop], params[I_DOWN, start:stop]
    r_up, r_down = params[RATE_UP, start:stop], params[RATE_DOWN, start:stop]
    for k in range(stop - start):
        up, down = r_up[k] * max(0.0, i[k] - i_up[k]), r_down[k] * max(0.0, i_down[k] - i[k])
        dx[k] = up * (1.0 - x[k]) - down * x[k]


@kernel(ADVANCE)
def advance(state, drive, params, noise, duration, start, stop):
    """Step x over ``duration`` [s] at frozen current, exactly: an exponential approach to a bound."""
    x, i, length = state[0, start:stop], drive[0, start:stop], duration[start:stop]
    i_up, i_down = params[I_UP, start:stop], params[I_DOWN, start:stop]
    r_up, r_down = params[RATE_UP, start:stop], params[RATE_DOWN, start:stop]
    for k in range(stop - start):
        up, down = r_up[k] * max(0.0, i[k] - i_up[k]), r_down[k] * max(0.0, i_down[k] - i[k])
        goal = 1.0 if up > 0.0 else 0.0
        x[k] += (x[k] - goal) * expm1(-(up + down) * length[k])


@kernel(DEAD_ZONE)
def dead_zone(params, lowest, highest, start, stop):
    """Write the write currents [A] between which nothing moves."""
    i_up, i_down = params[I_UP, start:stop], params[I_DOWN, start:stop]
    low, high = lowest[start:stop], highest[start:stop]
    for k in range(stop - start):
        low[k], high[k] = i_down[k], i_up[k]


@kernel(OUTPUT)
def output(state, params, out, start, stop):
    """Write the weight (1) [V/W] for the device's own input frequency."""
    x, w = state[0, start:stop], out[0, start:stop]
    f_input, f_center, tuning = params[F_INPUT, start:stop], params[F_CENTER, start:stop], params[TUNING, start:stop]
    alpha, sensitivity = params[ALPHA, start:stop], params[SENSITIVITY, start:stop]
    orientation = params[ORIENTATION, start:stop]
    for k in range(stop - start):
        f_r = f_center[k] * (1.0 + tuning[k] * (2.0 * x[k] - 1.0))
        detuning, width = f_input[k] - f_r, alpha[k] * f_r
        w[k] = orientation[k] * sensitivity[k] * 2.0 * detuning * width / (width * width + detuning * detuning)


MODEL = DeviceModel(
    name="resonator_synapse",
    params=PARAMS,
    states=(StateSpec("x", "", 0.0, 1.0, 0.5, "place of the resonance frequency in its tuning range"),),
    drives=(SignalSpec("i", "A", "current in the write line; positive raises the resonance frequency"),),
    outputs=(SignalSpec("weight", "V/W", "rectified voltage per microwave power at the own input frequency"),),
    rate=rate,
    advance=advance,
    dead_zone=dead_zone,
    output=output,
    handles={"rate": Handle(("rate_up", "rate_down")), "threshold_up": Handle(("i_up",)), "threshold_down": Handle(("i_down",)),
             "frequency": Handle(("f_center",)), "gain": Handle(("sensitivity",))},
    twins={"rate": slow_rate, "dead_zone": slow_dead_zone, "output": slow_output},
    reference="10.1103/PhysRevApplied.15.034067",
    doc="Spin-diode resonator: microwave power to signed voltage, weighted by a tunable resonance; not a crossbar cell.",
)
