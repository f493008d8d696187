"""Keras's whole-model `.h5` file: configuration in attributes, weights in the order of each layer's weight list."""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from ranvier import layers
from ranvier.layers import Layer
from ranvier.saving import blueprint, compiling, weights
from ranvier.saving.atomic import replacing
from ranvier.saving.audit import Limits, damage_refused, read_json, refuse
from ranvier.saving.config_audit import Table, audit_config, known_names
from ranvier.saving.hdf5 import Hdf5File
from ranvier.saving.keras_v3 import KERAS_VERSION, dumps
from ranvier.saving.notices import tell
from ranvier.state.variable import Variable

__all__ = ["is_legacy", "load", "load_weights", "save"]

_CONFIG, _TRAINING, _WEIGHTS, _OPTIMIZER = "model_config", "training_config", "model_weights", "optimizer_weights"
_CONFIG_CHECKSUM = "ranvier_config_crc32"
# HDF5 keeps an attribute in the object's header, which ends at 64 KiB.
_MAX_ATTRIBUTE = 64512
_TOP = "top_level_model_weights"


def save(model: Any, target: str | os.PathLike[str] | Any, include_optimizer: bool = True) -> None:
    """Write a model whole, in the layout that Keras has used since version 1.

    Args:
        model: a built model without code in it.
        target: a path.
        include_optimizer: also the optimizer and its state.
    """
    blueprint.check_savable(model)
    form = blueprint.serialize(model)
    # A user's class says in its configuration no shapes, which Keras's own `.h5` files lack.
    keys = ["class_name", "config", *([] if form["module"] else ["build_config"])]
    texts = {_CONFIG: dumps({key: form[key] for key in keys if key in form}, f"model {model.name!r}")}
    compiled = compiling.compile_config(model) if include_optimizer else {}
    if compiled:
        optimizer = compiled.pop("optimizer")
        compiled["optimizer_config"] = {key: optimizer[key] for key in ("class_name", "config")}
        texts[_TRAINING] = dumps(compiled, f"model {model.name!r}")
    with replacing(target) as handle, h5py.File(handle, "w") as file:
        file.attrs["backend"], file.attrs["keras_version"] = "jax", KERAS_VERSION
        file.attrs[weights.CHECKSUM] = 1
        file.attrs[_CONFIG_CHECKSUM] = np.uint32(_text_checksum(texts))
        file.attrs.update(texts)
        _write_layers(file.create_group(_WEIGHTS), model)
        if compiled and model.optimizer.built:
            _write_list(file.create_group(_OPTIMIZER), _named(model.optimizer.name, model.optimizer.variables))


def _text_checksum(texts: dict[str, str]) -> int:
    checksum = 0
    for name in sorted(texts):
        checksum = zlib.crc32(f"{name}={texts[name]}".encode(), checksum)
    return checksum


def _write_layers(group: h5py.Group, model: Any) -> None:
    group.attrs["backend"], group.attrs["keras_version"] = "jax", KERAS_VERSION
    _write_names(group, "layer_names", [layer.name for layer in model.layers])
    # Sorted, so that a name that begins another one comes first.
    for layer in sorted(model.layers, key=lambda layer: str(layer.name)):
        _write_list(group.create_group(layer.name), _named_weights(layer))
    _write_list(group.create_group(_TOP), _named(model.name, _top_level(model)))


def _ordered(layer: Layer) -> list[Variable]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _top_level(model: Any) -> list[Variable]:
    variables: list[Variable] = model.own_variables()
    return variables


def _named_weights(layer: Layer) -> list[tuple[str, Variable]]:
    paths = {id(variable): path for path, variable in layers.tracking.variables_by_path(layer).items()}
    return [(f"{layer.name}/{paths[id(variable)]}", variable) for variable in _ordered(layer)]


def _named(owner: str, variables: Sequence[Variable]) -> list[tuple[str, Variable]]:
    """Name variables by their owner and their own names, numbered where two are equal."""
    named: dict[str, Variable] = {}
    for variable in variables:
        stem, number = f"{owner}/{variable.name.replace('/', '_')}", 0
        name = stem
        while name in named:
            number += 1
            name = f"{stem}_{number}"
        named[name] = variable
    return list(named.items())


def _write_list(group: h5py.Group, named: Sequence[tuple[str, Variable]]) -> None:
    _write_names(group, "weight_names", [name for name, _ in named])
    for name, variable in named:
        weights.write_dataset(group, name, np.asarray(variable.stored))


def _write_names(group: h5py.Group, attribute: str, names: Sequence[str]) -> None:
    """Write a list of names; a long one over several attributes, as Keras does."""
    encoded = np.array([name.encode() for name in names])
    if encoded.nbytes <= _MAX_ATTRIBUTE:
        group.attrs[attribute] = encoded if len(names) else np.zeros(0)
        return
    for index, part in enumerate(np.array_split(encoded, -(-encoded.nbytes // _MAX_ATTRIBUTE) + 1)):
        group.attrs[f"{attribute}{index}"] = part


# --- reading ---------------------------------------------------------------------------------------------------------


def is_legacy(file: Hdf5File) -> bool:
    """Whether weights lie in lists by layer, not under Keras 3's paths."""
    return _WEIGHTS in file.groups or bool(_names(file, "", "layer_names"))


def load(
    source: str | os.PathLike[str],
    models: Table,
    custom_objects: Table | None,
    compile: bool,
    limits: Limits,
) -> Any:
    """Read a model whole.

    Raises:
        FileRefused: with the entry and the reason.
    """
    path = Path(source)
    with path.open("rb") as handle, damage_refused(path.name, "reading the model"):
        file = Hdf5File(handle, path.name, limits)
        texts = _texts(file)
        place = f"{file.name}: attribute {_CONFIG!r}"
        if _CONFIG not in texts:
            raise refuse(
                "it holds no model, perhaps only weights",
                code="h5-no-model",
                place=place,
                fix="build the model in code and call load_weights",
            )
        config = read_json(texts[_CONFIG].encode(), place, limits)
        model = blueprint.from_config(config, models, custom_objects, place)
        load_weights(model, file, limits)
        if compile and _TRAINING in texts:
            _compile(model, file, texts[_TRAINING], models, custom_objects, limits)
        elif compile:
            tell(f"{file.name} does not say how the model was compiled: compile it to train it.")
    return model


def _texts(file: Hdf5File) -> dict[str, str]:
    texts = {name: file.attribute("", name) for name in (_CONFIG, _TRAINING)}
    found = {name: value for name, value in texts.items() if isinstance(value, str)}
    expected = file.attribute("", _CONFIG_CHECKSUM)
    if (expected is not None or file.attribute("", weights.CHECKSUM) is not None) and expected != _text_checksum(found):
        raise refuse(
            "the configuration's checksum does not fit it",
            code="h5-config-checksum",
            place=f"{file.name}: attribute {_CONFIG!r}",
            fix="get the file again; it changed after it was written",
        )
    return found


def _compile(
    model: Any,
    file: Hdf5File,
    text: str,
    models: Table,
    custom_objects: Table | None,
    limits: Limits,
) -> None:
    place = f"{file.name}: attribute {_TRAINING!r}"
    config = read_json(text.encode(), place, limits)
    with damage_refused(place, "compiling the model as it was (compile=False skips it)"):
        config["optimizer"] = config.pop("optimizer_config", None)
        audit_config(config, known_names(models), place, custom_objects)
        compiling.compile_from(model, config, custom_objects)
        if _OPTIMIZER not in file.groups:
            return
        compiling.build_optimizer(model, place, limits)
        paths = _paths(file, _OPTIMIZER)
        variables = model.optimizer.variables
        if len(paths) != len(variables):
            tell(
                f"The state of optimizer {model.optimizer.name!r} was not loaded, so training starts it afresh: it has "
                f"{len(variables)} variables, the file {len(paths)}."
            )
            return
        arrays = [weights.fitted(variable, file, path) for variable, path in zip(variables, paths, strict=True)]
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def load_weights(
    model: Any, file: Hdf5File, limits: Limits, skip_mismatch: bool = False, by_name: bool = False
) -> None:
    """Read lists of weights by layer, in the model's order, or by the layers' names.

    Args:
        model: the built model.
        file: the audited file.
        limits: the byte budget.
        skip_mismatch: leave layers alone that do not fit, with a warning.
        by_name: match layers by name, and leave the others alone.
    """
    weights.check_budget(model, file.name, limits)
    root = _WEIGHTS if _WEIGHTS in file.groups else ""
    stored = {name: _paths(file, f"{root}/{name}".strip("/")) for name in _names(file, root, "layer_names")}
    planned: list[tuple[Variable, np.ndarray]] = []
    for layer, name in _matched(model, stored, file.place(root), by_name):
        planned += _layer_plan(_ordered(layer), stored[name], layer.name, file, skip_mismatch)
    top = f"{root}/{_TOP}".strip("/")
    if top in file.groups:
        planned += _layer_plan(_top_level(model), _paths(file, top), model.name, file, skip_mismatch)
    for variable, array in planned:
        variable.assign(array)
    for layer in layers.tracking.layers_by_path(model).values():
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def _matched(model: Any, stored: dict[str, list[str]], place: str, by_name: bool) -> list[tuple[Layer, str]]:
    if by_name:
        return [(layer, layer.name) for layer in model.layers if layer.name in stored]
    holding = [layer for layer in model.layers if layer.weights]
    names = [name for name, paths in stored.items() if paths]
    if len(holding) != len(names):
        raise refuse(
            "the model has another number of layers with weights than the file",
            code="weights-layers",
            place=place,
            expected=f"{len(holding)}: " + ", ".join(layer.name for layer in holding[:20]),
            received=f"{len(names)}: " + ", ".join(names[:20]),
            fix="build the same model that was saved, or pass by_name=True",
        )
    return list(zip(holding, names, strict=True))


def _layer_plan(
    variables: Sequence[Variable], paths: Sequence[str], name: str, file: Hdf5File, skip_mismatch: bool
) -> list[tuple[Variable, np.ndarray]]:
    shapes = [file.datasets[path].shape for path in paths]
    if skip_mismatch and shapes != [variable.shape for variable in variables]:
        tell(f"The weights of layer {name!r} were left as they are: the file holds shapes {shapes[:10]}.")
        return []
    if len(paths) != len(variables):
        raise refuse(
            "a layer has another number of weights than the file holds for it",
            code="weights-count",
            place=f"{file.name}: layer {name!r}",
            expected=f"{len(variables)}: " + ", ".join(str(variable.shape) for variable in variables[:10]),
            received=f"{len(paths)}: " + ", ".join(map(str, shapes[:10])),
            fix="build the same model that was saved, or pass skip_mismatch=True to load what fits",
        )
    return [(v, weights.fitted(v, file, path)) for v, path in zip(variables, paths, strict=True)]


def _paths(file: Hdf5File, group: str) -> list[str]:
    """Return the full paths of the data sets that a group lists."""
    if group not in file.groups:
        raise refuse("a group is missing", code="h5-missing-group", place=file.place(group))
    paths = [f"{group}/{name}" for name in _names(file, group, "weight_names")]
    for path in paths:
        if path not in file.datasets:
            raise refuse("a weight that the file lists is missing", code="h5-missing-weight", place=file.place(path))
    return paths


def _names(file: Hdf5File, group: str, attribute: str) -> list[str]:
    """Read a list of names, also one that is spread over several attributes."""
    whole = file.attribute(group, attribute) if group in file.groups else None
    if whole is None:
        whole, index = [], 0
        while (part := file.attribute(group, f"{attribute}{index}")) is not None:
            whole = [*whole, *part] if isinstance(part, list) else whole
            index += 1
    if not isinstance(whole, list) or not all(isinstance(name, str) for name in whole) or len(set(whole)) < len(whole):
        raise refuse(
            "a list of names is not one, or repeats a name",
            code="h5-names",
            place=f"{file.place(group)}, attribute {attribute!r}",
            received=repr(whole)[:100],
        )
    return whole
