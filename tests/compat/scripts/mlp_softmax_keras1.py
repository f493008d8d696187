"""The multi-layer softmax of the oldest front page: names from keras.layers.core, SGD with lr and decay."""

import numpy as np
from keras.layers.core import Activation, Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD
from keras.regularizers import l2
from keras.utils import np_utils

np.random.seed(1337)
batch_size, nb_classes, nb_epoch = 32, 4, 20
labels = np.random.randint(0, nb_classes, 416)
X = (np.eye(nb_classes, 20)[labels] * 2.5 + np.random.normal(size=(416, 20))).astype("float32")
X_train, X_test, y_train, y_test = X[:320], X[320:], labels[:320], labels[320:]
Y_train = np_utils.to_categorical(y_train, nb_classes)
Y_test = np_utils.to_categorical(y_test, nb_classes)

model = Sequential()
# Dense(64) is a fully-connected layer with 64 hidden units.
model.add(Dense(output_dim=64, input_dim=20, init="glorot_uniform", W_regularizer=l2(0.001), b_regularizer=l2(0.001)))
model.add(Activation("tanh"))
model.add(Dropout(p=0.5))
model.add(Dense(64, init="uniform", W_constraint=None))
model.add(Activation("tanh"))
model.add(Dropout(0.5))
model.add(Dense(nb_classes, init="uniform"))
model.add(Activation("softmax"))

sgd = SGD(lr=0.1, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="categorical_crossentropy", optimizer=sgd, metrics=["accuracy"])
history = model.fit(
    X_train,
    Y_train,
    nb_epoch=nb_epoch,
    batch_size=batch_size,
    shuffle="batch",
    verbose=0,
    validation_data=(X_test, Y_test),
)
score = model.evaluate(X_test, Y_test, batch_size=16, verbose=0)
classes = model.predict_classes(X_test, batch_size=32)
proba = model.predict_proba(X_test, batch_size=32)
print("Test score:", score[0])
print(
    "result:",
    f"accuracy={score[1]}",
    f"agreed={(classes == y_test).mean() - score[1]}",
    f"row_sum={proba[0].sum()}",
    f"acc={history.history['acc'][-1]}",
    f"val_acc={history.history['val_acc'][-1]}",
)
