"""What TensorBoard's projector shows: the vectors of Embedding layers as tables, and the file that names them."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ranvier._errors import InvalidArgument
from ranvier.layers import Embedding, tracking

__all__ = ["write_projector"]


def write_projector(model: Any, folder: pathlib.Path, metadata: str | Mapping[str, str] | None) -> None:
    """Write each Embedding layer's vectors as `NAME.tsv`, one row per token, and `projector_config.pbtxt`.

    Args:
        model: the model.
        folder: where the events of the training lie.
        metadata: file with a label per row, for all layers, or by layer name.

    Raises:
        InvalidArgument: `metadata` names a layer that is no Embedding of the model.
    """
    layers = [layer for layer in tracking.layers_by_path(model).values() if isinstance(layer, Embedding)]
    named = {} if metadata is None or isinstance(metadata, str) else dict(metadata)
    if unknown := sorted(set(named) - {layer.name for layer in layers}):
        raise InvalidArgument(
            "The model has no such Embedding layer.",
            code="embeddings-metadata",
            place="TensorBoard(embeddings_metadata=...)",
            expected=", ".join(layer.name for layer in layers) or "a model with an Embedding layer",
            received=", ".join(unknown),
        )
    folder.mkdir(parents=True, exist_ok=True)
    entries = []
    for layer in layers:
        vectors = np.asarray(layer.embeddings.stored, np.float64)
        np.savetxt(folder / f"{layer.name}.tsv", vectors, delimiter="\t", fmt="%.8g")
        labels = metadata if isinstance(metadata, str) else named.get(layer.name)
        facts = {"tensor_name": layer.name, "tensor_path": f"{layer.name}.tsv"}
        facts |= {"metadata_path": labels} if labels else {}
        # JSON's quoting of a text is also that of a protobuf in text form.
        lines = [f"  {key}: {json.dumps(value)}" for key, value in facts.items()]
        entries.append("\n".join(["embeddings {", *lines, "}"]))
    (folder / "projector_config.pbtxt").write_text("\n".join([*entries, ""]), encoding="utf-8")
