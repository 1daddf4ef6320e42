"""The parameters shared by both forms of the hard-axis junction: one card serves the one-state neuron and its LLG twin.

Geometry: thin film in the x-y plane, easy axis y (anisotropy field ``h_k``), hard in-plane axis x along which the
write line applies its field, strong demagnetising field ``m_s`` along z. The junction reads the component of m along x.
"""

from __future__ import annotations

from neurosim.device import Handle, ParamSpec, SignalSpec

PARAMS = (
    ParamSpec("h_k", "A/m", 2e3, 1.0, 1e7, "in-plane anisotropy field, easy axis y", "H_k"),
    ParamSpec("c", "1/m", 2.1052631578947368e8, 1e-3, 1e15, "field along x per ampere of neuron current", "c"),
    ParamSpec("h_off", "A/m", 0.0, -1e7, 1e7, "constant offset field along x", "H_off"),
    ParamSpec("tau", "s", 6.03e-10, 1e-15, 1.0, "relaxation time of the one-state form", "tau"),
    ParamSpec("v_r", "V", 0.05, 1e-9, 1e3, "output voltage at full magnetisation along x", "V_r"),
    ParamSpec("mobility", "", 0.0, 0.0, 1.0, "0: constant mobility, 1: mobility 1 - m^2 of a rotating moment", "a"),
    ParamSpec("alpha", "", 0.2, 1e-6, 10.0, "Gilbert damping (LLG form)", "alpha"),
    ParamSpec("m_s", "A/m", 1e6, 1e2, 1e7, "saturation magnetisation (LLG form)", "M_s"),
    ParamSpec("tilt", "rad", 1e-3, 0.0, 0.5, "smallest angle of a start state to the hard axis (LLG form)", "delta"),
    ParamSpec("power_bias", "W", 0.0, 0.0, 1.0, "power drawn all the time by the read bias of the junction", "P_bias"),
)
H_K, C, H_OFF, TAU, V_R, MOBILITY, ALPHA, M_S, TILT, POWER_BIAS = range(len(PARAMS))

DRIVES = (SignalSpec("i", "A", "total current that arrives at the neuron; positive gives a field along +x"),)
OUTPUTS = (SignalSpec("v", "V", "voltage that the neuron puts on its line, v_r times the magnetisation along x"),)
HANDLES = {"stiffness": Handle(("h_k",)), "gain": Handle(("c",))}
