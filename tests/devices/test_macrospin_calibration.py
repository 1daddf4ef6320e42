"""The levels of the macrospin agree: exact rates, telegraph card, simulated dynamics; what has no exact rates says why."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from devices.spintronic.fokker_planck import slowest_rate, switching_rates
from devices.spintronic.macrospin import MODEL
from devices.spintronic.macrospin_calibration import calibrate, moment
from devices.spintronic.macrospin_ensemble import relax
from devices.spintronic.macrospin_scales import critical_current, thermal_stability
from devices.spintronic.telegraph_fit import fit_telegraph
from neurosim.cli import run
from neurosim.library import load_device
from neurosim.units import BOLTZMANN, MU_0

DEFAULTS = {spec.name: spec.default for spec in MODEL.params}


def values(card, **overrides):
    device = load_device(card).override(**overrides)
    return {spec.name: device.value(spec.name) for spec in device.model.params}


@pytest.mark.parametrize("sigma", [1.0, 3.0, 5.0, 10.0, 20.0, 43.0, 80.0])
def test_telegraph_follows_the_exact_rates_within_five_per_cent(sigma):
    fit = fit_telegraph(sigma)
    assert fit.deviation < 0.05
    for h in (-0.5, -0.21, 0.0, 0.13, 0.42):
        up, down = fit.log_rates(h)
        np.testing.assert_allclose((up, down), np.log(switching_rates(sigma, h)), rtol=0, atol=0.051)


def test_telegraph_of_a_high_barrier_has_the_exponent_two_of_a_uniaxial_moment():
    fit = fit_telegraph(120.0, 0.2)
    np.testing.assert_allclose((fit.n, fit.h_c, fit.delta), (2.0, 1.0, 120.0), rtol=0.05, atol=0)


def test_moment_has_the_stability_and_current_scale_of_the_closed_forms():
    params = values("macrospin/ikeda2010")
    seen = moment(params)
    assert seen.why == ""
    np.testing.assert_allclose(seen.sigma, thermal_stability(params), rtol=1e-12, atol=0)
    np.testing.assert_allclose(seen.h_k / seen.field_per_ampere, critical_current(params), rtol=1e-12, atol=0)
    np.testing.assert_allclose(seen.tau_n, MU_0 * params["m_s"] * params["volume"] * (1 + 0.027**2)
                               / (2 * 0.027 * 2.212761e5 * BOLTZMANN * 300), rtol=1e-6, atol=0)


@pytest.mark.parametrize(("change", "reason"), [
    ({"n_x": 0.2}, "hard axes differ"), ({"h_k": -1e5}, "no easy axis"), ({"p_x": 1.0}, "reference layer"),
    ({"h_k2": 1e4}, "second-order"), ({"j_1": 1e-5}, "bilinear"), ({"asymmetry": 1.5}, "asymmetric"),
    ({"temperature": 0.0}, "temperature"), ({"volume": 1e-21}, "barrier")])
def test_moments_without_exact_rates_say_why(change, reason):
    result = calibrate(DEFAULTS | change)
    assert not result.cards
    assert reason in " ".join(result.notes)
    assert any(number.name == "resonance" for number in result.numbers)


def test_axis_of_the_moment_is_that_of_least_energy_whatever_makes_it():
    biquadratic = DEFAULTS | {"h_k": 0.0, "j_2": 1e-4, "p_x": 0.6, "p_z": 0.8}
    seen = moment(biquadratic)
    np.testing.assert_allclose(seen.axis, [0.6, 0.0, 0.8], rtol=0, atol=1e-12)
    np.testing.assert_allclose(seen.h_k, 2e-4 / (MU_0 * 1e6 * 1e-9), rtol=1e-12, atol=0)
    assert seen.why == ""


@pytest.mark.parametrize(("drive", "change"), [
    ("critical_current", {"eta": 0.6}), ("critical_line_current", {"eta": 0.0})])
def test_critical_currents_in_the_plane_are_those_of_the_mean_stiffness(drive, change):
    params = values("macrospin/in_plane_ellipse", alpha=0.005) | change
    seen = moment(params)
    found = {number.name: number.value for number in calibrate(params).numbers}[drive]
    target = 1.602176634e-19 * 2 * MU_0 * params["m_s"] * 0.005 * seen.stiffness / 1.054571817e-34  # a_d = alpha stiffness
    expected = target * params["volume"] / 0.6 if drive == "critical_current" else (
        target * params["thickness"] * params["line_area"] / params["theta_sh"])
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=0)  # terms of order alpha^2
    levels = np.array([params[f"n_{axis}"] for axis in "xyz"]) * params["m_s"]
    np.testing.assert_allclose(seen.stiffness, 0.5 * (levels[0] + levels[2]) - levels[1], rtol=1e-9, atol=0)


@pytest.mark.slow
def test_simulated_switching_has_the_exact_rate_and_mean_at_every_drive():
    # sigma = 4, alpha = 0.1: half the dwell time is 9.375 ns here (tau_N lambda_1 = 0.129835)
    params = DEFAULTS | {"m_s": 1e6, "h_k": 1.5e5, "alpha": 0.1, "volume": 2 * 4 * BOLTZMANN * 300 / (MU_0 * 1e6 * 1.5e5)}
    seen = moment(params)
    np.testing.assert_allclose(seen.tau_n / slowest_rate(4.0), 9.375e-9, rtol=1e-3, atol=0)
    for point in relax(params, seen.axis, seen.sigma, seen.h_k, seen.tau_n, (-0.2, 0.0, 0.1, 0.2), 3):
        assert abs(point.rate - slowest_rate(4.0, point.h) / seen.tau_n) < 5 * point.rate_error
        up, down = switching_rates(4.0, point.h)
        assert abs(point.mean - (up - down) / (up + down)) < 5 * point.mean_error
        assert point.rate_error < 0.15 * point.rate


def test_command_writes_a_card_that_loads_with_the_exact_rates(tmp_path, capsys):
    assert run(["device", "calibrate", "macrospin/ikeda2010", "--out", str(tmp_path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    numbers = {row["name"]: row["value"] for row in told["numbers"]}
    np.testing.assert_allclose(numbers["thermal_stability"], 42.8, rtol=3e-3, atol=0)
    np.testing.assert_allclose(numbers["critical_current"], 46.9e-6, rtol=5e-3, atol=0)
    assert (tmp_path / "levels.png").stat().st_size > 10_000
    telegraph, params = load_device(str(tmp_path / "telegraph.toml")), values("macrospin/ikeda2010")
    seen, share = moment(params), 0.3
    i = share * critical_current(params)
    base = 1 - i / telegraph.value("i_c")
    up = math.exp(-telegraph.value("delta") * base ** telegraph.value("n")) / telegraph.value("tau_0")
    np.testing.assert_allclose(up, switching_rates(seen.sigma, share)[0] / seen.tau_n, rtol=0.02, atol=0)


def test_command_refuses_a_model_without_levels(tmp_path, capsys):
    assert run(["device", "calibrate", "vteam/nominal", "--out", str(tmp_path)]) == 2
    assert "macrospin" in capsys.readouterr().err
