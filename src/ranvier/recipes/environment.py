"""Versions and machine of a run, as far as they can change its numbers."""

from __future__ import annotations

import importlib.metadata
import platform

import jax

from ranvier import __version__

__all__ = ["environment"]

_PACKAGES = ("jax", "jaxlib", "numpy", "scikit-learn")


def environment() -> dict[str, str]:
    """Return name to version of what the numbers of a run depend on, and the device it ran on."""
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    device = jax.devices()[0]
    return {
        "ranvier": __version__,
        "python": platform.python_version(),
        **versions,
        "system": f"{platform.system()} {platform.machine()}",
        "device": f"{device.platform}: {device.device_kind}",
    }
