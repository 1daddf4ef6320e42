"""Pulse widths are whole multiples of one level: exactly ``pulse_levels`` different pulses per polarity, and no others."""

import numpy as np
import pytest

from neurosim.learning.accumulators import Accumulator
from neurosim.learning.programmers import DevicePulses
from neurosim.nominal_write import NominalWrite

WINDOW, STEP_MAX = 1e-4, 0.02  # S, and the longest pulse as a fraction of it
NOMINAL = NominalWrite(0.0, WINDOW, -0.9, 0.9, 2.0, 3.0)  # slopes in s/S: unequal on purpose
LEVELS = [1, 2, 5, 64]


def dense(levels):
    """Return contents from minus to plus one and a half longest pulses, each level hit many times, as a row of synapses."""
    return np.linspace(-1.5, 1.5, 40 * levels + 1)[None, :] * STEP_MAX * WINDOW


def distinct(width):
    """Return the different positive numbers among widths [s], one of those that agree to rounding."""
    width = np.unique(width[width > 0])
    return width[np.append(True, np.diff(width) > 1e-9 * width[-1])]


@pytest.mark.parametrize("kind", ["none", "digital"])
@pytest.mark.parametrize("levels", LEVELS)
def test_each_polarity_has_exactly_the_stated_number_of_widths_in_equal_steps(levels, kind):
    content = dense(levels)
    n = content.shape[1]
    width, _ = DevicePulses(levels=levels, step_max=STEP_MAX).widths(NOMINAL, Accumulator(kind, quantum=1e-6), content)
    longest = STEP_MAX * WINDOW
    expected = longest * np.arange(1, levels + 1) / levels
    for half in (width[:, :n], width[:, n:]):  # plus and minus devices
        np.testing.assert_allclose(distinct(half), NOMINAL.raise_slope * expected, rtol=1e-12)
        np.testing.assert_allclose(distinct(-half), NOMINAL.lower_slope * expected, rtol=1e-12)


@pytest.mark.parametrize("levels", LEVELS)
def test_without_an_accumulator_a_request_takes_the_nearest_level_and_at_most_the_last(levels):
    content = dense(levels)
    share = content[0] / (STEP_MAX * WINDOW) * levels
    width, clipped = DevicePulses(levels=levels, step_max=STEP_MAX).widths(NOMINAL, Accumulator("none"), content)
    plus = width[0, : share.size]
    written = np.where(plus > 0, plus / NOMINAL.raise_slope, plus / NOMINAL.lower_slope) / (STEP_MAX * WINDOW) * levels
    assert np.all(np.abs(written - np.clip(share, -levels, levels)) <= 0.5 + 1e-9)
    np.testing.assert_allclose(written, np.rint(written), rtol=0, atol=1e-9)  # a few roundings of at most 64
    beyond = np.count_nonzero(np.abs(share) > levels + 0.5 + 1e-9)
    assert beyond <= clipped <= beyond + 2  # the two that lie on the edge itself round either way


@pytest.mark.parametrize("levels", LEVELS)
def test_with_an_accumulator_what_is_not_a_whole_level_stays_in_it(levels):
    before = dense(levels)
    content = before.copy()
    width, _ = DevicePulses(levels=levels, step_max=STEP_MAX).widths(NOMINAL, Accumulator(quantum=1e-6), content)
    plus = width[:, : before.shape[1]]
    written = np.where(plus > 0, plus / NOMINAL.raise_slope, plus / NOMINAL.lower_slope)
    level = STEP_MAX * WINDOW / levels
    np.testing.assert_allclose(written + content, before, rtol=0, atol=1e-12 * WINDOW)  # a few roundings of the content
    inside = np.abs(before) <= STEP_MAX * WINDOW
    assert np.abs(content[inside]).max() <= level * (1 + 1e-9)
    assert np.abs(written).max() <= STEP_MAX * WINDOW * (1 + 1e-12)


@pytest.mark.parametrize(("levels", "accumulator"), [(3, "none"), (5, "digital")])
def test_a_trained_network_receives_the_configured_levels_and_no_other_width(build_tiny, levels, accumulator):
    changes = {"learning__pulse_levels": levels, "learning__step_max": 0.002, "learning__accumulator__quantum": 0.0003}
    if accumulator == "none":
        changes["learning__accumulator"] = {"kind": "none"}
    trainer = build_tiny(training__rate=[0.2, 0.1], **changes).trainer
    emitted = []
    for crossbar in trainer.network.crossbars:
        def program(width, *rest, inner=crossbar.program_in_place):
            emitted.append(width.copy())
            return inner(width, *rest)

        crossbar.program_in_place = program
    for sample in range(60):
        trainer.learn(sample % 12)
    width = np.concatenate([part.ravel() for part in emitted])
    nominal = trainer.nominal
    for sign, slope in ((1, nominal.raise_slope), (-1, nominal.lower_slope)):
        longest = 0.002 * nominal.window * slope
        np.testing.assert_allclose(distinct(sign * width), longest * np.arange(1, levels + 1) / levels, rtol=1e-12)


def test_trains_write_each_level_as_its_own_identical_pulse(make_network):
    crossbar = make_network(sigma=0.0).crossbars[1]
    programmer = DevicePulses(levels=5, trains=True)
    nominal = programmer.nominal(crossbar.spec.device)
    emitted = []

    def pretend(width, v_raise, v_lower, part):
        emitted.append(np.array(width))
        return np.zeros(3)

    crossbar.program_in_place = pretend
    level = programmer.step_max * nominal.window / 5
    content = np.zeros((crossbar.n_rows, crossbar.n_targets))
    content[0, 0], content[1, 1], content[2, 2] = 4.6 * level, -2.2 * level, 9.0 * level
    programmer.write(crossbar, nominal, Accumulator("none"), content)
    up, down = level * nominal.raise_slope, level * nominal.lower_slope
    plus = np.array(emitted)[:, [0, 1, 2], [0, 1, 2]]
    np.testing.assert_allclose(plus[:, 0], [up] * 5, rtol=1e-12)
    np.testing.assert_allclose(plus[:, 1], [-down] * 2 + [0.0] * 3, rtol=1e-12)
    np.testing.assert_allclose(plus[:, 2], [up] * 5, rtol=1e-12)  # clipped to the longest
