"""Users' optimizers in Keras's style: build(variables) and update_step(gradient, variable, learning_rate)."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import optimizers
from ranvier.optimizers import SGD, Adam, Nadam, Optimizer
from ranvier.state import scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable
from tests.optimizers.cases import UsersMomentum

PARAMS = {"dense/kernel": jnp.array([[1.0, -2.0]]), "dense/bias": jnp.array([3.0])}
GRADS = {"dense/kernel": jnp.array([[0.5, 0.1]]), "dense/bias": jnp.array([-2.0])}


class Everything(Optimizer):
    """Uses each thing that Keras offers to a subclass."""

    def __init__(self, learning_rate: float = 0.1, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.draws = []

    def build(self, variables: Any) -> None:
        if self.built:
            return
        super().build(variables)
        self.first, self.second = self.add_optimizer_variables(variables, ["first", "second"], ["zeros", "ones"])
        self.total = self.add_variable((), name="total")
        self.product = Variable(1.0, name="product")
        self.draws = [self.add_variable_from_reference(v) for v in variables]

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        index = self._get_variable_index(variable)
        self.assign_add(self.first[index], gradient)
        self.assign(self.second[index], self.second[index] * 2)
        self.assign_add(self.total, jnp.sum(gradient) * (self.iterations + 1))
        self.product.assign(self.product * 0.5)
        self.assign(self.draws[index], jax.random.uniform(scope.next_key(), variable.shape))
        self.assign_sub(variable, learning_rate * gradient)


@pytest.mark.parametrize("nesterov", [False, True])
def test_a_users_momentum_equals_ours(nesterov: bool) -> None:
    options = {"weight_decay": 0.1, "clipvalue": 1.0, "gradient_accumulation_steps": 2, "use_ema": True}
    theirs, ours = UsersMomentum(0.1, 0.9, **options), SGD(0.1, 0.9, **options)
    a, b = (PARAMS, theirs.init(PARAMS)), (PARAMS, ours.init(PARAMS))
    for _ in range(5):
        a, b = jax.jit(theirs.update)(GRADS, *a), jax.jit(ours.update)(GRADS, *b)
    assert a[1]["slots"].keys() == b[1]["slots"].keys()
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a[0], b[0])
    for path, slots in b[1]["slots"].items():
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a[1]["slots"][path], slots)


def test_all_its_variables_are_state() -> None:
    optimizer = Everything()
    state = optimizer.init(PARAMS)
    assert not optimizer.built and optimizer.draws == []
    assert set(state["slots"]) == {"", *PARAMS} and set(state["slots"][""]) == {"total", "product"}
    assert set(state["slots"]["dense/bias"]) == {"first", "second", "var"}
    params, state = jax.jit(optimizer.update)(GRADS, PARAMS, state)
    params, state = jax.jit(optimizer.update)(GRADS, params, state)
    own = state["slots"]["dense/kernel"]
    np.testing.assert_allclose(own["first"], 2 * GRADS["dense/kernel"])
    np.testing.assert_allclose(own["second"], [[4.0, 4.0]])
    assert float(state["slots"][""]["product"]) == 0.5**4
    assert float(state["slots"][""]["total"]) == pytest.approx(-1.4 * (1 + 2))
    np.testing.assert_allclose(params["dense/bias"], [3.4], rtol=1e-6)


def test_built_by_paths_it_has_the_same_state() -> None:
    optimizer = Everything()
    optimizer.build([Variable(w) for w in PARAMS.values()], paths=list(PARAMS))
    held = optimizer.variable_tree()
    assert jax.tree.structure(held) == jax.tree.structure(Everything().init(PARAMS))
    assert [v.name for v in optimizer.variables[:4]] == [
        "iteration",
        "learning_rate",
        "variable_first",
        "variable_second",
    ]
    optimizer.apply(list(GRADS.values()))
    assert float(optimizer.product) == 0.25
    assert float(optimizer.init(PARAMS)["slots"]["dense/bias"]["second"][0]) == 1.0


def test_nothing_leaks_from_a_traced_step() -> None:
    optimizer = Everything()
    model = [Variable(w) for w in PARAMS.values()]
    optimizer.build(model, list(PARAMS))
    jax.jit(optimizer.update)(GRADS, PARAMS, optimizer.init(PARAMS))
    leaves = [v.stored for v in (*model, *optimizer.variables)]
    assert not any(isinstance(leaf, jax.core.Tracer) for leaf in leaves)
    assert float(optimizer.product) == 1.0


def test_draws_inside_a_running_pass_come_from_its_key() -> None:
    optimizer = Everything()
    state = optimizer.init(PARAMS)

    def drawn(seed: int) -> Any:
        with scope.entered(Scope(key=jax.random.key(seed))):
            return optimizer.update(GRADS, PARAMS, state)[1]["slots"]["dense/kernel"]["var"]

    np.testing.assert_array_equal(drawn(1), drawn(1))
    assert not np.array_equal(drawn(1), drawn(2))


def test_other_parameters_than_those_it_was_built_with_are_refused() -> None:
    optimizer = Everything()
    optimizer.build([Variable(1.0)], ["w"])
    with pytest.raises(ValueError, match="built on other parameters"):
        optimizer.update(GRADS, PARAMS, optimizer.init({"w": jnp.array(1.0)}))


def test_a_class_without_a_rule_says_what_to_define() -> None:
    class Nothing(Optimizer):
        pass

    optimizer = Nothing(0.1)
    with pytest.raises(NotImplementedError, match="define update_step"):
        optimizer.update(GRADS, PARAMS, optimizer.init(PARAMS))


@pytest.mark.parametrize("base", [Adam, Nadam, SGD])
def test_a_subclass_of_ours_may_change_the_step_and_call_the_old_one(base: Any) -> None:
    class Halved(base):  # type: ignore[misc]
        def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
            super().update_step(gradient, variable, learning_rate * 0.5)

    theirs, ours = Halved(0.2, use_ema=True), base(0.1, use_ema=True)
    a, b = (PARAMS, theirs.init(PARAMS)), (PARAMS, ours.init(PARAMS))
    for _ in range(3):
        a, b = theirs.update(GRADS, *a), ours.update(GRADS, *b)
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-6), a[0], b[0])


def test_built_while_a_step_is_traced_its_first_values_are_concrete() -> None:
    optimizer = Everything(use_ema=True, weight_decay=0.1)

    def step(x: Any) -> Any:
        optimizer.build([Variable(jnp.ones(2))])
        return x

    jax.jit(step)(1.0)
    assert not any(isinstance(v.stored, jax.core.Tracer) for v in jax.tree.leaves(optimizer.variable_tree()))


def test_its_name_is_found_among_custom_objects() -> None:
    written = optimizers.serialize(UsersMomentum(0.5, momentum=0.3))
    again = optimizers.deserialize(written, {"UsersMomentum": UsersMomentum})
    assert again.momentum == 0.3 and float(again.learning_rate) == 0.5
