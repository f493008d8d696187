"""What goes into networks for ImageNet, and what comes out: pixels to inputs, probabilities to names."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from ranvier import ops
from ranvier._config import floatx, image_data_format
from ranvier._errors import DataError, InvalidArgument
from ranvier.applications.files import located
from ranvier.data.datasets.info import Source

__all__ = ["decode_predictions", "preprocess_input"]

CLASSES = 1000
_NAMES = Source(
    "imagenet_class_index.json",
    "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json",
    "md5:c2c37ea517e94d9795004a39431a14cb",
    35363,
)
_FORMATS = ("channels_first", "channels_last")
# Divisor of all values, then mean and standard deviation of each channel; `caffe` counts them in the order B, G, R.
_MODES: dict[str, tuple[float, Any, Any]] = {
    "caffe": (1.0, (103.939, 116.779, 123.68), None),
    "tf": (127.5, 1.0, None),
    "torch": (255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
}


def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Bring pixels from 0 to 255 into the range that a network was trained with.

        caffe:  x[..., ::-1] - mean           channels B, G, R, means of ImageNet
        tf:     x / 127.5 - 1                 from -1 to 1
        torch:  (x / 255 - mean) / deviation  means and standard deviations of ImageNet

    Shapes: `[row, column, channel]` or `[batch, row, column, channel]`, channels where `data_format` has them.

    Numerics: the given array stays as it is (Keras writes over an array of floats), and integers become floats in every
    mode.

    Args:
        x: an array, a tensor, or a symbolic tensor.
        data_format: `"channels_last"` or `"channels_first"`; the global setting when None.
        mode: `"caffe"`, `"tf"` or `"torch"`.

    Raises:
        InvalidArgument: another mode or data format.

    Example:
        >>> preprocess_input(np.array([[[0.0, 127.5, 255.0]]]), mode="tf").tolist()
        [[[-1.0, 0.0, 1.0]]]
    """
    divisor, mean, deviation = _MODES[_one_of("mode", mode, tuple(_MODES))]
    axis = -3 if _one_of("data_format", data_format or image_data_format(), _FORMATS) == "channels_first" else -1
    numbers: Any = np if isinstance(x, np.ndarray) else ops
    if not any(kind in str(x.dtype) for kind in ("float", "complex")):
        x = numbers.asarray(x, floatx()) if numbers is np else ops.cast(x, floatx())

    def by_channel(values: Any) -> Any:
        array = np.asarray(values, str(x.dtype))
        return array.reshape(-1, 1, 1) if array.ndim and axis == -3 else array

    x = numbers.flip(x, axis) if mode == "caffe" else x / by_channel(divisor)
    x = x - by_channel(mean)
    return x if deviation is None else x / by_channel(deviation)


def preprocessing(mode: str | None) -> Callable[..., Any]:
    """Return the `preprocess_input(x, data_format=None)` of a family of networks.

    Args:
        mode: see `preprocess_input`; None for networks that take pixels as they are.
    """

    def preprocess(x: Any, data_format: str | None = None) -> Any:
        return x if mode is None else preprocess_input(x, data_format, mode)

    what = "Return the pixels as they are: the network brings them into its range itself."
    preprocess.__doc__ = what if mode is None else f"Return `imagenet_utils.preprocess_input(x, mode={mode!r})`."
    preprocess.__name__ = preprocess.__qualname__ = "preprocess_input"
    return preprocess


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise InvalidArgument(
            f"preprocess_input knows no such {name}.",
            code=f"preprocess-{name.replace('_', '-')}",
            place=f"preprocess_input({name}=...)",
            expected=" or ".join(map(repr, allowed)),
            received=repr(value),
        )
    return value


def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, Any]]]:
    """Return the names of the most probable classes of ImageNet, the best first.

    Args:
        preds: probabilities `[row, class]` of the 1000 classes.
        top: how many to name.

    Returns:
        For each row a list of `(synset, name, probability)`.

    Raises:
        InvalidArgument: not one row of 1000 numbers per image.
        DownloadError: the list of names is not on this machine and could not be downloaded.
    """
    values = np.asarray(preds)
    if values.ndim != 2 or values.shape[1] != CLASSES:
        raise InvalidArgument(
            "decode_predictions names the classes of ImageNet.",
            code="predictions-shape",
            place="decode_predictions(preds)",
            expected=f"shape (rows, {CLASSES})",
            received=f"shape {values.shape}",
            fix="pass what a network with include_top=True and 1000 classes predicts",
        )
    names = _class_names()
    best = [np.argsort(row)[::-1][: max(top, 0)] for row in values]
    return [[(*names[place], row[place]) for place in order] for row, order in zip(values, best, strict=True)]


def _class_names() -> list[tuple[str, str]]:
    """Return synset and name of every class."""
    path = located(_NAMES)
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        pairs = [(str(synset), str(name)) for synset, name in (table[str(number)] for number in range(CLASSES))]
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            "The list of ImageNet's classes cannot be read.",
            code="class-index",
            place=str(path),
            expected=f'{{"0": ["n01440764", "tench"], ..., "{CLASSES - 1}": [...]}}',
            received=f"{type(error).__name__}: {error}",
            fix="remove the file, to have it downloaded again",
        ) from error
    return pairs
