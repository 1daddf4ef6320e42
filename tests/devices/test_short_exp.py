"""Short exponentials and logarithms of device laws against the C library: 2 ulp, and their ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

from devices.memristor.short_exp import decayed, exp_bounded
from devices.memristor.short_log import grown, log_grown

RNG = np.random.default_rng(1)
SMALL = 10.0 ** RNG.uniform(-300.0, 0.0, 500)


def places(low, high, least=-1.0):
    """Return arguments over a range, around one, and down to 1e-300."""
    return np.concatenate([RNG.uniform(low, high, 1000), RNG.uniform(least, 1.0, 1000), SMALL])


CASES = {
    "exp_bounded": (exp_bounded, math.exp, places(-690.0, 690.0)),
    "decayed": (decayed, lambda y: -math.expm1(-y), places(0.0, 50.0, 0.0)),
    "grown": (grown, math.expm1, places(-1.0, 690.0)),
    "log_grown": (log_grown, math.log1p, np.concatenate([places(0.0, 3.0, 0.0), 10.0 ** RNG.uniform(0.0, 304.0, 500)])),
}


@pytest.mark.parametrize("name", CASES)
def test_error_is_below_two_units_in_the_last_place(name):
    short, exact, arguments = CASES[name]
    worst = max(abs(short(x) - exact(x)) / math.ulp(exact(x)) for x in arguments)
    assert worst <= 2.0


def test_ends():
    assert exp_bounded(0.0) == 1.0
    assert decayed(0.0) == 0.0
    assert decayed(1e300) == decayed(math.inf) == 1.0
    assert grown(0.0) == log_grown(0.0) == 0.0
    assert math.isfinite(log_grown(grown(1e300)))
    assert all(math.isnan(f(math.nan)) for f in (exp_bounded, decayed, grown, log_grown))
