"""Draws of layers that recolour, mix or erase: their ranges, one per picture; what is mixed; what is refused."""

from __future__ import annotations

import doctest
import importlib
from typing import Any

import jax
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier._errors import InvalidArgument, Unsupported
from ranvier.state.symbolic import KerasTensor

MODULES = ["colour", "contrast", "erasing", "histograms", "mixing", "policies", "sharpness", "tones"]
MANY = jax.ShapeDtypeStruct((2000, 4, 4, 3), "float32")


@pytest.mark.parametrize(
    ("layer", "name", "low", "high"),
    [
        (layers.RandomBrightness(0.5, seed=1), "rgb_delta", -127.5, 127.5),
        (layers.RandomContrast((0.2, 0.4), seed=1), "contrast_factor", 0.8, 1.4),
        (layers.RandomHue((0.0, 0.6), seed=1), "factor", -0.3, 0.3),
        (layers.Solarization(addition_factor=(0.2, 0.4), seed=1), "additions", 51, 102),
        (layers.RandomPosterization((2, 6), seed=1), "shift_factor", 3, 6),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_draws_fill_their_range_and_each_picture_has_its_own(layer: Any, name: str, low: float, high: float) -> None:
    drawn = np.asarray(layer.get_random_transformation(MANY)[name], "float64").ravel()
    assert drawn.shape == (2000,)
    assert low - 1e-4 <= drawn.min() < low + 0.02 * (high - low) and high - 0.02 * (high - low) < drawn.max() <= high
    assert drawn.mean() == pytest.approx((low + high) / 2, abs=0.03 * (high - low))
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.07
    again = type(layer).from_config(layer.get_config()).get_random_transformation(MANY)[name]
    np.testing.assert_array_equal(np.asarray(again).ravel(), drawn.astype(again.dtype))
    assert not np.array_equal(np.asarray(layer.get_random_transformation(MANY)[name]).ravel(), drawn)


def test_the_share_of_pictures_that_change_is_the_mean_of_the_factor() -> None:
    chosen = layers.RandomInvert((0.2, 0.6), seed=1).get_random_transformation(MANY)["apply_inversion"]
    assert float(np.mean(chosen)) == pytest.approx(0.4, abs=0.04)


def test_erased_rectangles_are_rectangles_of_the_wanted_size() -> None:
    layer = layers.RandomErasing((1, 1), scale=(0.25, 0.25), fill_value=(1.0, 2.0, 3.0), seed=1)
    x = np.full((40, 20, 12, 3), 9.0, "float32")
    erased = np.asarray(layer(x)) != 9
    for one in erased[..., 0]:
        rows, columns = np.flatnonzero(one.any(1)), np.flatnonzero(one.any(0))
        assert one[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()
        assert len(rows) in (10, 11) and len(columns) in (6, 7) and one.sum() == len(rows) * len(columns)
    assert len({tuple(np.argwhere(one)[0]) for one in erased[..., 0]}) > 20
    np.testing.assert_array_equal(np.unique(np.asarray(layer(x))[..., 1]), [2, 9])


def numbered(count: int) -> dict[str, np.ndarray]:
    """Pictures that hold their own number everywhere, and their one-hot labels."""
    images = np.broadcast_to(np.arange(count, dtype="float32")[:, None, None, None], (count, 8, 6, 3))
    return {"images": images.copy(), "labels": np.eye(count, dtype="float32")}


@pytest.mark.parametrize(
    "layer",
    [
        pytest.param(layers.MixUp(0.8, seed=2), id="MixUp", marks=pytest.mark.slow),
        pytest.param(layers.CutMix(seed=2), id="CutMix"),
    ],
)
def test_labels_are_mixed_in_the_proportion_of_the_pixels(layer: Any) -> None:
    data = numbered(16)
    mixed = jax.jit(lambda data: layer(data, training=True))(data)
    shares = np.zeros((16, 16))
    for i, picture in enumerate(np.asarray(mixed["images"])):
        other = int(np.argmax(np.where(np.arange(16) == i, 0, mixed["labels"][i])))
        if isinstance(layer, layers.MixUp):
            assert np.ptp(picture) < 1e-5
            own = (picture.mean() - other) / (i - other) if other != i else 1.0
            shares[i, other] += 1 - own
            shares[i, i] += own
        else:
            for value in picture[..., 0].ravel():
                shares[i, int(value)] += 1 / 48
    np.testing.assert_allclose(mixed["labels"], shares, atol=1e-4)
    assert np.count_nonzero(np.diag(shares) < 0.999) > 3


def test_masks_are_mixed_or_cut_as_the_pixels_are_and_boxes_lie_side_by_side() -> None:
    drawn = {"permutation_order": np.array([1, 0]), "mix_weight": np.array([0.25, 1.0], "float32")}
    masks = np.array([[[[1.0, 0.0]]], [[[0.0, 1.0]]]], "float32")
    mixed = layers.MixUp().transform_segmentation_masks(masks, drawn)
    np.testing.assert_allclose(mixed[:, 0, 0], [[0.25, 0.75], [0.0, 1.0]])
    boxes = {"boxes": np.arange(8.0).reshape(2, 1, 4), "labels": np.array([[3], [5]])}
    both = layers.MixUp().transform_bounding_boxes(boxes, drawn)
    assert both["labels"].tolist() == [[3, 5], [5, 3]] and both["boxes"].shape == (2, 2, 4)
    cut = {**drawn, "batch_masks": np.array([[[[True]]], [[[False]]]])}
    classes = np.array([[[[4]]], [[[7]]]], "uint8")
    found = layers.CutMix().transform_segmentation_masks(classes, cut)
    assert found.tolist() == [[[[7]]], [[[7]]]] and found.dtype == "uint8"


def test_one_picture_has_no_other_to_be_mixed_with() -> None:
    x = np.arange(12, dtype="float32").reshape(2, 2, 3)
    for layer in (layers.MixUp(), layers.CutMix()):
        found = layer({"images": x, "labels": np.array(3)})
        np.testing.assert_array_equal(found["images"], x)
        assert int(found["labels"]) == 3


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.RandomBrightness(1.5),
        lambda: layers.RandomBrightness(0.1, value_range=(0, 1, 2)),
        lambda: layers.AutoContrast(value_range=(1, 1)),
        lambda: layers.RandomContrast(-0.1),
        lambda: layers.RandomHue(0.1, value_range="bytes"),
        lambda: layers.RandomPosterization(0.5),
        lambda: layers.Solarization(addition_factor=(-0.1, 0.5)),
        lambda: layers.RandomGrayscale(1.1),
        lambda: layers.RandomGaussianBlur(kernel_size=4),
        lambda: layers.RandomGaussianBlur(sigma=2.0),
        lambda: layers.RandomErasing(fill_value=(1.0, 2.0)),
        lambda: layers.RandomErasing(fill_value=(1.0, 2.0, 3.0))(KerasTensor((2, 4, 4, 1))),
        lambda: layers.Equalization(bins=0),
        lambda: layers.ContrastLimitedAdaptiveHistogramEqualization(tile_grid_size=8),
        lambda: layers.MixUp(alpha=0.0),
        lambda: layers.AugMix(num_chains=0),
        lambda: layers.AugMix(alpha=-1.0),
        lambda: layers.RandAugment(num_ops=0),
        lambda: layers.RandomInvert()(np.zeros((4, 4), "float32")),
        lambda: layers.RandomHue(0.5)(KerasTensor((2, 4, 4, 2))),
        lambda: layers.MixUp().transform_labels(np.array([1, 2]), {"permutation_order": np.arange(2)}),
        lambda: layers.CutMix().transform_labels(np.array([[1], [2]]), {"permutation_order": np.arange(2)}),
        lambda: layers.CutMix().transform_labels(np.eye(3), {"permutation_order": np.arange(2)}),
        lambda: layers.MixUp().transform_segmentation_masks(np.zeros((2, 4, 4, 1), "int32"), {}),
    ],
)
def test_what_cannot_be_right_is_refused(layer: Any) -> None:
    with pytest.raises(InvalidArgument) as caught:
        layer()
    assert caught.value.code and caught.value.place and caught.value.expected


def test_cutmix_refuses_boxes() -> None:
    layer = layers.CutMix(bounding_box_format="xyxy")
    with pytest.raises(Unsupported):
        layer.transform_bounding_boxes({"boxes": np.zeros((2, 1, 4)), "labels": np.zeros((2, 1))}, {})


def test_whole_numbers_do_not_wrap_around() -> None:
    bright = layers.RandomBrightness((-1, -1))(np.array([[[100]]], "uint8"))
    assert float(bright[0, 0, 0]) == 0 and bright.dtype == "float32"
    negative = layers.RandomInvert((1, 1), value_range=(-1, 1))([[[0.25]]])
    assert float(negative[0, 0, 0]) == -0.25


def test_augmentation_inside_a_fit_repeats_under_a_seed_and_rests_in_use() -> None:
    x = np.random.default_rng(0).uniform(0, 255, (8, 4, 4, 3)).astype("float32")
    y = x.mean((1, 2))

    def trained(seed: int) -> tuple[list[float], np.ndarray]:
        keras.utils.set_random_seed(seed)
        parts = [layers.RandomBrightness(0.5), layers.RandomSharpness(1.0), layers.GlobalAveragePooling2D()]
        head = layers.Dense(3, use_bias=False, kernel_initializer="identity")
        model = keras.Sequential([keras.Input((4, 4, 3)), *parts, head])
        model.compile(keras.optimizers.SGD(0.0), "mse")
        return model.fit(x, y, batch_size=4, epochs=2, verbose=0).history["loss"], model.predict(x, verbose=0)

    (first, used), (again, _) = trained(1), trained(1)
    assert first == again and first[0] != first[1]
    np.testing.assert_allclose(used, y, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("module", MODULES)
def test_examples_of_the_docstrings_hold(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"ranvier.layers.preprocessing.{module}"))
    assert not result.failed and result.attempted


@pytest.mark.slow
@pytest.mark.parametrize("first", [False, True])
def test_policies_run_in_one_program_with_all_that_comes_along(first: bool) -> None:
    shape = (3, 3, 8, 6) if first else (3, 8, 6, 3)
    way: dict[str, Any] = {"data_format": "channels_first"} if first else {}
    boxes = {"boxes": np.tile(np.array([1, 1, 4, 5], "float32"), (3, 2, 1)), "labels": np.ones((3, 2), "int32")}
    random = np.random.default_rng(0)
    data = {
        "images": random.integers(0, 256, shape).astype("uint8"),
        "labels": np.eye(3, dtype="float32"),
        "segmentation_masks": random.random(shape).astype("float32"),
        "bounding_boxes": boxes,
    }
    way["bounding_box_format"] = "xyxy"
    for layer in (layers.RandAugment(**way), layers.AugMix(**way)):
        found = jax.jit(lambda data, layer=layer: layer(data, training=True))(data)
        assert found["images"].shape == shape and float(found["images"].min()) >= 0
        assert np.isfinite(found["images"]).all() and found["bounding_boxes"]["boxes"].shape == (3, 2, 4)
        same = layer(data, training=False)
        np.testing.assert_array_equal(same["images"], data["images"])
