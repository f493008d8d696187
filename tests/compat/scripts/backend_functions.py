"""Losses and metrics of one's own in the words of the backend: K.mean, K.square, K.clip, K.epsilon and friends."""

import numpy as np
from keras import backend as K
from keras.layers import Dense, Lambda
from keras.models import Sequential

np.random.seed(4)


def rmse(y_true, y_pred):
    return K.sqrt(K.mean(K.square(y_pred - y_true), axis=-1))


def r2(y_true, y_pred):
    residual = K.sum(K.square(y_true - y_pred))
    total = K.sum(K.square(y_true - K.mean(y_true)))
    return 1 - residual / (total + K.epsilon())


def f1(y_true, y_pred):
    hits = K.sum(K.round(K.clip(y_true * y_pred, 0, 1)))
    precision = hits / (K.sum(K.round(K.clip(y_pred, 0, 1))) + K.epsilon())
    recall = hits / (K.sum(K.round(K.clip(y_true, 0, 1))) + K.epsilon())
    return 2 * precision * recall / (precision + recall + K.epsilon())


def focal_loss(gamma=2.0, alpha=0.25):
    def loss(y_true, y_pred):
        y_pred = K.clip(y_pred, K.epsilon(), 1.0 - K.epsilon())
        pt = y_true * y_pred + (1 - y_true) * (1 - y_pred)
        return -K.mean(alpha * K.pow(1.0 - pt, gamma) * K.log(pt), axis=-1)

    return loss


def soft_accuracy(y_true, y_pred):
    return K.mean(K.cast(K.equal(y_true, K.round(y_pred)), K.floatx()))


X = np.random.normal(size=(320, 4)).astype("float32")
value = X[:, :1] - X[:, 1:2] + 0.5
label = (value > 0).astype("float32")

regression = Sequential([Dense(16, activation="relu", input_dim=4), Dense(1)])
regression.compile(loss=rmse, optimizer="adam", metrics=[r2, "mae"])
first = regression.fit(X, value, epochs=40, verbose=0)

classifier = Sequential()
classifier.add(Lambda(lambda x: K.abs(x) * K.sign(x), input_shape=(4,)))
classifier.add(Dense(16, activation="relu"))
classifier.add(Dense(1, activation="sigmoid"))
classifier.compile(loss=focal_loss(), optimizer="adam", metrics=[f1, soft_accuracy])
second = classifier.fit(X, label, epochs=30, verbose=0)

assert np.allclose(K.eval(K.exp(K.constant([0.0, 1.0]))), [1, np.e])
assert K.int_shape(K.zeros((2, 3))) == (2, 3)
assert K.get_value(K.argmax(K.variable([[1.0, 3.0, 2.0]]), axis=-1))[0] == 1
assert np.allclose(K.get_value(K.max(K.abs(K.constant([-3.0, 2.0])))), 3)
print(
    "result:",
    f"r2={first.history['r2'][-1]}",
    f"rmse={first.history['loss'][-1]}",
    f"f1={second.history['f1'][-1]}",
    f"soft_accuracy={second.history['soft_accuracy'][-1]}",
)
