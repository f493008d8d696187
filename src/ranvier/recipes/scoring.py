"""Scores of predictions on rows with known targets, and how numbers are written for people."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ranvier.recipes.schema import Kind

__all__ = ["HEADLINE", "SMALLER_IS_BETTER", "TITLES", "amount", "interval", "rmse_interval", "score", "shown"]

HEADLINE: dict[str, str] = {"classification": "accuracy", "regression": "rmse"}
"""The score by which models are compared."""
TITLES = {
    "accuracy": "accuracy",
    "macro_f1": "mean F1",
    "log_loss": "log loss",
    "rmse": "RMSE",
    "mae": "MAE",
    "r2": "R²",
}
SMALLER_IS_BETTER = frozenset({"log_loss", "rmse", "mae"})
_SMALLEST_PROBABILITY = 1e-7


def score(kind: Kind, y: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> dict[str, float]:
    """Return the scores of a model.

    For classes: `accuracy`, the share of rows whose most probable class is right; `macro_f1`, the mean over classes of
    `2 right / (named + true)`; `log_loss`, the mean of `-log p(right class)`. For amounts: `rmse`, `mae`, both in the
    target's unit, and `r2`.

    Args:
        kind: what is predicted.
        y: `[row]` class numbers, or amounts.
        predictions: `[row, class]` probabilities, or `[row]` amounts.

    Example:
        >>> score("regression", np.array([1.0, 3.0]), np.array([1.0, 2.0]))["mae"]
        0.5
    """
    if kind == "regression":
        error = predictions.astype(np.float64) - y.astype(np.float64)
        spread = float(np.mean((y - y.mean(dtype=np.float64)) ** 2))
        mse = float(np.mean(error**2))
        r2 = 1 - mse / spread if spread else float(mse == 0)
        return {"rmse": mse**0.5, "mae": float(np.mean(np.abs(error))), "r2": r2}
    named, y = predictions.argmax(axis=1), y.astype(np.int64)
    right_class = np.take_along_axis(predictions.astype(np.float64), y[:, None], axis=1)
    return {
        "accuracy": float(np.mean(named == y)),
        "macro_f1": _macro_f1(y, named),
        "log_loss": float(-np.mean(np.log(np.clip(right_class, _SMALLEST_PROBABILITY, 1)))),
    }


def _macro_f1(y: npt.NDArray[Any], named: npt.NDArray[Any]) -> float:
    """Return the mean F1 over the classes that occur."""
    classes = np.union1d(y, named)
    return float(
        np.mean([2 * np.sum((y == c) & (named == c)) / (np.sum(y == c) + np.sum(named == c)) for c in classes])
    )


def interval(share: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that was counted on `rows` rows.

        (share + z²/2n ± z sqrt(share (1 - share) / n + z²/4n²)) / (1 + z²/n),  z = 1.96

    Example:
        >>> [round(bound, 3) for bound in interval(0.975, 360)]
        [0.953, 0.987]

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    z = 1.959964
    centre = share + z * z / (2 * rows)
    reach = z * ((share * (1 - share) + z * z / (4 * rows)) / rows) ** 0.5
    scale = 1 + z * z / rows
    return (centre - reach) / scale, (centre + reach) / scale


def rmse_interval(y: npt.NDArray[Any], predictions: npt.NDArray[Any]) -> tuple[float, float]:
    """Return the 95 % interval of the root of the mean squared error.

        sqrt(mean(e²) ± z std(e²) / sqrt(n)),  e = predictions - y,  z = 1.96

    Args:
        y: `[row]` amounts.
        predictions: `[row]` amounts.

    Example:
        >>> rmse_interval(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
        (1.0, 1.0)

    Source: the normal approximation of a mean, Laplace (1812).
    """
    squares = (predictions.astype(np.float64) - y.astype(np.float64)) ** 2
    mean, reach = float(squares.mean()), 1.959964 * float(squares.std()) / len(squares) ** 0.5
    return max(mean - reach, 0.0) ** 0.5, (mean + reach) ** 0.5


def shown(name: str, value: float) -> str:
    """Return a score as people read it.

    Example:
        >>> shown("accuracy", 0.97777), shown("rmse", 48123.4), shown("r2", 0.8149)
        ('97.8 %', '48,123', '0.815')
    """
    if name == "accuracy":
        return f"{100 * value:.1f} %"
    return amount(value, digits=3)


def amount(value: float, digits: int = 5, sign: str = "-") -> str:
    """Return an amount as people read it: whole from a thousand on, else with so many digits.

    Example:
        >>> amount(-395400.3), amount(37.79999), amount(2.5, sign="+")
        ('-395,400', '37.8', '+2.5')
    """
    return f"{value:{sign},.0f}" if abs(value) >= 1000 else f"{value:{sign}.{digits}g}"
