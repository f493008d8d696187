"""What the scripts must reach, and how one is run and judged.

A script ends with a line `result: name=number ...`; the numbers must lie in the ranges that are written here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ranvier.compat import run_script
from ranvier.utils import set_random_seed

SCRIPTS = Path(__file__).parent / "scripts"
MANY = float("inf")

Ranges = dict[str, tuple[float, float]]

EXPECTED: dict[str, Ranges] = {
    "advanced_activations_keras2": {"ratio": (0, 0.3), "leak": (0.0999, 0.1001), "layers": (7, 7)},
    "autoencoder": {"before": (0.02, 1), "after": (0, 0.02), "code": (3, 3), "gap": (0, 1e-5)},
    "backend_functions": {"r2": (0.8, 1), "rmse": (0, 0.4), "f1": (0.8, 1), "soft_accuracy": (0.8, 1)},
    "batch_loop_keras2": {"ratio": (0, 0.5), "tested": (0.75, 1), "evaluated": (0.75, 1), "on_batch": (3, 3)},
    "callbacks_tour": {
        "epochs": (9, 60),
        "rows_missing": (0, 0),
        "files_missing": (0, 0),
        "loaded_gap": (0, 1e-4),
        "restored_gap": (0, 1e-4),
        "rate": (1e-6, 0.02),
    },
    "column_embeddings": {"mae": (0, 0.6), "shape": (48, 48), "correlation": (0.6, 1), "gap": (0, 1e-6)},
    "convolution_keras1": {"accuracy": (0.95, 1), "ratio": (0, 1)},
    "custom_callbacks": {"epochs": (5, 100), "batches": (4, 4), "tested": (2, 2), "mae": (0, 0.3), "lambdas": (2, 2)},
    "custom_layers": {"sum": (4, 4), "weights": (6, 6), "losses": (1, 1), "units": (8, 8), "ratio": (0, 0.2)},
    "custom_loss_metric": {"fell": (0.01, MANY), "hits": (200, 256), "gained": (1, 256)},
    "custom_train_step": {"first": (0.4, 5), "last": (0, 0.4), "mae": (0, 0.4), "epochs": (40, 40)},
    "data_pipeline": {
        "doubled": (90, 90),
        "batches": (7, 7),
        "last_batch": (28, 28),
        "accuracy": (0.85, 1),
        "rows": (60, 60),
    },
    "dense_gan": {"still": (0, 0), "moved": (0.05, 10), "before": (1.5, 10), "after": (0, 1.2)},
    "digits_stratified_kfold": {"folds": (3, 3), "mean": (0.85, 1), "rows": (576, 576)},
    "fashion_basic": {"accuracy": (0.8, 1), "val_epochs": (15, 15), "difference": (0, 1e-5)},
    "fuel_regression": {"linear": (0, 5), "dnn": (0, 3), "bias": (0, 1.5)},
    "generators_keras2": {"epochs": (15, 15), "accuracy": (0.8, 1), "rows": (24, 24), "gap": (0, 1e-5)},
    "housing_kfold": {"folds": (3, 3), "mae": (0, 5), "first": (10, 40), "last": (0, 5)},
    "housing_wrapper_pipeline": {"mse": (0, 0.2), "units": (16, 16), "tried": (2, 2)},
    "imbalanced_fraud": {
        "first_loss": (0.1, 0.5),
        "auc": (0.8, 1),
        "recall": (0.6, 1),
        "total": (256, 256),
        "sampled_auc": (0.8, 1),
    },
    "iris_one_hot": {"accuracy": (0.85, 1), "columns": (3, 3), "norm": (0.99999, 1.00001), "weights": (193, 193)},
    "iris_wrapper_keras1": {
        "folds": (3, 3),
        "accuracy": (0.85, 1),
        "classes": (150, 150),
        "probabilities": (3, 3),
        "score": (0.85, 1),
    },
    "keras3_from_scratch": {"acc": (0.85, 1), "gap": (0, 1e-6), "noise": (1e-6, 1)},
    "learning_rate_schedules": {
        "exponential": (0.01249, 0.01251),
        "piecewise": (1.5999, 1.6001),
        "cosine": (0.4999, 0.5001),
        "first": (0.0999, 0.1001),
        "last": (0.02499, 0.02501),
        "assigned": (0.25, 0.25),
        "ratio": (0, 0.5),
    },
    "legacy_optimizers": {
        "gap": (0, 1e-4),
        "adam": (0, 0.8),
        "sgd": (0, 0.5),
        "before": (0.00999, 0.01001),
        "after": (0.00499, 0.00501),
    },
    "mlp_softmax_keras1": {
        "accuracy": (0.65, 1),
        "agreed": (-1e-6, 1e-6),
        "row_sum": (0.9999, 1.0001),
        "acc": (0.7, 1),
        "val_acc": (0.65, 1),
    },
    "mnist_quickstart": {"accuracy": (0.8, 1), "rows": (5, 5), "row_sum": (0.9999, 1.0001)},
    "monte_carlo_dropout": {
        "mean": (0, 0.3),
        "near": (1e-4, 0.5),
        "far": (0.01, MANY),
        "still": (0, 0),
        "mc": (1e-4, 0.5),
    },
    "pima_csv": {"accuracy": (0.85, 1), "agreed": (-1e-6, 1e-6)},
    "pima_keras1": {"accuracy": (0.85, 1), "agreed": (-1e-6, 1e-6), "threshold": (0, 0), "epochs": (60, 60)},
    "regularize": {
        "large": (0.2, MANY),
        "l2_helps": (0.05, MANY),
        "l1_helps": (0.05, MANY),
        "shrunk": (0, 0.8),
        "moving": (2, 2),
    },
    "review_multi_hot": {"accuracy": (0.8, 1), "columns": (1, 1), "keys": (4, 4)},
    "save_and_load": {"ways": (6, 6), "gap": (0, 1e-5), "before": (1e-3, MANY), "files": (3, 3), "fell": (1e-4, MANY)},
    "shapes_and_acc": {"flat": (12, 12), "wide": (12, 12), "out": (1, 1), "acc": (0.85, 1), "val": (20, 20)},
    "shared_siamese": {"accuracy": (0.85, 1), "weights": (6, 6), "gap": (0, 1e-3)},
    "sonar_dropout_keras2": {"files": (1, 25), "best": (0.8, 1), "largest": (0.5, 1.50001), "gap": (0, 1e-5)},
    "subclassed": {"mse": (0, 1.2), "variance": (1.5, 10), "layers": (6, 6), "aux": (320, 320), "val": (0, 0.8)},
    "tape_function": {"first": (0.5, 1), "train": (0.9, 1), "val": (0.9, 1), "steps": (10, 10)},
    "tape_linear": {"w": (2.9, 3.1), "b": (1.9, 2.1), "first": (5, 20), "last": (0, 0.1), "slope": (6, 6)},
    "tickets_multi_io": {
        "priority": (0.9, 1),
        "department": (0.9, 1),
        "fell": (0.3, MANY),
        "rows": (7, 7),
        "classes": (4, 4),
    },
    "transfer_freezing": {
        "trainable": (2, 2),
        "frozen": (4, 4),
        "frozen_change": (0, 0),
        "tuned_change": (1e-4, 1),
        "frozen_accuracy": (0.55, 1),
        "tuned_accuracy": (0.6, 1),
    },
    "two_circles": {"linear": (0.2, 0.8), "train": (0.9, 1), "test": (0.9, 1)},
    "variational_autoencoder": {"first": (5, 20), "last": (0, 3), "kl": (0.5, 5), "means": (2, 2), "drawn": (16, 16)},
    "xor": {"wrong": (0, 0), "accuracy": (1, 1)},
}
"""By script, the lowest and the highest right value of each number."""


def of_tensorflow(name: str) -> bool:
    """Whether a script says `tensorflow`; the others say `keras` alone."""
    return "tensorflow" in (SCRIPTS / f"{name}.py").read_text(encoding="utf-8")


def check(name: str, output: str) -> None:
    """Compare the last line of a script with what is expected of it."""
    last = output.strip().splitlines()[-1]
    assert last.startswith("result: "), last
    found = {key: float(value) for key, _, value in (part.partition("=") for part in last.split()[1:])}
    assert set(found) == set(EXPECTED[name])
    wrong = {key: found[key] for key, (low, high) in EXPECTED[name].items() if not low <= found[key] <= high}
    assert not wrong, f"{name}: {wrong}, expected {EXPECTED[name]}"


def run_and_check(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run a script in this process; it must end well, reach its numbers and leave no foreign module behind."""
    # Many scripts seed NumPy alone: what they train would be another network in every run of the suite.
    set_random_seed(1)
    code = run_script(SCRIPTS / f"{name}.py")
    written = capsys.readouterr()
    assert code == 0, written.err
    check(name, written.out)
    assert not {"keras", "tensorflow"} & set(sys.modules)
