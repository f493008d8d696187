"""The masks of a functional model as they were when it was drawn.

A call of MultiHeadAttention takes the masks of its inputs away. Keras writes the mask of the moment of drawing into the
graph where a layer that asks for `mask` was called with one tensor and nothing else; every other call looks the masks
up while it runs. So a pooling layer behind `Add()([x, attention(x, x)])` leaves the padding out, and a second attention
behind it does not. Both are kept here: the numbers are Keras's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from jax import tree_util

from ranvier.layers.base import Layer
from ranvier.layers.calling import call_facts
from ranvier.state import masking

if TYPE_CHECKING:
    from ranvier.models.graph import Step

__all__ = ["DrawnMasks"]


class DrawnMasks:
    """Follows the masks through the steps of a graph as if no layer took one away.

    Args:
        values: the arrays of the graph's inputs, which may carry masks.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self._masks: dict[int, Any] = {number: masking.of(value) for number, value in enumerate(values)}

    def written(self, step: Step) -> dict[str, Any]:
        """Return the keyword arguments that drawing wrote into a step: its mask, or nothing."""
        layer, args = step.operation, step.args
        if not isinstance(layer, Layer) or step.kwargs or len(args) != 1:
            return {}
        mask = self._of(args[0]) if call_facts(cast(Any, type(layer))).mask_keyword else None
        return {} if mask is None else {"mask": mask}

    def _of(self, argument: Any) -> Any:
        """Return the mask of an argument that is a slot of the graph; anything else has none."""
        return self._masks.get(getattr(argument, "number", -1))

    def follow(self, step: Step, args: tuple[Any, ...], outputs: Sequence[Any]) -> None:
        """Note the masks of what a step has made."""
        layer = step.operation
        if not isinstance(layer, Layer) or hasattr(layer, "layer_graph") or not args:
            masks = [masking.of(value) for value in outputs]
        else:
            before = tree_util.tree_map(self._of, step.args[0])
            known = bool(tree_util.tree_leaves(before))
            after = None
            if (layer.supports_masking and known) or type(layer).compute_mask is not Layer.compute_mask:
                after = layer.compute_mask(args[0], before if known else None)
            masks = list(after) if isinstance(after, (list, tuple)) else [after] * len(outputs)
        self._masks.update(zip(step.outputs, masks, strict=False))
