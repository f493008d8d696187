"""Overfitting and what helps: a large network beside L1, L2, dropout and batch normalization."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers, regularizers

keras.utils.set_random_seed(17)
rng = np.random.RandomState(0)
x = rng.normal(size=(160, 20)).astype("float32")
y = ((x[:, :1] + 0.8 * rng.normal(size=(160, 1))) > 0).astype("float32")
x_train, y_train, x_test, y_test = x[:64], y[:64], x[64:], y[64:]

models = {
    "large": [layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu")],
    "l2": [
        layers.Dense(64, activation="relu", kernel_regularizer=regularizers.l2(0.02)),
        layers.Dense(64, activation="relu", kernel_regularizer=regularizers.L2(0.02)),
    ],
    "l1": [layers.Dense(64, activation="relu", kernel_regularizer=regularizers.l1_l2(l1=0.005, l2=0.001))],
    "dropout": [
        layers.Dense(64, use_bias=False),
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.Dropout(0.5),
    ],
}
gaps, sizes = {}, {}
for name, hidden in models.items():
    model = keras.Sequential([keras.Input((20,)), *hidden, layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["binary_crossentropy"])
    model.fit(x_train, y_train, epochs=60, batch_size=32, verbose=0)
    train = model.evaluate(x_train, y_train, verbose=0, return_dict=True)
    test = model.evaluate(x_test, y_test, verbose=0, return_dict=True)
    gaps[name] = test["binary_crossentropy"] - train["binary_crossentropy"]
    sizes[name] = float(np.mean(np.abs(model.get_weights()[0])))
print(gaps, sizes)
print(
    "result:",
    f"large={gaps['large']}",
    f"l2_helps={gaps['large'] - gaps['l2']}",
    f"l1_helps={gaps['large'] - gaps['l1']}",
    f"shrunk={sizes['l1'] / sizes['large']}",
    f"moving={len(model.non_trainable_weights)}",
)
