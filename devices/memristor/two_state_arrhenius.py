"""Two-state switches over thermally activated barriers that the voltage lowers and raises (Arrhenius).

    dx/dt = up(v) (1 - x) - down(v) x                                                                   (1)
    up   = attempt exp(-(barrier_plus  - lever_plus  v) / k T)
    down = attempt exp(-(barrier_minus + lever_minus v) / k T)                                          (2)

Barriers in eV, so that a lever is a pure number: the share of the voltage that drops over the hop. Once a barrier is
gone the rate stays at the attempt rate. Retention, temperature and voltage-time trade-off follow from the same four
numbers: at v = 0 a state decays with 1 / (up + down).

x in [0, 1] is the fraction of N switches that are ON, G = g_off + (g_on - g_off) x, i = G v. Steps at frozen voltage are
exact: the mean in closed form (:mod:`devices.memristor.two_state_law`), the number of switches that flip by binomial
numbers (:mod:`devices.memristor.switch_count`).

References
----------
S. Arrhenius, Z. Phys. Chem. 4, 226 (1889); H. A. Kramers, Physica 7, 284 (1940) (escape over a barrier).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from devices.memristor.two_state_law import BOLTZMANN, arrhenius_rate
from devices.memristor.two_state_model import two_state_model
from neurosim.device import Handle, ParamSpec
from neurosim.kernels.jit import scalar_kernel

ATTEMPT, BARRIER_PLUS, BARRIER_MINUS, LEVER_PLUS, LEVER_MINUS, TEMPERATURE = range(2, 8)


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[ATTEMPT, start:stop], params[BARRIER_PLUS, start:stop], params[BARRIER_MINUS, start:stop],
            params[LEVER_PLUS, start:stop], params[LEVER_MINUS, start:stop], params[TEMPERATURE, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    attempt, barrier_plus, barrier_minus, lever_plus, lever_minus, temperature = law
    inverse = 1.0 / (BOLTZMANN * temperature[j])
    return (arrhenius_rate(v, attempt[j], barrier_plus[j], lever_plus[j], inverse),
            arrhenius_rate(-v, attempt[j], barrier_minus[j], lever_minus[j], inverse))


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the rates up and down [1/s] of one device in plain Python."""
    thermal = BOLTZMANN * params["temperature"]
    up, down = (params["attempt"] * math.exp(min(0.0, (sign * params[f"lever_{side}"] * v - params[f"barrier_{side}"])
                                                 / thermal)) for sign, side in ((1.0, "plus"), (-1.0, "minus")))
    return up, down


MODEL = two_state_model(
    "two_state_arrhenius",
    "Two-state switches over thermally activated barriers: attempt rate, barriers, voltage levers, temperature.",
    conductances=(1e-4, 1e-6),
    law=(
        ParamSpec("attempt", "1/s", 1e12, 0.0, 1e30, "attempt rate", "nu_0"),
        ParamSpec("barrier_plus", "eV", 1.0, 0.0, 100.0, "barrier of OFF to ON at 0 V", "E_+"),
        ParamSpec("barrier_minus", "eV", 1.0, 0.0, 100.0, "barrier of ON to OFF at 0 V", "E_-"),
        ParamSpec("lever_plus", "", 0.5, 0.0, 100.0, "energy over q v by which a voltage lowers the barrier to ON", "a_+"),
        ParamSpec("lever_minus", "", 0.5, 0.0, 100.0, "energy over q v by which a voltage raises the barrier to OFF", "a_-"),
        ParamSpec("temperature", "K", 300.0, 1.0, 2000.0, "temperature of the switches", "T"),
    ),
    law_rows=law_rows,
    rates=rates,
    slow_rates=slow_rates,
    handles={"rate": Handle(("attempt",))},
)
