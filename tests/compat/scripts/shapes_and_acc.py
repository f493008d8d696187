"""Looking at a model as Keras 2 showed it: layer.input_shape, output_shape, history['acc'], shuffle='batch'."""

import keras
import numpy as np
from keras.layers import Dense, Flatten
from keras.models import Sequential

np.random.seed(5)
x = np.random.normal(size=(160, 4, 3))
y = (x.sum(axis=(1, 2)) > 0).astype(int)

model = Sequential()
model.add(Flatten(input_shape=(4, 3)))
model.add(Dense(16, activation="relu"))
model.add(Dense(1, activation="sigmoid"))
for layer in model.layers:
    print(layer.name, layer.input_shape, layer.output_shape)
model.compile(keras.optimizers.RMSprop(lr=0.01), "binary_crossentropy", metrics=["acc"])
stop = keras.callbacks.EarlyStopping(monitor="val_acc", patience=30, mode="max")
history = model.fit(x, y, batch_size=20, epochs=20, validation_split=0.25, shuffle="batch", callbacks=[stop], verbose=0)
acc, val_acc = history.history["acc"], history.history["val_acc"]
print(
    "result:",
    f"flat={model.layers[0].output_shape[1]}",
    f"wide={model.layers[1].input_shape[1]}",
    f"out={model.layers[-1].output_shape[-1]}",
    f"acc={acc[-1]}",
    f"val={len(val_acc)}",
)
