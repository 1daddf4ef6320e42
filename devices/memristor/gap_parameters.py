"""Parameters of the filament gap, shared by its forms: one card serves heat that follows at once and heat as a state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from neurosim.device import Handle, ParamSpec
from neurosim.units import ELEMENTARY_CHARGE

(G_ON, G_OFF, V_SINH, GAP_MIN, GAP_MAX, VELOCITY, E_SET, E_RESET, HOP, OXIDE, GAMMA_0, BETA, ALPHA, F_SET, F_RESET, R_THERMAL,
 AMBIENT, TAU, SIGMA_X, T_CRITICAL, T_SMOOTH) = range(21)
E_A = 0.6 * ELEMENTARY_CHARGE

PARAMS = (
    ParamSpec("g_on", "S", 1.7973e-3, 1e-15, 1e3, "read conductance at gap_min", "(I_0 / V_0) exp(-gap_min / g_0)"),
    ParamSpec("g_off", "S", 4.4551e-6, 1e-18, 1e3, "read conductance at gap_max", "(I_0 / V_0) exp(-gap_max / g_0)"),
    ParamSpec("v_sinh", "V", 0.25, 1e-3, 100.0, "voltage scale of the tunnelling current", "V_0"),
    ParamSpec("gap_min", "m", 0.2e-9, 0.0, 1e-7, "smallest gap", "g_min"),
    ParamSpec("gap_max", "m", 1.7e-9, 1e-12, 1e-7, "largest gap", "g_max"),
    ParamSpec("velocity", "m/s", 5.0, 0.0, 1e15, "speed of each direction at infinite temperature", "v_0 / 2"),
    ParamSpec("barrier_set", "J", E_A, 0.0, 1e-18, "activation energy of closing the gap", "E_a"),
    ParamSpec("barrier_reset", "J", E_A, 0.0, 1e-18, "activation energy of opening the gap", "E_a"),
    ParamSpec("hop", "m", 0.25e-9, 0.0, 1e-8, "hopping distance", "a_0"),
    ParamSpec("oxide", "m", 12e-9, 1e-10, 1e-6, "thickness of the oxide", "t_ox"),
    ParamSpec("gamma_0", "", 16.0, 0.0, 1e4, "field enhancement without a gap", "gamma_0"),
    ParamSpec("beta", "", 0.8, 0.0, 1e6, "loss of enhancement at a gap of 1 nm", "beta"),
    ParamSpec("alpha", "", 3.0, 0.1, 20.0, "exponent of the loss of enhancement with the gap", "alpha"),
    ParamSpec("field_set", "V/m", 1.4e9, 0.0, 1e12, "enhanced field below which v > 0 moves nothing", "F_min"),
    ParamSpec("field_reset", "V/m", 1.4e9, 0.0, 1e12, "enhanced field below which v < 0 moves nothing", "F_min"),
    ParamSpec("r_thermal", "K/W", 2.1e3, 0.0, 1e12, "thermal resistance", "R_th"),
    ParamSpec("ambient", "K", 298.0, 1.0, 2e3, "ambient temperature", "T_0"),
    ParamSpec("tau_thermal", "s", 0.23e-9, 1e-15, 1.0, "thermal time constant (form thermal only)", "tau_th"),
    ParamSpec("sigma_x", "1/s**0.5", 0.0, 0.0, 1e9, "diffusion of x while it moves, hot limit", "delta sqrt(1 ns) / range"),
    ParamSpec("t_critical", "K", 450.0, 0.0, 1e4, "temperature of half the diffusion", "T_crit"),
    ParamSpec("t_smooth", "K", 500.0, 1.0, 1e5, "width of the onset of diffusion", "T_smth"),
)
HANDLES = {
    "g_max": Handle(("g_on",)),
    "g_min": Handle(("g_off",)),
    "rate": Handle(("velocity",)),
    "threshold_up": Handle(("field_set",)),
    "threshold_down": Handle(("field_reset",)),
}


def slow_conductance(state: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [G] of one device in plain Python."""
    return [params["g_on"] * (params["g_off"] / params["g_on"]) ** state[0]]


def slow_current(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [i] of one device in plain Python."""
    return [slow_conductance(state, params)[0] * params["v_sinh"] * math.sinh(drive[0] / params["v_sinh"])]
