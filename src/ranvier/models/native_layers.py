"""Which layers of a model compute by native kernels: seen by tracing the model, so that no layer is listed anywhere."""

from __future__ import annotations

from typing import Any

import jax
from jax import tree_util

from ranvier.kernels import choose, native
from ranvier.kernels.choose import Choice
from ranvier.layers import tracking
from ranvier.layers.base import Layer
from ranvier.layers.calling import tupled
from ranvier.models.graph import Graph
from ranvier.state import scope
from ranvier.state.scope import Scope

__all__ = ["ROWS", "Seen", "abstract_inputs", "seen"]

ROWS = 32
"""Rows of the batch that a model is traced with."""
LENGTH = 64
"""What an axis counts that the model leaves open: steps of a sequence, points of a picture."""


class Seen:
    """What tracing a model showed.

    Args:
        paths: the layers' structural paths, by identity.
        choices: what the kernels chose.
        failure: why the model could not be traced; empty where it could.
        rows: of the batch that it was traced with.
    """

    def __init__(self, paths: dict[int, str], choices: list[Choice], failure: str, rows: int) -> None:
        self.paths, self.choices, self.failure, self.rows = paths, choices, failure, rows

    def within(self, layer: Layer) -> list[Choice]:
        """Return the choices that were made in a layer, or in a layer of it."""
        path = self.paths[id(layer)]
        return [choice for choice in self.choices if f"{choice.place}/".startswith(f"{path}/")]

    def cell(self, layer: Layer) -> str:
        """Return a layer's entry of the table: its native kernels, `reference` without one, `?` where unknown."""
        if self.failure or id(layer) not in self.paths:
            return "?"
        chosen = dict.fromkeys(choice.kernel for choice in self.within(layer) if not choice.why_not)
        return ", ".join(chosen) or "reference"

    def notes(self) -> list[str]:
        """Return the lines under the table: the library in use, and why kernels that a layer has were not taken."""
        if self.failure:
            return [f"Kernels: unknown, because {self.failure}"]
        if why := choose.why_none():
            return [f"Kernels: none, all is computed by the reference; {why}"]
        found = native.library()
        assert found is not None, "there is a library where nothing speaks against it"
        refused = [choice for choice in self.choices if choice.why_not]
        lines = [f"{one.kernel} of {one.place or 'the model'} by the reference: {one.why_not}" for one in refused]
        return [f"Kernels: {found.instructions}, {found.threads} threads, for batches of {self.rows} rows", *lines]


def seen(model: Any, rows: int = ROWS) -> Seen:
    """Return what the kernels choose where a model trains on batches of so many rows; nothing is computed."""
    paths = {id(layer): path for path, layer in tracking.layers_by_path(model).items()}
    given = abstract_inputs(model, rows)
    if given is None:
        return Seen(paths, [], "the model has not been called or trained yet", rows)

    def forward(inputs: Any) -> Any:
        with scope.entered(Scope(abstract=True, key=jax.random.key(0), training=True, paths=paths)):
            return model(inputs)

    with choose.watched() as choices:
        try:
            jax.eval_shape(forward, given)
        except Exception as error:  # a layer of the user's may fail in any way where an open axis has been filled in
            reason = str(error).partition("\n")[0]
            return Seen(paths, [], f"the model cannot be traced with open axes of {LENGTH}: {reason}", rows)
    return Seen(paths, list(choices), "", rows)


def abstract_inputs(model: Any, rows: int = ROWS) -> Any:
    """Return shapes and dtypes of a batch, nested as the model takes it; None where the model does not tell."""
    graph: Graph | None = model.layer_graph
    if graph is not None:
        return tree_util.tree_map(lambda tensor: _filled(tensor.shape, tensor.dtype, rows), graph.input_struct)
    shapes = list((model._build_shapes or {}).values())
    if len(shapes) != 1 or not isinstance(tupled(shapes[0]), tuple):
        return None
    return _filled(tupled(shapes[0]), model.compute_dtype, rows)


def _filled(shape: Any, dtype: Any, rows: int) -> Any:
    if dtype == "string":
        return None
    first, *rest = shape
    return jax.ShapeDtypeStruct((first or rows, *(LENGTH if size is None else size for size in rest)), dtype)
