"""Mean-field ferroelectric tunnel junction against its closed law and the law of the domains that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betaincinv

from devices.memristor.ferroelectric_tunnel import MODEL
from neurosim.library import load_device

MERZ, HZO = "ferroelectric_tunnel/chanthbouala2012", "ferroelectric_tunnel/hzo_deng2020"
GAMMA, FULL = 1.0, 2.0 * np.arctan(10.0)


def after(x, v, seconds, card=MERZ, **values):
    params = load_device(card).override(**values).params[:, None].copy()
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), params, np.zeros((0, 1)), np.array([float(seconds)]), 0, 1)
    return state[0, 0]


@pytest.mark.parametrize("v", [2.0, 3.0, 4.0])
def test_switched_fraction_is_the_arctangent_of_log_time(v):
    mean = 1e-10 * np.exp(20.0 / v)
    for t in mean * np.array([1e-3, 0.1, 1.0, 7.0, 100.0]):
        expected = 0.5 + np.arctan(np.log(t / mean) / GAMMA) / FULL
        passed = t - mean * np.exp(-10.0 * GAMMA)  # all down is the time of the fastest domain
        np.testing.assert_allclose(after(0.0, v, passed), expected, rtol=1e-10)
        np.testing.assert_allclose(1.0 - after(1.0, -v, passed), expected, rtol=1e-10)


def test_half_switching_times_follow_merz():
    v = np.array([2.0, 2.5, 3.0, 4.0])
    t = np.geomspace(1e-10, 1e-4, 4001)
    half = [t[np.searchsorted([after(0.0, u, s) for s in t], 0.5)] for u in v]
    np.testing.assert_allclose(np.polyfit(1.0 / v, np.log(half), 1)[0], 20.0, rtol=1e-3)


@pytest.mark.parametrize("v", [1.2, 1.4])
def test_mean_field_of_hzo_stays_near_the_domains(v):
    w = betaincinv(0.5724, 0.7239, (np.arange(4000) + 0.5) / 4000)
    tau = 3.5725e-6 * np.exp(np.minimum(600.0, (1.6698 * (w / (1.0 - w)) ** (1.0 / 6.9307) / v) ** 3.2975))
    for t in (1e-5, 3e-5, 1e-4):
        domains = np.mean(1.0 - np.exp(-((t / tau) ** 2)))
        assert abs(after(0.0, v, t, HZO) - domains) < 0.12  # what a width that does not depend on the voltage costs


def test_a_long_pulse_may_be_split():
    whole, parts = after(0.3, -2.5, 1e-6), 0.3
    for _ in range(10):
        parts = after(parts, -2.5, 1e-7)
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


def test_reads_do_not_move_and_bounds_do_not_lock():
    assert abs(after(0.5, 0.3, 3e7) - 0.5) < 1e-11  # a year at v_read_max
    assert after(0.5, 0.0, 1e300) == 0.5
    assert after(1.0, -4.0, 1e-7) < 0.5
    assert after(0.0, 4.0, 1e-7) > 0.5
    assert after(0.4, 4.0, 1.0, rate=0.0) == 0.4


@pytest.mark.parametrize("v", [1e-300, 1e-3, 1e6, -1e6])
@pytest.mark.parametrize("seconds", [0.0, 1e-300, 1e300])
def test_extremes_stay_bounded(v, seconds):
    for x in (0.0, 0.5, 1.0):
        assert 0.0 <= after(x, v, seconds) <= 1.0
        q = np.zeros(1)
        params = load_device(HZO).params[:, None].copy()
        MODEL.charge(np.array([[x]]), np.array([[v]]), params, np.array([min(seconds, 1e200)]), q, 0, 1)
        assert np.isfinite(q[0])
