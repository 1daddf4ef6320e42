"""TEAM against its law in exact arithmetic, scipy's integrals, the published fits, and its current threshold."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.memristor.team import MODEL, STUCK_DRIVE

NARROW = {"r_on": 50.0, "r_off": 1e3, "k_off": 1.46e-9 / 0.6, "k_on": -4.68e-13 / 0.6, "alpha_off": 10.0,
          "alpha_on": 10.0, "i_off": 115e-6, "i_on": -8.9e-6, "a_off": 1e3, "a_on": -1e3, "width": 0.1783}
STEEP = NARROW | {"r_on": 1e3, "r_off": 1e5, "k_off": 4.13e-33 / 0.6, "k_on": -4.13e-33 / 0.6, "alpha_off": 25.0,
                  "alpha_on": 25.0, "curved": 1.0}


def columns(n=1, **values):
    params = MODEL.default_params(n)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def pulse(x, v, dt, **values):
    state = np.array([[float(x)]])
    MODEL.advance(state, np.array([[float(v)]]), columns(**values), np.zeros((0, 1)), np.array([float(dt)]), 0, 1)
    return state[0, 0]


def rate(x, v, **values):
    out = np.zeros((1, 1))
    MODEL.rate(np.array([[float(x)]]), np.array([[float(v)]]), columns(**values), out, 0, 1)
    return out[0, 0]


def test_rate_spans_nineteen_decades_without_underflow():
    # k (i / i_on - 1)^25 at -1 mA is 10^18.8 nm/s, over 0.6 nm; at 20 uA, 2.25 thresholds, it is 1.1e-30 / s.
    np.testing.assert_allclose(math.log10(-0.6 * rate(0.0 + 1e-12, -1.0, **STEEP)), 18.8, atol=0.05)
    np.testing.assert_allclose(rate(1e-12, -20e-3, **STEEP), -4.13e-33 / 0.6 * (20.0 / 8.9 - 1.0) ** 25, rtol=1e-9)


def test_published_fit_has_its_speeds():
    # 1 V over 50 ohm is 20 mA: 1.46e-9 nm/s (20 / 0.115 - 1)^10 over 0.6 nm.
    np.testing.assert_allclose(rate(0.0, 1.0, **NARROW), 1.46e-9 / 0.6 * (20.0 / 0.115 - 1.0) ** 10, rtol=1e-12)


@pytest.mark.parametrize(("values", "v", "start", "end"), [
    (NARROW, 1.0, 0.0, 0.9), (NARROW, -0.3, 1.0, 0.9), (STEEP, 3.0, 0.0, 0.2), (STEEP, -1.0, 0.4, 0.39),
    ({}, 0.05, 0.1, 0.9), ({}, -0.05, 0.8, 0.2), ({"curved": 1.0}, 0.05, 0.1, 0.8),
    ({"alpha_off": 1.5, "width": 0.01}, 0.05, 0.0, 0.95), ({"alpha_off": 0.0, "a_off": 0.2, "width": 0.2}, 0.05, 0.0, 0.3),
])
def test_time_and_charge_are_integrals_over_the_place(values, v, start, end):
    p = {spec.name: spec.default for spec in MODEL.params} | values

    def r(x):
        return p["r_on"] * (p["r_off"] / p["r_on"]) ** x if p["curved"] else p["r_on"] + (p["r_off"] - p["r_on"]) * x

    def pace(x):
        side = "off" if v > 0.0 else "on"
        wall = (x - p["a_off"] if v > 0.0 else p["a_on"] - x) / p["width"]
        return math.exp(math.exp(wall) - math.log(abs(p[f"k_{side}"]))
                        - p[f"alpha_{side}"] * math.log(v / r(x) / p[f"i_{side}"] - 1.0))

    exact = {"epsrel": 1e-12, "epsabs": 0.0, "limit": 1000}
    seconds = abs(quad(pace, start, end, **exact)[0])
    np.testing.assert_allclose(pulse(start, v, seconds, **values), end, rtol=1e-9)
    q = np.zeros(1)
    MODEL.charge(np.array([[start]]), np.array([[v]]), columns(**values), np.array([seconds]), q, 0, 1)
    expected = v * abs(quad(lambda x: pace(x) / r(x), start, end, **exact)[0])
    np.testing.assert_allclose(q[0], expected, rtol=1e-9)


def test_motion_towards_off_stops_where_the_current_falls_to_its_threshold():
    # 15 mV: i = 1 uA at R = 15 kohm, x = 0.5. It is approached as a power of time, never passed.
    x = [pulse(0.1, 15e-3, t, a_off=1e3) for t in (1.0, 1e3, 1e6, 1e12)]
    assert all(one < two < 0.5 for one, two in itertools.pairwise(x))
    # Near the end di/i_th = (x_end - x) / 1.5: e' = -10 (e / 1.5)^3, so e = sqrt(1.5^3 / (20 t)).
    np.testing.assert_allclose(0.5 - x[-1], math.sqrt(1.5**3 / 20e12), rtol=1e-5)


def test_state_below_the_threshold_keeps_its_bits_for_a_year():
    rng, n = np.random.default_rng(1), 200
    params = columns(n, r_off=rng.uniform(1e4, 1e5, n), i_off=rng.uniform(1e-7, 1e-5, n), i_on=-rng.uniform(1e-7, 1e-5, n))
    low, high, x = np.zeros(n), np.zeros(n), rng.random((1, n))
    x[0, :3] = 0.0
    MODEL.dead_zone(params, low, high, 0, n)
    for v in (low, high, np.zeros(n)):
        state = x.copy()
        MODEL.advance(state, v[None, :].copy(), params, np.zeros((0, n)), np.full(n, 3e7), 0, n)
        assert state.tobytes() == x.tobytes()
    stuck = columns(1, k_on=0.0, k_off=0.0)
    MODEL.dead_zone(stuck, low, high, 0, 1)
    assert (low[0], high[0]) == (-STUCK_DRIVE, STUCK_DRIVE)
    assert pulse(0.3, 5.0, 1e9, k_on=0.0, k_off=0.0) == 0.3


@pytest.mark.parametrize("values", [NARROW, STEEP, {}, {"width": 1e-3}])
def test_state_driven_into_a_bound_returns(values):
    v = 3.0 if values else 0.1
    high = pulse(0.05, v, 1e-3, **values)
    for _ in range(10):
        high = pulse(high, v, 1.0, **values)
    assert pulse(high, -v, 1e3, **values) < high
    assert pulse(0.0, v, 1e3, **values) > 0.0


def test_state_stays_finite_and_bounded_at_any_drive():
    n, rng = 64, np.random.default_rng(2)
    for values in (NARROW, STEEP, {"width": 1e-4}, {"alpha_off": 50.0, "alpha_on": 50.0, "k_off": 1e30}):
        state, params = rng.random((1, n)), columns(n, **values)
        state[0, :2] = 0.0, 1.0
        out, q = np.zeros((1, n)), np.zeros(n)
        for scale in (0.0, 1e-9, 1.0, 1e6, 1e300):
            v, dt = scale * rng.uniform(-1.0, 1.0, (1, n)), np.ones(n)
            MODEL.rate(state, v, params, out, 0, n)
            assert np.all(np.isfinite(out))
            MODEL.charge(state, v, params, dt, q, 0, n)
            assert np.all(np.isfinite(q))
            MODEL.advance(state, v, params, np.zeros((0, n)), dt, 0, n)
            assert np.all((state >= 0.0) & (state <= 1.0))


@pytest.mark.parametrize("name", ["g_max", "g_min", "rate", "threshold_up", "threshold_down"])
def test_every_handle_changes_what_it_names(name):
    def outcome(factor):
        values = {spec.name: spec.default for spec in MODEL.params}
        for target in MODEL.handles[name].params:
            values[target] *= factor ** MODEL.handles[name].power
        return {"g_max": 1.0 / values["r_on"], "g_min": 1.0 / values["r_off"], "up": -rate(0.5, -0.1, **values),
                "down": rate(0.5, 0.1, **values)}

    before, after = outcome(1.0), outcome(1.1)
    changed = {key for key in before if abs(after[key] / before[key] - 1.0) > 1e-3}
    expected = {"g_max": {"g_max", "up", "down"}, "g_min": {"g_min", "up", "down"}, "rate": {"up", "down"},
                "threshold_up": {"up"}, "threshold_down": {"down"}}[name]
    assert changed == expected
