"""The parameters shared by both forms of the phase oscillator."""

from __future__ import annotations

import math

from neurosim.device import Handle, ParamSpec, SignalSpec

PARAMS = (
    ParamSpec("coupling", "1/A/s", 2e13, 1e-6, 1e30, "phase velocity per arriving current", "k"),
    ParamSpec("injection", "1/s", -1e8, -1e15, 1e15, "second-harmonic injection; negative: graded, positive: binary", "K_s"),
    ParamSpec("v_r", "V", 0.05, 1e-9, 1e3, "output voltage in phase with the reference", "V_r"),
    ParamSpec("lag", "rad", 0.0, -math.pi, math.pi, "phase lag of the coupling (form phase)", "delta"),
    ParamSpec("detuning", "Hz", 0.0, -1e13, 1e13, "frequency beyond that of the reference (form phase)", "delta_f"),
    ParamSpec("phase_noise", "1/s", 0.0, 0.0, 1e15, "diffusion constant of the free phase (form phase)", "D"),
    ParamSpec("power_bias", "W", 0.0, 0.0, 1.0, "power drawn all the time by the oscillator", "P_bias"),
)
COUPLING, INJECTION, V_R, LAG, DETUNING, PHASE_NOISE, POWER_BIAS = range(len(PARAMS))

DRIVES = (SignalSpec("i", "A", "total current that arrives; positive pulls into phase with the reference"),)
OUTPUTS = (SignalSpec("v", "V", "homodyne voltage, v_r times the cosine of the phase"),)
HANDLES = {"stiffness": Handle(("injection",)), "gain": Handle(("coupling",))}
