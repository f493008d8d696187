"""Configurations that could harm: each changes the configuration of a good model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.attacks.archives import entries, packed

Change = Callable[[dict[str, Any]], Any]


def changed(change: Change) -> bytes:
    content = entries()
    config = json.loads(content["config.json"])
    change(config)
    return packed({**content, "config.json": json.dumps(config).encode()})


def raw(text: str | bytes) -> bytes:
    data = text if isinstance(text, bytes) else text.encode()
    return packed({**entries(), "config.json": data})


def layer(**update: Any) -> Change:
    """Change the form of the first Dense layer."""
    return lambda config: config["config"]["layers"][1].update(update)


def argument(**update: Any) -> Change:
    """Change the arguments of the first Dense layer."""
    return lambda config: config["config"]["layers"][1]["config"].update(update)


def last(**update: Any) -> Change:
    """Change the arguments of the last Dense layer."""
    return lambda config: config["config"]["layers"][3]["config"].update(update)


def form(class_name: str, config: Any, module: str | None = "builtins", registered: str | None = None) -> dict:
    return {"module": module, "class_name": class_name, "config": config, "registered_name": registered}


def _on_constants(config: dict) -> None:
    """A functional model whose Dense layer would run, and draw 10^18 numbers, while it is built."""
    dense = {**config["config"]["layers"][1], "name": "wide"}
    dense["config"] = {**dense["config"], "units": 10**9, "name": "wide"}
    constant = {"class_name": "__numpy__", "config": {"value": [[1.0] * 3], "dtype": "float32"}}
    dense["inbound_nodes"] = [{"args": [constant], "kwargs": {}}]
    dense.pop("build_config", None)
    config.update(module="keras.src.models.functional", class_name="Functional", registered_name="Functional")
    ends = [["wide", 0, 0]]
    config["config"] = {"name": "m", "trainable": True, "layers": [dense], "input_layers": ends, "output_layers": ends}


def _op_on_constants(config: dict) -> None:
    _on_constants(config)
    described = config["config"]["layers"][0]
    described.update(module="keras.src.ops.numpy", class_name="Zeros", config={"shape": [10**6, 10**6]})
    described["inbound_nodes"] = [{"args": [], "kwargs": {}}]


def _nested(depth: int) -> str:
    return '{"class_name": "Sequential", "config": ' + '{"a": ' * depth + "1" + "}" * depth + "}"


CODE = "eval(\"__import__('os').system('true')\")"
CONFIGS = {
    "system as a layer": (lambda: changed(layer(module="os", class_name="system")), "neither ours", "'system'"),
    "module of ours": (lambda: changed(layer(module="ranvier._config", class_name="os")), "neither ours", "'os'"),
    "file helper": (
        lambda: changed(argument(activation=form("function", "get_file", "keras.utils"))), "neither ours", "get_file",
    ),
    "eval as an activation": (
        lambda: changed(argument(activation=form("function", "eval"))), "neither ours", "'eval'",
    ),
    "registered name": (lambda: changed(layer(registered_name="os>system")), "neither ours", "os>system"),
    "class that Keras has": (
        lambda: changed(layer(class_name="TorchModuleWrapper", config={})), "neither ours", "TorchModuleWrapper",
    ),
    "keras internal": (
        lambda: changed(layer(module="keras.src.utils.file_utils", class_name="File")), "neither ours", "'File'",
    ),
    "lambda": (
        lambda: changed(argument(activation={"class_name": "__lambda__", "config": {"value": CODE}})),
        "Python code", "__lambda__",
    ),
    "type spec": (
        lambda: changed(argument(dtype={"class_name": "__typespec__", "config": [], "spec_name": "x", "module": "os"})),
        "Python code", "__typespec__",
    ),
    "Lambda by name": (
        lambda: changed(layer(class_name="Lambda", config={"function": form("function", "system")})),
        "code", "Lambda",
    ),
    "Lambda with bytes": (
        lambda: changed(layer(class_name="Lambda", config={"function": ["4wEAAAA=", None, None]})), "code", "Lambda",
    ),
    "vocabulary file": (lambda: changed(argument(vocabulary="/etc/passwd")), "another file", "/etc/passwd"),
    "asset path": (lambda: changed(argument(filepath="../../x")), "another file", "../../x"),
    "optimizer": (
        lambda: changed(lambda c: c.update(compile_config={"optimizer": form("Popen", {}, "subprocess")})),
        "neither ours", "Popen",
    ),
    "class without a name": (lambda: changed(layer(class_name=3)), "no name", "3"),
    "10^9 units": (lambda: changed(last(units=10**9)), "larger than the byte budget", "shape (4, 1000000000)"),
    "calls a layer": (lambda: changed(_on_constants), "called on constants", "wide"),
    "calls an op": (lambda: changed(_op_on_constants), "called on constants", "inbound_nodes"),
    "unknown argument": (lambda: changed(argument(nonsense=3)), "building", "nonsense"),
    "negative units": (lambda: changed(argument(units=-3)), "building", "config.json"),
    "other units": (lambda: changed(last(units=5)), "another shape", "vars/0"),
    "not finite": (lambda: raw('{"class_name": "Sequential", "config": {"x": NaN}}'), "not finite", "NaN"),
    "infinite": (lambda: raw('{"class_name": "Sequential", "config": {"x": 1e999}}'), "not finite", "1e999"),
    "huge integer": (lambda: raw('{"x": ' + "9" * 5000 + "}"), "too large", "config.json"),
    "repeated key": (lambda: raw('{"class_name": "A", "class_name": "B"}'), "same key twice", "class_name"),
    "nested 300 deep": (lambda: raw(_nested(300)), "too deeply", "config.json"),
    "nested 100,000 deep": (lambda: raw("[" * 100_000), "failed", "config.json"),
    "no JSON": (lambda: raw(b"\xff\xfe"), "failed", "config.json"),
    "no model": (lambda: raw("[1, 2]"), "no model", "config.json"),
    "no configuration": (lambda: raw('{"class_name": "Sequential", "config": "x"}'), "no model", "config.json"),
}  # fmt: skip
