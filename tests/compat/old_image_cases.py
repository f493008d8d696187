"""Calls of Keras 2's `preprocessing.image`: pure data, read by the recording script too."""

from __future__ import annotations

import pathlib
from typing import Any

import numpy as np

GENERATORS: dict[str, dict[str, Any]] = {
    "rescale": {"rescale": 1 / 255},
    "rotation": {"rotation_range": 40, "fill_mode": "constant", "cval": 9.0},
    "shares": {"width_shift_range": 0.2, "height_shift_range": 0.3, "fill_mode": "reflect"},
    "pixels": {"width_shift_range": [-2, 1, 2], "height_shift_range": 3, "fill_mode": "wrap"},
    "shear": {"shear_range": 20.0, "interpolation_order": 0},
    "zoom": {"zoom_range": 0.4},
    "zoom pair": {"zoom_range": [0.5, 0.9], "data_format": "channels_first"},
    "colour": {"channel_shift_range": 60.0, "brightness_range": (0.5, 1.5)},
    "flips": {"horizontal_flip": True, "vertical_flip": True},
    "samplewise": {"samplewise_std_normalization": True},
    "featurewise": {"featurewise_std_normalization": True, "rescale": 0.5},
    "whitening": {"zca_whitening": True, "zca_epsilon": 0.1},
    "function": {"preprocessing_function": lambda x: x[::-1] * 2, "samplewise_center": True, "dtype": "float64"},
    "all": {
        **{"rotation_range": 30, "width_shift_range": 0.1, "height_shift_range": 0.1, "shear_range": 10},
        **{"zoom_range": 0.2, "channel_shift_range": 5, "horizontal_flip": True, "brightness_range": [0.8, 1.2]},
    },
}
FOLDERS: dict[str, dict[str, Any]] = {
    "plain": {"shuffle": False},
    "seed": {"seed": 4, "class_mode": "sparse"},
    "grey": {"color_mode": "grayscale", "class_mode": "binary", "classes": ["c", "a"], "shuffle": False},
    "input": {"class_mode": "input", "interpolation": "bilinear", "keep_aspect_ratio": True, "shuffle": False},
    "alone": {"class_mode": None, "color_mode": "rgba", "seed": 1},
    "training": {"subset": "training", "seed": 2},
    "validation": {"subset": "validation", "shuffle": False},
}


def changed(image: Any) -> dict[str, np.ndarray]:
    """Return what the generators and the functions of single images give for equal seeds."""
    found: dict[str, np.ndarray] = {}
    x = np.random.RandomState(0).uniform(0, 200, (5, 6, 7, 3)).astype(np.float32)
    for name, options in GENERATORS.items():
        generator = image.ImageDataGenerator(**options)
        given = x.transpose(0, 3, 1, 2) if options.get("data_format") else x
        generator.fit(given, augment=name == "featurewise", rounds=2, seed=1)
        batches = generator.flow(given, np.arange(5), batch_size=3, seed=3)
        for number in range(3):
            images, labels = next(batches)
            found[f"flow {name} {number} x"], found[f"flow {name} {number} y"] = np.asarray(images), labels
        found[f"by number {name}"] = np.asarray(batches[1][0])
        drawn = generator.get_random_transform((7, 6, 3), seed=8)
        found[f"drawn {name}"] = np.asarray([np.nan if value is None else value for value in drawn.values()], float)
        found[f"one {name}"] = np.asarray(generator.random_transform(given[0], seed=5))
        found[f"applied {name}"] = np.asarray(generator.apply_transform(given[1], {"theta": 20, "flip_vertical": True}))
    one = x[0]
    for name, arguments in (
        ("random_rotation", (30,)),
        ("random_shift", (0.3, 0.2)),
        ("random_shear", (25,)),
        ("random_zoom", ((0.5, 1.5),)),
    ):
        for axes in ((0, 1, 2), (1, 0, 2)):
            np.random.seed(6)
            found[f"{name} {axes}"] = np.asarray(getattr(image, name)(one, *arguments, *axes, "constant", 1.0, 1))
    np.random.seed(6)
    found["random_channel_shift"] = np.asarray(image.random_channel_shift(one, 40.0, 2))
    found["random_brightness"] = np.asarray(image.random_brightness(one, (0.2, 0.9)))
    found["brightness outside"] = np.asarray(image.apply_brightness_shift(one - 100, 1.3, False))
    return found


def read(image: Any, root: pathlib.Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return what generators read from a folder."""
    facts: dict[str, Any] = {}
    found: dict[str, np.ndarray] = {}
    for name, options in FOLDERS.items():
        generator = image.ImageDataGenerator(validation_split=0.4, rotation_range=20, rescale=0.1)
        np.random.seed(12)
        batches = generator.flow_from_directory(str(root), target_size=(4, 5), batch_size=4, **options)
        facts[name] = {
            "filenames": list(batches.filenames),
            "class_indices": batches.class_indices,
            "classes": [int(number) for number in batches.classes],
            "samples": batches.samples,
            "length": len(batches),
        }
        for number in range(2):
            batch = next(batches)
            for place, part in enumerate(batch if isinstance(batch, tuple) else (batch,)):
                found[f"folder {name} {number} {'xy'[place]}"] = np.asarray(part)
    return facts, found
