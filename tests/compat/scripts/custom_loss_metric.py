"""A loss as a function, a loss as a class, a metric as a function and a metric that counts over batches."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(4)


def custom_mean_squared_error(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1)


def huber_fn(y_true, y_pred):
    error = y_true - y_pred
    is_small_error = tf.abs(error) < 1
    squared_loss = tf.square(error) / 2
    linear_loss = tf.abs(error) - 0.5
    return tf.where(is_small_error, squared_loss, linear_loss)


class CustomMSE(keras.losses.Loss):
    def __init__(self, regularization_factor=0.1, name="custom_mse"):
        super().__init__(name=name)
        self.regularization_factor = regularization_factor

    def call(self, y_true, y_pred):
        mse = tf.reduce_mean(tf.square(y_true - y_pred))
        reg = tf.reduce_mean(tf.square(0.5 - y_pred))
        return mse + reg * self.regularization_factor


class CategoricalTruePositives(keras.metrics.Metric):
    def __init__(self, name="categorical_true_positives", **kwargs):
        super().__init__(name=name, **kwargs)
        self.true_positives = self.add_weight(name="ctp", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_pred = tf.reshape(tf.argmax(y_pred, axis=1), shape=(-1, 1))
        values = tf.cast(tf.reshape(y_true, (-1, 1)), "int32") == tf.cast(y_pred, "int32")
        values = tf.cast(values, "float32")
        if sample_weight is not None:
            sample_weight = tf.cast(sample_weight, "float32")
            values = tf.multiply(values, sample_weight)
        self.true_positives.assign_add(tf.reduce_sum(values))

    def result(self):
        return self.true_positives

    def reset_state(self):
        self.true_positives.assign(0.0)


rng = np.random.RandomState(0)
x = rng.normal(size=(256, 6)).astype("float32")
labels = np.argmax(x[:, :3], axis=1)
one_hot = keras.utils.to_categorical(labels, 3)


def get_model(outputs, activation=None):
    inputs = keras.Input(shape=(6,))
    hidden = layers.Dense(16, activation="relu")(inputs)
    return keras.Model(inputs, layers.Dense(outputs, activation=activation)(hidden))


losses = {}
for loss in (custom_mean_squared_error, CustomMSE(), huber_fn):
    model = get_model(3)
    model.compile(optimizer="adam", loss=loss, metrics=[huber_fn])
    history = model.fit(x, one_hot, epochs=8, verbose=0)
    losses[getattr(loss, "name", None) or loss.__name__] = history.history["loss"]
print({name: values[-1] for name, values in losses.items()})

classifier = get_model(3, "softmax")
classifier.compile(
    optimizer=keras.optimizers.RMSprop(0.01),
    loss="sparse_categorical_crossentropy",
    metrics=[CategoricalTruePositives()],
)
history = classifier.fit(x, labels, batch_size=64, epochs=12, verbose=0)
hits = history.history["categorical_true_positives"]
print(
    "result:",
    f"fell={min(values[0] - values[-1] for values in losses.values())}",
    f"hits={hits[-1]}",
    f"gained={hits[-1] - hits[0]}",
)
