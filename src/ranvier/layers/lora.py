"""LoRA: a large table of weights stays as it is, and the product of two thin ones learns what to add to it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from ranvier import initializers, ops
from ranvier._errors import InvalidArgument
from ranvier.layers.base import Layer
from ranvier.layers.configured import positive_integer
from ranvier.state.variable import Variable

__all__ = ["Adaptable"]


class Adaptable(Layer):
    """A layer whose main table of weights can be adapted at low rank.

        table = frozen table + lora_alpha / lora_rank * a @ b

    Shapes: table `[..., columns]`, a `[..., lora_rank]`, b `[lora_rank, columns]`.

    A subclass names its table in `_lora_table`, keeps the variable under that name with an underscore, and gives
    `_adapted()` out under the name itself.

    Source: Hu et al., "LoRA: low-rank adaptation of large language models", 2021, section 4.1.
    """

    _lora_table: ClassVar[str] = "kernel"
    lora_enabled: bool = False
    lora_rank: int | None = None
    lora_alpha: float | None = None

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Freeze the table and add the two matrices that training changes instead; compile the model anew after it.

        Args:
            rank: number of columns of `a` and rows of `b`.
            lora_alpha: `lora_alpha / rank` scales the product; `rank` when None.
            a_initializer, b_initializer: first values; with zeros in one of them nothing changes at first.

        Raises:
            InvalidArgument: not built yet, enabled already, or the table has a constraint.
        """
        self._check_lora()
        size = positive_integer(self, "rank", rank)
        frozen: Variable = getattr(self, f"_{self._lora_table}")
        for part, shape, initializer in (
            ("a", (*frozen.shape[:-1], size), a_initializer),
            ("b", (size, frozen.shape[-1]), b_initializer),
        ):
            name = f"lora_{self._lora_table}_{part}"
            weight = self.add_weight(
                name=name,
                shape=shape,
                initializer=initializers.get(initializer),
                dtype="float32",
                regularizer=frozen.regularizer,
            )
            setattr(self, name, weight)
        frozen.trainable = False
        self.lora_rank, self.lora_alpha = size, size if lora_alpha is None else lora_alpha
        self.lora_enabled = True

    def _adapted(self) -> Any:
        """Return the table; with LoRA, the frozen table and the scaled product in the compute dtype."""
        frozen = getattr(self, f"_{self._lora_table}")
        if not self.lora_enabled:
            return frozen
        return ops.cast(ops.add(frozen, self._delta()), self.compute_dtype)

    def own_variables(self) -> list[Variable]:
        """Return this layer's own weights; the table stays the first one when LoRA freezes it."""
        found = super().own_variables()
        if not self.lora_enabled:
            return found
        frozen = getattr(self, f"_{self._lora_table}")
        return [frozen, *(variable for variable in found if variable is not frozen)]

    def constructor_arguments(self) -> dict[str, Any]:
        """Return the arguments; those of LoRA only where it is used."""
        found = super().constructor_arguments()
        return found if self.lora_rank else {k: v for k, v in found.items() if k not in ("lora_rank", "lora_alpha")}

    # --- files -------------------------------------------------------------------------------------------------------

    def merged_variables(self) -> list[Variable]:
        """Return the variables that a file holds: all but `a` and `b`, whose product it adds to the table."""
        thin = self._thin()
        return [variable for variable in self.own_variables() if not any(variable is part for part in thin)]

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the layer's own variables into `store` by their numbers, the product added to the table."""
        for number, variable in enumerate(self.merged_variables()):
            adapted = self.lora_enabled and variable is getattr(self, f"_{self._lora_table}")
            value = (variable.stored + self._delta()).astype(variable.dtype) if adapted else variable.stored
            store[str(number)] = np.asarray(value)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the variables from what `save_own_variables` gave; with LoRA, the product then adds nothing.

        Raises:
            InvalidArgument: another number of arrays, or an array of another shape; then nothing is changed.
        """
        if not self.lora_enabled:
            super().load_own_variables(store)
            return
        variables = {str(number): variable for number, variable in enumerate(self.merged_variables())}
        expected = {name: variable.shape for name, variable in variables.items()}
        received = {name: np.shape(value) for name, value in store.items()}
        if received != expected:
            raise InvalidArgument(
                "The stored variables do not fit the layer.",
                code="own-variables",
                place=f"layer {self.name!r}",
                expected=expected,
                received=received,
                fix="build the layer as it was when it was saved",
            )
        for name, variable in variables.items():
            variable.assign(store[name])
        self.forget_delta()

    def forget_delta(self) -> None:
        """Let the product add nothing, because the table has it now; `a` stays, so that training can go on."""
        if self.lora_enabled:
            b = self._thin()[1]
            b.assign(jnp.zeros(b.shape))

    # --- inside ------------------------------------------------------------------------------------------------------

    def _thin(self) -> tuple[Variable, ...]:
        if not self.lora_enabled:
            return ()
        return tuple(getattr(self, f"lora_{self._lora_table}_{part}") for part in "ab")

    def _delta(self) -> Any:
        a, b = self._thin()
        assert self.lora_alpha is not None and self.lora_rank is not None
        return ops.multiply(self.lora_alpha / self.lora_rank, ops.matmul(a, b))

    def _keep_lora(self, rank: int | None, alpha: float | None) -> None:
        """Store the constructor's arguments under their names."""
        self.lora_rank, self.lora_alpha = rank, rank if alpha is None else alpha

    def _enable_asked_lora(self) -> None:
        """Enable LoRA at the end of `build`, where the constructor was given a rank."""
        if self.lora_rank:
            self.built = True
            self.enable_lora(self.lora_rank, self.lora_alpha)

    def _check_lora(self) -> None:
        constraint = getattr(self, f"{self._lora_table}_constraint", None)
        if constraint is not None:
            raise InvalidArgument(
                "A table with a constraint cannot be adapted: the constraint would apply to the frozen part alone.",
                code="lora-constraint",
                place=f"layer {self.name!r}: {self._lora_table}_constraint",
                received=repr(constraint)[:100],
                fix=f"leave {self._lora_table}_constraint out",
            )
        if not self.built or self.lora_enabled:
            raise InvalidArgument(
                "LoRA is enabled once, on a layer that has its weights.",
                code="lora-when",
                place=f"layer {self.name!r}: enable_lora",
                expected="a built layer without LoRA",
                received="LoRA is enabled already" if self.lora_enabled else "the layer is not built",
                fix="call it once, after build(input_shape) or a first call on data",
            )
