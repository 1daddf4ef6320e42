"""Promises of the contract on every shipped card, with its own numbers: bounds, no lock, harmless reads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from devices import CARDS
from neurosim.characterise import read_disturb, read_limit, read_shift
from neurosim.characterise.read_limit import HARMLESS, STANDARD_READ, STARTS
from neurosim.errors import NeurosimError, ParameterError
from neurosim.library import load_device
from neurosim.population import nominal_params

NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in CARDS.glob("*/*.toml"))
# Drive rows whose range the card does not give.
USUAL = {"V": 2.0, "A": 1e-4, "A/m": 1e5, "T": 0.1}
RANGE_KEYS = {"V": "v", "A": "i", "A/m": "field", "T": "b"}
SCALES = (0.3, 1.0, 1.0, 3.0, 30.0)  # of the valid range: reads, writes, and far beyond
ROUNDING = 4e-16  # unit vectors leave their cube by rounding only
FASTEST = 1e18  # per second: beyond any device
LONGEST_TRAIN = 50  # pulses of a behavioural device in one step
# Published numbers that let a state go one way only.
ONE_WAY = {"memdiode/dmm_a2": "the source has no RESET", "memdiode/dmm_a4": "the source has no RESET",
           "memdiode/dmm_c2": "the source has no RESET",
           "vteam_windowed/tiox_dut2": "its window for falling conductance is 3.37e-4 wide, as printed"}
VOLATILE = ("diffusive/nominal", "mott_nbo2/biolek2013", "thermal_vo2/zhang2024")
# Falling back takes longer than a standard read, which slows it: judged from rest.
SLOW_TO_FORGET = {"diffusive/nominal": "its filament dissolves in 0.1 ms"}


def moving(*units):
    """Return the names of the cards whose device has states and a step, driven first in one of the units (any if none)."""
    found = []
    for name in NAMES:
        try:
            model = load_device(name).model
        except NeurosimError:  # reported by test_cards
            continue
        if model.states and model.advance is not None and (not units or model.drives[0].unit in units):
            found.append(name)
    return found


def bench(name, n):
    device = load_device(name)
    params = nominal_params(device, n)
    model = device.model.select(params) if device.model.select else device.model
    return device, model, params, np.repeat(np.array(device.state).reshape(-1, 1), n, axis=1)


def largest(device, signal):
    key = RANGE_KEYS.get(signal.unit, "v")
    given = [abs(device.card.valid[f"{key}_{end}"]) for end in ("min", "max") if f"{key}_{end}" in device.card.valid]
    return max(given, default=USUAL.get(signal.unit, 1.0))


def longest_decade(device):
    return np.log10(LONGEST_TRAIN * min(device.value(name) for name in device.model.pulse)) if device.model.pulse else 0.0


def stay_within(name, n, steps):
    """Step ``n`` devices through random drives and durations of twelve decades."""
    device, model, params, state = bench(name, n)
    random, noise = np.random.default_rng(7), np.zeros((max(1, len(model.noises)), n))
    low = np.array([[spec.low] for spec in model.states])
    high = np.array([[spec.high] for spec in model.states])
    reach = np.array([[largest(device, signal)] for signal in model.drives])
    for _ in range(steps):
        drive = np.ascontiguousarray(reach * random.uniform(-1.0, 1.0, (len(reach), n)) * random.choice(SCALES))
        noise[:] = random.standard_normal(noise.shape)
        model.advance(state, drive, params, noise, 10.0 ** random.uniform(-12.0, longest_decade(device), n), 0, n)
        slack = ROUNDING * np.maximum(1.0, np.abs(state)) if len(model.states) > 1 else 0.0
        assert np.all((state >= low - slack) & (state <= high + slack)), name
    if model.conductance is not None:
        g = np.zeros(n)
        model.conductance(state, params, g, 0, n)
        assert np.all(np.isfinite(g) & (g >= 0.0))


@pytest.mark.parametrize("name", moving("V"))
def test_states_of_a_card_stay_within_their_bounds(name):
    stay_within(name, 20, 50)


@pytest.mark.slow
@pytest.mark.parametrize("name", moving("V"))
def test_bounds_hold_in_a_million_random_steps(name):
    stay_within(name, 1000, 1000)


def one_state(name):
    model = load_device(name).model
    return len(model.states) == 1 and not model.pulse and model.hazard is None


@pytest.mark.parametrize("name", [name for name in moving("V") if one_state(name)])
def test_a_card_with_other_numbers_advances_as_its_rate_integrates(name):
    n = 6
    device, _, params, state = bench(name, n)
    random, spec = np.random.default_rng(3), device.model.states[0]
    for row, parameter in enumerate(device.model.params):
        if parameter.unit or abs(params[row, 0]) > 5.0:  # codes and exponents stay whole
            params[row] = np.clip(params[row] * random.uniform(0.95, 1.05, n), parameter.low, parameter.high)
    model = device.model.select(params) if device.model.select else device.model
    state[0] = random.uniform(spec.low, spec.high, n)
    inside, out = (np.nextafter(spec.low, np.inf), np.nextafter(spec.high, -np.inf)), np.zeros((1, 1))
    for k in range(n):
        drive = np.array([[largest(device, model.drives[0]) * random.uniform(-1.0, 1.0)]])
        own = np.ascontiguousarray(params[:, k:k + 1])

        def rate(_, x, drive=drive, own=own):
            model.rate(np.clip(x, *inside).reshape(1, 1), drive, own, out, 0, 1)
            return out[0].copy()

        speed = abs(rate(0.0, state[:1, k])[0])
        while speed > FASTEST:  # a law held down by a cap is not smooth
            drive *= 0.7
            speed = abs(rate(0.0, state[:1, k])[0])
        seconds = random.uniform(0.02, 0.5) * (spec.high - spec.low) / speed if speed > 1e-300 else 1.0
        exact = solve_ivp(rate, (0.0, seconds), state[:1, k], method="DOP853", rtol=1e-12, atol=1e-13 * (spec.high - spec.low))
        if not exact.success:  # runs away within this time: compared before it does
            seconds = 0.5 * exact.t[-1]
            exact = solve_ivp(rate, (0.0, seconds), state[:1, k], method="DOP853", rtol=1e-12, atol=1e-13)
        moved = np.ascontiguousarray(state[:, k:k + 1])
        model.advance(moved, drive, own, np.zeros((max(1, len(model.noises)), 1)), np.array([seconds]), 0, 1)
        error = abs(moved[0, 0] - np.clip(exact.y[0, -1], spec.low, spec.high)) / spec.scale
        assert error <= max(model.advance_tolerance, 1e-9), f"{drive[0, 0]:g} V, {seconds:g} s from {state[0, k]:g}"


@pytest.mark.parametrize("name", [name for name in moving("V") if name not in ONE_WAY])
def test_no_card_locks_at_a_bound(name):
    device, model, params, state = bench(name, 1)
    volts = largest(device, model.drives[0]) * np.array([0.0, -0.3, 0.3, -0.7, 0.7, -1.0, 1.0, -3.0, 3.0, -10.0, 10.0])
    longest = 10.0 * max(device.value(width) for width in model.pulse) if model.pulse else 1.0
    span = model.states[0].high - model.states[0].low
    for bound in (model.states[0].low, model.states[0].high):
        away = 0.0
        for volt in volts:
            for seconds in longest * 10.0 ** np.arange(-9.0, 2.0):
                moved = state.copy()
                moved[0] = bound
                model.advance(moved, np.array([[volt]]), params, np.zeros((max(1, len(model.noises)), 1)), np.array([seconds]),
                              0, 1)
                away = max(away, abs(float(moved[0, 0] - bound)) / span)
        assert away > 1e-3, f"{name}: no voltage leaves {model.states[0].name} = {bound:g}"


@pytest.mark.parametrize("name", moving("V"))
def test_a_standard_read_at_the_limit_of_a_card_moves_no_state(name):
    limit = load_device(name).v_read_max
    assert limit > 0.0, f"{name}: a device that moves needs v_read_max, see neurosim.characterise.read_limit"
    start = (0.0,) if name in SLOW_TO_FORGET else STARTS
    assert read_shift(load_device(name), limit, start=start) < HARMLESS


@pytest.mark.parametrize("name", VOLATILE)
def test_reading_does_not_hold_a_volatile_switch(name):
    device = load_device(name)
    assert read_shift(device, device.v_read_max, seconds=1.0, start=(0.0, 1.0)) < HARMLESS


@pytest.mark.filterwarnings("ignore:.*volatile:UserWarning")
@pytest.mark.parametrize("name", moving("V"))
def test_a_read_of_any_length_leaves_a_conductance(name):
    device = load_device(name)
    for held in read_disturb(device, device.v_read_max, [1e-6, 1e-3, 1.0, 1e4, 1e8]):
        assert np.all(np.isfinite(held.conductance))
        assert np.all(held.conductance >= 0.0)


def test_the_limit_of_a_drift_device_is_that_of_its_law():
    # dx/dt = mobility r_on v / (thickness^2 R) and G = 1 / R: worst at R = r_on.
    device = load_device("linear_ion_drift/biolek2009")
    r_on, r_off, thickness, mobility = (device.value(name) for name in ("r_on", "r_off", "thickness", "mobility"))
    charge = thickness**2 / (mobility * r_on)  # C, moves x by one
    volts = 0.05
    fall = (r_off - r_on) / charge * volts / r_on * STANDARD_READ  # ohm, to first order
    shift = fall / r_on**2 / (1.0 / r_on - 1.0 / r_off)
    np.testing.assert_allclose(read_shift(device, volts), shift, rtol=0.03)
    assert read_limit(device) == device.v_read_max


def test_the_limit_of_a_volatile_switch_is_its_hold_voltage():
    # Below it a metallic core collapses under the read, above it the read keeps it.
    device = load_device("mott_nbo2/biolek2013")
    assert read_shift(device, 0.74) < HARMLESS
    assert read_shift(device, 0.75, start=(1.0,)) > 0.1
    assert read_shift(device, 0.75, start=(0.0,)) < HARMLESS


def test_a_device_without_a_window_has_no_read_limit():
    def constant(state, params, out, start, stop):
        out[start:stop] = 1e-5

    device = load_device("vteam/nominal")
    flat = replace(device, model=replace(device.model, conductance=constant, current=None, select=None))
    with pytest.raises(ParameterError, match="the same in every state"):
        read_limit(flat)
