"""The loaders on small made-up files: shapes, types, labels, and what they refuse."""

from __future__ import annotations

import doctest
import inspect
import json
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier._config import set_image_data_format
from ranvier._errors import DownloadError, FileRefused, InvalidArgument
from ranvier.data.datasets import (
    NAMES,
    boston_housing,
    california_housing,
    cifar10,
    cifar100,
    digits,
    fashion_mnist,
    imdb,
    mnist,
    reuters,
)
from ranvier.data.datasets.download import download

Folder = Callable[[str], Path]
RANDOM = np.random.RandomState(3)


def pictures(rows: int) -> np.ndarray:
    """Return made-up grey pictures."""
    return RANDOM.randint(0, 256, (rows, 28, 28)).astype(np.uint8)


def labels(rows: int, classes: int = 10) -> np.ndarray:
    """Return made-up labels."""
    return RANDOM.randint(0, classes, rows).astype(np.uint8)


def same(split: Any, *arrays: np.ndarray) -> None:
    """Check that the split is these four arrays."""
    for got, wanted in zip([array for pair in split for array in pair], arrays, strict=True):
        np.testing.assert_array_equal(got, wanted)
        assert got.dtype == wanted.dtype


@pytest.mark.parametrize("module", [mnist, fashion_mnist], ids=lambda module: module.INFO.name)
def test_idx_files(module: Any, local: Folder, make_idx: Any) -> None:
    arrays = pictures(6), labels(6), pictures(4), labels(4)
    for name, array in zip(mnist.IDX_FILES, arrays, strict=True):
        (local(module.INFO.name) / name).write_bytes(make_idx(array))
    same(module.load_data(), *arrays)


def test_mnist_npz_under_any_name(local: Folder) -> None:
    arrays = {"x_train": pictures(6), "y_train": labels(6), "x_test": pictures(4), "y_test": labels(4)}
    np.savez(local("mnist") / "mine.npz", **arrays)
    same(mnist.load_data(path="mine.npz"), *arrays.values())


@pytest.mark.parametrize(
    "changes",
    [
        {"x_train": np.zeros((6, 28, 28))},
        {"x_train": np.zeros((6, 28, 27), np.uint8)},
        {"y_train": np.zeros(5, np.uint8)},
        {"y_test": np.full(4, 10, np.uint8)},
        {"y_test": np.zeros((4, 1), np.uint8)},
    ],
)
def test_mnist_refuses_other_arrays(local: Folder, changes: dict[str, np.ndarray]) -> None:
    arrays = {"x_train": pictures(6), "y_train": labels(6), "x_test": pictures(4), "y_test": labels(4)}
    np.savez(local("mnist") / "mnist.npz", **{**arrays, **changes})
    with pytest.raises(FileRefused):
        mnist.load_data()


def cifar_rows(rows: int, *classes: int) -> tuple[bytes, np.ndarray, list[np.ndarray]]:
    """Return rows of a binary CIFAR file, and the pictures `[row, height, width, channel]` and labels in it."""
    x = RANDOM.randint(0, 256, (rows, 32, 32, 3)).astype(np.uint8)
    y = [labels(rows, count) for count in classes]
    content = b"".join(
        bytes(int(part[row]) for part in y) + b"".join(x[row, :, :, channel].tobytes() for channel in range(3))
        for row in range(rows)
    )
    return content, x, y


def cifar10_archive(folder: Path, make_tar: Any) -> list[tuple[bytes, np.ndarray, list[np.ndarray]]]:
    """Write a small CIFAR-10 archive and return its six parts."""
    parts = [cifar_rows(2, 10) for _ in range(6)]
    names = [f"cifar-10-batches-bin/data_batch_{number}.bin" for number in range(1, 6)]
    members = {name: part[0] for name, part in zip([*names, "cifar-10-batches-bin/test_batch.bin"], parts, strict=True)}
    # Members in another order than they are read, among others, as archives have them.
    shuffled = {"cifar-10-batches-bin/readme.html": b"<html>", **dict(reversed(members.items()))}
    (folder / "cifar-10-binary.tar.gz").write_bytes(make_tar(shuffled))
    return parts


def test_cifar10(local: Folder, make_tar: Any) -> None:
    parts = cifar10_archive(local("cifar10"), make_tar)
    x = np.concatenate([part[1] for part in parts[:5]])
    y = np.concatenate([part[2][0] for part in parts[:5]])
    same(cifar10.load_data(), x, y[:, None], parts[5][1], parts[5][2][0][:, None])


def test_cifar10_channels_first(local: Folder, make_tar: Any) -> None:
    parts = cifar10_archive(local("cifar10"), make_tar)
    set_image_data_format("channels_first")
    try:
        (x_train, _), (x_test, _) = cifar10.load_data()
    finally:
        set_image_data_format("channels_last")
    assert x_train.shape == (10, 3, 32, 32)
    np.testing.assert_array_equal(x_test, parts[5][1].transpose(0, 3, 1, 2))


def cifar100_archive(folder: Path, make_tar: Any, **changes: bytes) -> list[tuple[bytes, np.ndarray, list[np.ndarray]]]:
    """Write a small CIFAR-100 archive and return its two parts."""
    parts = [cifar_rows(5, 20, 100), cifar_rows(3, 20, 100)]
    members = {f"cifar-100-binary/{name}.bin": part[0] for name, part in zip(("train", "test"), parts, strict=True)}
    members |= {f"cifar-100-binary/{name}.bin": content for name, content in changes.items()}
    (folder / "cifar-100-binary.tar.gz").write_bytes(make_tar(members))
    return parts


@pytest.mark.parametrize(("mode", "label"), [("coarse", 0), ("fine", 1)])
def test_cifar100(local: Folder, make_tar: Any, mode: str, label: int) -> None:
    train, test = cifar100_archive(local("cifar100"), make_tar)
    same(cifar100.load_data(mode), train[1], train[2][label][:, None], test[1], test[2][label][:, None])


def test_cifar100_default_is_fine(local: Folder, make_tar: Any) -> None:
    train, _ = cifar100_archive(local("cifar100"), make_tar)
    assert cifar100.load_data()[0][1].ravel().tolist() == train[2][1].tolist()


@pytest.mark.parametrize("content", [b"", bytes(3074 * 2 - 1), bytes([20, 0]) + bytes(3072)])
def test_cifar_refuses_rows_that_are_none(local: Folder, make_tar: Any, content: bytes) -> None:
    cifar100_archive(local("cifar100"), make_tar, train=content)
    with pytest.raises(FileRefused, match="cifar-100-binary"):
        cifar100.load_data("coarse")


def test_digits_are_split_by_class() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert x_train.shape == (1437, 8, 8) and x_test.shape == (360, 8, 8)
    assert x_train.dtype == y_train.dtype == np.uint8 and (x_train.min(), x_train.max()) == (0, 16)
    share = np.bincount(y_test) / np.bincount(np.concatenate([y_train, y_test]))
    assert np.abs(share - 0.2).max() < 0.005
    rows = {row.tobytes() for row in x_train}
    assert sum(row.tobytes() in rows for row in x_test) == 0
    same(digits.load_data(), x_train, y_train, x_test, y_test)
    assert not np.array_equal(digits.load_data(seed=1)[0][1], y_train)
    assert digits.load_data(test_split=0.5)[0][0].shape == (898, 8, 8)


ARGUMENTS: list[tuple[Callable[..., Any], dict[str, Any]]] = [
    (cifar100.load_data, {"label_mode": "medium"}),
    (california_housing.load_data, {"version": "medium"}),
    (california_housing.load_data, {"test_split": 1}),
    (california_housing.load_data, {"path": "/etc/passwd"}),
    (boston_housing.load_data, {"test_split": -0.1}),
    (boston_housing.load_data, {"test_split": float("nan")}),
    (digits.load_data, {"test_split": 0}),
    (mnist.load_data, {"path": "../mnist.npz"}),
    (imdb.load_data, {"path": ""}),
    (imdb.get_word_index, {"path": "a/b"}),
    (reuters.load_data, {"path": ".."}),
]


@pytest.mark.parametrize(("call", "arguments"), ARGUMENTS)
def test_arguments_that_cannot_be_are_refused_before_any_file_is_looked_for(
    call: Callable[..., Any], arguments: dict[str, Any], cache: Path
) -> None:
    with pytest.raises(InvalidArgument) as caught:
        call(**arguments)
    assert isinstance(caught.value, ValueError) and caught.value.place == next(iter(arguments))
    assert not cache.exists()


@pytest.mark.parametrize("module", [boston_housing, california_housing], ids=lambda module: module.INFO.name)
def test_tables_refuse_other_columns(module: Any, local: Folder) -> None:
    name = module.INFO.name
    np.savez(local(name) / f"{name}.npz", x=np.zeros((5, 7)), y=np.zeros(5))
    with pytest.raises(FileRefused, match="7"):
        module.load_data()


def test_texts_refuse_labels_that_do_not_fit(local: Folder, make_objects: Any) -> None:
    np.savez(local("reuters") / "reuters.npz", x=make_objects([[1], [2]]), y=np.zeros(3, int))
    with pytest.raises(FileRefused):
        reuters.load_data()


def small_imdb(folder: Path, make_objects: Any) -> None:
    """Write four reviews."""
    x, y = make_objects([[1, 2], [3]]), np.array([0, 1])
    np.savez(folder / "imdb.npz", x_train=x, y_train=y, x_test=x, y_test=y)


def test_imdb_says_that_it_ignores_other_arguments(local: Folder, make_objects: Any) -> None:
    small_imdb(local("imdb"), make_objects)
    with pytest.warns(UserWarning, match="ignores nb_words"):
        (x_train, _), _ = imdb.load_data(nb_words=5)
    assert sorted(x_train.tolist()) == [[1, 2], [1, 4, 5]]


@pytest.mark.parametrize("module", [imdb, reuters], ids=lambda module: module.INFO.name)
def test_maxlen_that_keeps_nothing(module: Any, local: Folder, make_objects: Any) -> None:
    small_imdb(local("imdb"), make_objects)
    np.savez(local("reuters") / "reuters.npz", x=make_objects([[1, 2], [3]]), y=np.array([0, 1]))
    with pytest.raises(InvalidArgument, match="maxlen") as caught:
        module.load_data(maxlen=2)
    assert caught.value.expected == "more than 2, the shortest text with its start"


@pytest.mark.parametrize("module", [imdb, reuters], ids=lambda module: module.INFO.name)
def test_word_index(module: Any, local: Folder) -> None:
    path = local(module.INFO.name) / f"{module.INFO.name}_word_index.json"
    path.write_text(json.dumps({"the": 1, "résumé": 2}), encoding="utf-8")
    assert module.get_word_index() == {"the": 1, "résumé": 2}
    for content in ("[1]", '{"the": "1"}', "{", "[" * 100_000, '{"the": true}'):
        path.write_text(content)
        with pytest.raises(FileRefused):
            module.get_word_index()


def test_reuters_has_46_topics() -> None:
    names = reuters.get_label_names()
    assert len(set(names)) == 46 and isinstance(names, tuple) and names[:4] == ("cocoa", "grain", "veg-oil", "earn")


SIGNATURES = {
    "boston_housing": "(path='boston_housing.npz', test_split=0.2, seed=113)",
    "california_housing": "(version='large', path='california_housing.npz', test_split=0.2, seed=113)",
    "cifar10": "()",
    "cifar100": "(label_mode='fine')",
    "fashion_mnist": "()",
    "imdb": "(path='imdb.npz', num_words=None, skip_top=0, maxlen=None, seed=113, start_char=1, oov_char=2, "
    "index_from=3, **kwargs)",
    "mnist": "(path='mnist.npz')",
    "reuters": "(path='reuters.npz', num_words=None, skip_top=0, maxlen=None, test_split=0.2, seed=113, "
    "start_char=1, oov_char=2, index_from=3)",
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_arguments_and_defaults_are_keras_own(name: str) -> None:
    signature = inspect.signature(import_module(f"ranvier.datasets.{name}").load_data)
    empty = inspect.Parameter.empty
    bare = [parameter.replace(annotation=empty) for parameter in signature.parameters.values()]
    assert str(inspect.Signature(bare)) == SIGNATURES[name]


@pytest.mark.parametrize("module", ["info", "shuffled", "digits", "reuters", "registry"])
def test_examples_in_docstrings(module: str) -> None:
    result = doctest.testmod(import_module(f"ranvier.data.datasets.{module}"))
    assert result.failed == 0 and result.attempted > 0


def test_nothing_on_this_machine_and_no_net(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise OSError("Network is unreachable")

    monkeypatch.setattr("urllib.request.urlopen", nobody)
    quick = {"progress": None, "timeout": 1.0, "attempts": 2, "pause": lambda _: None}
    monkeypatch.setattr(download, "__kwdefaults__", quick)
    with pytest.raises(DownloadError) as caught:
        mnist.load_data()
    assert "Network is unreachable" in str(caught.value) and "mnist.npz" in caught.value.place
    assert "mnist.npz" in caught.value.fix


def test_every_data_set_has_a_module_with_info_and_read() -> None:
    for name in NAMES:
        module = import_module(f"ranvier.data.datasets.{name}")
        assert module.INFO.name == name and callable(module.read) and callable(module.load_data)
