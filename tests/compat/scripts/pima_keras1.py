"""The same network as people wrote it for Keras 1: `init`, `nb_epoch`, `output_dim`."""

import numpy
from keras.layers import Dense
from keras.models import Sequential

seed = 7
numpy.random.seed(seed)
X = numpy.random.normal(size=(320, 8))
Y = (X[:, 1] + X[:, 5] > 0).astype(int)
# create model
model = Sequential()
model.add(Dense(12, input_dim=8, init="uniform", activation="relu"))
model.add(Dense(output_dim=8, init="normal", activation="relu"))
model.add(Dense(output_dim=1, init="uniform", activation="sigmoid"))
# Compile model
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["acc"])
# Fit the model
history = model.fit(X, Y, nb_epoch=60, batch_size=10, verbose=0)
classes = model.predict_classes(X)
probabilities = model.predict_proba(X)
scores = model.evaluate(X, Y)
print("%s: %.2f%%" % (model.metrics_names[1], scores[1] * 100))  # noqa: UP031
print(
    "result:",
    f"accuracy={scores[1]}",
    f"agreed={(classes[:, 0] == Y).mean() - scores[1]}",
    f"threshold={((probabilities > 0.5) != classes).sum()}",
    f"epochs={len(history.history['acc'])}",
)
