"""Composed: the base of optimizers that leave the work to other ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ranvier._errors import InvalidArgument
from ranvier.optimizers.base import Optimizer
from ranvier.optimizers.stages import RATE
from ranvier.state.variable import Variable

__all__ = ["Composed"]


class Composed(Optimizer):
    """An optimizer around others, which hold the slots and their own numbers of the rule."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(0.0, name=name)
        self.use_ema = any(part.use_ema for part in self.parts())

    def parts(self) -> list[Optimizer]:
        """Return the optimizers that do the work."""
        raise NotImplementedError

    def share(self, paths: Sequence[str]) -> list[list[str]]:
        """Return, for each part, the paths of the parameters that it updates."""
        raise NotImplementedError

    def build(self, variables: Sequence[Variable], paths: Sequence[str] | None = None) -> None:
        if self.built:
            return
        self._adopt_model(list(variables), paths)
        shares = self.share(list(self._model))
        for part, own in zip(self.parts(), shares, strict=True):
            part.build([self._model[path] for path in own], own)
        self.built = True

    def own_variables(self) -> dict[str, Variable]:
        """Return the Variables that belong to no part, in Keras's order."""
        assert self._learning_rate is not None
        return {"iterations": self._iterations, RATE: self._learning_rate}

    @property
    def variables(self) -> list[Variable]:
        """All Variables in Keras's order: its own, then those of each part."""
        return [*self.own_variables().values(), *(v for part in self.parts() for v in part.variables)]

    def finalize_variable_values(self, var_list: Iterable[Variable]) -> None:
        chosen = list(var_list)
        for part in self.parts():
            part.finalize_variable_values(chosen)

    def exclude_from_weight_decay(
        self, var_list: Iterable[Variable] | None = None, var_names: Iterable[str] | None = None
    ) -> None:
        variables, names = list(var_list or ()), list(var_names or ())
        for part in self.parts():
            part.exclude_from_weight_decay(variables, names)


def refuse_elsewhere(owner: str, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> None:
    """Refuse common arguments that only a part can have; their defaults, which old files hold, are let pass."""
    for name, value in given.items():
        if name not in defaults or value != defaults[name]:
            raise InvalidArgument(
                f"{owner} does not take {name}={value!r}.",
                code="unknown-argument",
                place=f"{owner}({name})",
                received=repr(value),
                fix=f"give {name} to the optimizer inside",
            )
