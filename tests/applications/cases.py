"""Ready networks, filled with weights that depend on nothing but their place, and described layer by layer."""

from __future__ import annotations

import json
import zlib
from typing import Any

import numpy as np

# Public name and arguments, always with random weights.
_POOLED = {"include_top": False, "pooling": "avg"}
_LOGITS = {"classes": 10, "classifier_activation": None}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "MobileNetV2": ("MobileNetV2", {"alpha": 0.35, "input_shape": (32, 32, 3), **_POOLED}),
    "EfficientNetB0": ("EfficientNetB0", {"input_shape": (32, 32, 3), "classes": 10}),
    "MobileNetV2/top": ("MobileNetV2", {"alpha": 1.4, "input_shape": (64, 33, 3), "classes": 7}),
    "VGG16": ("VGG16", {"input_shape": (32, 32, 3), "include_top": False}),
    "VGG16/top": ("VGG16", {"input_shape": (32, 32, 1), "classes": 3, "classifier_activation": None}),
    "VGG19": ("VGG19", {"input_shape": (33, 40, 3), "include_top": False, "pooling": "max"}),
    "ResNet50": ("ResNet50", {"input_shape": (32, 32, 3), **_LOGITS}),
    "ResNet101": ("ResNet101", {"input_shape": (32, 32, 3), **_POOLED}),
    "ResNet152": ("ResNet152", {"input_shape": (32, 32, 3), "include_top": False, "pooling": "max"}),
    "ResNet50V2": ("ResNet50V2", {"input_shape": (64, 64, 3), "include_top": False}),
    "ResNet101V2": ("ResNet101V2", {"input_shape": (32, 32, 3), **_LOGITS}),
    "ResNet152V2": ("ResNet152V2", {"input_shape": (32, 32, 3), **_POOLED}),
    **{
        f"EfficientNetB{number}": (f"EfficientNetB{number}", {"input_shape": (32 + number, 32, 3), **_POOLED})
        for number in range(1, 8)
    },
    "MobileNet": ("MobileNet", {"alpha": 0.25, "input_shape": (32, 32, 3), "classes": 10}),
    "MobileNet/bare": ("MobileNet", {"depth_multiplier": 2, "input_shape": (32, 32, 3), **_POOLED}),
    "MobileNetV3Small": ("MobileNetV3Small", {"input_shape": (32, 32, 3), **_LOGITS}),
    "MobileNetV3Large": ("MobileNetV3Large", {"input_shape": (33, 32, 3), "alpha": 0.75, **_POOLED}),
    "MobileNetV3/minimalistic": ("MobileNetV3Large", {"input_shape": (32, 32, 3), "minimalistic": True, **_LOGITS}),
    "EfficientNetV2B0": ("EfficientNetV2B0", {"input_shape": (32, 32, 3), "classes": 10}),
    **{
        f"EfficientNetV2{size}": (f"EfficientNetV2{size}", {"input_shape": (32, 33, 3), **_POOLED})
        for size in ("B1", "B2", "B3", "S", "M", "L")
    },
    "DenseNet121": ("DenseNet121", {"input_shape": (32, 32, 3), **_LOGITS}),
    "DenseNet169": ("DenseNet169", {"input_shape": (32, 32, 3), **_POOLED}),
    "DenseNet201": ("DenseNet201", {"input_shape": (32, 32, 3), "include_top": False}),
    "Xception": ("Xception", {"input_shape": (71, 71, 3), **_LOGITS}),
    "InceptionV3": ("InceptionV3", {"input_shape": (75, 75, 3), **_LOGITS}),
    "InceptionResNetV2": ("InceptionResNetV2", {"input_shape": (75, 75, 3), **_LOGITS}),
    "ConvNeXtTiny": ("ConvNeXtTiny", {"input_shape": (32, 32, 3), **_LOGITS}),
    **{
        f"ConvNeXt{size}": (f"ConvNeXt{size}", {"input_shape": (32, 32, 3), **_POOLED})
        for size in ("Small", "Base", "Large", "XLarge")
    },
    "NASNetMobile": ("NASNetMobile", {"input_shape": (32, 32, 3), **_LOGITS}),
    "NASNetLarge": ("NASNetLarge", {"input_shape": (32, 33, 3), **_POOLED}),
}


# One network of each family is run; of its larger sisters, made by the same function, the structure is compared.
RUN = frozenset(
    {
        *("MobileNetV2", "MobileNetV2/top", "EfficientNetB0", "VGG16", "VGG16/top", "VGG19", "ResNet50", "ResNet101"),
        *("ResNet50V2", "ResNet101V2", "MobileNet", "MobileNet/bare", "MobileNetV3Small", "MobileNetV3Large"),
        *("MobileNetV3/minimalistic", "EfficientNetV2B0", "DenseNet121", "Xception", "InceptionV3"),
        *("InceptionResNetV2", "ConvNeXtTiny", "NASNetMobile"),
    }
)


def build(keras: Any, case: str) -> Any:
    """Return a network of Keras or Ranvier, with the weights of `fill` where it is to be run."""
    keras.backend.clear_session()
    name, arguments = CASES[case]
    model = getattr(keras.applications, name)(weights=None, **arguments)
    return fill(model) if case in RUN else model


def fill(model: Any) -> Any:
    """Give every weight values that depend on its number, name and shape alone."""
    model.set_weights(
        [weight_values(number, variable.name, tuple(variable.shape)) for number, variable in enumerate(model.weights)]
    )
    return model


def weight_values(number: int, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Return numbers that keep activations near 1: kernels by fan-in, scales and variances near 1, the rest near 0."""
    count = int(np.prod(shape))
    name = "gamma" if name.startswith("variable") else name  # ConvNeXt's, which Keras gives no name
    noise = uniform(zlib.crc32(f"{number}/{name}".encode()), count).reshape(shape)
    if name == "count":
        return np.zeros(shape, "int32")
    if name in ("gamma", "moving_variance", "variance"):
        return 1 + 0.2 * noise
    if len(shape) < 2:
        return 0.1 * noise
    depthwise = "depthwise" in name
    fan_in = int(np.prod(shape[:2])) if depthwise else count // shape[-1]
    return noise * np.float32(np.sqrt(6 / fan_in))


def uniform(seed: int, count: int) -> np.ndarray:
    """Return `count` float32 numbers from -1 to 1: a hash of each place, the same with every NumPy."""
    x = np.arange(count, dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype("float32") * np.float32(2 / (1 << 24)) - np.float32(1)


def images(model: Any, rows: int = 2) -> np.ndarray:
    """Return pixels for a network."""
    shape = (rows, *model.input_shape[1:])
    return (uniform(1, int(np.prod(shape))) + 1).reshape(shape)


def some(outputs: np.ndarray) -> np.ndarray:
    """Return up to 40 of a network's outputs, spread evenly, and the mean of their sizes."""
    flat = np.asarray(outputs, "float32").ravel()
    return np.append(flat[:: -(-flat.size // 40)], np.abs(flat).mean())


def described(model: Any) -> list[str]:
    """Return a line for each layer: class, name, inputs, arguments, shapes of its weights."""
    entries = {entry["name"]: entry for entry in json.loads(model.to_json())["config"]["layers"]}
    names = _fresh(set(entries) - {layer.name for layer in model.layers})
    lines = []
    for layer in model.layers:
        entry = entries[layer.name]
        kept = {key: value for key, value in entry["config"].items() if key not in ("dtype", "seed")}
        line = {
            "class": entry["class_name"],
            "name": layer.name,
            "config": _plain(kept),
            "inputs": [[names.get(name, name), *place] for name, *place in _histories(entry["inbound_nodes"])],
            "weights": [list(variable.shape) for variable in layer.weights],
            "trained": len(layer.trainable_weights),
        }
        lines.append(json.dumps(line, sort_keys=True))
    return lines


def digests(lines: list[str]) -> np.ndarray:
    """Return a number for each line."""
    return np.array([zlib.crc32(line.encode()) for line in lines], "uint32")


def _fresh(operations: set[str]) -> dict[str, str]:
    """Return the names that sums and products of tensors have where none was made before."""
    parted = [name.rpartition("_") if name[-1].isdigit() else (name, "", "0") for name in operations]
    counts: dict[str, int] = {}
    fresh = {}
    for kind, dash, digits in sorted(parted, key=lambda part: int(part[2])):
        number = counts.get(kind, 0)
        counts[kind] = number + 1
        fresh[f"{kind}{dash}{digits if dash else ''}"] = f"{kind}_{number}" if number else kind
    return fresh


def _histories(node: Any) -> list[Any]:
    """Return the names of the layers that a nest of calls takes its tensors from."""
    if isinstance(node, dict):
        if node.get("class_name") == "__keras_tensor__":
            return [node["config"]["keras_history"]]
        node = list(node.values())
    return [found for part in node for found in _histories(part)] if isinstance(node, list) else []


def _plain(value: Any) -> Any:
    """Return a configuration without what says nothing of a layer: where a class is kept, seeds, dtypes."""
    if isinstance(value, dict):
        left_out = ("module", "registered_name", "seed", "dtype", "build_config")
        if "rms_scaling" in value:  # LayerNormalization, whose axis Keras puts into a list
            value = {**value, "axis": np.ravel(value["axis"]).tolist()}
        return {key: _plain(part) for key, part in value.items() if key not in left_out and part is not None}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
