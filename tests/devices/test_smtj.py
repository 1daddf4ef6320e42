"""The superparamagnetic junction: detailed balance, tanh, dwell times, exact steps, and the energy of its mean field."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.spintronic.smtj import MEAN_FIELD, MODEL, TELEGRAPH
from neurosim.kernels.rng import fill_normal

I_C = 1e-6  # default of the model


def columns(size, /, **rows):
    params = MODEL.default_params(size)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def rest(x, **params):
    x = np.atleast_2d(np.asarray(x, dtype=float))
    n = x.shape[1]
    out, slope = np.empty((1, n)), np.empty((1, n))
    MODEL.activation(x * I_C, columns(n, v_r=1.0, **params), out, slope, 0, n)
    return out[0], slope[0] * I_C


def flown(x, duration, steps, size, seed=1, **params):
    """Return the states of ``size`` telegraphs after every step, shape (steps, size), started from -1."""
    drive, dt, noise = np.full((1, size), x * I_C), np.full(size, duration), np.empty((1, size))
    state, table, history = np.full((1, size), -1.0), columns(size, **params), np.empty((steps, size))
    for step in range(steps):
        fill_normal(noise, np.uint64(seed), 0, step, 0, size)
        TELEGRAPH.advance(state, drive, table, noise, dt, 0, size)
        history[step] = state[0]
    return history


@pytest.mark.parametrize("delta", [0.5, 4.0, 40.0])
def test_mean_at_rest_is_the_tanh_of_the_published_laws(delta):
    x = np.linspace(-0.9, 0.9, 7)
    np.testing.assert_allclose(rest(x, delta=delta, n=1.0)[0], np.tanh(delta * x), rtol=1e-13, atol=1e-14)
    np.testing.assert_allclose(rest(x, delta=delta, n=2.0)[0], np.tanh(2 * delta * x), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("n", [1.0, 1.3, 2.0])
def test_slope_of_the_activation_is_its_derivative(n):
    x, h = np.array([-1.4, -0.7, 0.0, 0.2, 0.8, 1.6]), 1e-6
    slope = (rest(x + h, delta=1.7, n=n)[0] - rest(x - h, delta=1.7, n=n)[0]) / (2 * h)
    np.testing.assert_allclose(rest(x, delta=1.7, n=n)[1], slope, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("n", "tolerance"), [(1.0, 1e-12), (1.5, 1e-6), (2.0, 1e-10)])
def test_potential_is_the_integral_of_the_current_that_holds_the_voltage(n, tolerance):
    delta, v_r, x_off, gain = 3.0, 0.05, 0.1, 2.0
    x = np.array([-1.3, -0.5, 0.1, 0.6, 1.2])
    s, out = rest(x, delta=delta, n=n)[0], np.empty(x.size)
    params = columns(x.size, delta=delta, n=n, v_r=v_r, x_off=x_off, gain=gain)
    MODEL.potential((v_r * s)[None], params, out, 0, x.size)

    def mean(y):
        powers = (1 + y, 1 - y) if n == 1.0 else (max(0, 1 + y) ** n, max(0, 1 - y) ** n)
        return math.tanh(0.5 * delta * (powers[0] - powers[1]))

    # Legendre: the integral of I dV along the rest curve, I = (x - x_off) I_c / gain.
    for k, end in enumerate(x):
        area = quad(mean, 0.0, end, epsabs=0, epsrel=1e-12, points=[math.copysign(1.0, end)] if abs(end) > 1 else None)[0]
        expected = v_r * I_C / gain * (s[k] * (end - x_off) - area)
        assert out[k] == pytest.approx(expected, rel=tolerance)


def test_dwell_times_are_exponential_with_the_rates_of_the_barriers():
    # Steps of a twentieth of the shorter dwell, so that flips within a step are rare; 3 % of them are missed.
    delta, x, tau_0 = 3.0, 0.2, 1e-10
    up, down = math.exp(-delta * (1 - x)) / tau_0, math.exp(-delta * (1 + x)) / tau_0
    step, steps, size = 0.01 / up, 4000, 400
    history = flown(x, step, steps, size, delta=delta, tau_0=tau_0)
    down_steps, up_steps = np.sum(history < 0), np.sum(history > 0)
    rises, falls = np.sum((history[1:] > 0) & (history[:-1] < 0)), np.sum((history[1:] < 0) & (history[:-1] > 0))
    seen_up = -math.expm1(-(up + down) * step) * up / (up + down)  # chance to be found up after one step, from the exact law
    seen_down = -math.expm1(-(up + down) * step) * down / (up + down)
    assert abs(rises / down_steps - seen_up) < 5 * math.sqrt(seen_up / down_steps)
    assert abs(falls / up_steps - seen_down) < 5 * math.sqrt(seen_down / up_steps)


@pytest.mark.parametrize("split", [1, 7])
def test_law_of_a_telegraph_does_not_depend_on_how_time_is_split(split):
    delta, x, tau_0, size = 2.0, -0.3, 1e-10, 40_000
    duration = 4e-10
    state = flown(x, duration / split, split, size, seed=split, delta=delta, tau_0=tau_0)[-1]
    up, down = math.exp(-delta * (1 - x)) / tau_0, math.exp(-delta * (1 + x)) / tau_0
    at_rest = (up - down) / (up + down)
    mean = at_rest + (-1.0 - at_rest) * math.exp(-(up + down) * duration)
    assert set(np.unique(state)) == {-1.0, 1.0}
    assert abs(state.mean() - mean) < 5 * math.sqrt((1 - mean**2) / size)


def test_mean_field_is_the_mean_of_telegraphs():
    params, duration = columns(1), np.full(1, 3e-9)
    state = np.full((1, 1), -1.0)
    MEAN_FIELD.advance(state, np.full((1, 1), 0.1 * I_C), params, np.empty((0, 1)), duration, 0, 1)
    size = 40_000
    sampled = flown(0.1, 3e-9, 1, size, delta=4.0)[-1]
    assert abs(sampled.mean() - state[0, 0]) < 5 / math.sqrt(size)


@pytest.mark.parametrize("drive", [0.0, 1.0, -1e6])
@pytest.mark.parametrize("n", [1.0, 1.5, 2.0])
def test_extreme_drives_and_barriers_stay_finite_and_inside(drive, n):
    size = 8
    state = np.linspace(-1, 1, size)[None].copy()
    params = columns(size, delta=200.0, n=n)
    MEAN_FIELD.advance(state, np.full((1, size), drive), params, np.empty((0, size)), np.full(size, 1e6), 0, size)
    assert np.all(np.abs(state) <= 1.0)
    change = np.empty_like(state)
    MODEL.rate(state, np.full((1, size), drive), params, change, 0, size)
    assert np.all(np.isfinite(change))


@pytest.mark.parametrize("form", [MEAN_FIELD, TELEGRAPH])
def test_the_variant_for_linear_barriers_is_the_same_law(form):
    size, rng = 200, np.random.default_rng(5)
    params = columns(size, delta=rng.uniform(0.1, 30, size), gain=rng.uniform(0.5, 2, size), x_off=rng.normal(0, 0.2, size),
                     tau_0=10.0 ** rng.uniform(-12, -8, size))
    fast = form.select(params)
    assert fast is not form
    assert form.select(columns(2, n=[1.0, 1.5])) is form
    drive, duration = rng.normal(0, I_C, (1, size)), 10.0 ** rng.uniform(-12, -6, size)
    noise, start = rng.normal(size=(1, size)), np.where(rng.random((1, size)) < 0.5, -1.0, 1.0)
    ends, rates = [], []
    for model in (form, fast):
        state, out = start.copy(), np.empty((1, size))
        model.rate(state, drive, params, out, 0, size)
        model.advance(state, drive, params, noise, duration, 0, size)
        ends.append(state)
        rates.append(out)
    np.testing.assert_allclose(rates[1], rates[0], rtol=1e-10)
    np.testing.assert_allclose(ends[1], ends[0], rtol=0, atol=1e-12)
