"""Figures of merit of a pulse train, as co-design tables quote them.

Nonlinearity is the NeuroSim label: the largest perpendicular distance of the normalised curve from its diagonal, divided by
0.07; positive above the diagonal. Potentiation and depression labels of opposite sign are both steep first and then
saturating.

Reference: P.-Y. Chen, X. Peng, S. Yu, IEEE Trans. Comput.-Aided Des. 37, 3067 (2018), doi:10.1109/TCAD.2018.2789723.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from neurosim.characterise.pulses import PulseResponse
from neurosim.errors import ParameterError

PER_LABEL = 0.07  # distance from the diagonal per unit of the label
NEARLY_ALL = 0.95


@dataclass(frozen=True)
class PulseMetrics:
    """What a train of pulses says about a device.

    Attributes
    ----------
    on_off : float
        Largest over smallest conductance of the train.
    label_up, label_down : float
        Nonlinearity labels.
    asymmetry : float
        Mean distance between the potentiation curve and the depression curve run backwards, of the range (0: they coincide).
    levels : float
        Pulses that can be told apart: range over the larger of the mean step and the cycle-to-cycle spread.
    pulses_to_95 : int
        Potentiating pulses until 95 % of the range that the train covers.
    sigma_c2c : float
        Spread of one potentiating step over the range, beyond its mean curve; 0 without noise or with one copy.
    sigma_d2d : float
        Spread of the copies' own ranges over the mean range.
    """

    on_off: float
    label_up: float
    label_down: float
    asymmetry: float
    levels: float
    pulses_to_95: int
    sigma_c2c: float
    sigma_d2d: float

    def as_dict(self) -> dict[str, float]:
        """Return the figures by name."""
        return asdict(self)


def pulse_metrics(response: PulseResponse) -> PulseMetrics:
    """Return the figures of merit of a train with both halves.

    Raises
    ------
    ParameterError
        A half is missing, or the train does not move the device.

    Examples
    --------
    >>> from neurosim.characterise.pulses import pulse_response
    >>> from neurosim.library import load_device
    >>> found = pulse_metrics(pulse_response(load_device("pulse_step/hzo_fefet"), n_up=32, n_down=32, start=0.0))
    >>> round(found.on_off), round(found.label_up, 2), found.pulses_to_95  # 45, label 1.75
    (45, 1.75, 29)
    """
    up, down = response.up, response.down
    if response.n_up < 2 or response.n_down < 2:
        raise ParameterError("pulse_metrics: needs at least two potentiating and two depressing pulses.")
    span = float(response.conductance.max() - response.conductance.min())
    if not span > 0.0:
        raise ParameterError(f"{response.device}: the train does not change the conductance. Use longer or higher pulses.")
    backwards = np.interp(np.linspace(0, 1, up.size), np.linspace(0, 1, down.size), down[::-1])
    reached = np.flatnonzero(up - up[0] >= NEARLY_ALL * (up.max() - up[0]))
    steps = np.diff(response.conductances[:, :response.n_up + 1], axis=1)
    ranges = np.ptp(response.conductances, axis=1)
    c2c = float(np.sqrt(np.mean(steps.var(axis=0)))) / span
    return PulseMetrics(
        float(response.conductance.max() / response.conductance.min()), nonlinearity_label(up), nonlinearity_label(down),
        float(np.mean(np.abs(up - backwards)) / span), 1.0 / max(float(np.mean(np.abs(np.diff(up)))) / span, c2c),
        int(reached[0]), c2c, float(ranges.std() / ranges.mean()))


def nonlinearity_label(conductance: np.ndarray) -> float:
    """Return the label of one half of a train, shape (n,): 0 for a straight line."""
    span = conductance[-1] - conductance[0]
    if span == 0.0:
        return 0.0
    share = (conductance - conductance[0]) / span
    distance = (share - np.linspace(0.0, 1.0, share.size)) / np.sqrt(2.0)
    return float(distance[np.argmax(np.abs(distance))] / PER_LABEL) * (1.0 if span > 0.0 else -1.0)
