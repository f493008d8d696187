"""Reviews as multi-hot vectors: two classes, a validation set put aside by hand, curves if matplotlib is there."""

import numpy as np
from tensorflow.keras import layers, models, optimizers

np.random.seed(0)
WORDS, ROWS = 200, 576


def make_reviews(rows):
    """Good reviews use the low words more often."""
    labels = np.random.randint(0, 2, rows)
    low, high = np.arange(WORDS // 2), np.arange(WORDS // 2, WORDS)
    sequences = []
    for label in labels:
        often, seldom = (low, high) if label else (high, low)
        sequences.append(list(np.random.choice(often, 12)) + list(np.random.choice(seldom, 6)))
    return sequences, labels


def vectorize_sequences(sequences, dimension=WORDS):
    results = np.zeros((len(sequences), dimension))
    for i, sequence in enumerate(sequences):
        results[i, sequence] = 1.0
    return results


train_data, train_labels = make_reviews(ROWS)
test_data, test_labels = make_reviews(192)
x_train, x_test = vectorize_sequences(train_data), vectorize_sequences(test_data)
y_train = np.asarray(train_labels).astype("float32")
y_test = np.asarray(test_labels).astype("float32")

model = models.Sequential()
model.add(layers.Dense(16, activation="relu", input_shape=(WORDS,)))
model.add(layers.Dense(16, activation="relu"))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(
    optimizer=optimizers.RMSprop(learning_rate=0.005), loss="binary_crossentropy", metrics=["binary_accuracy"]
)

x_val, partial_x_train = x_train[:192], x_train[192:]
y_val, partial_y_train = y_train[:192], y_train[192:]
history = model.fit(
    partial_x_train, partial_y_train, epochs=10, batch_size=64, validation_data=(x_val, y_val), verbose=0
)
history_dict = history.history
print(sorted(history_dict.keys()))

try:
    import matplotlib.pyplot as plt
except ImportError:
    plt = None
if plt is not None:
    epochs = range(1, len(history_dict["loss"]) + 1)
    plt.figure()
    plt.plot(epochs, history_dict["loss"], "bo", label="Training loss")
    plt.plot(epochs, history_dict["val_loss"], "b", label="Validation loss")
    plt.xlabel("Epochs")
    plt.legend()
    plt.savefig("loss_curves.png")
    plt.close()

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
scores = model.predict(x_test)
print("result:", f"accuracy={accuracy}", f"columns={scores.shape[1]}", f"keys={len(history_dict)}")
