"""Equilibrium-propagation estimators: which nudged phases are run, and which two of them are contrasted.

With the cost C = sum_j (V_j - V*_j)^2 / 2 [V^2] and nudging strength ``beta`` in units of ``g0`` (the output neurons' dI/dV),
the gradient of C with respect to a coupling is the limit of the contrast of V_i V_j between two phases:

=============  =====================  ==================  ==================
estimator      phases after free      contrast / beta     bias
=============  =====================  ==================  ==================
``positive``   +beta                  (+beta) - free      order beta
``negative``   -beta                  free - (-beta)      order beta
``centered``   +beta, -beta           half the difference order beta squared
=============  =====================  ==================  ==================

Each phase starts from the end of the one before: nothing but currents changes between them. Nudging is a constant current
``beta g0 (V* - V_free)`` (stable for both signs) or a spring ``beta g0 (V* - V)``.

References: Scellier & Bengio 2017 (doi 10.3389/fncom.2017.00024); Laborieux et al. 2021 (doi 10.3389/fnins.2021.633674).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from neurosim.coupling import coupling_norm
from neurosim.errors import ParameterError, did_you_mean
from neurosim.learning.failures import checked
from neurosim.network import Network, Rest

PHASE_NAMES = {0: "free", 1: "nudged+", -1: "nudged-"}
SIGNS = {"positive": (1,), "negative": (-1,), "centered": (1, -1)}
NUDGING = ("constant_current", "spring")


@dataclass(frozen=True)
class Phases:
    """All rests of one sample: free first, then the nudged ones in the estimator's order; ``ends`` are contrasted."""

    rests: tuple[Rest, ...]
    ends: tuple[Rest, Rest]
    scale: float

    @property
    def contrast(self) -> tuple[np.ndarray, np.ndarray, float]:
        """Voltages [V] of the two contrasted rests, and the factor of their difference."""
        return self.ends[0].voltage, self.ends[1].voltage, self.scale

    @property
    def free(self) -> Rest:
        """The free rest."""
        return self.rests[0]

    @property
    def settled(self) -> bool:
        """Whether every phase came to rest."""
        return all(rest.status == "settled" for rest in self.rests)


@dataclass(frozen=True)
class EqProp:
    """An estimator of the gradient by equilibrium propagation.

    Parameters
    ----------
    kind : {"positive", "negative", "centered"}
    beta : float
        Nudging strength, > 0, in units of g0.
    nudging : {"constant_current", "spring"}
    """

    kind: str = "centered"
    beta: float = 1.0
    nudging: str = "constant_current"

    def __post_init__(self) -> None:
        if self.kind not in SIGNS:
            raise ParameterError(f'estimator "{self.kind}" is not known.{did_you_mean(self.kind, SIGNS)}')
        if self.nudging not in NUDGING:
            raise ParameterError(f'nudging "{self.nudging}" is not known.{did_you_mean(self.nudging, NUDGING)}')
        if not (np.isfinite(self.beta) and self.beta > 0):
            raise ParameterError(f"beta = {self.beta:g} must be a finite number > 0 (the estimator sets the sign).")

    def check(self, network: Network) -> None:
        """Refuse a negative spring that would be an unstable negative conductance at some output neuron."""
        limit = self.stable_beta(network, coupling_norm(network))
        if self.beta >= limit:
            raise ParameterError(f"beta = {self.beta:g}: a spring nudged with -beta is a negative conductance beyond the "
                                 f'stability limit {limit:.3g}. Lower beta or use nudging = "constant_current".')

    def stable_beta(self, network: Network, norm: float) -> float:
        """Return the beta above which a nudged phase may be unstable at coupling norm ``norm``; infinite without -spring."""
        if self.nudging != "spring" or -1 not in SIGNS[self.kind]:
            return math.inf
        return float((1 - norm) * np.min(1 / network.neuron_slopes()[network.slices[-1]]) / network.g0)

    def run(self, network: Network, target: np.ndarray, *, record: int = 0) -> Phases:
        """Settle free and nudged phases for the inputs that the network holds; ``target`` are output voltages [V]."""
        network.reset()
        network.begin_phase()
        free = checked(network.settle(record=record))
        g0 = network.g0
        pull = target - free.voltage[network.slices[-1]]
        rests = [free]
        for sign in SIGNS[self.kind]:
            network.begin_phase()
            if self.nudging == "spring":
                network.nudge(spring=sign * self.beta * g0, target=target)
            else:
                network.nudge(sign * self.beta * g0 * pull)
            rests.append(checked(network.settle(record=record)))
        ends = {"positive": (1, 0), "negative": (0, 1), "centered": (1, 2)}[self.kind]
        return Phases(tuple(rests), (rests[ends[0]], rests[ends[1]]), (0.5 if self.kind == "centered" else 1.0) / self.beta)
