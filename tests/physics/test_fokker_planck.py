"""Exact switching rates against tabulated eigenvalues, limits, a matrix, and the magnetisation dynamics itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from devices.spintronic.fokker_planck import (
    boltzmann_mean,
    high_barrier_rate,
    occupation,
    slowest_rate,
    switching_rates,
)
from neurosim.errors import ParameterError

TABLE = {1: 0.653140, 2: 0.403841, 3: 0.235701, 4: 0.129835, 5: 0.0677032, 6: 0.0336132, 8: 0.00736220, 10: 0.00144109,
         15: 1.86324e-5, 20: 1.9716564e-7, 30: 1.6755839e-11}  # from 15 on: inverse iteration on 70 polynomials with 40 digits
IN_FIELD = {(5, 0.1): 0.0892727, (8, 0.1): 0.0153674, (5, 0.2): 0.156579, (8, 0.2): 0.0475062}


@pytest.mark.parametrize(("sigma", "expected"), TABLE.items())
def test_slowest_rate_is_the_tabulated_eigenvalue(sigma, expected):
    np.testing.assert_allclose(slowest_rate(sigma), expected, rtol=5e-6, atol=0)  # six printed digits


@pytest.mark.parametrize(("point", "expected"), IN_FIELD.items())
def test_slowest_rate_in_a_field_is_the_tabulated_eigenvalue(point, expected):
    np.testing.assert_allclose(slowest_rate(*point), expected, rtol=5e-6, atol=0)
    np.testing.assert_allclose(slowest_rate(point[0], -point[1]), expected, rtol=5e-6, atol=0)


@pytest.mark.parametrize("sigma", [0.0, 0.3, 4.0, 9.0])
@pytest.mark.parametrize("h", [0.0, 0.15, 0.7, 1.3])
def test_slowest_rate_equals_the_eigenvalue_of_the_operator_on_legendre_polynomials(sigma, h):
    n = 60  # f'' form: L = (1/2) d/dx (1 - x^2) d/dx + sigma (x + h)(1 - x^2) d/dx, backward operator
    k = np.arange(n)
    up = np.diag((k[:-1] + 1) / (2 * k[:-1] + 1), -1) + np.diag(k[1:] / (2 * k[1:] - 1 + 2), 1)  # x P_k in P_{k+1}, P_{k-1}
    slope = np.zeros((n, n))  # (1 - x^2) P_k' = k (k + 1)/(2 k + 1) (P_{k-1} - P_{k+1})
    slope[k[1:] - 1, k[1:]] = k[1:] * (k[1:] + 1) / (2 * k[1:] + 1)
    slope[k[:-1] + 1, k[:-1]] = -k[:-1] * (k[:-1] + 1) / (2 * k[:-1] + 1)
    operator = -0.5 * np.diag(k * (k + 1.0)) + sigma * (up + h * np.eye(n)) @ slope
    values = np.sort(-np.linalg.eigvals(operator).real)
    np.testing.assert_allclose(slowest_rate(sigma, h), values[values > 1e-9][0], rtol=1e-7, atol=0)


def test_rate_of_free_rotation_is_that_of_diffusion():
    np.testing.assert_allclose(slowest_rate(0.0), 1.0, rtol=1e-12, atol=0)


@pytest.mark.parametrize("sigma", [40.0, 80.0, 150.0])
def test_high_barriers_approach_browns_asymptote_by_one_over_sigma(sigma):
    ratio = slowest_rate(sigma) / high_barrier_rate(sigma)
    np.testing.assert_allclose((1 - ratio) * sigma, 1.0, rtol=3 / sigma, atol=0)  # 1 - 1/sigma - ..., Brown 1977
    assert slowest_rate(25.0, 0.3) < high_barrier_rate(25.0, 0.3)


@pytest.mark.parametrize(("sigma", "h"), [(3.0, 0.2), (20.0, 0.1), (60.0, -0.4), (5.0, 1.5)])
def test_rates_balance_in_detail_and_add_to_the_slowest(sigma, h):
    up, down = switching_rates(sigma, h)
    np.testing.assert_allclose(up + down, slowest_rate(sigma, h), rtol=1e-12, atol=0)
    np.testing.assert_allclose(up / (up + down), occupation(sigma, h), rtol=1e-12, atol=0)
    mirrored = switching_rates(sigma, -h)
    np.testing.assert_allclose(mirrored, (down, up), rtol=1e-9, atol=0)


@pytest.mark.parametrize(("sigma", "h", "expected"), [(4.0, 0.25, 0.8128), (1e-9, 0.6825e9, 0.4070)])
def test_boltzmann_mean_has_the_published_values(sigma, h, expected):
    if sigma < 1e-6:  # no anisotropy: Langevin at xi = 2 sigma h = 1.365
        xi = 2 * sigma * h
        found, exact = 1 / math.tanh(xi) - 1 / xi, 1 / math.tanh(1.365) - 1 / 1.365
        np.testing.assert_allclose(found, exact, rtol=1e-9, atol=0)
        return
    exact = (quad(lambda x: x * math.exp(sigma * (x * x + 2 * h * x)), -1, 1)[0]
             / quad(lambda x: math.exp(sigma * (x * x + 2 * h * x)), -1, 1)[0])
    np.testing.assert_allclose(boltzmann_mean(sigma, h), exact, rtol=1e-10, atol=0)
    np.testing.assert_allclose(exact, expected, rtol=1e-3, atol=0)


@pytest.mark.parametrize("point", [(-1.0, 0.0), (400.0, 0.0), (1.0, math.nan)])
def test_points_without_a_number_are_refused(point):
    with pytest.raises(ParameterError, match="Fokker-Planck"):
        slowest_rate(*point)
