"""The import hook: which names lead where, that they are the same objects, and that nothing stays behind."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
import warnings
from collections.abc import Iterator

import jax
import numpy as np
import pytest

import ranvier
from ranvier.compat import install
from ranvier.compat.missing import MissingModule, MissingName

NAMES = ("keras", "tensorflow", "tf_keras")


@pytest.fixture
def hook() -> Iterator[None]:
    with install():
        yield


def ours() -> list[str]:
    return [name for name in sys.modules if name.partition(".")[0] in NAMES]


@pytest.mark.usefixtures("hook")
def test_every_spelling_gives_the_same_modules_and_ranviers_classes() -> None:
    import keras
    import tensorflow as tf
    from keras.models import Sequential
    from tensorflow import keras as inner
    from tensorflow.keras import layers
    from tensorflow.keras.layers import Dense

    assert tf.keras is inner is keras and layers is keras.layers is tf.keras.layers
    assert importlib.import_module("tensorflow.keras.layers") is importlib.import_module("keras.layers")
    assert importlib.import_module("tf_keras.utils") is keras.utils
    assert Dense is ranvier.layers.Dense and Sequential is ranvier.Sequential is tf.keras.Sequential
    assert tf.GradientTape is ranvier.GradientTape and keras.losses.mse is ranvier.losses.mse


@pytest.mark.usefixtures("hook")
@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.preprocessing.sequence", "pad_sequences"),
        ("tensorflow.keras.preprocessing.sequence", "pad_sequences"),
        ("tensorflow.keras.datasets.mnist", "load_data"),
        ("keras.datasets.boston_housing", "load_data"),
        ("tensorflow.keras.utils", "to_categorical"),
        ("tensorflow.keras.optimizers.schedules", "ExponentialDecay"),
        ("tensorflow.keras.backend", "clear_session"),
        ("tensorflow.keras.callbacks", "EarlyStopping"),
        ("tensorflow.keras.regularizers", "l2"),
        ("tensorflow.data", "Dataset"),
        ("tensorflow.nn", "relu"),
        ("tensorflow.math", "reduce_std"),
        ("tensorflow.random", "set_seed"),
    ],
)
def test_modules_are_found(module: str, name: str) -> None:
    assert callable(getattr(importlib.import_module(module), name))
    assert importlib.util.find_spec(module.partition(".")[0]) is not None


@pytest.mark.usefixtures("hook")
def test_what_is_not_there_is_named_with_the_nearest_way() -> None:
    import keras
    import tensorflow as tf

    with pytest.raises(MissingName, match=r"tensorflow\.reduce_summ.*\n[\s\S]*tensorflow\.reduce_sum"):
        tf.reduce_summ  # noqa: B018
    with pytest.raises(AttributeError, match=r"did you mean keras\.layers\.Dense\?"):
        keras.layers.Dens  # noqa: B018
    with pytest.raises(MissingModule, match=r"import it from tensorflow\.keras"):
        importlib.import_module("tensorflow.python.keras.layers")
    with pytest.raises(ImportError, match=r"Ranvier has no tensorflow\.nn\.softmaxx"):
        from tensorflow.nn import softmaxx  # noqa: F401
    with pytest.raises(AttributeError, match=r"tensorflow\.data\.Dataset\.interleav"):
        tf.data.Dataset.range(3).interleav  # noqa: B018
    assert not hasattr(tf, "Session") and not hasattr(keras, "np") and "Dense" in dir(keras.layers)


def test_nothing_stays_behind() -> None:
    array = type(ranvier.ops.ones(1))
    assert not ours() and not hasattr(array, "numpy")
    with install():
        import keras
        import tensorflow  # noqa: F401

        assert ours() and ranvier.ops.ones(2).numpy().tolist() == [1.0, 1.0]
        assert isinstance(ranvier.ops.ones(()).numpy(), np.floating)
    assert not ours() and not hasattr(array, "numpy")
    assert ranvier.layers.__spec__.name == "ranvier.layers" and keras.layers.Dense is ranvier.layers.Dense


def test_real_modules_are_set_aside_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    real = types.ModuleType("keras")
    monkeypatch.setitem(sys.modules, "keras", real)
    with install():
        import keras

        assert keras is not real and keras.Sequential is ranvier.Sequential
    assert sys.modules["keras"] is real


def test_installing_twice_is_like_once() -> None:
    with install() as outer, install():
        import keras
    assert keras.Sequential is ranvier.Sequential and not hasattr(type(ranvier.ops.ones(1)), "numpy")
    outer.remove()
    assert not ours() and not any(type(finder).__name__ == "Installation" for finder in sys.meta_path)


STARS = ("keras", "keras.layers", "keras.callbacks", "keras.optimizers", "keras.metrics", "keras.losses", "keras.utils")


@pytest.mark.usefixtures("hook")
@pytest.mark.parametrize("module", [*STARS, "tensorflow", "tensorflow.keras.layers", "tensorflow.math"])
def test_star_imports_give_todays_names_and_say_nothing(module: str) -> None:
    got: dict[str, object] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(f"from {module} import *", got)  # noqa: S102
    found = importlib.import_module(module)
    names = set(found.__all__)
    assert names and names <= set(got) and all(got[name] is getattr(found, name) for name in names)
    wanted = {"keras.layers": "Dense", "tensorflow": "keras", "keras.optimizers": "Adam", "keras.metrics": "AUC"}
    assert wanted.get(module, min(names)) in got


@pytest.mark.usefixtures("hook")
@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("summary", "TensorBoard"),
        ("distribute", "drop the strategy"),
        ("debugging", "x.numpy"),
    ],
)
def test_worlds_of_tensorflow_name_todays_way(name: str, way: str) -> None:
    import tensorflow as tf

    with pytest.raises(MissingName, match=way):
        getattr(tf, name)


def test_shapes_have_lists_while_the_hook_is_in() -> None:
    before = ranvier.Input((3,))
    with install(), install():
        x = ranvier.ops.ones((2, 3))
        assert x.shape.as_list() == [2, 3] == x.get_shape().as_list() and x.shape == (2, 3)
        assert ranvier.Variable(x).shape.as_list() == [2, 3]
        inside = ranvier.Input((4,))
        assert before.shape.as_list() == [None, 3] and inside.shape.as_list() == [None, 4]
        traced: list[list[int]] = []
        jax.jit(lambda a: traced.append(a.shape.as_list()))(x)
        assert traced == [[2, 3]]
    kinds = (x, ranvier.Variable(x), before, inside)
    assert [type(value.shape) for value in kinds] == [tuple] * 4 and inside.shape == (None, 4)
