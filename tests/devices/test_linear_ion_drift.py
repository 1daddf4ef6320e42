"""The HP film (100 ohm, 16 kohm, 10 nm, Q_D = 0.1 mC, x_0 = 0.1) against its closed flux form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices.memristor.linear_ion_drift import MODEL

PARAMS = MODEL.default_params(1)
M_0, DELTA, Q_D = 14_410.0, 15_900.0, 1e-4


def pulse(x, v, dt):
    state = np.array([[x]])
    MODEL.advance(state, np.array([[v]]), PARAMS, np.zeros((0, 1)), np.array([dt]), 0, 1)
    return state[0, 0]


def rate(x, v):
    out = np.zeros((1, 1))
    MODEL.rate(np.array([[x]]), np.array([[v]]), PARAMS, out, 0, 1)
    return out[0, 0]


def test_full_on_takes_the_flux_of_the_closed_form():
    # (M_0^2 - r_on^2) Q_D / (2 DELTA) = 0.652950 Wb.
    assert pulse(0.1, 1.0, 0.652950 * (1.0 - 1e-9)) < 1.0
    assert pulse(0.1, 1.0, 0.652950 * (1.0 + 1e-9)) == 1.0
    np.testing.assert_allclose(pulse(0.1, 1.0, 0.644), 0.9, rtol=1e-12)


@pytest.mark.parametrize(("frequency", "largest"), [(2.0, 0.218148830125), (1.0, 0.357466901)])
def test_sine_reaches_the_published_maximum(frequency, largest):
    # All flux of the half wave, V / (pi f), given as one constant pulse: only the flux counts.
    np.testing.assert_allclose(pulse(0.1, 1.0, 1.0 / (np.pi * frequency)), largest, rtol=3e-9)
    solution = solve_ivp(lambda t, x: [rate(x[0], np.sin(2.0 * np.pi * frequency * t))], (0.0, 0.5 / frequency), [0.1],
                         rtol=1e-11, atol=1e-13, method="DOP853")
    np.testing.assert_allclose(solution.y[0, -1], largest, rtol=3e-9)


@pytest.mark.parametrize(("frequency", "area"), [(1.0, 8.927705e-6), (2.0, 3.450833e-6), (5.0, 1.216601e-6),
                                                 (10.0, 5.852082e-7), (100.0, 5.658805e-8)])
def test_lobe_area_is_the_closed_form(frequency, area):
    steps = 4000
    t = np.linspace(0.0, 1.0 / frequency, 2 * steps + 1)
    v, x = np.sin(2.0 * np.pi * frequency * t), np.empty(2 * steps + 1)
    x[0] = 0.1
    flux = np.diff((1.0 - np.cos(2.0 * np.pi * frequency * t)) / (2.0 * np.pi * frequency))
    for k in range(2 * steps):
        x[k + 1] = pulse(x[k], 1.0, flux[k]) if flux[k] > 0.0 else pulse(x[k], -1.0, -flux[k])
    i = v / (16e3 - DELTA * x)
    up = np.sum(0.5 * (i[1:steps + 1] + i[:steps]) * np.diff(v[:steps + 1]))
    np.testing.assert_allclose(abs(up), area, rtol=2e-5)


def test_charge_is_a_single_valued_function_of_flux():
    # Q(phi) = Q_D (x - x_0): any wave form with the same flux gives the same charge.
    rng = np.random.default_rng(3)
    x, flux, charge, q = 0.1, 0.0, 0.0, np.zeros(1)
    for v, dt in zip(rng.uniform(-1.0, 1.0, 300), rng.uniform(0.0, 0.02, 300), strict=True):
        if not 0.0 <= flux + v * dt <= 0.6:
            continue
        MODEL.charge(np.array([[x]]), np.array([[v]]), PARAMS, np.array([dt]), q, 0, 1)
        x, flux, charge = pulse(x, v, dt), flux + v * dt, charge + q[0]
        m = np.sqrt(M_0**2 - 2.0 * DELTA * flux / Q_D)
        np.testing.assert_allclose(16e3 - DELTA * x, m, rtol=1e-12)
        np.testing.assert_allclose(charge, Q_D * (x - 0.1), rtol=0.0, atol=1e-16)


def test_state_does_not_lock_at_its_bounds():
    on = pulse(0.1, 1.0, 10.0)
    assert on == 1.0
    assert pulse(on, -1.0, 1e-6) < 1.0
    off = pulse(0.1, -1.0, 10.0)
    assert off == 0.0
    assert pulse(off, 1.0, 1e-6) > 0.0
