"""Row/column pulse coincidence: a rank-1 write of the whole crossbar at once, without any memory per synapse.

Each line fires a random train of ``bits`` half-voltage pulses; a device moves where row and column coincide. Firing
probabilities proportional to |V_i| and |V_j| make the expected number of coincidences proportional to |V_i V_j|. The two phases
of an estimator are two such writes of opposite sign; each is done in the four quadrants of (sign V_i, sign V_j), plus and
minus columns in opposite polarity.

Reference: T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016), doi 10.3389/fnins.2016.00333 (stochastic update).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.crossbar import CrossbarArray, WritePart
from neurosim.errors import ParameterError
from neurosim.kernels.rng import stream_key
from neurosim.learning.programmers import WriteReport
from neurosim.nominal_write import NominalWrite, check_amplitude, refuse_beyond_card


@dataclass(frozen=True)
class CoincidencePart(WritePart):
    """One slot of a coincidence write: like a part of a row's slot, but several rows fire; ``row`` is the first of them.

    Attributes
    ----------
    rows : ndarray of bool, shape (n_rows,)
        Rows held at half the voltage; the columns with a ``width`` are held at minus half.
    """

    rows: np.ndarray


@dataclass(frozen=True)
class OuterProduct:
    """Stochastic coincidence programming (``outer_product``).

    Parameters
    ----------
    amplitude : float or None
        Voltage [V] across a device where two pulses coincide; one line alone gives half of it. None: from the card.
    bits : int
        Pulses per train.
    step_max : float
        Nominal change of ``bits`` coincidences as a fraction of the conductance window. A device that counts pulses gets one
        pulse of its own for each coincidence instead.
    """

    amplitude: float | None = None
    bits: int = 8
    step_max: float = 0.02
    name: str = "outer_product"

    def __post_init__(self) -> None:
        check_amplitude(self.amplitude)
        if not (self.bits >= 1 and 0 < self.step_max <= 1):
            raise ParameterError("outer_product: bits must be >= 1 and step_max in (0, 1].")

    def nominal(self, device: Device) -> NominalWrite:
        """Return what this programmer knows about a device."""
        refuse_beyond_card(device, self.amplitude)
        return NominalWrite.of(device, self.amplitude, self.step_max)

    def write_outer(self, crossbar: CrossbarArray, nominal: NominalWrite, phases: tuple, coefficient: float) -> WriteReport:
        """Add ``coefficient (a_i a_j - b_i b_j)`` [S], in expectation and nominal units.

        ``phases`` is ``((source_a, target_a), (source_b, target_b))``, line voltages [V].
        """
        step = nominal.pulse_step or self.step_max * nominal.window / self.bits
        chance = np.sqrt(coefficient / (self.bits * step))
        key = stream_key(int(crossbar.write_key), "outer_product", 0, str(crossbar.events))
        generator = np.random.Generator(np.random.Philox(key=key))
        crossbar.events += 1  # the key of the next write differs even when nothing fires in this one
        energy, time, slots, clipped, pulses = 0.0, 0.0, 0, 0, 0
        for term, (source, target) in enumerate(phases):
            p_row, p_column = chance * np.abs(source), chance * np.abs(target)
            clipped += int(np.count_nonzero(p_row > 1) + np.count_nonzero(p_column > 1))
            for _ in range(self.bits):
                fire_row = generator.random(source.size) < p_row
                fire_column = generator.random(target.size) < p_column
                for row_sign in (1, -1):
                    for column_sign in (1, -1):
                        rows = fire_row & (np.sign(source) == row_sign)
                        columns = fire_column & (np.sign(target) == column_sign)
                        if not (rows.any() and columns.any()):
                            continue
                        grow = row_sign * column_sign * (1 if term == 0 else -1) > 0
                        for side in (0, 1):
                            raising = grow == (side == 0)
                            voltage = nominal.v_raise if raising else nominal.v_lower
                            width = ((nominal.pulse_up if raising else nominal.pulse_down)
                                     or step * (nominal.raise_slope if raising else nominal.lower_slope))
                            addressed = np.zeros(crossbar.n_columns, dtype=bool)
                            addressed[side * target.size : (side + 1) * target.size] = columns
                            spent = crossbar.drive_lines_in_place(0.5 * voltage * rows, -0.5 * voltage * addressed, width)
                            if crossbar.trace is not None:
                                crossbar.trace.append(CoincidencePart(
                                    crossbar.name, int(np.argmax(rows)), voltage, width, width * addressed, spent,
                                    crossbar.population.state.copy(), rows))
                            energy += spent
                            pulses += int(rows.sum()) * int(columns.sum())
                            slots += 1
                            time += width
        return WriteReport(energy, time, pulses, slots, clipped)
