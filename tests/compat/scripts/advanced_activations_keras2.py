"""Activations as layers, batch normalization and noise, each from the module where Keras 2 kept it."""

import numpy as np
from keras import regularizers
from keras.engine.topology import Input, Layer
from keras.layers.advanced_activations import ELU, LeakyReLU, PReLU
from keras.layers.core import Dense, Flatten, Reshape
from keras.layers.embeddings import Embedding
from keras.layers.merge import concatenate
from keras.layers.noise import GaussianNoise
from keras.layers.normalization import BatchNormalization
from keras.models import Model, Sequential

np.random.seed(2)


class Doubled(Layer):
    def call(self, x):
        return x * 2


rng = np.random.RandomState(0)
x = rng.normal(size=(256, 6))
kind = rng.randint(0, 3, (256, 1))
y = x[:, :1] ** 2 + kind

model = Sequential()
model.add(Dense(24, input_shape=(6,), kernel_regularizer=regularizers.l2(1e-4)))
model.add(BatchNormalization(momentum=0.8))
model.add(LeakyReLU(alpha=0.1))
model.add(GaussianNoise(0.01))
model.add(Dense(24))
model.add(PReLU())
model.add(Reshape((24,)))
numbers = Input(shape=(6,))
kinds = Input(shape=(1,), dtype="int32")
both = concatenate([Doubled()(model(numbers)), Flatten()(Embedding(3, 2)(kinds))])
output = Dense(1)(ELU(alpha=1.0)(Dense(24)(both)))
full = Model(inputs=[numbers, kinds], outputs=output)
full.compile("adam", "mse")
history = full.fit([x, kind], y, epochs=50, verbose=0)
slope = model.layers[2].get_config()
print(
    "result:",
    f"ratio={history.history['loss'][-1] / history.history['loss'][0]}",
    f"leak={slope.get('negative_slope', slope.get('alpha'))}",
    f"layers={len(model.layers)}",
)
