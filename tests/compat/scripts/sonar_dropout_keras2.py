"""Dropout and a cap on the weights: SGD with lr and momentum, maxnorm, a step schedule, checkpoints as .hdf5."""

import glob

import numpy
from keras.callbacks import LearningRateScheduler, ModelCheckpoint
from keras.constraints import maxnorm
from keras.layers import Dense, Dropout
from keras.models import Sequential, load_model, model_from_json
from keras.optimizers import SGD

numpy.random.seed(7)
Y = numpy.random.randint(0, 2, 320)
X = numpy.random.normal(size=(320, 20)) + 0.8 * Y[:, None]


def create_model():
    model = Sequential()
    model.add(Dropout(0.2, input_shape=(20,)))
    model.add(Dense(30, kernel_initializer="normal", activation="relu", kernel_constraint=maxnorm(1.5)))
    model.add(Dense(15, kernel_initializer="normal", activation="relu", kernel_constraint=maxnorm(1.5)))
    model.add(Dense(1, kernel_initializer="normal", activation="sigmoid"))
    sgd = SGD(lr=0.1, momentum=0.9, decay=0.0, nesterov=False)
    model.compile(loss="binary_crossentropy", optimizer=sgd, metrics=["accuracy"])
    return model


model = create_model()
checkpoint = ModelCheckpoint(
    "weights-improvement-{epoch:02d}-{val_acc:.2f}.hdf5", monitor="val_acc", save_best_only=True, mode="max"
)
model.fit(
    X,
    Y,
    validation_split=0.2,
    epochs=25,
    batch_size=16,
    callbacks=[checkpoint, LearningRateScheduler(lambda epoch: 0.1 if epoch < 15 else 0.05)],
    verbose=0,
)
files = sorted(glob.glob("weights-improvement-*.hdf5"))
best = load_model(files[-1])
largest = numpy.sqrt((model.layers[1].get_weights()[0] ** 2).sum(axis=0)).max()

# serialize model to JSON and weights to HDF5
with open("model.json", "w") as json_file:
    json_file.write(model.to_json())
model.save_weights("model.h5")
with open("model.json") as json_file:
    loaded_model = model_from_json(json_file.read())
loaded_model.load_weights("model.h5")
loaded_model.compile(loss="binary_crossentropy", optimizer="rmsprop", metrics=["accuracy"])
gap = numpy.abs(loaded_model.predict(X) - model.predict(X)).max()
print(
    "result:",
    f"files={len(files)}",
    f"best={best.evaluate(X, Y, verbose=0)[1]}",
    f"largest={largest}",
    f"gap={gap}",
)
