"""Calls that read image files and folders: pure data, read by the recording script too."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np
from PIL import Image

SIZES = {"wide": (5, 9), "high": (8, 4), "same": (6, 6), "one": (1, 1)}
READING: dict[str, dict[str, Any]] = {
    "plain": {},
    "small": {"target_size": (3, 4)},
    "bicubic": {"target_size": (4, 3), "interpolation": "bicubic"},
    "middle": {"target_size": (4, 4), "interpolation": "bilinear", "keep_aspect_ratio": True},
    "grey": {"color_mode": "grayscale", "target_size": (3, 3), "interpolation": "box"},
    "rgba": {"color_mode": "rgba", "target_size": (2, 5), "interpolation": "lanczos"},
}
MODES = ("RGB", "RGBA", "L", "P", "1", "LA", "I;16")
LISTINGS: dict[str, dict[str, Any]] = {
    "by path": {"shuffle": False},
    "seed": {"seed": 3},
    "training": {"seed": 7, "validation_split": 0.3, "subset": "training"},
    "validation": {"seed": 7, "validation_split": 0.3, "subset": "validation"},
    "in order": {"shuffle": False, "validation_split": 0.4, "subset": "validation"},
    "both": {"seed": 11, "validation_split": 0.25, "subset": "both"},
    "classes": {"class_names": ["b", "a"], "seed": 2},
    "unlabelled": {"labels": None, "seed": 5},
}
PIXELS: dict[str, dict[str, Any]] = {
    "int": {},
    "one by one": {"batch_size": None},
    "binary": {"label_mode": "binary", "class_names": ["a", "c"], "color_mode": "grayscale"},
    "categorical": {"label_mode": "categorical", "color_mode": "rgba"},
    "none": {"label_mode": None, "data_format": "channels_first"},
    "numbers": {"labels": [2, 0, 1, 0, 1, 2, 1, 0, 0]},
    "crop": {"crop_to_aspect_ratio": True, "image_size": (4, 7)},
    "pad": {"pad_to_aspect_ratio": True, "image_size": (7, 4)},
    **{
        name: {"interpolation": name, "image_size": (7, 4)}
        for name in ("nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic")
    },
}
RESIZED: dict[str, dict[str, Any]] = {
    "smaller": {"size": (3, 3)},
    "larger": {"size": (9, 14), "interpolation": "bicubic"},
    "nearest": {"size": (4, 2), "interpolation": "nearest"},
    "first": {"size": (3, 5), "data_format": "channels_first"},
}


def pixels(rows: int, columns: int, channels: int, seed: int) -> np.ndarray:
    return np.random.RandomState(seed).randint(0, 256, (rows, columns, channels)).astype(np.uint8)


def make_images(root: pathlib.Path) -> None:
    """Write a folder of classes, with what does not belong to it, and a file of every mode."""
    for number, name in enumerate(("b/deep/x", "a/10", "a/9", "a/é", "b/1", "b/y", "c/1", "c/2", "c/3")):
        path = root / "classes" / f"{name}.{'PNG' if number == 1 else 'bmp' if number == 4 else 'png'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = list(SIZES.values())[number % len(SIZES)]
        Image.fromarray(pixels(*size, 3, number)).save(path)
    (root / "classes" / "a" / "notes.txt").write_text("no image")
    (root / "classes" / ".hidden").mkdir()
    for mode in MODES:
        rgb = Image.fromarray(pixels(6, 9, 3, 50))
        if mode == "I;16":
            image = Image.fromarray((np.arange(54).reshape(6, 9) * 1000).astype(np.uint16))
        elif mode in ("RGBA", "LA"):
            image = Image.fromarray(pixels(6, 9, 4, 51)).convert(mode)
        else:
            image = rgb.convert(mode)
        image.save(root / f"{mode.replace(';', '')}.png")


def arrays(utils: Any, image: Any, root: pathlib.Path) -> dict[str, np.ndarray]:
    """Return what reading and writing files and resizing give."""
    found: dict[str, np.ndarray] = {}
    for mode in MODES:
        for name, options in READING.items():
            if mode == "I;16" and name not in ("plain", "rgba", "grey"):
                continue
            loaded = utils.load_img(root / f"{mode.replace(';', '')}.png", **options)
            found[f"load {mode} {name}"] = utils.img_to_array(loaded)
    x = np.random.RandomState(1).normal(size=(4, 5, 3)).astype(np.float32)
    for name, given, options in (
        ("scaled", x, {}),
        ("plain", np.abs(x) * 50, {"scale": False}),
        ("grey", x[..., :1], {}),
        ("rgba", np.concatenate([x, x[..., :1]], -1), {}),
        ("first", x.transpose(2, 0, 1), {"data_format": "channels_first"}),
        ("deep", np.abs(x[..., :1]) * 1000, {"scale": False}),
        ("flat", np.zeros((2, 2, 1)), {}),
    ):
        made = utils.array_to_img(given, **options)
        found[f"image {name}"] = np.asarray(made)
        found[f"back {name}"] = utils.img_to_array(made, data_format="channels_first", dtype="float64")
    utils.save_img(str(root / "saved.bmp"), x)
    found["saved"] = utils.img_to_array(utils.load_img(str(root / "saved.bmp")))
    for name, options in RESIZED.items():
        batch = np.random.RandomState(2).uniform(0, 255, (2, 6, 8, 3)).astype(np.float32)
        found[f"resize {name}"] = np.asarray(image.smart_resize(batch, **options))
    found["resize one"] = np.asarray(image.smart_resize(pixels(5, 9, 3, 9), (4, 4)))
    return found


def read(make: Any, root: pathlib.Path, options: dict[str, Any]) -> list[Any]:
    """Return the elements of a data set as arrays, in the order of the paths."""
    settings = {"image_size": (5, 6), "shuffle": False, "batch_size": 4, "verbose": False, **options}
    return list(make(str(root / "classes"), **settings))


def folders(make: Any, root: pathlib.Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the listings of data sets, and their pixels and labels."""
    listings: dict[str, Any] = {}
    for name, options in LISTINGS.items():
        made = make(str(root / "classes"), image_size=(2, 2), verbose=False, **options)
        parts = made if isinstance(made, list) else [made]
        listings[name] = [
            {
                "files": [pathlib.Path(path).relative_to(root).as_posix() for path in part.file_paths],
                "classes": part.class_names,
            }
            for part in parts
        ]
    values: dict[str, np.ndarray] = {}
    for name, options in PIXELS.items():
        for number, element in enumerate(read(make, root, options)):
            parts = element if isinstance(element, tuple) else (element,)
            for place, part in enumerate(parts):
                values[f"folder {name} {number} {'xy'[place]}"] = np.asarray(part)
    return listings, values
