"""What is left out of Keras on purpose says so, with its reason and a way, wherever it is asked for."""

from __future__ import annotations

import importlib
import json
import pathlib
from typing import Any

import pytest

import ranvier
from ranvier._absent import ABSENT, METHODS, AbsentName, absence

NAMES = json.loads((pathlib.Path(__file__).parents[1] / "oracle" / "keras_names.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("ranvier", "Quantizer"),
        ("ranvier", "quantizers"),
        ("ranvier", "distillation"),
        ("ranvier", "export"),
        ("ranvier.distribution", "DataParallel"),
        ("ranvier.dtype_policies", "Int4DTypePolicy"),
        ("ranvier.layers", "FlaxLayer"),
        ("ranvier.layers", "TFSMLayer"),
        ("ranvier.layers", "TorchModuleWrapper"),
        ("ranvier.saving", "KerasFileEditor"),
        ("ranvier.utils", "legacy"),
    ],
)
def test_a_module_says_why_a_name_is_not_there(module: str, name: str) -> None:
    why = absence(f"{module}.{name}".replace("ranvier", "keras"))
    assert why is not None
    with pytest.raises(AbsentName) as caught:
        getattr(importlib.import_module(module), name)
    assert why.reason in caught.value.message and caught.value.place == f"{module}.{name}"
    assert caught.value.fix == why.example.replace("`", "")


@pytest.mark.parametrize("module", ["ranvier", *(f"ranvier.{name}" for name in ("dtype_policies", "layers", "utils"))])
def test_any_other_name_is_an_attribute_error_as_ever(module: str) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Nonsense'") as caught:
        _ = importlib.import_module(module).Nonsense
    assert not isinstance(caught.value, AbsentName)


@pytest.mark.parametrize("path", sorted(METHODS))
def test_an_object_says_it_of_its_methods(path: str) -> None:
    owner, _, name = path.partition(".")
    assert f"keras.{path}" in NAMES["names"]
    thing: Any = ranvier.Sequential([ranvier.layers.Dense(1)]) if owner == "Model" else ranvier.layers.Dense(1)
    with pytest.raises(AbsentName, match=f"There is no ranvier.{path}"):
        getattr(thing, name)
    assert not hasattr(thing, name) and name not in dir(thing)


def test_what_a_users_class_has_or_misses_is_its_own() -> None:
    class Exporting(ranvier.Model):
        def __init__(self) -> None:
            super().__init__()
            self.quantize = 8

        def export(self) -> str:
            return "mine"

        @property
        def broken(self) -> Any:
            raise AttributeError("a property's own words")

    model = Exporting()
    assert model.export() == "mine" and model.quantize == 8
    with pytest.raises(AttributeError, match="a property's own words"):
        model.broken  # noqa: B018
    with pytest.raises(AttributeError, match="'Exporting' object has no attribute 'quantizer'"):
        model.quantizer  # noqa: B018
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'export'"):
        ranvier.layers.Dense(1).export  # noqa: B018


def test_every_pattern_names_something_of_keras() -> None:
    assert [pattern for pattern in ABSENT if not any(absence(path) is ABSENT[pattern] for path in NAMES["names"])] == []
