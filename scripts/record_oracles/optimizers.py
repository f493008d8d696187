"""Records ten steps of every optimizer and option, and all schedules, from Keras 3 (JAX backend) and PyTorch.

Run with a Python that has Keras, JAX and PyTorch: `python scripts/record_oracles/optimizers.py`.
Writes tests/oracle/optimizers.json (cases, configurations, versions) and tests/oracle/optimizers.npz (numbers).
"""

import json
import os
import pathlib
import platform
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import jax
import keras
import numpy as np
import torch

FOLDER = pathlib.Path(__file__).parents[2] / "tests" / "oracle"
SEED, STEPS, HALF = 7, 10, 5
SHAPES = {"kernel": (3, 2), "bias": (2,), "scale": (), "row": (1, 4)}
COMMON: dict[str, dict[str, Any]] = {
    "weight_decay": {"weight_decay": 0.1},
    "clipnorm": {"clipnorm": 0.5},
    "clipvalue": {"clipvalue": 0.2},
    "global_clipnorm": {"global_clipnorm": 0.7},
    "ema": {"use_ema": True, "ema_momentum": 0.9},
    "ema_overwrite": {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 3},
    "loss_scale": {"loss_scale_factor": 8.0},
    "accumulate": {"gradient_accumulation_steps": 3},
    "everything": {
        "weight_decay": 0.05,
        "global_clipnorm": 1.0,
        "use_ema": True,
        "ema_momentum": 0.9,
        "ema_overwrite_frequency": 2,
        "loss_scale_factor": 4.0,
        "gradient_accumulation_steps": 2,
    },
}
OWN: dict[str, dict[str, dict[str, Any]]] = {
    "SGD": {"plain": {}, "momentum": {"momentum": 0.9}, "nesterov": {"momentum": 0.9, "nesterov": True}},
    "RMSprop": {
        "plain": {},
        "rho": {"rho": 0.7, "epsilon": 1e-3},
        "momentum": {"momentum": 0.8},
        "centered": {"centered": True},
        "centered_momentum": {"centered": True, "momentum": 0.5},
    },
    "Adagrad": {"plain": {}, "start": {"initial_accumulator_value": 0.0, "epsilon": 1e-2}},
    "Adam": {"plain": {}, "amsgrad": {"amsgrad": True}, "betas": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}},
    "AdamW": {"plain": {}, "amsgrad": {"amsgrad": True, "weight_decay": 0.2}},
    "Nadam": {"plain": {}, "betas": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}},
    "Adadelta": {"plain": {}, "rho": {"rho": 0.7, "epsilon": 1e-3}},
    "Adafactor": {
        "plain": {},
        "options": {"beta_2_decay": -0.6, "epsilon_2": 0.1, "clip_threshold": 0.5, "relative_step": False},
    },
    "Adamax": {"plain": {}, "betas": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}},
    "Ftrl": {
        "plain": {},
        "power": {"learning_rate_power": -0.8, "initial_accumulator_value": 1.0},
        "strengths": {
            "l1_regularization_strength": 0.5,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.05,
            "beta": 0.3,
        },
    },
    "Lamb": {"plain": {}, "betas": {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}},
    "Lion": {"plain": {}, "betas": {"beta_1": 0.5, "beta_2": 0.8}},
    "Muon": {
        "plain": {},
        "excluded": {"exclude_layers": ["row"], "adam_lr_ratio": 0.5, "adam_weight_decay": 0.2},
        "bare": {"nesterov": False, "rms_rate": None, "weight_decay": None, "ns_steps": 2},
    },
    "ScheduleFreeAdamW": {"plain": {}, "warm_up": {"warmup_steps": 4, "beta_1": 0.7, "beta_2": 0.9, "epsilon": 1e-4}},
}


def described(name: str, cls: str, **config: Any) -> dict[str, Any]:
    """Return an optimizer inside another one as plain data."""
    config = {"name": name, **config}
    return {"module": "keras.optimizers", "class_name": cls, "config": config, "registered_name": None}


_MAP = {
    "module": "keras.optimizers",
    "class_name": "OptimizerMap",
    "registered_name": None,
    "config": {
        "default_optimizer": described("all", "Adam", learning_rate=0.02),
        "optimizer_map": {
            "kernel": described("one", "SGD", learning_rate=0.02, momentum=0.9, clipnorm=1.0),
            "sca.*": described("two", "RMSprop", learning_rate=0.05, weight_decay=0.1),
        },
    },
}
COMPOSED: dict[str, dict[str, Any]] = {
    "LossScaleOptimizer-sgd": {
        "class": "LossScaleOptimizer",
        "kwargs": {
            "inner_optimizer": described("inside", "SGD", learning_rate=0.02, momentum=0.9, weight_decay=0.1),
            "initial_scale": 4.0,
            "dynamic_growth_steps": 2,
        },
        "overflow": {"kernel": [4, 7], "scale": [7]},
    },
    "LossScaleOptimizer-adam": {
        "class": "LossScaleOptimizer",
        "kwargs": {
            "inner_optimizer": described(
                "inside", "Adam", learning_rate=0.02, use_ema=True, global_clipnorm=0.5, gradient_accumulation_steps=2
            ),
            "initial_scale": 1024.0,
        },
        "overflow": {"bias": [0, 6]},
    },
    "MultiOptimizer-map": {"class": "MultiOptimizer", "kwargs": {"optimizer_map": _MAP}},
    "MultiOptimizer-scaled": {
        "class": "MultiOptimizer",
        "kwargs": {"optimizer_map": _MAP, "loss_scale_factor": 8.0},
    },
}
SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    "exponential_stairs": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": [3, 10, 11], "values": [1.0, 0.5, 0.25, 0.1]}),
    "polynomial": ("PolynomialDecay", {"initial_learning_rate": 0.1, "decay_steps": 20, "power": 0.5}),
    "polynomial_cycle": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 6, "end_learning_rate": 0.02, "power": 2.0, "cycle": True},
    ),
    "inverse": ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}),
    "inverse_stairs": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5, "staircase": True},
    ),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 13, "alpha": 0.1}),
    "cosine_warmup": (
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": 13, "alpha": 0.1, "warmup_target": 0.3, "warmup_steps": 5},
    ),
    "restarts": ("CosineDecayRestarts", {"initial_learning_rate": 0.1, "first_decay_steps": 4}),
    "restarts_even": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 5, "t_mul": 1.0, "m_mul": 0.8, "alpha": 0.05},
    ),
    "restarts_slow": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 3, "t_mul": 1.5, "m_mul": 0.9},
    ),
}
TORCH: dict[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "SGD": ("SGD", {}, "SGD", {}),
    "SGD_momentum": ("SGD", {"momentum": 0.9}, "SGD", {"momentum": 0.9}),
    "SGD_nesterov": ("SGD", {"momentum": 0.9, "nesterov": True}, "SGD", {"momentum": 0.9, "nesterov": True}),
    "Adam": ("Adam", {"eps": 1e-12}, "Adam", {"epsilon": 1e-12}),
    "AdamW": ("AdamW", {"eps": 1e-12, "weight_decay": 0.1}, "AdamW", {"epsilon": 1e-12, "weight_decay": 0.1}),
    "RMSprop_centered": (
        "RMSprop",
        {"alpha": 0.9, "eps": 1e-12, "centered": True},
        "RMSprop",
        {"rho": 0.9, "epsilon": 1e-20, "centered": True},
    ),
    "Adagrad": ("Adagrad", {"eps": 1e-12, "initial_accumulator_value": 0.1}, "Adagrad", {"epsilon": 1e-12}),
    "NAdam": ("NAdam", {"eps": 1e-12, "momentum_decay": 1.0}, "Nadam", {"epsilon": 1e-12}),
    "Adadelta": ("Adadelta", {"rho": 0.9, "eps": 1e-6}, "Adadelta", {"rho": 0.9, "epsilon": 1e-6}),
    "Adamax": ("Adamax", {"eps": 1e-12}, "Adamax", {"epsilon": 1e-12}),
}


def data() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return first parameters and ten gradients of each, over nine orders of magnitude, some of them zero."""
    rng = np.random.default_rng(SEED)
    params = {name: rng.normal(size=shape).astype("float32") for name, shape in SHAPES.items()}
    grads = {
        name: (rng.normal(size=(STEPS, *shape)) * 10.0 ** rng.integers(-6, 3, size=(STEPS, *shape))).astype("float32")
        for name, shape in SHAPES.items()
    }
    grads["kernel"][3] = 0.0
    return params, grads


def keras_cases() -> dict[str, dict[str, Any]]:
    """Return all cases by name: class, arguments, and what else is done."""
    cases = {}
    for cls, options in OWN.items():
        for name, kwargs in options.items():
            cases[f"{cls}-{name}"] = {"class": cls, "kwargs": {"learning_rate": 0.02, **kwargs}}
        # The options are the same code for every class: all of them for three, all at once for the others.
        for name in COMMON if cls in ("SGD", "Adam", "Nadam") else ("everything",):
            kwargs = COMMON[name]
            own = {"momentum": 0.9} if cls == "SGD" else {}
            cases[f"{cls}-{name}"] = {"class": cls, "kwargs": {"learning_rate": 0.02, **own, **kwargs}}
        schedule = {
            "module": "keras.optimizers.schedules",
            "class_name": "ExponentialDecay",
            "registered_name": None,
            "config": {"initial_learning_rate": 0.1, "decay_steps": 4, "decay_rate": 0.5},
        }
        extra = {"gradient_accumulation_steps": 2, "weight_decay": 0.1}
        cases[f"{cls}-schedule"] = {"class": cls, "kwargs": {"learning_rate": schedule, **extra}}
    plain = {"learning_rate": 0.02, "weight_decay": 0.3}
    cases["Adam-excluded"] = {"class": "Adam", "kwargs": plain, "exclude": ["bias", "scale"]}
    cases["Adam-missing"] = {"class": "Adam", "kwargs": {**plain, "use_ema": True}, "missing": ["bias"]}
    cases["SGD-constrained"] = {"class": "SGD", "kwargs": plain, "nonneg": ["kernel", "row"]}
    return cases | COMPOSED


def given(case: dict[str, Any], name: str, grad: np.ndarray, step: int) -> np.ndarray | None:
    """Return the gradient that a case gives in one step: the recorded one, none, or one that overflowed."""
    if name in case.get("missing", ()):
        return None
    return np.full_like(grad, np.inf) if step in case.get("overflow", {}).get(name, ()) else grad


def record_keras(case: dict[str, Any], params: dict[str, np.ndarray], grads: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the parameters after each step, and the optimizer's variables half-way and at the end."""
    cls = getattr(keras.optimizers, case["class"])
    optimizer = cls.from_config(json.loads(json.dumps(case["kwargs"])))
    variables = [keras.Variable(value, name=name) for name, value in params.items()]
    for variable in variables:
        if variable.name in case.get("nonneg", ()):
            variable.constraint = keras.constraints.NonNeg()
    if "exclude" in case:
        optimizer.exclude_from_weight_decay(var_names=case["exclude"])
    optimizer.build(variables)
    found: dict[str, Any] = {}
    trace = []
    for step in range(STEPS):
        apply(optimizer, [given(case, v.name, grads[v.name][step], step) for v in variables], variables)
        trace.append(flat(variables))
        if step + 1 in (HALF, STEPS):
            found["half" if step + 1 == HALF else "end"] = flat(optimizer.variables)
    case["variables"] = [v.name for v in optimizer.variables]
    if not set(case["kwargs"]) & {name for options in COMMON.values() for name in options} or "exclude" in case:
        case["serialized"] = keras.optimizers.serialize(optimizer)
    return {"trace": np.stack(trace), **found}


def apply(optimizer: Any, grads: list[Any], variables: list[Any]) -> None:
    """Take one step; the face of Keras's LossScaleOptimizer leaks tracers on JAX, its stateless form does not."""
    if "LossScale" not in type(optimizer).__name__:
        optimizer.apply(grads, variables)
        return
    held = optimizer.variables
    moved, state = optimizer.stateless_apply([v.value for v in held], grads, [v.value for v in variables])
    for variable, value in zip([*variables, *held], [*moved, *state], strict=True):
        variable.assign(value)


def flat(values: Any) -> np.ndarray:
    """Return all values in one vector."""
    return np.concatenate([np.asarray(value, "float32").ravel() for value in values])


def record_torch(name: str, params: dict[str, np.ndarray], grads: dict[str, np.ndarray]) -> np.ndarray:
    """Return the parameters after each step of a PyTorch optimizer."""
    cls, kwargs, _, _ = TORCH[name]
    tensors = {key: torch.nn.Parameter(torch.tensor(value)) for key, value in params.items()}
    optimizer = getattr(torch.optim, cls)(tensors.values(), lr=0.02, **kwargs)
    trace = []
    for step in range(STEPS):
        for key, tensor in tensors.items():
            tensor.grad = torch.tensor(grads[key][step])
        optimizer.step()
        trace.append(flat(tensor.detach().numpy() for tensor in tensors.values()))
    return np.stack(trace)


def main() -> None:
    """Record everything."""
    params, grads = data()
    arrays = {f"params.{name}": value for name, value in params.items()}
    arrays |= {f"grads.{name}": value for name, value in grads.items()}
    gentle = {name: np.where(np.abs(g) < 1e-2, np.float32(0.1), g) for name, g in grads.items()}
    cases = keras_cases()
    for name, case in cases.items():
        arrays |= {f"keras.{name}.{key}": value for key, value in record_keras(case, params, grads).items()}
    for name in TORCH:
        arrays[f"torch.{name}"] = record_torch(name, params, gentle)
    arrays |= {f"gentle.{name}": value for name, value in gentle.items()}
    steps = [*range(30), 40, 63, 100, 1000]
    for name, (cls, kwargs) in SCHEDULES.items():
        schedule = getattr(keras.optimizers.schedules, cls)(**kwargs)
        arrays[f"schedule.{name}"] = np.array([float(schedule(step)) for step in steps], "float32")
    versions = {"keras": keras.__version__, "jax": jax.__version__, "torch": torch.__version__}
    record = {
        "versions": {**versions, "python": platform.python_version()},
        "seed": SEED,
        "half": HALF,
        "keras": cases,
        "torch": {name: {"class": cls, "kwargs": kwargs} for name, (_, _, cls, kwargs) in TORCH.items()},
        "schedules": {name: {"class": cls, "kwargs": kwargs} for name, (cls, kwargs) in SCHEDULES.items()},
        "schedule_steps": steps,
    }
    np.savez_compressed(FOLDER / "optimizers.npz", **arrays)
    (FOLDER / "optimizers.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
