"""What there is, one of them in memory, and what importing it all costs."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from ranvier._errors import DataError, InvalidArgument
from ranvier.data.datasets import NAMES, list_datasets, load, mnist
from ranvier.data.datasets.info import Dataset, DatasetInfo, Task, content_hash

Folder = Callable[[str], Path]


def test_every_data_set_is_listed_with_all_that_a_reader_wants_to_know() -> None:
    infos = list_datasets()
    assert [info.name for info in infos] == list(NAMES)
    for info in infos:
        assert info.task in get_args(Task) and min(info.rows) > 0 and info.licence and info.citation and info.split
        assert json.loads(json.dumps(dataclasses.asdict(info)))["name"] == info.name
        assert len(set(info.class_names)) == len(info.class_names)
        if info.task == "regression":
            assert len(info.feature_names) == info.shape[0] and not info.class_names
        else:
            assert info.class_names
        for source in info.sources:
            kind, _, digest = source.digest.partition(":")
            assert (kind, len(digest)) in (("sha256", 64), ("md5", 32)) and source.url.startswith("https://")


def test_a_source_that_was_never_tried_says_so() -> None:
    tried = {info.name: info.tried for info in list_datasets()}
    assert tried["digits"] and not any(tried[name] for name in NAMES if name != "digits")
    verified = {info.name for info in list_datasets() if info.verified}
    assert verified == {"digits", "fashion_mnist"}


def test_where_a_data_set_is_found(local: Folder, cache: Path) -> None:
    for name in mnist.IDX_FILES:
        (local("mnist") / name).write_bytes(b"")
    (local("fashion_mnist") / mnist.IDX_FILES[0]).write_bytes(b"")
    where = {info.name: info.where for info in list_datasets()}
    assert where["digits"] == "bundled" and where["mnist"] == "local"
    assert where["fashion_mnist"] == "incomplete" and where["imdb"] == "download"
    with pytest.raises(DataError):
        load("fashion_mnist")


def test_digits_in_memory() -> None:
    data = load("digits")
    assert isinstance(data, Dataset) and data.name == "digits" and data.task == "image-classification"
    assert data.x_train.shape == (1437, 8, 8) and data.y_test.shape == (360,)
    assert data.info.where == "bundled" and data.source == "bundled with scikit-learn"
    assert data.genuine is True and data.class_names == tuple("0123456789") and data.feature_names == ()


def test_labels_are_flat_and_the_source_is_told(local: Folder, make_tar: Any) -> None:
    row = bytes([3]) + bytes(3072)
    names = [f"cifar-10-batches-bin/{name}.bin" for name in (*(f"data_batch_{n}" for n in range(1, 6)), "test_batch")]
    (local("cifar10") / "cifar-10-binary.tar.gz").write_bytes(make_tar(dict.fromkeys(names, row)))
    data = load("cifar10")
    assert data.y_train.tolist() == [3] * 5 and data.x_test.shape == (1, 32, 32, 3)
    assert data.source == "$RANVIER_DATA: cifar-10-binary.tar.gz" and data.genuine is None


def test_another_version_of_mnist_is_told_apart(local: Folder) -> None:
    x, y = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    np.savez(local("mnist") / "mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    data = load("mnist")
    assert data.info.where == "local" and data.genuine is False


def test_a_download_serves_the_registry(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8)
    np.savez(tmp_path / "made_up.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    server.content = (tmp_path / "made_up.npz").read_bytes()
    monkeypatch.setattr(mnist, "INFO", dataclasses.replace(mnist.INFO, sources=(server.source(filename="mnist.npz"),)))
    told: list[int] = []
    first = load("mnist", progress=lambda done, _: told.append(done))
    assert first.info.where == "download" and told[-1] == len(server.content)
    assert load("mnist").info.where == "cache" and first.sha256 == load("mnist").sha256
    assert len(server.log) == 1 and mnist.load_data()[0][0].shape == (3, 28, 28)


@pytest.mark.parametrize("name", ["mnits", "", "os", "../mnist", "registry"])
def test_an_unknown_name_is_refused_with_the_list(name: str) -> None:
    with pytest.raises(InvalidArgument, match="fashion_mnist"):
        load(name)


def test_the_content_hash_tells_data_apart_and_machines_not() -> None:
    array = np.arange(6, dtype=np.int32).reshape(2, 3)
    assert content_hash(array) == content_hash(np.asfortranarray(array)) == content_hash(array.astype(">i4"))
    assert content_hash(array) == content_hash(array[:, ::-1][:, ::-1])
    others = [array.reshape(3, 2), array.astype(np.int64), array + 1, array.ravel()]
    rows = [np.array(part, dtype=object) for part in ([[1], [2, 3]], [[1, 2], [3]])]
    hashes = [content_hash(other) for other in (array, *others, *rows)]
    assert len(set(hashes)) == len(hashes)
    assert content_hash(array, array) != content_hash(array)


def test_infos_and_data_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        mnist.INFO.name = "other"  # type: ignore[misc]
    assert isinstance(mnist.INFO, DatasetInfo)


def test_importing_the_face_is_light(environment: dict[str, str]) -> None:
    code = (
        "import sys, ranvier.datasets as d; assert d.mnist.load_data and d.list_datasets and d.load; "
        "assert set(d.__all__) <= set(dir(d)); "
        "heavy = [n for n in ('jax', 'sklearn', 'scipy', 'pandas') if n in sys.modules]; assert not heavy, heavy; "
        "import ranvier.data; assert ranvier.data.datasets.NAMES"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


@pytest.mark.parametrize("place", ["ranvier.datasets", "ranvier.data.datasets", "ranvier.data"])
def test_a_wrong_attribute_is_an_attribute_error(place: str) -> None:
    module = sys.modules.get(place) or __import__(place, fromlist=["_"])
    with pytest.raises(AttributeError, match="has no attribute 'mnits'"):
        _ = module.mnits


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_the_real_files_are_the_published_data(name: str, real_data: Path) -> None:
    if not (real_data / name).is_dir():
        pytest.skip(f"no {name} in RANVIER_DATA")
    data = load(name)
    assert data.x_train.shape == (60_000, 28, 28) and data.y_test.shape == (10_000,)
    assert data.x_train.dtype == data.y_train.dtype == np.uint8 and data.genuine is True
    if name == "mnist":
        counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
        assert np.bincount(data.y_train).tolist() == counts
    else:
        assert set(np.bincount(data.y_train)) == {6000} and set(np.bincount(data.y_test)) == {1000}
