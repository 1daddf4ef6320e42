"""The symmetry point: the conductance at which a raising and a lowering pulse cancel.

Alternating pulses drive any device with saturating steps there; it is where zero-shifting puts the reference of a pair.

Reference: T. Gokmen, W. Haensch, Front. Neurosci. 14, 103 (2020), doi:10.3389/fnins.2020.00103 (alternating pulses).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.characterise.cells import Cells
from neurosim.characterise.drive import kind_of
from neurosim.characterise.inputs import share_of, whole_number
from neurosim.characterise.pulses import pulse_response, read_voltage
from neurosim.errors import ParameterError
from neurosim.frozen import frozen
from neurosim.library import DeviceLike, as_device
from neurosim.units import quantity


@dataclass(frozen=True, eq=False)
class SymmetryPoint:
    """Where alternating pulses lead.

    Attributes
    ----------
    conductance : ndarray, shape (n_pairs + 1,)
        After each pair of pulses [S]; the first is before any pulse.
    point : float
        Mean of the last up-down cycle [S].
    settled : bool
        Whether the last tenth of the pairs moved the conductance by less than the tolerance.
    """

    device: str
    conductance: np.ndarray
    point: float
    settled: bool


def symmetry_point(device: DeviceLike, amplitude: str | float | None = None, width: str | float | None = None, *,
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
        ``settled`` says that the last tenth of the pairs moved the conductance by less than this fraction of the range; > 0.

    Returns
    -------
    SymmetryPoint

    Raises
    ------
    ParameterError
        A device that is only ever at one of two conductances, or one without pulses of its own where none are given.

    Examples
    --------
    >>> from neurosim.library import load_device
    >>> found = symmetry_point(load_device("pulse_step/soft_bounds"), pairs=600)  # equal steps: the middle of 25 to 75 uS
    >>> found.settled, round(found.point * 1e6, 3)
    (True, 50.0)
    """
    device, pairs = as_device(device), whole_number(pairs, 1, "symmetry_point: pairs")
    start, tolerance = share_of(start, "symmetry_point: start"), quantity(tolerance, "", "symmetry_point: tolerance")
    if not tolerance > 0.0:
        raise ParameterError(f"symmetry_point: tolerance = {tolerance:g}, allowed is a fraction > 0.")
    if kind_of(device) == "binary":
        raise ParameterError(f"{device.name}: binary, it has two conductances and no point between them where pulses cancel. "
                             f"Take neurosim.characterise.switching_probability.")
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
