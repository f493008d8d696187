"""Names of Keras 3 that Ranvier leaves out on purpose: why, and what to write instead.

The one table behind the errors of missing names, under Ranvier's own names and under those that scripts import, and
behind the page that compares the two packages name by name.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import NamedTuple

from ranvier._errors import RanvierError

__all__ = ["ABSENT", "METHODS", "Absence", "AbsentName", "absence", "absent_method", "no_attribute"]


class Absence(NamedTuple):
    """Why a name is not here, and what does its work."""

    reason: str
    example: str


class AbsentName(RanvierError, AttributeError):
    """A name of Keras that Ranvier has not, on purpose."""


_FLOATS = "training is in float32, float16 and bfloat16"
_SERVING = Absence("serving is a part of its own", '`model.save("model.keras")`')
_DEVICES = "one program on one device so far; spreading it over many machines is to stand on existing engines"
_NO_INTEGERS = Absence(f"no integer weights: {_FLOATS}", '`keras.mixed_precision.set_global_policy("mixed_bfloat16")`')

ABSENT: Mapping[str, Absence] = {
    "keras.distribution.*": Absence(_DEVICES, "`keras.distribution.list_devices()`"),
    "keras.*quantiz*": _NO_INTEGERS,
    "keras.Quantizer": _NO_INTEGERS,
    "keras.dtype_policies.[AGIQ]*DTypePolicy": Absence(
        "no integer weights", '`keras.dtype_policies.DTypePolicy("mixed_float16")`'
    ),
    "keras.layers.FlaxLayer": Absence(
        "a Flax module is a pure function",
        "`keras.layers.JaxLayer(lambda params, inputs: module.apply(params, inputs), "
        "init_fn=lambda rng, inputs: module.init(rng, inputs))`",
    ),
    "keras.layers.TFSMLayer": Absence(
        "runs a TensorFlow SavedModel, and TensorFlow is no dependency",
        "save the model as `.keras` and `keras.saving.load_model` it",
    ),
    "keras.layers.TorchModuleWrapper": Absence(
        "the compiled program is JAX's, into which PyTorch cannot be traced",
        "`layer.set_weights([tensor.numpy() for tensor in module.parameters()])`",
    ),
    "keras.distillation.*": Absence(
        "a student is a training step of one's own",
        "`class Student(keras.Model)` whose `compute_loss` adds `kl_divergence(teacher(x), y_pred)`",
    ),
    "keras.Model.make_*_function": Absence(
        "the epoch is compiled, not the step", "override `train_step`, `test_step` or `predict_step`"
    ),
    "keras.Model.jax_state_sync": Absence(
        "the variables are valid whenever Python runs; there is nothing to bring in line",
        "read `model.weights` in any callback",
    ),
    "keras.Model.compute_loss_and_updates": Absence(
        "part of Keras's own JAX trainer", "`model.stateless_compute_loss(...)` under `jax.value_and_grad`"
    ),
    "keras.Model.export": _SERVING,
    "keras.export.*": _SERVING,
    "keras.saving.KerasFileEditor": Absence(
        "files are read within a budget and never edited in place",
        "`keras.saving.load_model(path)`, change it, `save` it",
    ),
    "keras.*.rematerialized_call": Absence(
        "a scope says which calls are computed again, not a method",
        '`with keras.RematScope(mode="full"): outputs = layer(inputs)`',
    ),
    "keras.utils.legacy.*": Absence(
        "Keras 2's form of a configuration is read where files are", '`keras.saving.load_model("old.h5")`'
    ),
}
"""Patterns of full names; the first that fits counts."""

METHODS = frozenset(
    {
        *("Layer.quantization_mode", "Layer.quantize", "Layer.quantized_build", "Layer.quantized_call"),
        *("Layer.rematerialized_call", "Model.compute_loss_and_updates", "Model.export", "Model.jax_state_sync"),
        *("Model.get_quantization_layer_structure", "Model.make_predict_function", "Model.make_test_function"),
        "Model.make_train_function",
    }
)
"""Attributes of objects among them, by class: a pattern would also fit what a user's class forgot to set."""

_NAMES = frozenset(path.partition(".")[2] for path in METHODS)


def absence(full: str) -> Absence | None:
    """Return why a full name of Keras, of a thing or of its whole module, is not here; None where nothing is known.

    Example:
        >>> absence("keras.distillation.Distiller").reason
        "a student is a training step of one's own"
    """
    fits = (why for pattern, why in ABSENT.items() if any(fnmatch.fnmatchcase(p, pattern) for p in (full, f"{full}.")))
    return next(fits, None)


def no_attribute(module: str, name: str) -> AttributeError:
    """Return the error for `module.name`, where there is no such name.

    Args:
        module: the module's own name, `ranvier.layers`.
        name: what was asked of it.
    """
    full = f"{module}.{name}"
    why = absence(f"keras{full.removeprefix('ranvier')}")
    return AttributeError(f"module {module!r} has no attribute {name!r}") if why is None else _error(full, why)


def absent_method(owner: type, name: str) -> AbsentName | None:
    """Return the error for an attribute that objects of Keras's class have and those of this class have not."""
    if name not in _NAMES:
        return None
    full = next((f"{base.__name__}.{name}" for base in owner.__mro__ if f"{base.__name__}.{name}" in METHODS), "")
    why = absence(f"keras.{full}")
    return None if why is None else _error(f"ranvier.{full}", why)


def _error(full: str, why: Absence) -> AbsentName:
    return AbsentName(
        f"There is no {full}: {why.reason}.", code="absent-name", place=full, fix=why.example.replace("`", "")
    )
