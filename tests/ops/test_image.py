"""`ops.image`: Keras's values and gradients, forms of pictures, symbols, compiled programs, refusals."""

from __future__ import annotations

import doctest
import importlib
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import config, ops
from ranvier._errors import InvalidArgument, RanvierError, WrongType
from ranvier.ops import image
from ranvier.random import SeedGenerator
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable
from tests.ops.image_cases import ARRAYS, CASES, FASTEST, positions, probe

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "ops_image.npz")


def answer(name: str, arrays: list[str], keywords: dict[str, Any], gradients: bool) -> dict[str, Any]:
    by = positions(name, arrays) if gradients else ()

    def objective(*values: Any) -> Any:
        y = getattr(image, name)(*values, **keywords)
        return (y * probe(y.shape)).sum(), y

    given = [ARRAYS[array] for array in arrays]
    if not by:
        return {"output": jax.jit(objective)(*given)[1]}
    slopes, y = jax.jit(jax.grad(objective, by, has_aux=True))(*given)
    return {"output": y} | {f"gradient/{i}": slope for i, slope in zip(by, slopes, strict=True)}


def compare(index: int, found: dict[str, Any]) -> None:
    for key, value in found.items():
        expected = RECORDED[f"{index}/{key}"]
        assert value.shape == expected.shape and value.dtype == expected.dtype
        if CASES[index][0] == "affine_transform" and key == "gradient/1":
            value, expected = value[:, :6], expected[:, :6]  # Keras on JAX has another formula for the last two
        bound = 2e-3 if expected.dtype == np.float16 else 2e-5 if key == "output" else 2e-4
        np.testing.assert_allclose(value, expected, rtol=bound, atol=bound, err_msg=key)


@pytest.mark.parametrize("name", FASTEST)
def test_values_as_keras(name: str) -> None:
    index = FASTEST[name]
    compare(index, answer(*CASES[index], gradients=False))


@pytest.mark.slow
@pytest.mark.parametrize("index", range(len(CASES)), ids=[f"{i}-{name}" for i, (name, _, _) in enumerate(CASES)])
def test_values_and_gradients_as_keras(index: int) -> None:
    found = answer(*CASES[index], gradients=True)
    assert {f"{index}/{key}" for key in found} == {key for key in RECORDED.files if key.startswith(f"{index}/")}
    compare(index, found)


def test_all_that_keras_lists_is_here_and_has_a_row() -> None:
    assert set(image.__all__) == set(FASTEST) and ops.image is image


@pytest.mark.slow
def test_one_picture_is_a_batch_of_one_and_the_other_data_format_a_transpose() -> None:
    x, first = ARRAYS["pictures"], ARRAYS["first"]
    calls = [
        lambda x, **kw: image.resize(x, (3, 4), "nearest", **kw),
        lambda x, **kw: image.affine_transform(x, [0.5, 0, 1, 0, 1, -1, 0, 0], "nearest", **kw),
        lambda x, **kw: image.crop_images(x, 1, 1, 0, 0, **kw),
        lambda x, **kw: image.gaussian_blur(x, (3, 1), **kw),
    ]
    for call in calls:
        whole = np.asarray(call(x))
        np.testing.assert_allclose(call(x[0]), whole[0], atol=1e-6)
        np.testing.assert_allclose(call(first, data_format="channels_first"), np.moveaxis(whole, -1, 1), atol=1e-6)


def test_what_is_configured_counts_for_none() -> None:
    before = config.image_data_format()
    try:
        config.set_image_data_format("channels_first")
        assert image.resize(ARRAYS["first"], (2, 2), "nearest").shape == (2, 3, 2, 2)
        assert image.gaussian_blur(ARRAYS["first"][:, :1], (1, 1)).shape == (2, 1, 5, 6)
    finally:
        config.set_image_data_format(before)


def test_symbols_have_shapes() -> None:
    x = KerasTensor((None, 8, 9, 3))
    assert image.resize(x, (4, 5)).shape == (None, 4, 5, 3)
    assert image.rgb_to_grayscale(x).shape == (None, 8, 9, 1)
    assert image.extract_patches(x, 4).shape == (None, 2, 2, 48)
    assert image.ssim(x, x, filter_size=3).shape == (None,)
    assert image.crop_images(KerasTensor((None, None, None, 3)), 1, 1, target_height=90, target_width=224).shape == (
        *(None, 90, 224, 3),
    )


@pytest.mark.slow
def test_whole_numbers_keep_their_type_and_their_bounds() -> None:
    bright = np.full((1, 4, 4, 3), 255, "uint8")
    bright[0, 1:3, 1:3] = 0
    enlarged = image.resize(bright, (9, 9), "bicubic")
    assert enlarged.dtype == np.uint8 and enlarged.max() == 255
    assert image.gaussian_blur(bright).dtype == np.uint8
    assert image.elastic_transform(bright, sigma=0.5, seed=1).dtype == np.uint8
    small = np.zeros((4, 4, 1), "uint8")
    assert float(image.ssim(small, small + np.uint8(9), 255.0, filter_size=3)) == pytest.approx(0.0743, abs=1e-3)


@pytest.mark.slow
def test_seeds_of_distortions() -> None:
    def distorted(seed: Any) -> np.ndarray:
        return np.asarray(image.elastic_transform(ARRAYS["wide"], sigma=0.5, seed=seed))

    stream = SeedGenerator(3)
    first, second = distorted(stream), distorted(stream)
    assert (first != second).any()
    assert (first == distorted(3)).all()
    assert (distorted(jax.random.key(0)) == distorted(jax.random.key(0))).all()
    assert (distorted(None) != distorted(None)).any()


@jax.jit
@jax.value_and_grad
def _sum_of_the_warped_ramp(transform: Any) -> Any:
    ramp = jnp.array([0.0, 3.0, 6.0]).reshape(1, 3, 1)
    return image.affine_transform(ramp, transform, fill_mode="nearest").sum()


def test_transforms_follow_their_formula_and_have_gradients() -> None:
    # u = x / (0.5 x + 1): 0, 2/3, 1; the values are 3 u
    total, _ = _sum_of_the_warped_ramp(np.array([1, 0, 0, 0, 1, 0, 0.5, 0], "float32"))
    assert float(total) == pytest.approx(5)
    total, slope = _sum_of_the_warped_ramp(np.array([1, 0, 0.25, 0, 1, 0, 0, 0], "float32"))
    assert float(total) == pytest.approx(0.75 + 3.75 + 6)
    assert float(slope[2]) == 6.0  # two pixels move along the ramp, the third stands at its end


def test_variables_are_taken() -> None:
    picture = Variable(np.array([1.0, 2.0, 3.0], "float32").reshape(1, 3, 1))
    assert image.crop_images(picture, 0, 1, target_height=1, target_width=2).ravel().tolist() == [2.0, 3.0]


@pytest.mark.slow
def test_one_point_along_an_axis_is_its_own_neighbour() -> None:
    for fill_mode in ("nearest", "wrap", "mirror", "reflect"):
        assert image.map_coordinates([[5.0]], [[-2.25], [3.5]], 1, fill_mode).tolist() == [5.0]


X = np.ones((2, 5, 6, 3), "float32")
POINTS = np.zeros((4, 2), "float32")
REFUSED: list[tuple[Any, str]] = [
    *(
        (lambda call=call: call(X[0, 0]), "image-rank")
        for call in (
            *(image.rgb_to_grayscale, image.rgb_to_hsv, image.hsv_to_rgb, image.gaussian_blur, image.sobel_edges),
            lambda x: image.resize(x, (2, 2)),
            lambda x: image.affine_transform(x, np.ones(8)),
            lambda x: image.perspective_transform(x, POINTS, POINTS),
            lambda x: image.elastic_transform(x),
            lambda x: image.crop_images(x, 0, 0, 0, 0),
            lambda x: image.pad_images(x, 0, 0, 0, 0),
            lambda x: image.extract_patches(x, 2),
            lambda x: image.ssim(x, x),
        )
    ),
    (lambda: image.extract_patches_3d(X[0], 2), "image-rank"),
    (lambda: image.sobel_edges(X[0]), "image-rank"),
    (lambda: image.sobel_edges(X.astype("uint8")), "image-dtype"),
    (lambda: image.rgb_to_hsv(X.astype("uint8")), "image-dtype"),
    (lambda: image.hsv_to_rgb(X.astype("int32")), "image-dtype"),
    (lambda: image.rgb_to_grayscale(X[..., :2]), "image-channels"),
    (lambda: image.rgb_to_hsv(X, data_format="channels_first"), "image-channels"),
    (lambda: image.hsv_to_rgb(X[..., :1]), "image-channels"),
    (lambda: image.resize(X, (2, 2), "area"), "image-argument"),
    (lambda: image.resize(X, (2, 2), fill_mode="reflect"), "image-argument"),
    (lambda: image.resize(X, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "image-argument"),
    (lambda: image.resize(X, (2, 0)), "image-size"),
    (lambda: image.resize(X, (2, 2, 3)), "image-size"),
    (lambda: image.resize(X, 2), "image-size"),
    (lambda: image.resize(X, (2.5, 2)), "image-size"),
    (lambda: image.resize(X, (2, 2), data_format="NHWC"), "data-format"),
    (lambda: image.affine_transform(X, np.ones(8), "bicubic"), "image-argument"),
    (lambda: image.affine_transform(X, np.ones(8), fill_mode="edge"), "image-argument"),
    (lambda: image.affine_transform(X, np.ones(6)), "image-points"),
    (lambda: image.affine_transform(X, np.ones((3, 8))), "image-points"),
    (lambda: image.perspective_transform(X, POINTS, POINTS, "cubic"), "image-argument"),
    (lambda: image.perspective_transform(X, POINTS[:3], POINTS[:3]), "image-points"),
    (lambda: image.perspective_transform(X, POINTS, POINTS[None]), "image-points"),
    (lambda: image.elastic_transform(X, fill_mode="edge"), "image-argument"),
    (lambda: image.elastic_transform(X, interpolation="bicubic"), "image-argument"),
    (lambda: image.map_coordinates(X, np.zeros((3, 2)), 1), "image-coordinates"),
    (lambda: image.map_coordinates(X, np.zeros(4), 1), "image-coordinates"),
    (lambda: image.map_coordinates(X, np.zeros((4, 2)), 2), "image-argument"),
    (lambda: image.map_coordinates(X, np.zeros((4, 2)), 1, "edge"), "image-argument"),
    (lambda: image.gaussian_blur(X, 3), "image-size"),
    (lambda: image.gaussian_blur(X, (3, 0)), "image-size"),
    (lambda: image.gaussian_blur(X, (3, 3), 1.0), "image-argument"),
    (lambda: image.crop_images(X, 1, 1), "image-margins"),
    (lambda: image.crop_images(X, 1, 1, 1, 1, 3), "image-margins"),
    (lambda: image.crop_images(X, 3, 1, target_height=3, target_width=2), "image-margins"),
    (lambda: image.crop_images(X, -1, 1, target_height=3, target_width=2), "image-margins"),
    (lambda: image.pad_images(X, 1, 1, target_height=4, target_width=9), "image-margins"),
    (lambda: image.pad_images(X, 1.5, 1, 1, 1), "image-margins"),
    (lambda: image.extract_patches(X, "2"), "image-size"),
    (lambda: image.extract_patches(X, 7), "window-size"),
    (lambda: image.extract_patches(X, (2, 2, 2, 2)), "window-argument"),
    (lambda: image.extract_patches(X, 2, padding="full"), "window-padding"),
    (lambda: image.ssim(X, X), "image-size"),
    (lambda: image.ssim(X, X[:1], filter_size=3), "image-size"),
    (lambda: image.scale_and_translate(X[0, 0], (2, 3), [1.0], [0.0], (0,), "nearest"), "image-argument"),
    (lambda: image.scale_and_translate(X[0, 0], (2, 2), [1.0], [0.0], (0,), "linear"), "image-size"),
    (lambda: image.scale_and_translate(X[0, 0], (2, 3), [1.0, 2.0], [0.0], (0,), "linear"), "image-size"),
    (lambda: image.scale_and_translate(X[0, 0], (2, 3), [1.0], [0.0], (2,), "linear"), "image-size"),
]


@pytest.mark.parametrize(("call", "code"), REFUSED, ids=[f"{i}-{code}" for i, (_, code) in enumerate(REFUSED)])
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises(RanvierError) as caught:
        call()
    assert isinstance(caught.value, (InvalidArgument, WrongType))
    assert caught.value.code == code and caught.value.place and caught.value.received != ""


@pytest.mark.slow
@pytest.mark.parametrize("part", ["colour", "filters", "framing", "patches", "resampling", "sampling", "warping"])
def test_examples(part: str) -> None:
    result = doctest.testmod(importlib.import_module(f"ranvier.ops.image_{part}"))
    assert result.attempted and not result.failed
