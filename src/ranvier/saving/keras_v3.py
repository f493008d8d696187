"""Keras 3's `.keras` file: metadata, configuration and weights in one archive."""

from __future__ import annotations

import io
import json
import os
from typing import Any

import h5py

from ranvier._errors import InvalidArgument
from ranvier.saving import blueprint, compiling, weights
from ranvier.saving.archive import Archive, open_archive, write_archive, write_folder
from ranvier.saving.audit import Limits, damage_refused, read_json
from ranvier.saving.config_audit import Table, audit_config, known_names
from ranvier.saving.hdf5 import Hdf5File
from ranvier.saving.tree import holders

__all__ = ["CONFIG", "KERAS_VERSION", "WEIGHTS", "dumps", "load", "load_weights", "save", "weights_bytes"]

KERAS_VERSION = "3.15.1"
"""The Keras whose files we write; files of every Keras 3 are read."""
METADATA, CONFIG, WEIGHTS, ASSETS = "metadata.json", "config.json", "model.weights.h5", "assets"


def dumps(value: Any, place: str) -> str:
    """Return JSON that every reader accepts: no NaN, no infinity.

    Raises:
        InvalidArgument: the configuration holds such a number.
    """
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError as error:
        raise InvalidArgument(
            "The configuration holds a number that is not finite, so it cannot be saved.",
            code="save-not-finite",
            place=place,
            received=str(error),
            fix="give the layer or the optimizer finite arguments",
        ) from error


def save(model: Any, target: str | os.PathLike[str] | Any, zipped: bool = True) -> None:
    """Write a model whole; equal models give equal bytes.

    Args:
        model: a built model without code in it.
        target: a path, or an open binary file.
        zipped: one archive; False writes a folder with the same entries.
    """
    blueprint.check_savable(model)
    config = blueprint.serialize(model)
    config["compile_config"] = compiling.compile_config(model)
    entries = {
        METADATA: json.dumps({"keras_version": KERAS_VERSION, "written_by": "ranvier"}).encode(),
        CONFIG: dumps(config, f"model {model.name!r}").encode(),
        WEIGHTS: weights_bytes(model),
        **_assets(model),
    }
    if zipped:
        write_archive(target, entries)
    else:
        write_folder(target, entries)


def _assets(model: Any) -> dict[str, bytes]:
    """Return the files that layers keep beside their weights, such as vocabularies, where Keras puts them."""
    return {
        f"{ASSETS}/{holder.path}/{name}": content
        for holder in holders(model)
        if hasattr(holder.item, "asset_files")
        for name, content in holder.item.asset_files().items()
    }


def _load_assets(model: Any, archive: Archive, limits: Limits) -> None:
    for holder in holders(model):
        if hasattr(holder.item, "load_asset_files"):
            folder = f"{ASSETS}/{holder.path}/"
            names = [name for name in archive.names() if name.startswith(folder) and "/" not in name[len(folder) :]]
            files = {name[len(folder) :]: archive.read(name, limits.max_json_bytes) for name in names}
            with damage_refused(f"{archive.name}: entry {folder!r}", "reading a layer's files"):
                holder.item.load_asset_files(files)


def weights_bytes(model: Any) -> bytes:
    """Return a weight file's content."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        weights.write_weights(file, model)
    return buffer.getvalue()


def load(source: Any, models: Table, custom_objects: Table | None, compile: bool, limits: Limits) -> Any:
    """Read a model whole.

    Args:
        source: a path of a file or folder, or an open binary file.
        models: the model classes.
        custom_objects: the caller's own names.
        compile: also compile it as it was, with the optimizer's state.
        limits: what the file may cost.

    Raises:
        FileRefused: with the entry and the reason.
    """
    with open_archive(source, limits) as archive, damage_refused(archive.name, "reading the model"):
        place = f"{archive.name}: entry {CONFIG!r}"
        archive.read(METADATA, limits.max_json_bytes)
        config = read_json(archive.read(CONFIG, limits.max_json_bytes), place, limits)
        compiled = config.pop("compile_config", None) if isinstance(config, dict) else None
        model = blueprint.from_config(config, models, custom_objects, place)
        _load_assets(model, archive, limits)
        weights.check_budget(model, place, limits)
        file = Hdf5File(
            io.BytesIO(archive.read(WEIGHTS, limits.max_bytes)), f"{archive.name}: entry {WEIGHTS!r}", limits
        )
        # All shapes are compared before the optimizer's state is allocated.
        weights.matched(model, file, limits, silent=True)
        if compile and compiled:
            audit_config(compiled, known_names(models), f"{place}: compile_config", custom_objects)
            with damage_refused(f"{place}: compile_config", "compiling the model as it was (compile=False skips it)"):
                compiling.compile_from(model, compiled, custom_objects)
                compiling.build_optimizer(model, place, limits)
        weights.load_weights(model, file, limits)
    return model


def load_weights(model: Any, source: Any, limits: Limits, skip_mismatch: bool) -> None:
    """Read only the weights of a model file into a model that exists already."""
    with open_archive(source, limits) as archive:
        data = archive.read(WEIGHTS, limits.max_bytes)
        place = f"{archive.name}: entry {WEIGHTS!r}"
    with damage_refused(place, "loading the weights"):
        weights.load_weights(model, Hdf5File(io.BytesIO(data), place, limits), limits, skip_mismatch)
