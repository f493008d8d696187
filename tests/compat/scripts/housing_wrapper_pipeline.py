"""A regression as a scikit-learn estimator behind a scaler, in a pipeline and a grid search (Keras 2)."""

import numpy
from keras.layers import Dense
from keras.models import Sequential
from keras.wrappers.scikit_learn import KerasRegressor
from sklearn.datasets import make_regression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

numpy.random.seed(7)
X, Y = make_regression(n_samples=150, n_features=13, n_informative=4, noise=1.0, random_state=7)
X, Y = X * 10 + 3, Y / numpy.std(Y)


def larger_model(units=20):
    model = Sequential()
    model.add(Dense(units, input_dim=13, kernel_initializer="normal", activation="relu"))
    model.add(Dense(1, kernel_initializer="normal"))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


estimators = []
estimators.append(("standardize", StandardScaler()))
estimators.append(("mlp", KerasRegressor(build_fn=larger_model, epochs=60, batch_size=5, verbose=0)))
pipeline = Pipeline(estimators)
kfold = KFold(n_splits=3)
results = cross_val_score(pipeline, X, Y, cv=kfold, scoring="neg_mean_squared_error")
print(f"Larger: {results.mean():.2f} ({results.std():.2f}) MSE")

grid = GridSearchCV(
    KerasRegressor(build_fn=larger_model, epochs=3, batch_size=15, verbose=0),
    {"units": [4, 16], "batch_size": [15]},
    cv=2,
    scoring="neg_mean_squared_error",
)
found = grid.fit((X - X.mean(0)) / X.std(0), Y)
print(f"Best: {found.best_score_:f} using {found.best_params_}")
print(
    "result:",
    f"mse={-results.mean()}",
    f"units={found.best_params_['units']}",
    f"tried={len(found.cv_results_['params'])}",
)
