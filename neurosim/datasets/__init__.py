"""Data sets by name: ``datasets.digits()``, or ``datasets.load("digits", "shuffled")`` as experiment files do."""

from __future__ import annotations

import inspect
from types import MappingProxyType
from typing import Any

from neurosim.datasets.dataset import Dataset, make_dataset
from neurosim.datasets.digits import digits
from neurosim.datasets.toy import two_moons, xor
from neurosim.errors import ParameterError, did_you_mean

__all__ = ["REGISTRY", "Dataset", "digits", "load", "make_dataset", "two_moons", "xor"]

REGISTRY = MappingProxyType({"digits": digits, "xor": xor, "two_moons": two_moons})


def load(name: str, split: str = "", **options: Any) -> Dataset:
    """Return a data set by name.

    Parameters
    ----------
    name : str
        ``"digits"``, ``"xor"`` or ``"two_moons"``.
    split : str
        A split of that data set; left out, its default.
    **options
        What the data set takes (``validation=True``; ``n=400, noise=0.2, seed=1``); others are refused.

    Raises
    ------
    ParameterError
        Unknown name, split or option.
    DataError
        The data is missing or damaged.

    Examples
    --------
    >>> load("digits", "shuffled")
    Dataset("digits", split="shuffled", train=1437, validation=0, test=360, inputs=64)
    """
    if name not in REGISTRY:
        raise ParameterError(f'no data set "{name}".{did_you_mean(str(name), REGISTRY)}')
    maker: Any = REGISTRY[name]
    accepted = inspect.signature(maker).parameters
    if split:
        options = {"split": split, **options}
    for option in options:
        if option not in accepted:
            hint = did_you_mean(option, accepted) or " It has no options."
            raise ParameterError(f'data set "{name}": unknown option "{option}".{hint}')
    for option, parameter in accepted.items():
        if parameter.default is parameter.empty and option not in options:
            raise ParameterError(f'data set "{name}": {option} is missing. Give it explicitly.')
    return maker(**options)
