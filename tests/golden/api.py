"""The public face as text: every name of every public package, with signatures."""

from __future__ import annotations

import enum
import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Iterator
from typing import Any

import ranvier
from ranvier._lookup import constructor_signature

__all__ = ["listing"]

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def listing() -> str:
    """Return one line per public name, sorted by package; methods of classes are indented below them."""
    lines: list[str] = []
    for package in sorted(_packages(), key=lambda module: module.__name__):
        lines.append(f"[{package.__name__}]")
        for name in sorted(package.__all__):
            lines.extend(_described(name, getattr(package, name)))
        lines.append("")
    return "\n".join(lines)


def _packages() -> Iterator[types.ModuleType]:
    yield ranvier
    for name in sorted(ranvier._PACKAGES):
        package = importlib.import_module(f"ranvier.{name}")
        yield package
        for _, inner, is_package in pkgutil.iter_modules(getattr(package, "__path__", [])):
            face = getattr(package, inner, None)
            listed = inner in package.__all__ and isinstance(face, types.ModuleType)
            if listed and (is_package or hasattr(face, "__all__")):
                yield face


def _described(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, types.ModuleType):
        yield f"{name}: module"
    elif isinstance(value, type) and issubclass(value, enum.Enum):
        yield f"{name}: {', '.join(member.name for member in value)}"
    elif isinstance(value, type):
        yield f"{name}{_signature(value)}"
        for method in sorted(_own_names(value)):
            yield f"    {method}{_member(value, method)}"
    elif callable(value):
        yield f"{name}{_signature(value)}"
    else:
        yield f"{name}: {type(value).__name__}"


def _own_names(cls: type) -> set[str]:
    """Return the public attributes that Ranvier's classes define, inherited ones with the base that has them."""
    return {name for name in vars(cls) if not name.startswith("_")}


def _member(cls: type, name: str) -> str:
    raw = inspect.getattr_static(cls, name)
    if isinstance(raw, (property, types.MemberDescriptorType)) or hasattr(raw, "func"):
        return ""
    if isinstance(raw, (staticmethod, classmethod)):
        return f"{_signature(raw.__func__)} {type(raw).__name__}"
    return _signature(raw) if callable(raw) else ""


def _signature(value: Any) -> str:
    """Return names, kinds and defaults of the arguments; annotations are left out: types are checked elsewhere."""
    try:
        signature = constructor_signature(value) if isinstance(value, type) else inspect.signature(value)
    except (TypeError, ValueError):
        return "(...)"
    plain = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    text = str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return _ADDRESS.sub("", text)
