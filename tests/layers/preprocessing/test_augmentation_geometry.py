"""Layers that move pixels: what they draw, boxes and masks in step with pictures, one compiled program, bad input."""

from __future__ import annotations

import json
import pathlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.callbacks import Callback
from ranvier.compat.tensorflow.data import Dataset
from ranvier.engine import compiled
from ranvier.engine.epoch import make_run
from ranvier.engine.feed import ArrayFeed
from ranvier.engine.fingerprint import fingerprint
from ranvier.engine.train_state import Batch
from ranvier.models import compiling
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor
from tests.layers.augmentation_geometry_cases import CASES, DETERMINISTIC, MovingCase

ARRAYS = np.load(pathlib.Path(__file__).parents[2] / "oracle" / "augmentation_geometry.npz")
FIRST = list({case.layer: case for case in reversed(CASES)}.values())
by_layer = pytest.mark.parametrize("case", FIRST, ids=lambda case: case.layer)
SHAPED = ("CenterCrop", "RandomCrop", "RandomRotation", "Resizing")
RANDOM = [case for case in FIRST if case.layer not in DETERMINISTIC]
by_random_layer = pytest.mark.parametrize("case", RANDOM, ids=lambda case: case.layer)


def drawn(layer: Any, shape: tuple[int, ...]) -> Any:
    found = layer.get_random_transformation(jax.ShapeDtypeStruct(shape, "float32"))
    return jax.tree_util.tree_map(np.asarray, found)


# --- draws ------------------------------------------------------------------------------------------------------------


def test_draws_stay_in_their_range_and_differ_by_picture() -> None:
    shape = (2000, 10, 20, 1)
    moved = drawn(layers.RandomTranslation((-0.2, 0.4), 0.1, seed=1), shape)["translations"]
    assert moved.min() >= -2 and moved[:, 0].max() <= 2 and 3.8 < moved[:, 1].max() <= 4
    assert abs(float(moved[:, 1].mean()) - 1.0) < 0.1 and len(np.unique(moved)) > 3900
    zoom = drawn(layers.RandomZoom((-0.5, 0.1), 0.2, seed=1), shape)
    assert 0.5 <= zoom["height_zoom"].min() < 0.51 and 1.09 < zoom["height_zoom"].max() <= 1.1
    assert zoom["width_zoom"].min() >= 0.8 and not np.array_equal(zoom["width_zoom"], zoom["height_zoom"])
    whole = drawn(layers.RandomZoom(0.3, seed=1), shape)
    np.testing.assert_array_equal(whole["height_zoom"], whole["width_zoom"])
    angle = drawn(layers.RandomRotation((0.1, 0.25), seed=1), shape)["angle"]
    assert 36 <= angle.min() < 37 and 89 < angle.max() <= 90
    assert 900 < int(drawn(layers.RandomFlip(seed=1), shape)["flips"].sum()) < 1100
    shear = drawn(layers.RandomShear((0.1, 0.2), 0.0, seed=1), shape)["shear_factor"]
    assert set(np.sign(shear[:, 0])) == {-1, 1} and abs(shear[:, 0]).min() >= 0.1 and abs(shear[:, 0]).max() <= 0.2
    assert 1300 < int(drawn(layers.RandomPerspective((0.6, 0.8), seed=1), shape)["apply_perspective"].sum()) < 1500


def test_every_part_of_a_picture_can_be_chosen() -> None:
    layer = layers.RandomCrop(3, 3, seed=1)
    found = {tuple(int(v) for v in drawn(layer, (1, 5, 6, 1))[:2]) for _ in range(150)}
    assert found == {(top, left) for top in range(3) for left in range(4)}


def parts(drawn: Any) -> list[Any]:
    """Return what was drawn as arrays, keys as their words."""
    is_key = lambda v: hasattr(v, "dtype") and jnp.issubdtype(v.dtype, jax.dtypes.prng_key)  # noqa: E731
    found = jax.tree_util.tree_leaves(drawn)
    return [np.asarray(jax.random.key_data(v) if is_key(v) else v) for v in found]


def alike(one: Any, other: Any) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(parts(one), parts(other), strict=True))


@by_random_layer
def test_equal_seeds_draw_equally_and_calls_draw_anew(case: MovingCase) -> None:
    x = case.data()["images"]
    first, second = case.make(layers, seed=8), case.make(layers, seed=8)
    results = [first.get_random_transformation(x) for _ in range(6)]
    assert alike(results[0], second.get_random_transformation(x))
    assert any(not alike(results[0], one) for one in results)
    np.testing.assert_array_equal(first(x, training=False), x)


@by_random_layer
def test_in_a_program_the_key_of_the_step_decides(case: MovingCase) -> None:
    layer, x = case.make(layers), jnp.asarray(case.data()["images"])

    def step(seed: Any) -> Any:
        with scope.entered(Scope(key=jax.random.key(seed))):
            return layer.get_random_transformation(x)

    assert alike(step(1), step(1))
    assert any(not alike(step(1), step(other)) for other in range(2, 7))


@pytest.mark.slow
@by_random_layer
def test_compiled_equals_eager(case: MovingCase) -> None:
    layer, x = case.make(layers), jnp.asarray(case.data()["images"])

    def step(seed: Any) -> Any:
        with scope.entered(Scope(key=jax.random.key(seed))):
            return layer(x, training=True)

    np.testing.assert_allclose(jax.jit(step)(1), step(1), rtol=1e-3, atol=2e-2)


# --- shapes, types, configuration -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case.layer, marks=() if case.layer in SHAPED else pytest.mark.slow) for case in FIRST],
)
def test_shapes_are_known_before_there_are_values(case: MovingCase) -> None:
    symbols = jax.tree_util.tree_map(lambda a: KerasTensor((None, *a.shape[1:]), str(a.dtype)), case.data())
    found = case.make(layers)(symbols)
    start = f"{case.id}|out/"
    for name in ARRAYS.files:
        if name.startswith(start):
            symbol = found
            for key in name.removeprefix(start).split("/"):
                symbol = symbol[key]
            assert symbol.shape == (None, *ARRAYS[name].shape[1:])


@pytest.mark.slow
@by_layer
def test_halves_are_used_for_pictures_but_not_for_boxes(case: MovingCase) -> None:
    half = case.make(layers, dtype="mixed_bfloat16")(case.data())
    full = case.make(layers)(case.data())
    assert half["images"].dtype == "bfloat16" and half["images"].shape == full["images"].shape
    if case.boxes:
        np.testing.assert_allclose(half["bounding_boxes"]["boxes"], full["bounding_boxes"]["boxes"], rtol=1e-5)
    np.testing.assert_array_equal(half["labels"], full["labels"])
    difference = np.abs(np.asarray(half["images"], "float32") - np.asarray(full["images"]))
    assert difference.mean() < 3


def test_a_half_keeps_boxes_whole() -> None:
    layer = layers.MaxNumBoundingBoxes(1, dtype="mixed_bfloat16", bounding_box_format="xyxy")
    boxes = {"boxes": np.array([[[1.0, 1.0, 513.0, 513.0]]], "float32"), "labels": np.array([[1]])}
    found = layer({"images": np.zeros((1, 2, 2, 1), "float32"), "bounding_boxes": boxes}, training=True)
    assert found["images"].dtype == "bfloat16"
    assert found["bounding_boxes"]["boxes"].tolist() == [[[1.0, 1.0, 513.0, 513.0]]]


@pytest.mark.slow
@by_layer
def test_a_batch_may_be_empty_and_the_data_of_the_caller_stays(case: MovingCase) -> None:
    data = case.data()
    kept = jax.tree_util.tree_map(np.copy, data)
    case.make(layers)(data)
    jax.tree_util.tree_map(np.testing.assert_array_equal, data, kept)
    empty = case.make(layers)(jax.tree_util.tree_map(lambda a: a[:0], data))
    assert all(a.shape[0] == 0 for a in jax.tree_util.tree_leaves(empty))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_configuration_makes_an_equal_layer(case: MovingCase) -> None:
    config = json.loads(json.dumps(layers.serialize(case.make(layers))))
    assert json.loads(json.dumps(layers.serialize(layers.deserialize(config)))) == config


# --- boxes and masks --------------------------------------------------------------------------------------------------

MOVES: list[tuple[str, dict[str, Any]]] = [
    ("RandomFlip", {}),
    ("RandomRotation", {"factor": (0.25, 0.25)}),
    ("RandomTranslation", {"height_factor": (0.25, 0.25), "width_factor": (-0.1, -0.1)}),
    ("RandomZoom", {"height_factor": (0.5, 0.5)}),
    ("RandomShear", {"x_factor": (0.3, 0.3), "y_factor": (0.1, 0.1)}),
    ("RandomPerspective", {"scale": 0.5}),
    ("RandomCrop", {"height": 30, "width": 36}),
    ("CenterCrop", {"height": 30, "width": 36}),
    ("CenterCrop", {"height": 50, "width": 30}),
    ("Resizing", {"height": 20, "width": 80}),
]


SLOW = pytest.mark.slow
FAST_MOVES = (("RandomCrop", "rel_xywh"),)
FOLLOWED = [
    pytest.param(name, arguments, form, id=f"{i}-{name}-{form}", marks=() if (name, form) in FAST_MOVES else SLOW)
    for i, (name, arguments) in enumerate(MOVES)
    for form in ("rel_xywh", "yxyx")
]


@pytest.mark.parametrize(("name", "arguments", "form"), FOLLOWED)
def test_boxes_and_masks_follow_the_pixels(name: str, arguments: dict[str, Any], form: str) -> None:
    seed = {} if name in DETERMINISTIC else {"seed": 11}
    layer = getattr(layers, name)(**arguments, **seed, bounding_box_format=form)
    plane = np.zeros((1, 40, 48, 1), "float32")
    plane[0, 12:24, 16:32] = 255
    box = [16 / 48, 12 / 40, 16 / 48, 12 / 40] if form == "rel_xywh" else [12, 16, 24, 32]
    boxes = {"boxes": np.array([[box]], "float32"), "labels": np.array([[4]])}
    found = layer({"images": plane, "segmentation_masks": plane, "bounding_boxes": boxes}, training=True)
    image, mask = (np.asarray(found[key])[0, :, :, 0] for key in ("images", "segmentation_masks"))
    assert ((mask > 128) != (image > 128)).mean() < 0.03
    rows, columns = np.nonzero(image > 128)
    seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    moved = np.asarray(found["bounding_boxes"]["boxes"])[0, 0]
    if form == "yxyx":
        moved = moved[[1, 0, 3, 2]]
    else:
        moved = np.concatenate([moved[:2], moved[:2] + moved[2:]]) * np.tile(image.shape[::-1], 2)
    np.testing.assert_allclose(moved, seen, atol=2.1)
    assert int(found["bounding_boxes"]["labels"][0, 0]) == 4


def test_boxes_move_as_worked_out_by_hand() -> None:
    """A picture of 4 rows and 8 columns, turned by a quarter counter-clockwise and sheared by a half."""
    shape = {"input_shape": (1, 4, 8, 1)}
    box = {"boxes": jnp.array([[[3.0, 1.0, 4.0, 2.0]]]), "labels": jnp.array([[1]])}
    shear = layers.RandomShear(0.5, bounding_box_format="xyxy")
    found = shear.transform_bounding_boxes(box, {"shear_factor": jnp.array([[0.5, 0.0]]), **shape})
    # x = x' + y' / 2: the left lower corner moves by 1, the right upper one by 1/2.
    assert found["boxes"].tolist() == [[[2.0, 1.0, 3.5, 2.0]]]
    turn = layers.RandomRotation((-0.25, -0.25), bounding_box_format="rel_xyxy", seed=1)
    given = {"boxes": jnp.array([[[3 / 8, 1 / 4, 4 / 8, 2 / 4]]]), "labels": jnp.array([[1]])}
    found = turn.transform_bounding_boxes(given, turn.get_random_transformation(np.zeros(shape["input_shape"])))
    # Around (3.5, 1.5) a box with that middle stays where it is, whatever its format.
    np.testing.assert_allclose(found["boxes"], given["boxes"], atol=1e-6)


def test_a_box_that_left_the_picture_loses_its_label() -> None:
    layer = layers.CenterCrop(4, 4, bounding_box_format="xyxy")
    boxes = {"boxes": [[[5.0, 1.0, 7.0, 3.0]], [[0.0, 0.0, 1.0, 1.0], [4.0, 4.0, 9.0, 5.0]]], "labels": [[1], [2, 3]]}
    found = layer({"images": np.zeros((2, 8, 8, 1)), "bounding_boxes": boxes})["bounding_boxes"]
    # Lists of unequal length are filled up with boxes of nothing.
    assert found["labels"].tolist() == [[1, -1], [-1, 3]]
    assert found["boxes"].tolist()[1][1] == [2.0, 2.0, 4.0, 3.0] and found["boxes"].shape == (2, 2, 4)


@pytest.mark.slow
def test_elastic_masks_follow_their_pictures() -> None:
    plane = np.kron(np.eye(4), np.ones((8, 8))).astype("float32")[None, :, :, None] * 200
    found = layers.RandomElasticTransform(seed=2)({"images": plane, "segmentation_masks": plane}, training=True)
    assert (np.asarray(found["images"]) != plane).mean() > 0.1
    assert ((found["images"] > 100) != (found["segmentation_masks"] > 100)).mean() < 0.05


# --- one compiled program ---------------------------------------------------------------------------------------------

X = np.tile(np.random.default_rng(0).uniform(0, 1, (1, 8, 8, 1)).astype("float32"), (12, 1, 1, 1))
Y = np.zeros(12, "int32")
AUGMENTING = (
    lambda: layers.RandomFlip("horizontal"),
    lambda: layers.RandomTranslation(0.2, 0.2, seed=1),
)


def network(rate: float) -> Any:
    moving = [make() for make in AUGMENTING]
    head = [layers.Conv2D(2, 3, activation="relu"), layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([layers.Input((8, 8, 1)), *moving, *head])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(rate), loss)
    return model


class Losses(Callback):
    """Notes the loss of each step, by itself: with equal pictures and no learning only draws can change it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[float] = []

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        total = (logs or {})["loss"] * (batch + 1)
        self.seen.append(total - sum(self.seen[len(self.seen) - batch :]) if batch else total)


def test_a_network_with_augmentation_trains_as_one_program(tmp_path: pathlib.Path) -> None:
    compiled.shared.clear()
    keras.utils.set_random_seed(3)
    model, watched = network(0.0), Losses()
    before = compiled.shared.compilations
    model.fit(X, Y, batch_size=4, epochs=3, verbose=0, seed=1, callbacks=[watched])
    assert compiled.shared.compilations - before == 2  # the loop, and its results
    assert len({round(loss, 6) for loss in watched.seen}) == 9
    again = Losses()
    model.fit(X, Y, batch_size=4, epochs=3, verbose=0, seed=1, callbacks=[again])
    assert again.seen == watched.seen and compiled.shared.compilations - before == 2
    plain = keras.Sequential([layers.Input((8, 8, 1)), *model.layers[len(AUGMENTING) :]])
    np.testing.assert_array_equal(model.predict(X[:4], verbose=0), plain.predict(X[:4], verbose=0))
    model.save(tmp_path / "m.keras")
    read = keras.models.load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(read.predict(X[:4], verbose=0), model.predict(X[:4], verbose=0))
    assert fingerprint(network(0.0)) == fingerprint(network(0.0))


@pytest.mark.slow
def test_an_interrupted_training_goes_on_with_the_draws_it_would_have_had(tmp_path: pathlib.Path) -> None:
    def trained(epochs: int, folder: str) -> Any:
        keras.utils.set_random_seed(3)
        model = network(0.1)
        model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0, seed=1, resume=tmp_path / folder)
        return model

    trained(1, "stopped")
    for found, wanted in zip(trained(2, "stopped").get_weights(), trained(2, "whole").get_weights(), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_the_lowered_program_calls_no_host() -> None:
    model = network(0.1)
    feed = ArrayFeed(Batch(X, Y), 4, True, 0)
    program = compiling.program_for(model, feed.example(), "train")
    segment, bounds = next(iter(feed.epoch(0))), (np.int32(0), np.int32(1))
    run = jax.jit(make_run(program.train_step()))
    text = run.lower(program.check_out(0), segment.source, segment.index, *bounds).as_text()
    assert "while" in text and not any(word in text for word in ("callback", "infeed", "outfeed", "host_"))


def test_a_dataset_may_be_augmented_element_by_element_and_batch_by_batch() -> None:
    data = Dataset.from_tensor_slices((np.tile(np.arange(4.0).reshape(1, 2, 2, 1), (12, 1, 1, 1)), Y))
    augment = layers.RandomFlip("horizontal", seed=1)
    for rows in (data, data.batch(4)):
        found = list(rows.map(lambda x, y: (augment(x, training=True), y)).as_numpy_iterator())
        assert found[0][0].shape[-3:] == (2, 2, 1) and found[0][1].dtype == np.int32
        assert {float(v) for x, _ in found for v in x[..., 0, 0, 0].ravel()} == {0.0, 1.0}


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (lambda: layers.RandomRotation(1.5), "factor-range"),
        (lambda: layers.RandomRotation("much"), "factor-range"),
        (lambda: layers.RandomRotation((0.1, 0.2, 0.3)), "factor-range"),
        (lambda: layers.RandomTranslation((-1.5, 0.1), 0.1), "height_factor"),
        (lambda: layers.RandomZoom(-1.0), r"\(-1, 1\]"),
        (lambda: layers.RandomZoom(0.1, 1.5), "width_factor"),
        (lambda: layers.RandomShear(-0.1), "x_factor"),
        (lambda: layers.RandomShear(0.1, (0.2, 1.2)), "y_factor"),
        (lambda: layers.RandomPerspective(scale=2.0), "scale"),
        (lambda: layers.RandomElasticTransform(scale=2.0), "factor-range"),
        (lambda: layers.RandomElasticTransform(value_range=(1, 0)), "value-range"),
        (lambda: layers.Resizing(0, 3), "height"),
        (lambda: layers.Resizing(2, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True), "not both"),
        (lambda: layers.CenterCrop(2, 2.5), "width"),
        (lambda: layers.MaxNumBoundingBoxes(-1), "max_number"),
        (lambda: layers.RandomFlip(factor=0.1), "no factor"),
        (lambda: layers.RandomFlip(bounding_box_format="corners"), "rel_center_xywh"),
        (lambda: layers.RandomFlip(data_format="first"), "data-format"),
        (lambda: layers.RandomFlip()(np.zeros((4, 4))), r"x\[..., None\]"),
        (lambda: layers.RandomFlip()({"labels": np.zeros(3)}), "'images'"),
        (lambda: layers.RandomFlip()({"images": X, "bounding_boxes": {}}), "'boxes' and 'labels'"),
    ],
)
def test_bad_arguments_and_data_are_explained(make: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.RandomRotation(0.1, fill_mode="mirrored"),
        lambda: layers.RandomZoom(0.1, interpolation="cubic"),
        lambda: layers.RandomElasticTransform(fill_mode="black"),
        lambda: layers.RandomFlip("sideways"),
        lambda: layers.Resizing(2, 2, interpolation="area"),
        lambda: layers.Resizing(2, 2, fill_mode="reflect"),
    ],
)
def test_unknown_words_are_refused_with_those_that_are_known(make: Any) -> None:
    with pytest.raises(NotImplementedError, match="expected: one of"):
        make()


def test_boxes_need_a_format_and_a_layer_that_can_move_them() -> None:
    boxes = {"boxes": np.zeros((12, 1, 4)), "labels": np.zeros((12, 1))}
    with pytest.raises(ValueError, match=r'(?s)bounding_box_format.*such as "xyxy"'):
        layers.RandomFlip()({"images": X, "bounding_boxes": boxes})
    with pytest.raises(ValueError, match="one label each"):
        layers.RandomFlip(bounding_box_format="xyxy")({"images": X[0], "bounding_boxes": boxes})
    with pytest.raises(NotImplementedError, match="cannot move bounding boxes"):
        layers.RandomElasticTransform(0.0, bounding_box_format="xyxy")({"images": X, "bounding_boxes": boxes})


def test_a_crop_larger_than_the_picture_resizes_it() -> None:
    grown = layers.RandomCrop(16, 16)(X, training=True)
    assert grown.shape == (12, 16, 16, 1)
    np.testing.assert_allclose(grown, layers.Resizing(16, 16)(X), rtol=1e-6)
