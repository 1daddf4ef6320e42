"""Two-state switches against closed forms: Fermi and exponential rates, relaxation, rest, extremes."""

from __future__ import annotations

import numpy as np
import pytest

from devices.memristor.two_state import MODEL

THERMAL = 1.380649e-23 * 298.5 / 1.602176634e-19
KNOWM = {"rate_plus": 1e4, "rate_minus": 1e4, "v_plus": 0.27, "v_minus": -0.27, "w_plus": THERMAL, "w_minus": THERMAL,
         "saturation": 1.0}
MEMDIODE = {"rate_plus": 1.0 / 1.796e6, "rate_minus": 1.0 / 132.0, "v_plus": 0.0, "v_minus": 0.0, "w_plus": 0.0899,
            "w_minus": 0.1905, "saturation": 0.0}


def params_of(values):
    params = MODEL.default_params(1)
    for name, value in values.items():
        params[MODEL.param_index[name]] = value
    return params


def after(values, x, v, dt):
    state = np.array([[x]])
    MODEL.advance(state, np.array([[v]]), params_of(values), np.zeros((3, 1)), np.array([dt]), 0, 1)
    return state[0, 0]


@pytest.mark.parametrize(("values", "v", "tau", "rtol"), [
    (KNOWM, 0.0, 1.80957, 3e-6), (KNOWM, 0.1, 74.238e-3, 1e-5), (KNOWM, 0.2, 1.62005e-3, 3e-6),
    (KNOWM, 0.3, 131.152e-6, 3e-6), (MEMDIODE, 1.2, 2.866, 2e-4), (MEMDIODE, 1.3, 0.9423, 6e-5),
    (MEMDIODE, 1.5, 0.1019, 5e-4)])
def test_relaxation_time_is_the_inverse_sum_of_the_rates(values, v, tau, rtol):
    # Tolerances: half a unit of the last printed digit.
    rest = after(values, 0.2, v, 1e6 * tau)
    one = after(values, 0.2, v, tau)
    np.testing.assert_allclose((one - rest) / (0.2 - rest), np.exp(-1.0), rtol=2.0 * rtol)


def test_rest_state_is_the_balance_of_the_rates():
    np.testing.assert_allclose(after(KNOWM, 0.1, 0.1, 1e4), 0.9995796, rtol=1e-7)
    np.testing.assert_allclose(after(KNOWM, 0.9, 0.0, 1e4), 0.5, rtol=1e-14)


def test_saturation_changes_the_law():
    assert after(KNOWM, 0.2, 0.4, 1e-5) != after(KNOWM | {"saturation": 0.0}, 0.2, 0.4, 1e-5)


def test_no_rate_means_stuck_and_extreme_rates_stay_finite():
    stuck = KNOWM | {"rate_plus": 0.0, "rate_minus": 0.0}
    assert after(stuck, 0.37, 5.0, 1e9) == 0.37
    assert after(MEMDIODE, 0.37, 90.0, 1.0) == 1.0
    assert after(MEMDIODE, 0.37, -1e3, 1e300) <= 1e-15
