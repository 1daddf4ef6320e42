"""Demagnetising factors against published values, limits, and an independent integration in Fourier space."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import j1

from devices.spintronic.demagnetisation import elliptic_cylinder, prism, round_cylinder, thin_pillar
from neurosim.errors import ParameterError

SHAPES = (prism, elliptic_cylinder, thin_pillar)


def test_cube_has_a_third_on_each_axis():
    np.testing.assert_allclose(prism(3e-9, 3e-9, 3e-9), 1 / 3, rtol=1e-13, atol=0)


def test_prisms_have_the_published_factors():
    np.testing.assert_allclose(prism(50e-9, 50e-9, 1.6e-9), (0.04256, 0.04256, 0.91487), rtol=1e-4, atol=0)
    # the 5 : 1 : 0.1 prism of the second standard problem of micromagnetics
    np.testing.assert_allclose(prism(5.0, 1.0, 0.1), (0.0218296, 0.115224, 0.862946), rtol=3e-6, atol=0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lengths", [(40e-9, 40e-9, 1.3e-9), (120e-9, 200e-9, 1.5e-9), (1.0, 2.0, 3.0), (1.0, 1.0, 50.0)])
def test_factors_add_to_one_and_fall_with_the_length(shape, lengths):
    factors = np.array(shape(*lengths))
    np.testing.assert_allclose(factors.sum(), 1.0, rtol=1e-14, atol=0)
    assert np.all(factors > 0)
    if shape is not thin_pillar:
        order = np.argsort(lengths)
        assert np.all(np.diff(factors[order]) <= 1e-12)


@pytest.mark.parametrize("turn", [(0, 1, 2), (1, 2, 0), (2, 1, 0)])
def test_prism_does_not_know_the_names_of_its_axes(turn):
    lengths = np.array([1.0, 0.6, 0.25])
    np.testing.assert_allclose(np.array(prism(*lengths))[list(turn)], prism(*lengths[list(turn)]), rtol=1e-12, atol=0)


@pytest.mark.parametrize("ratio", [1e-3, 0.0325, 0.3, 1.0, 5.0, 29.9, 30.1, 300.0])
def test_round_cylinder_equals_its_fourier_integral(ratio):
    # N = 2 int J_1(k)^2/k (1 - exp(-2 p k))/(2 p k) dk for radius one; the tail of J_1^2 is 1/(pi k)
    def integrand(k):
        return 2 * j1(k) ** 2 / k * -math.expm1(-2 * ratio * k) / (2 * ratio * k)

    edges = np.concatenate([[0, 0.01, 0.1], np.arange(1, 400) * math.pi])
    total = sum(quad(integrand, low, high, epsrel=1e-11, epsabs=0)[0] for low, high in itertools.pairwise(edges))
    last = edges[-1]
    tail = quad(lambda k: 2 / (math.pi * k * k) * -math.expm1(-2 * ratio * k) / (2 * ratio * k), last, np.inf, epsabs=1e-8)[0]
    np.testing.assert_allclose(round_cylinder(ratio), total + tail, rtol=2e-5, atol=0)  # the tail is a mean


def test_cylinder_as_high_as_wide_has_the_tabulated_factor():
    np.testing.assert_allclose(round_cylinder(1.0), 0.3116, rtol=2e-4, atol=0)  # D.-X. Chen et al., IEEE TMAG 27, 3601 (1991)


def test_round_ellipse_is_the_round_cylinder():
    n_x, n_y, n_z = elliptic_cylinder(40e-9, 40e-9, 1.3e-9)
    np.testing.assert_allclose(n_z, round_cylinder(1.3 / 40), rtol=1e-13, atol=0)
    np.testing.assert_allclose(n_x, n_y, rtol=1e-12, atol=0)
    np.testing.assert_allclose(thin_pillar(40e-9, 40e-9, 1.3e-9)[2], 0.9317, rtol=1e-4, atol=0)


def test_long_elliptic_cylinder_has_the_factors_of_the_infinite_one():
    n_x, n_y, _ = elliptic_cylinder(1.0, 3.0, 1e4)
    np.testing.assert_allclose((n_x, n_y), (0.75, 0.25), rtol=3e-4, atol=0)  # b/(a + b), ends fall like 1/t


def test_flat_ellipse_lies_near_the_flat_ellipsoid_and_prism():
    # Same order of axes and magnitude: bodies of equal extents differ by their edges only.
    ellipse, box = elliptic_cylinder(120e-9, 200e-9, 1.5e-9), prism(120e-9, 200e-9, 1.5e-9)
    np.testing.assert_allclose(ellipse[:2], box[:2], rtol=0.35, atol=0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("lengths", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, math.nan), (1.0, 1.0, 1e-9)])
def test_bodies_that_are_none_are_refused(shape, lengths):
    with pytest.raises(ParameterError, match="demagnetising factors"):
        shape(*lengths)
