"""Calls on `tf` that the real TensorFlow answered once (`scripts/record_oracles/compat.py`) and Ranvier must repeat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

X = np.array([[1.5, -2.0, 0.25], [3.0, 0.5, -1.0]], "float32")
Y = np.array([[0.5, 1.0, 2.0], [-1.0, 4.0, 0.5]], "float32")
SQUARE = np.array([[4.0, 1.0], [2.0, 3.0]], "float32")
LABELS = np.array([2, 0])
HOT = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], "float32")

CASES: dict[str, Callable[[Any], Any]] = {
    "constant_filled": lambda tf: tf.constant(2, shape=(2, 2), dtype=tf.float32),
    "cast": lambda tf: tf.cast(X, tf.int32),
    "fill": lambda tf: tf.fill([2, 1], 7.0),
    "range": lambda tf: tf.range(1, 7, 2),
    "linspace": lambda tf: tf.linspace(0.0, 1.0, 5),
    "one_hot": lambda tf: tf.one_hot([0, 2], depth=3, on_value=5.0, off_value=-1.0),
    "one_hot_front": lambda tf: tf.one_hot([0, 2], 3, axis=0),
    "shape": lambda tf: tf.shape(X),
    "argmax": lambda tf: tf.argmax(X),
    "argmax_rows": lambda tf: tf.argmax(X, axis=-1),
    "concat": lambda tf: tf.concat([X, Y], axis=1),
    "stack": lambda tf: tf.stack([X, Y], axis=-1),
    "transpose": lambda tf: tf.transpose(X, perm=[1, 0]),
    "split_sizes": lambda tf: tf.split(X, [1, 2], axis=1)[1],
    "split_count": lambda tf: tf.split(X, 3, axis=1)[2],
    "tile": lambda tf: tf.tile(X, [1, 2]),
    "pad": lambda tf: tf.pad(X, [[1, 0], [0, 2]], constant_values=9.0),
    "reverse": lambda tf: tf.reverse(X, axis=[1]),
    "slice": lambda tf: tf.slice(X, [0, 1], [2, -1]),
    "gather": lambda tf: tf.gather(X, [2, 0], axis=1),
    "gather_batch": lambda tf: tf.gather(X, [[1], [2]], batch_dims=1),
    "gather_nd": lambda tf: tf.gather_nd(X, [[0, 1], [1, 2]]),
    "boolean_mask": lambda tf: tf.boolean_mask(X, [False, True]),
    "where": lambda tf: tf.where(X > 0, X, 0.1 * X),
    "where_positions": lambda tf: tf.where(X > 0),
    "sort": lambda tf: tf.sort(X, direction="DESCENDING"),
    "argsort": lambda tf: tf.argsort(X, direction="DESCENDING"),
    "unique": lambda tf: tf.unique([4, 4, 1, 3, 1])[1],
    "squeeze": lambda tf: tf.squeeze(X[:, None, :], axis=[1]),
    "reduce_sum": lambda tf: tf.reduce_sum(X, axis=1, keepdims=True),
    "reduce_mean": lambda tf: tf.reduce_mean(X, 0),
    "reduce_std": lambda tf: tf.math.reduce_std(X, axis=[0, 1]),
    "reduce_variance": lambda tf: tf.math.reduce_variance(X),
    "reduce_logsumexp": lambda tf: tf.reduce_logsumexp(X, axis=1),
    "reduce_any": lambda tf: tf.reduce_any(X > 2, axis=1),
    "euclidean_norm": lambda tf: tf.math.reduce_euclidean_norm(X, axis=1),
    "clip": lambda tf: tf.clip_by_value(X, -1.0, 1.0),
    "squared_difference": lambda tf: tf.math.squared_difference(X, Y),
    "divide_no_nan": lambda tf: tf.math.divide_no_nan(X, [0.0, 1.0, 2.0]),
    "multiply_no_nan": lambda tf: tf.math.multiply_no_nan(X, np.array([0.0, 1.0, 2.0], "float32")),
    "floormod": lambda tf: tf.math.floormod(X, Y),
    "cumsum": lambda tf: tf.cumsum(X, axis=1, exclusive=True, reverse=True),
    "count_nonzero": lambda tf: tf.math.count_nonzero([[0, 1], [2, 3]], axis=0),
    "l2_normalize": lambda tf: tf.math.l2_normalize(X, axis=1),
    "l2_normalize_all": lambda tf: tf.nn.l2_normalize(X),
    "top_k": lambda tf: tf.math.top_k(X, k=2).values,
    "top_k_places": lambda tf: tf.math.top_k(X, k=2).indices,
    "in_top_k": lambda tf: tf.math.in_top_k([1, 0], X, 2),
    "confusion": lambda tf: tf.math.confusion_matrix([0, 1, 2, 1], [0, 2, 2, 1]),
    "confusion_weights": lambda tf: tf.math.confusion_matrix([0, 1], [1, 1], 3, weights=[2, 5]),
    "matmul": lambda tf: tf.matmul(X, Y, transpose_b=True),
    "matvec": lambda tf: tf.linalg.matvec(X, Y[0]),
    "norm": lambda tf: tf.norm(X, axis=1),
    "norm_one": lambda tf: tf.linalg.norm(X, ord=1, axis=1),
    "det": lambda tf: tf.linalg.det(SQUARE),
    "inv": lambda tf: tf.linalg.inv(SQUARE),
    "solve": lambda tf: tf.linalg.solve(SQUARE, SQUARE[:, :1] + 1),
    "lstsq": lambda tf: tf.linalg.lstsq(SQUARE, SQUARE[:, :1] + 1, l2_regularizer=0.5),
    "singular_values": lambda tf: tf.linalg.svd(SQUARE)[0],
    "rebuilt_from_svd": lambda tf: (lambda s, u, v: u @ tf.linalg.diag(s) @ tf.transpose(v))(*tf.linalg.svd(SQUARE)),
    "diag_part": lambda tf: tf.linalg.diag_part(SQUARE),
    "trace": lambda tf: tf.linalg.trace(SQUARE),
    "global_norm": lambda tf: tf.linalg.global_norm([X, Y]),
    "cast_of_dtypes": lambda tf: tf.dtypes.cast(X, tf.dtypes.int32),
    "scatter_nd": lambda tf: tf.scatter_nd([[1], [3], [1]], [5.0, 6.0, 7.0], [5]),
    "scatter_nd_rows": lambda tf: tf.scatter_nd(tf.constant([[2], [0]]), X, tf.constant([3, 3])),
    "scatter_update": lambda tf: tf.tensor_scatter_nd_update(X, [[0, 1], [1, 2]], [7.0, 8.0]),
    "scatter_update_rows": lambda tf: tf.tensor_scatter_nd_update(X, [[1]], Y[:1]),
    "scatter_add": lambda tf: tf.tensor_scatter_nd_add([1, 2, 3], [[1], [1]], [10, 20]),
    "scatter_sub": lambda tf: tf.tensor_scatter_nd_sub(X, [[0, 0]], [0.5]),
    "scatter_max": lambda tf: tf.tensor_scatter_nd_max(X, [[0, 0], [1, 1]], [0.0, 9.0]),
    "scatter_min": lambda tf: tf.tensor_scatter_nd_min(X, [[0, 0], [1, 1]], [0.0, 9.0]),
    "sequence_mask": lambda tf: tf.sequence_mask([[1, 3], [0, 2]]),
    "sequence_mask_numbers": lambda tf: tf.sequence_mask([1, 3, 2], maxlen=5, dtype=tf.float32),
    "band_lower": lambda tf: tf.linalg.band_part(np.arange(1.0, 13.0, dtype="float32").reshape(3, 4), -1, 0),
    "band_both": lambda tf: tf.linalg.band_part(np.arange(1.0, 25.0, dtype="float32").reshape(2, 4, 3), 1, 1),
    "custom_gradient": lambda tf: _own_gradient(tf),
    "custom_gradient_of_two": lambda tf: _own_gradients(tf),
    "take_while": lambda tf: list(tf.data.Dataset.range(9).take_while(lambda x: x * x < 20).as_numpy_iterator()),
    "unique_elements": lambda tf: list(
        tf.data.Dataset.from_tensor_slices([[1, 37], [2, 2], [1, 37], [2, 37]]).unique().as_numpy_iterator()
    ),
    "rebatched": lambda tf: _summed(tf.data.Dataset.range(7).batch(2).rebatch(3)),
    "rebatched_in_turns": lambda tf: _summed(tf.data.Dataset.range(7).batch(4).rebatch([2, 1], drop_remainder=True)),
    "chosen": lambda tf: list(
        tf.data.Dataset.choose_from_datasets(
            [tf.data.Dataset.range(3), tf.data.Dataset.range(10, 13)], tf.data.Dataset.range(2).repeat(9)
        ).as_numpy_iterator()
    ),
    "einsum": lambda tf: tf.einsum("ij,kj->ik", X, Y),
    "relu": lambda tf: tf.nn.relu(X),
    "leaky_relu": lambda tf: tf.nn.leaky_relu(X),
    "gelu": lambda tf: tf.nn.gelu(X),
    "softmax": lambda tf: tf.nn.softmax(X, axis=0),
    "log_softmax": lambda tf: tf.nn.log_softmax(X),
    "sigmoid_loss": lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(labels=HOT, logits=X),
    "weighted_loss": lambda tf: tf.nn.weighted_cross_entropy_with_logits(labels=HOT, logits=X, pos_weight=3.0),
    "softmax_loss": lambda tf: tf.nn.softmax_cross_entropy_with_logits(labels=HOT, logits=X),
    "sparse_loss": lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(labels=LABELS, logits=X),
    "l2_loss": lambda tf: tf.nn.l2_loss(X),
    "moments": lambda tf: tf.stack(tf.nn.moments(X, axes=[0])),
    "batch_normalization": lambda tf: tf.nn.batch_normalization(X, X[0], Y[1] ** 2, X[1], Y[0], 1e-3),
    "embedding_lookup": lambda tf: tf.nn.embedding_lookup(X, [1, 1, 0]),
    "zero_fraction": lambda tf: tf.nn.zero_fraction([0.0, 1.0, 0.0, 2.0]),
    "map_fn": lambda tf: tf.map_fn(lambda row: 2 * row, X),
    "while_loop": lambda tf: tf.while_loop(lambda i: i < 10, lambda i: (i + 3,), [tf.constant(0)])[0],
    "cond": lambda tf: tf.cond(tf.constant(True), lambda: tf.constant(1.0), lambda: tf.constant(2.0)),
    "gradient": lambda tf: _gradient(tf, lambda v: tf.reduce_sum(tf.exp(v) * X[0])),
    "gradient_of_gradient": lambda tf: _second(tf),
    "gradient_weighted": lambda tf: _gradient(tf, lambda v: v * v, output_gradients=Y[0]),
    "batches_padded": lambda tf: _padded(tf),
    "batches_reduced": lambda tf: tf.data.Dataset.range(5).reduce(np.int64(0), lambda total, item: total + item),
    "elements_zipped": lambda tf: _zipped(tf),
}


def _gradient(tf: Any, function: Callable[[Any], Any], **options: Any) -> Any:
    v = tf.Variable(Y[1])
    with tf.GradientTape() as tape:
        result = function(v)
    return tape.gradient(result, v, **options)


def _second(tf: Any) -> Any:
    x = tf.constant(X)
    with tf.GradientTape() as outer:
        outer.watch(x)
        with tf.GradientTape() as inner:
            inner.watch(x)
            y = tf.reduce_sum(x * x * x)
        first = inner.gradient(y, x)
    return outer.gradient(first, x)


def _padded(tf: Any) -> Any:
    data = tf.data.Dataset.from_generator(
        lambda: iter([[1], [2, 3, 4], [5, 6]]), output_signature=tf.TensorSpec((None,), tf.int32)
    )
    return next(iter(data.padded_batch(3)))


def _zipped(tf: Any) -> Any:
    left = tf.data.Dataset.range(4).skip(1).repeat(2)
    right = (
        tf.data.Dataset.from_tensor_slices(X[:, 0])
        .map(lambda x: x + 1)
        .concatenate(tf.data.Dataset.from_tensors(np.float32(9)))
    )
    return np.array([[float(a), float(b), float(n)] for n, (a, b) in tf.data.Dataset.zip((left, right)).enumerate(5)])


def _summed(data: Any) -> Any:
    return [[len(batch), batch.sum()] for batch in data.as_numpy_iterator()]


def _own_gradient(tf: Any) -> Any:
    @tf.custom_gradient
    def halved(x: Any) -> Any:
        return tf.square(x), lambda upstream: upstream * x

    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reduce_sum(3.0 * halved(x))
    return tape.gradient(y, x)


def _own_gradients(tf: Any) -> Any:
    @tf.custom_gradient
    def swapped(a: Any, b: Any) -> Any:
        return (a + b, a * b), lambda of_sum, of_product: [of_sum * b, of_product * a]

    a, b = tf.constant(X), tf.Variable(Y)
    with tf.GradientTape() as tape:
        tape.watch(a)
        total, product = swapped(a, b)
        y = tf.reduce_sum(2.0 * total + 5.0 * product)
    return tf.stack(tape.gradient(y, [a, b]))
