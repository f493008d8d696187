"""The one configuration context: floatx, epsilon, image layout, dtype policy, custom objects, seed, limits of a run.

Together with the Scope (`state/scope.py`) this is the only global state of the package.
"""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ranvier._errors import InvalidArgument

__all__ = [
    "Configuration",
    "cache_folder",
    "configuration",
    "custom_object_scope",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]

_FLOATS = ("bfloat16", "float16", "float32", "float64")


def _limit_from(name: str) -> int | None:
    """Return a limit that the environment sets, None where it does not."""
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() and int(text) else None


@dataclass
class Configuration:
    """What a person can set once for the whole process."""

    floatx: str = "float32"
    epsilon: float = 1e-7
    image_data_format: str = "channels_last"
    dtype_policy: str | None = None
    """Name of the global dtype policy; None means `floatx`."""
    custom_objects: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    """What `utils.set_random_seed` set; None until somebody does."""
    max_epochs: int | None = field(default_factory=lambda: _limit_from("KERAS_MAX_EPOCHS"))
    """The most epochs that any `fit` runs; for trying a long script in short."""
    max_steps_per_epoch: int | None = field(default_factory=lambda: _limit_from("KERAS_MAX_STEPS_PER_EPOCH"))
    """The most steps that an epoch, an evaluation or a prediction runs."""
    interactive_logging: bool = True
    """Whether progress is shown on standard output; otherwise it goes to the logger `ranvier`."""
    flash_attention: bool | None = None
    """Whether attention must (True), must not (False) or may (None) use the fused form."""


configuration = Configuration()


def floatx() -> str:
    """Return the default float type, `"float32"` unless changed."""
    return configuration.floatx


def set_floatx(value: str) -> None:
    """Set the default float type to one of bfloat16, float16, float32, float64."""
    configuration.floatx = _one_of("floatx", value, _FLOATS)


def epsilon() -> float:
    """Return the small number that guards divisions and logarithms, 1e-7 unless changed."""
    return configuration.epsilon


def set_epsilon(value: float) -> None:
    """Set the small number that guards divisions and logarithms."""
    configuration.epsilon = float(value)


def image_data_format() -> str:
    """Return `"channels_last"` or `"channels_first"`."""
    return configuration.image_data_format


def set_image_data_format(data_format: str) -> None:
    """Set the default image layout."""
    configuration.image_data_format = _one_of("data_format", data_format, ("channels_last", "channels_first"))


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> str:
    if str(value) not in allowed:
        raise InvalidArgument(
            f"{name} cannot be {value!r}.",
            code="config-value",
            expected=", ".join(allowed),
            received=repr(value),
            fix=f"pass one of {allowed}",
        )
    return str(value)


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any] | None) -> Iterator[None]:
    """Make the given names known to every lookup by string inside the `with` block."""
    before = configuration.custom_objects
    configuration.custom_objects = {**before, **(custom_objects or {})}
    try:
        yield
    finally:
        configuration.custom_objects = before


def cache_folder() -> pathlib.Path:
    """Return the folder for downloads and compiled programs: `$RANVIER_CACHE`, else the system's cache folder."""
    if chosen := os.environ.get("RANVIER_CACHE"):
        return pathlib.Path(chosen).expanduser()
    if sys.platform == "darwin":
        base = pathlib.Path("~/Library/Caches")
    elif sys.platform == "win32":
        base = pathlib.Path(os.environ.get("LOCALAPPDATA", "~/AppData/Local"))
    else:
        base = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache")
    return base.expanduser() / "ranvier"
