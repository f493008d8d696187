"""SwapEMAWeights: measure and save with the moving averages that the optimizer keeps, train with the weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.callbacks.base import Callback, Logs

__all__ = ["SwapEMAWeights"]


@final
class SwapEMAWeights(Callback):
    """Put the optimizer's moving averages in the place of the weights while the model is evaluated or predicts.

    The optimizer must have been made with `use_ema=True`. The weights come back before training goes on, and the
    averages themselves are never touched, so that `fit` ends with them also where it is stopped early.

    Args:
        swap_on_epoch: keep the averages in place from the end of an epoch to the start of the next one, for callbacks
            that come after this one, such as ModelCheckpoint.

    Raises:
        InvalidArgument: when first needed, if the optimizer keeps no averages.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        self.swap_on_epoch = swap_on_epoch
        self._weights: list[np.ndarray] | None = None

    @property
    def _variables(self) -> list[Any]:
        return list(self.model.trainable_variables)

    def _put_averages(self) -> None:
        """Keep the weights and put the averages in their place."""
        if self._weights is not None:
            return
        optimizer = getattr(self.model.optimizer, "inner_optimizer", self.model.optimizer)
        if not getattr(optimizer, "use_ema", False):
            raise InvalidArgument(
                "The optimizer keeps no moving averages.",
                code="no-moving-averages",
                place="SwapEMAWeights",
                expected="an optimizer made with use_ema=True",
                received=type(optimizer).__name__,
                fix=f"compile with optimizers.{type(optimizer).__name__}(..., use_ema=True)",
            )
        self._weights = [np.array(variable.stored) for variable in self._variables]
        optimizer.finalize_variable_values(self._variables)

    def _put_weights(self) -> None:
        """Give the model its own weights again."""
        if self._weights is not None:
            for variable, weight in zip(self._variables, self._weights, strict=True):
                variable.assign(weight)
            self._weights = None

    def on_train_begin(self, logs: Logs = None) -> None:
        self._weights = None

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._put_weights()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        if self.swap_on_epoch:
            self._put_averages()

    def on_train_end(self, logs: Logs = None) -> None:
        self._weights = None

    def on_test_begin(self, logs: Logs = None) -> None:
        self._put_averages()

    def on_test_end(self, logs: Logs = None) -> None:
        self._put_weights()

    def on_predict_begin(self, logs: Logs = None) -> None:
        self._put_averages()

    def on_predict_end(self, logs: Logs = None) -> None:
        self._put_weights()

    def array_state(self) -> dict[str, np.ndarray]:
        return {f"weights/{number}": weight for number, weight in enumerate(self._weights or [])}

    def load_array_state(self, arrays: Mapping[str, np.ndarray]) -> None:
        self._weights = [np.asarray(arrays[f"weights/{number}"]) for number in range(len(arrays))]
