from __future__ import annotations

import pytest

from ranvier import initializers, layers, losses, metrics
from ranvier._config import configuration
from ranvier._errors import FileRefused, InvalidArgument, WrongType
from ranvier.saving import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)


@pytest.fixture(autouse=True)
def clean_names(monkeypatch):
    monkeypatch.setattr(configuration, "custom_objects", {})


def test_registration():
    @register_keras_serializable("mine", name="other")
    def function(x):
        return x

    assert get_registered_name(function) == "mine>other"
    assert get_registered_object("mine>other") is function
    assert get_custom_objects() == {"mine>other": function}
    assert get_registered_name(len) == "len"
    assert get_registered_object("none") is None
    assert get_registered_object("len", custom_objects={"len": len}) is len


def test_class_without_configuration():
    with pytest.raises(InvalidArgument, match="get_config"):

        @register_keras_serializable()
        class Bare:
            pass


def test_scope_ends():
    with custom_object_scope({"a": 1}), CustomObjectScope({"b": 2}):
        assert get_custom_objects() == {"a": 1, "b": 2}
    assert get_custom_objects() == {}


@pytest.mark.parametrize(
    "value",
    [None, 3, "text", [1, {"a": [2.5]}], b"bytes", slice(1, None, 2), Ellipsis],
    ids=repr,
)
def test_values_come_back(value):
    assert deserialize_keras_object(serialize_keras_object(value)) == value


def test_objects_come_back():
    form = serialize_keras_object({"layers": [layers.Dense(3, activation="relu", name="d")]})
    assert form["layers"][0]["module"] == "keras.layers"
    (layer,) = deserialize_keras_object(form)["layers"]
    assert isinstance(layer, layers.Dense) and layer.units == 3 and layer.name == "d"


def test_what_has_no_name():
    with pytest.raises(WrongType, match="lambda"):
        serialize_keras_object(lambda x: x)
    with pytest.raises(FileRefused, match="neither ours"):
        deserialize_keras_object({"module": "os", "class_name": "system", "config": {}, "registered_name": None})


def test_names_that_two_packages_have():
    for item in (layers.Identity(), initializers.Identity(), losses.MeanSquaredError(), metrics.MeanSquaredError()):
        assert type(deserialize_keras_object(serialize_keras_object(item))) is type(item)
