"""The Scope: what a pure step sees instead of global state.

While a function of the engine runs, one context variable holds the values of every Variable, collects what is
assigned, and carries `training`, the step's key, added losses and masks.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax

from ranvier._typing import Array
from ranvier.state import rng, threefry

if TYPE_CHECKING:
    from ranvier.state.decoding import Decoding
    from ranvier.state.variable import Variable

__all__ = ["Scope", "active", "entered", "next_key"]


@dataclass
class Scope:
    """One pass over a pure function.

    Attributes:
        values: current value of each bound variable, by the variable's identity.
        key: the key from which random draws derive; None means the global stream.
        training: None until somebody says so.
        paths: structural path of each layer, by identity; unknown layers use their names.
    """

    values: dict[int, Array] = field(default_factory=dict)
    key: Array | None = None
    training: bool | None = None
    paths: dict[int, str] = field(default_factory=dict)
    abstract: bool = False
    """True while only shapes are wanted: unbound variables read as zeros and nothing is initialized."""
    closed: bool = False
    """True where assignments stay in the scope, those of unbound variables too."""
    written: dict[int, Variable] = field(default_factory=dict)
    losses: list[Array] = field(default_factory=list)
    masks: dict[int, tuple[Any, Any]] = field(default_factory=dict)
    draws: dict[str, int] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    compute_dtypes: list[str | None] = field(default_factory=list)
    trainable: Mapping[int, bool] | None = None
    """The layers' `trainable` as captured at `compile`, by identity; None asks the layers themselves."""
    observer: Callable[[Any, str, Any], None] | None = None
    """Told `(operation, path, outputs)` after each layer, and each function of a graph: a look inside."""
    tapes: Any = None
    """The recorder of gradient tapes while a user's own training step runs (`engine/tape.py`)."""
    decoding: Decoding | None = None
    """What attention keeps while a sequence is continued token by token (`state/decoding.py`)."""

    def read(self, variable: Variable) -> Array | None:
        """Return the value that this pass sees, or None when the variable is not bound here."""
        return self.values.get(id(variable))

    def takes(self, variable: Variable) -> bool:
        """Whether an assignment of a known value stays in this pass."""
        return self.closed or id(variable) in self.values

    def write(self, variable: Variable, value: Array) -> None:
        """Record an assignment; later reads of this pass see it."""
        self.values[id(variable)] = value
        self.written[id(variable)] = variable

    def next_key(self) -> Array:
        """Return the key of the next draw at the current place: equal paths and counts give equal draws."""
        if self.key is None:
            return rng.global_key()
        place = "/".join(self.trail)
        number = self.draws.get(place, 0)
        self.draws[place] = number + 1
        key = threefry.fold_in(self.key, rng.stable_hash(place))
        return threefry.fold_in(key, number)

    def named(self) -> AbstractContextManager[Any]:
        """Return a context in which profiles name what is traced by the layer that runs, inside those around it."""
        around = f"{self.trail[-2]}/" if len(self.trail) > 1 and self.trail[-2] else ""
        name = self.trail[-1].removeprefix(around)
        return jax.named_scope(name) if name else nullcontext()

    @property
    def compute_dtype(self) -> str | None:
        """The float type that variables are cast to, or None for no cast."""
        return self.compute_dtypes[-1] if self.compute_dtypes else None


_active: contextvars.ContextVar[Scope | None] = contextvars.ContextVar("ranvier_scope", default=None)


def active() -> Scope | None:
    """Return the Scope of the running pass, or None outside of one."""
    return _active.get()


@contextmanager
def entered(scope: Scope) -> Iterator[Scope]:
    """Make `scope` the active one inside the `with` block."""
    token = _active.set(scope)
    try:
        yield scope
    finally:
        _active.reset(token)


def next_key() -> Array:
    """Return the next key: the running pass's, or the global stream's outside of one."""
    scope = _active.get()
    return rng.global_key() if scope is None else scope.next_key()
