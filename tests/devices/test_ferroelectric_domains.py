"""Nucleation-limited ferroelectric domains against the closed law of their statistics, and their history."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaincinv
from scipy.stats import norm

from devices.memristor.ferroelectric_domains import DOMAINS, DOWN, MODEL, UP, H, M
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import ACTIVATION
from neurosim.library import load_device

N = 3000
CARD = "ferroelectric_domains/hzo_deng2020"
TAU_0, ALPHA, BETA = 3.5725e-6, 3.2975, 2.0


def params_of(n=N, card=CARD, **values):
    return np.repeat(load_device(card).override(**values).params[:, None], n, axis=1)


def fresh(rng, n=N):
    state = MODEL.initial_state(n)
    state[UP:] = rng.standard_normal((2 * DOMAINS, n))
    return state


def apply(state, params, v, seconds, rng):
    n = state.shape[1]
    noise = np.zeros((DOMAINS, n)) if rng is None else rng.standard_normal((DOMAINS, n))
    MODEL.advance(state, np.full((1, n), v), params, noise, np.full(n, seconds), 0, n)
    return state


def switched(field, seconds, fields=None):
    """Fraction of domains switched by a constant field [MV/cm]: the closed law, from the distribution of the fit."""
    if fields is None:
        w = betaincinv(0.5724, 0.7239, (np.arange(DOMAINS) + 0.5) / DOMAINS)
        fields = 1.6698 * (w / (1.0 - w)) ** (1.0 / 6.9307)
    tau = TAU_0 * np.exp((fields / field) ** ALPHA)
    p = 1.0 - np.exp(-((seconds / tau) ** BETA))
    return p.mean(), np.sqrt(np.sum(p * (1.0 - p)) / N) / DOMAINS


@pytest.mark.parametrize(("field", "tau"), [(0.8, 0.294), (1.0, 809e-6), (1.2, 69.8e-6), (1.4, 21.4e-6)])
def test_median_switching_time_of_a_domain(field, tau):
    # All domains at 1.67 MV/cm with median thresholds switch together at tau (ln 2)^(1 / beta).
    params = params_of(1, **{f"field_{k + 1}": 1.67e8 for k in range(DOMAINS)})
    goal = tau * np.sqrt(np.log(2.0))
    for factor, up in ((0.99, 0.0), (1.01, 1.0)):
        state = apply(MODEL.initial_state(1), params, field, goal * factor, None)
        np.testing.assert_allclose(state[M:H], up, atol=1e-3)


@pytest.mark.parametrize("field", [1.0, 1.4, 2.0])
@pytest.mark.parametrize("pieces", [1, 6])
def test_switched_fraction_follows_the_law_of_time(field, pieces):
    for decade in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2):
        rng, params = np.random.default_rng(1), params_of(switch_rate=1e12)
        state = fresh(rng)
        for _ in range(pieces):
            apply(state, params, field, decade / pieces, rng)
        p, error = switched(field, decade)
        assert abs(state[M:H].mean() - p) <= 5.0 * error + 1e-6


@pytest.mark.parametrize("n", [1.0, 2.0, 3.0])
def test_equal_domains_follow_avrami(n):
    rng = np.random.default_rng(2)
    params = params_of(beta=n, switch_rate=1e12, **{f"field_{k + 1}": 1.67e8 for k in range(DOMAINS)})
    tau = TAU_0 * np.exp((1.67 / 1.2) ** ALPHA)
    t = np.array([0.5, 1.0, 1.5])
    p = np.array([apply(fresh(rng), params, 1.2, s * tau, rng)[M:H].mean() for s in t])
    np.testing.assert_allclose(p, 1.0 - np.exp(-(t**n)), atol=5.0 * 0.5 / np.sqrt(N * DOMAINS), rtol=0.0)
    slope = np.polyfit(np.log(t), np.log(-np.log(1.0 - p)), 1)[0]
    # d(ln(-ln(1 - p))) = dp / ((1 - p) ln(1 / (1 - p))): at most 4 dp at both ends of a range of ln 3.
    assert abs(slope - n) < 5.0 * 6.0 * 0.5 / np.sqrt(N * DOMAINS)


def test_pulses_accumulate_and_pauses_lose_nothing():
    params = params_of(1)
    whole = apply(MODEL.initial_state(1), params, 1.2, 10e-6, None)
    parts = MODEL.initial_state(1)
    for _ in range(10):
        apply(parts, params, 1.2, 1e-6, None)
        apply(parts, params, 0.0, 1.0, None)
    np.testing.assert_allclose(parts, whole, rtol=1e-9, atol=1e-12)


def test_reversed_field_removes_nuclei_and_a_weak_read_does_not():
    params = params_of(1)
    start = apply(MODEL.initial_state(1), params, 1.2, 1e-6, None)
    read = apply(start.copy(), params, -0.2, 1.0, None)
    np.testing.assert_allclose(read[H:UP], start[H:UP], rtol=1e-12)
    reversed_ = apply(start.copy(), params, -1.2, 0.2e-6, None)
    assert np.all(reversed_[H:H + 4] <= 0.0)


def test_threshold_of_the_way_back_is_drawn_anew():
    # Up, down, up again: each time the closed law, whatever the thresholds before.
    rng, params = np.random.default_rng(3), params_of(switch_rate=1e12, collapse=1e8)
    state = apply(fresh(rng), params, 3.0, 1e-3, rng)
    assert state[M:H].min() > 0.999
    for _ in range(3):
        apply(state, params, -1.4, 2e-5, rng)
        p, error = switched(1.4, 2e-5)
        assert abs(1.0 - state[M:H].mean() - p) <= 5.0 * error + 1e-5
        apply(state, params, -3.0, 1e-3, rng)
        apply(state, params, 3.0, 1e-3, rng)
    correlation = np.corrcoef(state[DOWN:].ravel(), fresh(rng)[DOWN:].ravel())[0, 1]
    assert abs(correlation) < 5.0 / np.sqrt(N * DOMAINS)
    assert abs(state[DOWN:].std() - 1.0) < 5.0 / np.sqrt(2 * N * DOMAINS)


def test_latent_threshold_is_exponential():
    from devices.memristor.ferroelectric_law import survival_exponent

    @kernel(ACTIVATION)
    def evaluate(drive, params, out, slope, start, stop):
        for j in range(stop - start):
            out[0, j] = survival_exponent(drive[0, j])

    z = np.linspace(-8.6, 8.6, 201)[None, :].copy()
    out = np.zeros_like(z)
    evaluate(z, np.zeros((1, 1)), out, np.zeros_like(z), 0, z.size)
    np.testing.assert_allclose(out[0], -norm.logsf(z[0]), rtol=2e-7)


@pytest.mark.parametrize("v", [0.0, 1e-300, 1e-3, 3.0, -3.0, 1e6, -1e6])
def test_extreme_drives_give_bounded_states_that_return(v):
    rng, params = np.random.default_rng(4), params_of(1)
    state = fresh(rng, 1)
    for seconds in (0.0, 1e-12, 1.0, 1e12, 1e300):
        apply(state, params, v, seconds, rng)
        assert np.all(np.isfinite(state))
        assert np.all(np.abs(state[H:UP]) <= 50.0)
    for sign in (1.0, -1.0, 1.0):
        apply(state, params, 3.0 * sign, 1e-2, rng)
        np.testing.assert_allclose(state[M:H], float(sign > 0), atol=1e-9)
