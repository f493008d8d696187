"""Decoding: what a step counts, and what it refuses."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import ops
from ranvier._errors import InvalidArgument
from ranvier.state import scope
from ranvier.state.decoding import Decoding, is_step
from ranvier.state.scope import Scope


def test_a_step_counts_from_its_place() -> None:
    assert not is_step()
    with scope.entered(Scope(decoding=Decoding())):
        assert not is_step() and ops.arange(1).tolist() == [0]
    with scope.entered(Scope(decoding=Decoding(jnp.asarray(5)))):
        assert is_step()
        assert ops.arange(1).tolist() == [5] and ops.arange(0, 1, 1).tolist() == [5]
        assert ops.arange(1, dtype="float32").tolist() == [5.0] and ops.arange(1, dtype="float32").dtype == "float32"
        # Numbers of something else than the one token.
        assert ops.arange(3).tolist() == [0, 1, 2] and ops.arange(1, 2).tolist() == [1]


def test_a_step_is_put_among_what_was_kept_call_by_call() -> None:
    whole = Decoding()
    for factor in (1, 2):
        whole.extended("layer", (factor * jnp.ones((2, 4, 1)), None))
    step = Decoding(jnp.asarray(2), dict(whole.kept))
    first, nothing = step.extended("layer", (jnp.zeros((2, 1, 1)), None))
    second, _ = step.extended("layer", (5 * jnp.ones((2, 1, 1)), None))
    assert nothing is None
    np.testing.assert_array_equal(first[0, :, 0], [1, 1, 0, 1])
    np.testing.assert_array_equal(second[1, :, 0], [2, 2, 5, 2])


def test_what_is_not_one_position_is_refused() -> None:
    whole = Decoding()
    whole.extended("layer", jnp.ones((2, 4, 1)))
    for place, array in (("other", jnp.ones((2, 1, 1))), ("layer", jnp.ones((2, 4, 1)))):
        with pytest.raises(InvalidArgument, match="one position"):
            Decoding(jnp.asarray(2), dict(whole.kept)).extended(place, array)
