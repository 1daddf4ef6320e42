"""Rest points, resonances and critical drives found by linear algebra, against closed forms and papers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from devices.spintronic.llg import GAMMA_0
from devices.spintronic.macrospin import MODEL
from devices.spintronic.macrospin_scales import critical_current
from devices.spintronic.stability import astroid, critical_drive, kittel_in_plane, kittel_perpendicular, resonance, rest_point
from neurosim.errors import ParameterError
from neurosim.units import ELEMENTARY_CHARGE, HBAR, MU_0

DEFAULTS = {spec.name: spec.default for spec in MODEL.params}
UP, ALONG = (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)
IN_PLANE = DEFAULTS | {"h_k": 2e4, "m_s": 1e6, "n_z": 1.0, "u_x": 1.0, "u_z": 0.0, "p_x": 1.0, "p_z": 0.0}


@pytest.mark.parametrize(("degrees", "expected"), [(5, 0.7664), (15, 0.6147), (30, 0.5240), (45, 0.5000), (0, 1), (90, 1)])
def test_astroid_has_the_published_values(degrees, expected):
    np.testing.assert_allclose(astroid(math.radians(degrees)), expected, rtol=1e-4, atol=0)


@pytest.mark.parametrize("degrees", [5, 15, 30, 45, 70])
def test_state_against_a_field_loses_stability_on_the_astroid(degrees):
    psi = math.radians(degrees)
    params = DEFAULTS | {"h_k": 1e5}
    found = critical_drive(params, UP, lambda h: (h * math.sin(psi), 0, -h * math.cos(psi), 0, 0), 1.2e5)
    np.testing.assert_allclose(found, astroid(psi) * 1e5, rtol=1e-5, atol=0)


def test_hard_axis_rest_point_is_the_clipped_field():
    for h in (0.25, 0.5, 0.9, 1.2):
        m = rest_point(DEFAULTS | {"h_k": 2e5}, (h * 2e5, 0, 0, 0, 0), (0.1, 0.0, 0.995))
        np.testing.assert_allclose(m[0], min(h, 1.0), rtol=1e-9, atol=0)


def test_resonances_are_those_of_kittel():
    np.testing.assert_allclose(kittel_in_plane(5e4, 2e4, 1e6), 9.63819e9, rtol=1e-6, atol=0)
    params = IN_PLANE | {"alpha": 1e-4}
    np.testing.assert_allclose(resonance(params, (5e4, 0, 0, 0, 0), ALONG).frequency, 9.63819e9, rtol=1e-6, atol=0)
    params = DEFAULTS | {"alpha": 1e-4, "h_k": 2e5, "m_s": 8e5, "n_z": 0.1, "n_x": 0.45, "n_y": 0.45}
    expected = kittel_perpendicular(3e4, 2e5 + 8e5 * 0.35)
    np.testing.assert_allclose(resonance(params, (0, 0, 3e4, 0, 0), UP).frequency, expected, rtol=1e-6, atol=0)


def test_decay_of_a_perpendicular_moment_is_that_of_linear_stability():
    alpha, h_k = 0.03, 2e5
    params = DEFAULTS | {"alpha": alpha, "h_k": h_k}
    i = 0.4 * critical_current(params)
    expected = alpha * GAMMA_0 * h_k / (1 + alpha**2) * 0.6
    np.testing.assert_allclose(resonance(params, (0, 0, 0, -i, 0), UP).decay, expected, rtol=1e-5, atol=0)


@pytest.mark.parametrize("h", [0.0, 0.3, -0.4])
def test_critical_current_of_a_perpendicular_moment_is_the_closed_form(h):
    params = DEFAULTS | {"alpha": 0.02, "h_k": 3e5}
    found = critical_drive(params, UP, lambda i: (0, 0, h * 3e5, i, 0), -2 * critical_current(params))
    np.testing.assert_allclose(found, -(1 + h) * critical_current(params), rtol=1e-6, atol=0)


def test_critical_current_in_the_plane_is_alpha_times_h_k_plus_half_m_s():
    params = IN_PLANE | {"alpha": 0.02, "m_s": 8e5, "volume": 2e-24, "eta": 0.6}
    expected = 0.02 * (2e4 + 4e5) * 2 * ELEMENTARY_CHARGE * MU_0 * 8e5 * 2e-24 / (HBAR * 0.6)
    found = critical_drive(params, ALONG, lambda i: (0, 0, 0, i, 0), -2 * expected)
    np.testing.assert_allclose(found, -expected, rtol=1e-3, atol=0)  # terms of order alpha^2 and a_d^2 / (H M_s)


def test_state_that_stays_stable_is_told():
    with pytest.raises(ParameterError, match="stable up to"):
        critical_drive(DEFAULTS | {"h_k": 3e5}, UP, lambda i: (0, 0, 0, i, 0), 1e-9)
