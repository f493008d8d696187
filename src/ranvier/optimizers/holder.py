"""The Variables of an optimizer: their creation, their names, and Keras's order of them, on which files rely."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np

from ranvier import _config, initializers
from ranvier._errors import InvalidArgument, NotReady
from ranvier._lookup import Configurable, snake_case
from ranvier._typing import Array, DType
from ranvier.optimizers.stages import ACCUMULATOR, AVERAGE
from ranvier.state.variable import Variable, as_array

__all__ = ["VariableHolder"]


class VariableHolder(Configurable):
    """The part of an optimizer that owns Variables; `Optimizer` is the one to derive from.

    Attributes:
        name: the first part of its variables' paths.
        built: whether the variables for a list of parameters exist.
    """

    slot_groups: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Slots in the order of `variables`; those of one group take turns, parameter by parameter."""
    stateful_numbers: ClassVar[tuple[str, ...]] = ()
    """Numbers in `hyper` that the rule itself changes: part of the state, so saved after the slots."""

    def __init__(self, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.built = False
        self._iterations = self._own(0, "iteration", "int32")
        self._learning_rate: Variable | None = None
        """Also holds what a schedule gave last; None where nobody knows the learning rate."""
        self._schedule: Callable[[Any], Any] | None = None
        self._numbers: dict[str, Variable] = {}
        self._slots: dict[str, dict[str, Variable]] = {}
        self._order: list[Variable] = []
        self._makers: dict[int, Callable[[], Array]] = {}
        self._model: dict[str, Variable] = {}
        self._paths: dict[int, str] = {}
        self._given_paths: Sequence[str] | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, Variable) and "_given_paths" in vars(self) and name != "_learning_rate":
            # A subclass of the user's may hold a Variable of its own, as Keras's Nadam does.
            self._track("", name.lstrip("_"), value)
        elif vars(self).get("_numbers") and not name.startswith("_"):
            self._refresh_numbers()

    def numbers(self) -> dict[str, float]:
        """Return the rule's numbers, the learning rate left out, that become data in the state."""
        return {}

    def _refresh_numbers(self) -> None:
        """Let `optimizer.beta_1 = 0.8` reach the state that exists already."""
        for name, value in self.numbers().items():
            if name not in self._numbers:
                self._numbers[name] = self._own(value, name)
            elif name not in self.stateful_numbers:
                self._numbers[name].assign(value)

    def _own(self, value: Any, name: str, dtype: DType | None = None) -> Variable:
        """Create a Variable of this optimizer from a value."""
        variable = Variable(value, dtype=dtype, trainable=False, autocast=False, name=name)
        variable.owner_path = self.name
        return variable

    def _track(self, path: str, slot: str, variable: Variable) -> None:
        """Make a Variable part of the state, under the parameter's path ("" for none) and a free slot name."""
        if any(variable is known for known in self._order):
            return
        slots, name, number = self._slots.setdefault(path, {}), slot, 0
        while name in slots:
            number += 1
            name = f"{slot}_{number}"
        slots[name] = variable
        self._order.append(variable)

    def first_value(self, variable: Variable) -> Array:
        """Return the value with which a Variable of the state began, as an array of its own."""
        maker = self._makers.get(id(variable))
        return jnp.array(variable.value if maker is None else maker())

    @property
    def model_variables(self) -> dict[str, Variable]:
        """The parameters by path that the optimizer was built with."""
        return dict(self._model)

    def _adopt_model(self, variables: Sequence[Variable], paths: Sequence[str] | None) -> None:
        """Remember the parameters by path: the given paths, else their own, numbered where equal."""
        chosen = list(paths) if paths is not None else _distinct(v.path for v in variables)
        self._model = dict(zip(chosen, variables, strict=True))
        self._paths = {id(v): path for path, v in self._model.items()}

    def _create_slots(self, slots: Mapping[str, Mapping[str, Array]]) -> None:
        """Create the Variables for a state's slots, in the order in which Keras creates them."""
        groups = [(AVERAGE,), (ACCUMULATOR,), *self.slot_groups]
        for path in slots:
            self._slots.setdefault(path, {})
        for group in groups + [(slot,) for slot in dict.fromkeys(s for own in slots.values() for s in own)]:
            for path, own in slots.items():
                for slot in group:
                    if slot in own and slot not in self._slots.get(path, {}):
                        self._track(path, slot, self._slot(path, slot, own[slot]))

    def _slot(self, path: str, slot: str, value: Array) -> Variable:
        """Create the Variable of a slot from its first value."""
        return self._own(value, self._slot_name(path, slot))

    def _slot_name(self, path: str, slot: str) -> str:
        """Return Keras's display name of a slot, `sequential_dense_kernel_momentum`."""
        owner = self._model[path].path if path in self._model else path
        return "_".join(part for part in (owner.replace("/", "_"), slot) if part)

    @property
    def variables(self) -> list[Variable]:
        """All Variables in Keras's order: iteration, learning rate unless scheduled, slots, stateful numbers."""
        rate = [self._learning_rate] if self._learning_rate is not None and self._schedule is None else []
        stateful = [self._numbers[name] for name in self.stateful_numbers if name in self._numbers]
        return [self._iterations, *rate, *self._order, *stateful]

    def variable_tree(self) -> dict[str, Any]:
        """Return the structure of the optimizer's state with Variables as leaves, for checking values in and out.

        Raises:
            NotReady: the optimizer is not built.
        """
        if not self.built:
            raise NotReady(
                "The optimizer's variables do not exist before it is built.",
                code="optimizer-not-built",
                place=f"optimizer {self.name!r}",
                fix="call build(variables) first",
            )
        return {"iterations": self._iterations, "hyper": dict(self._numbers), "slots": self._slots}

    # --- what a user's own `build` and `update_step` call -----------------------------------------------------------

    def add_variable(
        self,
        shape: Any,
        initializer: Any = "zeros",
        dtype: DType | None = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """Create a Variable that is part of the optimizer's state.

        Args:
            shape: its shape.
            initializer: name, object or callable `(shape, dtype) -> array`.
            dtype: the default float type when None.
            aggregation: accepted and ignored: there is one replica.
            layout: accepted and ignored.
            name: the last part of its path.
        """
        return self._add("", shape, initializer, dtype, name or "variable", name or "variable")

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """Create a slot: a Variable with the shape and dtype of a parameter.

        Args:
            reference_variable: the parameter.
            name: the slot's name; its display name is `{parameter's path}_{name}`.
            initializer: name, object or callable `(shape, dtype) -> array`.
        """
        path = self._paths.get(id(reference_variable), "")
        slot = name or "var"
        shown = f"{reference_variable.path.replace('/', '_')}_{slot}"
        return self._add(path, reference_variable.shape, initializer, reference_variable.dtype, slot, shown)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: str | Sequence[str], initializer: Any = "zeros"
    ) -> Any:
        """Create slots for all parameters: a list for one name, a tuple of lists for several."""
        names = [name] if isinstance(name, str) else list(name)
        single = isinstance(initializer, str) or callable(initializer)
        initial = [initializer] * len(names) if single else list(initializer)
        made: tuple[list[Variable], ...] = tuple([] for _ in names)
        for variable in trainable_variables:
            for found, slot, start in zip(made, names, initial, strict=True):
                found.append(self.add_variable_from_reference(variable, slot, start))
        return made[0] if isinstance(name, str) else made

    def _add(self, path: str, shape: Any, initializer: Any, dtype: DType | None, slot: str, name: str) -> Variable:
        start, kind = initializers.get(initializer), dtype or _config.floatx()

        def make() -> Array:
            return as_array(start(tuple(shape), dtype=kind))

        variable = self._own(make(), name, kind)
        self._makers[id(variable)] = make
        self._track(path, slot, variable)
        return variable

    def _get_variable_index(self, variable: Variable) -> int:
        """Return the position of a parameter in the list that the optimizer was built with."""
        return list(self._paths).index(id(variable))

    def assign(self, variable: Variable, value: Any) -> None:
        """Set a Variable's value."""
        variable.assign(value)

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add to a Variable's value."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract from a Variable's value."""
        variable.assign_sub(value)

    # --- files -------------------------------------------------------------------------------------------------------

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all variables from a list in the order of `variables`.

        Raises:
            NotReady: the optimizer is not built.
            InvalidArgument: another number of arrays, or one of another shape; nothing is changed then.
        """
        self.variable_tree()
        self._assign_all([as_array(weight) for weight in weights])

    def _assign_all(self, arrays: list[Array]) -> None:
        expected = [v.shape for v in self.variables]
        if expected != [tuple(array.shape) for array in arrays]:
            raise InvalidArgument(
                "The arrays do not fit the optimizer's variables.",
                code="optimizer-weights",
                place=f"optimizer {self.name!r}",
                expected=f"{len(expected)} arrays: {expected[:20]}",
                received=f"{len(arrays)} arrays: {[tuple(array.shape) for array in arrays[:20]]}",
                fix="pass the values of an equal optimizer's `variables`, in their order",
            )
        for variable, array in zip(self.variables, arrays, strict=True):
            variable.assign(array)

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Write the variables into `store` under `"0"`, `"1"`, ... in the order of `variables`."""
        for index, variable in enumerate(self.variables):
            store[str(index)] = np.asarray(variable.stored)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Read the variables from `store`; another number of them is warned of and nothing is read, as in Keras."""
        variables = self.variables
        if len(store) != len(variables):
            warnings.warn(
                f"The state of optimizer {self.name!r} was not loaded: it has {len(variables)} variables, the file "
                f"{len(store)}." + ("" if self.built else " It is not built yet."),
                stacklevel=2,
            )
            return
        self._assign_all([as_array(np.asarray(store[str(index)])) for index in range(len(variables))])


def _distinct(names: Iterable[str]) -> list[str]:
    """Number equal names: `w`, `w_1`, `w_2`."""
    seen: set[str] = set()
    result = []
    for name in names:
        free, number = name, 0
        while free in seen:
            number += 1
            free = f"{name}_{number}"
        seen.add(free)
        result.append(free)
    return result
