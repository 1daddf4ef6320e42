"""Random numbers: Random123's known answers, a slow twin, independence of how a draw is asked for, and the distributions."""

import math

import numpy as np
import pytest
from numba import njit
from scipy import stats

from neurosim.kernels import vmath
from neurosim.kernels.rng import fill_exponential, fill_normal, fill_uniform, philox, stream_key

KEY = np.uint64(0x9E3779B97F4A7C15)
FILLS = {"uniform": fill_uniform, "normal": fill_normal, "exponential": fill_exponential}
N = 400_000
STANDARD_ERRORS = 5.0
MASK = 0xFFFFFFFF


def draws(name, n=N, *, rows=1, key=KEY, purpose=0, step=0):
    out = np.full((rows, n), np.nan)
    FILLS[name](out, np.uint64(key), purpose, step, 0, n)
    return out


def philox_twin(counter, key):
    """Salmon et al. (2011), section 3.3, in plain integers."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & MASK, (p0 >> 32) ^ c[3] ^ k[1], p0 & MASK]
        k = [(k[0] + 0x9E3779B9) & MASK, (k[1] + 0xBB67AE85) & MASK]
    return c


def draw_twin(name, key, purpose, step, site):
    """Return one draw from its definition."""
    kind = ("uniform", "normal", "exponential").index(name)
    block, place = divmod(site, 16)
    counter = (8 * block + place % 8, purpose, step & MASK, (step >> 32) | kind << 24)
    words = philox_twin(counter, (key & MASK, key >> 32))
    u, w = ((((words[i] << 32 | words[i + 1]) >> 12) + 0.5) * 2.0**-52 for i in (0, 2))
    first = place < 8
    if name == "uniform":
        return u if first else w
    if name == "exponential":
        return -math.log(u if first else w)
    return math.sqrt(-2.0 * math.log(u)) * (math.cos if first else math.sin)(2.0 * math.pi * w)


@pytest.mark.parametrize(("counter", "key", "answer"), [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((MASK,) * 4, (MASK,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
     (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
], ids=["zeros", "ones", "digits of pi"])
def test_philox_gives_the_known_answers_of_random123(counter, key, answer):
    # https://github.com/DEShawResearch/random123, tests/kat_vectors, "philox4x32 10".
    words = philox(*(np.uint64(c) for c in counter), *(np.uint64(k) for k in key))
    assert tuple(int(word) for word in words) == answer
    assert tuple(philox_twin(counter, key)) == answer


@pytest.mark.parametrize("name", FILLS)
@pytest.mark.parametrize(("purpose", "step"), [(0, 0), (48, 123_456), (7, 2**40 + 3), (2**32 - 1, 2**56 - 1)])
def test_draws_equal_the_slow_twin(name, purpose, step):
    got = draws(name, 41, purpose=purpose, step=step)[0]
    want = [draw_twin(name, int(KEY), purpose, step, site) for site in range(41)]
    # Rounding of the angle in the twin's libm: 2 pi * 2^-53 against |cos| or |sin| above 1e-4 here.
    np.testing.assert_allclose(got, want, rtol=0.0 if name == "uniform" else 1e-11, atol=0.0)


@pytest.mark.parametrize("name", FILLS)
def test_a_draw_does_not_depend_on_start_stop_or_row_length(name):
    whole = draws(name, 1000, rows=2, purpose=5, step=9)
    generator = np.random.default_rng(1)
    for _ in range(60):
        start, stop = sorted(generator.integers(0, 1001, 2))
        part = np.full((2, generator.integers(stop, 1200) + 1), np.nan)
        FILLS[name](part, KEY, 5, 9, start, stop)
        np.testing.assert_array_equal(part[:, start:stop], whole[:, start:stop])
        assert np.isnan(part[:, :start]).all()
        assert np.isnan(part[:, stop:]).all()


@pytest.mark.parametrize("name", FILLS)
def test_row_r_has_purpose_plus_r(name):
    both = draws(name, 100, rows=2, purpose=3)
    np.testing.assert_array_equal(both[1], draws(name, 100, purpose=4)[0])


def test_every_key_purpose_step_and_distribution_draws_other_numbers():
    cases = [(key, purpose, step)
             for key in (0, 1, 2**32, 2**63) for purpose in (0, 1, 2**31) for step in (0, 1, 2**32, 2**55)]
    seen = np.concatenate([draws("uniform", 64, key=k, purpose=p, step=s)[0] for k, p, s in cases])
    assert np.unique(seen).size == seen.size
    angle_free = -np.log(draws("uniform", 64)[0])
    assert not np.isin(draws("exponential", 64)[0].round(12), angle_free.round(12)).any()


def test_stream_keys_differ_by_seed_task_replica_and_role():
    keys = {stream_key(seed, task, replica, role)
            for seed in (0, 1) for task in ("", "a", "a|0") for replica in (0, 1) for role in ("read", "0|read")}
    assert len(keys) == 24
    assert all(0 <= key < 2**64 for key in keys)


def test_stream_key_is_the_start_of_a_sha256():
    # printf '[7, "run", 0, "write"]' | sha256sum
    assert stream_key(7, "run", 0, "write") == 0xE4785C77B0021E3A


def test_extreme_uniforms_give_finite_normals():
    lowest, highest = 2.0**-53, 1.0 - 2.0**-53
    assert math.sqrt(-2.0 * vmath.log_normal_range(lowest)) == pytest.approx(math.sqrt(106.0 * math.log(2.0)), rel=1e-15)
    assert math.sqrt(-2.0 * vmath.log_normal_range(highest)) == pytest.approx(2.0**-26, rel=1e-15)


def test_uniform_stays_inside_the_open_interval():
    u = draws("uniform")
    assert u.min() > 0.0
    assert u.max() < 1.0


@pytest.mark.parametrize(("name", "law"),
                         [("uniform", stats.uniform), ("normal", stats.norm), ("exponential", stats.expon)])
@pytest.mark.parametrize("step", [0, 1])
def test_draws_follow_the_law_by_kolmogorov_and_smirnov(name, law, step):
    # sqrt(n) D exceeds 2.75 with probability 5e-7, that of five standard errors.
    distance = stats.kstest(draws(name, step=step)[0], law.cdf).statistic
    assert distance * math.sqrt(N) < 2.75


@pytest.mark.parametrize(("name", "raw"), [
    ("uniform", [1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6, 1 / 7, 1 / 8, 1 / 9]),
    ("normal", [0, 1, 0, 3, 0, 15, 0, 105]),
    ("exponential", [math.factorial(k) for k in range(1, 9)]),
])
def test_first_four_moments(name, raw):
    x = draws(name)[0]
    for k in range(1, 5):
        variance = raw[2 * k - 1] - raw[k - 1] ** 2
        assert abs((x**k).mean() - raw[k - 1]) < STANDARD_ERRORS * math.sqrt(variance / N), k


def test_tails_of_the_normal_have_the_right_weight():
    x = draws("normal", 4 * N)[0]
    for limit in (3.0, 4.0):
        expected = 4 * N * 2.0 * stats.norm.sf(limit)
        assert abs((abs(x) > limit).sum() - expected) < STANDARD_ERRORS * math.sqrt(expected)


@pytest.mark.parametrize("lag", [1, 2, 4, 8, 16, 64, 1024])
def test_sites_are_uncorrelated_in_value_and_in_square(lag):
    # Lag 8 holds the cosine and the sine of one Box-Muller pair.
    x = draws("normal")[0]
    limit = STANDARD_ERRORS / math.sqrt(N - lag)
    assert abs(np.mean(x[lag:] * x[:-lag])) < limit
    square = (x**2 - 1.0) / math.sqrt(2.0)
    assert abs(np.mean(square[lag:] * square[:-lag])) < limit


@pytest.mark.parametrize("other", [{"step": 1}, {"step": 2**32}, {"purpose": 1}, {"key": int(KEY) + 1},
                                   {"key": int(KEY) ^ 2**40}], ids=str)
def test_streams_are_uncorrelated(other):
    x, y = draws("normal")[0], draws("normal", **other)[0]
    assert abs(np.mean(x * y)) < STANDARD_ERRORS / math.sqrt(N)


def test_a_site_is_uncorrelated_from_step_to_step():
    x = np.array([draws("normal", 32, step=step)[0] for step in range(4000)])
    limit = STANDARD_ERRORS / math.sqrt(x[1:].size)
    assert abs(np.mean(x[1:] * x[:-1])) < limit
    assert abs(x.mean(axis=0)).max() < STANDARD_ERRORS / math.sqrt(4000)


def test_kernels_can_be_called_from_kernels():
    @njit
    def fill(out, key):
        fill_normal(out, key, 0, 0, 3, 20)

    out = np.zeros((1, 20))
    fill(out, KEY)
    np.testing.assert_array_equal(out[0, 3:], draws("normal", 20)[0, 3:])
