"""Long epochs, a person's own metrics, lookup by name, masks, and what is refused."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from ranvier import losses, metrics
from ranvier._errors import InvalidArgument, NotReady
from ranvier.metrics import totals
from ranvier.metrics.choose import ALIASES
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable


class Largest(metrics.Metric):
    """The largest output; starts at minus infinity, which the default reset would not give."""

    def __init__(self, name: str = "largest", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.seen = self.add_weight(name="seen", initializer="zeros")
        self.batches = self.add_variable((), "zeros", dtype="int32", name="batches")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        self.seen.assign(jnp.maximum(self.seen.value, jnp.max(y_pred)))
        self.batches.assign_add(1)

    def result(self) -> Any:
        return {"largest": self.seen, "batches": self.batches.value}

    def reset_state(self) -> None:
        self.seen.assign(-jnp.inf)
        self.batches.assign(0)


class Lazy(metrics.Metric):
    """Adds its variable at the first update, holds another metric, and a bare Variable in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = metrics.Mean()
        self.extra = [Variable(0.0, name="extra")]
        self.sums: Any = None

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        if self.sums is None:
            self.sums = self.add_variable((y_pred.shape[-1],), "zeros", name="sums")
        self.sums.assign_add(jnp.sum(y_pred, axis=0))
        self.inner.update_state(y_true, sample_weight)
        self.extra[0].assign_add(1.0)

    def result(self) -> Any:
        return self.sums.value.sum() + 100 * self.inner.result() + 1000 * self.extra[0]


def test_own_metric_in_a_compiled_loop() -> None:
    metric = Largest()
    data = jnp.arange(12.0).reshape(4, 3) - 20

    @jax.jit
    def run(start: Any) -> Any:
        return lax.fori_loop(0, 4, lambda i, t: metric.add(t, data[i], data[i]), start)

    found = metric.value(run(metric.zero()))
    assert float(found["largest"]) == -9.0 and int(found["batches"]) == 4
    assert float(metric.seen.value) == 0.0, "the loop assigned the variable itself"
    metric.reset_state()
    metric.update_state(data[0], data[0])
    assert float(metric.result()["largest"].value) == -18.0


def test_lazy_and_nested_state() -> None:
    metric = Lazy()
    y_true, y_pred = jnp.array([1.0, 3.0]), jnp.ones((2, 3))
    with pytest.raises(NotReady, match="prepare"):
        Lazy().add(Lazy().zero(), y_true, y_pred)
    metric.prepare(y_true, y_pred)
    assert [v.name for v in metric.variables] == ["sums", "extra", "total", "count", "total_rest", "count_rest"]
    values = jax.jit(lambda: metric.value(metric.add(metric.zero(), y_true, y_pred)))()
    assert float(values) == 6 + 200 + 1000
    assert float(metric(y_true, y_pred)) == 1206
    with pytest.raises(InvalidArgument, match="metric-variables"):
        metric.stateless_result([0.0])


def test_subclasses_of_our_metrics() -> None:
    class Halved(metrics.Mean):
        def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # type: ignore[override]
            super().update_state((y_true == y_pred) * 0.5, sample_weight)

        def reset_state(self) -> None:
            self.total.assign(0.0)
            self.count.assign(0.0)

    metric = Halved(name="halved")
    added = metric.add(metric.zero(), jnp.array([1, 2]), jnp.array([1, 3]))
    assert float(metric.value(added)) == 0.25


def test_forgotten_super_is_named() -> None:
    class Forgot(metrics.Metric):
        def __init__(self) -> None:
            self.total = self.add_weight(name="total")

    with pytest.raises(NotReady, match="super"):
        Forgot()
    with pytest.raises(NotReady, match="update_state"):
        metrics.Metric()(1.0)
    with pytest.raises(NotReady, match="result"):
        metrics.Metric().result()


@pytest.mark.parametrize("make", [metrics.Mean, metrics.Sum])
def test_totals_count_beyond_two_to_the_24(make: Any) -> None:
    metric = make()
    start = {key: jnp.float32(2**24) if not key.endswith("rest") else value for key, value in metric.zero().items()}
    ones = jnp.ones(3)
    end = jax.jit(lambda t: lax.fori_loop(0, 1001, lambda i, t: metric.add(t, ones), t))(start)
    assert int(end["total"]) + int(end["total_rest"]) == 2**24 + 3003
    assert int(end.get("count", 0)) + int(end.get("count_rest", 0)) in (0, 2**24 + 3003)


def test_confusion_counts_beyond_two_to_the_24() -> None:
    metric = metrics.TruePositives()
    start = {
        key: jnp.full_like(value, 2**24 if not key.endswith("rest") else 0) for key, value in metric.zero().items()
    }
    one = jnp.ones(1)
    end = jax.jit(lambda t: lax.fori_loop(0, 1001, lambda i, t: metric.add(t, one, one), t))(start)
    assert int(end["true_positives"][0]) + int(end["true_positives_rest"][0]) == 2**24 + 1001


def test_sum_of_small_numbers_is_the_true_sum() -> None:
    @jax.jit
    def run() -> Any:
        start = (jnp.float32(0), jnp.float32(0))
        return lax.fori_loop(0, 1_000_000, lambda i, s: totals.add(*s, jnp.float32(0.1)), start)

    assert float(run()[0]) == pytest.approx(1_000_000 * float(np.float32(0.1)), rel=1e-7)


def test_a_total_that_was_reset_by_hand_has_no_rest() -> None:
    total, rest = totals.add(jnp.float32(0), jnp.float32(64), jnp.float32(1))
    assert (float(total), float(rest)) == (1.0, 0.0)


def test_large_means_cost_r2_no_digits() -> None:
    rng = np.random.default_rng(0)
    y = (20_000 + rng.normal(size=(64, 1))).astype("float32")
    metric = metrics.R2Score()
    for part in np.split(np.arange(64), 8):
        metric.update_state(y[part], y[part] + 0.5)
    exact = 1 - 0.25 * 64 / np.square(y.astype("float64") - y.astype("float64").mean()).sum()
    assert float(metric.result()) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("classes", [3, 50])
def test_sparse_accuracy_is_argmax_also_with_ties_and_strange_labels(classes: int) -> None:
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 3, (200, classes)).astype("float32")
    labels = rng.integers(-1, classes + 1, 200)
    expected = (np.argmax(scores, -1) == labels).astype("float32")
    for kind in ("int32", "float32"):
        found = jax.jit(metrics.sparse_categorical_accuracy)(labels.astype(kind), scores)
        np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(metrics.sparse_categorical_accuracy(labels + 0.5, scores), 0)
    assert not metrics.sparse_categorical_accuracy([0], [[np.nan, 1.0]]).any()


def test_mask_of_the_outputs() -> None:
    y_true, y_pred = jnp.array([[1.0, 0.0]]), jnp.array([[[1.0], [5.0]]])
    with scope.entered(Scope()):
        masking.attach(y_pred, jnp.array([[True, False]]))
        metric = metrics.MeanSquaredError()
        assert float(metric.value(metric.add(metric.zero(), y_true[..., None], y_pred))) == 0.0


def test_column_targets_never_broadcast() -> None:
    labels, column = np.array([1.0, 0.0, 1.0]), np.array([[0.9], [0.2], [0.1]])
    for metric in (metrics.BinaryAccuracy(), metrics.Recall(), metrics.AUC(), metrics.MeanSquaredError()):
        np.testing.assert_allclose(metric(labels, column), type(metric)()(labels[:, None], column))
    assert float(metrics.BinaryAccuracy()(labels, column)) == pytest.approx(2 / 3)


def test_resolve_names_and_functions() -> None:
    def OwnError(y_true: Any, y_pred: Any) -> Any:
        return jnp.abs(y_true - y_pred)

    shapes = ((None, 1), (None, 1))
    assert metrics.resolve("mae", *shapes).name == "mae"
    assert type(metrics.resolve("mae", *shapes)) is metrics.MeanAbsoluteError
    assert metrics.resolve("ce", (None,), (None, 3)).name == "ce"
    assert type(metrics.resolve("crossentropy", (None,), (None, 3))) is metrics.SparseCategoricalCrossentropy
    own = metrics.resolve(OwnError, *shapes)
    assert isinstance(own, metrics.MeanMetricWrapper) and own.name == "own_error"
    assert float(own(jnp.zeros((2, 1)), jnp.array([[1.0], [3.0]]))) == 2.0
    assert metrics.resolve(losses.Huber(), *shapes).name == "huber_loss"
    given = metrics.AUC(name="mine")
    assert metrics.resolve(given, *shapes) is given and given.name == "mine"
    ready = metrics.resolve(metrics.R2Score(), (None, 2), (None, 2))
    assert ready.zero().keys() == ready.add(ready.zero(), jnp.ones((3, 2)), jnp.ones((3, 2))).keys()
    assert metrics.get("auc").name.startswith("auc") and metrics.get(None) is None


@pytest.mark.parametrize("name", sorted(ALIASES))
def test_short_names(name: str) -> None:
    assert type(metrics.get(name)).__name__ == ALIASES[name]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: metrics.get("nothing"),
        lambda: metrics.resolve(None, (2,), (2,)),
        lambda: metrics.Precision(thresholds=[0.5, 1.5]),
        lambda: metrics.AUC(curve="round"),
        lambda: metrics.AUC(num_thresholds=1),
        lambda: metrics.AUC(num_labels=3),
        lambda: metrics.AUC(multi_label=True)(np.ones(3), np.ones(3)),
        lambda: metrics.R2Score(class_aggregation="median"),
        lambda: metrics.R2Score()(np.ones(3), np.ones(3)),
        lambda: metrics.FBetaScore(beta=1),
        lambda: metrics.F1Score(threshold=2.0),
        lambda: metrics.F1Score()(np.ones(3), np.ones(3)),
        lambda: metrics.F1Score()(np.ones((3, 2)), np.ones((3, 2)), np.ones((3, 2))),
        lambda: metrics.IoU(3, [0, 3]),
        lambda: metrics.MeanIoU(3)(np.ones(4), np.ones((4, 3))),
        lambda: metrics.PrecisionAtRecall(1.5),
        lambda: metrics.Recall(class_id=1)(np.ones(3), np.ones(3)),
        lambda: metrics.Recall()(np.ones((3, 2)), np.ones((3, 4))),
        lambda: metrics.Mean()(np.ones((3, 2)), np.ones(4)),
    ],
)
def test_what_cannot_be_right_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidArgument):
        wrong()


def test_auc_of_many_thresholds_is_the_share_of_ordered_pairs() -> None:
    rng = np.random.default_rng(2)
    labels = rng.integers(0, 2, 300)
    scores = np.clip(0.3 * labels + rng.uniform(0, 0.7, 300), 0, 1)
    pairs = (scores[labels == 1][:, None] > scores[labels == 0][None]).mean()
    assert float(metrics.AUC(num_thresholds=2000)(labels, scores)) == pytest.approx(pairs, abs=2e-3)


def test_metric_creation_draws_nothing_from_the_global_stream() -> None:
    before = jax.random.key_data(scope.next_key())
    metrics.AUC()
    metrics.resolve("accuracy", (None,), (None, 3))
    after = jax.random.key_data(scope.next_key())
    assert not np.array_equal(before, after)


def test_inner_axes_count_as_one_row() -> None:
    metric = metrics.Mean()
    metric.update_state(np.array([[0.0, 2.0], [4.0, 6.0]]))
    assert float(metric.result()) == 3.0 and float(metric.count.value) == 2.0
