"""What `ImageDataGenerator` gives: endless batches of images, which `fit` can also ask for by number.

Orders and changes come from NumPy's global generator, seeded before each batch, as with Keras: equal seeds give equal
batches.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from collections.abc import Iterator as Generator
from typing import Any

import numpy as np

from ranvier._errors import DataError, InvalidArgument, NotReady
from ranvier.utils.image_files import array_to_img, channels_first
from ranvier.utils.py_dataset import PyDataset

__all__ = ["ImageIterator", "Iterator", "NumpyArrayIterator", "wrong"]


def wrong(name: str, expected: str, received: Any) -> InvalidArgument:
    """Return the error for an argument of an iterator."""
    return InvalidArgument(
        f"{name} does not fit.", code="image-iterator", place=f"{name}=", expected=expected, received=repr(received)
    )


class Iterator(PyDataset):
    """Batches of `n` rows, for ever, in a new order after each pass where they are shuffled.

    Args:
        n: number of rows.
        batch_size: rows per batch; the last of a pass may have fewer.
        shuffle: whether the order changes.
        seed: decides orders and changes.
        kwargs: `workers`, `use_multiprocessing`, `max_queue_size`.
    """

    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: np.ndarray | None = None
        self.index_generator = self._flow_index()

    def __len__(self) -> int:
        return -(-self.n // self.batch_size)

    def __getitem__(self, index: int) -> Any:
        if index >= len(self):
            raise IndexError(index)
        self._seeded()
        if self.index_array is None:
            self.on_epoch_end()
        return self._get_batches_of_transformed_samples(self._rows(index))

    def __iter__(self) -> Generator[Any]:
        return self

    def __next__(self) -> Any:
        with self.lock:
            rows = next(self.index_generator)
        return self._get_batches_of_transformed_samples(rows)

    next = __next__

    def reset(self) -> None:
        """Begin again with the first batch."""
        self.batch_index = 0

    def on_epoch_end(self) -> None:
        """Put the rows into a new order."""
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _seeded(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1

    def _rows(self, number: int) -> np.ndarray:
        assert self.index_array is not None
        return self.index_array[number * self.batch_size : (number + 1) * self.batch_size]

    def _flow_index(self) -> Generator[np.ndarray]:
        while True:
            self._seeded()
            if self.batch_index == 0:
                self.on_epoch_end()
            number = self.batch_index
            self.batch_index = (number + 1) % max(1, len(self))
            yield self._rows(number)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise NotReady(
            f"{type(self).__name__} makes no batches.",
            code="dataset-method",
            place=type(self).__name__,
            fix="def _get_batches_of_transformed_samples(self, index_array): return x, y",
        )


class ImageIterator(Iterator):
    """Batches of images, changed by a generator and, on request, kept as files to look at."""

    image_data_generator: Any
    data_format: str
    dtype: Any
    saved: tuple[Any, str, str]

    def changed(self, x: np.ndarray) -> np.ndarray:
        """Return an image changed at random and normalized."""
        generator = self.image_data_generator
        if generator is None:
            return x
        parameters = generator.get_random_transform(x.shape)
        result: np.ndarray = generator.standardize(generator.apply_transform(x, parameters))
        return result

    def stacked(self, images: Callable[[int], np.ndarray], rows: np.ndarray, limit: float) -> np.ndarray:
        """Return changed images as one batch; write them to `save_to_dir`, with a number below `limit` in the name."""
        batch = np.stack([self.changed(images(row)) for row in rows]).astype(self.dtype)
        folder, prefix, ending = self.saved
        if folder:
            for row, image in zip(rows, batch, strict=True):
                name = f"{prefix}_{row}_{np.random.randint(int(limit))}.{ending}"
                array_to_img(image, self.data_format, scale=True).save(os.path.join(folder, name))
        return batch


class NumpyArrayIterator(ImageIterator):
    """Batches of arrays.

    Args:
        x: images, four axes; or `(images, further arrays)`, which come along unchanged.
        y: labels, or None.
        image_data_generator: changes the images.
        batch_size: images per batch.
        shuffle: whether the order changes.
        sample_weight: a weight per image.
        seed: decides orders and changes.
        data_format: where the channels are.
        save_to_dir, save_prefix, save_format: a folder for the changed images, how their names begin and end.
        subset: `"training"` or `"validation"`, by the generator's `validation_split`.
        ignore_class_split: accept subsets with different classes.
        dtype: of the batches.

    Raises:
        DataError: arrays of different lengths, not four axes, or a class that one subset lacks.
        InvalidArgument: another subset.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:
        x, further = (x[0], x[1]) if isinstance(x, (tuple, list)) else (x, [])
        more = [np.asarray(one) for one in further] if isinstance(further, list) else [np.asarray(further)]
        labels = None if y is None else np.asarray(y)
        weights = None if sample_weight is None else np.asarray(sample_weight)
        for name, array in (("y", labels), ("sample_weight", weights), *(("x[1]", one) for one in more)):
            if array is not None and len(array) != len(x):
                raise _data(f"{name} has another length than the images.", f"{len(x)} rows", len(array))
        first = channels_first(data_format)
        self.data_format, self.dtype = "channels_first" if first else "channels_last", dtype or "float32"
        self.image_data_generator, self.saved = image_data_generator, (save_to_dir, save_prefix, save_format)
        rows = slice(None)
        if subset is not None:
            rows = _subset(subset, image_data_generator, len(x), None if ignore_class_split else labels)
        self.x, self.x_misc = np.asarray(x, dtype=self.dtype)[rows], [one[rows] for one in more]
        self.y = None if labels is None else labels[rows]
        self.sample_weight = weights if weights is None or subset is None else weights[rows]
        if self.x.ndim != 4:
            raise _data("The images are not a batch.", "an array with 4 axes", self.x.shape)
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        batch = self.stacked(self.x.__getitem__, index_array, 1e4)
        x = [batch, *(one[index_array] for one in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return x
        weight = () if self.sample_weight is None else (self.sample_weight[index_array],)
        return (x, self.y[index_array], *weight)


def _subset(subset: str, generator: Any, count: int, labels: np.ndarray | None) -> slice:
    """Return the rows of a subset: validation has the first ones."""
    if subset not in ("training", "validation"):
        raise wrong("subset", "'training' or 'validation'", subset)
    boundary = int(count * generator.validation_split)
    held_out, rest = slice(boundary), slice(boundary, None)
    if labels is not None and not np.array_equal(np.unique(labels[held_out]), np.unique(labels[rest])):
        raise _data(
            "Training and validation have different classes.",
            "every class on both sides of the split",
            f"{len(np.unique(labels[rest]))} and {len(np.unique(labels[held_out]))} classes",
        )
    return held_out if subset == "validation" else rest


def _data(message: str, expected: str, received: Any) -> DataError:
    return DataError(
        message, code="image-iterator-data", place="ImageDataGenerator.flow", expected=expected, received=received
    )
