"""Masks drawn into images: pure data, read by the recording script too."""

from __future__ import annotations

from typing import Any

import numpy as np

CASES: dict[str, dict[str, Any]] = {
    "classes": {"num_classes": 4},
    "counted": {},
    "colours": {"num_classes": 3, "color_mapping": {0: (0, 0, 0), 1: (255, 0, 10), 2: [3, 200, 7]}, "alpha": 0.3},
    "ignored": {"num_classes": 4, "ignore_index": 0},
    "covered": {"num_classes": 4, "blend": False},
}


def masked(draw: Any) -> dict[str, np.ndarray]:
    random = np.random.RandomState(0)
    images, masks = random.uniform(0, 255, (2, 3, 4, 3)), random.randint(-1, 4, (2, 3, 4, 1)).astype(np.int32)
    found = {f"masks {name}": np.asarray(draw(images, masks, **options)) for name, options in CASES.items()}
    first = draw(images.transpose(0, 3, 1, 2), masks.transpose(0, 3, 1, 2), 4, data_format="channels_first")
    return {**found, "masks first": np.asarray(first)}
