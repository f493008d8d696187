"""Every way to keep a model: .keras, .h5, weights alone, the structure as JSON, weights as arrays in memory."""

import os

import numpy as np
import tensorflow as tf
from tensorflow import keras

tf.random.set_seed(3)
rng = np.random.RandomState(0)
x = rng.normal(size=(96, 5)).astype("float32")
y = rng.normal(size=(96, 1)).astype("float32")


def create_model():
    model = keras.Sequential(
        [
            keras.layers.Dense(8, activation="relu", input_shape=(5,)),
            keras.layers.BatchNormalization(),
            keras.layers.Dense(1),
        ]
    )
    model.compile(
        optimizer="adam", loss=keras.losses.MeanSquaredError(), metrics=[keras.metrics.MeanAbsoluteError(name="mae")]
    )
    return model


model = create_model()
model.fit(x, y, epochs=3, verbose=0)
expected = model.predict(x, verbose=0)
gaps = {}


def compare(name, other):
    gaps[name] = float(np.abs(other.predict(x, verbose=0) - expected).max())


model.save("model.keras")
compare("keras", keras.models.load_model("model.keras"))

model.save("model.h5")
reloaded = tf.keras.models.load_model("model.h5")
compare("h5", reloaded)

model.save_weights("checkpoint.weights.h5")
fresh = create_model()
before = float(np.abs(fresh.predict(x, verbose=0) - expected).max())
fresh.load_weights("checkpoint.weights.h5")
compare("weights", fresh)

json_string = model.to_json()
from_json = keras.models.model_from_json(json_string)
from_json.set_weights(model.get_weights())
compare("json", from_json)

from_config = keras.Sequential.from_config(model.get_config())
from_config.set_weights(model.get_weights())
compare("config", from_config)

clone = keras.models.clone_model(model)
clone.set_weights(model.get_weights())
compare("clone", clone)

reloaded = keras.models.load_model("model.keras")
loss = reloaded.evaluate(x, y, verbose=0)[0]
reloaded.fit(x, y, epochs=10, verbose=0)
trained_on = reloaded.evaluate(x, y, verbose=0)[0]
files = sum(os.path.getsize(name) > 0 for name in ("model.keras", "model.h5", "checkpoint.weights.h5"))
print(gaps)
print(
    "result:",
    f"ways={len(gaps)}",
    f"gap={max(gaps.values())}",
    f"before={before}",
    f"files={files}",
    f"fell={loss - trained_on}",
)
