"""scikit-learn's digits in a stratified K-fold loop, a new model and a cleared session for each fold."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from tensorflow.keras import backend as K
from tensorflow.keras.layers import Dense, Dropout
from tensorflow.keras.models import Sequential
from tensorflow.keras.utils import set_random_seed

set_random_seed(42)
X, y = load_digits(return_X_y=True)
X, y = X[:576], y[:576]

scores, matrices = [], []
for train, test in StratifiedKFold(n_splits=3, shuffle=True, random_state=42).split(X, y):
    K.clear_session()
    scaler = StandardScaler().fit(X[train])
    model = Sequential()
    model.add(Dense(48, activation="relu", input_shape=(64,)))
    model.add(Dropout(0.1))
    model.add(Dense(10, activation="softmax"))
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(scaler.transform(X[train]), y[train], epochs=15, batch_size=32, verbose=0)
    predicted = np.argmax(model.predict(scaler.transform(X[test]), verbose=0), axis=-1)
    loss, accuracy = model.evaluate(scaler.transform(X[test]), y[test], verbose=0)
    assert abs(accuracy - accuracy_score(y[test], predicted)) < 1e-6
    print(f"accuracy: {accuracy * 100:.2f}%")
    scores.append(accuracy)
    matrices.append(confusion_matrix(y[test], predicted))
print("result:", f"folds={len(scores)}", f"mean={np.mean(scores)}", f"rows={int(np.sum(matrices))}")
