"""Laws of clipping."""

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ranvier.optimizers import clipping

numbers = st.floats(-1e4, 1e4, width=32, allow_subnormal=False)
shapes = hnp.array_shapes(min_dims=0, max_dims=3, max_side=4)
trees = st.dictionaries(st.sampled_from("abc"), hnp.arrays("float32", shapes, elements=numbers), min_size=1)
limits = st.floats(0.125, 1e3, width=32)
law = settings(max_examples=25, deadline=None)


def norm(array: np.ndarray) -> float:
    return float(np.linalg.norm(np.ravel(array).astype("float64")))


@law
@given(trees, limits)
def test_by_norm_bounds_each_and_keeps_directions(grads: dict[str, np.ndarray], limit: float) -> None:
    clipped = clipping.by_norm({k: jnp.asarray(g) for k, g in grads.items()}, jnp.float32(limit))
    for path, g in grads.items():
        assert norm(clipped[path]) <= limit * (1 + 1e-5)
        if norm(g) <= limit * (1 - 1e-5):
            np.testing.assert_array_equal(clipped[path], g)
        else:
            np.testing.assert_allclose(clipped[path], g * (limit / max(norm(g), limit)), rtol=1e-4, atol=1e-6)


@law
@given(trees, limits)
def test_by_global_norm_scales_all_by_one_factor(grads: dict[str, np.ndarray], limit: float) -> None:
    clipped = clipping.by_global_norm({k: jnp.asarray(g) for k, g in grads.items()}, jnp.float32(limit))
    total = np.sqrt(sum(norm(g) ** 2 for g in grads.values()))
    assert np.sqrt(sum(norm(g) ** 2 for g in clipped.values())) <= limit * (1 + 1e-5)
    for path, g in grads.items():
        np.testing.assert_allclose(clipped[path], g * min(1.0, limit / max(total, 1e-30)), rtol=1e-4, atol=1e-6)


@law
@given(trees, limits)
def test_by_value_bounds_each_element_and_is_idempotent(grads: dict[str, np.ndarray], limit: float) -> None:
    clipped = clipping.by_value({k: jnp.asarray(g) for k, g in grads.items()}, jnp.float32(limit))
    for path, g in grads.items():
        np.testing.assert_array_equal(clipped[path], np.clip(g, np.float32(-limit), np.float32(limit)))
    again = clipping.by_value(clipped, jnp.float32(limit))
    assert all(np.array_equal(again[path], g) for path, g in clipped.items())


@pytest.mark.parametrize("clip", [clipping.by_norm, clipping.by_global_norm, clipping.by_value])
def test_zero_gradients_stay_zero(clip: object) -> None:
    assert not np.any(clip({"w": jnp.zeros(3)}, jnp.float32(1.0))["w"])  # type: ignore[operator]


@pytest.mark.parametrize("bad", [np.inf, np.nan])
def test_a_norm_that_is_not_finite_is_seen_everywhere(bad: float) -> None:
    clipped = clipping.by_global_norm({"a": jnp.array([bad, 1.0]), "b": jnp.ones(2)}, jnp.float32(1.0))
    assert np.all(np.isnan(clipped["a"])) and np.all(np.isnan(clipped["b"]))
