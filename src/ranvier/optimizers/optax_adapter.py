"""OptaxOptimizer: any Optax `GradientTransformation` with the interface of our own optimizers.

Optax itself is not imported: what is needed of it are the two functions `init(params)` and
`update(gradients, state, params)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import jax
import jax.numpy as jnp

from ranvier._errors import Unsupported, WrongType
from ranvier._typing import Array
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.stages import RATE, OptimizerState, Tree
from ranvier.state.variable import Variable

__all__ = ["OptaxOptimizer", "is_optax"]

_SLOTS = "optax"
_INJECTED = f"hyperparams/{RATE}"


def is_optax(value: Any) -> bool:
    """Whether `value` is a gradient transformation: a named tuple of the functions `init` and `update`."""
    return (
        isinstance(value, tuple) and callable(getattr(value, "init", None)) and callable(getattr(value, "update", None))
    )


class NoLearningRate(Unsupported, AttributeError):
    """The learning rate is inside an Optax transformation; also an AttributeError, so that `hasattr` says no."""


@final
class OptaxOptimizer(Optimizer):
    """An Optax gradient transformation, as it is.

        updates, optax_state = transformation.update(g, optax_state, w)
        w = w + updates

    Clipping, decay, accumulation and schedules are Optax's own (`optax.chain`). The leaves of the Optax state are the
    slots of the one path `"optax"`, named by their place in it. A parameter without a gradient stays; Optax sees zero.

    Args:
        transformation: what `optax.adam(0.001)` or `optax.chain(...)` returns.
        name: the first part of the variables' paths.

    Example:
        >>> import optax
        >>> optimizer = OptaxOptimizer(optax.sgd(0.5))
        >>> params = {"w": jnp.array(10.0)}
        >>> params, state = optimizer.update({"w": jnp.array(2.0)}, params, optimizer.init(params))
        >>> float(params["w"])
        9.0
    """

    def __init__(self, transformation: Any, name: str | None = None) -> None:
        super().__init__(0.0, name=name)
        self._learning_rate = None
        self.transformation = transformation

    def _first_slots(self, params: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
        return {_SLOTS: _named_leaves(self.transformation.init(dict(params)))}

    def _described(self) -> dict[str, Any]:
        """Return the parameters' values, which a transformation's `init` may read."""
        return {path: v.value for path, v in self._model.items()}

    def _step(self, grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        layout = jax.eval_shape(self.transformation.init, params)
        leaves = [state["slots"][_SLOTS][name] for name in _named_leaves(layout)]
        inner = jax.tree.unflatten(jax.tree.structure(layout), leaves)
        full = {path: grads[path].astype(w.dtype) if path in grads else jnp.zeros_like(w) for path, w in params.items()}
        updates, inner = self.transformation.update(full, inner, params)
        moved = {path: (w + updates[path]).astype(w.dtype) if path in grads else w for path, w in params.items()}
        return moved, {**state, "slots": {_SLOTS: _named_leaves(inner)}}

    @property
    def learning_rate(self) -> Any:
        """The learning rate of a transformation made by `optax.inject_hyperparams`, as a Variable.

        Raises:
            NoLearningRate: the transformation keeps it to itself.
        """
        found = self._injected()
        if found is None:
            raise NoLearningRate(
                "Nobody outside of this Optax transformation knows its learning rate.",
                code="optax-learning-rate",
                place=f"optimizer {self.name!r}",
                fix="make it with optax.inject_hyperparams(optax.adam)(learning_rate=0.001), and build it",
            )
        return found

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if self.built or self._learning_rate is None:
            self.learning_rate.assign(value)

    def _injected(self) -> Variable | None:
        slots = self._slots.get(_SLOTS, {})
        return next((v for name, v in slots.items() if f"/{name}".endswith(f"/{_INJECTED}")), None)

    def get_config(self) -> dict[str, Any]:
        """Refuse: a transformation is a pair of functions, and code is never written into a file.

        Raises:
            WrongType: always.
        """
        raise WrongType(
            "An Optax transformation cannot be written into a configuration.",
            code="config-not-plain",
            place=f"optimizer {self.name!r}",
            expected="an optimizer of ranvier.optimizers",
            received=repr(self.transformation)[:200],
            fix="save the weights alone, or compile the loaded model with the transformation again",
        )

    @property
    def program_key(self) -> tuple[Any, ...]:
        """The transformation is compiled in."""
        return (type(self), self.transformation)


def _named_leaves(tree: Any) -> dict[str, Array]:
    """Return the leaves of an Optax state by their place in it, `0/mu/dense/kernel`."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {jax.tree_util.keystr(path, simple=True, separator="/"): leaf for path, leaf in leaves}
