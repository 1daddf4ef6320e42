"""Waveforms: values, edges, and the compiled table agree with their definitions."""

import itertools
import math

import numpy as np
import pytest

from neurosim.errors import ParameterError
from neurosim.waveform import Constant, PiecewiseLinear, Pulse, PulseTrain, Sine, Steps, Triangle

EVERY = [
    Constant("0.3 V"),
    Pulse("1 V", "10 ns", delay="3 ns", rise="1 ns", fall="2 ns", base="0.1 V"),
    Pulse(-1.0, 10e-9),
    PulseTrain("1.2 V", "5 ns", period="10 ns", count=3),
    Triangle("1 V", "20 ns", cycles=2, negative="0.5 V", delay="1 ns"),
    Sine("1 V", "100 MHz", cycles=2, offset="0.2 V", phase="90 deg", delay="5 ns"),
    PiecewiseLinear(["0 s", "10 ns", "10 ns", "20 ns"], [0.0, 1.0, -1.0, 0.5]),
    Steps([0.0, 0.5, -0.5], "7 ns"),
]


@pytest.mark.parametrize("waveform", EVERY, ids=lambda w: type(w).__name__)
def test_the_compiled_table_gives_the_same_values(waveform):
    from neurosim.kernels.steppers.population_system import sample_waveform

    t = np.sort(np.concatenate([np.linspace(0, 50e-9, 301), waveform.edges(50e-9)]))
    out = np.empty(t.size)
    sample_waveform(t, waveform.segments(50e-9), out)
    np.testing.assert_allclose(out, waveform(t), rtol=0, atol=1e-14)


@pytest.mark.parametrize("waveform", EVERY, ids=lambda w: type(w).__name__)
def test_between_edges_a_waveform_is_smooth(waveform):
    """Curvature between two edges is that of the sine at most; a missed edge would show as a jump or kink."""
    ends = np.concatenate([[0.0], waveform.edges(50e-9), [50e-9]])
    for a, b in itertools.pairwise(ends):
        t = np.linspace(a, b, 402)[1:-1]
        bend = np.abs(np.diff(waveform(t), 2)).max()
        assert bend <= 1.01 * (2 * math.pi * 1e8 * (t[1] - t[0])) ** 2 + 1e-12


def test_pulse_has_its_area_and_corners():
    pulse = Pulse("2 V", "10 ns", delay="5 ns", rise="2 ns", fall="4 ns")
    np.testing.assert_allclose(pulse.edges(1e-6), [5e-9, 7e-9, 17e-9, 21e-9], rtol=1e-14)
    t = np.linspace(0, 30e-9, 300_001)
    assert np.trapezoid(pulse(t), t) == pytest.approx(2.0 * (10e-9 + 3e-9), rel=1e-6)
    assert pulse.duration == pytest.approx(21e-9, rel=1e-14)


def test_a_jump_is_right_continuous():
    pulse = Pulse(1.0, 1.0, delay=1.0)
    assert pulse([math.nextafter(1.0, 0), 1.0, math.nextafter(2.0, 0), 2.0]).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_triangle_peaks_are_amplitude_and_minus_negative():
    sweep = Triangle("1.2 V", period="4 s", cycles=2, negative="0.8 V")
    np.testing.assert_allclose(sweep([0, 1, 2, 3, 4, 5, 7, 9]), [0, 1.2, 0, -0.8, 0, 1.2, -0.8, 0], rtol=0, atol=1e-15)
    assert Triangle("1 V", "4 s", negative=0.0)(3.0) == 0.0


def test_sine_matches_its_formula():
    wave = Sine(0.7, 3.0, offset=0.1, phase=0.4, delay=0.2)
    t = np.linspace(0.2, 2, 50)
    np.testing.assert_allclose(wave(t), 0.1 + 0.7 * np.sin(2 * np.pi * 3 * (t - 0.2) + 0.4), rtol=1e-12)
    assert wave(0.1) == 0.1
    assert wave.edges(2.0).tolist() == [0.2]


def test_back_to_back_pulses_make_a_constant_level():
    train = PulseTrain(1.0, 0.1, period=0.1, count=50)
    t = np.linspace(0, 4.999, 997)
    assert np.all(train(t) == 1.0)


def test_a_train_has_only_the_edges_before_the_end():
    assert PulseTrain(1.0, 1.0, period=2.0, count=1_000_000).edges(6.5).tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]


def test_shapes_are_kept_and_an_empty_array_is_allowed():
    assert Constant(1.0)(np.zeros((2, 3))).shape == (2, 3)
    assert Constant(1.0)([]).shape == (0,)


def test_current_and_field_drives_use_their_unit():
    assert Constant("20 uA", unit="A").value == pytest.approx(2e-5, rel=1e-14)
    with pytest.raises(ParameterError, match="unit"):
        Constant("20 uA")


@pytest.mark.parametrize(("make", "words"), [
    (lambda: Pulse("1 V", 0.0), "width"),
    (lambda: Pulse("1 V", "-1 ns"), "width"),
    (lambda: Pulse("1 V", "10"), "no unit"),
    (lambda: Pulse("1 V", "1 s", count=2), "PulseTrain"),
    (lambda: PulseTrain("1 V", "5 ns", period="4 ns", count=2), "period"),
    (lambda: PulseTrain("1 V", "5 ns", period="10 ns", count=0), "count"),
    (lambda: PulseTrain("1 V", "5 ns", period="10 ns", count=1.5), "count"),
    (lambda: Triangle("1 V", "1 s", cycles=0), "cycles"),
    (lambda: Sine("1 V", 0.0), "frequency"),
    (lambda: Sine("1 V", 1.0, cycles=True), "cycles"),
    (lambda: PiecewiseLinear([0.0, 1.0], [1.0]), "equally many"),
    (lambda: PiecewiseLinear([0.0, 2.0, 1.0], [1.0, 1.0, 1.0]), "never decrease"),
    (lambda: PiecewiseLinear([1.0], [1.0]), "start at 0"),
    (lambda: Steps([], 1.0), "no values"),
    (lambda: Constant(math.nan), "finite"),
])
def test_wrong_arguments_are_refused_with_their_name(make, words):
    with pytest.raises(ParameterError, match=words):
        make()


def test_importing_waveforms_does_not_import_numba():
    import subprocess
    import sys

    code = "import sys, neurosim.waveform; assert 'numba' not in sys.modules; assert 'pint' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
