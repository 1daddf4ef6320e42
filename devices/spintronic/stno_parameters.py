"""The parameters shared by both forms of the spin-torque nano-oscillator: one card serves the power and the amplitude."""

from __future__ import annotations

from neurosim.device import Handle, ParamSpec, SignalSpec

PARAMS = (
    ParamSpec("damping_rate", "1/s", 3e8, 1.0, 1e14, "natural damping of the amplitude without current", "Gamma_G"),
    ParamSpec("q", "", 2.0, 0.0, 1e6, "growth of the damping with the power", "Q"),
    ParamSpec("torque_saturation", "", 1.0, 0.0, 1.0, "decrease of the spin torque with the power", "kappa"),
    ParamSpec("i_threshold", "A", 1e-5, 1e-12, 1.0, "current that cancels the natural damping", "I_th"),
    ParamSpec("i_bias", "A", 1.5e-5, -1.0, 1.0, "constant current through the junction", "I_b"),
    ParamSpec("gain", "", 1.0, 1e-9, 1e9, "junction current per current that arrives at the neuron", "g"),
    ParamSpec("v_r", "V", 0.05, 1e-9, 1e3, "rectified output voltage at full power", "V_r"),
    ParamSpec("noise_power", "", 1e-4, 0.0, 0.5, "thermal power k T / (lambda omega) in units of the full power", "eta"),
    ParamSpec("frequency", "Hz", 2.5e9, 0.0, 1e13, "frequency at zero power (complex form)", "f_0"),
    ParamSpec("frequency_shift", "Hz", 3.3e8, -1e13, 1e13, "frequency change at full power (complex form)", "N / 2 pi"),
    ParamSpec("power_bias", "W", 0.0, 0.0, 1.0, "power drawn all the time by the bias current", "P_bias"),
)
(DAMPING_RATE, Q, SATURATION, I_THRESHOLD, I_BIAS, GAIN, V_R, NOISE_POWER, FREQUENCY, FREQUENCY_SHIFT,
 POWER_BIAS) = range(len(PARAMS))

DRIVES = (SignalSpec("i", "A", "total current that arrives at the neuron; positive feeds the oscillation"),)
OUTPUTS = (SignalSpec("v", "V", "rectified voltage that the neuron puts on its line, v_r times the power"),)
HANDLES = {"stiffness": Handle(("i_threshold",)), "gain": Handle(("gain",))}
