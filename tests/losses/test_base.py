"""Reductions, shapes, weights and masks; a person's own losses; what is refused."""

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier import losses
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument, NotReady, RanvierError
from ranvier.losses.base import broadcasts
from ranvier.losses.choose import FunctionLoss, label_kind
from ranvier.losses.shapes import align
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor
from ranvier.state.variable import Variable


def test_column_targets_never_broadcast() -> None:
    y_true, y_pred = np.array([1.0, 2.0, 3.0]), np.array([[1.0], [2.0], [4.0]])
    for name in ("mse", "mae", "huber", "log_cosh", "hinge", "poisson", "bce"):
        function = losses.get(name)
        assert function(y_true, y_pred).shape == (3,)
        assert function(y_pred, y_true).shape == (3,)
    assert float(losses.MeanSquaredError()(y_true, y_pred)) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "expected"),
    [
        ((8,), (8, 1), False),
        ((8, 1), (8,), False),
        ((8, 3), (8, 3), False),
        ((8, 1), (8, 3), True),
        ((8, 4), (8, 4, 1), False),
        ((4,), (8, 4), True),
        ((8,), (8, 3), False),
        ((None,), (None, 1), False),
        ((None, 1), (None, 3), True),
        ((None, 3), (None, 3), False),
        ((1, 3), (8, 3), True),
    ],
)
def test_broadcasts(y_true: Any, y_pred: Any, expected: bool) -> None:
    assert broadcasts(y_true, y_pred) is expected


sizes = st.lists(st.integers(1, 3), min_size=0, max_size=3).map(tuple)


@settings(max_examples=60, deadline=None)
@given(sizes, sizes)
def test_broadcasts_says_what_align_lets_through(y_true: Any, y_pred: Any) -> None:
    try:
        a, b = align(np.ones(y_true), np.ones(y_pred))
    except InvalidArgument:
        assert not broadcasts(y_true, y_pred)
    else:
        assert broadcasts(y_true, y_pred) == (a.shape != b.shape)


@pytest.mark.parametrize("name", ["mse", "kld", "hinge", "bce", "categorical_crossentropy"])
def test_shapes_that_fit_nowhere_are_refused_with_both(name: str) -> None:
    with pytest.raises(InvalidArgument, match=r"(?s)\(5, 3\).*\(5, 4\)|\(5, 4\).*\(5, 3\)"):
        losses.as_loss(name)(np.ones((5, 3)), np.ones((5, 4)))


def test_sparse_labels_of_another_shape_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="one class number per row"):
        losses.SparseCategoricalCrossentropy()(np.ones((5, 4)), np.ones((5, 4)))
    with pytest.raises(InvalidArgument, match="loss-shape"):
        losses.BinaryCrossentropy()(np.ones((5, 1)), np.ones((5, 4)))


def test_out_of_range_labels_give_zero_and_no_gradient() -> None:
    logits = jnp.ones((3, 4))
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")
    np.testing.assert_allclose(loss(np.array([-1, 1, 4]), logits), [0, np.log(4), 0], rtol=1e-6)
    gradient = jax.grad(lambda p: loss(np.array([-1, 1, 4]), p).sum())(logits)
    assert not gradient[0].any() and gradient[1].any() and not gradient[2].any()


def test_sparse_classes_on_another_axis() -> None:
    y_pred = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    labels = np.array([[0, 1, 2], [3, 0, 1]])
    first = losses.sparse_categorical_crossentropy(labels, y_pred, from_logits=True, axis=1)
    last = losses.sparse_categorical_crossentropy(labels, np.moveaxis(y_pred, 1, 2), from_logits=True)
    np.testing.assert_allclose(first, last, rtol=1e-6)
    with pytest.raises(InvalidArgument, match="axis"):
        losses.categorical_crossentropy(y_pred, y_pred, axis=True)


@pytest.mark.parametrize("from_logits", [True, False])
def test_ignored_rows_reach_neither_value_nor_gradient(from_logits: bool) -> None:
    loss = losses.SparseCategoricalCrossentropy(from_logits=from_logits, ignore_class=-1)
    y_pred = jnp.array([[0.2, 0.8], [jnp.nan, jnp.inf], [0.0, 0.0], [0.5, 0.5]])
    labels = np.array([1, -1, -1, 0])
    value, gradient = jax.value_and_grad(lambda p: loss(labels, p))(y_pred)
    assert value == pytest.approx(float(loss(labels[[0, 3]], y_pred[np.array([0, 3])])))
    assert bool(jnp.isfinite(gradient).all()) and not gradient[1:3].any()
    assert float(loss(np.array([-1, -1]), y_pred[:2])) == 0.0


def test_extreme_logits_stay_finite() -> None:
    logits = jnp.array([[1e4, -1e4], [-1e4, 1e4]])
    for loss, target in (
        (losses.SparseCategoricalCrossentropy(from_logits=True), np.array([1, 1])),
        (losses.CategoricalCrossentropy(from_logits=True), np.array([[0.0, 1.0], [0.0, 1.0]])),
        (losses.BinaryCrossentropy(from_logits=True), np.array([[0.0, 1.0], [0.0, 1.0]])),
    ):
        value, gradient = jax.value_and_grad(lambda p, f=loss, t=target: f(t, p))(logits)
        assert float(value) == pytest.approx(5000 if "binary" in loss.name else 10000)
        assert bool(jnp.isfinite(gradient).all())
    certain = losses.binary_crossentropy([[1.0]], [[20.0]], from_logits=True)
    assert float(certain[0]) == pytest.approx(2.0611537e-09, rel=1e-5)


def test_masked_logits_do_not_spoil_the_others() -> None:
    logits = jnp.array([[1.0, -jnp.inf, 1.0]])
    value, gradient = jax.value_and_grad(lambda p: losses.sparse_categorical_crossentropy([0], p, True)[0])(logits)
    assert float(value) == pytest.approx(np.log(2)) and bool(jnp.isfinite(gradient).all())


def test_row_weights_reach_every_step() -> None:
    y_true, y_pred = np.zeros((3, 3, 2)), np.ones((3, 3, 2))
    y_pred[0] = 2.0
    value = losses.MeanSquaredError()(y_true, y_pred, np.array([1.0, 0.0, 0.0]))
    assert float(value) == pytest.approx(4 * 3 / 9)


def test_weights_that_fit_nothing_are_refused() -> None:
    with pytest.raises(InvalidArgument, match="weight-shape"):
        losses.MeanSquaredError()(np.zeros((3, 2)), np.zeros((3, 2)), np.ones(4))


def test_mask_of_the_outputs_leaves_steps_out() -> None:
    y_true = np.zeros((2, 3, 1))
    with scope.entered(Scope()):
        y_pred = jnp.asarray(np.array([[[1.0], [1.0], [9.0]], [[3.0], [9.0], [9.0]]]))
        masking.attach(y_pred, jnp.array([[True, True, False], [True, False, False]]))
        assert float(losses.MeanSquaredError()(y_true, y_pred)) == pytest.approx((1 + 1 + 9) / 3)
        assert float(losses.MeanSquaredError(reduction="sum")(y_true, y_pred)) == pytest.approx(11)
        nothing = jnp.asarray(y_true)
        masking.attach(nothing, jnp.zeros((2, 3), bool))
        assert float(losses.MeanSquaredError()(y_true, nothing)) == 0.0


def test_own_function_and_own_class() -> None:
    def relative(y_true: Any, y_pred: Any) -> Any:
        return jnp.abs(y_true - y_pred) / y_true

    class Squares(losses.Loss):
        def __init__(self, factor: float = 2.0, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y_true: Any, y_pred: Any) -> Any:
            return self.factor * (y_true - y_pred) ** 2

    loss = losses.as_loss(relative)
    assert loss.name == "relative" and float(loss([1, 2], np.array([[2.0], [2.0]]))) == pytest.approx(0.5)
    assert losses.as_loss(lambda y_true, y_pred: jnp.mean(y_pred))([0.0], jnp.array([3.0])) == 3
    own = losses.as_loss(Squares)
    assert isinstance(own, Squares) and losses.as_loss(own) is own
    assert float(own([1.0, 2.0], [1.0, 3.0])) == 1.0
    config = losses.serialize(Squares(3.0, name="mine"))
    assert config["registered_name"] == "Squares"
    again = losses.deserialize(config, custom_objects={"Squares": Squares})
    assert again.get_config() == {"name": "mine", "reduction": "sum_over_batch_size", "factor": 3.0}


def test_function_loss_round_trip() -> None:
    loss = FunctionLoss(losses.huber, name="mine", delta=0.5)
    again = FunctionLoss.from_config(json.loads(json.dumps(loss.get_config())))
    assert again.fn is losses.huber and again.arguments == {"delta": 0.5} and again.name == "mine"

    def own(y_true: Any, y_pred: Any) -> Any:
        return y_pred

    config = FunctionLoss(own).get_config()
    with pytest.raises(InvalidArgument, match="no loss named 'own'"):
        FunctionLoss.from_config(config)
    with custom_object_scope({"own": own}):
        assert FunctionLoss.from_config(config).fn is own


def test_loss_of_several_outputs() -> None:
    class Both(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return y_pred["a"] * y_true["a"] + y_pred["b"]

    data = {"a": np.array([1, 2]), "b": np.array([3.0, 4.0])}
    assert float(Both()(data, data)) == pytest.approx((1 + 3 + 4 + 4) / 2)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "kind"),
    [
        ((8,), (8, 1), "binary"),
        ((8,), (8, 3), "sparse"),
        ((8, 1), (8, 3), "sparse"),
        ((8, 3), (8, 3), "categorical"),
        ((8, 5), (8, 5, 3), "sparse"),
        ((None,), (None, 3), "sparse"),
        ((), (), "categorical"),
    ],
)
def test_kind_of_labels(y_true: Any, y_pred: Any, kind: str) -> None:
    assert label_kind(y_true, y_pred) == kind
    assert kind in losses.resolve("crossentropy", y_true, y_pred).fn.__name__  # type: ignore[attr-defined]


def test_functions_take_variables_and_symbols() -> None:
    assert losses.mean_squared_error(Variable([[1.0]]), [[3.0]]).tolist() == [4.0]
    symbol = losses.mean_squared_error(KerasTensor((None, 3)), KerasTensor((None, 3)))
    assert symbol.shape == (None,)


def test_class_numbers_survive_half_precision() -> None:
    classes = 600
    logits = np.zeros((1, classes), "float32")
    logits[0, 513] = 20.0
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, dtype="bfloat16")
    assert float(loss(np.array([513]), logits)) < 0.1 < float(loss(np.array([512]), logits))


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        (lambda: losses.MeanSquaredError(reduction="median"), InvalidArgument),
        (lambda: losses.get("nothing"), InvalidArgument),
        (lambda: losses.as_loss(None), InvalidArgument),
        (lambda: losses.as_loss(3), RanvierError),
        (lambda: losses.Loss()([1.0], [1.0]), NotReady),
    ],
)
def test_what_cannot_be_right_is_refused(wrong: Any, error: type) -> None:
    with pytest.raises(error):
        wrong()
    assert losses.get(None) is None


def test_unnamed_losses_are_numbered() -> None:
    class Numbered(losses.Loss):
        pass

    assert [Numbered().name, Numbered().name] == ["numbered", "numbered_1"]


def test_no_one_hot_array_in_the_sparse_program() -> None:
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    text = jax.jit(jax.grad(lambda p, y: loss(y, p))).lower(jnp.ones((8, 10)), jnp.zeros(8, jnp.int32)).as_text()
    assert "scatter" not in text and "gather" not in text
