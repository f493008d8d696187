"""Weights of a model to and from an HDF5 file in Keras 3's layout: `<path>/vars/<number>`.

Loading checks everything first (names, counts, shapes, types, sizes, checksums) and changes the model last, so that a
refused file leaves the model as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import ml_dtypes
import numpy as np

from ranvier._errors import FileRefused
from ranvier.saving.audit import Limits, refuse
from ranvier.saving.hdf5 import Hdf5File, crc32
from ranvier.saving.hdf5_messages import BFLOAT16_BYTES
from ranvier.saving.notices import tell
from ranvier.saving.tree import Holder, holders
from ranvier.state.variable import Variable

__all__ = [
    "CHECKSUM",
    "check_budget",
    "fitted",
    "load_weights",
    "matched",
    "read_checked",
    "write_dataset",
    "write_weights",
]

CHECKSUM = "ranvier_crc32"
"""Attribute of every data set that we write, and of the root as the mark that they all have it."""

_KERAS_2_13 = "_layer_checkpoint_dependencies"

Assignment = Callable[[], None]


def write_weights(file: h5py.File, model: Any) -> None:
    """Write every layer's and optimizer's variables.

    Args:
        file: an HDF5 file open for writing.
        model: the model; must be built.
    """
    file.attrs[CHECKSUM] = 1
    for holder in holders(model):
        path = f"{holder.path}/vars" if holder.path else "vars"
        group = file.require_group(path)
        if isinstance(getattr(holder.item, "name", None), str):
            group.attrs["name"] = holder.item.name
        for name, value in _stored(holder).items():
            write_dataset(group, name, value)


def write_dataset(group: h5py.Group, name: str, value: Any) -> None:
    """Write one array with its checksum; bfloat16 as Keras does, as two opaque bytes and a mark."""
    array = np.ascontiguousarray(value).reshape(np.shape(value))
    dataset = group.create_dataset(name, data=array.view("V2") if array.dtype == ml_dtypes.bfloat16 else array)
    if array.dtype == ml_dtypes.bfloat16:
        dataset.attrs["dtype"] = "bfloat16"
    dataset.attrs[CHECKSUM] = np.uint32(crc32(dataset.name.strip("/"), array))


def _stored(holder: Holder) -> dict[str, np.ndarray]:
    """Return what an object writes; a class that says so itself, by `save_own_variables`, is asked."""
    if hasattr(holder.item, "save_own_variables"):
        store: dict[str, Any] = {}
        holder.item.save_own_variables(store)
        return {name: np.asarray(value) for name, value in store.items()}
    return {str(index): np.asarray(variable.stored) for index, variable in enumerate(holder.variables)}


def check_budget(model: Any, place: str, limits: Limits, more: int = 0) -> None:
    """Refuse a model whose weights would not fit the byte budget, before any of them exists.

    Args:
        model: the built model.
        place: the file and entry.
        limits: the byte budget.
        more: what else will be allocated, the optimizer's state [bytes].
    """
    total = more + sum(variable.size * np.dtype(variable.dtype).itemsize for variable in model.variables)
    if total > limits.max_bytes:
        largest = max(model.variables, key=lambda variable: variable.size)
        raise refuse(
            "the model it describes is larger than the byte budget",
            code="model-over-budget",
            place=place,
            expected=f"at most {limits.max_bytes} bytes of weights and optimizer state",
            received=f"{total} bytes; the largest is {largest.path} with shape {largest.shape}",
            fix="if you trust the file and have the memory, pass a larger max_bytes=",
        )


@dataclass(frozen=True)
class Match:
    """One layer or optimizer, and the data sets of its variables, in order; `store` where its class reads itself."""

    holder: Holder
    pairs: Sequence[tuple[Variable, str]]
    store: Mapping[str, str] | None = None


def matched(
    model: Any, file: Hdf5File, limits: Limits, skip_mismatch: bool = False, silent: bool = False
) -> list[Match]:
    """Find every variable's data set and compare shapes; nothing is read or allocated.

    Args:
        model: the built model.
        file: the audited file.
        limits: the byte budget.
        skip_mismatch: leave layers alone whose number or shapes of weights differ, with a warning.
        silent: do not speak of weights that the model has no place for.

    Raises:
        FileRefused: a weight is missing or of another shape than the model's.
    """
    check_budget(model, file.name, limits)
    by_group = _datasets_by_group(file)
    matches: list[Match] = []
    used: set[str] = set()
    for holder in holders(model):
        group = _group_of(holder, by_group)
        used.add(group)
        try:
            match = _match(holder, file, group, by_group.get(group, {}))
        except FileRefused as error:
            if not skip_mismatch or error.code not in ("weights-count", "weights-shape"):
                raise
            tell(f"Weights were left as they are: {error}")
            continue
        if match is not None:
            matches.append(match)
    left = [group for group in by_group if group not in used and "optimizer" not in group]
    if left and not silent:
        tell(f"{file.name} holds weights that the model has no place for: {', '.join(sorted(left)[:10])}.")
    return matches


def load_weights(model: Any, file: Hdf5File, limits: Limits, skip_mismatch: bool = False) -> None:
    """Read every layer's and optimizer's variables.

    Raises:
        FileRefused: a weight is missing, damaged, or of another shape or kind than the model's.
    """
    matches = matched(model, file, limits, skip_mismatch)
    ready: list[Assignment] = []
    for match in matches:
        ready += _read(match, file)
    for assign in ready:
        assign()


def _read(match: Match, file: Hdf5File) -> list[Assignment]:
    """Read one object's arrays; return what sets them."""
    item = match.holder.item
    if match.store is not None:
        arrays = {name: read_checked(file, path) for name, path in match.store.items()}
        return [lambda: item.load_own_variables(arrays)]
    ready = [_assignment(variable, fitted(variable, file, path)) for variable, path in match.pairs]
    finish = [getattr(item, name) for name in ("forget_delta", "finalize_state") if hasattr(item, name)]
    return [*ready, *finish] if ready else []


def _datasets_by_group(file: Hdf5File) -> dict[str, dict[str, str]]:
    """Return, by group, data set names and their full paths."""
    grouped: dict[str, dict[str, str]] = {}
    for path in file.datasets:
        group, _, name = path.rpartition("/")
        grouped.setdefault(group, {})[name] = path
    return grouped


def _group_of(holder: Holder, known: Mapping[str, Any]) -> str:
    path = f"{holder.path}/vars".strip("/")
    older = path.replace("layers", _KERAS_2_13)
    return older if path not in known and older in known else path


def _match(holder: Holder, file: Hdf5File, group: str, stored: Mapping[str, str]) -> Match | None:
    """Return one object's variables with their data sets; None for an optimizer that cannot take the state."""
    item, variables = holder.item, holder.variables
    if "load_own_variables" in _user_methods(item) or getattr(item, "keeps_own_store", False):
        return Match(holder, (), dict(stored))
    if set(stored) != {str(index) for index in range(len(variables))}:
        if holder.is_optimizer:
            _warn_of_optimizer(holder, len(variables), len(stored))
            return None
        raise refuse(
            "a layer has another number of weights than the file holds for it",
            code="weights-count",
            place=file.place(group),
            expected=f"{len(variables)} for layer {item.name!r}: " + ", ".join(str(v.shape) for v in variables[:10]),
            received=f"{len(stored)}: " + ", ".join(sorted(stored)[:10]),
            fix="build the same model that was saved, or pass skip_mismatch=True to load what fits",
        )
    pairs = [(variable, stored[str(index)]) for index, variable in enumerate(variables)]
    for variable, path in pairs:
        check_fit(variable, file, path)
    return Match(holder, pairs)


def _user_methods(item: Any) -> set[str]:
    """Return the names of the methods that a user's class defines."""
    return {name for klass in type(item).__mro__ if not klass.__module__.startswith("ranvier.") for name in vars(klass)}


def _warn_of_optimizer(holder: Holder, expected: int, received: int) -> None:
    if received:
        tell(
            f"The state of optimizer {holder.item.name!r} was not loaded, so training starts it afresh: it has "
            f"{expected} variables, the file {received}."
            + ("" if expected else " Call fit once, or compile before loading, to build it.")
        )


def _assignment(variable: Variable, array: np.ndarray) -> Assignment:
    return lambda: variable.assign(array)


def check_fit(variable: Variable, file: Hdf5File, path: str) -> None:
    """Refuse a data set of another shape or kind than its variable; nothing is read."""
    dataset = file.datasets[path]
    if dataset.shape != variable.shape:
        raise refuse(
            "a weight has another shape than the file holds for it",
            code="weights-shape",
            place=file.place(path),
            expected=f"{variable.shape} for {variable.path}",
            received=dataset.shape,
            fix="build the same model that was saved, or pass skip_mismatch=True to load what fits",
        )
    if _is_float(dataset.element.logical) != _is_float(np.dtype(variable.dtype)):
        raise refuse(
            "a weight is of another kind than the file holds for it",
            code="weights-type",
            place=file.place(path),
            expected=f"{variable.dtype} for {variable.path}",
            received=dataset.element.logical.name,
        )


def fitted(variable: Variable, file: Hdf5File, path: str) -> np.ndarray:
    """Return a data set's array in the variable's type, after its shape and kind were compared."""
    check_fit(variable, file, path)
    array, target = read_checked(file, path), np.dtype(variable.dtype)
    cast = array.astype(target, copy=False)
    if not _is_float(target) and not np.array_equal(cast.astype(array.dtype), array):
        raise refuse(
            "an integer does not fit the weight's type",
            code="weights-type",
            place=file.place(path),
            expected=target.name,
            received=f"values up to {array.max()}",
        )
    return cast


def _is_float(dtype: np.dtype[Any]) -> bool:
    return dtype.kind == "f" or dtype in (BFLOAT16_BYTES, ml_dtypes.bfloat16)


def read_checked(file: Hdf5File, path: str) -> np.ndarray:
    """Read a data set and compare its checksum, where the file has them."""
    array = file.read(path)
    expected = file.attribute(path, CHECKSUM)
    if expected is None and file.attribute("", CHECKSUM) is None:
        return array
    if expected != crc32(path, array):
        raise refuse(
            "a weight's checksum does not fit its data",
            code="weights-checksum",
            place=file.place(path),
            received="damaged data",
            fix="get the file again; it changed after it was written",
        )
    return array
