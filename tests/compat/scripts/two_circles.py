"""Two circles: why one line is not enough; curves of training and test drawn into a file."""

import matplotlib

matplotlib.use("Agg")
import numpy as np
from matplotlib import pyplot
from sklearn.datasets import make_circles
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import SGD

np.random.seed(1)
X, y = make_circles(n_samples=384, noise=0.08, factor=0.4, random_state=1)
n_train = 192
trainX, testX = X[:n_train, :], X[n_train:, :]
trainy, testy = y[:n_train], y[n_train:]

linear = Sequential([Dense(1, activation="sigmoid", input_dim=2)])
linear.compile(loss="binary_crossentropy", optimizer="sgd", metrics=["accuracy"])
linear.fit(trainX, trainy, epochs=20, verbose=0)
_, linear_acc = linear.evaluate(testX, testy, verbose=0)

model = Sequential()
model.add(Dense(40, input_dim=2, activation="relu", kernel_initializer="he_uniform"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer=SGD(learning_rate=0.1, momentum=0.9), metrics=["accuracy"])
history = model.fit(trainX, trainy, validation_data=(testX, testy), epochs=60, verbose=0)
_, train_acc = model.evaluate(trainX, trainy, verbose=0)
_, test_acc = model.evaluate(testX, testy, verbose=0)
print(f"Train: {train_acc:.3f}, Test: {test_acc:.3f}")

pyplot.subplot(211)
pyplot.title("Loss")
pyplot.plot(history.history["loss"], label="train")
pyplot.plot(history.history["val_loss"], label="test")
pyplot.legend()
pyplot.subplot(212)
pyplot.title("Accuracy")
pyplot.plot(history.history["accuracy"], label="train")
pyplot.plot(history.history["val_accuracy"], label="test")
pyplot.legend()
pyplot.savefig("circles.png")
pyplot.show()
print("result:", f"linear={linear_acc}", f"train={train_acc}", f"test={test_acc}")
