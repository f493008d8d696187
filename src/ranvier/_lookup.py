"""Names to objects: membership in a package's `__all__`, an alias table, and the user's custom objects.

Also the reverse: an object's constructor arguments as plain data. Nothing here imports a module by a name
that came from outside.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from ranvier._config import configuration, custom_object_scope
from ranvier._errors import InvalidArgument, WrongType

__all__ = [
    "Configurable",
    "auto_name",
    "constructor_signature",
    "find",
    "get",
    "identify",
    "plain",
    "registered_name",
    "reset_names",
    "signature_arguments",
    "snake_case",
]

C = TypeVar("C", bound="Configurable")


def snake_case(name: str) -> str:
    """Return `GlorotUniform` as `glorot_uniform` and `PReLU` as `p_re_lu`, as Keras names layers."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


_auto_numbers: dict[str, int] = {}


def auto_name(cls: type | str) -> str:
    """Return the display name that Keras would give: `dense`, `dense_1`, ... over the whole process."""
    base = snake_case(cls if isinstance(cls, str) else cls.__name__)
    return numbered(base, _auto_numbers)


def numbered(name: str, counts: dict[str, int]) -> str:
    """Return a name, with `_n` behind it from its second use on, and count the use."""
    number = counts.get(name, 0)
    counts[name] = number + 1
    return f"{name}_{number}" if number else name


def reset_names() -> None:
    """Number display names from the start again."""
    _auto_numbers.clear()


def signature_arguments(cls: type) -> list[str]:
    """Return the names of the arguments of `cls.__init__`, its bases' included where it passes `**kwargs` on."""
    names: list[str] = []
    for klass in cls.__mro__:
        if "__init__" not in vars(klass):
            continue
        parameters = inspect.signature(vars(klass)["__init__"]).parameters.values()
        names += [
            p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY) and p.name != "self"
        ]
        if not any(p.kind is p.VAR_KEYWORD for p in parameters):
            break
    return list(dict.fromkeys(names))


def constructor_signature(cls: type) -> inspect.Signature:
    """Return the signature of `cls(...)`: that of `__new__` or `__init__`, whichever class nearest to it has one.

    So does `inspect.signature` of Python 3.11.7; that of 3.11.2 shows a `__new__` of any base first.
    """
    if isinstance(shown := getattr(cls, "__signature__", None), inspect.Signature):
        return shown
    for base in cls.__mro__[:-1]:
        for name in ("__new__", "__init__"):
            if name in vars(base):
                return inspect.Signature(list(inspect.signature(getattr(cls, name)).parameters.values())[1:])
    return inspect.signature(cls)


class Configurable:
    """Something that is rebuilt from its constructor's arguments, stored under their own names."""

    keras_module: ClassVar[str | None] = None
    """The public Keras module of the class (`keras.layers`); None for a user's class."""

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain data."""
        return {name: plain(getattr(self, name)) for name in signature_arguments(type(self)) if hasattr(self, name)}

    @classmethod
    def from_config(cls: type[C], config: Mapping[str, Any]) -> C:
        """Build an equal object from `get_config()`'s result."""
        return cls(**config)


def registered_name(item: Any) -> str:
    """Return `package>name` where a class or function is registered, else its own name."""
    found = (name for name, known in configuration.custom_objects.items() if known is item and ">" in name)
    return str(next(found, item.__name__))


def identify(obj: Any) -> dict[str, Any]:
    """Return Keras 3's serialized form: module, class_name, config, registered_name."""
    if inspect.isfunction(obj) or inspect.isbuiltin(obj):
        name = registered_name(obj)
        return {"module": "builtins", "class_name": "function", "config": name, "registered_name": "function"}
    cls = type(obj)
    module = getattr(cls, "keras_module", None) if cls.__module__.startswith("ranvier.") else None
    registered = None if module else registered_name(cls)
    return {
        "module": module,
        "class_name": vars(cls).get("public_name", cls.__name__),
        "config": obj.get_config(),
        "registered_name": registered,
    }


def plain(value: Any) -> Any:
    """Return a constructor argument as JSON-ready data: objects by `identify`, arrays as nested lists."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if hasattr(value, "get_config") and not inspect.isclass(value):  # a map of policies is a Mapping too
        return identify(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value) if type(value) in (list, tuple) else [*map(plain, value)]
    if inspect.isfunction(value) or inspect.isbuiltin(value):
        module = getattr(value, "__module__", "") or ""
        return value.__name__ if module.startswith("ranvier.") else identify(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise WrongType(
        f"A {type(value).__name__} cannot be written into a configuration.",
        code="config-not-plain",
        expected="numbers, strings, lists, dicts, arrays, or objects with get_config()",
        received=repr(value)[:200],
        fix="override get_config() and from_config() of the class that takes it",
    )


def find(name: str, kind: str, table: Mapping[str, Any], aliases: Mapping[str, str] | None = None) -> Any:
    """Return what `name` means: a custom object, a member of `table`, or an alias of one.

    Raises:
        InvalidArgument: nothing has that name; the error lists near names.
    """
    custom = configuration.custom_objects
    short = name.split(">")[-1]
    for key in (name, short):
        if key in custom:
            return custom[key]
    if short in table:
        return table[short]
    known = {snake_case(entry): entry for entry in table} | {entry.lower(): entry for entry in table}
    target = (aliases or {}).get(short, known.get(short))
    if target is not None and target in table:
        return table[target]
    raise InvalidArgument(
        f"There is no {kind} named {name!r}.",
        code=f"unknown-{kind.replace(' ', '-')}",
        expected=f"one of {', '.join(sorted(table))}",
        received=repr(name),
        fix=f"correct the name, or pass the object itself, or custom_objects={{{short!r}: ...}}",
    )


def get(
    identifier: Any,
    kind: str,
    table: Mapping[str, Any],
    aliases: Mapping[str, str] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
) -> Any:
    """Return an object of `kind` for a name, a configuration, a class, or the object itself.

    Args:
        identifier: None, a name, `{"class_name": ..., "config": ...}`, a class (instantiated), or a ready object.
        kind: what is looked for, in words, for the error message.
        table: public names to classes or functions.
        aliases: other spellings to names of `table`.
        custom_objects: the caller's own names, for this lookup only.
    """
    if custom_objects:
        with custom_object_scope(custom_objects):
            return get(identifier, kind, table, aliases)
    if identifier is None:
        return None
    if isinstance(identifier, str):
        found = find(identifier, kind, table, aliases)
        return found() if inspect.isclass(found) else found
    if isinstance(identifier, Mapping):
        return _from_mapping(identifier, kind, table, aliases)
    if inspect.isclass(identifier):
        return identifier()
    if callable(identifier) or hasattr(identifier, "get_config"):
        return identifier
    raise WrongType(
        f"This is not a {kind}.",
        code=f"not-a-{kind.replace(' ', '-')}",
        expected="a name, a configuration dict, or an object",
        received=f"{type(identifier).__name__}: {identifier!r}"[:200],
        fix=f"pass one of {', '.join(sorted(table))}",
    )


def _from_mapping(
    config: Mapping[str, Any], kind: str, table: Mapping[str, Any], aliases: Mapping[str, str] | None
) -> Any:
    """Rebuild an object from Keras's serialized form."""
    name = config.get("registered_name") or config.get("class_name")
    if config.get("class_name") == "function":
        name = config["config"]
    if not isinstance(name, str):
        raise InvalidArgument(
            f"This configuration names no {kind}.",
            code="config-without-name",
            expected='{"class_name": ..., "config": ...}',
            received=repr(dict(config))[:200],
        )
    if config.get("class_name") != "function" and name not in configuration.custom_objects:
        name = str(config["class_name"]) if ">" not in name else name
    found: Callable[..., Any] = find(name, kind, table, aliases)
    if not inspect.isclass(found):
        return found
    arguments = config.get("config") or {}
    return found.from_config(arguments) if hasattr(found, "from_config") else found(**arguments)
