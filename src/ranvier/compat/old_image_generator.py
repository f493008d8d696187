"""`ImageDataGenerator` of Keras 2: images changed at random and normalized, batch by batch, on the host."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier.compat.notes import note
from ranvier.compat.old_image import apply_affine_transform, apply_brightness_shift, apply_channel_shift, flip_axis
from ranvier.compat.old_image_folders import DirectoryIterator
from ranvier.compat.old_image_frames import DataFrameIterator
from ranvier.compat.old_image_iterators import NumpyArrayIterator
from ranvier.utils.image_files import channels_first

__all__ = ["ImageDataGenerator"]


class ImageDataGenerator:
    """Changes images at random and normalizes them, batch by batch: `flow`, `flow_from_directory`, `_from_dataframe`.

    Today's form: layers such as `RandomRotation` and `Rescaling` in the model, after `image_dataset_from_directory`.

        result = (rescale * preprocessing_function(changed) - mean) / (std + 1e-6)

    Args:
        featurewise_center, featurewise_std_normalization: subtract the mean, divide by the deviation of the data that
            `fit` was given, per channel.
        samplewise_center, samplewise_std_normalization: the same with each image's own.
        zca_whitening: make pixels uncorrelated over the data that `fit` was given.
        zca_epsilon: guards the division there.
        rotation_range: largest rotation [degrees].
        width_shift_range, height_shift_range: largest shift, below 1 as a share; a list has the shifts themselves.
        brightness_range: two factors.
        shear_range: largest shear [degrees].
        zoom_range: two factors, or how far they are from 1.
        channel_shift_range: largest number added to all values.
        fill_mode: what lies outside: `"nearest"`, `"constant"`, `"reflect"` or `"wrap"`.
        cval: the constant.
        horizontal_flip, vertical_flip: flip half of the images.
        rescale: factor.
        preprocessing_function: of one image, applied first when normalizing.
        data_format: where the channels are.
        validation_split: share of the images that is held out, the first ones.
        interpolation_order: 0 for the nearest pixel, 1 for linear.
        dtype: of the batches.

    Raises:
        InvalidArgument: ranges that are none.

    Example:
        >>> generator = ImageDataGenerator(rescale=0.5)
        >>> batches = generator.flow(np.full((3, 1, 1, 1), 6.0), np.arange(3), batch_size=2, shuffle=False)
        >>> [(x.ravel().tolist(), y.tolist()) for x, y in (batches[0], batches[1])]
        [([3.0, 3.0], [0, 1]), ([3.0], [2])]
    """

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: Any = 0.0,
        height_shift_range: Any = 0.0,
        brightness_range: Any = None,
        shear_range: float = 0.0,
        zoom_range: Any = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: Any = None,
    ) -> None:
        note("ImageDataGenerator", "is image_dataset_from_directory with layers such as RandomFlip today")
        first = channels_first(data_format)
        self.data_format = "channels_first" if first else "channels_last"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        self.dtype = dtype or _config.floatx()
        self.samplewise_center = samplewise_center or samplewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.featurewise_center = featurewise_center or featurewise_std_normalization or zca_whitening
        self.featurewise_std_normalization = featurewise_std_normalization and not zca_whitening
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.zoom_range = _pair("zoom_range", zoom_range, about=1)
        self.brightness_range = None if brightness_range is None else _pair("brightness_range", brightness_range)
        self.channel_shift_range, self.fill_mode, self.cval = channel_shift_range, fill_mode, cval
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.interpolation_order = interpolation_order
        if validation_split and not 0 < validation_split < 1:
            raise _wrong("validation_split", "a share between 0 and 1", validation_split)
        self.validation_split = validation_split
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None

    # --- batches -----------------------------------------------------------------------------------------------------

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        **options: Any,
    ) -> NumpyArrayIterator:
        """Return batches of arrays; `options` are those of `NumpyArrayIterator`."""
        place: dict[str, Any] = {"data_format": self.data_format, "dtype": self.dtype}
        return NumpyArrayIterator(x, y, self, batch_size, shuffle, sample_weight, seed, **place, **options)

    def flow_from_directory(
        self,
        directory: Any,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        **options: Any,
    ) -> DirectoryIterator:
        """Return batches of a folder's images; `options` are those of `DirectoryIterator`."""
        shared = (target_size, color_mode, classes, class_mode, batch_size, shuffle, seed)
        return DirectoryIterator(directory, self, *shared, self.data_format, dtype=self.dtype, **options)

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        **options: Any,
    ) -> DataFrameIterator:
        """Return batches of the images that a table names; `options` are those of `DataFrameIterator`."""
        place: dict[str, Any] = {"data_format": self.data_format, "dtype": self.dtype}
        options = {name: value for name, value in options.items() if name not in ("has_ext", "sort", "drop_duplicates")}
        if options.get("class_mode") == "other":
            options["class_mode"] = "raw"
        return DataFrameIterator(dataframe, directory, self, x_col, y_col, weight_col, **place, **options)

    # --- one image ---------------------------------------------------------------------------------------------------

    def get_random_transform(self, img_shape: Any, seed: int | None = None) -> dict[str, Any]:
        """Return how an image is to be changed, drawn at random."""
        if seed is not None:
            np.random.seed(seed)
        theta = _within(self.rotation_range)
        tx = _shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _shift(self.width_shift_range, img_shape[self.col_axis - 1])
        shear = _within(self.shear_range)
        zx, zy = (1, 1) if self.zoom_range == (1, 1) else np.random.uniform(*self.zoom_range, 2)
        horizontal = (np.random.random() < 0.5) * self.horizontal_flip
        vertical = (np.random.random() < 0.5) * self.vertical_flip
        shift = _within(self.channel_shift_range) if self.channel_shift_range else None
        brightness = None if self.brightness_range is None else np.random.uniform(*self.brightness_range)
        found = {"theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy}
        found |= {"flip_horizontal": horizontal, "flip_vertical": vertical}
        return found | {"channel_shift_intensity": shift, "brightness": brightness}

    def apply_transform(self, x: np.ndarray, transform_parameters: Mapping[str, Any]) -> np.ndarray:
        """Return an image changed as `get_random_transform` says; what is not named stays."""
        given = dict(transform_parameters)
        affine = {name: given[name] for name in ("theta", "tx", "ty", "shear", "zx", "zy") if name in given}
        options: dict[str, Any] = {"row_axis": self.row_axis - 1, "col_axis": self.col_axis - 1}
        options |= {"channel_axis": self.channel_axis - 1, "fill_mode": self.fill_mode, "cval": self.cval}
        x = apply_affine_transform(x, **affine, **options, order=self.interpolation_order)
        if given.get("channel_shift_intensity") is not None:
            x = apply_channel_shift(x, given["channel_shift_intensity"], self.channel_axis - 1)
        if given.get("flip_horizontal"):
            x = flip_axis(x, self.col_axis - 1)
        if given.get("flip_vertical"):
            x = flip_axis(x, self.row_axis - 1)
        return x if given.get("brightness") is None else apply_brightness_shift(x, given["brightness"], False)

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Return an image changed at random."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Return an image, or a batch of them, rescaled and normalized."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x = x * self.rescale
        if self.samplewise_center:
            x = x - np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x = x / (np.std(x, keepdims=True) + 1e-6)
        for name, value in (
            ("featurewise_center", self.mean),
            ("featurewise_std_normalization", self.std),
            ("zca_whitening", self.zca_whitening_matrix),
        ):
            if getattr(self, name):
                x = _normalized(x, name, value)
        return x

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Measure what featurewise normalization and whitening need.

        Args:
            x: images, four axes.
            augment: measure on changed images.
            rounds: how often each image is then changed.
            seed: decides these changes.

        Raises:
            InvalidArgument: another number of axes.
        """
        data = np.array(x, dtype=self.dtype)
        if data.ndim != 4:
            raise _wrong("x", "images, an array with 4 axes", data.shape)
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            data *= self.rescale
        if augment:
            data = np.stack([self.random_transform(image) for _ in range(rounds) for image in data])
        over, shape = (0, self.row_axis, self.col_axis), [1, 1, 1]
        shape[self.channel_axis - 1] = data.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = data.mean(axis=over).reshape(shape)
            data -= self.mean
        if self.featurewise_std_normalization:
            self.std = data.std(axis=over).reshape(shape)
            data /= self.std + 1e-6
        if self.zca_whitening:
            u, s, _ = np.linalg.svd(data.reshape(len(data), -1).T, full_matrices=False)
            self.zca_whitening_matrix = (u * (np.sqrt(len(data)) / (s + self.zca_epsilon))) @ u.T


def _normalized(x: np.ndarray, name: str, value: np.ndarray | None) -> np.ndarray:
    if value is None:
        warnings.warn(f"{name} does nothing before the generator's fit(images) was called.", stacklevel=4)
        return x
    if name == "zca_whitening":
        return np.asarray((x.reshape(-1, value.shape[0]) @ value).reshape(x.shape))
    return x - value if name == "featurewise_center" else x / (value + 1e-6)


def _within(bound: float) -> Any:
    return np.random.uniform(-bound, bound) if bound else 0


def _shift(bound: Any, length: int) -> Any:
    """Return a shift in pixels: one of those listed, or up to a bound; a bound below 1 is a share of the length."""
    if not np.any(bound):
        return 0
    if np.ndim(bound) or (isinstance(bound, (int, np.integer)) and bound > 0):
        # A whole number n means one of 0 ... n - 1, as numpy.random.choice reads it.
        drawn = np.random.choice(bound) * np.random.choice([-1, 1])
    else:
        drawn = np.random.uniform(-bound, bound)
    return drawn * length if np.max(bound) < 1 else drawn


def _pair(name: str, value: Any, about: float | None = None) -> tuple[float, float]:
    if about is not None and isinstance(value, (int, float)):
        return about - value, about + value
    if (
        not isinstance(value, (tuple, list))
        or len(value) != 2
        or not all(isinstance(one, (int, float)) for one in value)
    ):
        raise _wrong(name, "two numbers" + ("" if about is None else ", or one"), value)
    return value[0], value[1]


def _wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        f"{name} does not fit.",
        code="image-generator",
        place=f"ImageDataGenerator: {name}",
        expected=expected,
        received=repr(received),
    )
