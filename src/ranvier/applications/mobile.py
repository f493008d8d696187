"""What the mobile networks share: the size of image whose weights are taken, and checks of their arguments."""

from __future__ import annotations

import warnings

from ranvier._config import image_data_format
from ranvier._errors import InvalidArgument
from ranvier.applications.frame import Request

__all__ = ["check_tensor", "pixels", "refused", "trained_size", "weights_of"]


def pixels(shape: tuple[int | None, ...]) -> tuple[int | None, int | None]:
    """Return rows and columns of the shape of one image."""
    rows, columns = shape[1:3] if image_data_format() == "channels_first" else shape[:2]
    return rows, columns


def trained_size(shape: tuple[int | None, ...] | None, sizes: tuple[int, ...]) -> int:
    """Return the size of image among `sizes` that a shape has, 224 where it has none of them."""
    rows, columns = (None, None) if shape is None else pixels(shape)
    return rows if rows is not None and rows == columns and rows in sizes else 224


def check_tensor(request: Request) -> None:
    """Refuse an input tensor of other columns than `input_shape` names."""
    if request.input_tensor is None or request.input_shape is None:
        return
    wanted, given = tuple(request.input_shape), tuple(request.input_tensor.shape)[1:]
    if len(wanted) != len(given) or pixels(wanted)[1] != pixels(given)[1]:
        raise refused("input_tensor", f"images of shape {wanted}, as input_shape says", f"shape {given}")


def weights_of(shape: tuple[int | None, ...], sizes: tuple[int, ...]) -> int:
    """Return for images of which size the pretrained weights are; warn where that is not the images' own."""
    size = trained_size(shape, sizes)
    if pixels(shape) != (size, size):
        warnings.warn(
            f"There are no weights for images of {pixels(shape)}: those for (224, 224) are taken.", stacklevel=4
        )
    return size


def refused(argument: str, expected: str, received: str) -> InvalidArgument:
    """Return the error for an argument that a mobile network cannot have."""
    return InvalidArgument(
        f"A mobile network cannot be built with this {argument}.",
        code=f"application-{argument.replace('_', '-')}",
        place=f"{argument}=...",
        expected=expected,
        received=received,
    )
