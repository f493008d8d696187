"""What a ready network is asked for: arguments that cannot be are refused before anything is built."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier import Input, applications, layers
from ranvier._errors import DownloadError, InvalidArgument, Unsupported, WrongType
from ranvier.applications.frame import Published

NONE: dict[str, Any] = {"weights": None}
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("VGG16", {"weights": "nowhere.h5"}, "weights"),
    ("ResNet50", {"classes": 10}, "classes"),
    ("ResNet50", {"classifier_activation": "relu"}, "classifier-activation"),
    ("ResNet50", {"input_shape": (200, 200, 3)}, "input-shape"),
    ("ResNet50", {"input_shape": (64, 64, 1), "include_top": False}, "input-shape"),
    ("ResNet50", {**NONE, "input_shape": (31, 64, 3)}, "input-shape"),
    ("Xception", {**NONE, "input_shape": (64, 71, 3), "include_top": False}, "input-shape"),
    ("EfficientNetB0", {**NONE, "input_shape": (64, None, 3)}, "input-shape"),
    ("EfficientNetB0", {**NONE, "input_shape": (64, 64), "include_top": False}, "input-shape"),
    ("DenseNet121", {**NONE, "pooling": "mean", "include_top": False}, "pooling"),
    ("MobileNet", {"alpha": 0.3}, "alpha"),
    ("MobileNet", {"depth_multiplier": 2}, "depth-multiplier"),
    ("MobileNetV2", {"alpha": 0.25}, "alpha"),
    ("MobileNetV3Small", {"alpha": 0.75, "minimalistic": True}, "alpha"),
    ("MobileNetV3Large", {**NONE, "input_shape": (31, 31, 3)}, "input-shape"),
]


@pytest.mark.parametrize(("name", "arguments", "what"), WRONG)
def test_wrong_arguments_are_named(name: str, arguments: dict[str, Any], what: str) -> None:
    with pytest.raises(InvalidArgument, match=f"code: +application-{what}"):
        getattr(applications, name)(**arguments)


def test_tensors_must_be_symbolic_and_of_the_shape() -> None:
    with pytest.raises(WrongType, match="application-input-tensor"):
        applications.VGG16(weights=None, input_tensor=np.zeros((1, 32, 32, 3)))
    with pytest.raises(InvalidArgument, match="application-input-tensor"):
        applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), input_tensor=Input((32, 48, 3)))


def test_images_of_other_channels_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="1 or 3 channels"), pytest.raises(InvalidArgument, match="pixels"):
        applications.VGG16(weights=None, input_shape=(8, 8, 5), include_top=False)


@pytest.mark.parametrize("name", ["DenseNet121", "ConvNeXtTiny", "NASNetMobile"])
def test_some_networks_want_channels_last(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranvier._config.configuration, "image_data_format", "channels_first")
    with pytest.raises(Unsupported, match="application-data-format"):
        getattr(applications, name)(weights=None)


def test_a_network_stands_on_a_tensor_and_takes_weights_from_files(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small: dict[str, Any] = {"alpha": 0.25, "include_top": False, "input_shape": (32, 32, 3)}
    first = applications.MobileNet(weights=None, pooling="avg", **small)
    folder = tmp_path / "models"
    folder.mkdir()
    monkeypatch.setenv("RANVIER_DATA", str(tmp_path))
    first.save_weights(folder / "mobilenet_2_5_224_tf_no_top.h5")
    with pytest.warns(UserWarning, match="those for"):
        second = applications.MobileNet(weights="imagenet", **small)
    assert all(np.array_equal(*pair) for pair in zip(first.get_weights(), second.get_weights(), strict=True))
    entry = Input((32, 32, 3), name="pixels")
    scaled = layers.Rescaling(1 / 255, name="scaled")(entry)
    first.save(tmp_path / "whole.h5")
    third = applications.MobileNet(weights=tmp_path / "whole.h5", input_tensor=scaled, name="mine", **small)
    assert [layer.name for layer in third.layers][:3] == ["pixels", "scaled", "conv1"]
    assert third.name == "mine"
    assert all(np.array_equal(*pair) for pair in zip(first.get_weights(), third.get_weights(), strict=True))


def test_published_files_say_what_they_must_hash_to(monkeypatch: pytest.MonkeyPatch) -> None:
    published = Published("https://x/", ("a.h5", "b.h5"), ("0" * 32, "f" * 64), ("c.h5", "d.h5"))
    with_top, without = published.source(True, 10), published.source(False, 20)
    assert (with_top.filename, with_top.url, with_top.digest) == ("c.h5", "https://x/a.h5", "md5:" + "0" * 32)
    assert (without.filename, without.url, without.digest) == ("d.h5", "https://x/b.h5", "sha256:" + "f" * 64)
    assert Published("https://x/", ("a.h5", "b.h5")).source(True, 1).digest == ""


def test_pretrained_weights_are_asked_for_by_their_name(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refused(source: Any, target: Any, **_: Any) -> Any:
        asked.append(source.url)
        raise DownloadError("no network", code="download-refused")

    monkeypatch.delenv("RANVIER_DATA", raising=False)
    monkeypatch.setenv("RANVIER_CACHE", str(tmp_path))
    monkeypatch.setattr("ranvier.applications.files.download", refused)
    with pytest.raises(DownloadError, match=r"to .*vgg16_weights_tf_dim_ordering_tf_kernels_notop"):
        applications.VGG16(include_top=False)
    assert asked == [
        "https://storage.googleapis.com/tensorflow/keras-applications/vgg16/"
        "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"
    ]
