"""The optimizers of before: optimizers.legacy, lr, decay, and a learning rate that is read and set by K."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import backend as K
from tensorflow.keras.optimizers.legacy import SGD

tf.random.set_seed(4)
rng = np.random.RandomState(0)
x = rng.normal(size=(64, 3)).astype("float32")
y = x.sum(axis=1, keepdims=True)


def fitted(optimizer, epochs=5):
    model = keras.Sequential([keras.layers.Dense(1, input_shape=(3,), kernel_initializer="zeros")])
    model.compile(optimizer=optimizer, loss="mse")
    history = model.fit(x, y, batch_size=16, epochs=epochs, shuffle=False, verbose=0)
    return model, history.history["loss"]


# The update rule that decay has always meant: lr / (1 + decay * updates).
w, b, step = np.zeros((3, 1)), np.zeros(1), 0
for _ in range(5):
    for start in range(0, 64, 16):
        rows, target = x[start : start + 16], y[start : start + 16]
        error = rows @ w + b - target
        rate = 0.1 / (1 + 0.05 * step)
        w, b, step = w - rate * 2 * rows.T @ error / 16, b - rate * 2 * error.mean(0), step + 1

model, losses = fitted(SGD(lr=0.1, decay=0.05))
gap = np.abs(model.get_weights()[0] - w).max()
_, adam = fitted(keras.optimizers.legacy.Adam(learning_rate=0.05))

model, _ = fitted(keras.optimizers.SGD(learning_rate=0.01))
before = float(K.get_value(model.optimizer.lr))
K.set_value(model.optimizer.lr, 0.5 * before)
after = float(K.get_value(model.optimizer.learning_rate))
print(
    "result:",
    f"gap={gap}",
    f"adam={adam[-1] / adam[0]}",
    f"sgd={losses[-1] / losses[0]}",
    f"before={before}",
    f"after={after}",
)
