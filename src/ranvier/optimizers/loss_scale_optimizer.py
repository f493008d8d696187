"""LossScaleOptimizer: keeps small gradients of float16 from vanishing, by a scale that finds its own size.

Source: Micikevicius et al., "Mixed precision training", 2018, section 3.2.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Self, final

import jax
import jax.numpy as jnp

from ranvier import _lookup
from ranvier._config import custom_object_scope
from ranvier._errors import WrongType
from ranvier._typing import Array
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.composed import Composed, refuse_elsewhere
from ranvier.optimizers.lookup import RULES, found, require_optimizer
from ranvier.optimizers.multi_optimizer import MultiOptimizer
from ranvier.optimizers.stages import OptimizerState, Tree
from ranvier.state.variable import Variable

__all__ = ["LossScaleOptimizer"]

_OWN = "scaling"
_IGNORED = {
    **{name: p.default for name, p in inspect.signature(Optimizer).parameters.items() if p.default is not p.empty},
    "dynamic": True,
}


@final
class LossScaleOptimizer(Composed):
    """Multiplies the loss by a scale, divides the gradients by it, and leaves out steps whose gradients overflowed.

        g = g / dynamic_scale, then inner_optimizer's step             if all gradients are finite
        dynamic_scale = dynamic_scale * 2                              after dynamic_growth_steps such steps
        dynamic_scale = dynamic_scale / 2, and nothing else happens    otherwise

    `compile` puts it around the optimizer of a model whose policy is `"mixed_float16"`.

    Args:
        inner_optimizer: what updates the parameters; clipping, decay and schedules are its own.
        initial_scale: the scale at the start.
        dynamic_growth_steps: steps without an overflow after which the scale doubles.
        name: the first part of the variables' paths.

    Raises:
        InvalidArgument: an argument that belongs to the inner optimizer.
        WrongType: `inner_optimizer` is no optimizer.

    Example:
        >>> from ranvier.optimizers import SGD
        >>> optimizer = LossScaleOptimizer(SGD(0.5), initial_scale=8.0)
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(32.0)}, params, optimizer.init(params))
        >>> float(params["w"])  # 10 - 0.5 * 32 / 8
        8.0
        >>> params, state = optimizer.update({"w": jnp.array(jnp.inf)}, params, state)
        >>> float(params["w"]), float(optimizer.loss_scale(state))
        (8.0, 4.0)

    Source: Micikevicius et al., 2018.
    """

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        refuse_elsewhere("LossScaleOptimizer", kwargs, _IGNORED)
        require_optimizer(inner_optimizer, "LossScaleOptimizer(inner_optimizer)")
        if isinstance(inner_optimizer, LossScaleOptimizer):
            raise WrongType(
                "The loss would be scaled twice.",
                code="loss-scaled-twice",
                place="LossScaleOptimizer(inner_optimizer)",
                expected="an optimizer that does not scale the loss",
                received="a LossScaleOptimizer",
                fix="pass its inner_optimizer",
            )
        self.inner_optimizer: Optimizer = inner_optimizer
        super().__init__(name)
        self.initial_scale = initial_scale
        self.dynamic_growth_steps = dynamic_growth_steps
        inner_optimizer.loss_scale_factor = None
        self._scaling = {
            "step_counter": self._own(0, "step_counter", "int32"),
            "dynamic_scale": self._own(float(initial_scale), "dynamic_scale", "float32"),
        }

    def parts(self) -> list[Optimizer]:
        return [self.inner_optimizer]

    def share(self, paths: Sequence[str]) -> list[list[str]]:
        return [list(paths)]

    # --- the pure core -----------------------------------------------------------------------------------------------

    def init(self, params: Mapping[str, Array]) -> OptimizerState:
        own = {name: jnp.array(v.value) for name, v in super().own_variables().items()}
        scaling = {"step_counter": jnp.zeros((), jnp.int32), "dynamic_scale": jnp.float32(self.initial_scale)}
        return {**self.inner_optimizer.init(params), _OWN: {**own, **scaling}}

    @property
    def scales_loss(self) -> bool:
        return True

    def loss_scale(self, state: OptimizerState) -> Array:
        scale: Array = state[_OWN]["dynamic_scale"]
        return scale

    def update(
        self,
        grads: Mapping[str, Array | None],
        params: Mapping[str, Array],
        state: OptimizerState,
        constraints: Mapping[str, Callable[[Array], Array]] | None = None,
        decay: Container[str] | None = None,
    ) -> tuple[Tree, OptimizerState]:
        inner = {name: part for name, part in state.items() if name != _OWN}
        present = {path: grad for path, grad in grads.items() if grad is not None}
        finite = jnp.asarray(True)
        for grad in present.values():
            finite &= jnp.isfinite(grad).all()
        unscaled = {path: grad / self.loss_scale(state) for path, grad in present.items()}
        stepped = self.inner_optimizer.update(unscaled, params, inner, constraints, decay)
        # Computed in any case and selected: one straight program, also under `vmap`.
        new, inner = jax.tree.map(lambda new, old: jnp.where(finite, new, old), stepped, (dict(params), inner))
        return new, {**inner, _OWN: self._rescaled(state[_OWN], finite)}

    def _rescaled(self, own: dict[str, Array], finite: Array) -> dict[str, Array]:
        """Return the counter and the scale after a step with finite gradients, or without."""
        counter, scale = own["step_counter"], own["dynamic_scale"]
        grown = counter == self.dynamic_growth_steps - 1
        return {
            **own,
            "step_counter": jnp.where(finite & ~grown, counter + 1, 0),
            "dynamic_scale": jnp.where(finite, jnp.where(grown, scale * 2.0, scale), scale * 0.5),
        }

    # --- Keras's face ------------------------------------------------------------------------------------------------

    def own_variables(self) -> dict[str, Variable]:
        return {**super().own_variables(), **self._scaling}

    def variable_tree(self) -> dict[str, Any]:
        return {**self.inner_optimizer.variable_tree(), _OWN: self.own_variables()}

    @property
    def dynamic_scale(self) -> Variable:
        """The scale of now."""
        return self._scaling["dynamic_scale"]

    @property
    def step_counter(self) -> Variable:
        """Steps without an overflow since the scale changed last."""
        return self._scaling["step_counter"]

    @property
    def iterations(self) -> Any:
        """How many updates the inner optimizer made."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The inner optimizer's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if "_scaling" in vars(self):  # the base sets its own first
            self.inner_optimizer.learning_rate = value

    def scale_loss(self, loss: Any) -> Any:
        return loss * self.dynamic_scale.value

    def get_config(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "inner_optimizer": _lookup.identify(self.inner_optimizer),
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        with custom_object_scope(custom_objects):
            inner = found(config["inner_optimizer"], {**RULES, "MultiOptimizer": MultiOptimizer})
        return cls(**{**config, "inner_optimizer": inner})

    @property
    def program_key(self) -> tuple[Any, ...]:
        """The inner optimizer, and what of the scaling is compiled in."""
        return (type(self), self.dynamic_growth_steps, self.inner_optimizer)
