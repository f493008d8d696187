"""The guides' networks are tiny: compiling them takes most of the time, so the compiler is told not to try hard."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import pytest

from ranvier.engine import compiled


@pytest.fixture(scope="package", autouse=True)
def _quick_compiler() -> Iterator[None]:
    before = jax.config.values["jax_disable_most_optimizations"]
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", before)
    compiled.shared.clear()
