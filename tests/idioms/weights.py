"""Which weights moved, bit by bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from ranvier.layers import tracking

__all__ = ["moved", "statistics", "trained", "values"]


def values(*models: Any) -> dict[str, np.ndarray]:
    """Return copies of all variables by path, the number of the model in front."""
    return {
        f"{number}/{path}": np.array(variable.value)
        for number, model in enumerate(models)
        for path, variable in tracking.variables_by_path(model).items()
    }


def moved(before: dict[str, np.ndarray], *models: Any) -> set[str]:
    """Return the paths of the variables that differ in any bit from `before`."""
    after = values(*models)
    assert after.keys() == before.keys()
    return {path for path in after if after[path].tobytes() != before[path].tobytes()}


def trained(paths: set[str] | dict[str, Any], number: int) -> set[str]:
    """Return the paths of one model's weights, without statistics and states of draws."""
    return {path for path in paths if path.startswith(f"{number}/") and "moving" not in path and "seed" not in path}


def statistics(paths: set[str] | dict[str, Any], number: int) -> set[str]:
    """Return the paths of one model's moving averages."""
    return {path for path in paths if path.startswith(f"{number}/") and "moving" in path}
