"""The parameters shared by both forms of the domain wall: one card serves the one-state neuron and its (q, phi) twin."""

from __future__ import annotations

from devices.spintronic.llg import GAMMA_0
from neurosim.device import Handle, ParamSpec, SignalSpec
from neurosim.kernels.jit import scalar_kernel

PARAMS = (
    ParamSpec("length", "m", 2e-7, 1e-9, 1.0, "length of the track", "L"),
    ParamSpec("width", "m", 1e-8, 1e-10, 1e-5, "width of the wall", "Delta"),
    ParamSpec("alpha", "", 0.02, 1e-6, 10.0, "Gilbert damping", "alpha"),
    ParamSpec("beta", "", 0.04, 0.0, 100.0, "non-adiabatic part of the spin torque", "beta"),
    ParamSpec("h_wall", "A/m", 4e4, 0.0, 1e8, "wall anisotropy field (form wall)", "H_K"),
    ParamSpec("h_leak", "A/m", 200.0, 0.0, 1e7, "restoring field at the ends of the track", "H_e"),
    ParamSpec("h_off", "A/m", 0.0, -1e7, 1e7, "constant field", "H_off"),
    ParamSpec("c", "1/m", 0.0, 0.0, 1e15, "field along the track per ampere through the device", "c"),
    ParamSpec("stt", "m/(A*s)", 1e5, 0.0, 1e15, "spin-torque velocity u per ampere through the device", "u / I"),
    ParamSpec("gain", "", 11.645669, 1e-9, 1e9, "current through the device per current that arrives", "g"),
    ParamSpec("v_r", "V", 0.05, 1e-9, 1e3, "output voltage with the wall at the end of the track", "V_r"),
    ParamSpec("h_pin", "A/m", 0.0, 0.0, 1e7, "largest pinning field of the sinusoidal potential (form wall)", "H_p"),
    ParamSpec("pin_period", "m", 3e-8, 1e-10, 1.0, "period of the pinning potential (form wall)", "p"),
    ParamSpec("power_bias", "W", 0.0, 0.0, 1.0, "power drawn all the time by the read bias", "P_bias"),
)
(LENGTH, WIDTH, ALPHA, BETA, H_WALL, H_LEAK, H_OFF, C, STT, GAIN, V_R, H_PIN, PIN_PERIOD, POWER_BIAS) = range(len(PARAMS))

DRIVES = (SignalSpec("i", "A", "total current that arrives at the neuron; positive moves the wall to +x"),)
OUTPUTS = (SignalSpec("v", "V", "voltage that the neuron puts on its line, v_r times the position"),)
HANDLES = {"stiffness": Handle(("h_leak",)), "gain": Handle(("gain",))}

SMALLEST_FIELD = 1e-30  # A/m, in place of a leak or a response that is zero


@scalar_kernel
def field_per_ampere(c, beta, stt, width, gain):
    """Return the field [A/m] per ampere that arrives, spin torque included: g (c + beta (u/I) / (gamma_0 Delta))."""
    return gain * (c + beta * stt / (GAMMA_0 * width))
