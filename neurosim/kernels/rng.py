"""Counter-based random numbers: every draw is a pure function of (key, site, purpose, step).

Philox4x32-10 turns the counter (pair of sites, purpose, step) and a 64-bit key into two 64-bit words. Worker count, order
of calls, resuming, recording and the columns of a call (``start, stop``) therefore cannot change a draw. Sites come in
blocks of 16: counter ``8 * block + j`` serves sites ``16 * block + j`` and ``16 * block + j + 8``, so that blocks vectorise.

====================  ===============================================  =================================
distribution          from the uniforms u, w of a pair                 range
====================  ===============================================  =================================
``fill_uniform``      (n + 1/2) / 2^52, n = top 52 bits of a word      [2^-53, 1 - 2^-53], never 0 or 1
``fill_normal``       sqrt(-2 log u) (cos 2 pi w, sin 2 pi w)          |x| < 8.6, never inf or NaN
``fill_exponential``  -log u                                           [1.1e-16, 36.8]
====================  ===============================================  =================================

Limits: site < 2^33, 0 <= purpose < 2^32, 0 <= step < 2^56; the distributions draw from disjoint counters.

References
----------
J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC'11, https://doi.org/10.1145/2063384.2063405.
G. E. P. Box and M. E. Muller, Ann. Math. Stat. 29, 610 (1958), https://doi.org/10.1214/aoms/1177706645.
"""

from __future__ import annotations

import hashlib
import json
import math

import numpy as np

from neurosim.kernels.bits import float_of_bits
from neurosim.kernels.jit import kernel, scalar_kernel
from neurosim.kernels.signatures import A2, i8, u8, void
from neurosim.kernels.vmath import log_normal_range, sincos2pi

FILL = void(A2, u8, i8, i8, i8, i8)  # out (n_noise, n), key, purpose, step, start, stop
BLOCK, PAIRS = 16, 8  # sites and counters of a block
TILE_BLOCKS = 8  # blocks worked on at once

# Multipliers, Weyl constants of the key (Salmon et al., section 3.3), and masks.
M0, M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
W0, W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
LOW, HALF_WORD = np.uint64(0xFFFFFFFF), np.uint64(32)
DROPPED, ONE = np.uint64(12), np.uint64(0x3FF0000000000000)  # keep 52 bits as the mantissa of a number in [1, 2)
BELOW_ONE = 1.0 - 2.0**-53
UNIFORM, NORMAL, EXPONENTIAL = np.uint64(0 << 24), np.uint64(1 << 24), np.uint64(2 << 24)  # top byte of the step word


def stream_key(seed: int, task: str, replica: int, role: str) -> int:
    """Return the 64-bit key of one stream of random numbers: the first 64 bits of a sha256 of its names.

    Parameters
    ----------
    seed : int
        The seed of the experiment.
    task : str
        The row of a study, or the name of the run.
    replica : int
        Repetition of the same task.
    role : str
        What the numbers are for (``"device"``, ``"write"``, ``"data"``).

    Examples
    --------
    >>> stream_key(7, "run", 0, "write") == stream_key(7, "run", 0, "read")
    False
    """
    names = json.dumps([int(seed), task, int(replica), role])
    return int.from_bytes(hashlib.sha256(names.encode()).digest()[:8], "big")


@scalar_kernel
def philox(c0, c1, c2, c3, k0, k1):
    """Return the four output words of Philox4x32-10; every word is a uint64 below 2^32."""
    for _ in range(10):
        p0 = M0 * (c0 & LOW)
        p1 = M1 * (c2 & LOW)
        c0 = (p1 >> HALF_WORD) ^ c1 ^ k0
        c2 = (p0 >> HALF_WORD) ^ c3 ^ k1
        c1 = p1 & LOW
        c3 = p0 & LOW
        k0 = (k0 + W0) & LOW
        k1 = (k1 + W1) & LOW
    return c0, c1, c2, c3


@scalar_kernel
def _open_uniform(high, low):
    """Return a number strictly between 0 and 1 from two 32-bit words."""
    word = (high << HALF_WORD) | low
    return float_of_bits(np.int64((word >> DROPPED) | ONE)) - BELOW_ONE


@scalar_kernel
def _uniform_pair(pair, purpose, step, kind, key):
    """Return the two uniform draws of one counter."""
    step = np.uint64(step)
    c0, c1, c2, c3 = philox(np.uint64(pair), np.uint64(purpose) & LOW, step & LOW, (step >> HALF_WORD) ^ kind,
                            key & LOW, key >> HALF_WORD)
    return _open_uniform(c0, c1), _open_uniform(c2, c3)


@scalar_kernel
def _copy(first_half, second_half, line, first, start, stop):
    """Copy the draws of a run of blocks that begins at column ``first`` to the asked columns."""
    for block in range(min(TILE_BLOCKS, (stop - first + BLOCK - 1) // BLOCK)):
        site, pair = first + BLOCK * block, PAIRS * block
        if start <= site and site + BLOCK <= stop:
            for j in range(PAIRS):
                line[site + j] = first_half[pair + j]
                line[site + PAIRS + j] = second_half[pair + j]
        else:
            for i in range(max(start - site, 0), min(stop - site, BLOCK)):
                line[site + i] = first_half[pair + i] if i < PAIRS else second_half[pair + i - PAIRS]


@scalar_kernel
def _pairs(first, stop):
    """Return how many counters serve the columns from ``first``: whole blocks, at most a tile."""
    return PAIRS * min(TILE_BLOCKS, (stop - first + BLOCK - 1) // BLOCK)


@kernel(FILL)
def fill_uniform(out, key, purpose, step, start, stop):
    """Write uniform draws in (0, 1) into columns start to stop; row r has the purpose ``purpose + r``.

    Parameters
    ----------
    out : ndarray, shape (n_noise, n)
        Receives the draws.
    key : uint64
        From :func:`stream_key`.
    purpose, step : int
        What the draw is for, and when.
    start, stop : int
        Columns to fill; the draw of a column does not depend on them.
    """
    cosines, sines = np.empty(PAIRS * TILE_BLOCKS), np.empty(PAIRS * TILE_BLOCKS)
    for row in range(out.shape[0]):
        line = out[row]
        for first in range(start - start % BLOCK, stop, BLOCK * TILE_BLOCKS):
            for j in range(_pairs(first, stop)):
                u, w = _uniform_pair(first // 2 + j, purpose + row, step, UNIFORM, key)
                cosines[j] = u
                sines[j] = w
            _copy(cosines, sines, line, first, start, stop)


@kernel(FILL)
def fill_normal(out, key, purpose, step, start, stop):
    """Write standard normal draws (Box-Muller) into columns start to stop; parameters as in ``fill_uniform``."""
    cosines, sines = np.empty(PAIRS * TILE_BLOCKS), np.empty(PAIRS * TILE_BLOCKS)
    for row in range(out.shape[0]):
        line = out[row]
        for first in range(start - start % BLOCK, stop, BLOCK * TILE_BLOCKS):
            for j in range(_pairs(first, stop)):
                u, w = _uniform_pair(first // 2 + j, purpose + row, step, NORMAL, key)
                radius = math.sqrt(-2.0 * log_normal_range(u))
                sine, cosine = sincos2pi(w)
                cosines[j] = radius * cosine
                sines[j] = radius * sine
            _copy(cosines, sines, line, first, start, stop)


@kernel(FILL)
def fill_exponential(out, key, purpose, step, start, stop):
    """Write standard exponential draws (mean 1) into columns start to stop; parameters as in ``fill_uniform``."""
    cosines, sines = np.empty(PAIRS * TILE_BLOCKS), np.empty(PAIRS * TILE_BLOCKS)
    for row in range(out.shape[0]):
        line = out[row]
        for first in range(start - start % BLOCK, stop, BLOCK * TILE_BLOCKS):
            for j in range(_pairs(first, stop)):
                u, w = _uniform_pair(first // 2 + j, purpose + row, step, EXPONENTIAL, key)
                cosines[j] = -log_normal_range(u)
                sines[j] = -log_normal_range(w)
            _copy(cosines, sines, line, first, start, stop)
