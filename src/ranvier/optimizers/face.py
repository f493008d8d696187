"""Keras's face of an optimizer: build, apply, learning rate, configuration. It only calls the pure core."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self

import jax
import jax.numpy as jnp

from ranvier import _config, _lookup
from ranvier._errors import InvalidArgument, WrongType
from ranvier._typing import Array
from ranvier.optimizers import schedules
from ranvier.optimizers.holder import VariableHolder
from ranvier.optimizers.schedules import LearningRateSchedule
from ranvier.optimizers.stages import AVERAGE, RATE, OptimizerState, Tree
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable, as_array

__all__ = ["OptimizerFace", "rate_type"]


def rate_type() -> Any:
    """Return the float type of the optimizer's scalars: never less than 32 bits."""
    return jnp.promote_types(_config.floatx(), jnp.float32)


class OptimizerFace(VariableHolder):
    """What Keras code calls on an optimizer; `Optimizer` is the one to derive from."""

    gradient_accumulation_steps: int | None
    loss_scale_factor: float | None

    def __init__(self, learning_rate: Any, name: str | None = None) -> None:
        super().__init__(name)
        self._excluded: tuple[tuple[Variable, ...], tuple[str, ...]] = ((), ())
        self._learning_rate = self._own(jnp.zeros((), rate_type()), RATE)
        self.learning_rate = learning_rate

    def update(
        self,
        grads: Mapping[str, Array | None],
        params: Mapping[str, Array],
        state: OptimizerState,
        constraints: Mapping[str, Callable[[Array], Array]] | None = None,
    ) -> tuple[Tree, OptimizerState]:
        """Return the parameters and the state after one update."""
        raise NotImplementedError

    def _first_slots(self, params: Mapping[str, Any]) -> dict[str, dict[str, Array]]:
        raise NotImplementedError

    # --- variables and numbers ---------------------------------------------------------------------------------------

    def build(self, variables: Sequence[Variable], paths: Sequence[str] | None = None) -> None:
        """Create the optimizer's Variables for a list of parameters; does nothing when they exist.

        Args:
            variables: the parameters.
            paths: their structural paths, the keys of the state; their own paths when None.
        """
        if self.built:
            return
        # A user's training step may build the optimizer while it is traced: the first values are real all the same.
        with jax.ensure_compile_time_eval():
            self._adopt_model(list(variables), paths if paths is not None else self._given_paths)
            self._numbers = {name: self._own(x, name) for name, x in self._first_numbers().items() if name != RATE}
            if self._learning_rate is not None:
                self._numbers[RATE] = self._learning_rate
            self._create_slots(self._first_slots(self._described()))
        self.built = True

    def _described(self) -> dict[str, Any]:
        """Return the parameters by shape and dtype: building must not draw values that `fit(seed=)` is to draw."""
        return {path: jax.ShapeDtypeStruct(v.shape, jnp.dtype(v.dtype)) for path, v in self._model.items()}

    def _first_numbers(self) -> dict[str, Array]:
        """Return the numbers of a fresh state, each an array of its own."""
        rate = {} if self._learning_rate is None else {RATE: jnp.array(self._learning_rate.value)}
        return {**rate, **{name: jnp.asarray(value, rate_type()) for name, value in self.numbers().items()}}

    @property
    def iterations(self) -> Any:
        """How many updates were made: steps, divided by `gradient_accumulation_steps` where given."""
        steps = self.gradient_accumulation_steps
        return self._iterations.value // steps if steps else self._iterations

    @property
    def learning_rate(self) -> Any:
        """The learning rate: a Variable that can be assigned, or the current value of a schedule."""
        if self._schedule is not None:
            return self._rate_at(self._iterations.value)
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if callable(value) and not isinstance(value, Variable):
            self._schedule = value
            return
        if isinstance(self._schedule, LearningRateSchedule):
            raise WrongType(
                "The learning rate of this optimizer follows a schedule and cannot be set to a number.",
                code="learning-rate-scheduled",
                place=f"optimizer {self.name!r}",
                expected="another schedule",
                received=repr(value),
                fix="make the optimizer with a number as learning_rate",
            )
        self._schedule = None
        assert self._learning_rate is not None
        self._learning_rate.assign(_scalar(value, self.name))

    def _rate_at(self, step: Any) -> Array:
        """Return what the schedule gives at a step, or the callable without arguments."""
        assert self._schedule is not None
        scheduled = isinstance(self._schedule, LearningRateSchedule)
        value = self._schedule(step) if scheduled else self._schedule()  # type: ignore[call-arg]
        return as_array(value).astype(rate_type()).reshape(())

    # --- one update on Variables -------------------------------------------------------------------------------------

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Variable]]) -> Variable:
        """Update the parameters from pairs `(gradient, variable)`; return the step counter."""
        pairs = list(grads_and_vars)
        self.apply([grad for grad, _ in pairs], [variable for _, variable in pairs])
        return self._iterations

    def apply(self, grads: Sequence[Any], trainable_variables: Sequence[Variable] | None = None) -> None:
        """Update the parameters from a list of gradients, one for each variable.

        Args:
            grads: gradients; None keeps its parameter and is warned of.
            trainable_variables: the parameters; those of `build` when None. The first call builds.

        Raises:
            NotReady: no variables are given and the optimizer is not built.
            InvalidArgument: the lists differ in length, a variable is unknown, or every gradient is None.
        """
        if len(grads) == 0:
            return
        named = self._named_gradients(list(grads), trainable_variables)
        missing = [self._model[path].path for path, grad in named.items() if grad is None]
        if missing and len(missing) < len(named):
            warnings.warn(f"There are no gradients for {missing}: these variables keep their values.", stacklevel=2)
        params = {path: v.value for path, v in self._model.items()}
        state = jax.tree.map(lambda v: v.value, self.variable_tree())
        constraints = {path: v.constraint for path, v in self._model.items() if v.constraint is not None}
        new_params, new_state = self.update(named, params, state, constraints)
        for path, variable in self._model.items():
            if new_params[path] is not params[path]:
                variable.assign(new_params[path])
        jax.tree.map(lambda v, x: v.assign(x), self.variable_tree(), new_state)

    def _named_gradients(self, grads: list[Any], variables: Sequence[Variable] | None) -> dict[str, Array | None]:
        """Return the gradients by path, and build where that was not done."""
        if variables is not None and not self.built:
            self.build(list(variables))
        self.variable_tree()
        chosen = list(self._model.values()) if variables is None else list(variables)
        if len(chosen) != len(grads):
            raise InvalidArgument(
                "The number of gradients differs from the number of variables.",
                code="gradients-count",
                place=f"optimizer {self.name!r}",
                expected=f"{len(chosen)} gradients",
                received=len(grads),
                fix="pass one gradient, or None, for each variable",
            )
        if unknown := [v.path for v in chosen if id(v) not in self._paths]:
            raise InvalidArgument(
                "The optimizer was built on other variables.",
                code="unknown-variable",
                place=f"optimizer {self.name!r}",
                expected=", ".join(self._model),
                received=", ".join(unknown),
                fix="make a new optimizer for a new set of variables",
            )
        return {
            self._paths[id(v)]: None if grad is None else as_array(grad) for v, grad in zip(chosen, grads, strict=True)
        }

    def stateless_apply(
        self, optimizer_variables: Sequence[Any], grads: Sequence[Any], trainable_variables: Sequence[Any]
    ) -> tuple[list[Array], list[Array]]:
        """Return new values of the parameters and of `variables`, and change nothing.

        Args:
            optimizer_variables: values in the order of `variables`.
            grads: gradients in the order of the parameters.
            trainable_variables: values of the parameters.

        Raises:
            NotReady: the optimizer is not built.
            InvalidArgument: a list has another length.
        """
        self.variable_tree()
        owned = [*self._model.values(), *self.variables]
        values = [as_array(value) for value in (*trainable_variables, *optimizer_variables)]
        if len(values) != len(owned) or len(trainable_variables) != len(self._model):
            raise InvalidArgument(
                "The lists do not fit the optimizer.",
                code="stateless-apply-count",
                place=f"optimizer {self.name!r}",
                expected=f"{len(self._model)} parameters and {len(self.variables)} optimizer variables",
                received=f"{len(trainable_variables)} and {len(optimizer_variables)}",
            )
        outer = scope.active()
        bound = dict(outer.values) if outer is not None else {}
        bound |= {id(v): value for v, value in zip(owned, values, strict=True)}
        # Every Variable is bound, so that nothing is stored outside of this call.
        for v in jax.tree.leaves(self.variable_tree()):
            bound.setdefault(id(v), v.value)
        with scope.entered(Scope(values=bound)):
            self.apply(grads)
            return [v.value for v in self._model.values()], [v.value for v in self.variables]

    def scale_loss(self, loss: Any) -> Any:
        """Return the loss times `loss_scale_factor`."""
        return loss if self.loss_scale_factor is None else loss * self.loss_scale_factor

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        """Keep parameters out of weight decay; to be called before training compiles.

        Args:
            var_list: Variables.
            var_names: patterns, searched for in the Variables' names (`["bias"]`).
        """
        self._excluded = tuple(var_list or ()), tuple(var_names or ())

    def _decays(self, path: str) -> bool:
        """Whether weight decay applies to the parameter at a path, whose last part is its name."""
        variables, patterns = self._excluded
        owner = self._model.get(path)
        name = path.rsplit("/", 1)[-1] if owner is None else owner.name
        return not any(owner is v for v in variables) and not any(re.search(p, name) for p in patterns)

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        """Put the moving averages in the place of the given parameters, where `use_ema` keeps them."""
        for variable in var_list:
            average = self._slots.get(self._paths.get(id(variable), ""), {}).get(AVERAGE)
            if average is not None and id(variable) in self._paths:
                variable.assign(average.value)

    # --- configuration -----------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain data, with the current learning rate."""
        names = [name for name in _lookup.signature_arguments(type(self)) if name != RATE]
        config = {name: _lookup.plain(getattr(self, name)) for name in names if hasattr(self, name)}
        if self._schedule is not None:
            return {**config, RATE: _lookup.plain(self._schedule)}
        return {**config, RATE: float(self.learning_rate)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Build an equal optimizer, without state, from `get_config()`'s result."""
        rate = config.get(RATE)
        if isinstance(rate, Mapping):
            config = {**config, RATE: schedules.deserialize(rate, custom_objects)}
        return cls(**config)

    @property
    def program_key(self) -> tuple[Any, ...]:
        """What of the optimizer is compiled in: all but the numbers that are data, and the schedule as an object."""
        data = {"name", RATE, *self.numbers()}
        static = {name: value for name, value in self.get_config().items() if name not in data}
        excluded = tuple(path for path in self._model if not self._decays(path)), self._excluded[1]
        return (type(self), json.dumps(static, sort_keys=True), excluded, self._schedule)


def _scalar(value: Any, name: str) -> Array:
    """Return a learning rate as a scalar array."""
    try:
        return as_array(value).astype(rate_type()).reshape(())
    except (TypeError, ValueError) as error:
        raise InvalidArgument(
            "This cannot be a learning rate.",
            code="learning-rate",
            place=f"optimizer {name!r}",
            expected="a number, a schedule, or a callable without arguments",
            received=repr(value)[:200],
            fix="pass a number such as 0.001",
        ) from error
