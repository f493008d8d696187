"""MultiOptimizer and OptimizerMap: one optimizer for some parameters, another one for others."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, NoReturn, Self, final

import jax.numpy as jnp

from ranvier import _lookup
from ranvier._config import custom_object_scope
from ranvier._errors import InvalidArgument, Unsupported
from ranvier._typing import Array
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.composed import Composed
from ranvier.optimizers.lookup import RULES, found, require_optimizer
from ranvier.optimizers.stages import OptimizerState, Tree
from ranvier.state.pattern_map import PatternMap
from ranvier.state.variable import Variable

__all__ = ["MultiOptimizer", "OptimizerMap"]


@final
class OptimizerMap(PatternMap[Optimizer]):
    """A dict from paths of variables, or patterns of them, to optimizers.

    A path that is a key means its optimizer; else the one pattern that fits the whole path; else the default.

    Args:
        default_optimizer: for all other paths.
        optimizer_map: the first entries.

    Raises:
        InvalidArgument: two patterns fit a path, or a key is set twice.
        WrongType: a value is no optimizer.

    Example:
        >>> from ranvier.optimizers import SGD, Adam
        >>> chosen = OptimizerMap(SGD(), {"encoder/.*": Adam()})
        >>> chosen["encoder/kernel"].name, chosen["decoder/kernel"].name
        ('adam', 'sgd')
    """

    keras_module = "keras.optimizers"
    _CODE = "optimizer-map"

    def __init__(self, default_optimizer: Optimizer, optimizer_map: Mapping[str, Optimizer] | None = None) -> None:
        self.default_optimizer: Optimizer = require_optimizer(default_optimizer, "OptimizerMap(default_optimizer)")
        self._entries: dict[str, Optimizer] = {}
        self.update(optimizer_map or {})

    def __getitem__(self, key: str) -> Optimizer:
        return self.fitting(key) or self.default_optimizer

    def fitting(self, key: str) -> Optimizer | None:
        """Return the optimizer of the entry that fits a path, None where there is none."""
        return self._fitting(key)

    def _admitted(self, key: str, value: Any) -> Optimizer:
        return _rule(value, key)

    def __call__(self, variable: Variable) -> Optimizer:
        """Return the optimizer for a variable, by its path."""
        return self[variable.path]

    def optimizers(self) -> list[Optimizer]:
        """Return all optimizers, each once, the default last."""
        each = {id(optimizer): optimizer for optimizer in (*self._entries.values(), self.default_optimizer)}
        return list(each.values())

    def get_config(self) -> dict[str, Any]:
        """Return the optimizers as plain data."""
        entries = {key: _lookup.identify(optimizer) for key, optimizer in self._entries.items()}
        return {"default_optimizer": _lookup.identify(self.default_optimizer), "optimizer_map": entries}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        """Rebuild from `get_config()`'s result."""
        with custom_object_scope(custom_objects):
            entries = {key: found(one, RULES) for key, one in (config.get("optimizer_map") or {}).items()}
            return cls(found(config["default_optimizer"], RULES), entries)


@final
class MultiOptimizer(Composed):
    """Gives each parameter to the optimizer that a map or a function chooses for it.

    Args:
        optimizer_map: an OptimizerMap, or a function from a variable (`path`, `shape`, `dtype`) to an optimizer.
        loss_scale_factor: the loss is multiplied, the gradients are divided by it; also for all parts.
        name: the first part of the variables' paths.

    Attributes:
        optimizers: the parts; a learning rate is found there.

    Example:
        >>> from ranvier.optimizers import SGD
        >>> optimizer = MultiOptimizer(OptimizerMap(SGD(0.5), {"slow/.*": SGD(0.1)}))
        >>> params = {"fast/w": jnp.array(10.0), "slow/w": jnp.array(10.0)}
        >>> grads = {path: jnp.array(10.0) for path in params}
        >>> params, state = optimizer.update(grads, params, optimizer.init(params))
        >>> float(params["fast/w"]), float(params["slow/w"])
        (5.0, 9.0)
    """

    def __init__(self, optimizer_map: Any, loss_scale_factor: float | None = None, name: str | None = None) -> None:
        self.optimizer_map = optimizer_map
        self.optimizers = optimizer_map.optimizers() if isinstance(optimizer_map, OptimizerMap) else []
        self._answers: dict[str, Optimizer] = {}
        super().__init__(name)
        self.loss_scale_factor = loss_scale_factor

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "loss_scale_factor":
            for part in self.parts():
                part.loss_scale_factor = value

    def parts(self) -> list[Optimizer]:
        return self.optimizers

    def _chosen(self, path: str) -> Optimizer:
        """Return the optimizer of a parameter; a function is asked once, as it may make a new one each time."""
        owner = self._model.get(path)
        if isinstance(self.optimizer_map, OptimizerMap):
            # The structural path, and the one with the numbers that people see.
            other = None if owner is None else self.optimizer_map.fitting(owner.path)
            return self.optimizer_map.fitting(path) or other or self.optimizer_map.default_optimizer
        if path not in self._answers:
            self._answers[path] = optimizer = _rule(self.optimizer_map(owner or _Place(path)), path)
            if not any(optimizer is part for part in self.optimizers):
                self.optimizers.append(optimizer)
                optimizer.loss_scale_factor = self.loss_scale_factor
                self.use_ema = self.use_ema or optimizer.use_ema
        return self._answers[path]

    def share(self, paths: Sequence[str]) -> list[list[str]]:
        chosen = {path: self._chosen(path) for path in paths}
        return [[path for path in paths if chosen[path] is part] for part in self.optimizers]

    # --- the pure core -----------------------------------------------------------------------------------------------

    def init(self, params: Mapping[str, Array]) -> OptimizerState:
        shares = self.share(list(params))
        parts = [
            part.init({path: params[path] for path in own}) for part, own in zip(self.optimizers, shares, strict=True)
        ]
        own = {name: jnp.array(v.value) for name, v in self.own_variables().items()}
        return {
            "iterations": jnp.zeros((), jnp.int32),
            "hyper": {name: value for name, value in own.items() if name != "iterations"},
            "slots": {},
            "parts": {str(number): state for number, state in enumerate(parts)},
        }

    def update(
        self,
        grads: Mapping[str, Array | None],
        params: Mapping[str, Array],
        state: OptimizerState,
        constraints: Mapping[str, Callable[[Array], Array]] | None = None,
        decay: Container[str] | None = None,
    ) -> tuple[Tree, OptimizerState]:
        new, parts = dict(params), dict(state["parts"])
        for number, (part, own) in enumerate(zip(self.optimizers, self.share(list(params)), strict=True)):
            mine = {path: grads[path] for path in own if grads.get(path) is not None}
            bounds = {path: constraints[path] for path in own if constraints and path in constraints}
            if mine:
                given = {path: params[path] for path in own}
                moved, parts[str(number)] = part.update(mine, given, parts[str(number)], bounds, decay)
                new |= moved
        return new, {**state, "iterations": state["iterations"] + 1, "parts": parts}

    # --- Keras's face ------------------------------------------------------------------------------------------------

    def variable_tree(self) -> dict[str, Any]:
        parts = {str(number): part.variable_tree() for number, part in enumerate(self.optimizers)}
        own = self.own_variables()
        return {"iterations": own.pop("iterations"), "hyper": own, "slots": {}, "parts": parts}

    @property
    def learning_rate(self) -> Any:
        """Nothing: each part has its own.

        Raises:
            SeveralLearningRates: always.
        """
        _several(self.name)

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if vars(self).get("built"):
            _several(self.name)

    def get_config(self) -> dict[str, Any]:
        mapped = isinstance(self.optimizer_map, OptimizerMap)
        chooser = (_lookup.identify if mapped else _lookup.plain)(self.optimizer_map)
        return {"optimizer_map": chooser, "loss_scale_factor": self.loss_scale_factor, "name": self.name}

    @classmethod
    def from_config(cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Self:
        with custom_object_scope(custom_objects):
            chooser = _lookup.get(config["optimizer_map"], "map of optimizers", {"OptimizerMap": OptimizerMap})
        return cls(**{**config, "optimizer_map": chooser})

    @property
    def program_key(self) -> tuple[Any, ...]:
        """The parts, and which paths are whose."""
        return (type(self), self.loss_scale_factor, self.share(list(self._model)), self.optimizers)


class SeveralLearningRates(Unsupported, AttributeError):
    """A MultiOptimizer has no learning rate; also an AttributeError, so that `hasattr` says no."""


class _Place:
    """What is known of a parameter before there are Variables: its path."""

    def __init__(self, path: str) -> None:
        self.path, self.name = path, path.rsplit("/", 1)[-1]


def _several(name: str) -> NoReturn:
    raise SeveralLearningRates(
        "A MultiOptimizer has no learning rate of its own.",
        code="several-learning-rates",
        place=f"optimizer {name!r}",
        fix="read or set that of the parts: `for part in optimizer.optimizers: part.learning_rate = ...`",
    )


def _rule(optimizer: Any, place: str) -> Optimizer:
    """Return a part of a MultiOptimizer, which wraps no other optimizer."""
    require_optimizer(optimizer, place)
    if isinstance(optimizer, Composed):
        raise InvalidArgument(
            f"A {type(optimizer).__name__} cannot be a part of a MultiOptimizer.",
            code="optimizer-map-composed",
            place=place,
            expected="an optimizer that is a rule",
            received=type(optimizer).__name__,
            fix="put the LossScaleOptimizer around the MultiOptimizer",
        )
    chosen: Optimizer = optimizer
    return chosen
