"""Orders of every scheme, from closed forms and from scipy at 1e-13."""

import importlib

import numpy as np
import pytest
from problems import driven, integrate, linear, logistic_driven, slope, van_der_pol
from scipy.integrate import solve_ivp

SCHEMES = ["euler", "heun", "rk4", "dopri5", "rodas4"]
HALVINGS = 5
COARSEST = {"euler": 1 / 64, "heun": 1 / 16, "rk4": 1 / 8, "dopri5": 1 / 4, "rodas4": 1 / 4}
LOOSE = 1e30  # error control switched off: every step has the length asked for


def trajectory_slope(scheme, rhs, y0, grid, exact, values, coarsest):
    """Slope of the largest error over the whole trajectory: the error at one time can pass through zero."""
    steps, errors = [], []
    for k in range(HALVINGS + 1):
        step = coarsest / 2**k
        status, record, report = integrate(scheme, rhs, y0, grid, values=values, step=step, max_step=step,
                                           rtol=LOOSE, scale=LOOSE)
        assert status == 0
        assert report[2] == round(grid[-1] / step)
        steps.append(step)
        errors.append(np.abs(record - exact).max())
    return slope(steps, errors)


def declared(scheme):
    return importlib.import_module(f"neurosim.kernels.steppers.{scheme}").ORDER


@pytest.mark.parametrize("scheme", SCHEMES)
def test_order_on_a_damped_rotation_is_the_declared_one(scheme):
    grid = np.linspace(0, 4, 9)
    exact = np.exp(-0.5 * grid)[:, None] * np.column_stack([np.cos(2 * grid), np.sin(2 * grid)])
    found = trajectory_slope(scheme, linear, [1.0, 0.0], grid, exact, [0.5, 2.0], COARSEST[scheme])
    assert found == pytest.approx(declared(scheme), abs=0.2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_order_on_van_der_pol_is_the_declared_one(scheme):
    grid = np.linspace(0, 8, 17)
    exact = solve_ivp(lambda t, y: [y[1], 0.2 * (1 - y[0] ** 2) * y[1] - y[0]], (0, 8), [2.0, 0.0], "DOP853", grid,
                      rtol=2.3e-14, atol=1e-16, max_step=0.05).y.T
    found = trajectory_slope(scheme, van_der_pol, [2.0, 0.0], grid, exact, [0.2], COARSEST[scheme])
    assert found == pytest.approx(declared(scheme), abs=0.2)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_order_on_a_non_autonomous_problem_is_the_declared_one(scheme):
    grid = np.linspace(0, 4, 9)
    exact = 1 / (1 + np.exp(-np.sin(grid)))[:, None]
    coarsest = 0.5 if scheme in ("dopri5", "rodas4") else COARSEST[scheme]  # below 1/64 only rounding is left
    found = trajectory_slope(scheme, logistic_driven, [0.5], grid, exact, [0.0], coarsest)
    assert found == pytest.approx(declared(scheme), abs=0.2)


def test_rodas4_stays_accurate_where_explicit_schemes_explode():
    # Prothero-Robinson, rate 1e4: an explicit step above 3e-4 diverges (Hairer & Wanner II, section IV.15).
    record = integrate("rodas4", driven, [1.0], [0.0, 1.0], values=[1e4], step=1 / 8, max_step=1 / 8, rtol=1e-3)[1]
    np.testing.assert_allclose(record[-1], np.cos(1.0), rtol=1e-5, atol=0)
    assert integrate("rk4", driven, [1.0], [0.0, 1.0], values=[1e4], step=1 / 8)[1][-1, 0] < -1e3


@pytest.mark.parametrize(("scheme", "order"), [("dopri5", 4), ("rodas4", 3)])
def test_dense_output_has_its_declared_order(scheme, order):
    # Two record times inside each step; the error of the interpolant itself is of order h^(order + 1) in a step.
    steps, errors = [], []
    for k in range(HALVINGS):
        h = 0.5 / 2**k
        inside = np.sort(np.concatenate([np.arange(0, 2, h) + 0.3 * h, np.arange(0, 2, h) + 0.7 * h]))
        grid = np.concatenate([[0.0], inside, [2.0]])
        status, record, report = integrate(scheme, linear, [1.0, 0.0], grid, values=[0.5, 2.0], step=h, max_step=h,
                                           rtol=LOOSE, scale=LOOSE)
        assert status == 0
        assert report[2] == round(2 / h)
        exact = np.exp(-0.5 * grid)[:, None] * np.column_stack([np.cos(2 * grid), np.sin(2 * grid)])
        steps.append(h)
        errors.append(np.abs(record - exact).max())
    assert slope(steps, errors) > order - 0.2
    assert order == importlib.import_module(f"neurosim.kernels.steppers.{scheme}").DENSE_ORDER


def test_rodas4_coefficients_satisfy_their_row_sum_conditions():
    # Hairer & Wanner II (7.12): alpha = A Gamma, row sums alpha_s = c_s and gamma_s = d_s.
    from neurosim.kernels.steppers import rodas4 as r

    a = np.zeros((6, 6))
    a[1, :1], a[2, :2], a[3, :3] = r.A21, (r.A31, r.A32), (r.A41, r.A42, r.A43)
    a[4, :4] = r.A51, r.A52, r.A53, r.A54
    a[5, :5] = r.A51, r.A52, r.A53, r.A54, 1.0
    c = np.zeros((6, 6))
    c[1, :1], c[2, :2], c[3, :3] = r.C21, (r.C31, r.C32), (r.C41, r.C42, r.C43)
    c[4, :4], c[5, :5] = (r.C51, r.C52, r.C53, r.C54), (r.C61, r.C62, r.C63, r.C64, r.C65)
    gamma = np.linalg.inv(np.eye(6) / r.GAMMA - c)
    np.testing.assert_allclose((a @ gamma).sum(axis=1), [0, r.TIME2, r.TIME3, r.TIME4, 1, 1], atol=1e-13)
    np.testing.assert_allclose(gamma.sum(axis=1), [r.D1, r.D2, r.D3, r.D4, 0, 0], atol=1e-13)
