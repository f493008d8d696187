"""OneCell: a recurrent layer that makes its cell from its own arguments."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from ranvier._errors import InvalidArgument
from ranvier._lookup import snake_case
from ranvier.layers.input_spec import InputSpec
from ranvier.layers.recurrent_cell import RecurrentCell
from ranvier.layers.rnn import RNN

__all__ = ["OneCell", "of_cell"]

_LOOP = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll", "activity_regularizer")


def of_cell(name: str) -> Any:
    """Return a property that shows what the layer's cell has under a name."""
    return property(lambda layer: getattr(layer.cell, name), doc=f"The cell's {name}.")


class OneCell(RNN):
    """An RNN whose arguments are its cell's and the loop's."""

    writes_activity_regularizer = True

    cell_type: ClassVar[type[RecurrentCell]]
    row_axes: ClassVar[int] = 2
    """Axes of one row: time, and what a step has."""

    activation = of_cell("activation")
    recurrent_activation = of_cell("recurrent_activation")
    use_bias = of_cell("use_bias")
    kernel_initializer = of_cell("kernel_initializer")
    recurrent_initializer = of_cell("recurrent_initializer")
    bias_initializer = of_cell("bias_initializer")
    kernel_regularizer = of_cell("kernel_regularizer")
    recurrent_regularizer = of_cell("recurrent_regularizer")
    bias_regularizer = of_cell("bias_regularizer")
    kernel_constraint = of_cell("kernel_constraint")
    recurrent_constraint = of_cell("recurrent_constraint")
    bias_constraint = of_cell("bias_constraint")
    dropout = of_cell("dropout")
    recurrent_dropout = of_cell("recurrent_dropout")
    seed = of_cell("seed")
    units = of_cell("units")

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self.input_spec = InputSpec(ndim=1 + self.row_axes)

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Build the cell; from now on a step has as many features as its kernel."""
        super().build(sequences_shape, initial_state_shape)
        if self.row_axes == 2:
            self.input_spec = InputSpec(ndim=3, axes={2: sequences_shape[2]})

    def _split(self, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the cell, and the arguments of the loop and of the layer, out of those of the constructor."""
        rest = dict(given["kwargs"])
        taken = inspect.signature(self.cell_type).parameters
        own = {name: given[name] for name in taken if name in given and name != "kwargs"}
        own |= {name: rest[name] for name in ("dtype", "trainable") if name in rest}
        if "implementation" in rest:
            own["implementation"] = rest.pop("implementation")
        cell = self._made_cell({**own, "name": snake_case(self.cell_type.__name__)})
        return cell, {**{name: given[name] for name in _LOOP if name in given}, **rest}

    def _made_cell(self, arguments: dict[str, Any]) -> RecurrentCell:
        return self.cell_type(**arguments)

    def _keep_cudnn(self, use_cudnn: Any) -> None:
        if not isinstance(use_cudnn, bool) and use_cudnn != "auto":
            raise InvalidArgument(
                "use_cudnn is accepted for Keras's sake, and changes nothing.",
                code="use-cudnn",
                place=f"layer {self.name!r}: use_cudnn",
                expected="'auto', True or False",
                received=repr(use_cudnn),
                fix="leave use_cudnn out",
            )
        self.use_cudnn = use_cudnn

    def get_config(self) -> dict[str, Any]:
        """Return the arguments; the cell is made from them."""
        return {name: value for name, value in super().get_config().items() if name not in ("cell", "use_cudnn")}
