"""Reduced diffusive memristor: symmetric, volatile, with a delay and a hold voltage; charge against quadrature."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor.diffusive import MODEL


def after(x, voltage, seconds, n=1, rng=None, clusters=0):
    params, state = MODEL.default_params(n), np.full((1, n), x)
    params[MODEL.param_index["n_clusters"]] = clusters
    noise = np.zeros((3, n)) if rng is None else rng.standard_normal((3, n))
    MODEL.advance(state, np.full((1, n), voltage), params, noise, np.full(n, seconds), 0, n)
    return state[0] if n > 1 else state[0, 0]


def test_both_polarities_form_the_filament_and_rest_dissolves_it():
    assert after(0.0, 0.4, 1e-5) == after(0.0, -0.4, 1e-5) > 0.99
    np.testing.assert_allclose(after(1.0, 0.0, 2e-4), np.exp(-2.0), rtol=1e-3)
    assert after(1.0, 0.0, 1.0) < 2e-5


def test_a_lower_voltage_holds_what_it_cannot_form():
    # At 0.25 V leaving and joining balance at 2203 /s and 821 /s; at 0.15 V and from a filament, 1 us changes little.
    assert after(0.0, 0.15, 1e-4) < 0.02
    assert after(1.0, 0.15, 1e-4) > 0.75
    assert after(1.0, 0.0, 1e-4) < 0.4


def test_delay_shrinks_exponentially_with_voltage():
    # Time to x = 1/2, well above the balance: ln 2 / up.
    up = [0.1 * np.exp(v / 0.025) for v in (0.40, 0.45)]
    for v, rate in zip((0.40, 0.45), up, strict=True):
        assert abs(after(0.0, v, np.log(2.0) / rate) - 0.5) < 1e-4


def test_scatter_is_that_of_independent_clusters():
    x = after(0.0, 0.45, 0.69 / (0.1 * np.exp(18.0)), n=20000, rng=np.random.default_rng(1), clusters=25)
    p = after(0.0, 0.45, 0.69 / (0.1 * np.exp(18.0)))
    assert abs(x.mean() - p) < 5.0 * np.sqrt(p * (1.0 - p) / 25 / 20000)
    np.testing.assert_allclose(x.var(), p * (1.0 - p) / 25, rtol=0.05)


@pytest.mark.parametrize(("voltage", "start", "seconds"), [(0.4, 0.0, 1e-5), (0.4, 0.0, 1e-7), (-0.45, 0.3, 1e-3),
                                                           (0.1, 1.0, 1e-3), (0.3, 0.5, 1e-4), (0.05, 0.9, 3e-5)])
def test_charge_is_the_current_integrated(voltage, start, seconds):
    params, q, g = MODEL.default_params(1), np.zeros(1), np.zeros(1)
    MODEL.charge(np.array([[start]]), np.array([[voltage]]), params, np.array([seconds]), q, 0, 1)

    def current(t):
        MODEL.conductance(np.array([[after(start, voltage, t)]]), params, g, 0, 1)
        return g[0] * voltage

    tau = 1.0 / (0.1 * np.exp(abs(voltage) / 0.025) + 1e4 * np.exp(-abs(voltage) / 0.1))
    edges = [0.0, *(t for t in tau * np.array([0.03, 0.1, 0.3, 1, 2, 4, 8, 16, 32]) if t < seconds), seconds]
    expected = sum(quad(current, a, b, epsrel=1e-11, epsabs=0.0)[0] for a, b in itertools.pairwise(edges))
    np.testing.assert_allclose(q[0], expected, rtol=2e-6)


def test_extremes_stay_in_range():
    rng = np.random.default_rng(2)
    for v in (-1e6, 0.0, 1e6):
        for t in (0.0, 1e-300, 1e300):
            for clusters in (0, 1, 100):
                x = after(0.5, v, t, n=50, rng=rng, clusters=clusters)
                assert np.all((x >= 0.0) & (x <= 1.0))


def test_no_time_is_no_step():
    for clusters in (0, 1, 100):
        assert np.all(after(0.437, 0.4, 0.0, n=50, rng=np.random.default_rng(3), clusters=clusters) == 0.437)
