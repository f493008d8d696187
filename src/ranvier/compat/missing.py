"""What a script asks for and is not there: an error that names it, and the nearest way."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from ranvier._absent import absence
from ranvier._errors import RanvierError

__all__ = ["MissingModule", "MissingName", "missing_module", "missing_name"]

# What TensorFlow has for worlds of its own, and what to write instead.
_ADVICE = {
    "tensorflow.python": "import it from tensorflow.keras; tensorflow.python is TensorFlow's inside",
    "tensorflow.compat": "rewrite the TensorFlow 1 part with tensorflow.keras",
    "tensorflow.contrib": "rewrite the TensorFlow 1 part with tensorflow.keras",
    "tensorflow.Session": "drop the session: values are computed at once, x.numpy() shows them",
    "tensorflow.placeholder": "use keras.Input, or the argument of a function",
    "tensorflow.debugging": "check with assert or numpy.testing on x.numpy(), or with keras.ops",
    "tensorflow.layers": "use tensorflow.keras.layers",
    "tensorflow.summary": "use keras.callbacks.TensorBoard(log_dir), or the history that fit returns",
    "tensorflow.train": "use keras.optimizers to train, model.save_weights and keras.callbacks.ModelCheckpoint to keep",
    "tensorflow.io": "read other files with NumPy, pandas or Pillow, and pass the arrays",
    "tensorflow.image": "use keras.ops.image, keras.layers or NumPy for this one",
    "tensorflow.strings": "prepare text with Python before it becomes an array",
    "tensorflow.saved_model": "use model.save('model.keras') and keras.models.load_model",
    "tensorflow.distribute": "drop the strategy: Ranvier trains on the device that JAX has",
    "tensorflow.data.TFRecordDataset": "read the records first, then tf.data.Dataset.from_tensor_slices",
    "tensorflow.data.Dataset.random": "use tf.data.Dataset.range(n).map(lambda i: tf.random.uniform(()))",
    "tensorflow.data.experimental.make_csv_dataset": "read with pandas, then tf.data.Dataset.from_tensor_slices",
    "keras.src": "import it from the public keras module of the same kind",
    "keras.engine": "import Layer, Model and Input from keras",
    "keras.wrappers": "call model.fit and model.predict yourself, or wrap them in scikit-learn's BaseEstimator",
}


class MissingName(RanvierError, AttributeError):
    """A name that TensorFlow or Keras may have and Ranvier has not."""


class MissingModule(RanvierError, ImportError):
    """A module that TensorFlow or Keras may have and Ranvier has not."""


def missing_name(module: str, name: str, known: Iterable[str]) -> MissingName:
    """Return the error for `module.name`."""
    full = f"{module}.{name}"
    return MissingName(f"Ranvier has no {full}.", code="compat-name", place=full, fix=_nearest(module, name, known))


def missing_module(module: str, name: str, known: Iterable[str]) -> MissingModule:
    """Return the error for `import module.name` and `from module import name`."""
    full = f"{module}.{name}"
    return MissingModule(
        f"Ranvier has no {full}.", code="compat-import", place=f"import of {full}", fix=_nearest(module, name, known)
    )


def _nearest(module: str, name: str, known: Iterable[str]) -> str:
    """Return what to write instead: advice that is known, else names that look alike."""
    full = f"{module}.{name}"
    for start, advice in _ADVICE.items():
        if full == start or full.startswith(f"{start}."):
            return advice
    if (why := absence(re.sub(r"^(tensorflow\.|tf_)(?=keras\.)", "", full))) is not None:
        return f"{why.example.replace('`', '')} ({why.reason})"
    names = sorted(set(known))
    folded = {entry.lower(): entry for entry in reversed(names)}
    close = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
    if close:
        return "did you mean " + " or ".join(f"{module}.{folded[entry]}" for entry in close) + "?"
    return f"{module} has: {', '.join(names)}" if len(names) <= 40 else f"dir({module}) lists what is there"
