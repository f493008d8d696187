"""Callbacks of one's own: batch and epoch hooks, and early stopping that restores the best weights."""

import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(8)


def get_model():
    model = keras.Sequential()
    model.add(keras.layers.Dense(1, input_dim=20))
    model.compile(optimizer=keras.optimizers.RMSprop(learning_rate=0.1), loss="mean_squared_error", metrics=["mae"])
    return model


rng = np.random.RandomState(0)
x = rng.normal(size=(320, 20)).astype("float32")
y = x @ rng.normal(size=(20, 1)).astype("float32")
x_train, y_train, x_test, y_test = x[:256], y[:256], x[256:], y[256:]


class LossAndErrorPrintingCallback(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.batches, self.tested = 0, 0

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        assert logs["loss"] >= 0

    def on_test_batch_end(self, batch, logs=None):
        self.tested += 1

    def on_epoch_end(self, epoch, logs=None):
        print(f"Epoch {epoch}: loss {logs['loss']:7.2f}, mean absolute error {logs['mae']:7.2f}.")


class EarlyStoppingAtMinLoss(keras.callbacks.Callback):
    def __init__(self, patience=0):
        super().__init__()
        self.patience = patience
        self.best_weights = None

    def on_train_begin(self, logs=None):
        self.wait = 0
        self.stopped_epoch = 0
        self.best = np.inf

    def on_epoch_end(self, epoch, logs=None):
        current = logs.get("loss")
        if np.less(current, self.best * 0.99):
            self.best = current
            self.wait = 0
            self.best_weights = self.model.get_weights()
        else:
            self.wait += 1
            if self.wait >= self.patience:
                self.stopped_epoch = epoch
                self.model.stop_training = True
                print("Restoring model weights from the end of the best epoch.")
                self.model.set_weights(self.best_weights)


printer, stopper = LossAndErrorPrintingCallback(), EarlyStoppingAtMinLoss(patience=3)
model = get_model()
history = model.fit(
    x_train,
    y_train,
    batch_size=64,
    epochs=200,
    verbose=0,
    validation_data=(x_test, y_test),
    validation_batch_size=32,
    callbacks=[printer, stopper],
)
epochs = len(history.history["loss"])
final = model.evaluate(x_train, y_train, verbose=0, return_dict=True)
lambdas = []
model.fit(
    x_train,
    y_train,
    epochs=2,
    verbose=0,
    callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: lambdas.append(epoch))],
)
print(
    "result:",
    f"epochs={epochs}",
    f"batches={printer.batches / epochs}",
    f"tested={printer.tested / epochs}",
    f"mae={final['mae']}",
    f"lambdas={len(lambdas)}",
)
