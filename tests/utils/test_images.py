"""Image files and folders of them, beside what Keras read."""

from __future__ import annotations

import doctest
import io
import json
import pathlib
import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

import ranvier as keras
from ranvier.utils import image_dataset, image_dataset_from_directory, image_files, resizing
from tests.utils.image_cases import PIXELS, arrays, folders, make_images, pixels

ORACLE = pathlib.Path(__file__).parents[1] / "oracle"


@pytest.fixture(scope="module")
def recorded() -> dict[str, np.ndarray]:
    with np.load(ORACLE / "images.npz") as found:
        return dict(found)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("images")
    make_images(folder)
    return folder


def test_files_as_keras(root: pathlib.Path, recorded: dict[str, np.ndarray]) -> None:
    found = arrays(keras.utils, keras.preprocessing.image, root)
    assert set(found) == {name for name in recorded if not name.startswith(("folder ", "masks "))}
    for name, array in found.items():
        wanted = recorded[name]
        assert array.dtype == wanted.dtype and array.shape == wanted.shape, name
        np.testing.assert_allclose(array, wanted, atol=2e-3 if name.startswith("resize") else 0, err_msg=name)


def test_folders_as_keras(root: pathlib.Path, recorded: dict[str, np.ndarray]) -> None:
    listings, found = folders(image_dataset_from_directory, root)
    assert listings == json.loads((ORACLE / "images.json").read_text(encoding="utf-8"))["listings"]
    assert set(found) == {name for name in recorded if name.startswith("folder ")}
    for name, array in found.items():
        wanted = recorded[name]
        # Keras says float32, and gives bytes for "nearest".
        assert array.shape == wanted.shape and array.dtype == (wanted.dtype if name[-1] == "y" else "float32"), name
        # TensorFlow looks the weights of its cubic up in a table, and cuts grey values where Pillow rounds.
        bound = 1.01 if "binary" in name else 0.3 if "bicubic" in name else 2e-3
        np.testing.assert_allclose(array, wanted, atol=bound, err_msg=name)


def test_subsets_are_disjoint_and_whole(root: pathlib.Path) -> None:
    options: dict[str, Any] = {"validation_split": 0.4, "seed": 9, "image_size": (1, 1), "verbose": False}
    parts = [
        set(image_dataset_from_directory(root / "classes", subset=subset, **options).file_paths)
        for subset in ("training", "validation")
    ]
    assert not parts[0] & parts[1] and len(parts[0] | parts[1]) == 9 and len(parts[1]) == 3
    both = image_dataset_from_directory(root / "classes", subset="both", **options)
    assert [set(part.file_paths) for part in both] == parts


def test_labels_follow_the_files_in_every_order(root: pathlib.Path) -> None:
    made = image_dataset_from_directory(root / "classes", image_size=(1, 1), batch_size=2, seed=1, verbose=False)
    by_first_pixel = {}
    for path, row in zip(made.file_paths, range(9), strict=True):
        image, label = made.make(row)
        by_first_pixel[tuple(image.ravel().tolist())] = label
        assert "abc"[label] == pathlib.Path(path).relative_to(root / "classes").parts[0]
    orders = []
    for _ in range(2):
        rows = [(tuple(x.ravel().tolist()), y) for images, labels in made for x, y in zip(images, labels, strict=True)]
        assert len(rows) == 9 and all(by_first_pixel[x] == y for x, y in rows)
        orders.append([x for x, _ in rows])
    assert orders[0] != orders[1] and sorted(orders[0]) == sorted(orders[1])


def test_files_are_read_when_asked_for_and_in_other_threads(
    root: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[str, str]] = []
    real = image_files.opened

    def watched(path: Any) -> Any:
        read.append((threading.current_thread().name, str(path)))
        return real(path)

    monkeypatch.setattr(image_dataset, "opened", watched)
    made = image_dataset_from_directory(root / "classes", image_size=(2, 2), batch_size=3, shuffle=False, verbose=False)
    assert not read
    made[0]
    assert len(read) == 3
    made.workers = 2
    assert len(list(made)) == 3 and len(read) == 12
    assert {name.rpartition("_")[0] for name, _ in read[3:]} == {"ranvier-data"}


def test_a_folder_trains_evaluates_and_predicts(tmp_path: pathlib.Path) -> None:
    for number in range(12):
        path = tmp_path / ("dark" if number % 2 else "light") / f"{number}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels(4, 5, 3, number) // 2 + (0 if number % 2 else 127)).save(path)
    train = image_dataset_from_directory(tmp_path, image_size=(4, 4), batch_size=6, seed=0, verbose=False)
    names = train.class_names
    keras.utils.set_random_seed(0)
    scaled = train.cache().map(lambda x, y: (x / 255, y)).shuffle(10, seed=1).prefetch(1)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile(
        keras.optimizers.Adam(0.05), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    model.fit(scaled, epochs=40, verbose=0)
    assert names == ["dark", "light"] and model.evaluate(scaled, verbose=0, return_dict=True)["accuracy"] == 1.0
    assert model.predict(scaled.map(lambda x, y: x), verbose=0).shape == (12, 2)


def test_a_damaged_file_is_named(tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").mkdir()
    file = io.BytesIO()
    Image.fromarray(pixels(20, 20, 3, 0)).save(file, "png")
    (tmp_path / "a" / "cut.png").write_bytes(file.getvalue()[:300])
    (tmp_path / "a" / "text.jpg").write_text("no image")
    made = image_dataset_from_directory(tmp_path, image_size=(2, 2), batch_size=1, shuffle=False, verbose=False)
    for number, name in enumerate(("cut.png", "text.jpg")):
        with pytest.raises(ValueError, match="image-unreadable") as caught:
            made[number]
        assert name in str(caught.value)
        with pytest.raises(UnidentifiedImageError):
            keras.utils.load_img(tmp_path / "a" / name)
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"cut\.png"):
        model.fit(made, verbose=0)


def test_one_class_and_none(tmp_path: pathlib.Path) -> None:
    (tmp_path / "only").mkdir()
    with pytest.raises(ValueError, match="folder-empty"):
        image_dataset_from_directory(tmp_path, verbose=False)
    Image.fromarray(pixels(2, 2, 3, 0)).save(tmp_path / "only" / "a.png")
    made = image_dataset_from_directory(tmp_path, image_size=3, verbose=False)
    (batch,) = made
    assert made.class_names == ["only"] and batch[0].shape == (1, 3, 3, 3) and batch[1].tolist() == [0]
    with pytest.raises(ValueError, match="label_mode"):
        image_dataset_from_directory(tmp_path, label_mode="binary", verbose=False)


def test_sixteen_bits_are_seen_by_their_upper_half(tmp_path: pathlib.Path) -> None:
    Image.fromarray(np.array([[0, 255, 256, 65535]], np.uint16)).save(tmp_path / "a.png")
    for mode, wanted in (("grayscale", [0, 0, 1, 255]), ("rgba", [0, 0, 0, 255])):
        (batch,) = image_dataset_from_directory(
            tmp_path, None, color_mode=mode, image_size=(1, 4), shuffle=False, verbose=False
        )
        assert (batch[0, 0, :, 0] if mode == "grayscale" else batch[0, 0, 0]).tolist() == wanted


def test_orientation_in_exif_is_not_applied(tmp_path: pathlib.Path) -> None:
    image = Image.fromarray(pixels(2, 5, 3, 0))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert keras.utils.load_img(tmp_path / "turned.jpg").size == (5, 2)


def test_open_files_and_what_is_no_file(tmp_path: pathlib.Path) -> None:
    keras.utils.save_img(tmp_path / "a.jpg", np.zeros((2, 2, 1)))
    assert keras.utils.load_img(io.BytesIO((tmp_path / "a.jpg").read_bytes())).size == (2, 2)
    assert keras.utils.load_img(str(tmp_path / "a.jpg").encode()).mode == "RGB"
    with pytest.warns(UserWarning, match="transparency"):
        keras.utils.save_img(tmp_path / "b.jpg", np.zeros((2, 2, 4)))
    with pytest.raises(FileNotFoundError):
        keras.utils.load_img(tmp_path / "none.png")
    with pytest.raises(TypeError, match="image-argument"):
        keras.utils.load_img(3)


@pytest.mark.parametrize(
    "call",
    [
        lambda path: keras.utils.load_img(path, color_mode="cmyk"),
        lambda path: keras.utils.load_img(path, target_size=(3,)),
        lambda path: keras.utils.load_img(path, target_size=(3, 4), interpolation="cubic"),
        lambda path: keras.utils.array_to_img(np.zeros((2, 2))),
        lambda path: keras.utils.array_to_img(np.zeros((2, 2, 2))),
        lambda path: keras.utils.array_to_img(np.zeros((2, 2, 3)), data_format="first"),
        lambda path: keras.utils.img_to_array(np.zeros((2, 2, 2, 2))),
        lambda path: keras.preprocessing.image.smart_resize(np.zeros((2, 2)), (1, 1)),
        lambda path: keras.preprocessing.image.smart_resize(np.zeros((2, 2, 3)), (1, 1, 1)),
        lambda path: keras.preprocessing.image.smart_resize(np.zeros((2, 2, 3)), (1, 1), "cubic"),
    ],
)
def test_images_that_cannot_be(root: pathlib.Path, call: Any) -> None:
    with pytest.raises(ValueError, match="code: "):
        call(root / "L.png")


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"color_mode": "hsv"}, "color_mode"),
        ({"image_size": (3, 4, 5)}, "image_size"),
        ({"image_size": (0, 4)}, "image_size"),
        ({"interpolation": "cubic"}, "interpolation"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "pad_to_aspect_ratio"),
        ({"format": "torch"}, "format"),
        ({"data_format": "first"}, "data_format"),
        ({"labels": [1, 2]}, "9 numbers"),
        ({"validation_split": 0.2, "subset": "training"}, "seed"),
        ({"validation_split": 0.05, "subset": "both", "seed": 1}, "empty-split"),
    ],
)
def test_folders_that_cannot_be(root: pathlib.Path, wrong: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        image_dataset_from_directory(root / "classes", verbose=False, **wrong)


@pytest.mark.parametrize("module", [image_files, resizing])
def test_examples(module: Any) -> None:
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def test_every_interpolation_has_a_row() -> None:
    assert set(resizing.INTERPOLATIONS) - {"bilinear"} <= set(PIXELS)
