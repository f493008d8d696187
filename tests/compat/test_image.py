"""`tf.image` and `tf.io`: TensorFlow's own numbers, chance, files, data sets, refusals."""

from __future__ import annotations

import doctest
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ranvier._errors import InvalidArgument, RanvierError
from ranvier.compat import install
from tests.compat.image_cases import BYTES, CASES, GREY, X

ORACLE = Path(__file__).parents[1] / "oracle" / "compat_image.npz"
FAST = ("resize_area_3_False", "resize_bytes", "crop_or_pad", "to_bytes", "patches", "brightness_bytes", "png")


# TensorFlow rounds the bicubic weights to a table; decibels and values of bytes are larger than 1.
BOUNDS = {f"resize_bicubic_{size}_False": 5e-4 for size in (8, 3)} | dict.fromkeys(
    ("psnr", "psnr_bytes", "resize_bytes"), 2e-4
)


@pytest.fixture(scope="module")
def tf() -> Iterator[Any]:
    with install():
        yield importlib.import_module("tensorflow")


@pytest.mark.parametrize("name", [pytest.param(n, marks=() if n in FAST else (pytest.mark.slow,)) for n in CASES])
def test_the_number_is_tensorflows(tf: Any, name: str) -> None:
    with np.load(ORACLE) as recorded:
        wanted = recorded[name]
    found = np.asarray(CASES[name](tf))
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    # A fraction of a byte that lies between two whole numbers may be cut off to either.
    bound = 1 if wanted.dtype.kind in "iu" else BOUNDS.get(name, 2e-5)
    np.testing.assert_allclose(found.astype("float64"), wanted.astype("float64"), rtol=2e-5, atol=bound)
    assert wanted.dtype.kind == "f" or np.mean(found != wanted) < 0.03


def test_names_of_modules(tf: Any) -> None:
    assert importlib.import_module("tensorflow.image").resize is tf.image.resize
    assert tf.image.decode_jpeg is tf.io.decode_jpeg and tf.image.ResizeMethod.AREA == "area"


def test_chance_changes_pictures_and_a_seed_repeats_it(tf: Any) -> None:
    def changed() -> list[np.ndarray]:
        tf.random.set_seed(4)
        flipped = tf.image.random_flip_left_right(np.repeat(X[:1], 8, 0), seed=1)
        return [np.asarray(flipped), np.asarray(tf.image.random_brightness(X, 0.2)), np.asarray(
            tf.image.random_crop(X[0], [2, 3, 3])
        )]  # fmt: skip

    (flips, bright, part), again = changed(), changed()
    assert all((one == other).all() for one, other in zip((flips, bright, part), again, strict=True))
    mirrored = [bool((row == X[0, :, ::-1]).all()) for row in flips]
    assert all((row == X[0]).all() or is_mirrored for row, is_mirrored in zip(flips, mirrored, strict=True))
    assert 0 < sum(mirrored) < 8
    delta = bright - X
    assert delta.std() < 1e-6 and 0 < abs(delta.mean()) <= 0.2
    assert any((part == X[0, i : i + 2, j : j + 3]).all() for i in range(4) for j in range(4))


@pytest.mark.slow
def test_chance_within_its_bounds(tf: Any) -> None:
    tf.random.set_seed(0)
    mean = X.mean((1, 2), keepdims=True)
    ratio = (np.asarray(tf.image.random_contrast(X, 0.5, 0.8)) - mean) / (X - mean)
    assert 0.5 <= np.median(ratio) <= 0.8 and np.std(ratio) < 1e-2
    for change in (tf.image.random_hue(X, 0.1), tf.image.random_saturation(X, 0.5, 1.5)):
        found = np.asarray(change)
        assert (found != X).any()
        np.testing.assert_allclose(found.max(-1), X.max(-1), atol=1e-5)  # the value stays
    assert tf.image.random_flip_up_down(BYTES).dtype == np.uint8


def test_stateless_changes_are_the_same_for_the_same_seed(tf: Any) -> None:
    one, same = (tf.image.stateless_random_brightness(X, 0.5, seed=(1, 2)) for _ in range(2))
    other = tf.image.stateless_random_brightness(X, max_delta=0.5, seed=tf.constant([1, 3]))
    assert (np.asarray(one) == np.asarray(same)).all() and (np.asarray(one) != np.asarray(other)).any()
    assert tf.image.stateless_random_crop(X[0], (2, 2, 3), (1, 2)).shape == (2, 2, 3)


def test_files_in_a_data_set(tf: Any, tmp_path: Path) -> None:
    for number, picture in enumerate(BYTES):
        tf.io.write_file(str(tmp_path / f"{number}.png"), tf.io.encode_png(picture))

    def loaded(path: Any) -> Any:
        return tf.image.resize(tf.image.decode_png(tf.io.read_file(path), channels=3), [5, 6]) / 255.0

    paths = sorted(str(path) for path in tmp_path.glob("*.png"))
    found = next(iter(tf.data.Dataset.from_tensor_slices(paths).map(loaded).batch(2)))
    np.testing.assert_allclose(np.asarray(found), BYTES / 255, atol=1e-6)


def test_changes_in_a_data_set_are_drawn_anew_for_each_picture(tf: Any) -> None:
    pictures = np.repeat(X[:1], 12, 0)
    changed = tf.data.Dataset.from_tensor_slices(pictures).map(lambda x: tf.image.random_flip_left_right(x, seed=3))
    assert len({row.tobytes() for row in changed.as_numpy_iterator()}) == 2


@pytest.mark.slow
def test_a_picture_is_read_as_it_was_written(tf: Any, tmp_path: Path) -> None:
    even = np.full((8, 8, 3), (200, 40, 90), "uint8")
    assert np.abs(np.asarray(tf.io.decode_jpeg(tf.io.encode_jpeg(even))).astype(int) - even).max() <= 2
    assert tf.io.decode_jpeg(tf.io.encode_jpeg(even), ratio=2).shape == (4, 4, 3)
    assert tf.io.decode_image(tf.io.encode_png(GREY[0])).shape == (5, 6, 1)
    assert tf.io.decode_image(tf.io.encode_png(GREY[0]), channels=4).shape == (5, 6, 4)
    tf.io.write_file(str(tmp_path / "a" / "b.bin"), b"1\x00\x00")
    assert tf.io.read_file(str(tmp_path / "a" / "b.bin")).numpy() == b"1\x00\x00"


@pytest.mark.slow
def test_pictures_that_do_not_exist_yet(tf: Any) -> None:
    inputs = tf.keras.Input((5, 6, 3))
    outputs = tf.image.rgb_to_grayscale(tf.image.resize(inputs, (3, 4)))
    model = tf.keras.Model(inputs, outputs)
    wanted = tf.image.rgb_to_grayscale(tf.image.resize(X, (3, 4)))
    np.testing.assert_allclose(model.predict(X, verbose=0), np.asarray(wanted), atol=1e-6)


REFUSED = [
    lambda tf: tf.image.resize(X[0, 0], (2, 2)),
    lambda tf: tf.image.resize(X, (2, 2), method="cubic"),
    lambda tf: tf.image.resize(X, (2, 2, 2)),
    lambda tf: tf.image.resize(X, (0, 2)),
    lambda tf: tf.image.central_crop(X, 0.0),
    lambda tf: tf.image.crop_to_bounding_box(X, 3, 0, 4, 2),
    lambda tf: tf.image.crop_to_bounding_box(X, 0, 3, 4, 4),
    lambda tf: tf.image.pad_to_bounding_box(X, 0, 0, 4, 9),
    lambda tf: tf.image.resize_with_crop_or_pad(X, 0, 3),
    lambda tf: tf.image.rgb_to_grayscale(GREY),
    lambda tf: tf.image.grayscale_to_rgb(X),
    lambda tf: tf.image.adjust_hue(X, 2.0),
    lambda tf: tf.image.adjust_saturation(GREY, 2.0),
    lambda tf: tf.image.adjust_gamma(X, -1.0),
    lambda tf: tf.image.random_hue(X, 0.6),
    lambda tf: tf.image.random_brightness(X, -0.1),
    lambda tf: tf.image.random_contrast(X, 0.9, 0.2),
    lambda tf: tf.image.random_saturation(X, -1, 0.2),
    lambda tf: tf.image.random_crop(X, [2, 9, 9, 3]),
    lambda tf: tf.image.stateless_random_hue(X, 0.1, seed=3),
    lambda tf: tf.image.psnr(X, X[:, :2], 1.0),
    lambda tf: tf.image.sobel_edges(X[0]),
    lambda tf: tf.image.image_gradients(X[0]),
    lambda tf: tf.image.extract_patches(X, [2, 2], [1, 1, 1, 1], [1, 1, 1, 1], "SAME"),
    lambda tf: tf.image.extract_patches(X[0], [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "SAME"),
    lambda tf: tf.io.encode_png(X[0]),
    lambda tf: tf.io.encode_jpeg(BYTES),
    lambda tf: tf.io.decode_png(tf.io.encode_png(BYTES[0]), channels=7),
]


@pytest.mark.parametrize("call", REFUSED, ids=range(len(REFUSED)))
def test_refusals(tf: Any, call: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        call(tf)
    assert caught.value.code.startswith("image-") and caught.value.place.startswith("tf.")
    assert caught.value.expected != "" and caught.value.received != ""


def test_files_that_cannot_be_read(tf: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        tf.io.read_file(str(tmp_path / "none.png"))
    with pytest.raises(RanvierError) as caught:
        tf.io.decode_image(b"no picture")
    assert caught.value.code == "image-unreadable"
    with pytest.raises(RanvierError) as caught:
        tf.io.read_file(np.array(["a", "b"]))
    assert caught.value.code == "image-content"


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", ["io", "image.colours", "image.measures", "image.placing", "image.resizing", "image.types"]
)
def test_examples(part: str) -> None:
    module = importlib.import_module(f"ranvier.compat.tensorflow.{part}")
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
