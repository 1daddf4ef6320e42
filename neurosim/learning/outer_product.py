"""Row/column pulse coincidence: a rank-1 write of the whole crossbar at once, without any memory per synapse.

Each line fires a random train of ``bits`` half-voltage pulses; a device moves where row and column coincide. Firing
probabilities proportional to |V_i| and |V_j| make the expected number of coincidences proportional to |V_i V_j|. The two phases
of an estimator are two such writes of opposite sign; each is done in the four quadrants of (sign V_i, sign V_j), plus and
minus columns in opposite polarity. Devices that count pulses get all pulses of a train at once, see
:mod:`neurosim.learning.coincidence_trains`.

Reference: T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016), doi 10.3389/fnins.2016.00333 (stochastic update).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neurosim.card import Device
from neurosim.crossbar import CrossbarArray, WritePart
from neurosim.errors import ParameterError
from neurosim.kernels.rng import stream_key
from neurosim.learning.coincidence_trains import CountedWrite, Trains, writes_by_count
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
        at_once = writes_by_count(crossbar, nominal)
        widths = nominal.pulse_up or step * nominal.raise_slope, nominal.pulse_down or step * nominal.lower_slope
        total = WriteReport()
        for (source, target), polarity in zip(phases, (1, -1), strict=True):
            p_row, p_column = chance * np.abs(source), chance * np.abs(target)
            fired = generator.random((self.bits, source.size + target.size)) < np.concatenate([p_row, p_column])
            trains = Trains(fired[:, : source.size], fired[:, source.size :], np.sign(source), np.sign(target), polarity)
            write = _write_counts if at_once else _write_slots
            clipped = int(np.count_nonzero(p_row > 1) + np.count_nonzero(p_column > 1))
            total += write(crossbar, nominal, trains, widths) + WriteReport(clipped=clipped)
        return total


def _write_slots(crossbar: CrossbarArray, nominal: NominalWrite, trains: Trains, widths: tuple[float, float]) -> WriteReport:
    """Drive the lines slot by slot; ``widths`` [s] are those of raising and lowering pulses."""
    energy, time, slots, pulses = 0.0, 0.0, 0, 0
    for rows, columns, raising in trains.slots():
        voltage, width = (nominal.v_raise, widths[0]) if raising else (nominal.v_lower, widths[1])
        spent = crossbar.drive_lines_in_place(0.5 * voltage * rows, -0.5 * voltage * columns, width)
        _record(crossbar, rows, columns, voltage, width, spent)
        energy += spent
        pulses += int(rows.sum()) * int(columns.sum())
        slots += 1
        time += width
    return WriteReport(energy, time, pulses, slots)


def _write_counts(crossbar: CrossbarArray, nominal: NominalWrite, trains: Trains, widths: tuple[float, float]) -> WriteReport:
    """Give every device all its pulses at once; a recorded write ends with the same bits, after as many steps as slots."""
    e_raise, e_lower = 0.25 * nominal.v_raise**2 * widths[0], 0.25 * nominal.v_lower**2 * widths[1]
    count, held, driven, slots = trains.sums(e_raise, e_lower)
    if slots == 0:
        return WriteReport()
    count = np.concatenate([count, count], axis=1)
    write = CountedWrite(crossbar, nominal, trains.raising())
    if crossbar.trace is None:
        energy = write.apply(count, held, driven)
    else:
        energy = 0.0
        count, held, driven = np.zeros_like(count), np.zeros_like(held), np.zeros_like(driven)
        for rows, columns, raising in trains.slots():
            spent, each = energy, e_raise if raising else e_lower
            count += np.multiply.outer(rows, columns)
            held += each * rows
            driven += each * columns
            energy = write.apply(count, held, driven)
            _record(crossbar, rows, columns, nominal.v_raise if raising else nominal.v_lower, widths[0 if raising else 1],
                    energy - spent)
    return WriteReport(energy, 0.5 * slots * sum(widths), int(count.sum()), slots)


def _record(crossbar: CrossbarArray, rows: np.ndarray, columns: np.ndarray, voltage: float, width: float, spent: float) -> None:
    if crossbar.trace is not None:
        crossbar.trace.append(CoincidencePart(crossbar.name, int(np.argmax(rows)), voltage, width, width * columns, spent,
                                              crossbar.population.state.copy(), rows))
