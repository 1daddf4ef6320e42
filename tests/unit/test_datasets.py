"""Data sets: the shipped bytes are the published ones, parts never overlap, damage is found."""

import gzip

import numpy as np
import pytest

from neurosim import datasets
from neurosim.datasets import digits as make_digits
from neurosim.datasets.digits import FILE, N_CLASSES, permutation, read_rows
from neurosim.errors import DataError, ParameterError

PARTS = ("train_x", "train_y", "test_x", "test_y", "validation_x", "validation_y")


def test_digits_are_those_of_the_repository():
    sklearn_datasets = pytest.importorskip("sklearn.datasets")
    theirs = sklearn_datasets.load_digits()
    ours = make_digits("writer_disjoint")
    np.testing.assert_array_equal(np.vstack([ours.train_x, ours.test_x]) * 16, theirs.data)
    np.testing.assert_array_equal(np.concatenate([ours.train_y, ours.test_y]), theirs.target)


def test_class_counts_are_those_of_the_published_description():
    # optdigits.names, "Class Distribution", testing set.
    labels = read_rows()[:, 64]
    np.testing.assert_array_equal(np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])


@pytest.mark.parametrize("split", ["writer_disjoint", "shuffled"])
def test_split_has_the_stated_sizes_and_range(split):
    data = make_digits(split)
    assert data.train_x.shape == (1437, 64)
    assert data.test_x.shape == (360, 64)
    assert data.validation_x.shape == (0, 64)
    assert data.n_classes == N_CLASSES == 10
    assert data.n_input == 64
    assert (data.train_x.min(), data.train_x.max()) == (0.0, 1.0)
    assert "CC BY 4.0" in data.attribution


@pytest.mark.parametrize("split", ["writer_disjoint", "shuffled"])
def test_validation_part_is_the_end_of_training_and_hides_the_test(split):
    whole, tuning = make_digits(split), make_digits(split, validation=True)
    np.testing.assert_array_equal(tuning.train_x, whole.train_x[:1137])
    np.testing.assert_array_equal(tuning.validation_x, whole.train_x[1137:])
    np.testing.assert_array_equal(tuning.validation_y, whole.train_y[1137:])
    assert tuning.validation_x.shape == (300, 64)
    assert tuning.test_x.shape == (0, 64)
    assert tuning.test_y.shape == (0,)


def test_shuffled_split_holds_every_image_once():
    assert sorted(permutation(1797)) == list(range(1797))
    assert (permutation(1797) != np.arange(1797)).mean() > 0.99
    shuffled = make_digits("shuffled")
    rows = np.vstack([shuffled.train_x, shuffled.test_x])
    np.testing.assert_array_equal(rows * 16, read_rows()[permutation(1797), :64])


@pytest.mark.parametrize("data", [make_digits(), make_digits(validation=True), datasets.xor(),
                                  datasets.two_moons(seed=1)])
def test_arrays_are_read_only(data):
    for part in PARTS:
        with pytest.raises(ValueError, match="read-only"):
            getattr(data, part)[...] = 0
    assert data.train_y.dtype == np.int64
    assert data.train_x.flags.c_contiguous


def test_hash_tells_experiments_apart_and_repeats():
    hashes = [make_digits().sha256, make_digits("shuffled").sha256, make_digits(validation=True).sha256]
    assert len(set(hashes)) == 3
    assert make_digits().sha256 == hashes[0]


@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "other"])
def test_damaged_file_is_a_data_error(tmp_path, damage):
    data = bytearray(FILE.read_bytes())
    if damage == "flip":
        data[1000] ^= 1
    changed = {"flip": bytes(data), "cut": bytes(data[:-7]), "empty": b"", "other": gzip.compress(b"hello")}[damage]
    path = tmp_path / "optical_digits.gz"
    path.write_bytes(changed)
    with pytest.raises(DataError, match=r"damaged: sha256 .*Reinstall") as caught:
        read_rows(path)
    assert caught.value.exit_code == 4


def test_missing_file_is_a_data_error(tmp_path):
    with pytest.raises(DataError, match="cannot read"):
        read_rows(tmp_path / "none.gz")


def test_shipped_file_is_small_and_has_its_licence():
    assert FILE.stat().st_size <= 60_000
    note = FILE.with_name("optical_digits.LICENSE.md").read_text()
    for word in ("Alpaydin", "Kaynak", "CC BY 4.0", "Optical Recognition of Handwritten Digits"):
        assert word in note


def test_xor_is_exclusive_or():
    data = datasets.xor()
    np.testing.assert_array_equal(data.train_y, data.train_x[:, 0] * data.train_x[:, 1] < 0)
    assert set(np.abs(data.train_x).ravel()) == {1.0}
    assert data.n_classes == 2


def test_moons_without_noise_lie_on_their_half_circles():
    data = datasets.two_moons(100, noise=0, seed=3)
    x = np.vstack([data.train_x, data.test_x]) + np.array([0.5, 0.25])
    label = np.concatenate([data.train_y, data.test_y])
    centre = np.where(label[:, None] == 0, [[0.0, 0.0]], [[1.0, 0.5]])
    np.testing.assert_allclose(np.hypot(*(x - centre).T), 1.0, rtol=1e-14, atol=0)
    assert ((x - centre)[:, 1] * np.where(label == 0, 1, -1) >= 0).all()
    assert data.train_x.shape == data.test_x.shape == (100, 2)


def test_noise_of_the_moons_has_the_stated_width():
    quiet, noisy = datasets.two_moons(5000, noise=0, seed=3), datasets.two_moons(5000, noise=0.2, seed=3)
    difference = (noisy.train_x - quiet.train_x).ravel()
    # 10000 normals: standard error of the standard deviation is 0.2 / sqrt(20000), 5 of them.
    assert abs(difference.std() - 0.2) < 5 * 0.2 / np.sqrt(2 * difference.size)


def test_seed_decides_the_moons():
    assert datasets.two_moons(seed=1).sha256 == datasets.two_moons(seed=1).sha256
    assert datasets.two_moons(seed=1).sha256 != datasets.two_moons(seed=2).sha256


@pytest.mark.parametrize("options", [{"n": 1}, {"n": 2.5}, {"n": True}, {"noise": -0.1}, {"noise": float("nan")},
                                     {"noise": "1 V"}, {"seed": -1}, {"seed": 1.0}, {"seed": None}])
def test_bad_moons_are_refused(options):
    with pytest.raises(ParameterError, match="two_moons"):
        datasets.two_moons(**{"seed": 1, **options})


@pytest.mark.parametrize(("arguments", "message"), [
    ({"name": "digts"}, r'no data set "digts". Did you mean "digits"'),
    ({"name": "digits", "split": "shufled"}, r'no split "shufled". Did you mean "shuffled"'),
    ({"name": "digits", "validaton": True}, r'unknown option "validaton". Did you mean "validation"'),
    ({"name": "xor", "split": "all"}, 'unknown option "split". It has no options'),
    ({"name": "two_moons"}, "seed is missing"),
])
def test_bad_name_or_option_is_explained(arguments, message):
    with pytest.raises(ParameterError, match=message):
        datasets.load(**arguments)


def test_load_passes_split_and_options():
    by_name = datasets.load("digits", "shuffled", validation=True)
    assert by_name.sha256 == make_digits("shuffled", validation=True).sha256
    assert datasets.load("digits").split == "writer_disjoint"
    assert datasets.load("two_moons", n=30, seed=2).train_x.shape == (30, 2)
