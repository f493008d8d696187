"""model_to_dot: a model's layers in Graphviz's language."""

from __future__ import annotations

import os
import pathlib
import tempfile
from collections.abc import Mapping
from typing import Any, final

from ranvier.models.plot import Box, boxes_of, plot_model

__all__ = ["model_to_dot"]


@final
class _Dot:
    """A graph as text, with the methods of a `pydot.Dot` that scripts call; pictures are drawn without Graphviz."""

    def __init__(self, text: str, model: Any, options: Mapping[str, Any]) -> None:
        self._text, self._model, self._options = text, model, options

    def to_string(self) -> str:
        """Return the graph in Graphviz's language."""
        return self._text

    def create(self, prog: Any = None, format: str = "svg", encoding: str | None = None) -> bytes:
        """Return a picture as `svg`, `png` or `pdf`, or the text as `dot`."""
        if format in ("dot", "raw"):
            return self._text.encode(encoding or "utf-8")
        with tempfile.TemporaryDirectory() as folder:
            return pathlib.Path(plot_model(self._model, f"{folder}/model.{format}", **self._options)).read_bytes()

    def write(
        self, path: str | os.PathLike[str], prog: Any = None, format: str = "raw", encoding: str | None = None
    ) -> bool:
        """Write the text, or a picture, to a file."""
        pathlib.Path(path).write_bytes(self.create(prog, format, encoding))
        return True

    def create_svg(self) -> bytes:
        """Return a picture as SVG."""
        return self.create(format="svg")

    def create_png(self) -> bytes:
        """Return a picture as PNG."""
        return self.create(format="png")

    def write_svg(self, path: str | os.PathLike[str]) -> bool:
        """Write a picture as SVG."""
        return self.write(path, format="svg")

    def write_png(self, path: str | os.PathLike[str]) -> bool:
        """Write a picture as PNG."""
        return self.write(path, format="png")


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Return a model's layers and their connections as a graph in Graphviz's language.

    Neither Graphviz nor pydot is needed: the result has `to_string()`, `create(format=...)`, `write(path)` and their
    forms for SVG and PNG, as a `pydot.Dot` has them.

    Args:
        model: a model.
        show_shapes: write each layer's output shape.
        show_dtype: write each layer's dtype.
        show_layer_names: write names beside classes.
        rankdir: `"TB"` from top to bottom, `"LR"` from left to right.
        expand_nested: write the layers of nested models in place of the model.
        dpi: resolution of a PNG [dots per inch].
        subgraph: write a `subgraph` instead of a `digraph`, to be put into another text.
        show_layer_activations: write each layer's activation.
        show_trainable: write whether training changes each layer.
        splines: Graphviz's way of drawing the arrows.
        kwargs: accepted.
    """
    shown = {"shapes": show_shapes, "dtype": show_dtype, "names": show_layer_names}
    shown |= {"activations": show_layer_activations, "trainable": show_trainable}
    kind = f"subgraph {_quoted('cluster_' + model.name)}" if subgraph else "digraph model"
    head = ["concentrate=true;", f"rankdir={rankdir};", f"dpi={dpi};", f"splines={splines};", "node [shape=box];"]
    lines = [f"{kind} {{", *(f"  {line}" for line in head), *_lines(boxes_of(model, shown, expand_nested)), "}"]
    options: dict[str, Any] = {
        f"show_{name}": value for name, value in shown.items() if name in ("shapes", "dtype", "trainable")
    }
    options |= {"show_layer_names": show_layer_names, "show_layer_activations": show_layer_activations}
    options |= {"rankdir": rankdir, "expand_nested": expand_nested, "dpi": dpi}
    return _Dot("\n".join([*lines, ""]), model, options)


def _lines(boxes: list[Box]) -> list[str]:
    nodes = [f"  {number} [label={_quoted(chr(10).join(box.lines))}];" for number, box in enumerate(boxes)]
    return nodes + [f"  {parent} -> {number};" for number, box in enumerate(boxes) for parent in box.parents]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
