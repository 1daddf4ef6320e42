"""The symmetry point: the conductance at which a raising and a lowering pulse cancel.

Alternating pulses drive any device with saturating steps there; it is where zero-shifting puts the reference of a pair.

Reference: T. Gokmen, W. Haensch, Front. Neurosci. 14, 103 (2020), doi:10.3389/fnins.2020.00103 (alternating pulses).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.characterise.cells import Cells
from neurosim.characterise.inputs import whole_number
from neurosim.characterise.pulses import pulse_response, read_voltage
from neurosim.frozen import frozen


@dataclass(frozen=True, eq=False)
class SymmetryPoint:
    """``conductance`` [S] after each pair of pulses (n_pairs + 1,); ``point`` [S]: mean of the last up-down cycle."""

    device: str
    conductance: np.ndarray
    point: float
    settled: bool


def symmetry_point(device: Device, amplitude: str | float | None = None, width: str | float | None = None, *,
                   pairs: int = 2000, start: float = 0.9, tolerance: float = 1e-4) -> SymmetryPoint:
    """Return where alternating raising and lowering pulses lead, without noise.

    Parameters
    ----------
    device, amplitude, width
        As in :func:`neurosim.characterise.pulse_response`.
    pairs : int
        Number of up-down pairs.
    start : float
        First conductance as a fraction of the window.
    tolerance : float
        ``settled`` says that the last tenth of the pairs moved the conductance by less than this fraction of the range.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> found = symmetry_point(load_device("pulse_step/soft_bounds"), pairs=600)  # equal steps: the middle of 25 to 75 uS
    >>> found.settled, round(found.point * 1e6, 3)
    (True, 50.0)
    """
    pairs = whole_number(pairs, 1, "symmetry_point: pairs")
    pulse = pulse_response(device, amplitude, width, 1, 1)
    v_read = read_voltage(device, None)
    cells = Cells(device)
    cells.put_at(start)
    after_pair = [cells.conductance(v_read)[0]]
    raised = after_pair[0]
    for _ in range(pairs):
        cells.advance(pulse.v_raise, pulse.width_up)
        raised = cells.conductance(v_read)[0]
        cells.advance(pulse.v_lower, pulse.width_down)
        after_pair.append(cells.conductance(v_read)[0])
    g = np.array(after_pair)
    late = g[-max(2, pairs // 10):]
    settled = bool(np.ptp(late) <= tolerance * max(float(np.ptp(g)), abs(float(g[-1]))))
    return SymmetryPoint(device.name, frozen(g), float(0.5 * (raised + g[-1])), settled)
