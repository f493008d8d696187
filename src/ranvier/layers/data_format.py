"""Where the channels stand: on the last axis, or on the first one after the rows."""

from __future__ import annotations

from ranvier import _config
from ranvier._errors import InvalidArgument
from ranvier.layers.base import Layer

__all__ = ["known_data_format"]

_KNOWN = ("channels_last", "channels_first")


def known_data_format(layer: Layer, data_format: str | None) -> str:
    """Return a layer's `data_format`, in small letters; the configured one for None.

    Raises:
        InvalidArgument: it is neither of the two.
    """
    found = _config.image_data_format() if data_format is None else str(data_format).lower()
    if found not in _KNOWN:
        raise InvalidArgument(
            "data_format says where the channels stand.",
            code="data-format",
            place=f"layer {layer.name!r}",
            expected=" or ".join(map(repr, _KNOWN)),
            received=repr(data_format),
        )
    return found
