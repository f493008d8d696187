"""TerminateOnNaN: end a run whose loss is not a number any more."""

from __future__ import annotations

import math
from typing import Any, final

from ranvier._errors import NotReady
from ranvier.callbacks.base import Callback, Logs

__all__ = ["TerminateOnNaN"]


@final
class TerminateOnNaN(Callback):
    """End training when the loss is NaN or infinite.

    The engine does that in every run, keeps the last healthy weights and says where it began
    (`history.findings`), so this is needed only for `raise_error`.

    Args:
        raise_error: raise instead, so that callbacks' `on_train_end` is not called.

    Raises:
        NotReady: a RuntimeError, with `raise_error`.
    """

    def __init__(self, raise_error: bool = False) -> None:
        self.raise_error = raise_error

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        loss = (logs or {}).get("loss")
        if (loss is None or math.isfinite(loss)) and not _found(self.model):
            return
        self.model.stop_training = True
        if self.raise_error:
            raise NotReady(
                f"The loss became NaN or infinite in epoch {epoch + 1}.",
                code="non-finite-loss",
                place="TerminateOnNaN(raise_error=True)",
                received=loss,
                fix="see history.findings for the place where it began",
            )


def _found(model: Any) -> bool:
    findings = getattr(getattr(model, "history", None), "findings", ())
    return any(getattr(finding, "code", "") == "non-finite-values" for finding in findings)
