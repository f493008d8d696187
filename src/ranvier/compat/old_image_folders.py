"""Image files as `ImageDataGenerator` reads them: those of a folder with a subfolder per class."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from ranvier.compat.old_image_iterators import ImageIterator, wrong
from ranvier.utils.image_files import channels_first, img_to_array, load_img
from ranvier.utils.labelled_files import files_below

__all__ = ["DirectoryIterator", "FileIterator"]


class FileIterator(ImageIterator):
    """Batches of image files; a subclass says which, and their labels."""

    class_mode: str | None
    class_indices: dict[str, int]
    classes: Any
    filepaths: list[str]
    labels: Any
    sample_weight: np.ndarray | None = None

    def set_processing(
        self,
        generator: Any,
        target_size: Any,
        color_mode: str,
        data_format: str | None,
        saved: tuple[Any, str, str],
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
        dtype: Any,
    ) -> tuple[float, float] | None:
        """Store how files become images; return which share of them the subset has."""
        channels = {"grayscale": 1, "rgb": 3, "rgba": 4}
        if color_mode not in channels:
            raise wrong("color_mode", "'rgb', 'rgba' or 'grayscale'", color_mode)
        if subset not in ("training", "validation", None):
            raise wrong("subset", "'training', 'validation' or None", subset)
        first = channels_first(data_format)
        self.image_data_generator, self.target_size = generator, tuple(target_size)
        self.color_mode, self.interpolation, self.keep_aspect_ratio = color_mode, interpolation, keep_aspect_ratio
        self.data_format, self.dtype, self.saved = "channels_first" if first else "channels_last", dtype, saved
        depth = (channels[color_mode],)
        self.image_shape = depth + self.target_size if first else self.target_size + depth
        if subset is None:
            return None
        share = generator.validation_split
        return (0, share) if subset == "validation" else (share, 1)

    def _image(self, row: int) -> np.ndarray:
        options = (self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio)
        return img_to_array(load_img(self.filepaths[row], *options), self.data_format)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        x = self.stacked(self._image, index_array, 1e7)
        if self.class_mode is None:
            return x
        weight = () if self.sample_weight is None else (self.sample_weight[index_array],)
        return (x, self._targets(x, index_array), *weight)

    def _targets(self, x: np.ndarray, rows: np.ndarray) -> Any:
        if self.class_mode == "input":
            return x.copy()
        if self.class_mode == "multi_output":
            return [output[rows] for output in self.labels]
        if self.class_mode == "raw":
            return self.labels[rows]
        if self.class_mode in ("binary", "sparse"):
            return np.asarray([self.classes[row] for row in rows], self.dtype)
        vectors = np.zeros((len(rows), len(self.class_indices)), self.dtype)
        for place, row in enumerate(rows):
            vectors[place, self.classes[row]] = 1
        return vectors


class DirectoryIterator(FileIterator):
    """Batches of the images in a folder with a subfolder per class.

    Args:
        directory: the folder.
        image_data_generator: changes the images; None leaves them.
        target_size: rows and columns that every image is resized to.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: the subfolders that count, in the order of their numbers; all, sorted, when None.
        class_mode: labels: `"categorical"` (one-hot), `"binary"` or `"sparse"` (numbers), `"input"` (the images
            themselves) or None.
        batch_size, shuffle, seed, data_format, save_to_dir, save_prefix, save_format: as in `NumpyArrayIterator`.
        follow_links: whether links to folders are followed.
        subset: `"training"` or `"validation"`: within each class, validation has the first files.
        interpolation: how Pillow resizes.
        keep_aspect_ratio: cut instead of distorting.
        dtype: of the batches.

    Raises:
        InvalidArgument: another class mode, colour mode or subset.
        FileNotFoundError: there is no such folder.
    """

    def __init__(
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ) -> None:
        if class_mode not in ("categorical", "binary", "sparse", "input", None):
            raise wrong("class_mode", "'categorical', 'binary', 'sparse', 'input' or None", class_mode)
        saved = (save_to_dir, save_prefix, save_format)
        resizing = (interpolation, keep_aspect_ratio, dtype or "float32")
        share = self.set_processing(
            image_data_generator, target_size, color_mode, data_format, saved, subset, *resizing
        )
        self.directory, self.class_mode = directory, class_mode
        found = [name for name in sorted(os.listdir(directory)) if os.path.isdir(os.path.join(directory, name))]
        names = list(classes or found)
        self.num_classes, self.class_indices = len(names), {name: number for number, name in enumerate(names)}
        self.filenames: list[str] = []
        numbers: list[int] = []
        for name in names:
            files = [
                str(path) for path in files_below(os.path.join(directory, name), self.white_list_formats, follow_links)
            ]
            if share is not None:
                files = files[int(share[0] * len(files)) : int(share[1] * len(files))]
            self.filenames += [os.path.relpath(path, directory) for path in files]
            numbers += [self.class_indices[name]] * len(files)
        self.classes = self.labels = np.array(numbers, np.int32)
        self.samples = len(self.filenames)
        self.filepaths = [os.path.join(directory, name) for name in self.filenames]
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        super().__init__(self.samples, batch_size, shuffle, seed)
