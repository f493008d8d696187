"""A loss of sequences whose labels have no places in time."""

from __future__ import annotations

from typing import final

import jax.numpy as jnp

from ranvier._errors import InvalidArgument
from ranvier._typing import Array, ArrayLike
from ranvier.losses.base import FixedLoss
from ranvier.losses.shapes import floats
from ranvier.ops.ctc import ctc_loss
from ranvier.state.symbolic import op
from ranvier.state.variable import as_array

__all__ = ["CTC", "ctc"]


@op
def ctc(y_true: ArrayLike, y_pred: ArrayLike) -> Array:
    """`-log p(y_true | y_pred)`, summed over all ways to place the labels in time.

    Args:
        y_true: class numbers from 1 on, 0 behind the last: `(batch, labels)`.
        y_pred: logits, class 0 for "no label": `(batch, steps, classes)`.

    Returns:
        `(batch,)`.

    Raises:
        InvalidArgument: the ranks are not these.

    Example:
        >>> round(float(ctc([[1]], jnp.zeros((1, 2, 2)))[0]), 4)  # three of the four paths: log(4/3)
        0.2877

    Source: Graves et al., "Connectionist temporal classification", 2006.
    """
    labels, logits = as_array(y_true), floats(y_pred)
    if labels.ndim != 2 or logits.ndim != 3:
        raise InvalidArgument(
            "The labels or the outputs are not sequences.",
            code="loss-shape",
            place="ctc",
            expected="y_true of shape (batch, labels), y_pred of shape (batch, steps, classes)",
            received=f"y_true of shape {labels.shape}, y_pred of shape {logits.shape}",
            fix="let the last layers give one row of logits per step",
        )
    rows, steps, _ = logits.shape
    lengths = jnp.sum(labels != 0, axis=-1, dtype=jnp.int32)
    return ctc_loss(labels, logits, lengths, jnp.full(rows, steps, jnp.int32))


@final
class CTC(FixedLoss):
    """Connectionist temporal classification: `-log p(y_true | y_pred)`, see `ctc`.

    Example:
        >>> round(float(CTC()([[1]], jnp.zeros((1, 2, 2)))), 4)  # log(4/3)
        0.2877
    """

    function = staticmethod(ctc)
