"""Windows of a series and texts of a folder, as sources of batches."""

from __future__ import annotations

import itertools
import pathlib
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier.utils import text_dataset_from_directory, timeseries_dataset_from_array

GRID = list(itertools.product((1, 2, 5), (1, 3), (1, 2, 4), (None, 3), (None, 15), (None, 0, -6)))


@pytest.mark.parametrize(("length", "stride", "rate", "start", "end", "missing"), GRID)
def test_no_window_is_lost_or_leaks(
    length: int, stride: int, rate: int, start: int | None, end: int | None, missing: int | None
) -> None:
    """Against windows found one by one: `missing` None is no targets, else so many targets fewer than data."""
    data = np.arange(20) * 10
    targets = None if missing is None else (np.arange(20) + 1000)[: 20 + missing]
    first, last = start or 0, 20 if end is None else end
    wanted = []
    for position in range(first, last, stride):
        steps = [position + step * rate for step in range(length)]
        if steps[-1] < last and (targets is None or position < min(last, len(targets))):
            wanted.append(([int(data[s]) for s in steps], None if targets is None else int(targets[position])))
    if not wanted:
        with pytest.raises(ValueError, match="timeseries-argument"):
            timeseries_dataset_from_array(data, targets, length, sampling_rate=rate, start_index=start, end_index=end)
        return
    found = []
    options: dict[str, Any] = {"sequence_stride": stride, "sampling_rate": rate, "batch_size": 4}
    for batch in timeseries_dataset_from_array(data, targets, length, start_index=start, end_index=end, **options):
        x, y = (batch, [None] * len(batch)) if targets is None else batch
        found += [(row.tolist(), None if t is None else int(t)) for row, t in zip(x, y, strict=True)]
    assert found == wanted


def test_shuffled_windows_are_the_same_windows() -> None:
    data = np.arange(30.0)
    windows = timeseries_dataset_from_array(data, data[3:], 3, batch_size=8, shuffle=True, seed=5)
    orders = []
    for _ in range(2):
        x, y = (np.concatenate(part) for part in zip(*windows, strict=True))
        np.testing.assert_array_equal(x[:, 0] + 3, y)
        assert sorted(y) == list(range(3, 30))
        orders.append(y.tolist())
        windows.on_epoch_end()
    assert orders[0] != orders[1] != sorted(orders[1])
    first = np.arange(27)
    np.random.RandomState(5).shuffle(first)  # Keras's order of an equal seed
    assert orders[0] == (first + 3).tolist()


def test_one_window_at_a_time() -> None:
    windows = timeseries_dataset_from_array([[1, 2], [3, 4], [5, 6]], None, 2, batch_size=None)
    assert [window.tolist() for window in windows] == [[[1, 2], [3, 4]], [[3, 4], [5, 6]]]


def test_windows_train_a_model() -> None:
    data = np.linspace(0, 1, 40, dtype=np.float32)
    windows = timeseries_dataset_from_array(data, data[4:], 4, batch_size=16)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.2), "mse")
    losses = model.fit(windows, epochs=20, verbose=0).history["loss"]
    assert losses[-1] < 0.1 * losses[0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sequence_length": 0},
        {"sequence_length": 11},
        {"sequence_stride": 0},
        {"sampling_rate": 10},
        {"start_index": 10},
        {"start_index": 4, "end_index": 4},
        {"end_index": 10},
        {"format": "torch"},
    ],
)
def test_windows_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="timeseries-argument"):
        timeseries_dataset_from_array(np.arange(10), None, **{"sequence_length": 2, **wrong})


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    for name in ("neg", "pos"):
        (tmp_path / name / "deep").mkdir(parents=True)
        for number in range(4):
            (tmp_path / name / f"{number}.txt").write_text(f"{name} {number} é")
        (tmp_path / name / "deep" / "x.TXT").write_text(f"{name} deep")
        (tmp_path / name / "notes.md").write_text("not read")
    return tmp_path


def read(dataset: Any) -> list[tuple[str, Any]]:
    return [(text, label) for x, y in dataset for text, label in zip(x, y.tolist(), strict=True)]


def test_texts_of_a_folder(folder: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    dataset = text_dataset_from_directory(folder, batch_size=4, shuffle=False)
    assert capsys.readouterr().out == "Found 10 files belonging to 2 classes.\n"
    assert dataset.class_names == ["neg", "pos"] and len(dataset) == 3
    assert read(dataset)[3:6] == [("neg 3 é", 0), ("neg deep", 0), ("pos 0 é", 1)]


def test_label_modes_and_order(folder: pathlib.Path) -> None:
    def first(**options: Any) -> Any:
        return text_dataset_from_directory(folder, shuffle=False, verbose=False, **options)[0]

    assert first(label_mode="binary")[1][-1].tolist() == [1.0]
    assert first(label_mode="categorical")[1][-1].tolist() == [0.0, 1.0]
    assert first(class_names=["pos", "neg"])[1].tolist() == [0] * 5 + [1] * 5
    assert first(labels=list(range(10)))[1].tolist() == list(range(10))
    assert first(label_mode=None)[0] == "neg 0 é"
    assert first(max_length=3)[0][0] == "neg"


def test_subsets_have_all_files_once(folder: pathlib.Path) -> None:
    options: dict[str, Any] = {"validation_split": 0.3, "seed": 7, "verbose": False}
    train, held_out = text_dataset_from_directory(folder, subset="both", **options)
    assert len(read(train)) == 7 and len(read(held_out)) == 3
    assert len({text for text, _ in read(train) + read(held_out)}) == 10
    for subset, dataset in (("training", train), ("validation", held_out)):
        alone = text_dataset_from_directory(folder, subset=subset, **options)
        assert sorted(read(alone)) == sorted(read(dataset))
    assert all((text[:3] == "pos") == label for text, label in read(train))


def test_a_folder_trains_a_model_of_text(folder: pathlib.Path) -> None:
    dataset = text_dataset_from_directory(folder, batch_size=5, seed=1, verbose=False)
    words = keras.layers.TextVectorization(output_mode="multi_hot")
    words.adapt(text for text, _ in dataset)
    model = keras.Sequential([words, keras.layers.Dense(1, activation="sigmoid")])
    model.compile(keras.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"])
    assert model.fit(dataset, epochs=15, verbose=0).history["accuracy"][-1] == 1.0


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"labels": "none"}, "labels"),
        ({"label_mode": "one_hot"}, "label_mode"),
        ({"class_names": ["other"]}, "class_names"),
        ({"labels": [1, 2]}, "10 numbers"),
        ({"validation_split": 0.2}, "subset"),
        ({"validation_split": 0.2, "subset": "training"}, "seed"),
        ({"validation_split": 0.01, "subset": "validation", "seed": 1}, "empty-split"),
        ({"directory": "/nowhere"}, "folder-missing"),
    ],
)
def test_folders_that_cannot_be(folder: pathlib.Path, wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        text_dataset_from_directory(**{"directory": folder, "verbose": False, **wrong})


def test_a_folder_without_texts(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ValueError, match="folder-empty"):
        text_dataset_from_directory(tmp_path)
