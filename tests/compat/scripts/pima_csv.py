"""The first network of many people: eight measurements from a CSV file, a sigmoid at the end."""

from random import Random

import numpy as np
from keras.layers import Dense
from keras.models import Sequential

# The file that the tutorial has its readers download.
draw = Random(3)
with open("diabetes.csv", "w") as file:
    for _ in range(480):
        row = [draw.gauss(0, 1) for _ in range(8)]
        sick = int(row[1] + row[5] + 0.3 * draw.gauss(0, 1) > 0)
        file.write(",".join(f"{v:.4f}" for v in row) + f",{sick}\n")

np.random.seed(7)
dataset = np.loadtxt("diabetes.csv", delimiter=",")
X = dataset[:, 0:8]
Y = dataset[:, 8]
model = Sequential()
model.add(Dense(12, input_dim=8, kernel_initializer="uniform", activation="relu"))
model.add(Dense(8, kernel_initializer="uniform", activation="relu"))
model.add(Dense(1, kernel_initializer="uniform", activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, Y, validation_split=0.2, epochs=60, batch_size=16, verbose=0)
scores = model.evaluate(X, Y)
print(f"\n{model.metrics_names[1]}: {scores[1] * 100:.2f}%")
predictions = model.predict(X)
rounded = [round(float(x[0])) for x in predictions]
agreed = sum(a == b for a, b in zip(rounded, Y, strict=True)) / len(Y)
print("result:", f"accuracy={scores[1]}", f"agreed={agreed - scores[1]}")
