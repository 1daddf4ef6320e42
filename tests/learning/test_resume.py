"""A run that stops and continues has the bits of one that never stopped; a damaged checkpoint is never used."""

import dataclasses
import json

import numpy as np
import pytest

from neurosim.config import parse_config
from neurosim.errors import StorageError
from neurosim.experiment import build
from neurosim.learning.checkpoint import NAME, PREVIOUS, load_checkpoint, save_checkpoint
from neurosim.run import config_hash
from neurosim.storage import read_arrays, write_arrays

CASES = [
    {"learning__programmer": "device"},
    {"learning__programmer": "pulse_step"},
    {"learning__programmer": "write_verify"},
    {"learning__programmer": "ideal"},
    {"learning__programmer": "outer_product", "learning__accumulator": {"kind": "none"}},
    {"learning__accumulator": {"kind": "capacitor", "quantum": 0.002, "leak_time": "20 us", "noise": 0.1}},
    {"learning__accumulator": {"kind": "digital", "quantum": 0.002, "bits": 12}},
    {"settle": {"mode": "equilibrium"}},
]


def assert_same_bits(a, b):
    """Compare everything that a later sample can depend on, and the history."""
    for one, other in zip(a.network.crossbars, b.network.crossbars, strict=True):
        np.testing.assert_array_equal(one.population.state, other.population.state)
        np.testing.assert_array_equal(one.g, other.g)
        assert one.events == other.events
    for one, other in zip(a.contents, b.contents, strict=True):
        np.testing.assert_array_equal(one, other)
    assert a.history == b.history
    assert dataclasses.asdict(a.totals) == dataclasses.asdict(b.totals)
    assert (a.epoch, a.position, a.network.phase, a.last_deposit_gap) == (b.epoch, b.position, b.network.phase,
                                                                         b.last_deposit_gap)


def stop_after(trainer, samples):
    """Train and stop between two samples."""
    left = [samples]

    def stop():
        left[0] -= 1
        return left[0] < 0

    assert not trainer.fit(stop=stop)


@pytest.mark.parametrize("changes", CASES, ids=lambda c: "-".join(str(value) for value in c.values())[:40])
@pytest.mark.parametrize("samples", [1, 12, 17])
def test_resumed_run_has_the_bits_of_an_uninterrupted_one(tiny, tmp_path, changes, samples):
    config = parse_config(tiny(**changes))
    whole = build(config).trainer
    assert whole.fit()
    first = build(config).trainer
    stop_after(first, samples)
    save_checkpoint(tmp_path, first, config_hash(config))
    second = build(config).trainer
    extra, warning = load_checkpoint(tmp_path, second, config_hash(config))
    assert (extra, warning) == ({}, "")
    assert_same_bits(first, second)
    assert second.fit()
    assert_same_bits(whole, second)
    assert whole.history[-1]["pulses"] > 0 or config.learning.programmer == "ideal"


def test_saving_changes_nothing(tiny, tmp_path):
    config = parse_config(tiny())
    a, b = (build(config).trainer for _ in range(2))
    a.fit()
    b.fit(after_sample=lambda trainer: save_checkpoint(tmp_path, trainer, "x"))
    assert_same_bits(a, b)


@pytest.fixture
def two_generations(tiny, tmp_path):
    """Return config, folder and the trainers at the older and at the newer checkpoint."""
    config = parse_config(tiny(training__epochs=1))
    trainers = []
    for samples in (5, 9):
        trainers.append(build(config).trainer)
        stop_after(trainers[-1], samples)
        save_checkpoint(tmp_path, trainers[-1], config_hash(config), {"mark": np.array([samples])})
    return config, tmp_path, trainers


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_checkpoint_falls_back_to_the_previous_one(two_generations, share):
    config, folder, (older, _) = two_generations
    data = (folder / NAME).read_bytes()
    (folder / NAME).write_bytes(data[: int(share * len(data))])
    fresh = build(config).trainer
    extra, warning = load_checkpoint(folder, fresh, config_hash(config))
    assert "damaged" in warning
    assert PREVIOUS in warning
    assert extra["mark"] == [5]
    assert_same_bits(fresh, older)


def test_missing_checkpoint_falls_back_to_the_previous_one(two_generations):
    config, folder, (older, _) = two_generations
    (folder / NAME).unlink()
    fresh = build(config).trainer
    _, warning = load_checkpoint(folder, fresh, config_hash(config))
    assert "missing" in warning
    assert_same_bits(fresh, older)


def test_no_flipped_byte_changes_a_resumed_state(two_generations):
    # Either the damage is found, or it sits where it cannot matter (a time stamp in the archive's directory).
    config, folder, (older, newer) = two_generations
    data = bytearray((folder / NAME).read_bytes())
    found = 0
    fresh = build(config).trainer
    for position in range(0, len(data), 17):
        damaged = bytearray(data)
        damaged[position] ^= 0x55
        (folder / NAME).write_bytes(damaged)
        _, warning = load_checkpoint(folder, fresh, config_hash(config))
        found += bool(warning)
        assert_same_bits(fresh, older if warning else newer)
    assert found > 0.5 * len(range(0, len(data), 17))


def test_two_damaged_generations_are_an_error_and_leave_the_trainer_alone(two_generations):
    config, folder, _ = two_generations
    for name in (NAME, PREVIOUS):
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])
    fresh, untouched = build(config).trainer, build(config).trainer
    with pytest.raises(StorageError, match=r"no usable checkpoint.*damaged.*damaged"):
        load_checkpoint(folder, fresh, config_hash(config))
    assert_same_bits(fresh, untouched)


def test_checkpoint_of_another_configuration_is_refused(two_generations, tiny):
    _, folder, _ = two_generations
    other = parse_config(tiny(training__epochs=1, seed=4))
    with pytest.raises(StorageError, match="another configuration"):
        load_checkpoint(folder, build(other).trainer, config_hash(other))


def test_non_finite_state_is_not_loaded(two_generations):
    config, folder, (older, newer) = two_generations
    newer.network.crossbars[0].population.state[0, 0] = np.nan
    (folder / NAME).unlink()
    save_checkpoint(folder, newer, config_hash(config))
    fresh = build(config).trainer
    _, warning = load_checkpoint(folder, fresh, config_hash(config))
    assert "not finite" in warning
    assert_same_bits(fresh, older)


@pytest.mark.parametrize("change", [
    {"events": [3]}, {"events": [3, "x"]}, {"gap": None}, {"gap": "x"}, {"phase": None}, {"epoch": -1}, {"position": 1e400},
    {"history": 4}, {"totals": {"colour": 1}},
], ids=str)
def test_damaged_progress_leaves_the_trainer_alone(two_generations, change):
    config, folder, _ = two_generations
    arrays = read_arrays(folder / NAME)
    progress = {**json.loads(arrays["progress"].tobytes()), **change}
    arrays["progress"] = np.frombuffer(json.dumps(progress).encode(), dtype=np.uint8)
    write_arrays(folder / NAME, arrays)
    (folder / PREVIOUS).unlink()
    fresh, untouched = build(config).trainer, build(config).trainer
    with pytest.raises(StorageError, match="damaged"):
        load_checkpoint(folder, fresh, config_hash(config))
    assert_same_bits(fresh, untouched)
