"""Which way a kernel goes: by native code or by its reference, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

import jax

from ranvier.kernels import native
from ranvier.state import scope

__all__ = ["CHOSEN", "Choice", "joined", "reference_only", "watched", "why_none", "why_reference"]

CHOSEN = ""
"""What `why_reference` returns where nothing speaks against the native code."""


class Choice(NamedTuple):
    """What was chosen for one call of a kernel.

    Attributes:
        kernel: its name.
        place: structural path of the layer whose call it was; empty outside of layers.
        why_not: why the reference was taken; empty where native code was.
    """

    kernel: str
    place: str
    why_not: str


_watcher: ContextVar[dict[Choice, None] | None] = ContextVar("ranvier_watcher", default=None)
_reference_only: ContextVar[bool] = ContextVar("ranvier_reference_only", default=False)


@contextmanager
def watched() -> Iterator[dict[Choice, None]]:
    """Collect what is chosen inside the `with` block, as the keys of a dict: each choice once, in order."""
    seen: dict[Choice, None] = {}
    token = _watcher.set(seen)
    try:
        yield seen
    finally:
        _watcher.reset(token)


@contextmanager
def reference_only() -> Iterator[None]:
    """Let every kernel that is traced inside the `with` block go by its reference."""
    token = _reference_only.set(True)
    try:
        yield
    finally:
        _reference_only.reset(token)


def joined(places: Iterable[str]) -> None:
    """Tell who watches that the layers at these places are computed by the kernel of the layer before them."""
    seen = _watcher.get()
    if seen is not None:
        seen.update(dict.fromkeys(Choice("with the layer before", place, CHOSEN) for place in places))


def why_none() -> str:
    """Return why no kernel at all goes by native code; empty where those do whose operands fit."""
    if native.library() is None:
        return f"no native library: {native.why_not()}"
    if jax.default_backend() != "cpu":
        return f"the device is {jax.default_backend()}"
    return "the reference is asked for" if _reference_only.get() else CHOSEN


def why_reference(kernel: str, fits: Callable[..., str], arrays: tuple[Any, ...], static: Any) -> str:
    """Return why the reference is taken; empty where the native code is.

    Args:
        kernel: its name.
        fits: the kernel's own word on shapes and arguments: empty, or what speaks against them.
        arrays: the operands, of which shapes and dtypes count.
        static: the kernel's arguments that are no arrays.
    """
    why = why_none() or _why_types(arrays) or fits(*arrays, static=static)
    seen = _watcher.get()
    if seen is not None:
        running = scope.active()
        seen.setdefault(Choice(kernel, running.trail[-1] if running and running.trail else "", why))
    return why


def _why_types(arrays: tuple[Any, ...]) -> str:
    """Return what the arrays' types say against native code: what types its results would have is for JAX to know."""
    kinds = [jax.typeof(array) for array in arrays if isinstance(array, jax.Array)]
    if any(jax.sharding.AxisType.Explicit in kind.sharding.mesh.axis_types for kind in kinds):
        return "the types of its arrays say how they lie on a mesh of devices"
    if any(kind.manual_axis_type.unreduced or kind.manual_axis_type.reduced for kind in kinds):
        return "its arrays are parts of sums over devices"
    return CHOSEN
