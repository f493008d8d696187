"""House prices with few rows: K-fold validation written by hand, scores averaged over the folds."""

import numpy as np
from keras import layers, models

rng = np.random.RandomState(5)
train_data = rng.normal(2.0, 3.0, size=(96, 13))
train_targets = 20 + train_data[:, 0] * 2 - train_data[:, 5] + rng.normal(0, 0.3, 96)

mean = train_data.mean(axis=0)
train_data -= mean
std = train_data.std(axis=0)
train_data /= std


def build_model():
    model = models.Sequential()
    model.add(layers.Dense(16, activation="relu", input_shape=(train_data.shape[1],)))
    model.add(layers.Dense(16, activation="relu"))
    model.add(layers.Dense(1))
    model.compile(optimizer="rmsprop", loss="mse", metrics=["mae"])
    return model


k = 3
num_val_samples = len(train_data) // k
num_epochs = 80
all_scores = []
all_mae_histories = []
for i in range(k):
    print("processing fold #", i)
    val_data = train_data[i * num_val_samples : (i + 1) * num_val_samples]
    val_targets = train_targets[i * num_val_samples : (i + 1) * num_val_samples]
    partial_train_data = np.concatenate(
        [train_data[: i * num_val_samples], train_data[(i + 1) * num_val_samples :]], axis=0
    )
    partial_train_targets = np.concatenate(
        [train_targets[: i * num_val_samples], train_targets[(i + 1) * num_val_samples :]], axis=0
    )
    model = build_model()
    history = model.fit(
        partial_train_data,
        partial_train_targets,
        validation_data=(val_data, val_targets),
        epochs=num_epochs,
        batch_size=4,
        verbose=0,
    )
    val_mse, val_mae = model.evaluate(val_data, val_targets, verbose=0)
    all_scores.append(val_mae)
    all_mae_histories.append(history.history["val_mae"])

average_mae_history = [np.mean([x[i] for x in all_mae_histories]) for i in range(num_epochs)]
print(
    "result:",
    f"folds={len(all_scores)}",
    f"mae={np.mean(all_scores)}",
    f"first={average_mae_history[0]}",
    f"last={average_mae_history[-1]}",
)
