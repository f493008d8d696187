"""A model as a class: layers as attributes, call with training, a second output, then compile and fit as ever."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Model
from tensorflow.keras.layers import BatchNormalization, Dense, Dropout, concatenate
from tensorflow.keras.optimizers import Adam

tf.random.set_seed(6)


class WideAndDeepModel(Model):
    def __init__(self, units=16, activation="relu", **kwargs):
        super().__init__(**kwargs)
        self.hidden1 = Dense(units, activation=activation)
        self.hidden2 = Dense(units, activation=activation)
        self.norm = BatchNormalization()
        self.dropout = Dropout(0.1)
        self.main_output = Dense(1)
        self.aux_output = Dense(1)

    def call(self, inputs, training=None):
        input_wide, input_deep = inputs
        hidden1 = self.norm(self.hidden1(input_deep), training=training)
        hidden2 = self.hidden2(self.dropout(hidden1, training=training))
        concat = concatenate([input_wide, hidden2])
        return self.main_output(concat), self.aux_output(hidden2)


rng = np.random.RandomState(0)
x = rng.normal(size=(320, 8)).astype("float32")
y = (x[:, :1] + x[:, 5:6] ** 2).astype("float32")
wide, deep = x[:, :5], x[:, 2:]

model = WideAndDeepModel(20, name="wide_and_deep")
model.compile(loss=["mse", "mse"], loss_weights=[0.9, 0.1], optimizer=Adam(learning_rate=0.01))
history = model.fit((wide, deep), (y, y), epochs=30, verbose=0, validation_split=0.2)
main, aux = model.predict((wide, deep), verbose=0)
mse = float(np.mean((main - y) ** 2))
model.summary()
print(
    "result:",
    f"mse={mse}",
    f"variance={float(y.var())}",
    f"layers={len(model.layers)}",
    f"aux={aux.shape[0]}",
    f"val={history.history['val_loss'][-1] / history.history['val_loss'][0]}",
)
