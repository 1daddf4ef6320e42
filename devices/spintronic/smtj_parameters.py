"""The parameters of a superparamagnetic junction, and the rows that its rates need."""

from __future__ import annotations

from neurosim.device import ParamSpec
from neurosim.kernels.jit import scalar_kernel

PARAMS = (
    ParamSpec("delta", "", 4.0, 0.0, 200.0, "thermal stability E / kT of both states at zero drive", "Delta"),
    ParamSpec("i_c", "A", 1e-6, 1e-15, 1.0, "current at which one barrier vanishes", "I_c"),
    ParamSpec("n", "", 1.0, 1.0, 2.0, "exponent of the barriers", "n"),
    ParamSpec("tau_0", "s", 1e-10, 1e-18, 1.0, "attempt time", "tau_0"),
    ParamSpec("x_off", "", 0.0, -10.0, 10.0, "offset of the reduced drive (stray field)", "x_off"),
    ParamSpec("gain", "", 1.0, 1e-12, 1e12, "current amplification in front of the junction"),
    ParamSpec("v_r", "V", 0.05, 1e-9, 1e3, "output voltage of the state +1; -v_r of the state -1", "V_r"),
    ParamSpec("power_bias", "W", 0.0, 0.0, 1.0, "power drawn all the time by the read bias of the junction", "P_bias"),
)
DELTA, I_C, N, TAU_0, X_OFF, GAIN, V_R, POWER_BIAS = range(len(PARAMS))


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[DELTA, start:stop], params[I_C, start:stop], params[N, start:stop], params[TAU_0, start:stop],
            params[X_OFF, start:stop], params[GAIN, start:stop])
