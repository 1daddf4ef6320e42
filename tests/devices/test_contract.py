"""The device contract, on every model that the library names and every card that it ships.

A model that cannot be imported fails here; a model without an entry in ``CASES`` fails too. Nothing is skipped: each test
is parametrised over the models that have the roles it is about, and ``test_every_role_has_an_oracle`` refuses a kernel
that no test of this file can judge.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

import numpy as np
import pint
import pytest
from scipy.integrate import quad, solve_ivp

from devices import LIBRARY


class Case(NamedTuple):
    """Where a model is exercised: half ranges of the drives, longest duration [s]."""

    drives: tuple[float, ...]
    duration: float


CASES = {
    "vteam": Case((2.0,), 1e-6),
    "linear_ion_drift": Case((2.0,), 0.3),
    "windowed_drift": Case((2.0,), 0.3),
    "nonlinear_drift": Case((1.5,), 0.3),
    "team": Case((0.1,), 0.01),
    "vteam_windowed": Case((1.8,), 1e-3),
    "yakopcic": Case((0.45,), 1e-3),
    "laiho_biolek": Case((0.8,), 0.05),
    "namlab": Case((1.0,), 1.0),
    "pershin": Case((7.0,), 1e-9),
    "messaris": Case((1.0,), 3e-3),
    "two_state": Case((0.35,), 1e-3),
    "two_state_arrhenius": Case((0.8,), 1e-3),
    "two_state_neel_brown": Case((0.5,), 1e-8),
    "two_state_merz": Case((3.0,), 1e-6),
    "stochastic_switch": Case((3.0,), 1e-6),
    "memdiode": Case((1.0,), 0.1),
    "wox": Case((1.2,), 2.0),
    "diffusive": Case((0.3,), 1e-4),
    "pcm": Case((2.0,), 1e-6),
    "pcm_thermal": Case((5.0,), 2e-8),
    "ferroelectric_domains": Case((3.0,), 4e-6),
    "ferroelectric_tunnel": Case((3.0,), 1e-7),
    "ion_gate": Case((1.5,), 2e-3),
    "floating_gate": Case((15.0,), 1e-4),
    "charge_trap": Case((10.0,), 1e-4),
    "pulse_step": Case((1.2,), 3e-7),
    "gap": Case((1.6,), 1e-8),
    "pulse_exponential": Case((1.2,), 3e-7),
    "pulse_power": Case((1.2,), 3e-7),
    "pulse_piecewise": Case((1.2,), 3e-7),
    "pulse_logistic": Case((1.2,), 3e-7),
    "jart_vcm": Case((0.45,), 1e-7),
    "jart_cycles": Case((0.45,), 1e-7),
    "mott_nbo2": Case((1.5,), 1e-9),
    "thermal_vo2": Case((5.0,), 1e-12),
    "resistor": Case((1.0,), 1.0),
    "diode": Case((1.5,), 1.0),
    "macrospin": Case((1e5, 1e5, 1e5, 1e-4, 1e-4), 1e-10),
    "hard_axis_mtj": Case((2e-5,), 1e-9),
    "stno": Case((2e-5,), 2e-8),
    "phase_oscillator": Case((2e-5,), 1e-7),
    "resonator_synapse": Case((4e-4,), 1e-7),
    "smtj": Case((2e-7,), 1e-9),
    "domain_wall": Case((2e-5,), 5e-9),
    "domain_wall_synapse": Case((1.2,), 2e-7),
    "sot_multilevel": Case((1.3,), 1e-7),
    "lif": Case((2e-5,), 1.2e-6),
}
ROLES = ("rate", "advance", "conductance", "current", "charge", "dead_zone", "output", "activation", "potential",
         "diffusion", "hazard", "current_noise")
# Roles judged by an independent law below, not by a twin: scipy, quadrature, differences, rest points.
JUDGED = {"advance", "charge", "potential"}
N = 33  # not a multiple of any vector length


def load(name):
    module, attribute = LIBRARY[name].split(":")
    return getattr(importlib.import_module(module), attribute)


def models_with(*roles):
    """Return the names of the models that have all roles; a model that fails to import stays in the list and fails there."""
    found = []
    for name in LIBRARY:
        try:
            model = load(name)
        except Exception:  # reported by test_model_is_complete
            continue
        if all(getattr(model, role) is not None for role in roles):
            found.append(name)
    return found


def continuous(*roles):
    """Return the models whose ``advance`` integrates a rate: all but those that count pulses."""
    return [name for name in models_with(*roles) if not load(name).pulse]


def pulsed(*roles):
    """Return the behavioural models, whose ``advance`` counts whole pulses."""
    return [name for name in models_with(*roles) if load(name).pulse]


def draw(name, n=N, seed=1):
    """Return random admissible state, drive, params, noise, duration of a model."""
    model, case, rng = load(name), CASES[name], np.random.default_rng(seed)
    params = model.default_params(n)
    for row, spec in enumerate(model.params):
        if spec.default == 0.0:
            low, high = max(spec.low, -0.3), min(spec.high, 0.3)
            values = np.where(rng.random(n) < 0.5, 0.0, rng.uniform(low, high, n))
        else:
            values = spec.default * rng.uniform(0.8, 1.25, n)
        params[row] = np.clip(values, spec.low, spec.high)
    state = np.array([rng.uniform(spec.low, spec.high, n) for spec in model.states]).reshape(len(model.states), n)
    if name == "macrospin":
        state /= np.sqrt(np.sum(state**2, axis=0))
        params[[model.param_index["j_1"], model.param_index["j_2"]]] *= 1e-3  # 0.3 J/m^2 would be 300 T
        params[model.param_index["vcma"]] *= 1e-4
    drive = np.array([rng.uniform(-half, half, n) for half in case.drives])
    noise = rng.standard_normal((len(model.noises), n))
    duration = case.duration * rng.uniform(0.01, 1.0, n)
    return model, state, drive, params, noise, duration


def column(model, params, j):
    return {spec.name: float(params[row, j]) for row, spec in enumerate(model.params)}


def advanced(kernel, state, drive, params, noise, duration, n=None):
    moved = state.copy()
    kernel(moved, drive, params, noise, duration, 0, state.shape[1] if n is None else n)
    return moved


@pytest.mark.parametrize("name", LIBRARY)
def test_model_is_complete(name):
    model, registry = load(name), pint.UnitRegistry()
    assert model.name == name
    assert name in CASES, f"{name}: add its drive ranges to CASES"
    assert len(CASES[name].drives) == len(model.drives)
    assert model.doc
    for spec in model.params:
        registry.parse_units(spec.unit)
        assert spec.low <= spec.default <= spec.high, spec.name
        assert spec.meaning, spec.name
    for spec in model.states:
        registry.parse_units(spec.unit)
        assert spec.low <= spec.initial <= spec.high, spec.name
        assert spec.low < spec.high, spec.name
        assert spec.meaning, spec.name
        assert spec.scale > 0.0, spec.name
    for spec in (*model.drives, *model.outputs):
        registry.parse_units(spec.unit)
        assert spec.meaning, spec.name
    names = [spec.name for spec in (*model.params, *model.states)]
    assert len(set(names)) == len(names)
    assert model.increase_sign in (-1, 1)


@pytest.mark.parametrize("name", LIBRARY)
def test_every_role_has_an_oracle(name):
    model = load(name)
    for role in ROLES:
        if getattr(model, role) is not None and role not in JUDGED:
            rests = role == "output" and model.activation is not None  # judged by test_output_at_rest_is_the_activation
            assert role in model.twins or rests, f"{name}: {role} has neither a slow twin nor another oracle"
    assert set(model.twins) <= set(ROLES)


def twins():
    return [(name, role) for name in LIBRARY if name in models_with() for role in load(name).twins]


@pytest.mark.parametrize(("name", "role"), twins())
def test_kernel_is_its_slow_twin(name, role):
    model, state, drive, params, noise, duration = draw(name)
    kernel, twin = getattr(model, role), model.twins[role]
    n_state, n_output = len(model.states), len(model.outputs)
    rows = {"rate": n_state, "output": n_output, "activation": n_output, "diffusion": n_state * len(model.noises)}
    out, other = np.zeros((rows.get(role, 1), N)), np.zeros((rows.get(role, 1), N))
    if role in ("rate", "diffusion", "hazard"):
        kernel(state, drive, params, out, 0, N)
    elif role == "advance":
        out = advanced(kernel, state, drive, params, noise, duration)
    elif role == "conductance":
        kernel(state, params, out[0], 0, N)
    elif role == "current":
        kernel(state, drive, params, out[0], other[0], 0, N)
    elif role in ("charge", "current_noise"):
        kernel(state, drive, params, duration, out[0], 0, N)
    elif role == "dead_zone":
        kernel(params, out[0], other[0], 0, N)
        out = np.stack([out[0], other[0]])
    elif role == "output":
        kernel(state, params, out, 0, N)
    elif role == "activation":
        kernel(drive, params, out, other, 0, N)
    elif role == "potential":
        activation = np.zeros((n_output, N))
        model.activation(drive, params, activation, np.zeros((n_output, N)), 0, N)
        kernel(activation, params, out[0], 0, N)
    arguments = {
        "rate": (state, drive), "diffusion": (state, drive), "hazard": (state, drive), "current": (state, drive),
        "advance": (state, drive), "conductance": (state,), "charge": (state, drive), "dead_zone": (),
        "current_noise": (state, drive),
        "output": (state,), "activation": (drive,),
    }.get(role)
    for j in range(N):
        inputs = [a[:, j].tolist() for a in (arguments if arguments is not None else (activation,))]
        extra = [noise[:, j].tolist(), float(duration[j])] if role == "advance" else []
        extra = [float(duration[j])] if role in ("charge", "current_noise") else extra
        expected = np.ravel(twin(*inputs, column(model, params, j), *extra))
        # Rounding of a difference of large terms: the error is relative to the largest entry of the vector.
        atol = 1e-13 * np.max(np.abs(expected), initial=0.0) if expected.size > 2 else 0.0
        np.testing.assert_allclose(out[:, j], expected, rtol=1e-11, atol=atol, err_msg=f"{name}.{role} device {j}")


@pytest.mark.parametrize("name", continuous("advance"))
def test_advance_is_the_rate_integrated(name):
    model, state, drive, params, noise, duration = draw(name, n=12, seed=2)
    end = advanced(model.advance, state, drive, params, 0.0 * noise, duration)
    low = np.array([[spec.low] for spec in model.states])
    high = np.array([[spec.high] for spec in model.states])
    scale = np.array([spec.scale for spec in model.states])
    for j in range(12):
        if not model.states:
            break
        p, d, out = params[:, j:j + 1].copy(), drive[:, j:j + 1].copy(), np.zeros((len(model.states), 1))

        def free(_, y, p=p, d=d, out=out):
            # Inside the bounds the law is smooth: it is continued from there, and the end point is clipped.
            inside = np.clip(y.reshape(-1, 1), np.nextafter(low, np.inf), np.nextafter(high, -np.inf))
            model.rate(inside if len(y) == 1 else y.reshape(-1, 1).copy(), d, p, out, 0, 1)
            return out[:, 0].copy()

        tight = {"rtol": 1e-12, "atol": 1e-13} if model.exact_advance else {"rtol": 1e-10, "atol": 1e-11}
        solution = solve_ivp(free, (0.0, duration[j]), state[:, j], method="DOP853", **tight)
        assert solution.success
        expected = np.clip(solution.y[:, -1], low[:, 0], high[:, 0])
        error = np.abs(end[:, j] - expected) / scale
        assert np.all(error <= model.advance_tolerance), f"{name} device {j}: {end[:, j]} is not {expected}"


@pytest.mark.parametrize("name", continuous("advance"))
def test_quiet_advance_can_be_split(name):
    model, state, drive, params, noise, duration = draw(name, seed=3)
    whole = advanced(model.advance, state, drive, params, 0.0 * noise, duration)
    half = advanced(model.advance, state, drive, params, 0.0 * noise, 0.37 * duration)
    half = advanced(model.advance, half, drive, params, 0.0 * noise, duration - 0.37 * duration)
    scale = np.array([[spec.scale] for spec in model.states]).reshape(-1, 1)
    tolerance = 1e-13 if model.exact_advance else model.advance_tolerance
    assert np.all(np.abs(whole - half) <= tolerance * scale)


@pytest.mark.parametrize("name", models_with("advance"))
def test_states_stay_within_their_bounds(name):
    model, state, drive, params, noise, duration = draw(name, seed=4)
    rng = np.random.default_rng(5)
    low = np.array([[spec.low] for spec in model.states]).reshape(-1, 1)
    high = np.array([[spec.high] for spec in model.states]).reshape(-1, 1)
    # Unit vectors leave the cube by rounding only.
    slack = 4e-16 if len(model.states) > 1 else 0.0
    for _ in range(300):
        model.advance(state, drive * rng.uniform(-3.0, 3.0), params, rng.standard_normal(noise.shape), duration, 0, N)
        assert np.all((state >= low - slack) & (state <= high + slack))


@pytest.mark.parametrize("name", models_with("advance"))
def test_selected_variant_is_the_same_law(name):
    model, state, drive, params, noise, duration = draw(name, seed=6)
    for row in range(len(model.params)):
        for uniform in (False, True):
            chosen = params.copy()
            if uniform:
                chosen[:] = model.default_params(N)
                chosen[row] = params[row]
            variant = model if model.select is None else model.select(chosen)
            one = advanced(model.advance, state, drive, chosen, noise, duration)
            two = advanced(variant.advance, state, drive, chosen, noise, duration)
            np.testing.assert_allclose(two, one, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", models_with("dead_zone"))
def test_nothing_moves_in_the_dead_zone(name):
    model, state, _, params, noise, duration = draw(name, seed=7)
    lowest, highest = np.zeros(N), np.zeros(N)
    model.dead_zone(params, lowest, highest, 0, N)
    for share in (0.0, 0.3, 1.0):
        inside = np.minimum(lowest + share * (highest - lowest), highest)[None, :]  # rounding must not leave it
        moved, rate = advanced(model.advance, state, inside, params, noise, duration), np.ones_like(state)
        model.rate(state, inside, params, rate, 0, N)
        assert moved.tobytes() == state.tobytes()
        assert not np.any(rate)
    beyond = (highest + 1e-3)[None, :]
    assert np.any(advanced(model.advance, state, beyond, params, 0.0 * noise, 1e9 * duration) != state)


@pytest.mark.parametrize("name", models_with("current"))
def test_current_is_passive_and_its_slope_is_its_derivative(name):
    model, state, drive, params, *_ = draw(name, seed=8)

    def current(v):
        i, slope = np.zeros(N), np.zeros(N)
        model.current(state, v, params, i, slope, 0, N)
        return i, slope

    i, slope = current(drive)
    assert np.all(i * drive[0] >= 0.0)
    assert not np.any(current(0.0 * drive)[0])
    step = 1e-6
    difference = (current(drive + step)[0] - current(drive - step)[0]) / (2.0 * step)
    # Truncation (step / 25 mV)^2 / 6 = 3e-10; rounding 1e-16 |i| / (step slope).
    atol = 4e-16 * np.abs(i) / step
    assert np.all(np.abs(difference - slope) <= 1e-8 * np.abs(slope) + atol)
    g = np.zeros(N)
    model.conductance(state, params, g, 0, N)
    np.testing.assert_allclose(g, current(0.0 * drive)[1], rtol=1e-13)


@pytest.mark.parametrize("name", continuous("charge", "current", "advance"))
def test_charge_is_the_current_integrated(name):
    model, state, drive, params, _, duration = draw(name, n=12, seed=9)
    q = np.zeros(12)
    model.charge(state, drive, params, duration, q, 0, 12)
    for j in range(12):
        x, d, p = (a[:, j:j + 1].copy() for a in (state, drive, params))

        def current(t, x=x, d=d, p=p):
            moved, i = advanced(model.advance, x, d, p, np.zeros((len(model.noises), 1)), np.array([t])), np.zeros(1)
            model.current(moved, d, p, i, np.zeros(1), 0, 1)
            return i[0]

        expected, _ = quad(current, 0.0, duration[j], epsrel=1e-11, epsabs=0.0, limit=200)
        np.testing.assert_allclose(q[j], expected, rtol=1e-9)


def widths(model, drive, params):
    """Return the width [s] of a pulse of each device's polarity."""
    raising, lowering = (params[model.param_index[name]] for name in model.pulse)
    return np.where(drive[0] * model.increase_sign > 0.0, raising, lowering)


@pytest.mark.parametrize("name", pulsed("advance"))
def test_pulses_in_one_call_are_as_many_calls_of_one_pulse(name):
    model, state, drive, params, noise, _ = draw(name, seed=15)
    width, one_by_one = widths(model, drive, params), state.copy()
    for count in range(1, 8):
        model.advance(one_by_one, drive, params, 0.0 * noise, width, 0, N)
        for share in (-0.49, 0.0, 0.49):  # the nearest whole number of pulses counts
            whole = advanced(model.advance, state, drive, params, 0.0 * noise, (count + share) * width)
            np.testing.assert_allclose(whole, one_by_one, rtol=0.0, atol=1e-15)
    assert np.any(one_by_one != state)
    assert advanced(model.advance, state, drive, params, noise, 0.49 * width).tobytes() == state.tobytes()


@pytest.mark.parametrize("name", pulsed("advance"))
def test_rate_is_one_quiet_pulse_over_its_width(name):
    model, state, drive, params, noise, _ = draw(name, seed=16)
    width, rate = widths(model, drive, params), np.zeros_like(state)
    model.rate(state, drive, params, rate, 0, N)
    moved = advanced(model.advance, state, drive, params, 0.0 * noise, width)
    np.testing.assert_allclose(rate[0] * width, moved[0] - state[0], rtol=0.0, atol=2e-16)


@pytest.mark.parametrize("name", pulsed("charge", "current", "advance"))
def test_charge_of_pulses_is_the_mean_of_the_currents_around_each(name):
    model, state, drive, params, noise, _ = draw(name, seed=17)
    width, now, expected = widths(model, drive, params), state.copy(), np.zeros(N)
    q, before, after = np.zeros(N), np.zeros(N), np.zeros(N)
    for count in range(1, 6):
        model.current(now, drive, params, before, np.zeros(N), 0, N)
        model.advance(now, drive, params, 0.0 * noise, width, 0, N)
        model.current(now, drive, params, after, np.zeros(N), 0, N)
        expected += 0.5 * (before + after) * width
        model.charge(state, drive, params, count * width, q, 0, N)
        np.testing.assert_allclose(q, expected, rtol=1e-12)


@pytest.mark.parametrize("name", models_with("charge"))
def test_charge_of_a_tiny_step_does_not_cancel(name):
    model, state, drive, params, _, duration = draw(name, seed=10)
    q, i = np.zeros(N), np.zeros(N)
    model.charge(state, drive, params, 1e-12 * duration, q, 0, N)
    model.current(state, drive, params, i, np.zeros(N), 0, N)
    np.testing.assert_allclose(q, i * 1e-12 * duration, rtol=1e-9)


@pytest.mark.parametrize("name", [name for name in models_with("advance") if load(name).noises == ("write",)])
def test_noise_is_linear_in_its_normals(name):
    model, state, drive, params, noise, duration = draw(name, seed=11)
    params[:] = model.default_params(N)
    for spec, row in zip(model.params, params, strict=True):
        if spec.name.startswith("sigma"):
            row[:] = 1e-3
    quiet = advanced(model.advance, state, drive, params, 0.0 * noise, 0.1 * duration)
    one, minus, two = (advanced(model.advance, state, drive, params, z * noise, 0.1 * duration) for z in (1, -1, 2))
    free = np.all((two > 0.0) & (two < 1.0) & (quiet > 0.0) & (quiet < 1.0), axis=0)
    assert free.sum() > N // 2
    assert np.any(one != quiet)
    kick = (one - quiet)[:, free]
    np.testing.assert_allclose((minus - quiet)[:, free], -kick, rtol=0.0, atol=1e-15)
    np.testing.assert_allclose((two - quiet)[:, free], 2.0 * kick, rtol=0.0, atol=1e-15)


@pytest.mark.parametrize("name", models_with("activation", "output", "advance"))
def test_output_at_rest_is_the_activation(name):
    model, state, drive, params, noise, _ = draw(name, seed=12)
    rows = len(model.outputs)
    expected, slope, out = (np.zeros((rows, N)) for _ in range(3))
    rest = advanced(model.advance, 0.5 * state, drive, params, 0.0 * noise, np.full(N, 100.0 * CASES[name].duration))
    model.output(rest, params, out, 0, N)
    model.activation(drive, params, expected, slope, 0, N)
    np.testing.assert_allclose(out, expected, rtol=1e-6)
    step = 1e-6 * np.abs(drive).max()
    above, below, unused = (np.zeros((rows, N)) for _ in range(3))
    model.activation(drive + step, params, above, unused, 0, N)
    model.activation(drive - step, params, below, unused, 0, N)
    # Rounding of the difference: 2e-16 of the largest output over the step.
    atol = 4e-16 * np.abs(expected).max() / step
    np.testing.assert_allclose((above - below) / (2.0 * step), slope, rtol=1e-6, atol=atol)


@pytest.mark.parametrize("name", models_with("potential", "activation"))
def test_derivative_of_the_potential_is_the_drive(name):
    model, _, drive, params, *_ = draw(name, seed=13)
    rows = len(model.outputs)
    out, slope = np.zeros((rows, N)), np.zeros((rows, N))
    model.activation(drive, params, out, slope, 0, N)
    free = slope[0] > 0.05 * slope.max()  # saturated units carry the excess drive on their bound, or nearly
    assert free.sum() > 3
    step, above, below = 1e-5 * np.abs(out).max(), np.zeros(N), np.zeros(N)
    model.potential(out + step, params, above, 0, N)
    model.potential(out - step, params, below, 0, N)
    atol = 1e-9 * np.abs(drive).max()
    np.testing.assert_allclose(((above - below) / (2.0 * step))[free], drive[0, free], rtol=1e-6, atol=atol)


def kernels():
    return [(name, role) for name in models_with() for role in ROLES if getattr(load(name), role) is not None]


@pytest.mark.parametrize(("name", "role"), kernels())
def test_columns_outside_start_and_stop_are_untouched_and_bits_repeat(name, role):
    model, state, drive, params, noise, duration = draw(name, seed=14)
    n_state, n_output = len(model.states), len(model.outputs)
    kernel = getattr(model, role)

    def run(start, stop):
        many = np.full((max(1, n_state, n_output, n_state * len(model.noises)), N), np.pi)
        first, second, moved = np.full(N, np.pi), np.full(N, np.pi), state.copy()
        if role in ("rate", "diffusion", "hazard"):
            kernel(state, drive, params, many, start, stop)
        elif role == "advance":
            kernel(moved, drive, params, noise, duration, start, stop)
        elif role == "conductance":
            kernel(state, params, first, start, stop)
        elif role == "current":
            kernel(state, drive, params, first, second, start, stop)
        elif role in ("charge", "current_noise"):
            kernel(state, drive, params, duration, first, start, stop)
        elif role == "dead_zone":
            kernel(params, first, second, start, stop)
        elif role == "output":
            kernel(state, params, many, start, stop)
        elif role == "activation":
            kernel(drive, params, many, np.zeros_like(many), start, stop)
        elif role == "potential":
            kernel(np.full((n_output, N), 1e-3), params, first, start, stop)
        return np.concatenate([many, first[None], second[None], moved])

    whole, again, part, nothing = run(0, N), run(0, N), run(5, 22), run(7, 7)
    blank = np.concatenate([np.full((len(whole) - n_state, N), np.pi), state])
    assert whole.tobytes() == again.tobytes()
    assert nothing.tobytes() == blank.tobytes()
    outside = np.r_[0:5, 22:N]
    assert part[:, outside].tobytes() == blank[:, outside].tobytes()
    # Vector body and scalar remainder may contract differently: the same law to the last bit but one.
    np.testing.assert_allclose(part[:, 5:22], whole[:, 5:22], rtol=1e-14, atol=1e-15 * np.abs(whole[:, 5:22]).max())
