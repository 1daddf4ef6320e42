"""Elementary functions: errors against 80-bit libm, edges of C99, and loops that really are vector code."""

import math
import os
import re
import subprocess
import sys

import llvmlite.binding
import numpy as np
import pytest
from numba import njit

from neurosim.kernels import vmath
from neurosim.kernels.jit import flags
from neurosim.kernels.signatures import A1, void

ONE_ARGUMENT = ("exp", "expm1", "log", "log1p", "sinh", "tanh", "softplus")
N = 200_000
INF, NAN, SMALLEST = math.inf, math.nan, 5e-324
LD = np.longdouble
needs_long_double = pytest.mark.skipif(np.finfo(LD).nmant < 63, reason="the reference needs an 80-bit long double")
REFERENCE = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sinh": np.sinh,
    "tanh": np.tanh,
    "softplus": lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
}


def array_kernel(name):
    """Return the loop over an array that a device would write, compiled with the flags of every kernel."""
    function = getattr(vmath, name)
    if name == "sincos2pi":

        @njit(void(A1, A1, A1), **flags())
        def loop(u, sine, cosine):
            for i in range(u.size):
                sine[i], cosine[i] = function(u[i])
    elif name == "power":

        @njit(void(A1, A1, A1), **flags())
        def loop(x, y, out):
            for i in range(x.size):
                out[i] = function(x[i], y[i])
    else:

        @njit(void(A1, A1), **flags())
        def loop(x, out):
            for i in range(x.size):
                out[i] = function(x[i])

    return loop


@pytest.fixture(scope="module")
def loops():
    return {name: array_kernel(name) for name in (*ONE_ARGUMENT, "sincos2pi", "power")}


def error_in_ulp(got, exact):
    """Return |got - exact| in units of the last place of the exact result; below 2^-1022 the unit is 2^-1074."""
    return np.abs((got.astype(LD) - exact) / np.spacing(np.abs(exact.astype(float))).astype(LD))


def uniform(low, high):
    return np.random.default_rng(1).uniform(low, high, N)


def wide(low, high):
    """Return both signs of magnitudes spread evenly over the decades."""
    x = np.exp(np.random.default_rng(2).uniform(math.log(low), math.log(high), N))
    return np.concatenate([x, -x])


GRIDS = [
    ("exp", uniform(-708.0, 709.7)), ("exp", wide(1e-300, 700.0)), ("exp", uniform(-745.0, -708.0)),
    ("expm1", uniform(-50.0, 709.7)), ("expm1", wide(1e-300, 30.0)), ("expm1", uniform(-2.0, 2.0)),
    ("log", abs(wide(1e-307, 1e308))), ("log", uniform(0.5, 2.0)), ("log", 1.0 + wide(1e-16, 0.1)),
    ("log", abs(wide(SMALLEST, 2e-308))),
    ("log1p", abs(wide(1e-300, 1e308))), ("log1p", uniform(-1.0, 2.0)), ("log1p", wide(1e-300, 0.9)),
    ("sinh", uniform(-710.4, 710.4)), ("sinh", wide(1e-300, 710.0)), ("sinh", uniform(-2.0, 2.0)),
    ("tanh", uniform(-25.0, 25.0)), ("tanh", wide(1e-300, 25.0)), ("tanh", uniform(-2.0, 2.0)),
    ("softplus", uniform(-700.0, 700.0)), ("softplus", wide(1e-300, 700.0)), ("softplus", uniform(-5.0, 5.0)),
]


@needs_long_double
@pytest.mark.parametrize(("name", "x"), GRIDS, ids=[f"{name}{i}" for i, (name, _) in enumerate(GRIDS)])
def test_error_is_at_most_two_units_in_the_last_place(loops, name, x):
    out = np.empty_like(x)
    loops[name](x, out)
    assert error_in_ulp(out, REFERENCE[name](x.astype(LD))).max() <= 2.0


@needs_long_double
@pytest.mark.parametrize("u", [
    uniform(0.0, 1.0), uniform(-4.0, 4.0), uniform(-1e15, 1e15), wide(1e-300, 0.1),
    0.25 * np.random.default_rng(3).integers(-8, 9, 2 * N) + wide(1e-17, 0.1),
], ids=["turn", "turns", "huge", "small", "beside zeros"])
def test_sincos2pi_is_within_two_units_in_the_last_place_also_beside_the_zeros(loops, u):
    sine, cosine = np.empty_like(u), np.empty_like(u)
    loops["sincos2pi"](u, sine, cosine)
    quarter = np.rint(4.0 * u)
    angle = (4.0 * u.astype(LD) - quarter) * 2.0 * np.arctan(LD(1.0))
    s, c = np.sin(angle), np.cos(angle)
    k = quarter.astype(np.int64) % 4
    assert error_in_ulp(sine, np.choose(k, [s, c, -s, -c])).max() <= 2.0
    assert error_in_ulp(cosine, np.choose(k, [c, -s, -c, s])).max() <= 2.0


def power_points(base, exponent):
    """Return x, y and x**y in 80 bits, where the result is normal."""
    with np.errstate(over="ignore", under="ignore"):
        exact = np.power(base.astype(LD), exponent.astype(LD))
    normal = (exact > 2.3e-308) & (exact < 1.79e308)
    return base[normal], exponent[normal], exact[normal]


@needs_long_double
@pytest.mark.parametrize(("base", "exponent"), [
    (abs(wide(1e-300, 1e300)), np.tile(uniform(-5.0, 5.0), 2)),
    (uniform(0.5, 2.0), wide(1e-3, 1000.0)[N // 2:N // 2 + N]),
    (1.0 + wide(1e-8, 0.01), np.tile(uniform(-7e4, 7e4), 2)),
    (uniform(0.7, 1.42), uniform(-2000.0, 2000.0)[::-1].copy()),
], ids=["wide", "moderate", "near one", "large exponents"])
def test_power_is_within_four_units_in_the_last_place_of_a_normal_result(loops, base, exponent):
    x, y, exact = power_points(base, exponent)
    assert x.size > N // 4
    out = np.empty_like(x)
    loops["power"](x, y, out)
    assert error_in_ulp(out, exact).max() <= 4.0


EDGES = {
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (800.0, INF), (-800.0, 0.0), (709.79, INF),
            (-745.13, SMALLEST), (-745.14, 0.0), (SMALLEST, 1.0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (800.0, INF), (-800.0, -1.0), (SMALLEST, SMALLEST),
              (-1e-300, -1e-300)],
    "log": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-1.0, NAN), (-INF, NAN), (-SMALLEST, NAN)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-1.5, NAN), (-INF, NAN), (SMALLEST, SMALLEST),
              (1e-300, 1e-300)],
    "sinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF), (711.0, INF), (-711.0, -INF), (SMALLEST, SMALLEST)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (30.0, 1.0), (-1e308, -1.0), (SMALLEST, SMALLEST)],
    "softplus": [(INF, INF), (-INF, 0.0), (800.0, 800.0), (-800.0, 0.0), (1e308, 1e308)],
}


@pytest.mark.parametrize("name", ONE_ARGUMENT)
def test_edges_follow_c(loops, name):
    x = np.array([x for x, _ in EDGES[name]] + [NAN])
    want = np.array([y for _, y in EDGES[name]] + [NAN])
    out = np.empty_like(x)
    loops[name](x, out)
    np.testing.assert_array_equal(out, want)
    np.testing.assert_array_equal(np.signbit(out[want == 0.0]), np.signbit(want[want == 0.0]))


@pytest.mark.parametrize(("x", "y", "want"), [
    (0.0, 2.5, 0.0), (0.0, -1.0, INF), (0.0, 0.0, 1.0), (1.0, 1e300, 1.0), (2.0, 0.0, 1.0), (2.0, 1024.0, INF),
    (2.0, -1074.0, SMALLEST), (2.0, -1100.0, 0.0), (INF, 0.5, INF), (INF, -0.5, 0.0), (INF, 0.0, 1.0), (0.5, 1e300, 0.0),
    (0.5, -1e300, INF), (-2.0, 2.0, NAN), (NAN, 2.0, NAN), (NAN, 0.0, NAN), (2.0, NAN, NAN), (SMALLEST, 1.0, SMALLEST),
])
def test_power_at_its_edges(x, y, want):
    np.testing.assert_array_equal(vmath.power(x, y), want)


def test_power_of_small_integers_is_exact():
    assert [vmath.power(3.0, float(n)) for n in range(30)] == [3.0**n for n in range(30)]


@pytest.mark.parametrize(("u", "sine", "cosine"), [
    (0.0, 0.0, 1.0), (0.25, 1.0, 0.0), (0.5, 0.0, -1.0), (0.75, -1.0, 0.0), (-0.25, -1.0, 0.0), (1e300, 0.0, 1.0),
    (INF, NAN, NAN), (NAN, NAN, NAN), (2.0**51 + 0.5, 0.0, -1.0),
])
def test_sincos2pi_is_exact_at_quarter_turns(u, sine, cosine):
    np.testing.assert_array_equal(vmath.sincos2pi(u), (sine, cosine))


def test_log_without_edges_equals_log():
    x = abs(wide(1e-307, 1e308))
    fast, full = np.empty_like(x), np.empty_like(x)
    array_kernel("log_normal_range")(x, fast)
    array_kernel("log")(x, full)
    np.testing.assert_array_equal(fast, full)


@pytest.mark.skipif(not llvmlite.binding.get_host_cpu_features().get("avx2", False), reason="needs AVX2")
@pytest.mark.parametrize("name", [*ONE_ARGUMENT, "power", "sincos2pi"])
def test_loop_over_an_array_is_vector_code_without_libm(loops, name):
    assembly = "\n".join(loops[name].inspect_asm().values())
    assert len(re.findall(r"\bvf[n]?m(?:add|sub)\w*pd\b.*%[yz]mm", assembly)) >= 8
    assert not re.search(r"\$(exp|expm1|log|log1p|pow|sin|cos|sinh|tanh|fma|rint)\b", assembly)


PLAIN = """
import sys
import numpy as np
from neurosim.kernels import vmath
points = np.load(sys.argv[1])
results = {name: np.array([getattr(vmath, name)(float(x)) for x in points[name]]) for name in points if name != "power"}
results["power"] = np.array([vmath.power(float(x), 7.3) for x in points["power"]])
np.savez(sys.argv[2], **results)
"""


@needs_long_double
def test_plain_python_without_contraction_has_the_same_accuracy(tmp_path):
    points = {name: np.concatenate([x[::N // 100] for other, x in GRIDS if other == name]) for name in ONE_ARGUMENT}
    points["power"] = uniform(0.1, 30.0)[:300]
    np.savez(tmp_path / "points.npz", **points)
    subprocess.run([sys.executable, "-c", PLAIN, tmp_path / "points.npz", tmp_path / "results.npz"],
                   env={**os.environ, "NUMBA_DISABLE_JIT": "1"}, check=True)
    results = np.load(tmp_path / "results.npz")
    for name in ONE_ARGUMENT:
        assert error_in_ulp(results[name], REFERENCE[name](points[name].astype(LD))).max() <= 2.0, name
    exact = np.power(points["power"].astype(LD), LD(7.3))
    assert error_in_ulp(results["power"], exact).max() <= 4.0
