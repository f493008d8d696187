"""XOR, the smallest problem that needs a hidden layer."""

import numpy as np
from keras.layers import Dense
from keras.models import Sequential

np.random.seed(1)
training_data = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32")
target_data = np.array([[0], [1], [1], [0]], "float32")

model = Sequential()
model.add(Dense(32, input_dim=2, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="mean_squared_error", optimizer="adam", metrics=["binary_accuracy"])
model.fit(training_data, target_data, epochs=800, verbose=0)
rounded = model.predict(training_data).round()
print(rounded)
scores = model.evaluate(training_data, target_data)
print(f"{model.metrics_names[1]}: {scores[1] * 100:.2f}%")
print("result:", f"wrong={np.abs(rounded - target_data).sum()}", f"accuracy={scores[1]}")
