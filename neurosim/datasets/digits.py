"""UCI optical digits: 1797 handwritten digits of 8 x 8 pixels, shipped with the package (45 kB, CC BY 4.0).

The file order groups the writers, so that the last 360 images come from other people than the first 1437 (but for the
writer at the boundary): ``"writer_disjoint"`` is the honest test and harder than ``"shuffled"``, which mixes writers.

The last 300 rows of the training part can be split off to tune on. They are handed out without the test part, so
that nothing is chosen by looking at the test.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository (1998),
doi:10.24432/C50P49.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from pathlib import Path

import numpy as np

from neurosim.datasets.dataset import Dataset, make_dataset
from neurosim.errors import DataError, ParameterError, did_you_mean

FILE = Path(__file__).with_name("optical_digits.gz")
FILE_SHA256 = "b508b4f324a791510eda456e789a11e808069126463db70a9ddce6f638f9814e"
ATTRIBUTION = ("E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository "
               "(1998), doi:10.24432/C50P49, CC BY 4.0")
N_SAMPLES, N_PIXELS, N_CLASSES, LEVELS = 1797, 64, 10, 16
N_TRAIN, N_VALIDATION = 1437, 300
SPLITS = ("writer_disjoint", "shuffled")


def digits(split: str = "writer_disjoint", *, validation: bool = False) -> Dataset:
    """Return the optical digits, pixels scaled to [0, 1].

    Parameters
    ----------
    split : str
        ``"writer_disjoint"``: first 1437 images in file order to train, last 360 to test (other writers).
        ``"shuffled"``: a fixed permutation first, same sizes.
    validation : bool
        Hand out rows 1137 .. 1436 of the training part as the validation part, rows 0 .. 1136 to train,
        and no test part.

    Returns
    -------
    Dataset
        ``train_x`` of shape (1437, 64) or (1137, 64).

    Raises
    ------
    DataError
        The shipped file is missing or damaged.

    Examples
    --------
    >>> digits()
    Dataset("digits", split="writer_disjoint", train=1437, validation=0, test=360, inputs=64)
    """
    if split not in SPLITS:
        raise ParameterError(f'digits: no split "{split}".{did_you_mean(str(split), SPLITS)}')
    rows = read_rows()
    if split == "shuffled":
        rows = rows[permutation(N_SAMPLES)]
    x, y = rows[:, :N_PIXELS] / LEVELS, rows[:, N_PIXELS]
    tune = N_TRAIN - N_VALIDATION
    if validation:
        return make_dataset("digits", split, (x[:tune], y[:tune]), None, (x[tune:N_TRAIN], y[tune:N_TRAIN]),
                            n_classes=N_CLASSES, attribution=ATTRIBUTION)
    return make_dataset("digits", split, (x[:N_TRAIN], y[:N_TRAIN]), (x[N_TRAIN:], y[N_TRAIN:]),
                        n_classes=N_CLASSES, attribution=ATTRIBUTION)


def read_rows(path: Path = FILE) -> np.ndarray:
    """Return the shipped bytes, shape (1797, 65): 64 pixels of 0 .. 16 and the label; the hash is checked first."""
    remedy = "Reinstall neurosim-ep."
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"digits: cannot read {path}: {error.strerror or error}. {remedy}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != FILE_SHA256:
        raise DataError(f"digits: {path} is damaged: sha256 {found[:12]}..., expected {FILE_SHA256[:12]}... "
                        f"({len(data)} bytes). {remedy}")
    try:
        rows = np.frombuffer(gzip.decompress(data), dtype=np.uint8)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"digits: {path} cannot be unpacked: {error}. {remedy}") from error
    return rows.reshape(N_SAMPLES, N_PIXELS + 1)


def permutation(n: int) -> np.ndarray:
    """Return a fixed order of 0 .. n - 1, sorted by hash: the same under every version of numpy."""
    return np.array(sorted(range(n), key=lambda row: hashlib.sha256(f"digits {row}".encode()).digest()))
