"""device: where arrays are made and computed."""

from __future__ import annotations

import contextlib
from typing import Any

import jax

from ranvier._errors import InvalidArgument

__all__ = ["device"]

_KINDS = {"cuda": "gpu", "rocm": "gpu"}


def device(device_name: Any) -> contextlib.AbstractContextManager[Any]:
    """Compute on a device inside the `with` block.

    Args:
        device_name: such as `"cpu:0"`, `"gpu"` or `"/device:GPU:1"`, or a `jax.Device`.

    Raises:
        InvalidArgument: there is no such device.

    Example:
        >>> from ranvier import ops
        >>> with device("cpu:0"):
        ...     print(ops.ones(2).device.platform)
        cpu
    """
    chosen: contextlib.AbstractContextManager[Any] = jax.default_device(
        _found(device_name) if isinstance(device_name, str) else device_name
    )
    return chosen


def _found(name: str) -> Any:
    kind, _, number = name.lower().removeprefix("/").removeprefix("device:").partition(":")
    kind = _KINDS.get(kind, kind)
    with contextlib.suppress(RuntimeError, IndexError, ValueError):
        return jax.devices(kind)[int(number or 0)]
    raise InvalidArgument(
        f"There is no device {name!r}.",
        code="no-device",
        place="device",
        expected=", ".join(f"{found.platform}:{found.id}" for found in jax.devices()) + ", cpu:0",
        received=repr(name),
        fix="name one of them, or leave the scope out",
    )
