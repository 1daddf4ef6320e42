"""Arrhenius factors, shared by ``temperature`` and ``self_heating``.

With B = (1 / T - 1 / T_ref) / k: everything that moves runs faster by exp(-E_a B), and the current is multiplied by
exp(-E_g B) / (1 + alpha (T - T_ref)): hopping for high resistance, a metal for low.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from neurosim.kernels.jit import scalar_kernel
from neurosim.kernels.vmath import exp
from neurosim.units import BOLTZMANN, ELEMENTARY_CHARGE

EV_PER_KELVIN = BOLTZMANN / ELEMENTARY_CHARGE
FASTEST = 1e30  # keeps products with a duration finite
LEAST = 1e-3  # of the nominal resistance: a coefficient that would make it negative ends here


@scalar_kernel
def speed(t, reference, energy):
    """Return by what factor everything moves faster at ``t`` [K] than at the reference; ``energy`` [eV]."""
    s = exp(-energy / EV_PER_KELVIN * (1.0 / t - 1.0 / reference))
    s = FASTEST if s > FASTEST else s
    return 1.0 / FASTEST if s < 1.0 / FASTEST else s


@scalar_kernel
def conduction(t, reference, coefficient, energy):
    """Return by what factor the current is larger at ``t`` [K]; ``coefficient`` [1/K], ``energy`` [eV]."""
    resistance = 1.0 + coefficient * (t - reference)
    return speed(t, reference, energy) / (resistance if resistance > LEAST else LEAST)


def slow_speed(t: float, params: Mapping[str, float], prefix: str, energy: str = "activation_energy") -> float:
    """Return the same as :func:`speed` in plain Python."""
    return math.exp(-params[f"{prefix}_{energy}"] / EV_PER_KELVIN * (1.0 / t - 1.0 / params[f"{prefix}_reference"]))


def slow_conduction(t: float, params: Mapping[str, float], prefix: str) -> float:
    """Return the same as :func:`conduction` in plain Python."""
    resistance = 1.0 + params[f"{prefix}_resistance_coefficient"] * (t - params[f"{prefix}_reference"])
    return slow_speed(t, params, prefix, "conduction_energy") / max(LEAST, resistance)
