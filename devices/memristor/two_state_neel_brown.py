"""A binary magnetic junction as a two-state switch: Neel-Brown rates under spin torque.

    dx/dt = up(v) (1 - x) - down(v) x                                                                   (1)
    up   = attempt exp(-stability (1 - v / v_plus))
    down = attempt exp(-stability (1 - v / v_minus)),   v_plus > 0 > v_minus                            (2)

ON is the parallel state. The critical voltages are critical current over conductance of the state that is left:
v_plus = I_c+ / g_off, v_minus = I_c- / g_on. The law holds below them; above, the barrier is gone and the rate stays at
the attempt rate (precessional switching is faster, and not in this model). ``stability`` is Delta = E / k T.

x in [0, 1] is the fraction of N switches that are ON, G = g_off + (g_on - g_off) x, i = G v. Steps at frozen voltage are
exact: the mean in closed form (:mod:`devices.memristor.two_state_law`), the number of switches that flip by binomial
numbers (:mod:`devices.memristor.switch_count`). One junction is ``n_switches`` = 1.

References
----------
W. F. Brown, Phys. Rev. 130, 1677 (1963), doi:10.1103/PhysRev.130.1677 (rates of a magnet over its barrier).
Z. Li, S. Zhang, Phys. Rev. B 69, 134416 (2004), doi:10.1103/PhysRevB.69.134416 (barrier under spin torque).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from devices.memristor.two_state_law import neel_brown_rate
from devices.memristor.two_state_model import two_state_model
from neurosim.device import Handle, ParamSpec
from neurosim.kernels.jit import scalar_kernel

ATTEMPT, STABILITY, V_PLUS, V_MINUS = range(2, 6)


@scalar_kernel
def law_rows(params, start, stop):
    """Return the rows of ``params`` that the rates need."""
    return (params[ATTEMPT, start:stop], params[STABILITY, start:stop], params[V_PLUS, start:stop],
            params[V_MINUS, start:stop])


@scalar_kernel
def rates(v, law, j):
    """Return the rates up and down [1/s] of device j at v [V]."""
    attempt, stability, v_plus, v_minus = law
    return (neel_brown_rate(v, attempt[j], stability[j], v_plus[j]),
            neel_brown_rate(-v, attempt[j], stability[j], -v_minus[j]))


def slow_rates(v: float, params: Mapping[str, float]) -> tuple[float, float]:
    """Return the rates up and down [1/s] of one device in plain Python."""
    up, down = (params["attempt"] * math.exp(-params["stability"] * max(0.0, 1.0 - v / params[name]))
                for name in ("v_plus", "v_minus"))
    return up, down


MODEL = two_state_model(
    "two_state_neel_brown",
    "Binary magnetic junction: thermally activated switching under spin torque.",
    conductances=(2e-4, 1e-4),
    law=(
        ParamSpec("attempt", "1/s", 1e9, 0.0, 1e30, "attempt rate", "1/tau_0"),
        ParamSpec("stability", "", 60.0, 0.0, 1e4, "barrier over k T at 0 V", "Delta"),
        ParamSpec("v_plus", "V", 0.5, 1e-6, 1e3, "critical voltage of OFF to ON", "V_c+"),
        ParamSpec("v_minus", "V", -0.5, -1e3, -1e-6, "critical voltage of ON to OFF", "V_c-"),
    ),
    law_rows=law_rows,
    rates=rates,
    slow_rates=slow_rates,
    handles={
        "rate": Handle(("attempt",)),
        "threshold_up": Handle(("v_plus",)),
        "threshold_down": Handle(("v_minus",)),
    },
    reference="10.1103/PhysRev.130.1677",
)
