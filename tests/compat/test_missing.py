"""What is not there names itself, says why, and shows the nearest way: under every name by which it is asked for."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier.compat import install
from ranvier.compat.missing import MissingName


@pytest.fixture(scope="module")
def tf() -> Iterator[Any]:
    with install():
        yield importlib.import_module("tensorflow")


@pytest.mark.parametrize("name", ["initializers", "losses", "metrics", "optimizers"])
def test_tensorflows_short_paths_are_kerass(tf: Any, name: str) -> None:
    assert getattr(tf, name) is getattr(tf.keras, name) is importlib.import_module(f"tensorflow.{name}")


def test_short_names_of_losses_and_metrics(tf: Any) -> None:
    assert tf.metrics.mse is tf.keras.metrics.MSE is tf.losses.mse and tf.metrics.logcosh is tf.losses.log_cosh
    assert float(tf.metrics.mse([1.0, 2.0], [3.0, 2.0])) == 2.0
    with pytest.warns(UserWarning, match="cosine_similarity"):
        assert float(tf.losses.cosine_proximity([[1.0, 0.0]], [[2.0, 0.0]])[0]) == -1.0


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("data.Dataset.random", "tf.data.Dataset.range"),
        ("data.Dataset.form_tensor_slices", "did you mean tensorflow.data.Dataset.from_tensor_slices"),
        ("keras.layers.TFSMLayer", "keras.saving.load_model it (runs a TensorFlow SavedModel"),
        ("keras.layers.FlaxLayer", "keras.layers.JaxLayer("),
        ("keras.quantizers", "no integer weights"),
        ("keras.Quantizer", "no integer weights"),
        ("keras.distillation", "class Student(keras.Model)"),
        ("keras.distribution.DataParallel", "one program on one device"),
        ("keras.utils.legacy", "keras.saving.load_model("),
        ("compat.v1.Session", "tensorflow.keras"),
    ],
)
def test_a_missing_name_shows_the_way(tf: Any, path: str, way: str) -> None:
    *parents, last = path.split(".")
    owner = tf
    for parent in parents:
        owner = getattr(owner, parent)
    with pytest.raises(MissingName) as caught:
        getattr(owner, last)
    assert way in caught.value.fix and caught.value.place.endswith(path.removeprefix("keras."))


def test_a_missing_import_shows_the_way(tf: Any) -> None:
    with pytest.raises(ImportError, match="TensorFlow is no dependency"):
        from tensorflow.keras.layers import TFSMLayer  # noqa: F401
    with pytest.raises(ImportError, match="no integer weights"):
        importlib.import_module("keras.quantizers")


def test_switches_of_tensorflow_1_and_the_log(tf: Any) -> None:
    before = logging.getLogger("tensorflow").level
    tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    assert tf.get_logger().level == 40 == tf.compat.v1.logging.get_verbosity()
    tf.get_logger().setLevel(before)
    tf.autograph.set_verbosity(0)
    assert tf.autograph.do_not_convert(len) is len and tf.autograph.do_not_convert()(len) is len
    assert importlib.import_module("tensorflow.compat.v1") is tf.compat.v1


def test_files_of_a_pattern(tf: Any, tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", "c.csv"):
        (tmp_path / name).write_text(name)
    listed = tf.data.Dataset.list_files(str(tmp_path / "*.txt"), shuffle=False)
    assert [Path(str(path)).name for path in listed.as_numpy_iterator()] == ["a.txt", "b.txt"]
    several = tf.data.Dataset.list_files([str(tmp_path / "*.csv"), str(tmp_path / "a.*")], seed=1)
    assert sorted(Path(str(path)).name for path in several) == ["a.txt", "c.csv"] and len(several) == 2
    with pytest.raises(ValueError, match=r"No file fits[\s\S]*\.png"):
        tf.data.Dataset.list_files(str(tmp_path / "*.png"))


def test_elements_of_several_data_sets(tf: Any) -> None:
    low, high = tf.data.Dataset.range(3), tf.data.Dataset.range(10, 60)
    drawn = tf.data.Dataset.sample_from_datasets([low, high], [0.5, 0.5], seed=0)
    values = [int(value) for value in drawn.as_numpy_iterator()]
    assert sorted(values) == [*range(3), *range(10, 60)] and values != sorted(values)
    assert values == [int(value) for value in drawn.as_numpy_iterator()]
    only = tf.data.Dataset.sample_from_datasets([low, high], [0.0, 1.0])
    assert [int(value) for value in only.take(3).as_numpy_iterator()] == [10, 11, 12]
    choice = tf.data.Dataset.from_tensor_slices(np.array([0] * 4 + [1]))
    on = tf.data.Dataset.choose_from_datasets([low, high], choice, stop_on_empty_dataset=False)
    assert [int(value) for value in on.as_numpy_iterator()] == [0, 1, 2, 10]


def test_positions_outside_are_refused(tf: Any) -> None:
    for call in (
        lambda: tf.scatter_nd([[4]], [1.0], [4]),
        lambda: tf.scatter_nd([[-1]], [1.0], [4]),
        lambda: tf.tensor_scatter_nd_update([[1.0, 2.0]], [[0, 2]], [1.0]),
    ):
        with pytest.raises(ValueError, match="position that the tensor does not have"):
            call()
