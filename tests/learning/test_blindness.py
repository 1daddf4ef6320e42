"""Open-loop programmers are blind: whatever happens to any instance, every waveform they emit keeps its bits."""

import numpy as np
import pytest

from neurosim.crossbar import CrossbarArray
from neurosim.crossbar_spec import Crossbar
from neurosim.learning.accumulators import Accumulator
from neurosim.learning.outer_product import OuterProduct
from neurosim.learning.programmers import DevicePulses
from neurosim.library import load_device

ROWS, TARGETS, WRITES = 5, 3, 6
EMITTERS = ("program_in_place", "drive_lines_in_place")
EXPONENTS = ("alpha_off", "alpha_on")  # the array has chosen its kernels for these
PROGRAMMERS = {"device": DevicePulses(), "pulse_step": DevicePulses(levels=4, trains=True), "outer_product": OuterProduct()}


def array():
    """Return a crossbar with all nonidealities and a list that fills with everything applied to its lines."""
    spec = Crossbar(device=load_device("vteam/nominal"), sigma_d2d=0.1, sigma_rate=0.2, sigma_threshold=0.01, sigma_c2c=0.1,
                    sigma_c2c_range=0.001, stuck_fraction=0.1)
    crossbar, waveforms = CrossbarArray(spec, ROWS - 1, TARGETS, seed=3, name="crossbar0"), []
    crossbar.form(np.zeros((ROWS, TARGETS)), *spec.nominal_window())
    for name in EMITTERS:
        apply = getattr(crossbar, name)

        def emit(*lines, apply=apply, name=name):
            waveforms.append((name, *(np.array(line) for line in lines)))
            return apply(*lines)

        setattr(crossbar, name, emit)
    return crossbar, waveforms


def write(programmer, crossbar, k):
    """Ask for the ``k``-th update; requests are those of the estimator, which another device state would change too."""
    rng = np.random.default_rng(k)
    nominal = programmer.nominal(crossbar.spec.device)
    if isinstance(programmer, OuterProduct):
        phases = tuple((rng.uniform(-0.2, 0.2, ROWS), rng.uniform(-0.05, 0.05, TARGETS)) for _ in range(2))
        return programmer.write_outer(crossbar, nominal, phases, 50 * programmer.step_max * nominal.window)
    return programmer.write(crossbar, nominal, Accumulator(), rng.normal(0, 0.01 * nominal.window, (ROWS, TARGETS)))


def all_devices(crossbar):
    return np.ones(crossbar.population.size, dtype=bool)


def one_device(crossbar):
    chosen = np.zeros(crossbar.population.size, dtype=bool)
    chosen[7] = True
    return chosen


def change_state(crossbar, chosen, rng):
    crossbar.population.state[:, chosen] = rng.random((1, np.count_nonzero(chosen)))
    crossbar.refresh()


def change_params(crossbar, chosen, rng):
    for name, row in crossbar.population.model.param_index.items():
        if name not in EXPONENTS:
            crossbar.population.params[row, chosen] *= rng.uniform(0.7, 1.4, np.count_nonzero(chosen))
    crossbar.refresh()


def make_stuck(crossbar, chosen, rng):
    crossbar.population.stuck[chosen] = rng.choice([-1, 1], np.count_nonzero(chosen))
    for name in crossbar.population.model.handles["rate"].params:
        crossbar.population.params[crossbar.population.model.param_index[name], chosen] = 0.0


def change_conductance(crossbar, chosen, rng):
    crossbar.assign(rng.uniform(5e-6, 1e-4, crossbar.g.shape), where=chosen.reshape(crossbar.g.shape))


def change_dead_zone(crossbar, chosen, rng):
    crossbar._dead_high[chosen] *= 0.5
    crossbar._dead_low[chosen] *= 1.5


def instances(crossbar):
    """Return all that tells one instance from another, as one vector."""
    population = crossbar.population
    return np.concatenate([population.state.ravel(), population.params.ravel(), population.stuck, crossbar.g.ravel(),
                           crossbar._dead_low, crossbar._dead_high])


def is_the_same(a, b):
    return len(a) == len(b) and all(x[0] == y[0] and all(np.array_equal(u, v) for u, v in zip(x[1:], y[1:], strict=True))
                                    for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("chosen", [one_device, all_devices])
@pytest.mark.parametrize("change", [change_state, change_params, make_stuck, change_conductance, change_dead_zone])
@pytest.mark.parametrize("name", PROGRAMMERS)
def test_changing_an_instance_changes_no_bit_of_any_emitted_waveform(name, change, chosen):
    programmer = PROGRAMMERS[name]
    (plain, expected), (changed, emitted) = array(), array()
    rng = np.random.default_rng(5)
    for k in range(WRITES):
        change(changed, chosen(changed), rng)
        assert np.any(instances(changed) != instances(plain))
        a, b = write(programmer, plain, k), write(programmer, changed, k)
        assert (a.time, a.pulses, a.rows, a.clipped) == (b.time, b.pulses, b.rows, b.clipped)
    assert len(expected) >= WRITES
    assert is_the_same(expected, emitted)


@pytest.mark.parametrize("name", PROGRAMMERS)
def test_another_request_does_change_the_waveforms(name):
    (one, first), (other, second) = array(), array()
    write(PROGRAMMERS[name], one, 0)
    write(PROGRAMMERS[name], other, 1)
    assert not is_the_same(first, second)
