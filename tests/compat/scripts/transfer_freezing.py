"""Transfer: keep the first layers of a trained network frozen, train a new head, then fine-tune it all slowly."""

import numpy as np
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(77)
x, y = load_digits(return_X_y=True)
x = (x / 16.0).astype("float32")
first, second = y < 5, y >= 5
x_a, y_a, x_b, y_b = x[first][:896], y[first][:896], x[second][:128], y[second][:128] - 5
x_test, y_test = x[second][128:512], y[second][128:512] - 5

model_a = keras.models.Sequential(
    [
        layers.Dense(48, activation="relu", input_shape=(64,), name="base_1"),
        layers.Dense(24, activation="relu", name="base_2"),
        layers.Dense(5, activation="softmax", name="head_a"),
    ]
)
model_a.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model_a.fit(x_a, y_a, epochs=8, verbose=0)

model_a_clone = keras.models.clone_model(model_a)
model_a_clone.set_weights(model_a.get_weights())
model_b = keras.models.Sequential(model_a_clone.layers[:-1])
model_b.add(layers.Dense(5, activation="softmax", name="head_b"))
for layer in model_b.layers[:-1]:
    layer.trainable = False
model_b.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(0.01), metrics=["accuracy"])

base = model_b.layers[0].get_weights()[0].copy()
model_b.fit(x_b, y_b, epochs=25, verbose=0)
counts = len(model_b.trainable_weights), len(model_b.non_trainable_weights)
frozen_change = np.abs(model_b.layers[0].get_weights()[0] - base).max()
frozen_accuracy = model_b.evaluate(x_test, y_test, verbose=0)[1]

for layer in model_b.layers[:-1]:
    layer.trainable = True
model_b.compile(
    loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.Adam(learning_rate=1e-3), metrics=["accuracy"]
)
model_b.fit(x_b, y_b, epochs=10, verbose=0)
tuned_change = np.abs(model_b.layers[0].get_weights()[0] - base).max()
tuned_accuracy = model_b.evaluate(x_test, y_test, verbose=0)[1]
print(
    "result:",
    f"trainable={counts[0]}",
    f"frozen={counts[1]}",
    f"frozen_change={frozen_change}",
    f"tuned_change={tuned_change}",
    f"frozen_accuracy={frozen_accuracy}",
    f"tuned_accuracy={tuned_accuracy}",
)
