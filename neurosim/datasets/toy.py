"""Tasks small enough to check by hand: exclusive or, and two interleaved half circles."""

from __future__ import annotations

import math

import numpy as np

from neurosim.datasets.dataset import Dataset, make_dataset
from neurosim.errors import ParameterError
from neurosim.units import quantity


def xor() -> Dataset:
    """Return exclusive or on inputs of -1 and +1: class 1 where they differ; not linearly separable.

    Training and test part are the same four points.

    Examples
    --------
    >>> xor().train_y
    array([0, 1, 1, 0])
    """
    x = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    y = np.array([0, 1, 1, 0])
    return make_dataset("xor", "all", (x, y), (x, y), n_classes=2, attribution="exclusive or")


def two_moons(n: int = 200, *, noise: float = 0.1, seed: int) -> Dataset:
    """Return two interleaved half circles of radius 1 with Gaussian noise.

    Parameters
    ----------
    n : int
        Points in the training part and again in the test part; classes alternate.
    noise : float
        Standard deviation added to both coordinates, radius 1.
    seed : int
        Non-negative; the same seed gives the same points.

    Notes
    -----
    Class 0: (cos a, sin a); class 1: (1 - cos a, 1/2 - sin a), a uniform in [0, pi]. Both are then shifted by
    (-1/2, -1/4), which centres the figure.
    """
    for name, number, low in (("n", n, 2), ("seed", seed, 0)):
        if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < low:
            raise ParameterError(f"two_moons: {name} = {number!r}, allowed is an integer from {low} up.")
    noise = quantity(noise, "", "two_moons: noise")
    if noise < 0.0:
        raise ParameterError(f"two_moons: noise = {noise:g}, allowed is a standard deviation from 0 up.")
    rng = np.random.default_rng(seed)
    x, y = _moons(2 * n, noise, rng)
    return make_dataset("two_moons", f"n={n}, noise={noise:g}, seed={seed}", (x[:n], y[:n]), (x[n:], y[n:]),
                        n_classes=2, attribution="two half circles")


def _moons(n: int, noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    angle, label = rng.uniform(0.0, math.pi, n), np.arange(n) % 2
    first = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    second = np.stack([1.0 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    x = np.where(label[:, None] == 0, first, second) - np.array([0.5, 0.25])
    return x + noise * rng.standard_normal((n, 2)), label
