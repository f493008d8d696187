"""fit() with a training step of one's own: GradientTape inside, loss trackers as metrics, a test_step."""

import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(21)
loss_tracker = keras.metrics.Mean(name="loss")
mae_metric = keras.metrics.MeanAbsoluteError(name="mae")


class CustomModel(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = tf.reduce_mean(tf.square(y - y_pred))
        trainable_vars = self.trainable_variables
        gradients = tape.gradient(loss, trainable_vars)
        self.optimizer.apply_gradients(zip(gradients, trainable_vars))  # noqa: B905
        loss_tracker.update_state(loss)
        mae_metric.update_state(y, y_pred)
        return {"loss": loss_tracker.result(), "mae": mae_metric.result()}

    def test_step(self, data):
        x, y = data
        y_pred = self(x, training=False)
        loss_tracker.update_state(tf.reduce_mean(tf.square(y - y_pred)))
        mae_metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}

    @property
    def metrics(self):
        return [loss_tracker, mae_metric]


inputs = keras.Input(shape=(8,))
hidden = keras.layers.Dense(16, activation="tanh")(inputs)
outputs = keras.layers.Dense(1)(hidden)
model = CustomModel(inputs, outputs)
model.compile(optimizer="adam")

rng = np.random.RandomState(1)
x = rng.normal(size=(256, 8)).astype("float32")
y = (x[:, :1] - x[:, 1:2]).astype("float32")
history = model.fit(x, y, epochs=40, batch_size=32, verbose=0)
scores = model.evaluate(x, y, verbose=0, return_dict=True)
print(
    "result:",
    f"first={history.history['mae'][0]}",
    f"last={history.history['mae'][-1]}",
    f"mae={scores['mae']}",
    f"epochs={len(history.history['loss'])}",
)
