"""Where a loss has an edge: rows without partners, certain answers, unknown labels, sums over the whole batch."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import losses, metrics
from ranvier._errors import InvalidArgument

RNG = np.random.default_rng(6)


def test_rows_without_partners_count_for_nothing_in_the_circle() -> None:
    vectors = RNG.normal(size=(4, 3))
    vectors = jnp.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), "float32")
    loss = losses.Circle(gamma=2.0)
    value, gradient = jax.value_and_grad(lambda p: loss([0, 0, 1, 2], p))(vectors)
    rows = losses.circle([0, 0, 1, 2], vectors, gamma=2.0)
    assert not rows[2:].any() and bool(jnp.isfinite(gradient).all())
    assert float(value) == pytest.approx(float(rows[:2].mean()), rel=1e-6)
    assert float(loss([3, 3, 3, 3], vectors)) == 0.0


def test_circle_takes_one_vector_per_row() -> None:
    for shape in ((3,), (3, 2, 2)):
        with pytest.raises(InvalidArgument, match=r"\(batch, units\)"):
            losses.Circle()(np.array([0, 1, 1]), np.ones(shape, "float32"))


def test_circle_with_references() -> None:
    vectors, references = np.eye(2, dtype="float32"), np.eye(3, 2, dtype="float32")
    found = losses.circle(
        [0, 1], vectors, ref_labels=[0, 1, 1], ref_embeddings=references, remove_diagonal=False, gamma=1
    )
    pull = np.exp(-0.4 * 0.4), np.exp(-0.4 * 0.4) + np.exp(-1.4 * -0.6)
    push = 2 * np.exp(0.4 * -0.4), np.exp(0.4 * -0.4)
    np.testing.assert_allclose(found, np.log1p(np.multiply(pull, push)), rtol=1e-5)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
def test_certain_answers_have_finite_focal_gradients(gamma: float) -> None:
    loss = losses.BinaryFocalCrossentropy(gamma=gamma)
    gradient = jax.grad(lambda p: loss([[1.0, 0.0, 1.0]], p))(jnp.array([[1.0, 0.0, 0.0]]))
    assert bool(jnp.isfinite(gradient).all())


def test_generalized_cross_entropy_at_its_edges() -> None:
    y_pred = jnp.array([[0.0, 1.0], [0.5, 0.5], [0.25, 0.75]])
    loss = losses.CategoricalGeneralizedCrossEntropy(reduction="none")
    value, gradient = loss([0, 2, 0], y_pred), jax.grad(lambda p: loss([0, 2, 0], p).sum())(y_pred)
    np.testing.assert_allclose(value, [2.0, 2.0, 1.0], rtol=1e-6)
    np.testing.assert_allclose(gradient, [[0, 0], [0, 0], [-2.0, 0]], rtol=1e-6)
    np.testing.assert_array_equal(loss(np.array([[0], [2], [0]]), y_pred), value)
    assert type(losses.get("categorical_generalized_cross_entropy")) is losses.CategoricalGeneralizedCrossEntropy


def test_sums_over_the_whole_batch_or_over_each_picture() -> None:
    y_true, y_pred = RNG.integers(0, 2, (3, 4, 4, 1)), RNG.uniform(size=(3, 4, 4, 1))
    whole = losses.Dice()(y_true, y_pred)
    both = 2 * (y_true * y_pred).sum() / (y_true.sum() + y_pred.sum())
    assert float(whole) == pytest.approx(1 - both, rel=1e-5)
    each = [float(losses.Dice()(a, b)) for a, b in zip(y_true, y_pred, strict=True)]
    for axis in ((1, 2, 3), [1, 2, 3]):
        np.testing.assert_allclose(losses.Dice(axis=axis, reduction="none")(y_true, y_pred), each, rtol=1e-5)
    np.testing.assert_allclose(losses.Tversky()(y_true, y_pred), whole, rtol=1e-5)
    assert losses.Dice(axis=(1, 2)).get_config()["axis"] == (1, 2)


def test_similarity_of_nothing_is_nothing() -> None:
    gradient = jax.grad(lambda p: losses.CosineSimilarity()([[1.0, 0.0]], p))(jnp.zeros((1, 2)))
    assert float(losses.CosineSimilarity()([[1.0, 0.0]], [[0.0, 0.0]])) == 0 and bool(jnp.isfinite(gradient).all())
    pair = [[1.0, 2.0]], [[2.0, 1.0]]
    assert float(metrics.CosineSimilarity()(*pair)) == pytest.approx(-float(losses.CosineSimilarity()(*pair)))


def test_ctc_of_no_labels_is_the_path_of_nothing() -> None:
    logits = jnp.asarray(RNG.normal(size=(1, 3, 4)), "float32")
    expected = -jax.nn.log_softmax(logits)[0, :, 0].sum()
    assert float(losses.ctc([[0, 0]], logits)[0]) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: losses.CategoricalGeneralizedCrossEntropy(q=1.0),
        lambda: losses.CTC()(np.ones(3), np.ones((3, 4))),
        lambda: losses.CategoricalFocalCrossentropy(axis=True)(np.ones((2, 2)), np.ones((2, 2))),
        lambda: losses.BinaryFocalCrossentropy()(np.ones((2, 1)), np.ones((2, 2))),
        lambda: losses.CategoricalGeneralizedCrossEntropy()(np.ones((2, 3)), np.ones((2, 3))),
    ],
)
def test_what_cannot_be_right_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidArgument):
        wrong()
