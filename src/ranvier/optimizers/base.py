"""Optimizer: gradients in, new parameters out; a pure core on trees of arrays with Keras's face on top.

A new optimizer is one final class with `slots_for(param)`, `numbers()` and `rule(grad, param, slots, hyper, t)` on ONE
array. What all optimizers share is wrapped around the rule (`stages.py`); who owns the Variables is `holder.py`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Container, Mapping
from typing import Any, ClassVar, TypeAlias

import jax.numpy as jnp

from ranvier._errors import InvalidArgument, Unsupported
from ranvier._typing import Array
from ranvier.optimizers import arguments, clipping, stages, stateful
from ranvier.optimizers.arguments import Common, CommonButDecay
from ranvier.optimizers.face import OptimizerFace, rate_type
from ranvier.optimizers.schedules import LearningRateSchedule
from ranvier.optimizers.stages import OptimizerState, Step, Tree
from ranvier.state.variable import Variable, as_array

__all__ = ["Common", "CommonButDecay", "LearningRate", "Numbers", "Optimizer", "Slots"]

LearningRate: TypeAlias = float | LearningRateSchedule | Callable[[], Any]
Slots: TypeAlias = dict[str, Array]
Numbers: TypeAlias = Mapping[str, Array]

_CLIPS = {
    "clipnorm": clipping.by_norm,
    "global_clipnorm": clipping.by_global_norm,
    "clipvalue": clipping.by_value,
}


class Optimizer(OptimizerFace):
    """The base of all optimizers, also of a user's own.

    One update, each part only where it is asked for:

        g = g / loss_scale_factor
        g = mean of the last gradient_accumulation_steps gradients; nothing else happens in between
        g = clip(g)
        w = w - w * weight_decay * learning_rate
        w, slots = rule(g, w, slots)
        average = ema_momentum * average + (1 - ema_momentum) * w
        w = constraint(w)

    A user's class may be written in Keras's style: `build(self, variables)`, which calls `super().build(variables)`
    and makes its slots with `add_variable_from_reference`, and `update_step(self, gradient, variable, learning_rate)`.

    Args:
        learning_rate: a number, a schedule, or a callable without arguments.
        weight_decay: decoupled decay of the parameters.
        clipnorm: largest norm of each gradient.
        clipvalue: largest size of each element of a gradient.
        global_clipnorm: largest norm over all gradients.
        use_ema: keep a moving average of the parameters; `fit` puts it in their place at the end.
        ema_momentum: the momentum of that average.
        ema_overwrite_frequency: updates after which the average replaces the parameters; None for never.
        loss_scale_factor: the loss is multiplied, the gradients are divided by it.
        gradient_accumulation_steps: steps whose gradients make one update.
        name: the first part of the variables' paths.

    Raises:
        InvalidArgument: an unknown argument, two kinds of clipping, or a number out of range.

    Example:
        >>> class Descent(Optimizer):
        ...     def update_step(self, gradient, variable, learning_rate):
        ...         variable.assign_sub(learning_rate * gradient)
        >>> w = Variable(10.0)
        >>> _ = Descent(learning_rate=0.5).apply_gradients([(2.0, w)])
        >>> float(w)
        9.0
    """

    keras_module = "keras.optimizers"
    decay_numbers: ClassVar[tuple[str, ...]] = ("weight_decay",)
    """Arguments that say how much parameters shrink; None turns one off."""

    def __init__(
        self,
        learning_rate: LearningRate,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        use_ema: bool = False,
        ema_momentum: float = 0.99,
        ema_overwrite_frequency: int | None = None,
        loss_scale_factor: float | None = None,
        gradient_accumulation_steps: int | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        arguments.refuse_unknown(type(self), kwargs)
        super().__init__(learning_rate, name)
        self.weight_decay = weight_decay
        self.clipnorm = clipnorm
        self.clipvalue = clipvalue
        self.global_clipnorm = global_clipnorm
        self.use_ema = use_ema
        self.ema_momentum = ema_momentum
        self.ema_overwrite_frequency = ema_overwrite_frequency
        self.loss_scale_factor = loss_scale_factor
        self.gradient_accumulation_steps = gradient_accumulation_steps
        arguments.check_common(self, tuple(_CLIPS))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in vars(cls) and "paths" not in inspect.signature(cls.build).parameters:
            cls.build = stateful.with_paths(vars(cls)["build"])  # type: ignore[method-assign]
        if "__init__" in vars(cls):
            cls.__signature__ = arguments.full_signature(cls, Optimizer)  # type: ignore[attr-defined]

    # --- what a new optimizer defines, on one array ------------------------------------------------------------------

    def slots_for(self, param: Any) -> Slots:
        """Return the slots of one parameter before the first update; `param` may be known by shape and dtype only."""
        return {}

    def numbers(self) -> dict[str, float]:
        """Return the numbers of the rule that are data in the state, learning rate aside; overrides extend it."""
        ema = {"ema_momentum": self.ema_momentum} if self.use_ema else {}
        given = {name: getattr(self, name) for name in (*self.decay_numbers, *_CLIPS)}
        return {**{name: value for name, value in given.items() if value is not None}, **ema}

    def decay_number(self, slots: Mapping[str, Array]) -> str:
        """Return which of `decay_numbers` shrinks a parameter with these slots."""
        return "weight_decay"

    def advance(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        """Return the `stateful_numbers` that change with update `t`."""
        return {}

    def prepare(self, hyper: Numbers, t: Array) -> dict[str, Array]:
        """Return what the rule needs once per update, not once per parameter: bias corrections and the like."""
        return {}

    def rule(self, grad: Array, param: Array, slots: Slots, hyper: Numbers, t: Array) -> tuple[Array, Slots]:
        """Return the new parameter and its new slots.

        Args:
            grad: gradient, of the parameter's shape and dtype.
            param: the parameter.
            slots: its slots.
            hyper: learning rate, `numbers()` and what `prepare` returned, in the parameter's dtype.
            t: the number of this update, from 1.
        """
        raise Unsupported(
            f"{type(self).__name__} says nothing about how to update.",
            code="optimizer-without-rule",
            place=f"optimizer {self.name!r}",
            fix="define update_step(self, gradient, variable, learning_rate) in the class",
        )

    def update_step(self, gradient: Array, variable: Variable, learning_rate: Array) -> None:
        """Update one Variable in place by the rule; a user's class overrides it, and may call it."""
        held = self._slots[self._paths[id(variable)]]
        t = (self._rounds(self._iterations.value) + 1).astype(rate_type())
        hyper = {**{name: v.value for name, v in self._numbers.items()}, stages.RATE: as_array(learning_rate)}
        param, slots = variable.value, {slot: v.value for slot, v in held.items()}
        numbers = {name: x.astype(param.dtype) for name, x in {**hyper, **self.prepare(hyper, t)}.items()}
        param, slots = self.rule(as_array(gradient).astype(param.dtype), param, slots, numbers, t)
        variable.assign(param)
        for slot, value in slots.items():
            held[slot].assign(value)

    def advance_numbers(self) -> None:
        """Let the `stateful_numbers` change with this update, in place: once, before the `update_step` of each."""
        t = (self._rounds(self._iterations.value) + 1).astype(rate_type())
        for name, value in self.advance({name: v.value for name, v in self._numbers.items()}, t).items():
            self._numbers[name].assign(value)

    # --- the pure core -----------------------------------------------------------------------------------------------

    def init(self, params: Mapping[str, Array]) -> OptimizerState:
        """Return the state before the first update.

        Args:
            params: parameters by path.

        Returns:
            `{"iterations": int scalar, "hyper": {name: float scalar}, "slots": {path: {slot: array}}}`.
        """
        own = stateful.fresh_slots(self, dict(params)) if self._is_stateful else self._first_slots(params)
        return {"iterations": jnp.zeros((), jnp.int32), "hyper": self._first_numbers(), "slots": own}

    @property
    def scales_loss(self) -> bool:
        """Whether the loss is to be multiplied before it is differentiated, because `update` divides the gradients."""
        return self.loss_scale_factor is not None

    def loss_scale(self, state: OptimizerState) -> Array:
        """Return by how much the loss is to be multiplied."""
        return jnp.asarray(self.loss_scale_factor or 1.0, rate_type())

    def update(
        self,
        grads: Mapping[str, Array | None],
        params: Mapping[str, Array],
        state: OptimizerState,
        constraints: Mapping[str, Callable[[Array], Array]] | None = None,
        decay: Container[str] | None = None,
    ) -> tuple[Tree, OptimizerState]:
        """Return the parameters and the state after one update; pure, for use inside a compiled program.

        Args:
            grads: gradients by path; a path that is missing or None keeps its parameter.
            params: parameters by path.
            state: what `init` or the last `update` returned.
            constraints: projections by path, applied last.
            decay: paths that weight decay applies to; None for all but those excluded.

        Raises:
            InvalidArgument: there is no gradient at all.
        """
        present = {path: grad for path, grad in grads.items() if grad is not None}
        if not present:
            raise InvalidArgument(
                "There is no gradient for any parameter.",
                code="no-gradients",
                place=f"optimizer {self.name!r}",
                expected=", ".join(params),
                received=", ".join(grads) or "nothing",
                fix="compute the loss from the parameters that the optimizer is to change",
            )
        step = self._wrapped(constraints or {}, self._decays if decay is None else decay.__contains__)
        return step(present, dict(params), state)

    def _wrapped(self, constraints: Mapping[str, Callable[[Array], Array]], decays: Callable[[str], bool]) -> Step:
        """Return the whole update: every feature that is on, wrapped around the step, innermost first."""
        step: Step = functools.partial(stateful.step, self) if self._is_stateful else self._step
        if any(getattr(self, name) is not None for name in self.decay_numbers):
            step = stages.decayed(step, decays, self.decay_number)
        if clip := self._clip():
            step = stages.with_gradients(step, clip)
        if self.gradient_accumulation_steps:
            step = stages.accumulated(step, self.gradient_accumulation_steps)
        if self.use_ema:
            step = stages.averaged(step, self.ema_overwrite_frequency, self._rounds)
        if constraints:
            step = stages.constrained(step, constraints)
        if self.loss_scale_factor is not None:
            step = stages.unscaled(step, self.loss_scale_factor)
        if self._schedule is not None:
            step = stages.scheduled(step, self._rate_at)
        return stages.counted(step)

    def _step(self, grads: Tree, params: Tree, state: OptimizerState) -> tuple[Tree, OptimizerState]:
        """Apply the rule to every parameter that has a gradient."""
        hyper, slots = dict(state["hyper"]), dict(state["slots"])
        t = (self._rounds(state["iterations"]) + 1).astype(rate_type())
        hyper |= self.advance(hyper, t)
        numbers = {**hyper, **self.prepare(hyper, t)}
        kinds = {params[path].dtype for path in grads}
        cast = {kind: {name: x.astype(kind) for name, x in numbers.items()} for kind in kinds}
        params = dict(params)
        for path, grad in grads.items():
            param = params[path]
            params[path], own = self.rule(grad.astype(param.dtype), param, slots[path], cast[param.dtype], t)
            slots[path] = {**slots[path], **own}
        return params, {**state, "hyper": hyper, "slots": slots}

    def _clip(self) -> Callable[[Tree, Tree], Tree] | None:
        """Return the clipping that is on, as Keras prefers: by norm, by global norm, by value."""
        for name, clip in _CLIPS.items():
            if (getattr(self, name) or 0) > 0:
                return lambda grads, hyper, name=name, clip=clip: clip(grads, hyper[name])  # type: ignore[misc]
        return None

    def _rounds(self, iterations: Array) -> Array:
        """Return the updates made in that many calls."""
        return iterations // self.gradient_accumulation_steps if self.gradient_accumulation_steps else iterations

    @property
    def _is_stateful(self) -> bool:
        """Whether a user's `update_step` does the work instead of a `rule`."""
        return type(self).update_step is not Optimizer.update_step

    def _first_slots(self, params: Mapping[str, Any]) -> dict[str, Slots]:
        """Return the slots of a fresh state; without `slots_for` where a user's `build` makes them."""
        shared = [stages.AVERAGE] * self.use_ema + [stages.ACCUMULATOR] * bool(self.gradient_accumulation_steps)
        return {
            path: {**{slot: jnp.zeros_like(param) for slot in shared}, **self.slots_for(param)}
            for path, param in params.items()
        }
