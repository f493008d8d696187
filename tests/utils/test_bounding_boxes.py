"""`utils.bounding_boxes`: Keras's values and gradients, laws, refusals."""

from __future__ import annotations

import doctest
import pathlib
from typing import Any

import jax
import numpy as np
import pytest

from ranvier import utils
from ranvier._errors import RanvierError
from ranvier.ops import box_formats, box_moves, box_overlap
from ranvier.state.symbolic import KerasTensor
from ranvier.utils import bounding_boxes
from tests.utils.box_cases import ARRAYS, CASES, SLOPES, probe

RECORDED = np.load(pathlib.Path(__file__).parents[1] / "oracle" / "bounding_boxes.npz")


FASTEST = {name: index for index, (name, _, _) in reversed(list(enumerate(CASES)))}
"""The first row of each function."""


def compare(index: int, gradients: bool) -> None:
    name, arrays, keywords = CASES[index]
    function = getattr(bounding_boxes, name)
    given = [ARRAYS[array] for array in arrays]
    answer = jax.jit(lambda *given: function(*given, **keywords))(*given)
    found = answer if isinstance(answer, dict) else {"output": answer}
    if gradients and name in SLOPES:
        slope = jax.jit(jax.grad(lambda x: (function(given[0], x, **keywords) * probe(answer.shape)).sum()))
        found["gradient"] = slope(given[1])
    if gradients:
        assert {f"{index}/{key}" for key in found} == {key for key in RECORDED.files if key.startswith(f"{index}/")}
    for key, value in found.items():
        expected = RECORDED[f"{index}/{key}"]
        assert value.shape == expected.shape and np.asarray(value).dtype.kind == expected.dtype.kind
        bound = 1e-3 if expected.dtype == np.float16 else 2e-5
        np.testing.assert_allclose(value, expected, rtol=bound, atol=bound, err_msg=key)


@pytest.mark.parametrize("name", FASTEST)
def test_values_as_keras(name: str) -> None:
    compare(FASTEST[name], gradients=False)


@pytest.mark.slow
@pytest.mark.parametrize("index", range(len(CASES)), ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)])
def test_values_and_gradients_as_keras(index: int) -> None:
    compare(index, gradients=True)


def test_all_that_keras_lists_is_here_and_has_a_row() -> None:
    assert set(bounding_boxes.__all__) == {name for name, _, _ in CASES}
    assert utils.bounding_boxes is bounding_boxes


def test_what_comes_in_stays_as_it_is() -> None:
    given = {"boxes": ARRAYS["row"].copy(), "labels": np.arange(3)}
    converted = bounding_boxes.convert_format(given, "xyxy", "xywh")
    assert (given["boxes"] == ARRAYS["row"]).all() and converted["labels"].tolist() == [0, 1, 2]


@pytest.mark.slow
def test_every_picture_can_have_its_own_size() -> None:
    boxes, heights, widths = ARRAYS["boxes"], np.array([20.0, 40]), np.array([30.0, 60])
    each = [
        bounding_boxes.convert_format(*row, "xyxy", "rel_yxyx", height=h, width=w)
        for *row, h, w in zip(boxes, heights, widths, strict=True)
    ]
    sizes = {"height": heights[:, None, None], "width": widths[:, None, None]}
    together = bounding_boxes.convert_format(boxes, "xyxy", "rel_yxyx", **sizes)
    np.testing.assert_allclose(together, np.stack(each), rtol=1e-6)


@pytest.mark.slow
def test_relative_formats_of_complete_overlap_need_the_pictures_shape_only() -> None:
    relative = ARRAYS["row"] / np.array([34, 21, 34, 21], "float32")
    wanted = bounding_boxes.compute_ciou(ARRAYS["row"], ARRAYS["same"], "xyxy")
    second = ARRAYS["same"] / np.array([34, 21, 34, 21], "float32")
    found = bounding_boxes.compute_ciou(relative, second, "rel_xyxy", (21, 34, 3))
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_levels_and_symbols() -> None:
    anchors, steps = {"P3": ARRAYS["row"], "P4": ARRAYS["same"]}, {"P3": ARRAYS["steps"], "P4": ARRAYS["steps"]}
    found = bounding_boxes.decode_deltas_to_boxes(anchors, steps, "xyxy", "xyxy")
    assert set(found) == {"P3", "P4"} and found["P4"].shape == (2, 3, 4)
    assert bounding_boxes.compute_iou(KerasTensor((None, 3, 4)), ARRAYS["column"], "xyxy").shape == (None, 3, 5)


ROW, SHARES = ARRAYS["row"], ARRAYS["shares"]
ONES = np.ones(1, "float32")
REFUSED: list[tuple[Any, str]] = [
    (lambda: bounding_boxes.convert_format(ROW, "xyyx", "xywh"), "box-format"),
    (lambda: bounding_boxes.convert_format(ROW, "xyxy", 3), "box-format"),
    (lambda: bounding_boxes.convert_format(ROW[:, :3], "xyxy", "xywh"), "box-arguments"),
    (lambda: bounding_boxes.convert_format(SHARES, "rel_xyxy", "xywh", height=3), "box-arguments"),
    (lambda: bounding_boxes.clip_to_image_size({"boxes": ROW}), "box-arguments"),
    (lambda: bounding_boxes.clip_to_image_size({"boxes": ROW}, 3, 3, "xywh"), "box-format"),
    (lambda: bounding_boxes.crop(ROW, 0, 0, 3, 3, "xywh"), "box-format"),
    (lambda: bounding_boxes.pad(ROW, 0, 0, bounding_box_format="yxyx"), "box-format"),
    (lambda: bounding_boxes.affine_transform(ROW[None], *[ONES] * 6, 3, 3, None, None, "xywh"), "box-format"),
    (lambda: bounding_boxes.compute_iou(ROW[0], ROW, "xyxy"), "box-arguments"),
    (lambda: bounding_boxes.compute_iou(SHARES, SHARES, "rel_xyxy"), "box-arguments"),
    (lambda: bounding_boxes.compute_iou(SHARES, SHARES, "rel_xyxy", image_shape=(3, 3)), "box-arguments"),
    (lambda: bounding_boxes.compute_ciou(SHARES, SHARES, "rel_xyxy"), "box-arguments"),
    (lambda: bounding_boxes.encode_box_to_deltas(ROW, ROW, "xyxy", "xyxy", "xywh"), "box-arguments"),
    (lambda: bounding_boxes.encode_box_to_deltas(ROW, ROW, "xyxy", "xyxy", variance=[1, 1]), "box-arguments"),
    (lambda: bounding_boxes.decode_deltas_to_boxes(ROW, ROW, "xyxy", "xyxy", "yxyx"), "box-arguments"),
]


@pytest.mark.parametrize(("call", "code"), REFUSED, ids=[f"{i}-{code}" for i, (_, code) in enumerate(REFUSED)])
def test_refusals(call: Any, code: str) -> None:
    with pytest.raises((ValueError, NotImplementedError)) as caught:
        call()
    error = caught.value
    assert isinstance(error, RanvierError) and error.code == code and error.place and error.received != ""


@pytest.mark.slow
@pytest.mark.parametrize("module", [box_formats, box_moves, box_overlap], ids=lambda module: module.__name__)
def test_examples(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
