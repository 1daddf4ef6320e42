"""The engine against one monolithic integration of the whole circuit (Radau, rtol 1e-9), for one sample of the main job.

The reference (:mod:`reference_circuit`) holds all 106 magnetisations, all 14 420 device states and the energy in one state
vector, and is written without the package. From the package it takes only data: instance parameters, start states, the
sample's input voltages, the drawn normal numbers, and the pulse widths that the programmer asked for. The reference's own
rest voltages make its nudging current; each phase and the write start from the end of the phase before.

Tolerance: 1e-4 of full scale at every recorded time (1 for m and x, g0 V_ref for currents, v_read or the pulse
amplitude for voltages), 1e-6 relative for energies.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from reference_circuit import ENERGY_UNIT, Circuit, Read, Write, integrate

from neurosim.config import load_config
from neurosim.experiment import Experiment, build
from neurosim.kernels.program import WRITE_FULL, WRITE_HALF_COLUMN, WRITE_HALF_ROW
from neurosim.kernels.rng import fill_normal
from neurosim.learning.sequence import Sequence, applied, record_sequence

TOLERANCE = 1e-4
ENERGY_TOLERANCE = 1e-6  # relative: energies average the errors of single steps
WARM_UP = 30  # samples learned before the recorded one: by then the accumulators ask for pulses in both crossbars
ROOT = Path(__file__).parents[2]


@dataclass
class Proof:
    """One recorded sample, and what the reference says about it."""

    experiment: Experiment
    sequence: Sequence
    joules: dict[str, float]  # as the trainer reports them
    seconds: dict[str, float]
    reference_joules: dict[str, float]
    deviation: dict[str, float]  # largest, in units of full scale
    rest_after_write: np.ndarray
    moved: list[int]  # devices that the write moved, per crossbar
    request_gap: float  # between what was deposited and the contrast of the reference's rests, over the write quantum

    def stuck_pulsed(self, pulsed: list[np.ndarray]) -> int:
        """Return how many pulsed devices are stuck."""
        crossbars = self.experiment.network.crossbars
        return sum(int(np.count_nonzero(where.ravel() & (crossbar.population.stuck != 0)))
                   for where, crossbar in zip(pulsed, crossbars, strict=True))


def circuit_of(experiment: Experiment) -> Circuit:
    """Return the instances of an experiment as plain arrays."""
    network = experiment.network
    names = [spec.name for spec in network.neurons[0].model.params]
    neuron = {name: np.concatenate([layer.params[k] for layer in network.neurons]) for k, name in enumerate(names)}
    devices = []
    for crossbar in network.crossbars:
        names = [spec.name for spec in crossbar.population.model.params]
        devices.append({name: crossbar.population.params[k].reshape(crossbar.g.shape).copy() for k, name in enumerate(names)})
    return Circuit(neuron, tuple(devices), network.synapse.v_read)


def normals(crossbar, purpose: int, event: int) -> np.ndarray:
    """Return the normal numbers of one write event, shape (n_rows, n_columns): data for the reference."""
    out = np.zeros((1, crossbar.g.size))
    fill_normal(out, crossbar.write_key, purpose, event, 0, crossbar.g.size)
    return out.reshape(crossbar.g.shape)


def jump(circuit: Circuit, k: int, before: np.ndarray, now: np.ndarray, step: np.ndarray, z: np.ndarray,
         which: np.ndarray) -> None:
    """Apply the cycle-to-cycle impulse in place to the devices ``which``, whose pulse began at ``before``.

    ``now`` is the integrated end point: before + step unless a bound held it. The law's noise sits on the free end point.
    """
    device = circuit.devices[k]
    moved = which & (step != 0)
    free_end = np.where((now <= 0) | (now >= 1), before + step, now)
    spread = np.hypot(device["sigma_step"] * step, device["sigma_range"])
    now[moved] = np.clip(free_end + z * spread, 0, 1)[moved]


def write_part(circuit: Circuit, k: int, part, crossbar, event: int,
               y: np.ndarray) -> tuple[np.ndarray, list[tuple[float, np.ndarray]]]:
    """Integrate one part of a row's slot from edge to edge; return the state after it, and each stretch's end and voltages.

    The selected row is at half the voltage for the whole part, an addressed column at minus half for its own width.
    """
    z = {purpose: normals(crossbar, purpose, event) for purpose in (WRITE_FULL, WRITE_HALF_ROW, WRITE_HALF_COLUMN)}
    shape = crossbar.g.shape
    addressed = part.width > 0
    row = np.zeros(shape[0])
    row[part.row] = part.voltage / 2 if addressed.any() else 0.0
    selected = np.zeros(shape, dtype=bool)
    selected[part.row] = True
    begin = circuit.split(y)[1][k].copy()
    first_voltage = row[:, None] + np.where(addressed, part.voltage / 2, 0.0)
    edges = np.unique(np.append(part.width[addressed], part.duration))
    start, stretches = 0.0, []
    for edge in edges:
        column = np.where(part.width > start, -part.voltage / 2, 0.0)
        voltage = [np.zeros_like(device["r_on"]) for device in circuit.devices]
        voltage[k] = row[:, None] - column
        stretches.append((float(edge), voltage[k]))
        y = integrate(Write(circuit, tuple(voltage)), y, edge - start, np.empty(0), lambda *_: None, edge - start)
        x = circuit.split(y)[1][k]
        ends = addressed & (part.width == edge)
        if ends.any():
            step = circuit.device_rate(k, first_voltage) * part.width
            jump(circuit, k, begin, x, step, z[WRITE_FULL], selected & ends)
            jump(circuit, k, begin, x, step, z[WRITE_HALF_COLUMN], ~selected & ends)
            begin[selected & ends] = x[selected & ends]
        start = edge
    x = circuit.split(y)[1][k]
    half = circuit.device_rate(k, np.broadcast_to(row[:, None], shape))
    jump(circuit, k, begin, x, half * part.duration, z[WRITE_FULL], selected & ~addressed)
    jump(circuit, k, begin, x, half * (part.duration - part.width), z[WRITE_HALF_ROW], selected & addressed)
    return y, stretches


def deposited(trainer, contents: list[np.ndarray], sequence: Sequence) -> list[np.ndarray]:
    """Return the change [S] that a sample asked of every pair: what its accumulator kept, plus what its pulses took out."""
    nominal, out = trainer.nominal, [after - before for after, before in zip(trainer.contents, contents, strict=True)]
    for part in sequence.parts:
        change = out[int(part.crossbar.removeprefix("crossbar"))]
        slope = nominal.raise_slope if part.voltage == nominal.v_raise else nominal.lower_slope
        sign = 1.0 if part.voltage == nominal.v_raise else -1.0
        change[part.row] += sign * part.width[: change.shape[1]] / slope
    return out


@pytest.fixture(scope="module")
def proof() -> Proof:
    """Learn a few samples of the main job, record the next one, and integrate it with the reference."""
    experiment = build(load_config(ROOT / "experiments" / "digits.toml"))
    network, trainer = experiment.network, experiment.trainer
    order = trainer.order()
    for sample in order[:WARM_UP]:
        trainer.learn(int(sample))
    sample = int(order[WARM_UP])
    circuit = circuit_of(experiment)
    first_phase, first_events = network.phase, [crossbar.events for crossbar in network.crossbars]
    kinds = ("free", "nudge", "program", "bias")
    before = {kind: getattr(trainer.totals, f"{kind}_energy") for kind in kinds}
    before_s = {kind: getattr(trainer.totals, f"{kind}_time") for kind in ("settle", "program")}
    contents = [content.copy() for content in trainer.contents]
    sequence = record_sequence(trainer, sample)
    joules = {kind: getattr(trainer.totals, f"{kind}_energy") - before[kind] for kind in kinds}
    seconds = {kind: getattr(trainer.totals, f"{kind}_time") - value for kind, value in before_s.items()}

    n = circuit.n_neurons
    y = np.concatenate([np.zeros(n), *[state[0] for state in sequence.first_states], [0.0]])
    deviation = dict.fromkeys(("m", "line current", "line voltage", "write voltage", "x in reads", "x in writes"), 0.0)
    energy = {"free": 0.0, "nudge": 0.0, "program": 0.0}
    current_scale = network.g0 * network.output_swing()
    n_output = network.layers[-1].size
    rest, rests = y, []

    def note(name: str, value: np.ndarray) -> None:
        deviation[name] = max(deviation[name], float(np.abs(value).max()))

    for phase, sign in enumerate((0, 1, -1)):
        nudge = np.zeros(n_output)
        if sign:
            v_free = circuit.neuron["v_r"][-n_output:] * rest[n - n_output : n]
            nudge = sign * trainer.estimator.beta * network.g0 * (sequence.target - v_free)
        noise = [tuple(part.copy() for part in crossbar.draw_read_noise(first_phase + phase)) for crossbar in network.crossbars]
        read = Read(circuit, experiment.train_voltage[sample], (noise[0][0], noise[1][0]), noise[1][1], nudge)
        here = np.flatnonzero(sequence.phase == phase)
        times = sequence.time[here] - sequence.time[here[0]]

        def keep(k: int, state: np.ndarray, read: Read = read, here: np.ndarray = here) -> None:
            m, states = circuit.split(state)
            row = here[k]
            note("m", sequence.state[row] - m)
            note("line current", (sequence.current[row] - read.currents(m, states)) / current_scale)
            note("line voltage", (sequence.voltage[row] - circuit.neuron["v_r"] * m) / circuit.v_read)
            note("x in reads", np.concatenate([(a[0] - b.ravel()) for a, b in zip(sequence.first_states, states, strict=True)]))

        y[-1] = 0.0
        y = integrate(read, y, float(times[-1]), times, keep)
        rest = y.copy() if phase == 0 else rest
        rests.append(circuit.neuron["v_r"] * y[:n])
        energy["free" if phase == 0 else "nudge"] += y[-1] * ENERGY_UNIT

    y[-1] = 0.0
    polarity: dict[tuple[str, int], int] = {}
    for part in sequence.parts:
        k = int(part.crossbar.removeprefix("crossbar"))
        crossbar = network.crossbars[k]
        turn = polarity.setdefault((part.crossbar, part.row), 0)
        polarity[part.crossbar, part.row] += 1
        y, stretches = write_part(circuit, k, part, crossbar, first_events[k] + 2 * part.row + turn, y)
        starts, told = applied(part)
        note("write voltage", (np.array([end for end, _ in stretches]) - np.append(starts[1:], part.duration)) / part.duration)
        note("write voltage", (told - np.array([voltage.ravel() for _, voltage in stretches])) / trainer.nominal.v_lower)
        note("x in writes", part.state[0] - circuit.split(y)[1][k].ravel())
    energy["program"] = y[-1] * ENERGY_UNIT
    moved = [int(np.count_nonzero(x.ravel() != first[0]))
             for x, first in zip(circuit.split(y)[1], sequence.first_states, strict=True)]
    still = [np.zeros_like(device["r_on"]) for device in circuit.devices]
    rested = integrate(Write(circuit, tuple(still)), y, trainer.reset_time, np.empty(0), lambda *_: None)

    gap, n_hidden = 0.0, circuit.n_hidden
    lines = [[(np.append(experiment.train_voltage[sample], circuit.v_read), v[:n_hidden]),
              (np.append(v[:n_hidden], circuit.v_read), v[n_hidden:])] for v in rests[1:]]
    for k, change in enumerate(deposited(trainer, contents, sequence)):
        eta = trainer.rates[k] * network.g0**2 / network.output_swing() ** 2
        (row_plus, column_plus), (row_minus, column_minus) = lines[0][k], lines[1][k]
        contrast = np.outer(row_plus, column_plus) - np.outer(row_minus, column_minus)
        request = eta / (2 * trainer.estimator.beta * network.g0) * contrast
        quantum = trainer.accumulator.quantum * trainer.nominal.window
        gap = max(gap, float(np.abs(change - request).max()) / quantum)
    return Proof(experiment, sequence, joules, seconds, energy, deviation, rested[:n], moved, gap)


def test_the_sample_settles_in_all_phases_and_moves_devices_of_both_crossbars(proof):
    assert [np.count_nonzero(proof.sequence.phase == phase) > 10 for phase in range(3)] == [True] * 3
    assert proof.experiment.trainer.totals.unsettled_phases == 0
    pulsed = [np.zeros(crossbar.g.shape, dtype=bool) for crossbar in proof.experiment.network.crossbars]
    for part in proof.sequence.parts:
        pulsed[int(part.crossbar.removeprefix("crossbar"))][part.row] |= part.width > 0
    assert min(proof.moved) > 0
    working = sum(np.count_nonzero(where) for where in pulsed) - proof.stuck_pulsed(pulsed)
    assert sum(proof.moved) > working, "no half-selected device moved: those paths are not tested"
    assert np.any(np.abs(proof.sequence.state) == 1), "no neuron saturates: the projection is not tested"


@pytest.mark.parametrize("quantity", ["m", "line current", "line voltage", "write voltage", "x in reads", "x in writes"])
def test_every_state_line_and_device_agrees_with_the_monolithic_integration(proof, quantity):
    assert proof.deviation[quantity] <= TOLERANCE


@pytest.mark.parametrize("phase", ["free", "nudge", "program"])
def test_reported_joules_are_the_integral_of_voltage_times_current(proof, phase):
    assert proof.joules[phase] == pytest.approx(proof.reference_joules[phase], rel=ENERGY_TOLERANCE, abs=0)


def test_read_bias_of_the_neurons_is_power_times_time(proof):
    power = 106 * 10e-6  # W: 106 neurons of 10 uW on the card
    phases = [np.ptp(proof.sequence.time[proof.sequence.phase == phase]) for phase in range(3)]
    slots = sum(part.duration for part in proof.sequence.parts)
    time = proof.experiment.trainer.reset_time + sum(phases) + slots
    assert proof.joules["bias"] == pytest.approx(power * time, rel=1e-9, abs=0)


def test_what_is_written_is_the_contrast_of_the_reference_rests(proof):
    assert proof.request_gap <= TOLERANCE


def test_disconnected_neurons_are_back_at_their_reset_state_before_the_next_sample(proof):
    # The engine starts every free phase from m = 0; the reference let the neurons relax through the write and the reset time.
    assert np.abs(proof.rest_after_write).max() <= TOLERANCE
