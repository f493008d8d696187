"""Keras's `wrappers` namespace: models as scikit-learn's estimators."""

from __future__ import annotations

from ranvier.wrappers.estimators import SKLearnClassifier, SKLearnRegressor, SKLearnTransformer

__all__ = ["SKLearnClassifier", "SKLearnRegressor", "SKLearnTransformer"]
