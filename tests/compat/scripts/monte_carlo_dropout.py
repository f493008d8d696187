"""Dropout left on while predicting: the spread of many passes tells how sure the network is."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.random.set_seed(42)
np.random.seed(42)
x = np.random.uniform(-1, 1, size=(192, 1)).astype("float32")
y = np.sin(3 * x) + 0.05 * np.random.normal(size=(192, 1))
model = keras.models.Sequential(
    [
        keras.layers.Dense(48, activation="selu", kernel_initializer="lecun_normal", input_shape=[1]),
        keras.layers.Dropout(0.1),
        keras.layers.Dense(48, activation="elu", kernel_initializer="he_normal"),
        keras.layers.Dropout(rate=0.1),
        keras.layers.Dense(1),
    ]
)
model.compile(loss="mse", optimizer=keras.optimizers.Nadam(0.01))
model.fit(x, y, epochs=60, verbose=0)


class MCDropout(keras.layers.Dropout):
    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


near, far = np.array([[0.2]], "float32"), np.array([[6.0]], "float32")
near_probas = np.stack([model(near, training=True) for _ in range(30)])
far_probas = np.stack([model(far, training=True) for _ in range(30)])
still = [model(near).numpy()[0, 0] for _ in range(2)]
mc_model = keras.models.Sequential(
    [MCDropout(layer.rate) if isinstance(layer, keras.layers.Dropout) else layer for layer in model.layers]
)
spread = np.std([mc_model.predict(near, verbose=0)[0, 0] for _ in range(10)])
print(
    "result:",
    f"mean={abs(near_probas.mean() - np.sin(0.6))}",
    f"near={near_probas.std()}",
    f"far={far_probas.std()}",
    f"still={abs(still[0] - still[1])}",
    f"mc={spread}",
)
