"""Records values and gradients of every loss, on plain and awkward shapes, from Keras 3 (JAX backend) and PyTorch.

Run with a Python that has Keras, JAX and PyTorch: `python scripts/record_oracles/losses.py`.
Writes tests/oracle/losses.json (cases, versions) and tests/oracle/losses.npz (inputs and numbers).
"""

import inspect
import os
import platform
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch
from keras.src import backend
from packed import Packed

SEED = 11
REDUCTIONS = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none")
# The way from values to one number is the same code for all losses: these are recorded with every weight.
WEIGHED = ("MeanSquaredError",)
rng = np.random.default_rng(SEED)

# Kinds of targets and outputs: (targets, outputs) of a given shape.
REAL = ("normal", "normal")
POSITIVE = ("positive", "positive")
BINARY = ("binary", "probability")
BINARY_LOGITS = ("binary", "logits")
SIGNS = ("signs", "logits")
SIMPLEX = ("simplex", "simplex")
ONE_HOT = ("one_hot", "simplex")
ONE_HOT_LOGITS = ("one_hot", "logits")
SPARSE = ("labels", "simplex")
SPARSE_LOGITS = ("labels", "logits")
EMBEDDED = ("pairs", "unit")
LETTERS = ("letters", "logits")

LOSSES: list[tuple[str, dict[str, Any], tuple[str, str]]] = [
    ("MeanSquaredError", {}, REAL),
    ("MeanAbsoluteError", {}, REAL),
    ("MeanAbsolutePercentageError", {}, REAL),
    ("MeanSquaredLogarithmicError", {}, POSITIVE),
    ("Huber", {}, REAL),
    ("Huber", {"delta": 0.3}, REAL),
    ("LogCosh", {}, REAL),
    ("BinaryCrossentropy", {}, BINARY),
    ("BinaryCrossentropy", {"label_smoothing": 0.2}, BINARY),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, BINARY_LOGITS),
    ("BinaryCrossentropy", {"from_logits": True}, BINARY_LOGITS),
    ("CategoricalCrossentropy", {}, ONE_HOT),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, ONE_HOT),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, ONE_HOT_LOGITS),
    ("SparseCategoricalCrossentropy", {}, SPARSE),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, SPARSE),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, SPARSE_LOGITS),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": -1}, SPARSE_LOGITS),
    ("KLDivergence", {}, SIMPLEX),
    ("Poisson", {}, POSITIVE),
    ("Hinge", {}, SIGNS),
    ("Hinge", {}, BINARY_LOGITS),
    ("SquaredHinge", {}, SIGNS),
    ("CategoricalHinge", {}, ONE_HOT_LOGITS),
    ("BinaryFocalCrossentropy", {}, BINARY),
    (
        "BinaryFocalCrossentropy",
        {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5, "label_smoothing": 0.1},
        BINARY,
    ),
    ("BinaryFocalCrossentropy", {"from_logits": True}, BINARY_LOGITS),
    ("CategoricalFocalCrossentropy", {}, ONE_HOT),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "gamma": 1.5, "label_smoothing": 0.1}, ONE_HOT_LOGITS),
    ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.5, 1.0, 2.0]}, ONE_HOT),
    ("CategoricalGeneralizedCrossEntropy", {}, SPARSE),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.2}, SPARSE),
    ("Circle", {}, EMBEDDED),
    ("Circle", {"gamma": 2.0, "margin": 0.25, "remove_diagonal": False}, EMBEDDED),
    ("CosineSimilarity", {}, REAL),
    ("CosineSimilarity", {"axis": 1}, REAL),
    ("Dice", {}, BINARY),
    ("Dice", {"axis": -1}, BINARY),
    ("Dice", {"axis": (1, 2)}, BINARY),
    ("Tversky", {}, BINARY),
    ("Tversky", {"alpha": 0.7, "beta": 0.2, "axis": 0}, BINARY),
    ("CTC", {}, LETTERS),
]
# What each loss must also run on: (shape of targets, shape of outputs).
ELEMENTWISE = [((5, 3), (5, 3)), ((5,), (5, 1)), ((5, 1), (5,)), ((4, 3, 2), (4, 3, 2)), ((4,), (4,))]
CLASSES = [((5, 4), (5, 4)), ((4, 3, 5), (4, 3, 5))]
LABELS = [((5,), (5, 4)), ((5, 1), (5, 4)), ((4, 3), (4, 3, 5)), ((4, 3, 1), (4, 3, 5))]
BROADCAST = [((5, 1), (5, 3)), ((1, 3), (5, 3))]

TORCH: list[tuple[str, dict[str, Any], tuple[str, str], tuple[Any, Any], Any]] = [
    ("MeanSquaredError", {}, REAL, ((5, 3), (5, 3)), torch.nn.MSELoss()),
    ("MeanAbsoluteError", {}, REAL, ((5, 3), (5, 3)), torch.nn.L1Loss()),
    ("Huber", {"delta": 0.3}, REAL, ((5, 3), (5, 3)), torch.nn.HuberLoss(delta=0.3)),
    ("BinaryCrossentropy", {}, BINARY, ((5, 3), (5, 3)), torch.nn.BCELoss()),
    ("BinaryCrossentropy", {"from_logits": True}, BINARY_LOGITS, ((5, 3), (5, 3)), torch.nn.BCEWithLogitsLoss()),
    (
        "CategoricalCrossentropy",
        {"from_logits": True, "label_smoothing": 0.1},
        ONE_HOT_LOGITS,
        ((5, 4), (5, 4)),
        torch.nn.CrossEntropyLoss(label_smoothing=0.1),
    ),
    (
        "SparseCategoricalCrossentropy",
        {"from_logits": True},
        SPARSE_LOGITS,
        ((5,), (5, 4)),
        torch.nn.CrossEntropyLoss(),
    ),
    (
        "SparseCategoricalCrossentropy",
        {"from_logits": True, "ignore_class": -1},
        SPARSE_LOGITS,
        ((9,), (9, 4)),
        torch.nn.CrossEntropyLoss(ignore_index=-1),
    ),
    ("BinaryFocalCrossentropy", {"gamma": 0.0}, BINARY, ((5, 3), (5, 3)), torch.nn.BCELoss()),
    (
        "CategoricalFocalCrossentropy",
        {"gamma": 0.0, "alpha": 1.0, "from_logits": True},
        ONE_HOT_LOGITS,
        ((5, 4), (5, 4)),
        torch.nn.CrossEntropyLoss(),
    ),
    (
        "CosineSimilarity",
        {},
        REAL,
        ((5, 3), (5, 3)),
        lambda y_pred, y_true: -torch.nn.functional.cosine_similarity(y_pred, y_true).mean(),
    ),
    (
        "CTC",
        {},
        LETTERS,
        ((4, 3), (4, 8, 5)),
        lambda y_pred, y_true: torch.nn.functional.ctc_loss(
            y_pred.log_softmax(-1).transpose(0, 1),
            y_true,
            torch.full((len(y_true),), y_pred.shape[1]),
            (y_true != 0).sum(1),
            reduction="none",
        ).mean(),
    ),
]


# Losses whose arguments fit some shapes only.
OWN_SHAPES: dict[str, Any] = {
    "CTC": [((4, 3), (4, 8, 5)), ((2, 4), (2, 9, 3))],
    "CategoricalGeneralizedCrossEntropy": [((5,), (5, 4)), ((4, 3), (4, 3, 5))],
    "Circle": [((5,), (5, 4)), ((6, 1), (6, 3))],
}


def shapes_for(name: str, config: dict[str, Any]) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    if name in OWN_SHAPES:
        return OWN_SHAPES[name]
    if isinstance(config.get("alpha"), list):
        return CLASSES[:1]
    if "axis" in config:
        return ELEMENTWISE[:1] + ELEMENTWISE[3:4] if config["axis"] in (-1, 0) else ELEMENTWISE[3:4]
    if name.startswith("Sparse"):
        return LABELS
    if name in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy", "CategoricalHinge", "KLDivergence"):
        return CLASSES
    return ELEMENTWISE + (BROADCAST if name in ("MeanSquaredError", "MeanAbsoluteError") else [])


def draw(kind: str, shape: tuple[int, ...], classes: int, ignored: int | None) -> np.ndarray:
    """Return data of one kind as float32, labels as int32."""
    if kind == "labels":
        labels = rng.integers(0, classes, shape)
        if ignored is not None:
            labels = np.where(rng.uniform(size=shape) < 0.4, ignored, labels)
        return labels.astype("int32")
    if kind == "pairs":  # no class with one row, whose gradient is NaN in Keras
        return rng.permutation(np.minimum(np.arange(shape[0]) // 2, shape[0] // 2 - 1)).reshape(shape).astype("int32")
    if kind == "letters":  # class 0 stands behind the last one
        length = rng.integers(1, shape[1] + 1, (shape[0], 1))
        return np.where(np.arange(shape[1]) < length, rng.integers(1, classes, shape), 0).astype("int32")
    if kind == "unit":
        vectors = rng.normal(size=shape)
        return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype("float32")
    if kind == "one_hot":
        return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
    made = {
        "normal": lambda: rng.normal(size=shape),
        "positive": lambda: rng.uniform(0.2, 3.0, shape),
        "binary": lambda: rng.integers(0, 2, shape),
        "signs": lambda: rng.integers(0, 2, shape) * 2 - 1,
        "probability": lambda: rng.uniform(0.02, 0.98, shape),
        "logits": lambda: 3 * rng.normal(size=shape),
        "simplex": lambda: rng.dirichlet(np.ones(shape[-1]), shape[:-1]),
    }
    return np.asarray(made[kind](), "float32")


def weights_for(values: tuple[int, ...]) -> list[tuple[str, np.ndarray | None]]:
    """Return named sample weights that Keras takes for values of this shape."""
    if not values:
        return [("none", None), ("flat", rng.uniform(0.1, 2.0, 4).astype("float32"))]
    row = rng.uniform(0.1, 2.0, (values[0], 1)).astype("float32")
    some = row * (np.arange(values[0]) % 2)[:, None].astype("float32")
    named = [("none", None), ("column", row), ("some_zero", some), ("all_zero", 0 * row)]
    if len(values) == 1:
        named.append(("flat", row[:, 0]))
    else:
        named.append(("per_step", rng.uniform(0.1, 2.0, values[:2]).astype("float32")))
    return named


def evaluate(loss: Any, y_true: Any, y_pred: Any, weight: Any, mask: Any) -> Any:
    y_pred = jnp.asarray(y_pred)
    if mask is not None:
        backend.set_keras_mask(y_pred, mask)
    return loss(y_true, y_pred, weight)


def main() -> None:
    packed = Packed()

    def record(source: str, name: str, config: dict[str, Any], arrays: dict[str, Any]) -> None:
        packed.add({"source": source, "class": name, "config": config}, [arrays])

    for name, config, (true_kind, pred_kind) in LOSSES:
        for place, (true_shape, pred_shape) in enumerate(shapes_for(name, config)):
            y_true = draw(true_kind, true_shape, pred_shape[-1], config.get("ignore_class"))
            y_pred = draw(pred_kind, pred_shape, pred_shape[-1], None)
            plain = getattr(keras.losses, name)(**config, reduction="none")
            shape = tuple(plain(y_true, y_pred).shape)
            # A column of labels is squeezed before anything is weighed.
            ignoring = config.get("ignore_class") == 1 and len(true_shape) < len(pred_shape)
            whole = name in WEIGHED or ignoring
            for label, weight in weights_for(shape)[: None if whole else 1 if place else 2]:
                masks = (
                    [None] if not whole or label not in ("none", "column") else [None, rng.uniform(size=shape) < 0.6]
                )
                for mask in masks:
                    values: dict[str, Any] = {}
                    for reduction in REDUCTIONS if whole else ("sum_over_batch_size", "none"):
                        loss = getattr(keras.losses, name)(**config, reduction=reduction)
                        values[reduction] = evaluate(loss, y_true, y_pred, weight, mask)
                    loss = getattr(keras.losses, name)(**config)
                    values["gradient"] = jax.grad(lambda p: evaluate(loss, y_true, p, weight, mask))(y_pred)  # noqa: B023
                    made = {"y_true": y_true, "y_pred": y_pred, "weight": weight, "mask": mask}
                    record("keras", name, config, made | values)

    for name, config, (true_kind, pred_kind), (true_shape, pred_shape), loss in TORCH:
        y_true = draw(true_kind, true_shape, pred_shape[-1], config.get("ignore_class"))
        y_pred = draw(pred_kind, pred_shape, pred_shape[-1], None)
        tensor = torch.tensor(y_pred, requires_grad=True)
        value = loss(tensor, torch.tensor(y_true.astype("int64") if y_true.dtype == "int32" else y_true))
        value.backward()
        values = {"sum_over_batch_size": value.detach().numpy(), "gradient": tensor.grad.numpy()}
        record("torch", name, config, {"y_true": y_true, "y_pred": y_pred} | values)

    names = sorted({name for name, _, _ in LOSSES})
    document = {
        "versions": {
            "keras": keras.__version__,
            "jax": jax.__version__,
            "torch": torch.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "seed": SEED,
        "signatures": {name: signature(getattr(keras.losses, name)) for name in names},
        "names": {name: getattr(keras.losses, name)().name for name in names},
    }
    packed.write("losses", document)


def signature(cls: type) -> list[list[Any]]:
    """Return the names and defaults of a class's arguments."""
    return [[p.name, None if p.default is p.empty else p.default] for p in inspect.signature(cls).parameters.values()]


if __name__ == "__main__":
    main()
