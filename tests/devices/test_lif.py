"""Integrate-and-fire neuron: spikes against an event loop, their mean against the rate curve, energy, domain wall."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from devices.spintronic.lif import MODEL, SPIKING
from devices.spintronic.lif_parameters import from_domain_wall, slow_share
from neurosim.errors import ParameterError
from neurosim.library import load_device
from neurosim.simulation.simulate import simulate
from neurosim.waveform import Constant

NOMINAL = {spec.name: spec.default for spec in MODEL.params}


def columns(n=1, **rows):
    params = MODEL.default_params(n)
    for name, value in rows.items():
        params[MODEL.param_index[name]] = value
    return params


def at(j):
    """Return the current that makes the total j thresholds."""
    return np.atleast_2d(np.asarray(j, dtype=float)) * 1e-5 - 1.2e-5


def spiked(state, drive, params, seconds):
    after = state.copy()
    SPIKING.advance(after, drive, params, np.empty((0, state.shape[1])), np.zeros(state.shape[1]) + seconds, 0, state.shape[1])
    return after


def test_spiking_step_is_the_event_loop():
    rng, n = np.random.default_rng(1), 300
    params = columns(n, tau=1e-8 * rng.uniform(0.2, 5, n), t_ref=2e-9 * rng.uniform(0.2, 5, n))
    drive, seconds = at(rng.uniform(-2, 5, n)), 10 ** rng.uniform(-10, -6.5, n)
    state = np.stack([rng.uniform(0, 1, n), rng.uniform(0, 1, n) * (rng.random(n) < 0.5), np.zeros(n)])
    after = spiked(state, drive, params, seconds)
    for k in range(n):
        named = dict(zip(NOMINAL, params[:, k], strict=True))
        slow = SPIKING.twins["advance"](state[:, k], drive[:, k], named, [], seconds[k])
        np.testing.assert_allclose(after[:, k], slow, rtol=1e-8, atol=1e-11)  # rounding of up to 1000 periods
    assert after[2].max() > 20


def test_steps_can_be_split_between_and_inside_spikes():
    rng, n = np.random.default_rng(2), 100
    params, drive, state = columns(n), at(rng.uniform(0.5, 4, n)), np.zeros((3, n))
    whole, parts = spiked(state, drive, params, 3e-7), state
    for _ in range(100):
        parts = spiked(parts, drive, params, 3e-9)
    np.testing.assert_allclose(parts, whole, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("j", [1.01, 1.5, 4.0, 30.0])
def test_count_over_a_long_time_is_the_rate_curve(j):
    period = 2e-9 + 1e-8 * math.log(j / (j - 1))
    after = spiked(np.zeros((3, 1)), at([j]), columns(), 1000 * period)
    assert after[2, 0] == 1000  # spikes begin at multiples of the period less t_ref
    v, slope = np.empty((1, 1)), np.empty((1, 1))
    MODEL.activation(at([j]), columns(), v, slope, 0, 1)
    np.testing.assert_allclose(v[0, 0], 0.05 * 2e-9 / period, rtol=1e-12, atol=0)


def test_time_average_of_spikes_is_the_output_of_the_mean_form():
    state, params, drive, v, total = np.zeros((3, 1)), columns(), at([1.7]), np.empty((1, 1)), 0.0
    for _ in range(40_000):
        state = spiked(state, drive, params, 1e-10)
        SPIKING.output(state, params, v, 0, 1)
        total += v[0, 0] / 40_000
    np.testing.assert_allclose(total, 0.05 * slow_share(drive[:, 0], NOMINAL), rtol=5e-3, atol=0)  # 363 periods


def test_current_below_threshold_never_fires_and_negative_one_rests_at_zero():
    after = spiked(np.array([[0.9, 0.9], [0, 0], [0, 0]]), at([0.999, -3.0]), columns(2), 1e-3)
    np.testing.assert_allclose(after, [[0.999, 0.0], [0, 0], [0, 0]], rtol=1e-9, atol=0)


def test_integrating_the_spiking_form_is_refused():
    with pytest.raises(ParameterError, match="miss"):
        simulate(SPIKING, Constant("5 uA", unit="A"), "10 ns")


@pytest.mark.parametrize("ratio", [0.01, 0.3, 5.0, 1000.0])
def test_potential_is_the_integral_of_the_current_that_holds_the_output(ratio):
    s = np.array([1e-4, 0.01, 0.3, 0.9, 0.999])
    params, w = columns(5, t_ref=1e-8 / ratio), np.empty(5)
    MODEL.potential(0.05 * s[None], params, w, 0, 5)

    def holding(x):
        return (1e-5 / -math.expm1(-(1 / x - 1) / ratio) if x > 0 else 1e-5) - 1.2e-5

    for k in range(5):
        points = [p for p in (1 / (1 + ratio), 1 / (1 + 10 * ratio), 1 - ratio, 1 - 10 * ratio) if 0 < p < s[k]]
        expected, _ = quad(holding, 0, s[k], epsabs=0, epsrel=1e-11, limit=500, points=points or None)
        scale = quad(lambda x: abs(holding(x)), 0, s[k], epsabs=0, epsrel=1e-6, limit=500, points=points or None)[0]
        np.testing.assert_allclose(w[k], 0.05 * expected, rtol=0, atol=0.05 * 1e-9 * scale)


def test_coupled_mean_neurons_never_raise_their_cocontent():
    rng, n = np.random.default_rng(3), 8
    coupling = rng.normal(0, 1e-4, (n, n))
    coupling = coupling + coupling.T
    np.fill_diagonal(coupling, 0)
    bias, params, out = rng.normal(0, 5e-6, n), columns(n), np.empty((1, n))

    def law(_, s):
        MODEL.rate(np.ascontiguousarray(s[None]), (bias + coupling @ (0.05 * s))[None], params, out, 0, n)
        return out[0].copy()

    run = solve_ivp(law, (0, 1e-6), rng.uniform(0.05, 0.8, n), rtol=1e-10, atol=1e-13, t_eval=np.linspace(0, 1e-6, 200))

    def cocontent(s):
        w, v = np.empty(n), 0.05 * s
        MODEL.potential(v[None].copy(), params, w, 0, n)
        return w.sum() - 0.5 * v @ coupling @ v - bias @ v

    values = np.array([cocontent(s) for s in run.y.T])
    assert np.all(np.diff(values) <= 1e-9 * (values[0] - values[-1]))


def test_domain_wall_card_follows_from_the_domain_wall():
    card, wall = load_device("lif/domain_wall"), load_device("domain_wall/nominal")
    found = from_domain_wall({name: wall.value(name) for name in wall.model.param_index})
    for name, value in found.items():
        np.testing.assert_allclose(card.value(name), value, rtol=1e-6, atol=0)


def test_wall_fires_when_the_domain_wall_reaches_the_end():
    from devices.spintronic.domain_wall import MODEL as WALL

    card, wall = load_device("lif/domain_wall"), load_device("domain_wall/nominal")
    total = 1.5 * card.value("i_threshold")
    seconds = card.value("tau") * math.log(1.5 / 0.5)
    x = np.zeros((1, 2))
    WALL.advance(x, np.full((1, 2), total / wall.value("gain")), np.repeat(wall.params.reshape(-1, 1), 2, axis=1),
                 np.empty((0, 2)), np.array([0.9999, 1.0001]) * seconds, 0, 2)
    assert x[0, 0] < 1.0 == x[0, 1]
    state, drive = np.zeros((3, 2)), np.full((1, 2), (total - card.value("i_bias")) / card.value("gain"))
    SPIKING.advance(state, drive, np.repeat(card.params.reshape(-1, 1), 2, axis=1), np.empty((0, 2)),
                    np.array([0.9999, 1.0001]) * seconds, 0, 2)
    np.testing.assert_array_equal(state[2], [0.0, 1.0])
