"""Pixels to inputs, probabilities to names."""

from __future__ import annotations

import io
import json
import pathlib
import urllib.error
import urllib.request
from typing import Any

import numpy as np
import pytest

from ranvier import Input, Model, ops
from ranvier._errors import DataError, DownloadError, InvalidArgument
from ranvier.applications import densenet, efficientnet, imagenet_utils, mobilenet_v2, resnet50

PIXELS = np.array([[[0.0, 51.0, 255.0], [10.0, 20.0, 30.0]]], "float32")
CAFFE = [[[255 - 103.939, 51 - 116.779, -123.68], [30 - 103.939, 20 - 116.779, 10 - 123.68]]]
TORCH = [[[-0.485 / 0.229, (0.2 - 0.456) / 0.224, (1 - 0.406) / 0.225]]]


WAYS = [("numpy", False, False), ("numpy", True, True), ("tensor", False, True), ("symbolic", True, True)]


@pytest.mark.parametrize(("kind", "batch", "first"), [*WAYS, ("numpy", False, True), ("symbolic", True, False)])
def test_the_three_modes(kind: str, batch: bool, first: bool) -> None:
    x = np.moveaxis(PIXELS, -1, 0) if first else PIXELS
    x = np.stack([x, x]) if batch else x
    for mode, expected, columns in (("caffe", CAFFE, 2), ("torch", TORCH, 1), ("tf", PIXELS / 127.5 - 1, 2)):
        y = processed(kind, x, "channels_first" if first else "channels_last", mode)
        y = y[1] if batch else y
        found = np.moveaxis(y, 0, -1) if first else y
        assert found.dtype == np.float32
        np.testing.assert_allclose(found[:, :columns], expected, rtol=1e-6, atol=1e-5)


def processed(kind: str, x: np.ndarray, data_format: str, mode: str) -> np.ndarray:
    if kind == "symbolic":
        entry = Input(batch_shape=x.shape)
        model = Model(entry, imagenet_utils.preprocess_input(entry, data_format, mode))
        return np.asarray(model(x))
    given = x if kind == "numpy" else ops.convert_to_tensor(x)
    found = imagenet_utils.preprocess_input(given, data_format, mode)
    assert isinstance(found, np.ndarray) == (kind == "numpy")
    return np.asarray(found)


def test_each_family_has_its_mode_and_no_array_is_written_over() -> None:
    x = PIXELS.copy()
    np.testing.assert_allclose(resnet50.preprocess_input(x), CAFFE, rtol=1e-6)
    np.testing.assert_allclose(mobilenet_v2.preprocess_input(x), PIXELS / 127.5 - 1, rtol=1e-6)
    np.testing.assert_allclose(densenet.preprocess_input(x)[:, :1], TORCH, rtol=1e-6)
    assert efficientnet.preprocess_input(x) is x
    np.testing.assert_array_equal(x, PIXELS)


@pytest.mark.parametrize("mode", ["caffe", "tf", "torch"])
def test_whole_numbers_become_floats(mode: str) -> None:
    expected = imagenet_utils.preprocess_input(PIXELS, mode=mode)
    whole = PIXELS.astype("uint8")
    np.testing.assert_allclose(imagenet_utils.preprocess_input(whole, mode=mode), expected, rtol=1e-6)
    assert imagenet_utils.preprocess_input(PIXELS.astype("float64"), mode=mode).dtype == np.float64


@pytest.mark.parametrize(("arguments", "code"), [({"mode": "pytorch"}, "mode"), ({"data_format": "x"}, "data-format")])
def test_unknown_modes_and_formats_are_named(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidArgument, match=f"preprocess-{code}"):
        imagenet_utils.preprocess_input(PIXELS, **arguments)


@pytest.fixture
def index(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The list of classes in the local folder."""
    monkeypatch.setenv("RANVIER_DATA", str(tmp_path))
    path = tmp_path / "models" / "imagenet_class_index.json"
    path.parent.mkdir()
    path.write_text(json.dumps({str(number): [f"n{number:08}", f"thing_{number}"] for number in range(1000)}))
    return path


def test_the_most_probable_classes_come_first(index: pathlib.Path) -> None:
    preds = np.zeros((2, 1000), "float32")
    preds[0, [7, 999, 3]] = 0.2, 0.5, 0.3
    preds[1, 0] = 1
    first, second = imagenet_utils.decode_predictions(preds, top=3)
    assert [(synset, name) for synset, name, _ in first] == [
        ("n00000999", "thing_999"),
        ("n00000003", "thing_3"),
        ("n00000007", "thing_7"),
    ]
    assert [float(score) for *_, score in first] == pytest.approx([0.5, 0.3, 0.2])
    assert second[0][1] == "thing_0"
    assert len(imagenet_utils.decode_predictions(ops.convert_to_tensor(preds))[0]) == 5


@pytest.mark.parametrize("shape", [(1000,), (2, 10), (1, 1, 1000)])
def test_other_shapes_have_no_names(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidArgument, match="predictions-shape"):
        imagenet_utils.decode_predictions(np.zeros(shape))


@pytest.mark.parametrize("text", ["{", "[]", '{"0": ["n0"]}'])
def test_a_list_that_is_none_is_refused(index: pathlib.Path, text: str) -> None:
    index.write_text(text)
    with pytest.raises(DataError, match="class-index"):
        imagenet_utils.decode_predictions(np.zeros((1, 1000)))


def test_without_a_network_the_error_says_where_the_file_goes(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(request: Any, **_: Any) -> Any:
        raise urllib.error.HTTPError(request.full_url, 403, "Forbidden", {}, io.BytesIO())  # type: ignore[arg-type]

    monkeypatch.delenv("RANVIER_DATA", raising=False)
    monkeypatch.setenv("RANVIER_CACHE", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", refused)
    with pytest.raises(DownloadError) as caught:
        imagenet_utils.decode_predictions(np.zeros((1, 1000)))
    for part in ("https://storage", "imagenet_class_index.json", str(tmp_path / "models"), "$RANVIER_DATA/models"):
        assert part in str(caught.value)


def test_a_download_is_checked(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Answer(io.BytesIO):
        status = 200
        headers: dict[str, str] = {}  # noqa: RUF012

    monkeypatch.delenv("RANVIER_DATA", raising=False)
    monkeypatch.setenv("RANVIER_CACHE", str(tmp_path))
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: Answer(b'{"0": ["n0", "other"]}'))
    with pytest.raises(DownloadError, match="download-hash"):
        imagenet_utils.decode_predictions(np.zeros((1, 1000)))
    assert not list((tmp_path / "models").glob("*.json"))
