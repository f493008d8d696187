"""What a configuration in a file may name, checked before anything is built from it.

Classes and functions of our own packages and the caller's custom objects; no code, no paths, no calls on constants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ranvier import _lookup, activations, constraints, initializers, layers, losses, metrics, optimizers, regularizers
from ranvier._config import configuration
from ranvier._errors import FileRefused
from ranvier.layers.branches import CustomScaleLayer, LayerScale
from ranvier.saving.audit import refuse
from ranvier.saving.objects import CustomObjectScope
from ranvier.state.dtype_policy import DTypePolicy, DTypePolicyMap

__all__ = ["VALUES", "Table", "audit_config", "custom_object", "known_names", "named"]

Table = Mapping[str, Any]

_PACKAGES = (layers, metrics, losses, optimizers, initializers, regularizers, constraints, activations)
_BY_MODULE = {package.__name__.replace("ranvier", "keras"): package for package in _PACKAGES}
_LOOKUPS = frozenset({"deserialize", "get", "serialize"})
VALUES = frozenset({"__keras_tensor__", "__numpy__", "__tensor__", "__bytes__", "__ellipsis__", "__slice__"})
_OPERATIONS = ("keras.src.ops.", "keras.src.activations.")
_CODE = frozenset({"__lambda__", "__typespec__"})
_PATHS = frozenset(
    {"directory", "file", "file_path", "filename", "filepath", "idf_weights", "log_dir", "path", "vocabulary"}
)


def known_names(models: Table) -> dict[str, Any]:
    """Return every class and function that a file may name without custom objects.

    Args:
        models: the model classes, which stand above this package.
    """
    known: dict[str, Any] = {"DTypePolicy": DTypePolicy, "DTypePolicyMap": DTypePolicyMap}
    # Inside a FeatureSpace, Keras has layers of its own that do the same.
    known |= {"TFDConcat": layers.Concatenate, "TFDIdentity": layers.Identity}
    known |= {"CustomScaleLayer": CustomScaleLayer, "LayerScale": LayerScale}  # of ready networks
    for package in reversed(_PACKAGES):  # of two with one name, a layer before anything else
        known.update((name, getattr(package, name)) for name in package.__all__ if name not in _LOOKUPS)
    schedules = getattr(optimizers, "schedules", None)
    known.update((name, getattr(schedules, name)) for name in getattr(schedules, "__all__", ()))
    return {**known, **models}


def named(node: Mapping[str, Any], known: Table) -> Any:
    """Return what a node names: by its module where packages share a name, else by the name alone.

    Raises:
        InvalidArgument: nothing has that name.
    """
    name = node["config"] if node["class_name"] == "function" else node["class_name"]
    package = _BY_MODULE.get(str(node.get("module")))
    if package is not None and name in package.__all__ and name not in _LOOKUPS:
        return getattr(package, name)
    return _lookup.find(name, "class or function", known)


def audit_config(config: Any, known: Table, place: str, custom_objects: Table | None = None) -> None:
    """Refuse a configuration that names what is not ours, brings code, or points to a file.

    Raises:
        FileRefused: with the path inside the configuration.
    """
    with CustomObjectScope(custom_objects):
        _audit_nodes(config, known, place)


def _audit_nodes(config: Any, known: Table, place: str) -> None:
    for path, node in _nodes(config):
        where = f"{place}: {path}"
        name, inner = node.get("class_name"), node.get("config")
        if not isinstance(name, str):
            raise refuse("a class has no name", code="config-class-name", place=where, received=repr(name))
        if name in VALUES or ("config" not in node and "registered_name" not in node):
            continue
        if name in _CODE:
            raise _code_refused(where, name)
        _audit_calls(node, where)
        if str(node.get("module")).startswith(_OPERATIONS):
            continue
        custom = custom_object(node)
        if custom is None:
            _audit_known(node, name, inner, known, where)
        if name == "Lambda" and custom is None:
            _audit_lambda(inner, where)


def _audit_calls(node: Mapping[str, Any], where: str) -> None:
    """Refuse a call on constants: it would run, and allocate, while the model is being built."""
    for number, call in enumerate(node.get("inbound_nodes") or ()):
        if not isinstance(call, (list, Mapping)):
            raise refuse("a call is not one", code="config-call", place=f"{where}.inbound_nodes[{number}]")
        symbolic = isinstance(call, list) or any(kind["class_name"] == "__keras_tensor__" for _, kind in _nodes(call))
        if not symbolic or not call:
            raise refuse(
                "a layer is called on constants",
                code="config-call",
                place=f"{where}.inbound_nodes[{number}]",
                expected="a symbolic tensor among the arguments",
            )


def _audit_known(node: Mapping[str, Any], name: str, inner: Any, known: Table, where: str) -> None:
    wanted = inner if name == "function" else name
    module = node.get("module")
    outside = isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins")
    plain_name = node.get("registered_name") in (None, name, wanted)
    if outside or not plain_name or not isinstance(wanted, str) or not _is_known(wanted, known):
        raise refuse(
            "it names something that is neither ours nor among the custom objects",
            code="config-unknown-name",
            place=where,
            expected="a public name of ranvier, or a custom object",
            received=f"{wanted!r} (module {module!r}, registered as {node.get('registered_name')!r})",
            fix=f"pass custom_objects={{{str(wanted)!r}: ...}} if you have the class or function",
        )
    for key, value in inner.items() if isinstance(inner, Mapping) else ():
        if key in _PATHS and isinstance(value, str):
            raise refuse(
                "it points to another file, and a model file is never a reason to open one",
                code="config-path",
                place=f"{where}.config.{key}",
                expected="the values themselves",
                received=repr(value),
            )


def _is_known(name: str, known: Table) -> bool:
    return name in known or any(_lookup.snake_case(entry) == name for entry in known)


def custom_object(node: Mapping[str, Any]) -> Any:
    """Return the custom object that a node names, or None."""
    function = node.get("class_name") == "function"
    names = [node.get("config") if function else node.get("registered_name"), node.get("class_name")]
    for name in names:
        if isinstance(name, str):
            for key in (name, name.split(">")[-1]):
                if key in configuration.custom_objects and key != "function":
                    return configuration.custom_objects[key]
    return None


def _audit_lambda(config: Any, where: str) -> None:
    for key in ("function", "output_shape", "mask"):
        value = config.get(key) if isinstance(config, Mapping) else None
        given = (
            isinstance(value, Mapping) and value.get("class_name") == "function" and custom_object(value) is not None
        )
        if not given and (key == "function" or isinstance(value, Mapping)):
            raise _code_refused(f"{where}.config.{key}", "Lambda")


def _code_refused(where: str, name: str) -> FileRefused:
    return refuse(
        "it brings Python code, which is never read from a file",
        code="config-code",
        place=where,
        expected="classes and functions by name",
        received=name,
        fix="pass the function in custom_objects under the name that the file gives it, or use a layer class",
    )


def _nodes(config: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every dict with a `class_name`, with its path."""
    waiting: list[tuple[str, Any]] = [("config", config)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, Mapping):
            if "class_name" in value:
                inner = value.get("config")
                name = repr(inner["name"]) if isinstance(inner, Mapping) and isinstance(inner.get("name"), str) else ""
                yield f"{path} ({value['class_name']} {name}".rstrip() + ")", value
            waiting += [(f"{path}.{key}", item) for key, item in value.items()]
        elif isinstance(value, (list, tuple)):
            waiting += [(f"{path}[{index}]", item) for index, item in enumerate(value)]
