"""From a symbolic tensor back to the inputs that it is computed from."""

from __future__ import annotations

from ranvier._errors import WrongType
from ranvier.state.symbolic import KerasTensor

__all__ = ["get_source_inputs"]


def get_source_inputs(tensor: KerasTensor) -> list[KerasTensor]:
    """Return the Input tensors that a symbolic tensor depends on, each once, in the order in which they are met.

    Raises:
        WrongType: it is not symbolic.

    Example:
        >>> from ranvier import Input
        >>> a, b = Input((2,), name="a"), Input((2,), name="b")
        >>> [source.name for source in get_source_inputs(a + b)]
        ['a', 'b']
    """
    if not isinstance(tensor, KerasTensor):
        raise WrongType(
            "Only a symbolic tensor has inputs that it comes from.",
            code="not-symbolic",
            place="get_source_inputs",
            expected="a KerasTensor, such as keras.Input(...) or what a layer makes of it",
            received=type(tensor).__name__,
        )
    found: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        node = None if current.history is None else current.history.node
        if node is None or node.is_input:
            found[id(current)] = current
        else:
            waiting += reversed(node.inputs)
    return list(found.values())
