"""Two-state switches: a device of many switches that turn on and off at voltage-dependent rates.

    dx/dt = up(v) (1 - x) - down(v) x                                                                   (1)
    up   = rate_plus  / (s + exp(-(v - v_plus)  / w_plus))
    down = rate_minus / (s + exp( (v - v_minus) / w_minus))                                             (2)

Saturation s = 1 is the Fermi law of metastable switches (v_plus = V_on, v_minus = -V_off, w = k T / q, rates 1 / tau);
s = 0 is the exponential law of the dynamic memdiode (v_plus = v_minus = 0, rates 1 / T_S and 1 / T_R, w = V_S and V_R);
s = 0 and w = 1e30 V make a rate constant.

x in [0, 1] is the fraction of N switches that are ON, G = g_off + (g_on - g_off) x, i = G v. Steps at frozen voltage are
exact: the mean in closed form (:mod:`devices.memristor.two_state_law`), the number of switches that flip by binomial
numbers (:mod:`devices.memristor.switch_count`).

There is no threshold: rates are small, never zero. The current of a parallel Schottky junction is left out.

References
----------
M. A. Nugent, T. W. Molter, PLoS ONE 9, e85175 (2014), doi:10.1371/journal.pone.0085175 (metastable switches).
F. L. Aguirre et al., Front. Phys. 9, 735021 (2021), doi:10.3389/fphy.2021.735021 (exponential rates, memdiode).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from devices.memristor.two_state_law import fermi_rates
from devices.memristor.two_state_model import two_state_model
from neurosim.device import Handle, ParamSpec
from neurosim.kernels.jit import scalar_kernel

RATE_PLUS, RATE_MINUS, V_PLUS, V_MINUS, W_PLUS, W_MINUS, SATURATION = range(2, 9)


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[RATE_PLUS, start:stop], params[RATE_MINUS, start:stop], params[V_PLUS, start:stop],
            params[V_MINUS, start:stop], params[W_PLUS, start:stop], params[W_MINUS, start:stop],
            params[SATURATION, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    rate_plus, rate_minus, v_plus, v_minus, w_plus, w_minus, saturation = law
    return fermi_rates(v, rate_plus[j], rate_minus[j], v_plus[j], v_minus[j], w_plus[j], w_minus[j], saturation[j])


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the rates up and down [1/s] of one device in plain Python."""
    s = params["saturation"]
    return (params["rate_plus"] / (s + math.exp(-(v - params["v_plus"]) / params["w_plus"])),
            params["rate_minus"] / (s + math.exp((v - params["v_minus"]) / params["w_minus"])))


MODEL = two_state_model(
    "two_state",
    "Many two-state switches with Fermi, exponential or constant rates: metastable switches, memdiode, volatile decay.",
    conductances=(1.6e-3, 5.3333333333333e-4),
    law=(
        ParamSpec("rate_plus", "1/s", 1e4, 0.0, 1e30, "largest (Fermi) or zero-voltage (exponential) ON rate", "1/tau"),
        ParamSpec("rate_minus", "1/s", 1e4, 0.0, 1e30, "largest (Fermi) or zero-voltage (exponential) OFF rate", "1/tau"),
        ParamSpec("v_plus", "V", 0.27, -100.0, 100.0, "voltage of half the largest ON rate (Fermi law)", "V_+"),
        ParamSpec("v_minus", "V", -0.27, -100.0, 100.0, "voltage of half the largest OFF rate (Fermi law)", "V_-"),
        ParamSpec("w_plus", "V", 0.0257, 1e-6, 1e30, "voltage that multiplies the ON rate by e", "w_+"),
        ParamSpec("w_minus", "V", 0.0257, 1e-6, 1e30, "voltage that divides the OFF rate by e", "w_-"),
        ParamSpec("saturation", "", 1.0, 0.0, 1.0, "1: Fermi law, 0: exponential law", "s"),
    ),
    law_rows=law_rows,
    rates=rates,
    slow_rates=slow_rates,
    handles={
        "rate": Handle(("rate_plus", "rate_minus")),
        "threshold_up": Handle(("v_plus",)),
        "threshold_down": Handle(("v_minus",)),
    },
    reference="10.1371/journal.pone.0085175",
)
