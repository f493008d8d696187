"""Iris as a scikit-learn classifier in a cross-validation, in the words of Keras 1."""

import numpy
from keras.layers import Dense
from keras.models import Sequential
from keras.utils import np_utils
from keras.wrappers.scikit_learn import KerasClassifier
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold, cross_val_score
from sklearn.preprocessing import LabelEncoder

seed = 7
numpy.random.seed(seed)
bunch = load_iris()
X = bunch.data.astype(float)
Y = bunch.target_names[bunch.target]
# encode class values as integers, then as one-hot rows
encoder = LabelEncoder()
encoder.fit(Y)
encoded_Y = encoder.transform(Y)
dummy_y = np_utils.to_categorical(encoded_Y)


def baseline_model():
    model = Sequential()
    model.add(Dense(8, input_dim=4, init="normal", activation="relu"))
    model.add(Dense(3, init="normal", activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


estimator = KerasClassifier(build_fn=baseline_model, nb_epoch=60, batch_size=5, verbose=0)
kfold = KFold(n_splits=3, shuffle=True, random_state=seed)
results = cross_val_score(estimator, X, dummy_y, cv=kfold)
print("Accuracy: %.2f%% (%.2f%%)" % (results.mean() * 100, results.std() * 100))  # noqa: UP031

estimator.fit(X, encoded_Y)
predictions = estimator.predict(X)
print(
    "result:",
    f"folds={len(results)}",
    f"accuracy={results.mean()}",
    f"classes={len(encoder.inverse_transform(predictions))}",
    f"probabilities={estimator.predict_proba(X).shape[1]}",
    f"score={estimator.score(X, encoded_Y)}",
)
