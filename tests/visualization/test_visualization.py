"""Boxes, masks and galleries."""

from __future__ import annotations

import doctest
import pathlib
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

from ranvier import visualization
from ranvier.utils import load_img
from ranvier.visualization import boxes, masks
from tests.visualization.mask_cases import masked

ORACLE = pathlib.Path(__file__).parents[1] / "oracle" / "images.npz"
BOXES: dict[str, Any] = {"boxes": [[[2, 1, 7, 5], [0, 0, 3, 3]]], "labels": [[1, -1]]}


@pytest.fixture(autouse=True)
def no_windows() -> Any:
    before = matplotlib.get_backend()
    pyplot.switch_backend("agg")
    yield
    assert not pyplot.get_fignums()
    pyplot.switch_backend(before)


def test_masks_as_keras() -> None:
    found = masked(visualization.draw_segmentation_masks)
    with np.load(ORACLE) as recorded:
        assert set(found) == {name for name in recorded if name.startswith("masks ")}
        for name, array in found.items():
            assert array.dtype == recorded[name].dtype, name
            # A value on the border of two whole numbers may fall to either side.
            np.testing.assert_allclose(array.astype(float), recorded[name].astype(float), atol=1, err_msg=name)
            assert (array.astype(float) == recorded[name]).mean() > 0.99, name


def rectangle(thickness: int) -> np.ndarray:
    drawn = visualization.draw_bounding_boxes(
        np.zeros((1, 8, 10, 3), np.uint8), BOXES, "xyxy", color=(1, 2, 3), line_thickness=thickness
    )
    assert drawn.dtype == np.uint8 and np.array_equal(drawn[..., 2], 3 * drawn[..., 0])
    return drawn[0, :, :, 0]


def test_a_box_is_its_sides() -> None:
    wanted = np.zeros((8, 10), int)
    wanted[1:6, 2:8] = 1
    wanted[2:5, 3:7] = 0
    np.testing.assert_array_equal(rectangle(1), wanted)
    wanted[0:7, 1:9] = 1
    wanted[3:4, 4:6] = 0
    np.testing.assert_array_equal(rectangle(3), wanted)


def test_boxes_in_other_formats_and_outside() -> None:
    def drawn(boxes: Any, kind: str, **options: Any) -> np.ndarray:
        given = {"boxes": np.array([[boxes]], np.float32), "labels": np.zeros((1, 1))}
        return visualization.draw_bounding_boxes(
            options.pop("images", np.zeros((1, 8, 10, 1))), given, kind, color=9, line_thickness=1, **options
        )

    plain = drawn([2, 1, 7, 5], "xyxy")
    np.testing.assert_array_equal(drawn([0.2, 0.125, 0.7, 0.625], "rel_xyxy"), plain)
    np.testing.assert_array_equal(drawn([2, 1, 5, 4], "xywh"), plain)
    first = drawn([2, 1, 7, 5], "xyxy", images=np.zeros((1, 1, 8, 10)), data_format="channels_first")
    np.testing.assert_array_equal(first, plain)
    assert not drawn([-9, -9, -3, -3], "xyxy").any()
    assert drawn([-9, -9, 5, 4], "xyxy")[0, :, :, 0].sum() == 9 * (6 + 4)


def test_floats_are_bytes_and_names_are_written() -> None:
    ones = np.ones((1, 60, 80, 3), np.float32) * 0.5
    given = {"boxes": [[[5, 40, 60, 55]]], "labels": [[1]], "confidences": [[0.75]]}
    plain = visualization.draw_bounding_boxes(ones, given, "xyxy", {2: "cat"}, color=(255, 0, 0))
    assert plain[0, 0, 0].tolist() == [127, 127, 127]
    named = visualization.draw_bounding_boxes(ones, given, "xyxy", {1: "cat"}, color=(255, 0, 0), font_scale=0.5)
    rows, columns = np.nonzero((named != plain).any(-1)[0])
    assert len(rows) > 50 and rows.max() <= 38 and columns.min() >= 3
    assert ones.max() == 0.5


def test_galleries_are_written(tmp_path: pathlib.Path) -> None:
    images = np.linspace(0, 1, 3 * 6 * 6 * 3).reshape(3, 6, 6, 3)
    visualization.plot_image_gallery(
        images,
        y_true=[0, 1, 0],
        y_pred=[1, 1, 5],
        label_map={0: "a", 1: "b"},
        value_range=(0, 1),
        path=tmp_path / "a.png",
    )
    visualization.plot_image_gallery(images, rows=1, path=str(tmp_path / "b.png"), dpi=30)
    given = {"boxes": [[[1, 1, 4, 4]]] * 3, "labels": [[0]] * 3}
    visualization.plot_bounding_box_gallery(
        images, "xyxy", given, given, (0, 1), class_mapping={0: "a"}, legend=True, path=tmp_path / "c.png"
    )
    classes = np.zeros((3, 6, 6), np.int32)
    visualization.plot_segmentation_mask_gallery(
        images, 2, (0, 1), classes, classes[..., None], path=tmp_path / "d.png"
    )
    sizes = {path.name: load_img(path).size for path in tmp_path.glob("*.png")}
    assert set(sizes) == {"a.png", "b.png", "c.png", "d.png"}
    assert sizes["b.png"][0] > 2.5 * sizes["b.png"][1] and 0.8 < sizes["d.png"][0] / sizes["d.png"][1] < 1.2


def test_galleries_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(pyplot, "show", lambda: shown.append([axis.get_title() for axis in pyplot.gcf().axes]))
    visualization.plot_image_gallery(np.zeros((2, 3, 3, 1)), y_true=np.array([1, 7]), label_map={1: "one"})
    assert shown == [["Label: one", "Label: Unknown"]]
    pyplot.close("all")


@pytest.mark.parametrize("module", [boxes, masks])
def test_examples(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


IMAGES = np.zeros((1, 2, 2, 3))
MASK = np.zeros((1, 2, 2, 1), np.int32)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda v: v.draw_bounding_boxes(IMAGES[0], BOXES, "xyxy"), "images-rank"),
        (lambda v: v.draw_bounding_boxes(IMAGES, [[1, 2, 3, 4]], "xyxy"), "boxes-kind"),
        (lambda v: v.draw_bounding_boxes(IMAGES, {"boxes": [[[1, 2, 3, 4]]]}, "xyxy"), "boxes-kind"),
        (lambda v: v.draw_bounding_boxes(IMAGES, BOXES, "corners"), "xyxy"),
        (lambda v: v.draw_segmentation_masks(IMAGES[0], MASK), "images-rank"),
        (lambda v: v.draw_segmentation_masks(IMAGES, MASK * 1.0), "masks-kind"),
        (lambda v: v.draw_segmentation_masks(IMAGES, MASK[:, :1]), "masks-shape"),
        (lambda v: v.draw_segmentation_masks(IMAGES, MASK, 2, {0: (0, 0, 0)}), "masks-colour"),
        (lambda v: v.plot_image_gallery(IMAGES[0]), "images-rank"),
        (lambda v: v.plot_image_gallery(IMAGES, y_pred=[1]), "label_map"),
        (lambda v: v.plot_image_gallery(IMAGES, path="a.png", show=True), "show"),
        (lambda v: v.plot_bounding_box_gallery(IMAGES, "xyxy", legend=True, legend_handles=[1]), "legend"),
        (lambda v: v.plot_segmentation_mask_gallery(IMAGES[0], 2), "images-rank"),
    ],
)
def test_drawings_that_cannot_be(call: Any, word: str) -> None:
    with pytest.raises((ValueError, TypeError), match=word):
        call(visualization)
