"""Ferroelectric domains as two-state switches: nucleation rates of Merz.

    dx/dt = up(v) (1 - x) - down(v) x                                                                   (1)
    up   = rate_plus  exp(-v_plus  / v)       for v > 0, else 0
    down = rate_minus exp( v_minus / |v|)     for v < 0, else 0,   v_plus > 0 > v_minus                 (2)

Each of N domains nucleates on its own, at a rate that is the same for all: the fraction follows an exponential in time
(Avrami exponent 1). Nothing moves at v = 0, so retention is perfect. ``v_plus`` is the activation field times the
thickness. Distributions of activation fields are another model.

x in [0, 1] is the fraction of N switches that are ON, G = g_off + (g_on - g_off) x, i = G v. Steps at frozen voltage are
exact: the mean in closed form (:mod:`devices.memristor.two_state_law`), the number of switches that flip by binomial
numbers (:mod:`devices.memristor.switch_count`).

References
----------
W. J. Merz, Phys. Rev. 95, 690 (1954), doi:10.1103/PhysRev.95.690 (switching time against field).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from devices.memristor.two_state_law import merz_rates
from devices.memristor.two_state_model import two_state_model
from neurosim.device import Handle, ParamSpec
from neurosim.kernels.jit import scalar_kernel

RATE_PLUS, RATE_MINUS, V_PLUS, V_MINUS = range(2, 6)


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[RATE_PLUS, start:stop], params[RATE_MINUS, start:stop], params[V_PLUS, start:stop],
            params[V_MINUS, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    rate_plus, rate_minus, v_plus, v_minus = law
    return merz_rates(v, rate_plus[j], rate_minus[j], v_plus[j], v_minus[j])


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the rates up and down [1/s] of one device in plain Python."""
    up = params["rate_plus"] * math.exp(-params["v_plus"] / v) if v > 0.0 else 0.0
    return up, params["rate_minus"] * math.exp(-params["v_minus"] / v) if v < 0.0 else 0.0


MODEL = two_state_model(
    "two_state_merz",
    "Ferroelectric domains that nucleate with the rate exp(-activation voltage / voltage).",
    conductances=(1e-5, 1e-7),
    law=(
        ParamSpec("rate_plus", "1/s", 1e9, 0.0, 1e30, "ON rate at infinite voltage", "1/t_inf"),
        ParamSpec("rate_minus", "1/s", 1e9, 0.0, 1e30, "OFF rate at infinite voltage", "1/t_inf"),
        ParamSpec("v_plus", "V", 15.0, 1e-6, 1e6, "activation voltage of OFF to ON", "V_a+"),
        ParamSpec("v_minus", "V", -15.0, -1e6, -1e-6, "activation voltage of ON to OFF", "V_a-"),
    ),
    law_rows=law_rows,
    rates=rates,
    slow_rates=slow_rates,
    handles={
        "rate": Handle(("rate_plus", "rate_minus")),
        "threshold_up": Handle(("v_plus",)),
        "threshold_down": Handle(("v_minus",)),
    },
    reference="10.1103/PhysRev.95.690",
)
