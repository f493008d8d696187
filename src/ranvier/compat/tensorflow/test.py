"""`tf.test`: questions about devices."""

from __future__ import annotations

from ranvier.compat.tensorflow.config import list_physical_devices

__all__ = ["gpu_device_name", "is_built_with_cuda", "is_gpu_available"]


def is_gpu_available(cuda_only: bool = False, min_cuda_compute_capability: object = None) -> bool:
    """Whether JAX can use a GPU."""
    return bool(list_physical_devices("GPU"))


def is_built_with_cuda() -> bool:
    """Whether JAX can use a GPU."""
    return is_gpu_available()


def gpu_device_name() -> str:
    """Return the name of the first GPU; empty when there is none."""
    return "/device:GPU:0" if is_gpu_available() else ""
