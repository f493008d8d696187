"""Batches from a generator and from a Sequence: fit_generator, evaluate_generator, predict_generator."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import Sequence

np.random.seed(3)
X = np.random.normal(size=(200, 5))
Y = (X[:, 0] > X[:, 1]).astype("float32")


def batches(x, y, batch_size):
    while True:
        order = np.random.permutation(len(x))
        for start in range(0, len(x), batch_size):
            rows = order[start : start + batch_size]
            yield x[rows], y[rows]


class Batches(Sequence):
    def __init__(self, x, y, batch_size):
        self.x, self.y, self.batch_size = x, y, batch_size

    def __len__(self):
        return int(np.ceil(len(self.x) / float(self.batch_size)))

    def __getitem__(self, idx):
        rows = slice(idx * self.batch_size, (idx + 1) * self.batch_size)
        return self.x[rows], self.y[rows]


model = Sequential([Dense(16, activation="relu", input_dim=5), Dense(1, activation="sigmoid")])
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
history = model.fit_generator(
    batches(X[:160], Y[:160], 20),
    steps_per_epoch=8,
    epochs=15,
    validation_data=batches(X[160:], Y[160:], 20),
    validation_steps=2,
    max_queue_size=10,
    workers=1,
    verbose=0,
)
model.fit_generator(batches(X[:160], Y[:160], 20), samples_per_epoch=160, nb_epoch=5, verbose=0)
model.fit_generator(Batches(X[:160], Y[:160], 32), epochs=5, verbose=0, workers=2, use_multiprocessing=False)
loss, accuracy = model.evaluate_generator(Batches(X[160:], Y[160:], 8))
predictions = model.predict_generator(Batches(X[160:], Y[160:], 8), steps=3)
print(
    "result:",
    f"epochs={len(history.history['val_loss'])}",
    f"accuracy={accuracy}",
    f"rows={len(predictions)}",
    f"gap={np.abs(predictions - model.predict(X[160:184])).max()}",
)
