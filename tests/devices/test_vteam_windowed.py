"""VTEAM with Messaris' window: the published law, its integral over the place, thresholds, walls, bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expi

from devices.memristor.vteam_windowed import MODEL, STUCK_DRIVE, slow_rate

DUT2 = {"k_off": 2150.0, "k_on": -1.2e5, "alpha_off": 1.0, "alpha_on": 6.0, "v_off": 0.5, "v_on": -0.5,
        "width_off": 3.37e-4, "width_on": 0.43, "r_on": 1e4, "r_off": 1.7e4}


def columns(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(x, v, dt, **values):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), columns(**values), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


def test_time_is_the_exponential_integral():
    # dt = exp(e^(x / w)) dx / s: t = (w / s) (Ei(e^(x_1 / w)) - Ei(e^(x_0 / w))), with s = 3100 (2.2 / 1.1 - 1)^8.69.
    seconds = 0.39 / 3100.0 * (expi(np.exp(0.9 / 0.39)) - expi(np.exp(0.2 / 0.39)))
    np.testing.assert_allclose(pulse(0.2, 2.2, seconds), 0.9, rtol=1e-10)


@pytest.mark.parametrize(("values", "v", "start", "end"), [
    ({}, 1.6, 0.0, 0.4), ({}, -1.2, 1.0, 0.5), (DUT2, 1.0, 0.0, 1e-3), (DUT2, -1.0, 0.9, 0.2),
    ({"b_p": 1e-6, "c_p": 1e6}, 1.6, 0.1, 0.6),
])
def test_time_and_charge_are_integrals_over_the_place(values, v, start, end):
    p = {spec.name: spec.default for spec in MODEL.params} | values
    side = "p" if v > 0.0 else "n"

    def pace(x):
        return 1.0 / abs(slow_rate([x], [v], p)[0])

    exact = {"epsrel": 1e-12, "epsabs": 0.0, "limit": 500}
    seconds = abs(quad(pace, start, end, **exact)[0])
    np.testing.assert_allclose(pulse(start, v, seconds, **values), end, rtol=1e-9)
    q = np.zeros(1)
    MODEL.charge(np.array([[start]]), np.array([[v]]), columns(**values), np.array([seconds]), q, 0, 1)
    held = abs(quad(lambda x: pace(x) / (p["r_on"] + (p["r_off"] - p["r_on"]) * x), start, end, **exact)[0])
    np.testing.assert_allclose(q[0], p[f"c_{side}"] * np.sinh(p[f"b_{side}"] * v) * held, rtol=1e-9)


TECHNION = {"r_on": 50.0, "r_off": 1000.0, "k_off": 5e-4 / 3e-9, "k_on": -10.0 / 3e-9, "alpha_off": 1.0, "alpha_on": 3.0,
            "v_off": 0.02, "v_on": -0.2}


@pytest.mark.parametrize(("v", "seconds"), [(1.0, 134.524e-9), (0.6, None), (-0.45, None)])
def test_joglekar_window_is_crossed_in_the_logistic_time(v, seconds):
    # x from 0.1 to 0.9 under dx/dt = 4 r x (1 - x): ln(81) / (4 r); 134.524 ns at 1 V.
    speed = TECHNION["k_off"] * (v / 0.02 - 1.0) if v > 0.0 else -TECHNION["k_on"] * (v / -0.2 - 1.0) ** 3
    logistic = np.log(81.0) / (4.0 * speed)
    if seconds:
        np.testing.assert_allclose(logistic, seconds, rtol=1e-5)
    start, end = (0.1, 0.9) if v > 0.0 else (0.9, 0.1)
    np.testing.assert_allclose(pulse(start, v, logistic, window=1.0, **TECHNION), end, rtol=1e-9)


@pytest.mark.parametrize(("v", "seconds"), [(1.0, 167.986e-9), (0.7, None)])
def test_biolek_window_is_crossed_in_the_area_tangent(v, seconds):
    # x from 0.1 to 0.9 under dx/dt = r (1 - x^2): (artanh 0.9 - artanh 0.1) / r; 167.986 ns at 1 V.
    time = (np.arctanh(0.9) - np.arctanh(0.1)) / (TECHNION["k_off"] * (v / 0.02 - 1.0))
    if seconds:
        np.testing.assert_allclose(time, seconds, rtol=1e-5)
    np.testing.assert_allclose(pulse(0.1, v, time, window=2.0, **TECHNION), 0.9, rtol=1e-9)


@pytest.mark.parametrize("window", [1.0, 2.0, 3.0, 4.0])
@pytest.mark.parametrize("v", [1.3, -0.9])
def test_edge_windows_move_by_their_law_and_never_lock(window, v):
    p = {spec.name: spec.default for spec in MODEL.params} | {"window": window, "exponent": 2.0, "height": 0.7}
    changed = {name: p[name] for name in ("window", "exponent", "height")}
    start, end = (0.25, 0.7) if v > 0.0 else (0.7, 0.25)
    seconds = abs(quad(lambda x: 1.0 / slow_rate([x], [v], p)[0], start, end, epsrel=1e-12, epsabs=0.0)[0])
    np.testing.assert_allclose(pulse(start, v, seconds, **changed), end, rtol=1e-9)
    for bound, back in ((0.0, 1.3), (1.0, -0.9)):
        assert pulse(bound, back, 1e9, **changed) == 1.0 - bound


def test_motion_dies_as_the_logarithm_of_the_logarithm_of_time():
    # A narrow wall: e^(x / w) is about log(s t / w), so 1e6 times the time is a few widths.
    x = [pulse(0.0, 1.0, t, **DUT2) for t in (1.0, 1e3, 1e6)]
    for t, found in zip((1.0, 1e3, 1e6), x, strict=True):
        guess = np.log(2150.0 * t / 3.37e-4)
        assert abs(np.exp(found / 3.37e-4) - guess) < np.log(guess) + 1.0


def test_nothing_moves_between_the_thresholds():
    for v in (1.1, -0.5, 0.3, 0.0):
        assert pulse(0.4, v, 1e9) == 0.4
    low, high = np.zeros(1), np.zeros(1)
    MODEL.dead_zone(columns(k_on=0.0, k_off=0.0), low, high, 0, 1)
    assert (low[0], high[0]) == (-STUCK_DRIVE, STUCK_DRIVE)


@pytest.mark.parametrize("values", [{}, DUT2])
def test_state_driven_into_its_wall_returns(values):
    x = 0.5
    for _ in range(10):
        x = pulse(x, 2.0, 10.0, **values)
    assert pulse(x, -1.5, 10.0, **values) < x
    low = 0.5
    for _ in range(10):
        low = pulse(low, -2.0, 10.0, **values)
    assert pulse(min(low, 1e-4), 2.0, 10.0, **values) > min(low, 1e-4)


@pytest.mark.parametrize("values", [{}, DUT2, {"alpha_off": 50.0, "alpha_on": 50.0, "k_off": 1e30}])
def test_state_stays_finite_and_bounded_at_any_drive(values):
    n, rng = 64, np.random.default_rng(2)
    state, params, out, q = rng.random((1, n)), columns(n, **values), np.zeros((1, n)), np.zeros(n)
    state[0, :2] = 0.0, 1.0
    for scale in (0.0, 1.0, 5.0, 1e6, 1e300):
        v, dt = scale * rng.uniform(-1.0, 1.0, (1, n)), np.ones(n)
        MODEL.rate(state, v, params, out, 0, n)
        MODEL.charge(state, v, params, dt, q, 0, n)
        assert np.all(np.isfinite(out))
        assert np.all(np.isfinite(q))
        MODEL.advance(state, v, params, np.zeros((0, n)), dt, 0, n)
        assert np.all((state >= 0.0) & (state <= 1.0))
