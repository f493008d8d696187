"""The operations of a compiled program are counted to the layers that they came from."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest

from ranvier.recipes import where_time_goes

TEXT = """HloModule jit_run, is_scheduled=true

%fused_computation (p.1: f32[2]) -> f32[2] {
  %mul.1 = f32[2]{0} multiply(%p, %p), metadata={op_name="jit(run)/while/body/transpose(jvp(inner))/dense/mul"}
  ROOT %add.1 = f32[2]{0} add(%mul.1, %p), metadata={op_name="jit(run)/while/body/transpose(jvp(inner))/dense/add"}
}

%body (p.2: (f32[2])) -> (f32[2]) {
  %fusion = f32[2]{0} fusion(%p), kind=kLoop, calls=%fused_computation
  %dot.1 = f32[2]{0} dot(%p, %q), metadata={op_name="jit(run)/while/body/jvp(dense)/dot_general"}
  ROOT %tuple = (f32[2]{0}) tuple(%dot.1)
}

ENTRY %main (p.3: f32[2]) -> (f32[2]) {
  ROOT %while.1 = (f32[2]{0}) while(%t), body=%body, metadata={op_name="jit(run)/while"}
}
"""


class Program:
    """A program that has nothing but a text."""

    def as_text(self) -> str:
        return TEXT


def test_shares_by_layer_and_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    times = {"fusion": 3.0, "dot.1": 1.0, "while.1": 9.0, "tuple": 0.0, "unknown": 5.0}
    monkeypatch.setattr(where_time_goes, "spent", lambda run, module: times if module == "jit_run" else {})
    found = where_time_goes.shares(Program(), lambda: None, ["dense", "inner/dense"])
    assert found == {("inner/dense", "backward"): 0.75, ("dense", "forward"): 0.25, ("rest", ""): 0.0}


@pytest.mark.parametrize(
    ("scopes", "place"),
    [
        ("jit(run)/while/body/jvp(a)/b/dot", ("a/b", "forward")),
        ("jit(run)/while/body/transpose(jvp(a/b))/rematted_computation/dot", ("a/b", "backward")),
        ("jit(run)/while/body/jvp(a)/c/dot", ("a", "forward")),
        ("jit(run)/while/body/transpose(jvp(loss))/mul", ("loss", "")),
        ("jit(run)/while/body/optimizer/jit(dense)/mul", ("optimizer", "")),
        ("jit(run)/while/body/gather", ("rest", "")),
        ("", ("rest", "")),
    ],
)
def test_places(scopes: str, place: tuple[str, str]) -> None:
    assert where_time_goes._place(scopes, ["a/b", "a"]) == place


def test_a_profile_sees_the_operations_of_the_compiled_program() -> None:
    def run(a: jax.Array) -> jax.Array:
        with jax.named_scope("heavy"):
            return jax.lax.fori_loop(0, 50, lambda _, b: jnp.tanh(b @ a), a)

    a = jnp.full((128, 128), 0.01)
    program = jax.jit(run).lower(a).compile()
    found = where_time_goes.shares(program, lambda: program(a), ["heavy"])
    assert found["heavy", "forward"] > 0.5 and sum(found.values()) == pytest.approx(1)
