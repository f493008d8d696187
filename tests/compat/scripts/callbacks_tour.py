"""The ready callbacks at work: EarlyStopping, ModelCheckpoint, ReduceLROnPlateau, CSVLogger, TerminateOnNaN."""

import csv
import os

import numpy as np
from tensorflow import keras
from tensorflow.keras.callbacks import (
    CSVLogger,
    EarlyStopping,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)

keras.utils.set_random_seed(9)
rng = np.random.RandomState(0)
x = rng.normal(size=(192, 6)).astype("float32")
y = (x[:, 0] > 0).astype("float32")
flip = rng.rand(192) < 0.2
y[flip] = 1 - y[flip]

model = keras.models.Sequential(
    [
        keras.layers.Dense(64, activation="relu", input_shape=[6]),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(keras.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"])
os.makedirs("checkpoints", exist_ok=True)
callbacks = [
    EarlyStopping(monitor="val_loss", patience=8, restore_best_weights=True, verbose=1),
    ModelCheckpoint("checkpoints/best.keras", monitor="val_loss", save_best_only=True),
    ModelCheckpoint("checkpoints/w-{epoch:02d}.weights.h5", save_weights_only=True),
    ReduceLROnPlateau(monitor="val_loss", factor=0.2, patience=2, min_lr=1e-5),
    CSVLogger("training.csv"),
    TerminateOnNaN(),
]
history = model.fit(x[:128], y[:128], epochs=60, validation_data=(x[128:], y[128:]), callbacks=callbacks, verbose=0)

epochs = len(history.history["loss"])
best = min(history.history["val_loss"])
best_model = keras.models.load_model("checkpoints/best.keras")
loaded = best_model.evaluate(x[128:], y[128:], verbose=0)[0]
restored = model.evaluate(x[128:], y[128:], verbose=0)[0]
with open("training.csv") as file:
    rows = list(csv.DictReader(file))
files = [name for name in os.listdir("checkpoints") if name.startswith("w-")]
print(
    "result:",
    f"epochs={epochs}",
    f"rows_missing={epochs - len(rows)}",
    f"files_missing={epochs - len(files)}",
    f"loaded_gap={abs(loaded - best)}",
    f"restored_gap={abs(restored - best)}",
    f"rate={float(model.optimizer.learning_rate.numpy())}",
)
