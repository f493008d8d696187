"""`keras.preprocessing.image` gives what Keras's old one gave for equal seeds, and trains models."""

from __future__ import annotations

import doctest
import json
import pathlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas
import polars
import pytest

import ranvier
from ranvier.compat import install, old_image, old_image_folders, old_image_frames, old_image_generator
from ranvier.compat.old_image_generator import ImageDataGenerator
from tests.compat.old_image_cases import changed, read
from tests.utils.image_cases import make_images

pytestmark = pytest.mark.filterwarnings("ignore:.* today")  # what test_old_training.py reads
ORACLE = pathlib.Path(__file__).parents[1] / "oracle"
MODULE = SimpleNamespace(
    **{name: getattr(old_image, name) for name in old_image.__all__}, ImageDataGenerator=ImageDataGenerator
)


@pytest.fixture(scope="module")
def recorded() -> dict[str, np.ndarray]:
    with np.load(ORACLE / "old_images.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    root = tmp_path_factory.mktemp("images")
    make_images(root)
    return root / "classes"


def compare(found: dict[str, np.ndarray], recorded: dict[str, np.ndarray]) -> None:
    for name, array in found.items():
        wanted = recorded[name]
        assert array.dtype == wanted.dtype and array.shape == wanted.shape, name
        # A whitening matrix sums over all pixels; its signs and sizes are those of a decomposition.
        loose = 2e-2 if "whitening" in name and name.startswith(("flow", "by")) and not name.endswith("y") else 1e-4
        np.testing.assert_allclose(array, wanted, rtol=1e-5, atol=loose, err_msg=name)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_images_as_keras(recorded: dict[str, np.ndarray]) -> None:
    found = changed(MODULE)
    assert set(found) == {name for name in recorded if not name.startswith("folder ")}
    compare(found, recorded)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_folders_as_keras(folder: pathlib.Path, recorded: dict[str, np.ndarray]) -> None:
    facts, found = read(MODULE, folder)
    assert facts == json.loads((ORACLE / "old_images.json").read_text(encoding="utf-8"))["folders"]
    assert set(found) == {name for name in recorded if name.startswith("folder ")}
    compare(found, recorded)


@pytest.fixture
def generator() -> ImageDataGenerator:
    return ImageDataGenerator(rescale=1 / 255, validation_split=0.4)


FILES = ["a/10.PNG", "b/1.bmp", "c/2.png", "a/none.png", "b/y.png", "c/1.png"]


@pytest.mark.parametrize("make", [pandas.DataFrame, polars.DataFrame, dict])
def test_tables_name_files(folder: pathlib.Path, generator: ImageDataGenerator, make: Any) -> None:
    table = make({"filename": FILES, "class": list("abcabc"), "x": range(6), "w": [0.5] * 6})
    options: dict[str, Any] = {"target_size": (3, 4), "batch_size": 5, "shuffle": False}
    with pytest.warns(UserWarning, match="1 names"):
        named = generator.flow_from_dataframe(table, folder, weight_col="w", **options)
    x, y, weight = next(named)
    assert named.class_indices == {"a": 0, "b": 1, "c": 2} and named.filenames == [*FILES[:3], *FILES[4:]]
    assert x.shape == (5, 3, 4, 3) and y.argmax(-1).tolist() == [0, 1, 2, 1, 2] and weight.tolist() == [0.5] * 5
    by_folder = generator.flow_from_directory(folder, classes=["c"], **options)
    np.testing.assert_array_equal(x[[4, 2]], next(by_folder)[0][:2])
    with pytest.warns(UserWarning, match="1 names"):
        raw = generator.flow_from_dataframe(table, folder, y_col="x", class_mode="raw", subset="validation", **options)
        several = generator.flow_from_dataframe(table, folder, y_col=["x", "w"], class_mode="multi_output", **options)
        few = generator.flow_from_dataframe(table, folder, classes=["c", "b"], class_mode="binary", **options)
        plain = generator.flow_from_dataframe(table, folder, y_col=None, class_mode=None, **options)
    assert next(raw)[1].tolist() == [0, 1] and next(few)[1].tolist() == [1.0, 0.0, 1.0, 0.0]
    assert [part.tolist() for part in next(several)[1]] == [[0, 1, 2, 4, 5], [0.5] * 5]
    assert next(plain).shape == (5, 3, 4, 3)


def test_several_classes_for_a_file(folder: pathlib.Path, generator: ImageDataGenerator) -> None:
    table = {"filename": FILES[:3], "class": [["x", "y"], ["y"], ("z", "x")]}
    batches = generator.flow_from_dataframe(table, folder, target_size=(2, 2), shuffle=False)
    assert next(batches)[1].tolist() == [[1.0, 1.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]


def test_batches_go_on_for_ever_and_begin_again(generator: ImageDataGenerator) -> None:
    x = np.arange(5.0).reshape(5, 1, 1, 1)
    batches = ImageDataGenerator().flow(x, batch_size=2, shuffle=False)
    seen = [next(batches).ravel().tolist() for _ in range(4)]
    assert seen == [[0, 1], [2, 3], [4], [0, 1]] and len(batches) == 3
    batches.reset()
    assert batches.next().ravel().tolist() == [0, 1]
    with pytest.raises(IndexError):
        batches[3]
    first, extra = next(generator.flow((x, np.arange(5)), batch_size=3, shuffle=False))
    assert first.shape == (3, 1, 1, 1) and extra.tolist() == [0, 1, 2]


def test_changed_images_are_kept_to_look_at(tmp_path: pathlib.Path) -> None:
    batches = ImageDataGenerator().flow(np.ones((2, 3, 3, 1)), save_to_dir=tmp_path, save_prefix="seen")
    next(batches)
    assert sorted(path.name[:6] for path in tmp_path.glob("*.png")) == ["seen_0", "seen_1"]


def test_scripts_find_and_train_with_it(folder: pathlib.Path) -> None:
    with install():
        from keras.preprocessing import image
        from tensorflow.keras.preprocessing.image import ImageDataGenerator as Found
        from tensorflow.keras.preprocessing.image import img_to_array, load_img
        from tensorflow.keras.utils import image_dataset_from_directory

        assert Found is old_image_generator.ImageDataGenerator and image.random_zoom is old_image.random_zoom
        assert image.DirectoryIterator is old_image_folders.DirectoryIterator
        assert image.DataFrameIterator is old_image_frames.DataFrameIterator
        assert img_to_array(load_img(folder / "c" / "1.png", target_size=(2, 3))).shape == (2, 3, 3)
        batches = Found(rescale=1 / 255, horizontal_flip=True).flow_from_directory(
            folder, target_size=(4, 4), classes=["a", "b", "c"], batch_size=3, seed=0
        )
        model = ranvier.Sequential([ranvier.layers.Flatten(), ranvier.layers.Dense(3, activation="softmax")])
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        history = model.fit_generator(batches, steps_per_epoch=3, epochs=8, verbose=0).history
        assert history["loss"][-1] < history["loss"][0]
        data = image_dataset_from_directory(folder, image_size=(4, 4), batch_size=4, label_mode="categorical", seed=1)
        assert data.class_names == ["a", "b", "c"] and len(data.file_paths) == 9
        scaled = data.map(lambda x, y: (x / 255.0, y)).cache().shuffle(10).prefetch(1)
        for images, _labels in scaled.take(1):
            assert images.numpy().shape[1:] == (4, 4, 3) and images.numpy().max() <= 1
        assert len(list(scaled)) == 3


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"zoom_range": (1, 2, 3)}, "zoom_range"),
        ({"brightness_range": 0.5}, "brightness_range"),
        ({"validation_split": 1.5}, "validation_split"),
        ({"data_format": "last"}, "data_format"),
    ],
)
def test_generators_that_cannot_be(wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        ImageDataGenerator(**wrong)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda g, f: g.flow(np.ones((3, 2, 2, 1)), [1, 2]), "another length"),
        (lambda g, f: g.flow(np.ones((3, 2, 2))), "4 axes"),
        (lambda g, f: g.flow(np.ones((4, 2, 2, 1)), [0, 0, 1, 1], subset="validation"), "classes"),
        (lambda g, f: g.flow(np.ones((4, 2, 2, 1)), subset="test"), "subset"),
        (lambda g, f: g.fit(np.ones((4, 2, 2))), "4 axes"),
        (lambda g, f: g.flow_from_directory(f, class_mode="raw"), "class_mode"),
        (lambda g, f: g.flow_from_directory(f, color_mode="grey"), "color_mode"),
        (lambda g, f: g.flow_from_directory(f, subset="test"), "subset"),
        (lambda g, f: g.flow_from_dataframe({"file": []}, f), "filename"),
        (lambda g, f: g.flow_from_dataframe({"filename": [1]}, f), "names of files"),
        (lambda g, f: g.flow_from_dataframe({"filename": FILES[:1], "class": [1]}, f), "names of classes"),
        (lambda g, f: g.flow_from_dataframe({"filename": FILES[:1], "class": ["a"]}, f, class_mode="binary"), "two"),
        (lambda g, f: g.flow_from_dataframe({"filename": FILES[:1]}, f, class_mode="multi_output"), "list of columns"),
        (lambda g, f: g.flow_from_dataframe({}, f, class_mode="labels"), "class_mode"),
        (lambda g, f: old_image.random_zoom(np.ones((2, 2, 1)), (1,)), "zoom_range"),
        (lambda g, f: old_image.random_brightness(np.ones((2, 2, 1)), (1,)), "brightness_range"),
        (lambda g, f: old_image.random_rotation(np.ones((2, 2, 1)), 1, 0, 2, 1), "row_axis"),
    ],
)
def test_what_is_refused(folder: pathlib.Path, generator: ImageDataGenerator, call: Any, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        call(generator, folder)


def test_examples() -> None:
    result = doctest.testmod(old_image_generator)
    assert result.attempted and not result.failed


def test_a_generator_that_was_not_fitted_says_so() -> None:
    with pytest.warns(UserWarning, match="fit"):
        unchanged = ImageDataGenerator(featurewise_center=True).standardize(np.ones((2, 2, 1)))
    assert (unchanged == 1).all()
