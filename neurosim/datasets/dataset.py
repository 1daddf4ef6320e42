"""The one form in which every data set arrives: frozen, read-only arrays, and the hash that identifies it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and labels of a classification task.

    Attributes
    ----------
    name, split : str
        Which data and which division into parts.
    train_x, test_x, validation_x : ndarray, shape (n, n_input)
        Inputs, read-only. A part that this split does not hand out has zero rows.
    train_y, test_y, validation_y : ndarray of int64, shape (n,)
        Labels 0 .. n_classes - 1, read-only.
    n_classes : int
    attribution : str
        Whom to cite.
    """

    name: str
    split: str
    train_x: np.ndarray
    train_y: np.ndarray
    test_x: np.ndarray
    test_y: np.ndarray
    validation_x: np.ndarray
    validation_y: np.ndarray
    n_classes: int
    attribution: str = ""

    @property
    def n_input(self) -> int:
        """Number of inputs of one sample."""
        return int(self.train_x.shape[1])

    @property
    def sha256(self) -> str:
        """Hash of all arrays: equal for two data sets exactly when training on them is the same experiment."""
        digest = hashlib.sha256()
        for part in (self.train_x, self.train_y, self.validation_x, self.validation_y, self.test_x, self.test_y):
            digest.update(f"{part.shape}".encode() + part.tobytes())
        return digest.hexdigest()

    def __repr__(self) -> str:
        return (f'Dataset("{self.name}", split="{self.split}", train={len(self.train_y)}, '
                f"validation={len(self.validation_y)}, test={len(self.test_y)}, inputs={self.n_input})")


def make_dataset(name: str, split: str, train: tuple[Any, Any], test: tuple[Any, Any] | None = None,
                 validation: tuple[Any, Any] | None = None, *, n_classes: int, attribution: str = "") -> Dataset:
    """Return a data set from (x, y) pairs; absent parts become zero rows, copies are read-only."""
    width = np.asarray(train[0]).shape[1]
    nothing = (np.zeros((0, width)), np.zeros(0))
    parts = [_frozen(*(part or nothing)) for part in (train, test, validation)]
    return Dataset(name, split, *parts[0], *parts[1], *parts[2], n_classes, attribution)


def _frozen(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    inputs, labels = np.array(x, dtype=np.float64, order="C"), np.array(y, dtype=np.int64)
    inputs.setflags(write=False)
    labels.setflags(write=False)
    return inputs, labels
