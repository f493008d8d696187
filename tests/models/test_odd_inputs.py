"""What people pass to fit, evaluate and predict: it works as the same rows, or is refused with place and cure."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier._errors import DataError, InvalidArgument, NotReady, RanvierError, WrongType
from ranvier.models import feeding
from tests.models.odd_inputs import ACCEPTED, REFUSED, Refused, X, Y

KERNEL = np.random.default_rng(1).normal(size=(4, 3))


def network() -> Any:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, activation="softmax")])
    model.set_weights([KERNEL, np.zeros(3)])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def results(arguments: tuple[Any, ...], again: tuple[Any, ...], inputs: Any) -> list[Any]:
    """Return loss, weights, evaluation and prediction of a network trained on the given rows."""
    model = network()
    history = model.fit(*arguments, batch_size=8, epochs=1, shuffle=False, verbose=0)
    evaluated = model.evaluate(*again, batch_size=8, verbose=0)
    return [history.history["loss"], *model.get_weights(), evaluated, model.predict(inputs)]


@pytest.fixture(scope="module")
def plain() -> list[Any]:
    return results((X, Y), (X, Y), X)


@pytest.mark.parametrize("name", ACCEPTED)
def test_the_same_rows_in_another_dress(name: str, plain: list[Any]) -> None:
    make = ACCEPTED[name]
    found = results(make(), make(), make()[0])
    for one, two in zip(found, plain, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-6)


def test_device_arrays_and_memory_maps(plain: list[Any], tmp_path: pathlib.Path) -> None:
    np.save(tmp_path / "x.npy", X)
    on_disk = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert isinstance(feeding.host_batch(on_disk, Y).x, np.memmap), "float64 rows are converted batch by batch"
    for x in (jnp.asarray(X), on_disk):
        for one, two in zip(results((x, Y), (x, Y), x), plain, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-6)


@pytest.mark.parametrize("loader", [False, True], ids=["tensors", "DataLoader"])
def test_torch(loader: bool, plain: list[Any]) -> None:
    torch = pytest.importorskip("torch")
    x, y = torch.tensor(X, requires_grad=True), torch.tensor(Y)
    given: tuple[Any, ...] = (x, y)
    if loader:
        data = torch.utils.data.TensorDataset(x.detach(), y)
        given = (torch.utils.data.DataLoader(data, batch_size=8),)
    for one, two in zip(results(given, given, given[0]), plain, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-6)


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_refused_with_a_reason(case: Refused) -> None:
    with pytest.raises(RanvierError) as caught:
        case.call(network())
    error = caught.value
    assert error.code == case.code, error
    for word in case.words:
        assert word in str(error), error
    assert isinstance(error, (DataError, InvalidArgument, WrongType)), "Keras code catches ValueError or TypeError"


def test_before_compile() -> None:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
    for name in ("fit", "evaluate", "train_on_batch", "test_on_batch"):
        with pytest.raises(NotReady, match=rf"compiled before {name}\(\)"):
            getattr(model, name)(X, Y)
    assert model.predict(X).shape == (16, 3)


def test_before_build() -> None:
    model = keras.Sequential([layers.Dense(3)])
    assert model.predict(X).shape == (16, 3) and model.built
    with pytest.raises(NotReady, match="no layers"):
        keras.Sequential().predict(X)


@pytest.mark.parametrize("argument", ["optimizer", "loss"])
def test_unknown_names(argument: str) -> None:
    given = {"optimizer": "sgd", "loss": "mse"} | {argument: "adma"}
    model = network()
    with pytest.raises(InvalidArgument, match=f"There is no {argument} named 'adma'"):
        model.compile(**given)
        model.fit(X, X[:, :3], verbose=0)


def test_an_unknown_metric_and_one_that_leaves_the_program() -> None:
    model = network()
    model.compile("sgd", "mse", metrics=["accurcy"])
    with pytest.raises(InvalidArgument, match="There is no metric named 'accurcy'"):
        model.fit(X, X[:, :3], verbose=0)
    model.compile("sgd", "mse", metrics=[lambda y_true, y_pred: np.mean(np.abs(y_true - y_pred))])
    with pytest.raises(WrongType, match=r"ranvier\.ops"):
        model.fit(X, X[:, :3], verbose=0)


def test_missing_values_in_objects_are_missing_numbers() -> None:
    x = X.astype(object)
    x[3, 1] = None
    history = network().fit(x, Y, verbose=0)
    assert any(finding.code == "non-finite-data" for finding in history.findings)


def test_a_source_that_runs_dry_does_not_report_a_perfect_loss(capsys: pytest.CaptureFixture[str]) -> None:
    def once() -> Iterator[Any]:
        yield X, Y

    history = network().fit(once(), epochs=3, verbose=0)
    assert "ran out before epoch 2" in "".join(capsys.readouterr())
    assert len(history.history["loss"]) == 1 and history.history["loss"][0] > 0.1


def test_an_epoch_without_a_healthy_step_has_no_loss() -> None:
    history = network().fit(np.full((8, 4), np.nan), Y[:8], verbose=0)
    assert np.isnan(history.history["loss"][-1]), "0.0 would look like a perfect fit"


def test_a_model_that_grew_or_shrank_predicts_by_its_new_layers() -> None:
    model = keras.Sequential([layers.Dense(3, input_dim=4), layers.Dense(2)])
    assert model.predict(X).shape == (16, 2)
    model.pop()
    assert model.predict(X).shape == (16, 3)
    model.add(layers.Dense(5))
    assert model.predict(X).shape == np.shape(model(X)) == (16, 5)
    model.compile("sgd", "mse")
    model.fit(X, np.ones((16, 5)), verbose=0)
    assert model.evaluate(X, np.ones((16, 5)), verbose=0) > 0


def test_a_validation_source_that_runs_dry_does_not_look_perfect() -> None:
    held = iter([(X, Y)])
    history = network().fit(X, Y, epochs=2, validation_data=held, verbose=0)
    first, second = history.history["val_loss"]
    assert first > 0.1 and np.isnan(second)
