"""Random switching times: the laws, that neither time step nor cutting a pulse changes them, cycles, energy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from devices.memristor.stochastic_switch import MODEL, PROGRESS, THRESHOLD, X

N = 10000
TAU = 1.0 / (5.9e-9 * np.exp(3.0 / 0.164))  # at 3 V
LAWS = {
    "poisson": ((1.0, 0.0), stats.expon(scale=TAU)),
    "weibull": ((0.5, 0.0), stats.weibull_min(2.0, scale=TAU)),
    "lognormal": ((0.0, 0.8), stats.lognorm(0.8, scale=TAU)),
}


def devices(law, n=N, **values):
    params, state = MODEL.default_params(n), MODEL.initial_state(n)
    inverse_shape, sigma_log = LAWS[law][0]
    for name, value in {"inverse_shape": inverse_shape, "sigma_log": sigma_log, **values}.items():
        params[MODEL.param_index[name]] = value
    return params, state


def step(params, state, voltage, seconds, rng=None):
    n = state.shape[1]
    noise = np.zeros((2, n)) if rng is None else rng.standard_normal((2, n))
    MODEL.advance(state, np.full((1, n), voltage), params, noise, np.full(n, seconds), 0, n)


def switching_times(law, grid, seed=1, n=N):
    """Return the end [s] of the step in which each device switched, infinite for those that did not."""
    params, state = devices(law, n)
    rng, found = np.random.default_rng(seed), np.full(n, np.inf)
    for before, after in itertools.pairwise(grid):
        step(params, state, 3.0, after - before, rng)
        found = np.where((state[X] == 1.0) & np.isinf(found), after, found)
    return found


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0, 2.0])
def test_probability_after_one_pulse_follows_the_law(law, share):
    params, state = devices(law)
    step(params, state, 3.0, share * TAU, np.random.default_rng(2))
    p = LAWS[law][1].cdf(share * TAU)
    assert abs(state[X].mean() - p) < 5.0 * np.sqrt(p * (1.0 - p) / N)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("steps", "n"), [(10, 10000), (1000, 2000)])
def test_law_does_not_depend_on_the_time_step(law, steps, n):
    grid = np.linspace(0.0, 2.0 * TAU, 2 * steps + 1)
    found = switching_times(law, grid, seed=steps, n=n)
    for share in (0.2, 0.5, 1.0, 2.0):
        p = LAWS[law][1].cdf(share * TAU)
        assert abs(np.mean(found <= share * TAU * (1.0 + 1e-9)) - p) < 5.0 * np.sqrt(p * (1.0 - p) / n)


@pytest.mark.parametrize(("law", "slope"), [("poisson", 1.0), ("weibull", 2.0)])
def test_weibull_plot_is_a_line_of_its_shape(law, slope):
    grid = TAU * np.concatenate([[0.0], np.geomspace(0.1, 2.0, 30)])
    found = np.sort(switching_times(law, grid))
    p = np.array([np.mean(found <= t * (1 + 1e-9)) for t in grid[1:]])
    fit = np.polyfit(np.log(grid[1:]), np.log(-np.log1p(-p)), 1)
    # Standard error of the maximum likelihood shape: 0.78 k / sqrt(N); a straight fit is at most twice as wide.
    assert abs(fit[0] - slope) < 5.0 * 2.0 * 0.78 * slope / np.sqrt(N)


def test_cutting_a_pulse_changes_no_device():
    # The threshold is drawn in the first piece; noise of later pieces must not matter.
    cuts = [(1.0,), (0.5, 0.5), (0.1, 0.2, 0.7), (0.001,) * 1000]
    for law in LAWS:
        ends = []
        for pieces in cuts:
            params, state = devices(law, n=500)
            rng, other = np.random.default_rng(3), np.random.default_rng(len(pieces))
            for k, piece in enumerate(pieces):
                step(params, state, 3.0, piece * TAU, rng if k == 0 else other)
            ends.append(state)
        for end in ends[1:]:
            assert np.array_equal(end[X], ends[0][X])
            waiting = end[X] == 0.0
            np.testing.assert_allclose(end[PROGRESS, waiting], ends[0][PROGRESS, waiting], rtol=1e-10)
            assert np.array_equal(end[THRESHOLD, waiting], ends[0][THRESHOLD, waiting])


def test_ramp_switches_at_the_integrated_hazard():
    # v = r t: the integral of exp(v / w) / tau_0 is w / (r tau_0) (exp(r t / w) - 1).
    params, state = devices("poisson")
    rng, steps, end, w = np.random.default_rng(4), 400, 3.2, 0.164
    for k in range(steps):
        step(params, state, (k + 0.5) * end / steps, 1.0 / steps, rng)
    p = -np.expm1(-5.9e-9 * w / end * np.expm1(end / w))
    assert abs(state[X].mean() - p) < 5.0 * np.sqrt(p * (1.0 - p) / N)


def test_every_attempt_has_a_threshold_of_its_own():
    params, state = devices("lognormal")
    rng, drawn = np.random.default_rng(5), []
    for k in range(6):
        step(params, state, 3.0 * (-1) ** k, 1e-3 * TAU, rng)
        drawn.append(np.log(state[THRESHOLD].copy()) / 0.8)
        step(params, state, 3.0 * (-1) ** k, 1e4 * TAU, rng)
        assert np.all(state[X] == (k + 1) % 2)
        assert np.all(state[PROGRESS] == 0.0)
    correlation = np.corrcoef(drawn) - np.eye(6)
    assert np.abs(correlation).max() < 5.0 / np.sqrt(N)
    for z in drawn:
        assert abs(z.mean()) < 5.0 / np.sqrt(N)
        assert abs(z.std() - 1.0) < 5.0 / np.sqrt(2.0 * N)


def test_without_noise_all_switch_at_the_median():
    for law, (_, distribution) in LAWS.items():
        for factor, expected in ((0.999, 0.0), (1.001, 1.0)):
            params, state = devices(law, n=3)
            step(params, state, 3.0, factor * distribution.median())
            assert np.all(state[X] == expected)


def test_wrong_polarity_and_zero_rates_change_nothing():
    params, state = devices("poisson", n=50)
    rng = np.random.default_rng(6)
    step(params, state, 3.0, 0.01 * TAU, rng)
    before = state.copy()
    step(params, state, -3.0, 1e9, rng)
    step(params, state, 0.0, 1e30, rng)
    assert np.array_equal(state[:, before[X] == 0.0], before[:, before[X] == 0.0])
    stuck, state = devices("poisson", n=50, rate_set=0.0, rate_reset=0.0)
    step(stuck, state, 1e3, 1e30, rng)
    assert not state.any()


def test_charge_is_exact_across_the_switching():
    params, state = devices("poisson", n=200)
    rng = np.random.default_rng(7)
    step(params, state, 3.0, 1e-6 * TAU, rng)  # draws the thresholds
    n, q, g = 200, np.zeros(200), np.zeros(200)
    MODEL.charge(state, np.full((1, n), 3.0), params, np.full(n, TAU), q, 0, n)
    total, pieces = np.zeros(n), 4000
    for _ in range(pieces):
        MODEL.conductance(state, params, g, 0, n)
        total += 3.0 * g * TAU / pieces
        step(params, state, 3.0, TAU / pieces)
    assert np.count_nonzero(state[X]) > 50
    np.testing.assert_allclose(q, total, rtol=0.0, atol=3.0 * 1e-6 * TAU / pieces * 1.01)


def test_extreme_voltages_and_draws_stay_finite():
    params, state = devices("lognormal", n=100, sigma_log=5.0, inverse_shape=10.0)
    rng = np.random.default_rng(8)
    for _ in range(200):
        step(params, state, rng.choice([-1e6, -3.0, 0.0, 3.0, 1e6]), 10.0 ** rng.uniform(-30, 30), rng)
        assert np.all(np.isfinite(state))
        assert np.all((state[:2] >= 0.0) & (state[:2] <= 1.0))
