"""`Convolution2D(32, 3, 3)` of Keras 1: each size of the kernel a number of its own; today the third is a stride."""

from __future__ import annotations

from typing import Any

from ranvier import layers
from ranvier.compat.notes import note

__all__ = ["AtrousConvolution2D", "Convolution2D", "Convolution3D", "Deconvolution2D"]


def Convolution2D(*args: Any, **kwargs: Any) -> layers.Conv2D:
    """Return `Conv2D(filters, (rows, columns), ...)`, also for `(filters, rows, columns, ...)`.

    Example:
        >>> Convolution2D(8, 3, 5).kernel_size
        (3, 5)
    """
    return layers.Conv2D(*_sized("Convolution2D", args, 2), **kwargs)


def AtrousConvolution2D(*args: Any, **kwargs: Any) -> layers.Conv2D:
    """Return `Conv2D` with `atrous_rate` as its dilation."""
    return layers.Conv2D(*_sized("AtrousConvolution2D", args, 2), **kwargs)


def Convolution3D(*args: Any, **kwargs: Any) -> layers.Conv3D:
    """Return `Conv3D(filters, sizes, ...)`, also for `(filters, size, size, size, ...)`."""
    return layers.Conv3D(*_sized("Convolution3D", args, 3), **kwargs)


def Deconvolution2D(*args: Any, **kwargs: Any) -> layers.Conv2DTranspose:
    """Return `Conv2DTranspose`; the old `output_shape`, in the fourth place, follows from the sizes."""
    sized = _sized("Deconvolution2D", args, 2)
    return layers.Conv2DTranspose(*sized[:2], *([] if len(sized) < len(args) else sized[2:]), **kwargs)


def _sized(name: str, args: tuple[Any, ...], rank: int) -> tuple[Any, ...]:
    filters, sizes, others = args[:1], args[1 : 1 + rank], args[1 + rank :]
    if len(sizes) < rank or not all(isinstance(size, int) for size in sizes):
        return args
    note(f"{name}(filters, {', '.join(['size'] * rank)})", "takes the kernel's sizes as one tuple today")
    return (*filters, sizes, *others)
