"""Records every public name of Keras 3 with its parameters and their defaults.

Run with a Python that has Keras: `python scripts/record_oracles/names.py`.
Writes tests/oracle/keras_names.json, from which scripts/write_parity.py makes docs/reference/keras_parity.md.
"""

import inspect
import json
import os
import pathlib
from types import ModuleType
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import keras

ROOT = pathlib.Path(__file__).parents[2]
CLASSES = {
    *("keras.Model", "keras.Layer", "keras.Optimizer", "keras.Loss", "keras.Metric"),
    *("keras.Variable", "keras.callbacks.Callback", "keras.random.SeedGenerator", "keras.utils.PyDataset"),
}
"""Classes whose public methods and attributes are listed too: people call and override them."""
LEFT_OUT = {"keras.legacy", "keras.src", "keras.ops.linalg", "keras.ops.nn", "keras.ops.numpy"}


def described(value: Any) -> dict[str, Any]:
    """Return the kind of a thing, and its parameters where it can be called."""
    kind = "class" if inspect.isclass(value) else "function" if callable(value) else "value"
    try:
        parameters = list(inspect.signature(value).parameters.values())
    except (TypeError, ValueError):
        return {"kind": kind}
    return {"kind": kind, "parameters": [[p.name, p.kind.name, shown(p)] for p in parameters if p.name != "self"]}


def shown(parameter: inspect.Parameter) -> str | None:
    """Return a default as text, None where there is none."""
    default = parameter.default
    if default is inspect.Parameter.empty:
        return None
    return default.__name__ if inspect.isclass(default) or inspect.isfunction(default) else repr(default)


def walk(module: ModuleType, name: str, found: dict[str, Any]) -> None:
    """Collect the names of a module and of those below it."""
    for attribute in sorted(dir(module)):
        path, value = f"{name}.{attribute}", getattr(module, attribute)
        if attribute.startswith("_") or path in LEFT_OUT:
            continue
        if isinstance(value, ModuleType):
            walk(value, path, found)
            continue
        found[path] = described(value)
        if path in CLASSES:
            above = dir(keras.Layer) if path == "keras.Model" else ()  # what every layer has stands there
            members = [member for member in sorted(dir(value)) if not member.startswith("_") and member not in above]
            found.update((f"{path}.{member}", described(inspect.getattr_static(value, member))) for member in members)


def main() -> None:
    """Write the list."""
    found: dict[str, Any] = {}
    walk(keras, "keras", found)
    document = {"keras": keras.__version__, "names": found}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in found.items())
    head = json.dumps({"keras": document["keras"]})[:-1]
    (ROOT / "tests" / "oracle" / "keras_names.json").write_text(f'{head},\n "names": {{\n{lines}\n }}\n}}\n')


if __name__ == "__main__":
    main()
