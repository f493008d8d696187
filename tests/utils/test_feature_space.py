"""FeatureSpace: Keras's numbers on a small table, both ways of use, files both ways, and what it refuses."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import ranvier as keras
from ranvier import layers, models
from ranvier._errors import InvalidArgument, NotReady, WrongType
from ranvier.compat.tensorflow.data import Dataset
from ranvier.utils import FeatureSpace
from tests.utils.feature_cases import SPACES, TABLE, UNSEEN, space

ORACLE = pathlib.Path(__file__).parents[1] / "oracle"
RECORDED = json.loads((ORACLE / "feature_space.json").read_text())
SINGLE = {name: values[0] for name, values in UNSEEN.items()}


def batches(size: int = 3) -> Iterator[dict[str, Any]]:
    for begin in range(0, 4, size):
        yield {name: np.asarray(values[begin : begin + size]) for name, values in TABLE.items()}


@pytest.fixture(scope="module")
def spaces() -> dict[str, Any]:
    made = {name: space(FeatureSpace, name) for name in SPACES}
    for one in made.values():
        one.adapt(batches())
    return made


def as_recorded(found: Any, expected: Any) -> None:
    if isinstance(found, dict):
        assert set(found) == set(expected)
        for name, value in found.items():
            as_recorded(value, expected[name])
        return
    assert str(found.dtype) == expected["dtype"] and found.shape == np.shape(expected["values"])
    np.testing.assert_allclose(found, expected["values"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", SPACES)
def test_as_keras(name: str, spaces: dict[str, Any]) -> None:
    for part, data in (("seen", TABLE), ("unseen", UNSEEN), ("single", SINGLE)):
        as_recorded(spaces[name](data), RECORDED["spaces"][name][part])


def test_a_file_of_keras_is_read() -> None:
    read = models.load_model(ORACLE / "files/feature_space.keras")
    as_recorded(read(UNSEEN), RECORDED["spaces"]["vector"]["unseen"])


@pytest.mark.slow
def test_a_model_of_keras_that_begins_with_a_space_is_read() -> None:
    known = RECORDED["spaces"]["vector"]
    model = models.load_model(ORACLE / "files/feature_space_model.keras")
    np.testing.assert_allclose(model.predict(UNSEEN, verbose=0), known["scores"], rtol=1e-5, atol=1e-6)


def test_a_space_is_saved_whole(tmp_path: pathlib.Path) -> None:
    one = FeatureSpace({"age": "float_normalized", "job": "string_categorical", "dose": "float_discretized"})
    one.adapt(TABLE)
    one.save(tmp_path / "space.keras")
    twin = models.load_model(tmp_path / "space.keras")
    np.testing.assert_array_equal(twin(UNSEEN), one(UNSEEN))
    assert twin.get_config() == one.get_config()


@pytest.mark.slow
def test_a_model_that_begins_with_a_space_is_trained_and_saved(spaces: dict[str, Any], tmp_path: pathlib.Path) -> None:
    one = spaces["vector"]
    encoded, inputs = one.get_encoded_features(), one.get_inputs()
    score = layers.Dense(1, activation="sigmoid")(encoded)
    trained, whole = keras.Model(encoded, score), keras.Model(inputs, score)
    trained.compile("sgd", "binary_crossentropy")
    pairs = Dataset.from_tensor_slices((TABLE, [0.0, 1.0, 1.0, 0.0])).batch(2)
    trained.fit(pairs.map(lambda x, y: (one(x), y)), verbose=0)
    whole.save(tmp_path / "model.keras")
    read = models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(read.predict(UNSEEN, verbose=0), trained.predict(one(UNSEEN), verbose=0))


def test_a_data_set_is_mapped_row_by_row_and_in_batches(spaces: dict[str, Any]) -> None:
    data, one = Dataset.from_tensor_slices(UNSEEN), spaces["vector"]
    wanted = np.asarray(one(UNSEEN))
    np.testing.assert_allclose(list(data.map(one).as_numpy_iterator()), wanted, rtol=1e-6)
    (batch,) = data.batch(4).map(one).as_numpy_iterator()
    np.testing.assert_array_equal(batch, wanted)


PORTIONS = {"dict": TABLE, "list": list(batches(2)), "rows": Dataset.from_tensor_slices(TABLE)}


@pytest.mark.parametrize("data", PORTIONS.values(), ids=PORTIONS)
def test_what_it_is_adapted_to_may_come_in_any_portions(data: Any, spaces: dict[str, Any]) -> None:
    made = FeatureSpace({"age": "float_normalized", "job": FeatureSpace.string_categorical(num_oov_indices=2)})
    made.adapt(data)
    np.testing.assert_allclose(made(UNSEEN)[:, 0], spaces["vector"](UNSEEN)[:, 0], rtol=1e-6)
    assert made.preprocessors["job"].get_vocabulary() == spaces["vector"].preprocessors["job"].get_vocabulary()


def test_layers_of_ones_own_choice_and_given_vocabularies_and_ranges() -> None:
    words = layers.TextVectorization(output_mode="tf_idf", vocabulary=["red", "blue"], idf_weights=[1, 1])
    given = layers.StringLookup(vocabulary=["b", "a"])
    kinds = {
        "said": FeatureSpace.feature("string", words, "float"),
        "code": FeatureSpace.feature("string", given, "one_hot"),
        "size": FeatureSpace.float_discretized(None, bin_boundaries=[1.0, 2.0]),
    }
    made = FeatureSpace(kinds)  # nothing to adapt
    table = {"said": ["red red", "blue green"], "code": ["a", "z"], "size": [0.5, 2.0]}
    assert made(table).tolist() == [[0, 0, 1, 0, 2, 0, 1, 0, 0], [1, 0, 0, 1, 0, 1, 0, 0, 1]]
    read = FeatureSpace.from_config(json.loads(json.dumps(made.get_config())))
    np.testing.assert_array_equal(read(table), made(table))


def test_it_is_adapted_before_it_is_used(tmp_path: pathlib.Path) -> None:
    made = FeatureSpace({"age": "float_normalized"})
    uses = (lambda: made(TABLE), made.get_inputs, made.get_encoded_features, lambda: made.save(tmp_path / "s.keras"))
    for use in uses:
        with pytest.raises(NotReady, match="age"):
            use()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({"features": {}}, "features"),
        ({"features": {"a": "number"}}, "float_normalized"),
        ({"features": {"a": "float"}, "output_mode": "list"}, "'concat' or 'dict'"),
        ({"features": {"a": "float"}, "crosses": [("a", "b")]}, "crosses"),
        ({"features": {"a": "integer_hashed", "b": "integer_hashed"}, "crosses": [("a", "b")], "crossing_dim": 0}, "0"),
    ],
)
def test_arguments_that_do_not_fit(arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidArgument, match=named):
        FeatureSpace(**arguments)


def test_features_that_do_not_fit() -> None:
    with pytest.raises(InvalidArgument, match="output_mode"):
        FeatureSpace.integer_hashed(3, output_mode="vector")
    with pytest.raises(InvalidArgument, match="output_mode"):
        FeatureSpace.cross(("a", "b"), 3, output_mode="float")
    with pytest.raises(WrongType, match="a layer"):
        FeatureSpace.feature("float32", abs, "float")
    with pytest.raises(InvalidArgument, match="output_mode='dict'"):
        FeatureSpace({"a": FeatureSpace.integer_hashed(3, output_mode="int")}).get_encoded_features()
    with pytest.raises(InvalidArgument, match="Identity, which gives float32"):
        FeatureSpace({"a": FeatureSpace.feature("float32", layers.Identity(), "one_hot")}).get_encoded_features()


def test_data_that_does_not_fit(spaces: dict[str, Any]) -> None:
    made = FeatureSpace({"age": "float_normalized"})
    with pytest.raises(WrongType, match="drop the targets"):
        made.adapt([(TABLE, [1, 2, 3, 4])])
    with pytest.raises(InvalidArgument, match="no column 'age'"):
        made.adapt({"Age": [1.0]})
    with pytest.raises(WrongType, match="list"):
        spaces["vector"]([1.0, 2.0])
    with pytest.raises(InvalidArgument, match="'zip'"):
        spaces["vector"]({name: values for name, values in TABLE.items() if name != "zip"})
