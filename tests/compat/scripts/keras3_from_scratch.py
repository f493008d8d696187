"""Keras 3 alone: ops and random, a layer with a seed generator, a model saved under its own registered class."""

import keras
import numpy as np
from keras import layers, ops

keras.utils.set_random_seed(812)


@keras.saving.register_keras_serializable(package="Guide")
class NoisyDense(layers.Layer):
    def __init__(self, units, stddev=0.1, **kwargs):
        super().__init__(**kwargs)
        self.units, self.stddev = units, stddev
        self.seed_generator = keras.random.SeedGenerator(1337)

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="w")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", name="b")

    def call(self, inputs, training=None):
        outputs = ops.matmul(inputs, self.w) + self.b
        if training:
            outputs = outputs + keras.random.normal(ops.shape(outputs), stddev=self.stddev, seed=self.seed_generator)
        return ops.relu(outputs)

    def get_config(self):
        return {**super().get_config(), "units": self.units, "stddev": self.stddev}


rng = np.random.default_rng(0)
x = rng.normal(size=(256, 6)).astype("float32")
y = np.argmax(x[:, :3], axis=1)
inputs = keras.Input((6,))
outputs = layers.Dense(3, activation="softmax")(NoisyDense(24)(inputs))
model = keras.Model(inputs, outputs)
model.compile(
    optimizer=keras.optimizers.AdamW(0.01),
    loss=keras.losses.SparseCategoricalCrossentropy(),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
)
model.fit(x, y, epochs=15, batch_size=32, verbose=0)
scores = model.evaluate(x, y, verbose=0, return_dict=True)
model.save("noisy.keras")
again = keras.saving.load_model("noisy.keras")
gap = np.abs(again.predict(x, verbose=0) - model.predict(x, verbose=0)).max()
noise = ops.convert_to_numpy(ops.max(ops.abs(model(x[:4], training=True) - model(x[:4]))))
print("result:", f"acc={scores['acc']}", f"gap={gap}", f"noise={float(noise)}")
