"""Rows for layers that recolour, mix or erase: what they are called with. Pure data, for the recording script too."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

DRAW_SEED = 5


@dataclasses.dataclass(frozen=True)
class ColourCase:
    """One layer with its arguments and the data it changes.

    Attributes:
        layer: name of the class.
        arguments: constructor arguments.
        shape: shape of the pictures; three axes for a single one.
        dtype: their type; floats fill `value_range`.
        along: what comes along with the pictures, of labels, boxes and masks.
        draws: names of the draws that are not Keras's.
        config: names of arguments that Keras forgets in its configuration.
    """

    layer: str
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)
    shape: tuple[int, ...] = (3, 6, 5, 3)
    dtype: str = "float32"
    along: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    config: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        shown = "-".join(f"{k}={v}" for k, v in self.arguments.items())
        return f"{self.layer}-{shown}-{'x'.join(map(str, self.shape))}-{self.dtype}".replace(" ", "")

    def make(self, package: Any, **more: Any) -> Any:
        """Return the layer, of the `layers` package of either library."""
        seed = {} if self.layer in DETERMINISTIC else {"seed": 3}
        boxes = {"bounding_box_format": "xyxy"} if "boxes" in self.along else {}
        return getattr(package, self.layer)(**{**seed, **boxes, **self.arguments, **more})

    def data(self) -> Any:
        """Return pictures, alone or in a dict with what comes along."""
        random = np.random.default_rng(2)
        low, high = self.arguments.get("value_range", (0, 255))
        whole = random.integers(20, 240, self.shape)
        # Between two bytes, so that no rounding decides which one a tone is.
        floats = low + (high - low) * (whole + 0.5 * (high != 255)) / 255
        images = (whole if self.dtype == "uint8" else floats).astype(self.dtype)
        batch = self.shape[:-3]
        found: dict[str, Any] = {"images": images}
        if "labels" in self.along:
            found["labels"] = np.eye(3, 4, dtype="float32")[: int(np.prod(batch))].reshape(*batch, 4)
        if "masks" in self.along:
            found["segmentation_masks"] = random.random(self.shape).astype("float32")
        if "boxes" in self.along:
            corners = np.array([[1, 1, 3, 4], [0, 2, 5, 5]], "float32")
            classes = np.array([1, 2], "int32")
            found["bounding_boxes"] = {
                "boxes": np.broadcast_to(corners, (*batch, 2, 4)).copy(),
                "labels": np.broadcast_to(classes, (*batch, 2)).copy(),
            }
        return found if self.along else images


DETERMINISTIC = ("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization", "Equalization")
_UNIT = {"value_range": (0, 1)}
_FIRST = {"data_format": "channels_first"}
_CHANNELS_FIRST = (3, 3, 6, 5)
_ALONE = (6, 5, 3)
_ALL = ("labels", "boxes", "masks")

BRIGHTNESS = [
    ColourCase("RandomBrightness", {"factor": 0.5}, along=_ALL),
    ColourCase("RandomBrightness", {"factor": (0.2, 0.9), **_UNIT}),
    ColourCase("RandomBrightness", {"factor": 0.3}, _ALONE),
    ColourCase("RandomContrast", {"factor": 0.9}),
    ColourCase("RandomContrast", {"factor": (0.5, 0.3), **_UNIT, **_FIRST}, _CHANNELS_FIRST),
    ColourCase("AutoContrast"),
    ColourCase("AutoContrast", _UNIT, _ALONE),
    ColourCase("AutoContrast", {"value_range": (-1, 1)}),
    ColourCase("AutoContrast", {}, dtype="uint8"),
]
TONES = [
    ColourCase("RandomInvert", {"factor": (0.4, 0.6)}, along=_ALL),
    ColourCase("RandomInvert", _UNIT, dtype="float32"),
    ColourCase("RandomInvert", {"factor": (1, 1)}, dtype="uint8"),
    ColourCase("RandomPosterization", {"factor": 5}),
    ColourCase("RandomPosterization", {"factor": (3, 3), **_UNIT}),
    ColourCase("RandomPosterization", {"factor": (2, 8)}, dtype="uint8"),
    ColourCase("Solarization"),
    ColourCase("Solarization", {"addition_factor": 0.3, "threshold_factor": 0.8}, dtype="uint8"),
    ColourCase("Solarization", {"addition_factor": 0.3, "threshold_factor": (0, 0.8), **_UNIT}),
]
COLOURS = [
    ColourCase("RandomHue", {"factor": 1.0}),
    ColourCase("RandomHue", {"factor": (0.2, 0.7), **_UNIT, **_FIRST}, _CHANNELS_FIRST),
    ColourCase("RandomHue", {"factor": 0.4}, dtype="uint8"),
    ColourCase("RandomSaturation", {"factor": (0.0, 0.5)}),
    ColourCase("RandomSaturation", {"factor": (0.5, 0.9), **_UNIT}),
    ColourCase("RandomSaturation", {"factor": (0.1, 0.4), **_FIRST}, _CHANNELS_FIRST),
    ColourCase("RandomColorDegeneration", {"factor": 0.5}),
    ColourCase("RandomColorDegeneration", {"factor": (0.3, 1.0), **_UNIT, **_FIRST}, _CHANNELS_FIRST),
    ColourCase("RandomGrayscale", {"factor": 0.5}, config=("seed",)),
    ColourCase("RandomGrayscale", {"factor": 1.0}, dtype="uint8", config=("seed",)),
    ColourCase("RandomGrayscale", {"factor": 0.9, **_FIRST}, (3, 6, 5), config=("seed",)),
    ColourCase("RandomColorJitter", {"brightness_factor": 0.3, "contrast_factor": 0.4, "hue_factor": 0.5}, along=_ALL),
    ColourCase("RandomColorJitter", {"saturation_factor": (0.1, 0.4), **_UNIT}),
]
SHARPNESS = [
    ColourCase("RandomSharpness", {"factor": 1.0}),
    ColourCase("RandomSharpness", {"factor": (0.5, 1.0), **_UNIT, **_FIRST}, _CHANNELS_FIRST),
    ColourCase("RandomGaussianBlur", {"factor": (0.4, 0.6)}),
    ColourCase("RandomGaussianBlur", {"factor": (1, 1), "kernel_size": (5, 3), "sigma": (0.6, 0.9), **_UNIT}),
    ColourCase("RandomGaussianBlur", {"factor": (1, 1), **_FIRST}, (3, 6, 5), "uint8"),
]
HISTOGRAMS = [
    ColourCase("Equalization", {}, along=_ALL),
    ColourCase("Equalization", {"bins": 10, **_UNIT, **_FIRST}, _CHANNELS_FIRST),
    ColourCase("Equalization", {}, _ALONE, "uint8"),
    ColourCase("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (2, 2)}),
    ColourCase("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (4, 3), "clip_limit": 40.0, **_UNIT}),
    ColourCase(
        "ContrastLimitedAdaptiveHistogramEqualization",
        {"tile_grid_size": (3, 1), "clip_limit": 0.0, **_FIRST},
        _CHANNELS_FIRST,
    ),
    ColourCase("ContrastLimitedAdaptiveHistogramEqualization", {"tile_grid_size": (2, 5)}, _ALONE, "uint8"),
]
ERASING = [
    ColourCase("RandomErasing", {}, along=_ALL),
    ColourCase("RandomErasing", {"factor": (1, 1), "scale": (0.3, 0.8), "fill_value": 7.5}, dtype="uint8"),
    ColourCase("RandomErasing", {"scale": 0.9, "fill_value": 0.5, **_UNIT}),
    ColourCase("RandomErasing", {"factor": (1, 1), **_FIRST}, (3, 6, 5)),
]
MIXING = [
    ColourCase("MixUp", {}, along=("labels",)),
    ColourCase("MixUp", {"alpha": 2.0, **_FIRST}, _CHANNELS_FIRST, "uint8"),
    ColourCase("CutMix", {}, along=("labels", "masks"), draws=("mix_weight", "batch_masks")),
    ColourCase("CutMix", {"factor": (0.5, 1.0), **_FIRST}, _CHANNELS_FIRST, draws=("mix_weight", "batch_masks")),
]
CASES = [*BRIGHTNESS, *TONES, *COLOURS, *SHARPNESS, *HISTOGRAMS, *ERASING, *MIXING]

POLICY = ColourCase("RandAugment", {"num_ops": 1}, along=_ALL)
"""Recorded once for each of its layers, with the same draws."""
CHAINS = ColourCase("AugMix", {"num_chains": 2, "chain_depth": 4, "factor": 0.6}, along=("masks",))
EVERY = [*CASES, POLICY, CHAINS]
FIRST = {case.layer: case for case in reversed(EVERY)}
"""One row of each layer."""
