from __future__ import annotations

import os

import jax
import ml_dtypes
import numpy as np
import pytest

from ranvier._errors import FileRefused
from ranvier.saving import checkpoint
from ranvier.saving.checkpoint import read_checkpoint, read_checkpoint_file, write_checkpoint

ARRAYS = {
    "dense/kernel": np.arange(12, dtype="f4").reshape(3, 4),
    "step": np.int32(7),
    "half": np.array([[1.5, -2.0]], ml_dtypes.bfloat16),
    "half scalar": np.array(1.5, ml_dtypes.bfloat16),
    "key": np.asarray(jax.random.key_data(jax.random.key(3))),
    "flags": np.array([True, False]),
    "none": np.zeros((0, 2)),
    "turned": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
}


def test_arrays_and_facts_come_back(tmp_path):
    facts = {"epoch": 3, "history": {"loss": [0.5, 0.25]}, "name": "ä"}
    path = write_checkpoint(tmp_path / "run", ARRAYS, facts)
    arrays, read = read_checkpoint(tmp_path / "run")
    assert path.parent == tmp_path / "run" and read == facts and list(arrays) == list(ARRAYS)
    for name, value in ARRAYS.items():
        assert arrays[name].dtype == value.dtype and arrays[name].shape == value.shape
        np.testing.assert_array_equal(arrays[name], value)
        assert arrays[name].flags.writeable


def test_nothing_there(tmp_path):
    assert read_checkpoint(tmp_path) is None
    assert read_checkpoint(tmp_path / "none") is None


def test_newest_two_stay_and_leftovers_go(tmp_path):
    leftover = tmp_path / f".checkpoint-000000000009.npz{checkpoint.TEMPORARY_MARK}1-ab"
    leftover.write_bytes(b"half a checkpoint")
    (tmp_path / "notes.txt").write_text("mine")
    for number in range(4):
        write_checkpoint(tmp_path, {"a": np.full(3, number)}, {"number": number})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "checkpoint-000000000002.npz", "checkpoint-000000000003.npz", "notes.txt",
    ]  # fmt: skip
    assert read_checkpoint(tmp_path)[1] == {"number": 3}


def test_damaged_newest_falls_back(tmp_path):
    write_checkpoint(tmp_path, ARRAYS, {"number": 0})
    newest = write_checkpoint(tmp_path, ARRAYS, {"number": 1})
    newest.write_bytes(newest.read_bytes()[:500])
    with pytest.warns(UserWarning, match="damaged"):
        assert read_checkpoint(tmp_path)[1] == {"number": 0}
    assert int(write_checkpoint(tmp_path, ARRAYS, {}).stem.split("-")[1]) == 2


def test_all_damaged_is_an_error(tmp_path):
    write_checkpoint(tmp_path, ARRAYS, {}).write_bytes(b"x")
    with pytest.raises(FileRefused, match="not a zip archive"):
        read_checkpoint(tmp_path)


def test_killed_writer_leaves_the_older_one(tmp_path, monkeypatch):
    write_checkpoint(tmp_path, ARRAYS, {"number": 0})

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(tmp_path, ARRAYS, {"number": 1})
    assert read_checkpoint(tmp_path)[1] == {"number": 0}
    assert len(list(tmp_path.iterdir())) == 1


def test_every_flipped_byte_is_noticed_or_harmless(tmp_path):
    arrays = {"a/kernel": np.arange(12, dtype="f4").reshape(3, 4), "b": np.arange(5)}
    path = write_checkpoint(tmp_path, arrays, {"epoch": 1})
    whole = path.read_bytes()
    refused = 0
    for at in range(len(whole)):
        damaged = bytearray(whole)
        damaged[at] ^= 1 << at % 8
        path.write_bytes(damaged)
        try:
            read, facts = read_checkpoint_file(path)
        except FileRefused:
            refused += 1
            continue
        assert facts == {"epoch": 1} and read.keys() == arrays.keys()
        for name, value in arrays.items():
            assert read[name].dtype == value.dtype
            np.testing.assert_array_equal(read[name], value)
    assert refused > len(whole) // 2


def test_arrays_of_objects_are_not_written(tmp_path):
    with pytest.raises(ValueError, match="Object arrays"):
        write_checkpoint(tmp_path, {"a": np.array([{}], object)}, {})
    assert not list(tmp_path.iterdir())
