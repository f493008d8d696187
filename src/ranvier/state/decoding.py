"""Decoding: a sequence continued token by token, each step of which computes one position.

A first pass over the whole sequence keeps the keys and values of every causal attention. A later pass sees one token:
attention puts that token's key and value among the kept ones, and positions are counted from where the token stands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jax import lax, tree_util

from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.state import scope

__all__ = ["Decoding", "counted", "is_step"]


@dataclass
class Decoding:
    """What attention keeps and where a pass stands; part of its Scope.

    Attributes:
        position: place of the one token that the pass sees; None while it sees the whole sequence.
        kept: what each attention keeps, arrays [batch, time, ...] by its path and the number of its call.
    """

    position: Array | None = None
    kept: dict[str, Any] = field(default_factory=dict)
    _calls: dict[str, int] = field(default_factory=dict)

    def extended(self, place: str, arrays: Any) -> Any:
        """Return arrays [batch, time, ...] for all positions, the pass's own among them, and keep them.

        Args:
            place: path of the layer.
            arrays: a nest of arrays for the positions that the pass sees.

        Raises:
            InvalidArgument: the pass sees one position, but these are others, or none were kept.
        """
        number = self._calls.get(place, 0)
        self._calls[place] = number + 1
        name = f"{place}#{number}"
        position = self.position
        if position is not None:
            if name not in self.kept or any(leaf.shape[1] != 1 for leaf in tree_util.tree_leaves(arrays)):
                raise InvalidArgument(
                    "This model cannot compute one position alone.", code="decoding-position", place=place
                )
            arrays = tree_util.tree_map(
                lambda old, new: lax.dynamic_update_slice_in_dim(old, new.astype(old.dtype), position, axis=1),
                self.kept[name],
                arrays,
            )
        self.kept[name] = arrays
        return arrays


def _position() -> Array | None:
    running = scope.active()
    return None if running is None or running.decoding is None else running.decoding.position


def is_step() -> bool:
    """Return whether the running pass sees one position of a longer sequence."""
    return _position() is not None


def counted(numbers: Array) -> Array:
    """Return `[0]`, which counts the one token that a step sees, as that token's place; other numbers as they are."""
    position = _position()
    return numbers if position is None or numbers.shape != (1,) else numbers + position.astype(numbers.dtype)
