"""Dtype policies: names, equality, maps of paths, refusals."""

import json
import pathlib
from typing import Any

import pytest

from ranvier import dtype_policies, layers
from ranvier._errors import InvalidArgument, Unsupported, WrongType
from ranvier.dtype_policies import DTypePolicy, DTypePolicyMap
from ranvier.models import Sequential, load_model
from ranvier.state.dtype_policy import policy_of, set_dtype_policy

OF_KERAS = {
    "module": "keras.dtype_policies",
    "class_name": "DTypePolicyMap",
    "config": {
        "default_policy": "float32",
        "policy_map": {
            "k": {
                "module": "keras",
                "class_name": "DTypePolicy",
                "config": {"name": "mixed_bfloat16"},
                "registered_name": None,
            }
        },
    },
    "registered_name": None,
}
"""What `Dense(4, dtype=DTypePolicyMap("float32", {"k": "mixed_bfloat16"})).get_config()["dtype"]` is in Keras 3.15."""


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [
        ("float32", "float32", "float32"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("mixed_float16", "float16", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("int32", "int32", "int32"),
    ],
)
def test_names(name: str, compute: str, variable: str) -> None:
    policy = DTypePolicy(name)
    assert (policy.compute_dtype, policy.variable_dtype, policy.quantization_mode) == (compute, variable, None)
    assert repr(policy) == f'<DTypePolicy "{name}">' and policy.at("anywhere") is policy
    assert policy == DTypePolicy(name) != DTypePolicy("float64") and len({policy, DTypePolicy(name)}) == 1


def test_no_name_means_the_global_policy() -> None:
    try:
        set_dtype_policy("mixed_bfloat16")
        assert DTypePolicy().name == "mixed_bfloat16" and policy_of(None).name == "mixed_bfloat16"
    finally:
        set_dtype_policy("float32")


@pytest.mark.parametrize(
    "name", ["int8_from_float32", "float8_from_mixed_bfloat16", "int4/128_from_float32", "gptq/4/8"]
)
def test_quantized_policies_are_refused_by_name(name: str) -> None:
    with pytest.raises(Unsupported, match="quantized"):
        dtype_policies.get(name)


@pytest.mark.parametrize("name", ["mixed_float99", "float99"])
def test_unknown_names(name: str) -> None:
    with pytest.raises(InvalidArgument, match="dtype"):
        DTypePolicy(name)


def test_a_name_is_a_text() -> None:
    given: Any = 16
    with pytest.raises(WrongType, match="text"):
        DTypePolicy(given)


def test_a_map_answers_by_path_pattern_or_default() -> None:
    policies = DTypePolicyMap("float32", {"encoder/first": "bfloat16"})
    policies["encoder/.*"] = DTypePolicy("mixed_float16")
    names = [policies.at(path).name for path in ("encoder/first", "encoder/second", "encoder", "decoder")]
    assert names == ["bfloat16", "mixed_float16", "float32", "float32"]
    assert policies.name == "map_float32" and policies.compute_dtype == "float32"
    assert list(policies) == ["encoder/first", "encoder/.*"] and "encoder/second" not in policies
    with pytest.raises(InvalidArgument, match="already"):
        policies["encoder/.*"] = "float32"
    policies["encoder/sec.*"] = "float32"
    with pytest.raises(InvalidArgument, match="More than one"):
        policies["encoder/second"]
    del policies["encoder/sec.*"]
    assert len(policies) == 2


def test_a_map_comes_back_from_its_configuration() -> None:
    for default in (None, "mixed_bfloat16"):
        policies = DTypePolicyMap(default, {"a/.*": "bfloat16"})
        written = dtype_policies.serialize(policies)
        assert written["class_name"] == "DTypePolicyMap" and written["module"] == "keras.dtype_policies"
        assert policy_of(written) == policies == dtype_policies.deserialize(written)
        assert hash(policy_of(written)) == hash(policies)


def test_a_map_is_neither_a_default_nor_global() -> None:
    for use in (DTypePolicyMap, set_dtype_policy):
        with pytest.raises(InvalidArgument, match="single"):
            use(DTypePolicyMap())


def test_a_layer_with_a_map_is_written_as_keras_writes_it_and_comes_back(tmp_path: pathlib.Path) -> None:
    policies = DTypePolicyMap("float32")
    policies["k"] = "mixed_bfloat16"
    dense = layers.Dense(4, dtype=policies, name="k")
    config = json.loads(json.dumps(dense.get_config()))
    assert config["dtype"] == OF_KERAS
    assert layers.Dense.from_config(config).dtype_policy == policies
    Sequential([layers.Input((6,)), dense]).save(tmp_path / "map.keras")
    again = load_model(tmp_path / "map.keras").layers[-1]
    assert (again.dtype_policy, again.compute_dtype) == (policies, "bfloat16")


def test_a_key_may_be_the_path_that_keras_gives_the_layer() -> None:
    policies = DTypePolicyMap("float32", {"sequential/k": "mixed_bfloat16", "a/b/q": "bfloat16", "c/q": "float16"})
    assert layers.Dense(1, dtype=policies, name="k").compute_dtype == "bfloat16"
    assert layers.Dense(1, dtype=policies, name="other_k").compute_dtype == "float32"
    with pytest.raises(InvalidArgument, match="different names"):
        policies.at("q")
