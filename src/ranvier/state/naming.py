"""name_scope: what stands before the names of variables and layers in their paths."""

from __future__ import annotations

import contextvars
from typing import Any

from ranvier._errors import InvalidArgument

__all__ = ["below_scope", "name_scope"]

_active: contextvars.ContextVar[tuple[str, ...]] = contextvars.ContextVar("ranvier_name_scope", default=())


def below_scope(name: str = "") -> str:
    """Return a name with the names of the active scopes before it."""
    return "/".join([*_active.get(), *([name] if name else [])])


class name_scope:
    """Variables that are made inside the `with` block have its name in their paths.

    Args:
        name: a text without `/`.
        kwargs: Keras's `caller` and `deduplicate` are accepted; `override_parent` gives another path to stand below.

    Raises:
        InvalidArgument: another name.

    Example:
        >>> from ranvier import Variable
        >>> with name_scope("tower"):
        ...     print(Variable(1.0, name="scale").path)
        tower/scale
    """

    def __init__(self, name: str, **kwargs: Any) -> None:
        if not isinstance(name, str) or not name or "/" in name:
            raise InvalidArgument(
                "A scope's name is a text without '/', which separates the parts of a path.",
                code="scope-name",
                place="name_scope(name)",
                expected="a text without '/'",
                received=repr(name),
            )
        self.name = name
        self._parent: str | None = kwargs.get("override_parent")
        self._tokens: list[contextvars.Token[tuple[str, ...]]] = []

    def __enter__(self) -> name_scope:
        above = _active.get() if self._parent is None else tuple(filter(None, self._parent.split("/")))
        self._tokens.append(_active.set((*above, self.name)))
        return self

    def __exit__(self, *_: object) -> None:
        _active.reset(self._tokens.pop())
