"""The thin configuration namespaces: config, dtype_policies, mixed_precision."""

import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from ranvier import config, dtype_policies, layers, mixed_precision
from ranvier._config import Configuration, configuration
from ranvier._errors import InvalidArgument, Unsupported
from ranvier.models import Sequential


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


X, Y = np.ones((12, 2), "float32"), np.ones(12, "float32")


def counted(data: Any = X, targets: Any = Y, **options: Any) -> tuple[int, int]:
    """Return the epochs and the steps that a fit ran."""
    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(data, targets, batch_size=None if targets is None else 2, verbose=0, **options)
    return len(history.epoch), int(model.optimizer.iterations)


class Again:
    """Batches without a length that can be run through again."""

    def __init__(self, batches: list[Any]) -> None:
        self.batches = batches

    def __iter__(self) -> Iterator[Any]:
        return iter(self.batches)


@pytest.fixture
def limits() -> Iterator[None]:
    config.set_max_epochs(2)
    config.set_max_steps_per_epoch(3)
    yield
    config.set_max_epochs(None)
    config.set_max_steps_per_epoch(None)


@pytest.mark.usefixtures("limits")
@pytest.mark.filterwarnings("ignore:config.set_max")
def test_limits_of_epochs_and_steps() -> None:
    assert counted(epochs=5) == (2, 6)
    assert counted(epochs=1, steps_per_epoch=2) == (1, 2)
    batches = [(X[:2], Y[:2])] * 5
    assert counted(iter(batches), None, epochs=1) == (1, 3)
    assert counted(map(tuple, batches[:2]), None, epochs=1) == (1, 2)
    assert counted(Again(batches[:2]), None, epochs=2) == (2, 4)
    model = Sequential([layers.Input((2,)), layers.Dense(1)])
    assert model.predict(X, batch_size=2, verbose=0).shape == (6, 1)


def test_a_limit_is_a_whole_number() -> None:
    assert config.max_epochs() is None and config.max_steps_per_epoch() is None
    for wrong in (-1, 1.5, True, "2"):
        with pytest.raises(InvalidArgument, match="config-limit"):
            config.set_max_epochs(wrong)  # type: ignore[arg-type]
    config.set_max_steps_per_epoch(0)
    assert config.max_steps_per_epoch() is None


def test_limits_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "4")
    monkeypatch.setenv("KERAS_MAX_STEPS_PER_EPOCH", "many")
    found = Configuration()
    assert (found.max_epochs, found.max_steps_per_epoch) == (4, None)


def test_without_interactive_logging_lines_go_to_the_logger(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    config.disable_interactive_logging()
    try:
        with caplog.at_level(logging.INFO, "ranvier"):
            model = Sequential([layers.Input((2,)), layers.Dense(1)])
            model.compile("sgd", "mse")
            model.fit(X, Y, epochs=2, verbose=1)
        assert not config.is_interactive_logging_enabled()
    finally:
        config.enable_interactive_logging()
    assert [record.message.partition(" - ")[0] for record in caplog.records] == ["Epoch 1/2", "Epoch 2/2"]
    assert capsys.readouterr().out == "" and config.is_interactive_logging_enabled()


def test_switches_of_attention() -> None:
    assert config.is_flash_attention_enabled() is None and config.is_nnx_enabled() is False
    config.enable_flash_attention()
    assert config.is_flash_attention_enabled() is True
    config.disable_flash_attention()
    assert config.is_flash_attention_enabled() is False
    configuration.flash_attention = None
