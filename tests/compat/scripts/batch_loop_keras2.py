"""Loops of one's own over batches: train_on_batch, test_on_batch, and a functional model in the words of Keras 1."""

import numpy as np
from keras.layers import Dense, Input
from keras.models import Model
from keras.optimizers import Adam
from keras.utils.np_utils import to_categorical

np.random.seed(6)
x = np.random.normal(size=(232, 4))
y = to_categorical((x[:, 0] > 0).astype(int) + (x[:, 1] > 0).astype(int), 3)

a = Input(shape=(4,))
b = Dense(24, activation="relu")(a)
c = Dense(3, activation="softmax")(b)
model = Model(input=a, output=c)
model.compile(
    optimizer=Adam(lr=0.02, beta_1=0.9, beta_2=0.999, epsilon=None, decay=0.0),
    loss="categorical_crossentropy",
    metrics=["accuracy"],
)

losses = []
for _epoch in range(10):
    order = np.random.permutation(200)
    for start in range(0, 200, 40):
        rows = order[start : start + 40]
        loss, acc = model.train_on_batch(x[rows], y[rows])
        losses.append(loss)
tested = model.test_on_batch(x[200:], y[200:])
model.fit(
    x[:200], y[:200], batch_size=40, initial_epoch=0, nb_epoch=5, verbose=0, class_weight={0: 1.0, 1: 2.0, 2: 1.0}
)
evaluated = model.evaluate(x[200:], y[200:], verbose=0)
print(
    "result:",
    f"ratio={losses[-1] / losses[0]}",
    f"tested={tested[1]}",
    f"evaluated={evaluated[1]}",
    f"on_batch={model.predict_on_batch(x[:5]).shape[1]}",
)
