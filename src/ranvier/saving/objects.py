"""A user's own classes and functions under names that files can hold, registered in this process only."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, TypeVar

from ranvier._config import configuration
from ranvier._errors import InvalidArgument
from ranvier._lookup import registered_name

__all__ = [
    "CustomObjectScope",
    "custom_object_scope",
    "get_custom_objects",
    "get_registered_name",
    "get_registered_object",
    "register_keras_serializable",
]

T = TypeVar("T", bound=Callable[..., Any])


class CustomObjectScope:
    """Make the given names known to loading and to every lookup by string inside the `with` block.

    Args:
        custom_objects: names to classes or functions.

    Example:
        >>> def twice(x):
        ...     return 2 * x
        >>> with CustomObjectScope({"twice": twice}):
        ...     get_registered_object("twice") is twice
        True
    """

    def __init__(self, custom_objects: Mapping[str, Any] | None) -> None:
        self.custom_objects = dict(custom_objects or {})
        self._before: dict[str, Any] = {}

    def __enter__(self) -> CustomObjectScope:
        self._before = configuration.custom_objects
        configuration.custom_objects = {**self._before, **self.custom_objects}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        configuration.custom_objects = self._before


custom_object_scope = CustomObjectScope


def get_custom_objects() -> dict[str, Any]:
    """Return the dictionary of registered names itself, so that it can be changed."""
    return configuration.custom_objects


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable[[T], T]:
    """Return a decorator that registers a class or function as `package>name` for saving and loading.

    Args:
        package: the first part of the name in files.
        name: the second part; the object's own name when None.

    Raises:
        InvalidArgument: a class without `get_config`.

    Example:
        >>> @register_keras_serializable("docs")
        ... def halved(x):
        ...     return x / 2
        >>> get_registered_name(halved)
        'docs>halved'
    """

    def register(item: T) -> T:
        if inspect.isclass(item) and not hasattr(item, "get_config"):
            raise InvalidArgument(
                "A class that is saved needs a get_config() method.",
                code="register-without-config",
                place=item.__name__,
                fix="define get_config(self), returning the constructor's arguments",
            )
        configuration.custom_objects[f"{package}>{name or item.__name__}"] = item
        return item

    return register


def get_registered_name(obj: Any) -> str:
    """Return the name under which a class or function is registered, else its own name."""
    return registered_name(obj)


def get_registered_object(
    name: str, custom_objects: Mapping[str, Any] | None = None, module_objects: Mapping[str, Any] | None = None
) -> Any:
    """Return what is registered under a name, else what the given tables have, else None."""
    for table in (configuration.custom_objects, custom_objects or {}, module_objects or {}):
        if name in table:
            return table[name]
    return None
