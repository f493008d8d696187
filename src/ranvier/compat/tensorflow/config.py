"""`tf.config`: which devices there are; the switches that Ranvier does not need are accepted."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any, NamedTuple

import jax

from ranvier.compat.tensorflow import functions

__all__ = [
    "LogicalDevice",
    "LogicalDeviceConfiguration",
    "PhysicalDevice",
    "experimental",
    "functions_run_eagerly",
    "get_visible_devices",
    "list_logical_devices",
    "list_physical_devices",
    "optimizer",
    "run_functions_eagerly",
    "set_logical_device_configuration",
    "set_soft_device_placement",
    "set_visible_devices",
    "threading",
]

_log = logging.getLogger("ranvier")


class PhysicalDevice(NamedTuple):
    """A device of this machine."""

    name: str
    device_type: str


LogicalDevice = PhysicalDevice


def list_physical_devices(device_type: str | None = None) -> list[PhysicalDevice]:
    """Return the processor and the GPUs or TPUs that JAX can use, or those of one type."""
    names = [("CPU", 0)] + [
        (device.platform.upper().replace("CUDA", "GPU").replace("ROCM", "GPU"), device.id)
        for device in jax.devices()
        if device.platform != "cpu"
    ]
    devices = [PhysicalDevice(f"/physical_device:{kind}:{number}", kind) for kind, number in names]
    return [device for device in devices if device_type in (None, device.device_type)]


list_logical_devices = get_visible_devices = list_physical_devices


def run_functions_eagerly(run_eagerly: bool) -> None:
    """Decide whether functions decorated with `tf.function` run without being compiled."""
    functions.Switch.eagerly = bool(run_eagerly)


def functions_run_eagerly() -> bool:
    """Whether functions decorated with `tf.function` run without being compiled."""
    return functions.Switch.eagerly


def _accepted(name: str) -> Any:
    """Return a function that does nothing, and says so to whoever listens to the log."""

    def accept(*args: Any, **kwargs: Any) -> None:
        _log.debug("tf.config.%s has no effect: JAX manages devices and memory itself", name)

    accept.__name__ = name.rpartition(".")[2]
    accept.__doc__ = "Accepted without effect."
    return accept


def _group(name: str, *functions: str) -> SimpleNamespace:
    return SimpleNamespace(**{function: _accepted(f"{name}.{function}") for function in functions})


set_visible_devices = _accepted("set_visible_devices")
set_soft_device_placement = _accepted("set_soft_device_placement")
set_logical_device_configuration = _accepted("set_logical_device_configuration")
LogicalDeviceConfiguration = _accepted("LogicalDeviceConfiguration")
optimizer = _group("optimizer", "set_jit", "set_experimental_options")
threading = _group("threading", "set_inter_op_parallelism_threads", "set_intra_op_parallelism_threads")
experimental = _group(
    "experimental", "enable_op_determinism", "set_memory_growth", "set_virtual_device_configuration", "set_synchronous"
)
experimental.list_physical_devices = list_physical_devices
