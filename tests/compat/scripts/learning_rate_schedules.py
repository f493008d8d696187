"""Learning rates that change: schedule objects, a scheduler callback, and setting the number by hand."""

import math

import numpy as np
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras.callbacks import LearningRateScheduler
from tensorflow.keras.optimizers import SGD, Adam
from tensorflow.keras.optimizers.schedules import (
    CosineDecay,
    ExponentialDecay,
    PiecewiseConstantDecay,
)

tf.random.set_seed(0)
rng = np.random.RandomState(0)
x = rng.normal(size=(128, 4)).astype("float32")
y = x.sum(axis=1, keepdims=True)


def make(optimizer):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    return model


def rate_of(model):
    return float(keras.backend.get_value(model.optimizer.learning_rate))


schedule = ExponentialDecay(initial_learning_rate=0.1, decay_steps=8, decay_rate=0.5, staircase=True)
model = make(SGD(learning_rate=schedule))
history = model.fit(x, y, batch_size=16, epochs=3, verbose=0)
exponential = float(schedule(model.optimizer.iterations))
piecewise = [float(PiecewiseConstantDecay([5, 10], [1.0, 0.5, 0.1])(step)) for step in (0, 7, 20)]
cosine = float(CosineDecay(1.0, decay_steps=100)(50))


def step_decay(epoch):
    initial_lrate, drop, epochs_drop = 0.1, 0.5, 2.0
    return initial_lrate * math.pow(drop, math.floor((1 + epoch) / epochs_drop))


class LossHistory(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.rates = []

    def on_epoch_end(self, epoch, logs=None):
        self.rates.append(rate_of(self.model))


kept = LossHistory()
model = make(Adam(learning_rate=0.0))
model.fit(x, y, epochs=4, callbacks=[LearningRateScheduler(step_decay, verbose=0), kept], verbose=0)
two = make("sgd")
two.fit(x, y, epochs=2, verbose=0, callbacks=[LearningRateScheduler(lambda epoch, lr: lr * 0.5)])
two.optimizer.learning_rate = 0.25
print(kept.rates)
print(
    "result:",
    f"exponential={exponential}",
    f"piecewise={sum(piecewise)}",
    f"cosine={cosine}",
    f"first={kept.rates[0]}",
    f"last={kept.rates[-1]}",
    f"assigned={rate_of(two)}",
    f"ratio={history.history['loss'][-1] / history.history['loss'][0]}",
)
