"""Strong orders on one Brownian path that is refined consistently, and the laws of the exact steps."""

import importlib
import math

import numpy as np
import pytest
from problems import slope

from neurosim.kernels import rng
from neurosim.kernels.jit import kernel
from neurosim.kernels.signatures import DIFFUSION, RATE
from neurosim.kernels.steppers import euler_maruyama, heun_stratonovich
from neurosim.kernels.steppers.ornstein_uhlenbeck import ornstein_uhlenbeck, slow_ornstein_uhlenbeck
from neurosim.kernels.steppers.population_system import HEADER, N_COLUMN
from neurosim.kernels.steppers.problem import ACCEPTED, NONFINITE, OK, REJECTED, REPORT_SIZE, WORST
from neurosim.kernels.steppers.two_state import occupation, telegraph
from neurosim.kernels.tables import function_table

DRIFT, VOLATILITY = 0.5, 0.8
FINEST = 1024  # draws over the unit of time
KEY, PURPOSE = 0x1234_5678_9ABC_DEF0, 3


@kernel(RATE)
def growth(state, drive, params, out, start, stop):
    """dx/dt = a x."""
    x, dx, a = state[0, start:stop], out[0, start:stop], params[0, start:stop]
    for i in range(stop - start):
        dx[i] = a[i] * x[i]


@kernel(DIFFUSION)
def proportional(state, drive, params, out, start, stop):
    """Noise b x."""
    x, dx, b = state[0, start:stop], out[0, start:stop], params[1, start:stop]
    for i in range(stop - start):
        dx[i] = b[i] * x[i]


@kernel(DIFFUSION)
def constant(state, drive, params, out, start, stop):
    """Noise b."""
    dx, b = out[0, start:stop], params[1, start:stop]
    for i in range(stop - start):
        dx[i] = b[i]


def run(scheme, diffusion, n, n_steps, *, drift=DRIFT, volatility=VOLATILITY, n_fine=None, key=KEY, bounds=None):
    layout = np.array([1, n, 1, 2, 1, 0, 2 * n, 3 * n, 1], dtype=np.int64)
    assert layout.size == HEADER + 2
    values = np.concatenate([np.full(n, drift), np.full(n, volatility), np.zeros(n), np.zeros(N_COLUMN)])
    grid, y = np.array([0.0, 1.0]), np.ones(n)
    record, report = np.zeros((2, n)), np.zeros(REPORT_SIZE)
    limits = np.repeat([[-np.inf], [np.inf]], n, axis=1) if bounds is None else np.repeat(bounds, n, axis=1)
    module = importlib.import_module(f"neurosim.kernels.steppers.{scheme}")
    status = getattr(module, scheme)(
        function_table("rate", [growth]), function_table("diffusion", [diffusion]), rng.fill_normal, grid, y, layout,
        values, limits, 1.0 / n_steps, n_fine or FINEST // n_steps, np.uint64(key), PURPOSE, 0, 10**9, record, report)
    return status, record[-1], report


def brownian_path(n, key=KEY):
    """Brownian motion at the finest times, shape (FINEST + 1, n)."""
    path, normal = np.zeros((FINEST + 1, n)), np.zeros((1, n))
    for j in range(FINEST):
        rng.fill_normal(normal, np.uint64(key), PURPOSE, j, 0, n)
        path[j + 1] = path[j] + normal[0] * math.sqrt(1.0 / FINEST)
    return path


def strong_errors(scheme, diffusion, exact, n, counts):
    errors = []
    for n_steps in counts:
        status, end, report = run(scheme, diffusion, n, n_steps)
        assert status == OK
        assert report[ACCEPTED] == n_steps
        errors.append(np.abs(end - exact).mean())
    return [1.0 / c for c in counts], errors


COUNTS = [8, 16, 32, 64, 128, 256]


def test_euler_maruyama_has_strong_order_one_half_on_geometric_brownian_motion():
    w = brownian_path(4000)[-1]
    exact = np.exp(DRIFT - VOLATILITY**2 / 2 + VOLATILITY * w)  # Ito
    found = slope(*strong_errors("euler_maruyama", proportional, exact, 4000, COUNTS))
    assert found == pytest.approx(euler_maruyama.STRONG_ORDER, abs=0.2)


def test_heun_has_strong_order_one_on_geometric_brownian_motion():
    w = brownian_path(2000)[-1]
    exact = np.exp(DRIFT + VOLATILITY * w)  # Stratonovich
    found = slope(*strong_errors("heun_stratonovich", proportional, exact, 2000, COUNTS))
    assert found == pytest.approx(heun_stratonovich.STRONG_ORDER, abs=0.2)


def test_euler_maruyama_has_strong_order_one_for_additive_noise():
    # x(1) = e^a + b int_0^1 e^(a (1 - s)) dW, integrated on the finest path by parts: exact to O(1/FINEST).
    w = brownian_path(500)
    s = np.linspace(0, 1, FINEST + 1)
    kernel_ = np.exp(DRIFT * (1 - s))[:, None]
    exact = np.exp(DRIFT) + VOLATILITY * (w[-1] + np.trapezoid(DRIFT * kernel_ * w, s, axis=0))
    found = slope(*strong_errors("euler_maruyama", constant, exact, 500, COUNTS[:-1]))
    assert found == pytest.approx(euler_maruyama.STRONG_ORDER_ADDITIVE, abs=0.2)


def test_ito_and_stratonovich_schemes_differ_by_the_noise_induced_drift():
    schemes = ("heun_stratonovich", "euler_maruyama")
    mean = [np.log(run(scheme, proportional, 4000, 256)[1]).mean() for scheme in schemes]
    # same paths, so the difference b^2/2 has the small spread of the strong errors only
    assert mean[0] - mean[1] == pytest.approx(VOLATILITY**2 / 2, abs=0.01)


@pytest.mark.parametrize("scheme", ["euler_maruyama", "heun_stratonovich"])
def test_halving_the_step_does_not_change_the_variance(scheme):
    n = 20_000
    for n_steps in (16, 32, 64):
        end = run(scheme, constant, n, n_steps, drift=0.0, volatility=0.3, n_fine=1)[1]
        # Var(b W(1)) = b^2; standard error of a variance sqrt(2/n)
        assert abs(end.var() / 0.3**2 - 1) < 5 * math.sqrt(2 / n)


@pytest.mark.parametrize("scheme", ["euler_maruyama", "heun_stratonovich"])
def test_key_and_seed_decide_the_path(scheme):
    first, again, other = (run(scheme, proportional, 64, 16, key=key)[1] for key in (KEY, KEY, KEY + 1))
    assert np.array_equal(first, again)
    assert not np.any(first == other)


@pytest.mark.parametrize("scheme", ["euler_maruyama", "heun_stratonovich"])
def test_not_a_number_stops_a_stochastic_run(scheme):
    status, _, report = run(scheme, proportional, 8, 16, volatility=math.nan)
    assert status == NONFINITE
    assert report[WORST] == 0


@pytest.mark.parametrize("scheme", ["euler_maruyama", "heun_stratonovich"])
def test_clipped_values_are_counted(scheme):
    _, end, report = run(scheme, constant, 1000, 64, drift=0.0, bounds=[[0.5], [1.5]])
    assert report[REJECTED] > 0
    assert end.min() >= 0.5
    assert end.max() <= 1.5


@pytest.mark.parametrize("ratio", [0.01, 0.3, 5.0])
def test_ornstein_uhlenbeck_variance_does_not_depend_on_the_step(ratio):
    n, tau, sigma, mean = 20_000, 2e-9, 0.7, 3.0
    generator = np.random.default_rng(5)
    x = mean + sigma * generator.standard_normal(n)  # already stationary
    start = x.copy()
    for _ in range(8):
        ornstein_uhlenbeck(x, np.full(n, mean), np.full(n, sigma), np.full(n, tau), ratio * tau,
                           generator.standard_normal(n), 0, n)
    assert abs(x.mean() - mean) < 5 * sigma / math.sqrt(n)
    assert abs(x.var() / sigma**2 - 1) < 5 * math.sqrt(2 / n)
    assert abs(np.corrcoef(x, start)[0, 1] - math.exp(-8 * ratio)) < 5 / math.sqrt(n)


def test_ornstein_uhlenbeck_equals_its_slow_twin():
    x, z = np.array([1.0, -2.0, 0.5]), np.array([0.3, -1.1, 2.0])
    expected = slow_ornstein_uhlenbeck(x, 0.2, 0.4, 3.0, 1.7, z)
    ornstein_uhlenbeck(x, np.full(3, 0.2), np.full(3, 0.4), np.full(3, 3.0), 1.7, z, 0, 3)
    np.testing.assert_allclose(x, expected, rtol=1e-14, atol=0)


def test_occupation_reaches_the_stationary_law_and_splits_exactly():
    up, down = np.array([2.0, 1e9, 0.0]), np.array([6.0, 1e8, 0.0])
    whole, halves = np.array([0.1, 0.9, 0.4]), np.array([0.1, 0.9, 0.4])
    occupation(whole, up, down, 1e-9, 0, 3)
    occupation(halves, up, down, 4e-10, 0, 3)
    occupation(halves, up, down, 6e-10, 0, 3)
    np.testing.assert_allclose(halves, whole, rtol=1e-14, atol=0)
    occupation(whole, up, down, 1e3, 0, 3)
    np.testing.assert_allclose(whole, [0.25, 1e9 / 1.1e9, 0.4], rtol=1e-14, atol=0)


@pytest.mark.parametrize("n_steps", [1, 2, 8])
def test_telegraph_law_does_not_depend_on_the_number_of_steps(n_steps):
    n, up, down, time = 40_000, 2.0, 6.0, 0.15
    state, generator = np.zeros(n), np.random.default_rng(11)
    for _ in range(n_steps):
        telegraph(state, np.full(n, up), np.full(n, down), time / n_steps, generator.random(n), 0, n)
    expected = 0.25 * (1 - math.exp(-8 * time))  # Machlup 1954
    assert set(np.unique(state)) == {0.0, 1.0}
    assert abs(state.mean() - expected) < 5 * math.sqrt(expected * (1 - expected) / n)
