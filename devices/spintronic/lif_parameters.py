"""The parameters shared by both forms of the leaky integrate-and-fire neuron, its twins, and its numbers from a domain wall."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from devices.spintronic.domain_wall_scales import return_time
from devices.spintronic.llg import GAMMA_0
from neurosim.device import Handle, ParamSpec, SignalSpec

PARAMS = (
    ParamSpec("tau", "s", 1e-8, 1e-15, 1e3, "time constant of the leak", "tau"),
    ParamSpec("t_ref", "s", 2e-9, 1e-15, 1e3, "length of a spike, in which nothing is integrated", "t_ref"),
    ParamSpec("i_threshold", "A", 1e-5, 1e-15, 1e3, "current that just reaches the threshold", "I_th"),
    ParamSpec("i_bias", "A", 1.2e-5, -1e3, 1e3, "constant current", "I_b"),
    ParamSpec("gain", "", 1.0, 1e-9, 1e9, "integrated current per current that arrives", "g"),
    ParamSpec("v_r", "V", 0.05, 1e-9, 1e3, "output voltage during a spike", "V_r"),
    ParamSpec("tau_rate", "s", 1e-7, 1e-15, 1e3, "averaging time of the output (form rate)", "tau_s"),
    ParamSpec("power_bias", "W", 0.0, 0.0, 1.0, "power drawn all the time", "P_bias"),
)
TAU, T_REF, I_THRESHOLD, I_BIAS, GAIN, V_R, TAU_RATE, POWER_BIAS = range(len(PARAMS))

DRIVES = (SignalSpec("i", "A", "total current that arrives at the neuron; positive towards firing"),)
OUTPUTS = (SignalSpec("v", "V", "voltage that the neuron puts on its line"),)
HANDLES = {"stiffness": Handle(("i_threshold",)), "gain": Handle(("gain",)), "leak_time": Handle(("tau",))}


def from_domain_wall(params: Mapping[str, float]) -> dict[str, float]:
    """Return tau, i_threshold and gain of a wall that is integrated from the middle of its track to its end.

    Parameters
    ----------
    params : mapping
        Parameters of :mod:`devices.spintronic.domain_wall`, below the Walker threshold.
    """
    per_ampere = params["c"] + params["beta"] * params["stt"] / (GAMMA_0 * params["width"])
    return {"tau": return_time(params), "i_threshold": params["h_leak"] / per_ampere, "gain": params["gain"]}


def slow_share(drive: Sequence[float], params: Mapping[str, float]) -> float:
    """Return the share of time that a neuron spends in spikes at a constant current."""
    j = (params["i_bias"] + params["gain"] * drive[0]) / params["i_threshold"]
    if j <= 1.0:
        return 0.0
    return params["t_ref"] / (params["t_ref"] + params["tau"] * -math.log1p(-1.0 / j))


def slow_rate(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [ds/dt] of one device."""
    return [(slow_share(drive, params) - state[0]) / params["tau_rate"]]


def slow_activation(drive: Sequence[float], params: Mapping[str, float]) -> list[float]:
    """Return [V] at rest of one device."""
    return [params["v_r"] * slow_share(drive, params)]


def slow_spiking_advance(state: Sequence[float], drive: Sequence[float], params: Mapping[str, float], noise: Sequence[float],
                         duration: float) -> list[float]:
    """Return [u, w, count] of one spiking device, one event after the other."""
    u, w, count = state
    j, left = (params["i_bias"] + params["gain"] * drive[0]) / params["i_threshold"], duration
    while True:
        if w > 0.0:
            wait = w * params["t_ref"]
            if wait > left:
                return [u, w - left / params["t_ref"], count]
            left, w = left - wait, 0.0
        reach = params["tau"] * math.log((j - u) / (j - 1.0)) if j > 1.0 else math.inf
        if reach > left:
            return [max(0.0, j + (u - j) * math.exp(-left / params["tau"])), w, count]
        left, u, w, count = left - reach, 0.0, 1.0, count + 1.0
