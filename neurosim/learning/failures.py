"""Phases that did not come to rest, as events: which sample, which phase, where, when, how far, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from neurosim.network import Rest
from neurosim.units import format_quantity

MOST_KEPT = 20  # events per epoch that are kept in full; all are counted
REMEDIES = {
    "not_settled": "raise settle.t_max, or lower training.rate of the neuron-neuron crossbars",
    "diverged": "check the cards and the inputs; lower network.init_gain or learning.beta",
    "step_underflow": "raise settle.local_error, or check the neuron card",
    "too_many_steps": "raise settle.distance, or take a less stiff neuron.form",
}

Failure = dict[str, Any]


def checked(rest: Rest) -> Rest:
    """Return the rest itself, or as ``diverged`` where it claims to be settled with a voltage or energy that is not finite."""
    if rest.status == "settled" and not (np.isfinite(rest.voltage).all() and np.isfinite(rest.energy)):
        return replace(rest, status="diverged")
    return rest


def failure(rest: Rest, sample: int, phase: str) -> Failure:
    """Return the event of a phase that did not settle, as plain values; a distance that is not finite is None."""
    return {"sample": sample, "phase": phase, "status": rest.status, "worst": rest.worst, "time_second": rest.time,
            "distance": rest.distance if np.isfinite(rest.distance) else None, "remedy": REMEDIES[rest.status]}


def describe(event: Mapping[str, Any]) -> str:
    """Return an event in one line."""
    where = f"epoch {event['epoch'] + 1}, sample {event['sample']}" if "epoch" in event else f"test sample {event['sample']}"
    far = "" if event["distance"] is None else f", {event['distance']:.2g} of full scale from rest"
    return (f"{where}, {event['phase']} phase: {event['status'].replace('_', ' ')} after "
            f"{format_quantity(event['time_second'], 's')}{far} (worst: {event['worst']}); {event['remedy']}")


def finite(energy: float) -> float:
    """Return an energy, or 0 where a diverged phase has none."""
    return energy if np.isfinite(energy) else 0.0
