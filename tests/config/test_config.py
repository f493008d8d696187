"""The thin configuration namespaces: config, dtype_policies, mixed_precision."""

import pytest

from ranvier import config, dtype_policies, mixed_precision
from ranvier._errors import InvalidArgument, Unsupported


def test_floatx_epsilon_and_layout() -> None:
    before = config.floatx(), config.epsilon(), config.image_data_format()
    try:
        config.set_floatx("bfloat16")
        config.set_epsilon(1e-4)
        config.set_image_data_format("channels_first")
        assert (config.floatx(), config.epsilon(), config.image_data_format()) == ("bfloat16", 1e-4, "channels_first")
        with pytest.raises(InvalidArgument):
            config.set_floatx("float99")
    finally:
        config.set_floatx(before[0])
        config.set_epsilon(before[1])
        config.set_image_data_format(before[2])


def test_the_global_policy_has_two_names() -> None:
    try:
        mixed_precision.set_global_policy("mixed_bfloat16")
        policy = config.dtype_policy()
        assert (policy.compute_dtype, policy.variable_dtype) == ("bfloat16", "float32")
        assert mixed_precision.global_policy() == mixed_precision.Policy("mixed_bfloat16")
    finally:
        config.set_dtype_policy("float32")


def test_policies_are_found_and_saved() -> None:
    policy = dtype_policies.get("mixed_float16")
    assert dtype_policies.deserialize(dtype_policies.serialize(policy)) == policy
    assert dtype_policies.get(policy) is policy and dtype_policies.get(None).name == "float32"
    assert dtype_policies.FloatDTypePolicy("float64").compute_dtype == "float64"


def test_the_backend_is_jax() -> None:
    assert config.backend() == "jax"
    config.set_backend("jax")
    with pytest.raises(Unsupported, match="JAX only"):
        config.set_backend("torch")


def test_files_never_run_code() -> None:
    with pytest.raises(Unsupported, match="custom_objects"):
        config.enable_unsafe_deserialization()


def test_tracebacks_are_whole() -> None:
    config.enable_traceback_filtering()
    assert not config.is_traceback_filtering_enabled()
    config.disable_traceback_filtering()
