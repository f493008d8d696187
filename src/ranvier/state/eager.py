"""What open gradient tapes remember outside of a compiled step: each outermost call with its arrays.

The gates are few: the functions of `ops` and of losses, calls of layers and of Loss objects, reads of Variables, and,
while a tape is open, the operators of arrays. What happens inside of such a call is not remembered: it is repeated as a
whole when a gradient is asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jax import tree_util

from ranvier._typing import Array
from ranvier.state import scope

if TYPE_CHECKING:
    from ranvier.state.variable import Variable

__all__ = ["Call", "Recording", "applied", "closed", "opened", "paused", "read", "recording", "remember"]


@dataclass
class Call:
    """One outermost call: what to repeat it with, and the arrays that came out."""

    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: Any


@dataclass
class Recording:
    """What one tape has seen.

    Attributes:
        calls: in the order in which they were made.
        readings: the arrays that each Variable, by identity, held when it was read.
        owners: the Variable that holds an array, by the array's identity.
    """

    calls: list[Call] = field(default_factory=list)
    readings: dict[int, list[Array]] = field(default_factory=dict)
    owners: dict[int, Variable] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything."""
        for part in (self.calls, self.readings, self.owners):
            part.clear()


_open: ContextVar[tuple[Recording, ...]] = ContextVar("ranvier_open_tapes", default=())


def recording() -> bool:
    """Whether a tape is open and no compiled step, layer or loss runs."""
    return bool(_open.get()) and scope.active() is None


def opened(tape: Recording) -> None:
    """Let a tape remember what follows; array operators tell it from now on."""
    _open.set((*_open.get(), tape))
    _ArrayOperators.put()


def closed(tape: Recording) -> None:
    """Let a tape remember no more."""
    _open.set(tuple(other for other in _open.get() if other is not tape))
    _ArrayOperators.remove()


@contextmanager
def paused(*tapes: Recording) -> Iterator[None]:
    """Let these tapes, or all when none is named, remember nothing of the `with` block."""
    token = _open.set(tuple(tape for tape in _open.get() if tapes and not any(tape is given for given in tapes)))
    try:
        yield
    finally:
        _open.reset(token)


def remember(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], outputs: Any) -> None:
    """Tell the open tapes of a call that was made."""
    for tape in _open.get():
        tape.calls.append(Call(function, args, kwargs, outputs))


def applied(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Return `function(*args, **kwargs)`, remembered where a tape is open."""
    if not recording():
        return function(*args, **kwargs)
    args, kwargs = tree_util.tree_map(_plain, (args, kwargs))
    with paused():
        outputs = function(*args, **kwargs)
    remember(function, args, kwargs, outputs)
    return outputs


def read(variable: Variable, value: Array) -> Array:
    """Note that a Variable was read; Variables that share one array get arrays of their own."""
    for tape in _open.get():
        if tape.owners.setdefault(id(value), variable) is not variable:
            value = jnp.copy(value)
            variable.store(value)
            tape.owners[id(value)] = variable
        readings = tape.readings.setdefault(id(variable), [])
        if not any(value is known for known in readings):
            readings.append(value)
    return value


def _plain(leaf: Any) -> Any:
    """Return the array that a Variable holds; everything else as it is."""
    return leaf.__jax_array__() if hasattr(leaf, "__jax_array__") and not isinstance(leaf, jax.Array) else leaf


class _ArrayOperators:
    """Arrays' own operators and methods, wrapped while a tape is open anywhere."""

    BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
    METHODS = (
        *("astype", "clip", "dot", "flatten", "max", "mean", "min", "prod", "ravel", "reshape", "squeeze"),
        *("std", "sum", "transpose", "var"),
    )

    lock = threading.Lock()
    users = 0
    originals: dict[str, Any] = {}  # noqa: RUF012  empty unless a tape is open

    @classmethod
    def names(cls) -> list[str]:
        """Return what is wrapped: nothing whose result has no gradient."""
        both = [f"__{side}{name}__" for name in cls.BINARY for side in ("", "r")]
        return [*both, "__neg__", "__pos__", "__abs__", "__getitem__", *cls.METHODS]

    @classmethod
    def put(cls) -> None:
        """Wrap them for one more tape."""
        kind: Any = type(jnp.zeros(()))
        with cls.lock:
            cls.users += 1
            if cls.users == 1:
                cls.originals = {name: getattr(kind, name) for name in cls.names()}
                for name, original in cls.originals.items():
                    setattr(kind, name, _told(name, original))

    @classmethod
    def remove(cls) -> None:
        """Give arrays their own operators back after the last tape."""
        kind: Any = type(jnp.zeros(()))
        with cls.lock:
            cls.users -= 1
            if cls.users == 0:
                for name, original in cls.originals.items():
                    setattr(kind, name, original)


def _told(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return an operator of arrays that tells the open tapes."""

    def again(array: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(array, name)(*args, **kwargs)

    def operator(self: Array, *args: Any, **kwargs: Any) -> Any:
        if not recording():
            return original(self, *args, **kwargs)
        args = tuple(_plain(argument) for argument in args)
        with paused():
            result = original(self, *args, **kwargs)
        if result is not NotImplemented:
            remember(again, (self, *args), kwargs, result)
        return result

    return operator
