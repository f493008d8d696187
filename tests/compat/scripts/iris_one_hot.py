"""Iris with labels as words: LabelEncoder, to_categorical, a softmax, a report of scikit-learn's."""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_iris
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder
from tensorflow.keras.layers import Dense
from tensorflow.keras.models import Sequential
from tensorflow.keras.optimizers import Adam
from tensorflow.keras.utils import normalize, to_categorical

np.random.seed(7)
tf.random.set_seed(7)
bunch = load_iris()
names = np.array([f"Iris-{bunch.target_names[t]}" for t in bunch.target])
encoder = LabelEncoder()
one_hot = to_categorical(encoder.fit_transform(names))
unit = normalize(bunch.data, axis=1)
X_train, X_test, y_train, y_test = train_test_split(
    bunch.data, one_hot, test_size=0.3, random_state=0, stratify=bunch.target
)

model = Sequential()
model.add(Dense(10, input_shape=(4,), activation="relu", name="fc1"))
model.add(Dense(10, activation="relu", name="fc2"))
model.add(Dense(3, activation="softmax", name="output"))
model.compile(Adam(learning_rate=0.02), loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(X_train, y_train, verbose=0, batch_size=15, epochs=60)

test_loss, test_acc = model.evaluate(X_test, y_test, verbose=0)
predicted = np.argmax(model.predict(X_test, verbose=0), axis=1)
print(classification_report(np.argmax(y_test, axis=1), predicted, target_names=encoder.classes_))
print(
    "result:",
    f"accuracy={test_acc}",
    f"columns={one_hot.shape[1]}",
    f"norm={np.linalg.norm(unit[0])}",
    f"weights={model.count_params()}",
)
