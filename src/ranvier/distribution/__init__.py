"""The devices that there are; one program runs on one of them."""

from __future__ import annotations

from typing import NoReturn

import jax

from ranvier._absent import no_attribute

__all__ = ["get_device_count", "list_devices"]


def list_devices(device_type: str | None = None) -> list[str]:
    """Return the names of the devices of this process: `cpu:0`, `gpu:0`, ...

    Args:
        device_type: `"cpu"`, `"gpu"` or `"tpu"`; the kind that computations use when None.
    """
    return [f"{device.platform}:{device.id}" for device in _devices(device_type)]


def get_device_count(device_type: str | None = None) -> int:
    """Return the number of devices; see `list_devices`.

    Example:
        >>> get_device_count("cpu") >= 1
        True
    """
    return len(_devices(device_type))


def __getattr__(name: str) -> NoReturn:
    raise no_attribute(__name__, name)


def _devices(device_type: str | None) -> list[jax.Device]:
    kind = device_type.lower() if device_type else None
    try:
        return jax.devices(kind)
    except RuntimeError:  # JAX's way of saying that there is none of that kind
        return []
