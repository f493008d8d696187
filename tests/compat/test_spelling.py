"""Each old spelling means what it meant, is noted once with today's, and is unknown again after the run."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import ranvier
from ranvier import constraints, layers, optimizers, regularizers
from ranvier.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from ranvier.compat.renames import CONSTRUCTORS, Spelling, modern
from ranvier.compat.spelling import MODULES, installed
from ranvier.models import Model, Sequential, load_model

X = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
Y = (X[:, :1] > 0).astype("float32")


class Notes:
    """What was said since the spellings were installed."""

    def __init__(self, caught: list[warnings.WarningMessage]) -> None:
        self.caught = caught

    def all(self) -> list[str]:
        return [str(entry.message) for entry in self.caught]

    def about(self, text: str) -> list[str]:
        return [line for line in self.all() if text in line]


@pytest.fixture
def notes() -> Iterator[Notes]:
    """Install the old spellings; collect what is said."""
    with warnings.catch_warnings(record=True) as caught, installed():
        warnings.simplefilter("always")
        yield Notes(caught)


def small(**compiled: Any) -> Sequential:
    model = Sequential([layers.Dense(3, activation="tanh", input_dim=4), layers.Dense(1, activation="sigmoid")])
    model.compile(**{"optimizer": "sgd", "loss": "binary_crossentropy", **compiled})
    return model


# --- constructors -----------------------------------------------------------------------------------------------------

MADE: list[tuple[Callable[[], Any], str, Any]] = [
    (lambda: layers.Dense(output_dim=5), "units", 5),
    (lambda: layers.Dense(5, bias=False), "use_bias", False),
    (lambda: layers.Dense(5, W_constraint="non_neg"), "kernel_constraint.__class__", constraints.NonNeg),
    (lambda: layers.Dense(5, b_constraint="non_neg"), "bias_constraint.__class__", constraints.NonNeg),
    (lambda: layers.Dense(5, W_regularizer=regularizers.L2(0.1)), "kernel_regularizer.l2", 0.1),
    (lambda: layers.Dense(5, b_regularizer=regularizers.L2(l=0.1)), "bias_regularizer.l2", 0.1),
    (lambda: layers.Dense(5, init="normal"), "kernel_initializer.stddev", 0.05),
    (lambda: layers.Dense(5, kernel_initializer="uniform"), "kernel_initializer.maxval", 0.05),
    (lambda: layers.Dense(5, kernel_initializer="normal"), "kernel_initializer.stddev", 0.05),
    (lambda: layers.Dropout(p=0.3), "rate", 0.3),
    (lambda: layers.Embedding(7, 2, init="normal"), "embeddings_initializer.stddev", 0.05),
    (lambda: layers.BatchNormalization(mode=0, gamma_init="ones"), "gamma_initializer.__class__.__name__", "Ones"),
    (lambda: layers.GaussianNoise(sigma=0.2), "stddev", 0.2),
    (lambda: layers.LeakyReLU(alpha=0.2), "negative_slope", 0.2),
    (lambda: layers.Conv2D(nb_filter=4, nb_row=3, nb_col=5), "kernel_size", (3, 5)),
    (lambda: layers.Conv2D(nb_filter=4, nb_row=3, nb_col=5), "filters", 4),
    (lambda: layers.Conv2D(4, 3, border_mode="same", subsample=(2, 1)), "strides", (2, 1)),
    (lambda: layers.Conv2D(4, 3, border_mode="same"), "padding", "same"),
    (lambda: layers.Conv2D(4, 3, dim_ordering="th"), "data_format", "channels_first"),
    (lambda: layers.Conv1D(4, filter_length=2, subsample_length=3), "strides", (3,)),
    (lambda: layers.Conv3D(4, kernel_dim1=1, kernel_dim2=2, kernel_dim3=3), "kernel_size", (1, 2, 3)),
    (lambda: layers.SeparableConv2D(4, nb_row=1, nb_col=2, init="normal"), "depthwise_initializer.stddev", 0.05),
    (lambda: MODULES["keras.layers"]["Convolution2D"](4, 3, 5, border_mode="same"), "kernel_size", (3, 5)),
    (lambda: MODULES["keras.layers"]["Convolution3D"](4, 1, 2, 3), "kernel_size", (1, 2, 3)),
    (lambda: MODULES["keras.layers"]["Deconvolution2D"](4, 3, 5, (None, 8, 8, 4)), "kernel_size", (3, 5)),
    (lambda: MODULES["keras.layers"]["AtrousConvolution2D"](4, 3, 3, atrous_rate=(2, 2)), "dilation_rate", (2, 2)),
    (lambda: layers.MaxPooling1D(pool_length=3, stride=2), "strides", (2,)),
    (lambda: layers.MaxPooling2D((2, 2), dim_ordering="tf", border_mode="same"), "padding", "same"),
    (lambda: layers.LSTM(output_dim=3, inner_activation="hard_sigmoid", dropout_U=0.5), "recurrent_dropout", 0.5),
    (lambda: layers.GRU(3, inner_init="uniform", consume_less="cpu"), "recurrent_initializer.maxval", 0.05),
    (lambda: Sequential([layers.LSTM(3, input_dim=2, input_length=5)]), "input_shape", (None, 5, 2)),
    (lambda: constraints.MaxNorm(m=3), "max_value", 3),
    (lambda: ReduceLROnPlateau(epsilon=0.5), "min_delta", 0.5),
    (lambda: optimizers.SGD(lr=0.25), "learning_rate", 0.25),
    (lambda: optimizers.RMSprop(lr=0.25, epsilon=None), "epsilon", 1e-7),
    (lambda: optimizers.Adam(lr=0.25, decay=0.0), "learning_rate", 0.25),
    (lambda: optimizers.SGD(lr=0.25), "lr", 0.25),
]


@pytest.mark.parametrize(("make", "attribute", "value"), MADE, ids=[f"{i}-{row[1]}" for i, row in enumerate(MADE)])
def test_old_arguments_of_constructors(make: Callable[[], Any], attribute: str, value: Any, notes: Notes) -> None:
    made = make()
    for part in attribute.split("."):
        made = getattr(made, part)
    assert made == value if not isinstance(value, float) else float(made) == pytest.approx(value)
    assert notes.all()


def test_every_row_of_the_table_names_arguments_that_exist() -> None:
    for package, classes in CONSTRUCTORS.items():
        known = getattr(ranvier, package)
        for name in set(classes) & set(known.__all__):
            signature = ranvier._lookup.signature_arguments(getattr(known, name))
            assert set(classes[name].names.values()) <= set(signature), name
            assert not set(classes[name].names) & set(signature), name
            assert set(classes[name].values) <= set(signature), name
            assert not classes[name].gone & set(signature), name


def test_a_note_is_said_once_and_names_both_spellings(notes: Notes) -> None:
    for _ in range(3):
        layers.Dense(output_dim=2)
    assert notes.all() == ["output_dim= of Dense is called units= today"]


def test_an_old_name_beside_todays_is_an_error(notes: Notes) -> None:
    with pytest.raises((TypeError, ValueError), match="output_dim"):
        layers.Dense(units=3, output_dim=4)
    assert modern("fit", Spelling({"a": "b"}), {"a": 1, "b": 2}) == {"a": 1, "b": 2}


def test_the_configuration_is_todays(notes: Notes) -> None:
    config = layers.Dense(output_dim=2, init="uniform", W_regularizer=regularizers.l2(0.5)).get_config()
    assert config["units"] == 2 and config["kernel_initializer"]["class_name"] == "RandomUniform"
    assert not {"output_dim", "init", "W_regularizer"} & set(config)
    assert layers.Dense.from_config(config).units == 2


def test_nothing_is_left_after_the_run() -> None:
    owners = [Model, Sequential, layers.Layer, ModelCheckpoint, *map(_class, CONSTRUCTORS["layers"])]
    owners += [getattr(optimizers, name) for name in optimizers.__all__ if name[0].isupper()]
    before = [dict(vars(owner)) for owner in owners]
    with installed():
        assert hasattr(Sequential, "predict_classes") and hasattr(optimizers.SGD, "lr")
        with installed():
            assert layers.Dense(output_dim=2).units == 2
        assert layers.Dense(output_dim=2).units == 2
    assert [dict(vars(owner)) for owner in owners] == before
    assert not hasattr(Sequential, "predict_classes")
    with pytest.raises(TypeError):
        layers.Dense(output_dim=2)


def _class(name: str) -> type:
    found: type = getattr(layers, name, layers.Dense)
    return found


# --- optimizers -------------------------------------------------------------------------------------------------------


def test_decay_is_inverse_in_the_number_of_updates(notes: Notes) -> None:
    optimizer = optimizers.SGD(lr=0.5, decay=0.25)
    w = ranvier.Variable(10.0)
    expected = 10.0
    for step in range(4):
        optimizer.apply_gradients([(2.0, w)])
        expected -= 0.5 / (1 + 0.25 * step) * 2.0
    assert float(w) == pytest.approx(expected)
    assert notes.about("InverseTimeDecay")
    default = optimizers.Adam(decay=0.5)
    assert float(default.learning_rate) == pytest.approx(0.001)
    assert float(optimizers.Adam(0.1, decay=0.5).learning_rate) == pytest.approx(0.1)


def test_the_learning_rate_is_set_by_its_old_name(notes: Notes) -> None:
    optimizer = optimizers.Adam(0.1)
    optimizer.lr = 0.02
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    assert notes.about("optimizer.learning_rate")


# --- models -----------------------------------------------------------------------------------------------------------


def test_epochs_shuffle_and_what_means_nothing_today(notes: Notes) -> None:
    model = small()
    history = model.fit(X, Y, nb_epoch=2, shuffle="batch", workers=2, verbose=0)
    assert len(history.epoch) == 2
    assert notes.about("epochs=") and notes.about("shuffle=True") and notes.about("workers=")


def test_acc_and_accuracy_are_read_under_both_names(notes: Notes) -> None:
    model = small(metrics=["accuracy"])
    stop = EarlyStopping(monitor="val_acc", mode="max")
    saved = ModelCheckpoint("w-{epoch}-{val_acc:.2f}.h5", monitor="val_acc", save_best_only=True)
    saved.monitor, saved.filepath = "val_acc", "unused-{val_acc:.2f}-{epoch}.h5"
    saved._save = lambda *_: None  # type: ignore[method-assign]
    history = model.fit(X, Y, validation_split=0.25, callbacks=[stop, saved], verbose=0)
    assert history.history["acc"] is history.history["accuracy"]
    assert history.history["val_acc"] is history.history["val_accuracy"] and "acc" not in history.history
    assert (stop.monitor, saved.filepath) == ("val_accuracy", "unused-{val_accuracy:.2f}-{epoch}.h5")
    with pytest.raises(KeyError):
        history.history["auc"]
    shorter = small(metrics=["acc"]).fit(X, Y, validation_split=0.25, verbose=0)
    assert {"acc", "val_acc"} <= set(shorter.history)


def test_classes_and_probabilities(notes: Notes) -> None:
    model = small()
    scores = model.predict(X, verbose=0)
    assert np.array_equal(model.predict_proba(X), scores)
    assert np.array_equal(model.predict_classes(X), scores > 0.5) and model.predict_classes(X).shape == (24, 1)
    several = Sequential([layers.Dense(3, input_dim=4)])
    assert np.array_equal(several.predict_classes(X), several.predict(X, verbose=0).argmax(axis=1))


def test_generators_by_keras_2_and_by_keras_1(notes: Notes) -> None:
    def batches() -> Iterator[Any]:
        while True:
            yield from ((X[i : i + 8], Y[i : i + 8]) for i in range(0, 24, 8))

    model = small(metrics=["accuracy"])
    assert len(model.fit_generator(batches(), 3, 2, 0).epoch) == 2
    first = model.fit_generator(
        batches(), samples_per_epoch=24, nb_epoch=1, validation_data=batches(), nb_val_samples=16, verbose=0
    )
    assert len(first.history["val_loss"]) == 1
    measured = model.evaluate_generator(batches(), steps=3)
    assert measured == pytest.approx(model.evaluate(X, Y, verbose=0), abs=1e-5)
    assert model.evaluate_generator(batches(), val_samples=24) == pytest.approx(measured, abs=1e-5)
    assert np.allclose(model.predict_generator(batches(), 2), model.predict(X[:16], verbose=0), atol=1e-6)
    for name in ("fit_generator()", "evaluate_generator()", "predict_generator()"):
        assert len(notes.about(name + " is")) == 1


def test_layers_show_their_shapes(notes: Notes) -> None:
    model = small()
    assert [layer.input_shape for layer in model.layers] == [(None, 4), (None, 3)]
    assert [layer.output_shape for layer in model.layers] == [(None, 3), (None, 1)]
    assert model.input_shape == (None, 4)
    assert not hasattr(layers.Dense(1), "output_shape")

    class Own(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.output_shape = (7,)

    assert Own().output_shape == (7,)


def test_input_and_output_of_a_functional_model(notes: Notes) -> None:
    a = ranvier.Input((4,))
    model = Model(input=a, output=layers.Dense(2)(a))
    assert model.output_shape == (None, 2) and notes.about("inputs=")


def test_files_without_the_ending_of_today(notes: Notes, tmp_path: Path) -> None:
    model = small()
    expected = model.predict(X, verbose=0)
    model.save(str(tmp_path / "saved_model"))
    assert (tmp_path / "saved_model.keras").is_file()
    again = MODULES["keras.models"]["load_model"](str(tmp_path / "saved_model"))
    assert np.array_equal(again.predict(X, verbose=0), expected)
    model.save(str(tmp_path / "old"), save_format="h5")
    assert np.allclose(load_model(tmp_path / "old.h5").predict(X, verbose=0), expected)
    for name in ("cp.ckpt", "weights.h5", "weights.hdf5"):
        model.save_weights(tmp_path / name)
        fresh = small()
        fresh.load_weights(tmp_path / name)
        assert np.array_equal(fresh.predict(X, verbose=0), expected), name


def test_checkpoints_without_the_ending_of_today(notes: Notes, tmp_path: Path) -> None:
    kept = [
        ModelCheckpoint(str(tmp_path / "best.hdf5")),
        ModelCheckpoint(str(tmp_path / "cp-{epoch:02d}.ckpt"), save_weights_only=True),
    ]
    model = small()
    model.fit(X, Y, callbacks=kept, verbose=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.hdf5", "cp-01.ckpt.weights.h5"]
    assert np.allclose(load_model(tmp_path / "best.hdf5").predict(X, verbose=0), model.predict(X, verbose=0))


# --- modules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("keras.layers.core", "Dense"),
        ("keras.layers.advanced_activations", "LeakyReLU"),
        ("keras.layers.normalization", "BatchNormalization"),
        ("keras.layers.experimental.preprocessing", "Normalization"),
        ("keras.utils.np_utils", "to_categorical"),
        ("keras.engine.topology", "Layer"),
        ("keras.optimizers.legacy", "Adam"),
        ("keras.objectives", "mean_squared_error"),
        ("keras.wrappers.scikit_learn", "KerasClassifier"),
    ],
)
def test_old_modules(module: str, name: str, notes: Notes) -> None:
    assert name in MODULES[module]
    assert len(notes.about(f"{module} is keras")) == 1


def test_every_old_module_can_be_filled(notes: Notes) -> None:
    assert all(MODULES[name] for name in MODULES) and len(MODULES) == len(list(MODULES))
    assert MODULES.get("keras.nothing") is None and "keras.nothing" not in MODULES


def test_old_names_of_functions(notes: Notes) -> None:
    assert MODULES["keras.constraints"]["maxnorm"](3).max_value == 3
    assert MODULES["keras.regularizers"]["l1l2"](0.5, 0.25).l2 == 0.25
    one_hot = MODULES["keras.utils.np_utils"]["to_categorical"]([0, 2], nb_classes=4)
    assert one_hot.tolist() == [[1, 0, 0, 0], [0, 0, 1, 0]]
    assert notes.about("max_norm") and notes.about("num_classes=")
