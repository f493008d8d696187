"""Dtype policies: names, equality, maps of paths, refusals."""

from typing import Any

import pytest

from ranvier import dtype_policies
from ranvier._errors import InvalidArgument, Unsupported, WrongType
from ranvier.dtype_policies import DTypePolicy, DTypePolicyMap
from ranvier.state.dtype_policy import policy_of, set_dtype_policy


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
