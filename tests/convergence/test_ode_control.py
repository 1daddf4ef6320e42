"""Error control, edges, bounds and failures of the schemes for ordinary equations."""

import numpy as np
import pytest
from problems import blow_up, driven, integrate, linear, not_a_number_after, square_wave, van_der_pol
from scipy.integrate import solve_ivp

from neurosim.kernels.steppers import problem

SCHEMES = ["euler", "heun", "rk4", "dopri5", "rodas4"]
ADAPTIVE = ["dopri5", "rodas4"]


@pytest.mark.parametrize("rtol", 10.0 ** -np.arange(3, 10))
def test_dopri5_error_follows_its_tolerance_within_a_factor_ten(rtol):
    grid = np.linspace(0, 10, 41)
    exact = np.exp(-0.1 * grid)[:, None] * np.column_stack([np.cos(2 * grid), np.sin(2 * grid)])
    status, record, _ = integrate("dopri5", linear, [1.0, 0.0], grid, values=[0.1, 2.0], rtol=rtol)
    achieved = (np.abs(record - exact) / (1 + np.abs(exact))).max()
    assert status == 0
    assert rtol / 10 < achieved < 10 * rtol


@pytest.mark.parametrize("scheme", ADAPTIVE)
def test_steps_grow_monotonically_in_number_with_accuracy(scheme):
    counts = [integrate(scheme, van_der_pol, [2.0, 0.0], [0, 10], values=[1.0], rtol=r)[2][problem.ACCEPTED]
              for r in (1e-3, 1e-4, 1e-5, 1e-6, 1e-7)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_dopri5_agrees_with_dop853_on_van_der_pol():
    grid = np.linspace(0, 10, 21)
    exact = solve_ivp(lambda t, y: [y[1], (1 - y[0] ** 2) * y[1] - y[0]], (0, 10), [2.0, 0.0], "DOP853", grid,
                      rtol=1e-13, atol=1e-14).y.T
    record = integrate("dopri5", van_der_pol, [2.0, 0.0], grid, values=[1.0], rtol=1e-9)[1]
    np.testing.assert_allclose(record, exact, rtol=0, atol=2e-7)  # 1e-9 grown by the relaxation, states of order 2


def test_rodas4_agrees_with_radau_on_stiff_van_der_pol_in_few_steps():
    mu, grid = 1000.0, np.linspace(0, 1500, 31)
    exact = solve_ivp(lambda t, y: [y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]], (0, 1500), [2.0, 0.0], "Radau", grid,
                      rtol=1e-10, atol=1e-12).y.T
    status, record, report = integrate("rodas4", van_der_pol, [2.0, 0.0], grid, values=[mu], rtol=1e-7)
    assert status == 0
    assert report[problem.ACCEPTED] < 2000
    np.testing.assert_allclose(record[:, 0], exact[:, 0], rtol=0, atol=1e-4)


def test_rodas4_with_independent_blocks_equals_the_coupled_solution():
    args = ("rodas4", driven, [1.0, 0.0, 2.0, -1.0], np.linspace(0, 1, 5))
    together = integrate(*args, values=[200.0], rtol=1e-8)[1]
    apart = integrate(*args, values=[200.0], rtol=1e-8, n_blocks=4)[1]
    # the finite-difference increments, hence the rounding, are the same; only the elimination differs
    np.testing.assert_allclose(apart, together, rtol=1e-10, atol=0)


@pytest.mark.parametrize("scheme", ["heun", "rk4", *ADAPTIVE])
def test_a_step_lands_on_the_edge_of_a_square_wave(scheme):
    t_edge = 0.7312345678901234
    grid = [0.0, 0.3, t_edge, 1.1, 2.0]
    at_edge = 1 - np.exp(-t_edge)
    exact = [0, 1 - np.exp(-0.3), at_edge, *(-2 + (at_edge + 2) * np.exp(-(np.array([1.1, 2.0]) - t_edge)))]
    record = integrate(scheme, square_wave, [0.0], grid, values=[t_edge], edge=[2], step=1e-3, rtol=1e-9)[1]
    np.testing.assert_allclose(record[:, 0], exact, rtol=0, atol=2e-7 if scheme == "heun" else 5e-9)


def test_missing_the_edge_costs_rejected_steps():
    t_edge = 0.7312345678901234
    rejected = [integrate("dopri5", square_wave, [0.0], [0.0, t_edge, 2.0], values=[t_edge], edge=edge, rtol=1e-9)[2]
                [problem.REJECTED] for edge in ([1], [])]
    assert rejected[0] == 0
    assert rejected[1] > 3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_not_a_number_is_a_status_with_time_and_index(scheme):
    status, _, report = integrate(scheme, not_a_number_after, [0.0, 0.0, 0.0], [0.0, 1.0], values=[0.5], step=0.01)
    assert status == problem.NONFINITE
    assert report[problem.WORST] == 2
    assert report[problem.TIME] == pytest.approx(0.5, abs=0.011)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_solution_that_explodes_is_never_ok(scheme):
    status, _, report = integrate(scheme, blow_up, [0.1, 1.0], [0.0, 5.0], step=0.01, max_steps=100_000)
    assert status != problem.OK
    assert report[problem.WORST] == 1
    if scheme in ADAPTIVE:
        assert report[problem.TIME] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_run_stopped_by_max_steps_resumes_to_the_same_accuracy(scheme):
    exact = np.exp(-0.5) * np.array([np.cos(2.0), np.sin(2.0)])
    t, y, h, n_calls, status = 0.0, [1.0, 0.0], 1e-3, 0, problem.TOO_MANY
    while status == problem.TOO_MANY:
        status, record, report, y = integrate(scheme, linear, y, [t, 1.0], values=[0.5, 2.0], step=h, rtol=1e-10,
                                              max_steps=25, with_state=True)
        t, h = report[problem.TIME], report[problem.NEXT_STEP]
        n_calls += 1
    assert n_calls > 1
    np.testing.assert_allclose(record[-1], exact, rtol=0, atol=1e-3 * 2.5 if scheme == "euler" else 2e-6)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_states_never_leave_their_bounds(scheme):
    record = integrate(scheme, linear, [1.0, 0.0], np.linspace(0, 4, 33), values=[0.0, 2.0], step=0.01,
                       bounds=[[-0.5, -0.5], [1.0, 0.7]])[1]
    assert record[:, 0].min() == -0.5
    assert record[:, 1].max() == 0.7


@pytest.mark.parametrize("scheme", ["euler", "heun", "rk4"])
def test_a_fixed_step_scheme_refuses_a_zero_step(scheme):
    assert integrate(scheme, linear, [1.0, 0.0], [0.0, 1.0], values=[0.5, 2.0], step=0.0)[0] == problem.UNDERFLOW


@pytest.mark.parametrize("scheme", ADAPTIVE)
@pytest.mark.parametrize("unit", [1e-12, 1.0, 1e6])
def test_accuracy_does_not_depend_on_the_unit_of_time(scheme, unit):
    record = integrate(scheme, linear, [1.0, 0.0], [0.0, unit], values=[0.5 / unit, 2.0 / unit], rtol=1e-8)[1]
    np.testing.assert_allclose(record[-1], np.exp(-0.5) * np.array([np.cos(2.0), np.sin(2.0)]), rtol=2e-7, atol=0)
