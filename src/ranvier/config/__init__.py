"""What can be set for the whole process, by Keras's names."""

from __future__ import annotations

from ranvier._config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from ranvier._errors import Unsupported
from ranvier.config.limits import max_epochs, max_steps_per_epoch, set_max_epochs, set_max_steps_per_epoch
from ranvier.config.switches import (
    disable_flash_attention,
    disable_interactive_logging,
    enable_flash_attention,
    enable_interactive_logging,
    is_flash_attention_enabled,
    is_interactive_logging_enabled,
    is_nnx_enabled,
)
from ranvier.state.dtype_policy import dtype_policy, set_dtype_policy

__all__ = [
    "backend",
    "disable_flash_attention",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_flash_attention",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_flash_attention_enabled",
    "is_interactive_logging_enabled",
    "is_nnx_enabled",
    "is_traceback_filtering_enabled",
    "max_epochs",
    "max_steps_per_epoch",
    "set_backend",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "set_max_epochs",
    "set_max_steps_per_epoch",
]


def backend() -> str:
    """Return `"jax"`, the only one."""
    return "jax"


def set_backend(backend: str) -> None:
    """Accept `"jax"`.

    Raises:
        Unsupported: another name.
    """
    if backend != "jax":
        raise Unsupported(
            "Ranvier computes with JAX only.",
            code="other-backend",
            place="set_backend",
            expected="jax",
            received=repr(backend),
            fix="leave the call away",
        )


def enable_unsafe_deserialization() -> None:
    """Refuse: loading a file never runs code from it.

    Raises:
        Unsupported: always.
    """
    raise Unsupported(
        "Loading a model never runs code from its file, and nothing can switch that on.",
        code="unsafe-loading",
        place="enable_unsafe_deserialization",
        fix="pass the functions and classes that the file names as custom_objects=",
    )


def enable_traceback_filtering() -> None:
    """Do nothing: tracebacks are always whole here."""


def disable_traceback_filtering() -> None:
    """Do nothing: tracebacks are always whole here."""


def is_traceback_filtering_enabled() -> bool:
    """Return False: tracebacks are always whole here."""
    return False
