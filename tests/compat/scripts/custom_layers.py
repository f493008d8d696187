"""Layers of one's own: weights made in build, nesting, a loss added in call, a configuration."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.random.set_seed(2)


class Linear(keras.layers.Layer):
    def __init__(self, units=32, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(
            name="w", shape=(input_shape[-1], self.units), initializer="random_normal", trainable=True
        )
        self.b = self.add_weight(name="b", shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, inputs):
        return tf.matmul(inputs, self.w) + self.b

    def get_config(self):
        config = super().get_config()
        config.update({"units": self.units})
        return config


class ComputeSum(keras.layers.Layer):
    def __init__(self, input_dim):
        super().__init__()
        self.total = self.add_weight(name="total", shape=(input_dim,), initializer="zeros", trainable=False)

    def call(self, inputs):
        self.total.assign_add(tf.reduce_sum(inputs, axis=0))
        return self.total


class ActivityPenalty(keras.layers.Layer):
    def __init__(self, rate=1e-2):
        super().__init__()
        self.rate = rate

    def call(self, inputs):
        self.add_loss(self.rate * tf.reduce_mean(inputs))
        return inputs


class MLPBlock(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        self.linear_1 = Linear(32)
        self.linear_2 = Linear(32)
        self.penalty = ActivityPenalty()
        self.linear_3 = Linear(1)

    def call(self, inputs):
        x = tf.nn.relu(self.linear_1(inputs))
        x = tf.nn.relu(self.linear_2(x))
        return self.linear_3(self.penalty(x))


my_sum = ComputeSum(2)
x = tf.ones((2, 2))
print(my_sum(x).numpy(), my_sum(x).numpy())

mlp = MLPBlock()
y = mlp(tf.ones(shape=(3, 64)))
print("weights:", len(mlp.weights), "losses:", len(mlp.losses))

clone = Linear.from_config(Linear(8).get_config())

rng = np.random.RandomState(0)
data = rng.normal(size=(192, 4)).astype("float32")
target = data[:, :1] - 2 * data[:, 1:2]
inputs = keras.Input((4,))
model = keras.Model(inputs, MLPBlock()(inputs))
model.compile("adam", "mse")
history = model.fit(data, target, epochs=30, verbose=0)
print(
    "result:",
    f"sum={float(my_sum.total.numpy()[0])}",
    f"weights={len(mlp.weights)}",
    f"losses={len(mlp.losses)}",
    f"units={clone.units}",
    f"ratio={history.history['loss'][-1] / history.history['loss'][0]}",
)
