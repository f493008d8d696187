"""Records every metric, streamed over uneven batches with and without weights, from Keras 3 (JAX backend).

Run with a Python that has Keras and JAX: `python scripts/record_oracles/metrics.py`.
Writes tests/oracle/metrics.json (cases, versions) and tests/oracle/metrics.npz (inputs and numbers).
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
from keras.src import backend
from keras.src.trainers import compile_utils
from packed import Packed

SEED, BATCHES = 13, (5, 1)
ROWWISE = ("Accuracy", "BinaryAccuracy", "RootMeanSquaredError", "Mean", "Sum")
rng = np.random.default_rng(SEED)

# (class, config, kind of targets, kind of outputs, [(inner shape of targets, of outputs)])
FLAT, COLUMN, MIXED, TABLE, STEPS = ((), ()), ((1,), (1,)), ((), (1,)), ((4,), (4,)), ((3, 4), (3, 4))
LABELS = [((), (4,)), ((1,), (4,)), ((3,), (3, 4)), ((3, 1), (3, 4))]
ELEMENTS = [FLAT, COLUMN, MIXED, TABLE, STEPS]
Row = tuple[str, dict[str, Any], str, str, list[Any]]
METRICS: list[Row] = [
    ("Accuracy", {}, "label", "label", [FLAT, COLUMN, MIXED, TABLE]),
    ("BinaryAccuracy", {}, "binary", "probability", ELEMENTS),
    ("BinaryAccuracy", {"threshold": 0.3}, "binary", "probability", [COLUMN]),
    ("CategoricalAccuracy", {}, "one_hot", "simplex", [TABLE, STEPS]),
    ("SparseCategoricalAccuracy", {}, "label", "simplex", LABELS),
    ("SparseCategoricalAccuracy", {}, "label", "ties", LABELS),
    ("TopKCategoricalAccuracy", {"k": 2}, "one_hot", "simplex", [TABLE, STEPS]),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "label", "simplex", LABELS[:3]),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "label", "ties", LABELS[:1]),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "label", "ranking", LABELS[:1]),
    ("MeanSquaredError", {}, "normal", "normal", ELEMENTS),
    ("RootMeanSquaredError", {}, "normal", "normal", ELEMENTS),
    ("MeanAbsoluteError", {}, "normal", "normal", ELEMENTS),
    ("MeanAbsolutePercentageError", {}, "normal", "normal", [COLUMN, TABLE]),
    ("MeanSquaredLogarithmicError", {}, "positive", "positive", [COLUMN, TABLE]),
    ("LogCoshError", {}, "normal", "normal", [COLUMN, TABLE]),
    ("R2Score", {}, "normal", "normal", [COLUMN, MIXED, TABLE]),
    ("R2Score", {"class_aggregation": None}, "normal", "normal", [TABLE]),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "normal", "normal", [TABLE]),
    ("R2Score", {"num_regressors": 2}, "normal", "normal", [TABLE]),
    ("R2Score", {"num_regressors": 100}, "normal", "normal", [TABLE]),
    ("KLDivergence", {}, "simplex", "simplex", [TABLE, STEPS]),
    ("Poisson", {}, "positive", "positive", [COLUMN, TABLE]),
    ("Hinge", {}, "signs", "normal", [COLUMN, TABLE]),
    ("SquaredHinge", {}, "signs", "normal", [COLUMN, TABLE]),
    ("CategoricalHinge", {}, "one_hot", "normal", [TABLE]),
    ("BinaryCrossentropy", {}, "binary", "probability", [COLUMN, TABLE]),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "binary", "normal", [TABLE]),
    ("CategoricalCrossentropy", {}, "one_hot", "simplex", [TABLE, STEPS]),
    ("CategoricalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "one_hot", "normal", [TABLE]),
    ("SparseCategoricalCrossentropy", {}, "label", "simplex", LABELS),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 1}, "label", "normal", LABELS),
    ("F1Score", {}, "binary", "probability", [TABLE]),
    ("F1Score", {"average": "micro", "threshold": 0.4}, "binary", "probability", [TABLE]),
    ("FBetaScore", {"beta": 2.0, "average": "weighted"}, "one_hot", "simplex", [TABLE]),
    ("FBetaScore", {"beta": 0.5, "average": "macro", "threshold": 0.3}, "binary", "probability", [COLUMN, TABLE]),
]
for _name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives"):
    METRICS.append((_name, {}, "binary", "probability", [FLAT, COLUMN, MIXED, TABLE]))
    METRICS.append((_name, {"thresholds": [0.2, 0.5, 0.7]}, "binary", "probability", [TABLE]))
for _name in ("Precision", "Recall"):
    METRICS.append((_name, {}, "binary", "probability", [FLAT, COLUMN, MIXED, TABLE]))
    METRICS.append((_name, {"thresholds": [0.1, 0.4, 0.8]}, "binary", "probability", [TABLE]))
    METRICS.append((_name, {"thresholds": [0.0, 0.5, 1.0]}, "binary", "probability", [TABLE]))
    METRICS.append((_name, {"top_k": 2}, "binary", "simplex", [TABLE]))
    METRICS.append((_name, {"top_k": 2, "class_id": 1}, "one_hot", "ties", [TABLE]))
    METRICS.append((_name, {"class_id": 2, "thresholds": 0.3}, "one_hot", "simplex", [TABLE]))
for _name in ("SensitivityAtSpecificity", "SpecificityAtSensitivity", "PrecisionAtRecall", "RecallAtPrecision"):
    _first = {"S": "specificity", "P": "recall", "R": "precision"}[_name[0]]
    _first = "sensitivity" if _name.startswith("Spec") else _first
    METRICS.append((_name, {_first: 0.6}, "binary", "probability", [FLAT, TABLE]))
    METRICS.append((_name, {_first: 0.6, "num_thresholds": 1}, "binary", "probability", [TABLE]))
    METRICS.append((_name, {_first: 0.5, "class_id": 1, "num_thresholds": 10}, "one_hot", "simplex", [TABLE]))
for _curve in ("ROC", "PR", "PRGAIN"):
    for _method in ("interpolation", "majoring", "minoring"):
        METRICS.append(("AUC", {"curve": _curve, "summation_method": _method}, "binary", "probability", [FLAT, TABLE]))
METRICS += [
    ("AUC", {"num_thresholds": 7}, "binary", "hundredths", [FLAT, COLUMN, MIXED]),
    ("AUC", {"thresholds": [0.1, 0.7, 0.3]}, "binary", "probability", [TABLE]),
    ("AUC", {"thresholds": [0.5]}, "binary", "probability", [TABLE]),
    ("AUC", {"from_logits": True}, "binary", "normal", [COLUMN]),
    ("AUC", {"multi_label": True}, "binary", "probability", [TABLE]),
    (
        "AUC",
        {"multi_label": True, "num_labels": 4, "label_weights": [1.0, 2.0, 0.0, 0.5]},
        "binary",
        "hundredths",
        [TABLE],
    ),
    ("AUC", {"multi_label": True, "curve": "PR", "thresholds": [0.2, 0.6]}, "binary", "probability", [TABLE]),
    ("AUC", {"label_weights": [1.0, 2.0, 0.0, 0.5]}, "binary", "probability", [TABLE]),
]
# (true classes, answered classes), as numbers or as scores
SCORED = [((), (4,)), ((3,), (3, 4))]
METRICS += [
    ("CosineSimilarity", {}, "normal", "normal", [TABLE, STEPS]),
    ("CosineSimilarity", {"axis": 1}, "normal", "normal", [STEPS]),
    ("PearsonCorrelation", {}, "normal", "normal", [TABLE, STEPS]),
    ("PearsonCorrelation", {"axis": 0}, "normal", "normal", [TABLE]),
    ("ConcordanceCorrelation", {}, "normal", "normal", [TABLE, STEPS]),
    ("ConcordanceCorrelation", {"axis": 0}, "normal", "normal", [TABLE]),
    ("BinaryIoU", {}, "binary", "probability", [FLAT, COLUMN, MIXED, TABLE]),
    (
        "BinaryIoU",
        {"target_class_ids": [1], "threshold": 0.3, "dtype": "float32"},
        "binary",
        "probability",
        [FLAT, TABLE],
    ),
    ("IoU", {"num_classes": 4, "target_class_ids": [1, 3]}, "label", "label", [FLAT, TABLE]),
    ("IoU", {"num_classes": 4, "target_class_ids": [0, 1], "ignore_class": -1}, "void", "void", [FLAT, TABLE]),
    (
        "IoU",
        {"num_classes": 4, "target_class_ids": [0, 2], "ignore_class": 1, "sparse_y_pred": False, "dtype": "float32"},
        "label",
        "simplex",
        SCORED,
    ),
    ("MeanIoU", {"num_classes": 4}, "label", "label", [FLAT, TABLE]),
    ("MeanIoU", {"num_classes": 4, "sparse_y_pred": False, "ignore_class": 2}, "label", "simplex", SCORED),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 2]}, "one_hot", "simplex", [TABLE, STEPS]),
    ("OneHotMeanIoU", {"num_classes": 4, "dtype": "float32"}, "one_hot", "ties", [TABLE, STEPS]),
    ("OneHotMeanIoU", {"num_classes": 4, "sparse_y_pred": True}, "one_hot", "label", [((4,), ())]),
]
VALUES: list[tuple[str, list[Any]]] = [("Mean", [(), (2,), (3, 2)]), ("Sum", [(), (2,), (3, 2)])]


def draw(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return data of one kind as float32, labels and rankings as int32."""
    if kind == "label":
        return rng.integers(0, 4, shape).astype("int32")
    if kind == "void":
        return rng.integers(-1, 6, shape).astype("int32")
    if kind == "one_hot":
        return np.eye(shape[-1], dtype="float32")[rng.integers(0, shape[-1], shape[:-1])]
    if kind == "ranking":
        return rng.permuted(np.broadcast_to(np.arange(shape[-1], dtype="int32"), shape), axis=-1)
    made = {
        "normal": lambda: rng.normal(size=shape),
        "positive": lambda: rng.uniform(0.2, 3.0, shape),
        "binary": lambda: rng.integers(0, 2, shape),
        "signs": lambda: rng.integers(0, 2, shape) * 2 - 1,
        "probability": lambda: rng.uniform(0.0, 1.0, shape),
        "hundredths": lambda: rng.integers(0, 101, shape) / 100,
        "simplex": lambda: rng.dirichlet(np.ones(shape[-1]), shape[:-1]),
        "ties": lambda: rng.integers(0, 3, shape) / 4,
    }
    return np.asarray(made[kind](), "float32")


def weights_for(name: str, config: dict[str, Any], rows: int, inner: tuple[int, ...]) -> dict[str, Any]:
    """Return named sample weights of one batch, as Keras takes them for this metric."""
    if config.get("axis") == 0:
        return {"none": None}  # one number per column
    if name.endswith("IoU"):  # one weight per place; whole numbers where Keras counts in integers
        places = inner if config.get("sparse_y_pred", not name.startswith("OneHot")) else inner[:-1]
        whole = rng.integers(0, 3, (rows, *places))
        return {"none": None, "places": (whole + 0.5 if "dtype" in config else whole).astype("float32")}
    if name in ("MeanSquaredError", "MeanAbsoluteError") and not inner:
        return {"none": None}  # one number per batch, which no row's weight fits
    flat = rng.uniform(0.1, 2.0, rows).astype("float32")
    named: dict[str, Any] = {"none": None, "flat": flat, "zero": flat * (np.arange(rows) % 2)}
    # Keras fails on a column of weights for these, and for counts beside outputs without columns.
    if name not in ("F1Score", "FBetaScore", "R2Score") and (inner or name in ROWWISE):
        named["column"] = flat[:, None]
    if name == "SparseCategoricalCrossentropy" and len(inner) == 2:
        named["per_step"] = rng.uniform(0.1, 2.0, (rows, inner[0])).astype("float32")
        del named["flat"], named["zero"]  # Keras fails on them where a class is ignored
    return named


def main() -> None:
    packed = Packed()

    def stream(name: str, config: dict[str, Any], batches: list[dict[str, Any]]) -> None:
        """Feed the batches to a new metric and record inputs and the result after each."""
        metric = getattr(keras.metrics, name)(**config)
        results = []
        for batch in batches:
            inputs = [jnp.asarray(batch[key]) for key in ("y_true", "y_pred") if key in batch]
            if "mask" in batch:
                backend.set_keras_mask(inputs[-1], batch["mask"])
            metric.update_state(*inputs, sample_weight=batch.get("weight"))
            results.append({"result": np.asarray(metric.result())})
        packed.add({"class": name, "config": config}, [b | r for b, r in zip(batches, results, strict=True)])

    for name, config, true_kind, pred_kind, shapes in METRICS:
        for place, (true_inner, pred_inner) in enumerate(shapes):
            data = [
                {"y_true": draw(true_kind, (rows, *true_inner)), "y_pred": draw(pred_kind, (rows, *pred_inner))}
                for rows in BATCHES
            ]
            weights = [weights_for(name, config, rows, pred_inner) for rows in BATCHES]
            # Curves are drawn through counts: one curve is enough to weigh these in every way.
            again = config.get("curve", "ROC") != "ROC" or config.get("summation_method", _method) != _method
            for label in weights[0] if place == 0 and not again else list(weights[0])[-1:]:
                stream(name, config, [d | {"weight": w[label]} for d, w in zip(data, weights, strict=True)])
    for name in ("MeanSquaredError", "SparseCategoricalAccuracy"):
        for weighted in (False, True):
            batches = []
            for rows in BATCHES:
                sparse = name.startswith("Sparse")
                y_true = draw("label" if sparse else "normal", (rows, 3) if sparse else (rows, 3, 4))
                weight = rng.uniform(0.1, 2.0, (rows, 3)).astype("float32") if weighted else None
                mask = rng.uniform(size=(rows, 3)) < 0.6
                batches.append(
                    {"y_true": y_true, "y_pred": draw("normal", (rows, 3, 4)), "mask": mask, "weight": weight}
                )
            stream(name, {}, batches)
    for name, inners in VALUES:
        for inner in inners:
            for label in ("none", "flat", "column"):
                batches = []
                for rows in BATCHES:
                    weight = weights_for(name, {}, rows, inner)[label]
                    batches.append({"y_true": draw("normal", (rows, *inner)), "weight": weight})
                stream(name, {}, batches)

    names = sorted({row[0] for row in METRICS} | {name for name, _ in VALUES} | {"MeanMetricWrapper"})
    document = {
        "versions": {
            "keras": keras.__version__,
            "jax": jax.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "seed": SEED,
        "signatures": {name: signature(getattr(keras.metrics, name)) for name in names},
        "accuracies": accuracies(),
    }
    packed.write("metrics", document)


def accuracies() -> list[list[Any]]:
    """Return which accuracy Keras takes for targets and outputs of which shapes."""
    shapes = [((8,), (8, 1)), ((8, 1), (8, 1)), ((8,), (8, 3)), ((8, 1), (8, 3)), ((8, 3), (8, 3))]
    shapes += [((8, 5), (8, 5, 3)), ((8, 5, 1), (8, 5, 3)), ((8, 5, 3), (8, 5, 3)), ((8, 5), (8, 5, 1)), ((8,), (8,))]
    return [[t, p, type(compile_utils.get_metric("accuracy", np.zeros(t), np.zeros(p))).__name__] for t, p in shapes]


def signature(cls: type) -> list[list[Any]]:
    """Return the names and defaults of a class's arguments."""
    return [[p.name, None if p.default is p.empty else p.default] for p in inspect.signature(cls).parameters.values()]


if __name__ == "__main__":
    main()
