"""Fuel consumption: a Normalization layer that adapts to the data, linear first, then deep."""

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

np.random.seed(3)
tf.random.set_seed(3)

rows = 416
horsepower = np.random.uniform(50, 220, rows)
weight = 900 + 8 * horsepower + np.random.normal(0, 150, rows)
cylinders = np.random.choice([4, 6, 8], rows)
mpg = 50 - 0.08 * horsepower - 0.006 * weight - 0.5 * cylinders + np.random.normal(0, 1, rows)

features = np.stack([horsepower, weight, cylinders], axis=1).astype("float32")
train, test = features[:320], features[320:]
train_y, test_y = mpg[:320], mpg[320:]

normalizer = layers.Normalization(axis=-1)
normalizer.adapt(np.array(train))
print("means:", normalizer.mean.numpy())

linear_model = keras.Sequential([normalizer, layers.Dense(units=1)])
linear_model.compile(optimizer=keras.optimizers.Adam(learning_rate=0.1), loss="mean_absolute_error")
linear_model.fit(train, train_y, epochs=60, verbose=0, validation_split=0.2)
results = {"linear": linear_model.evaluate(test, test_y, verbose=0)}


def build_and_compile_model(norm):
    model = keras.Sequential(
        [norm, layers.Dense(32, activation="relu"), layers.Dense(32, activation="relu"), layers.Dense(1)]
    )
    model.compile(loss="mean_absolute_error", optimizer=tf.keras.optimizers.Adam(0.01))
    return model


dnn_model = build_and_compile_model(normalizer)
dnn_model.fit(train, train_y, validation_split=0.2, verbose=0, epochs=60)
results["dnn"] = dnn_model.evaluate(test, test_y, verbose=0)

test_predictions = dnn_model.predict(test).flatten()
error = test_predictions - test_y
print("result:", f"linear={results['linear']}", f"dnn={results['dnn']}", f"bias={abs(error.mean())}")
