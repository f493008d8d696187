"""Shared layers: two inputs through the same tower, a distance, nested models, layers taken from a graph."""

import numpy as np
import tensorflow as tf
from tensorflow.keras.layers import Add, Dense, Input, Lambda, Subtract
from tensorflow.keras.models import Model

np.random.seed(10)
tf.random.set_seed(10)


def euclidean_distance(vectors):
    a, b = vectors
    return tf.sqrt(tf.maximum(tf.reduce_sum(tf.square(a - b), axis=1, keepdims=True), 1e-7))


def contrastive_loss(y_true, y_pred, margin=1.0):
    same = tf.cast(y_true, tf.float32) * tf.square(y_pred)
    other = (1 - tf.cast(y_true, tf.float32)) * tf.square(tf.maximum(margin - y_pred, 0))
    return tf.reduce_mean(same + other)


tower_in = Input(shape=(6,))
hidden = Dense(16, activation="relu")(tower_in)
skip = Add()([hidden, Dense(16, activation="relu")(hidden)])
tower = Model(tower_in, Dense(3)(skip), name="tower")

left, right = Input(shape=(6,)), Input(shape=(6,))
distance = Lambda(euclidean_distance, output_shape=(1,))([tower(left), tower(right)])
siamese = Model([left, right], distance)
siamese.compile(loss=contrastive_loss, optimizer="adam")

rng = np.random.RandomState(0)
centres = rng.normal(scale=2, size=(4, 6))
kind_a, kind_b = rng.randint(0, 4, 384), rng.randint(0, 4, 384)
kind_b[::2] = kind_a[::2]
a = (centres[kind_a] + 0.3 * rng.normal(size=(384, 6))).astype("float32")
b = (centres[kind_b] + 0.3 * rng.normal(size=(384, 6))).astype("float32")
same = (kind_a == kind_b).astype("float32")
siamese.fit([a, b], same, epochs=12, batch_size=32, verbose=0)
d = siamese.predict([a, b], verbose=0)[:, 0]
difference = Model([left, right], Subtract()([tower(left), tower(right)])).predict([a[:2], b[:2]], verbose=0)
print(
    "result:",
    f"accuracy={((d < 0.5) == (same > 0)).mean()}",
    f"weights={len(siamese.trainable_weights)}",
    f"gap={np.abs(np.linalg.norm(difference, axis=1) - d[:2]).max()}",
)
