"""Recurrent layers: dropout, cells of one's own, models, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ranvier import layers, ops, utils
from ranvier.layers import Input
from ranvier.models import Model, Sequential
from ranvier.state import masking, scope
from ranvier.state.scope import Scope
from ranvier.state.symbolic import KerasTensor

X = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")


class Leaky(layers.Layer):
    """A user's cell without get_initial_state, which returns its state by itself."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight((input_shape[-1], self.units), "ones", name="kernel")

    def call(self, inputs: Any, states: Any) -> Any:
        output = ops.matmul(inputs, self.kernel) + 0.5 * states[0]
        return output, output


class Plain:
    """A cell that is no layer, and whose output is not its state."""

    state_size = (1, 3)

    def call(self, inputs: Any, states: Any) -> Any:
        return inputs, [states[0] + 1, states[1] * 2 + inputs[:, :1]]


# --- dropout ---------------------------------------------------------------------------------------------------------


def test_one_mask_serves_all_steps_of_a_call() -> None:
    layer = layers.SimpleRNN(
        4, "linear", kernel_initializer="ones", recurrent_initializer="zeros", dropout=0.5, return_sequences=True
    )
    x = np.ones((40, 3, 5), "float32")
    y = np.asarray(layer(x, training=True))
    np.testing.assert_array_equal(y[:, 0], y[:, 2])
    assert 0.35 < y.mean() / 10 + 0.0 < 0.65 and len(np.unique(y[:, 0])) > 2
    assert not np.array_equal(y, layer(x, training=True))
    np.testing.assert_array_equal(layer(x), np.full((40, 3, 4), 5.0))


@pytest.mark.parametrize(("name", "same"), [("SimpleRNN", True), ("LSTM", False), ("GRU", False)])
def test_recurrent_dropout_drops_the_same_at_all_steps(name: str, same: bool) -> None:
    layer = getattr(layers, name)(6, recurrent_dropout=0.5, bias_initializer="ones", seed=3)
    layer(X)
    ready = layer.cell.prepare((3, 2), (3, 6), True)
    assert ready.input_masks is None
    assert ready.recurrent_masks.shape == (1 if same else layer.cell.gates, 3, 6)
    assert set(np.unique(ready.recurrent_masks)) <= {0.0, 2.0}
    linear = layers.SimpleRNN(50, "linear", recurrent_initializer="identity", recurrent_dropout=0.5, seed=1)
    h = linear(np.zeros((20, 3, 1)), initial_state=np.ones((20, 50)), training=True)
    assert set(np.unique(h)) == {0.0, 8.0} and 0.4 < np.mean(np.asarray(h) > 0) < 0.6


def test_draws_derive_from_the_pass() -> None:
    layer = layers.LSTM(3, dropout=0.5, recurrent_dropout=0.3)
    layer(X)

    def run(seed: int) -> Any:
        with scope.entered(Scope(key=jax.random.key(seed))):
            return layer(X, training=True)

    np.testing.assert_array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))
    np.testing.assert_array_equal(layers.GRU(3, dropout=1.0)(X, training=True), np.zeros((3, 3)))


# --- cells of one's own ----------------------------------------------------------------------------------------------


def test_a_users_cell_is_a_recurrence() -> None:
    y, h = layers.RNN(Leaky(2), return_sequences=True, return_state=True)(X)
    expected, held = [], np.zeros((3, 1))
    for t in range(4):
        held = X[:, t].sum(-1, keepdims=True) + 0.5 * held
        expected.append(np.repeat(held, 2, axis=1))
    np.testing.assert_allclose(y, np.stack(expected, axis=1), rtol=1e-5)
    np.testing.assert_array_equal(h, y[:, -1])


def test_loops_written_out_and_compiled_are_the_same() -> None:
    layer = layers.RNN([Leaky(2), layers.GRUCell(3), Leaky(2)], return_state=True, go_backwards=True)
    mask = np.array([[1, 1, 0, 1], [0, 1, 1, 1], [1, 0, 0, 0]], bool)
    eager = jax.tree_util.tree_leaves(layer(X, mask=mask))
    compiled = jax.tree_util.tree_leaves(jax.jit(lambda x: layer(x, mask=mask))(X))
    assert len(eager) == 4
    for one, other in zip(eager, compiled, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)


def test_a_cell_need_not_be_a_layer() -> None:
    y, first, second = layers.RNN(Plain(), return_state=True)(X)
    np.testing.assert_array_equal(y, X[:, -1])
    assert first.shape == (3, 1) and second.shape == (3, 3) and float(first[0, 0]) == 4
    x, mask = X, np.ones((3, 4), bool)
    with pytest.raises(ValueError, match=r"(?s)first state.*zero_output_for_mask"):
        layers.RNN(Plain())(x, mask=mask)
    assert layers.RNN(Plain(), zero_output_for_mask=True)(x, mask=mask).shape == (3, 2)


def test_configurations_hold_cells() -> None:
    layer = layers.RNN([Leaky(2), layers.LSTMCell(3, dropout=0.1)], return_sequences=True)
    twin = layers.RNN.from_config(json.loads(json.dumps(layer.get_config())), custom_objects={"Leaky": Leaky})
    assert [type(cell).__name__ for cell in twin.cell.cells] == ["Leaky", "LSTMCell"]
    assert twin.cell.cells[1].dropout == 0.1 and twin.return_sequences
    both = layers.Bidirectional(layers.GRU(3, name="mine"), merge_mode="sum", weights=None)
    config = both.get_config()
    assert "weights" not in config and config["layer"]["config"]["name"] == "forward_mine"
    assert layers.Bidirectional.from_config(config).get_config() == config
    assert "cell" not in layers.LSTM(2).get_config()
    own = layers.Bidirectional(layers.RNN([Leaky(2), layers.GRUCell(3)]))
    assert own(X).shape == (3, 6) and own.backward_layer.cell.cells[0] is not own.forward_layer.cell.cells[0]


def test_bidirectional_takes_first_weights_and_resets_both() -> None:
    first = layers.Bidirectional(layers.LSTM(2))
    y = first(X)
    np.testing.assert_array_equal(layers.Bidirectional(layers.LSTM(2), weights=first.get_weights())(X), y)
    stateful = layers.Bidirectional(layers.GRU(2, stateful=True))
    y = stateful(X)
    assert len(stateful.states) == 2 and not np.array_equal(stateful(X), y)
    stateful.reset_states()
    np.testing.assert_array_equal(stateful(X), y)
    assert first.states is None


# --- masks and models ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sequences", [True, False])
def test_masks_go_on_with_sequences_only(sequences: bool) -> None:
    for layer in (layers.LSTM(2, return_sequences=sequences, return_state=True), _both(sequences)):
        with scope.entered(Scope()):
            x = jnp.asarray(X)
            masking.attach(x, jnp.ones((3, 4), bool))
            found = layer(x)
            assert [masking.of(one) is not None for one in found[:2]] == [sequences, sequences and len(found) == 2]
            assert all(masking.of(one) is None for one in found[2:])


def _both(sequences: bool) -> Any:
    return layers.Bidirectional(layers.GRU(2, return_sequences=sequences), merge_mode=None)


def words() -> tuple[np.ndarray, np.ndarray]:
    """Return rows of words that 0 pads to 6, and whether a row has the word 1."""
    random = np.random.default_rng(4)
    x = np.zeros((64, 6), "int32")
    for row in x:
        length = random.integers(2, 7)
        row[:length] = random.integers(2, 5, length)
    y = np.arange(64) % 2
    x[y == 1, random.integers(0, 2, 32)] = 1
    return x, y.astype("float32")


def test_a_classifier_of_padded_words_trains_and_sees_no_padding() -> None:
    utils.set_random_seed(3)
    x, y = words()
    model = Sequential(
        [Input((None,), dtype="int32"), layers.Embedding(5, 4, mask_zero=True), layers.LSTM(6), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    model.optimizer.learning_rate = 0.03
    history = model.fit(x, y, epochs=30, batch_size=16, verbose=0).history["loss"]
    assert history[-1] < 0.25 * history[0]
    whole = model.predict(x, verbose=0)
    assert np.mean((whole[:, 0] > 0.5) == y) > 0.9
    # Neither more padding, nor fewer rows, nor rows beside it change what is said of a row.
    np.testing.assert_allclose(
        model.predict(np.pad(x[:3], ((0, 0), (0, 4))), verbose=0), whole[:3], rtol=1e-4, atol=1e-5
    )
    np.testing.assert_allclose(model.predict(x[5:6], verbose=0), whole[5:6], rtol=1e-4, atol=1e-5)


def test_fit_carries_states_from_batch_to_batch() -> None:
    model = Sequential([layers.SimpleRNN(3, stateful=True, batch_input_shape=(2, 4, 2))])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.0
    x = np.random.default_rng(2).normal(size=(6, 4, 2)).astype("float32")
    layer = model.layers[0]
    for batch in (x[:2], x[2:4], x[4:]):
        expected = np.asarray(layer(batch))
    layer.reset_state()
    model.fit(x, np.zeros((6, 3)), batch_size=2, shuffle=False, verbose=0)
    np.testing.assert_allclose(layer.states[0], expected, rtol=1e-5, atol=5e-7)
    assert not layer.states[0].trainable


def test_a_decoder_begins_with_the_encoders_states() -> None:
    source, target = Input((None, 2)), Input((3, 2))
    _, *states = layers.LSTM(3, return_state=True)(source)
    model = Model([source, target], layers.LSTM(3, return_sequences=True, name="decoder")(target, initial_state=states))
    encoder, decoder = model.layers[-2], model.layers[-1]
    _, h, c = encoder(X)
    expected = decoder(X[:, :3], initial_state=[h, c])
    np.testing.assert_allclose(model([X, X[:, :3]]), expected, rtol=1e-5, atol=1e-6)


def test_steps_share_a_layer() -> None:
    layer = layers.TimeDistributed(layers.Conv1D(2, 2))
    assert layer(KerasTensor((None, None, 5, 3))).shape == (None, None, 4, 2)
    x = np.random.default_rng(2).normal(size=(2, 3, 5, 3)).astype("float32")
    network = Sequential([layers.Flatten(), layers.Dense(2)])
    assert Sequential([Input((3, 5, 3)), layers.TimeDistributed(network)]).predict(x, verbose=0).shape == (2, 3, 2)
    np.testing.assert_allclose(layer(x)[:, 1], layer.layer(x[:, 1]), rtol=1e-5, atol=1e-6)


# --- what is refused -------------------------------------------------------------------------------------------------


class Wordless(layers.Layer):
    def call(self, inputs: Any, states: Any) -> Any:
        return inputs, states


class Growing(Leaky):
    def call(self, inputs: Any, states: Any) -> Any:
        return inputs, [states[0], states[0]]


STATEFUL = {"stateful": True}
WRONG: list[tuple[Any, str]] = [
    (lambda: layers.LSTM(2)(X[0]), "3 axes"),
    (lambda: layers.RNN(Leaky(2))(X[0, 0]), r"batch, time, features"),
    (lambda: layers.GRU(2)(X, mask=np.ones((3, 5), bool)), r"(?s)\(3, 4\).*\(3, 5\)"),
    (lambda: layers.GRU(2)(X, mask=np.ones((3, 4, 1), bool)), r"real"),
    (lambda: layers.LSTM(2, **STATEFUL)(KerasTensor((None, 4, 2))), r"(?s)how many rows.*batch_shape"),
    (lambda: layers.LSTM(2)(X, initial_state=[np.zeros((3, 2))]), r"(?s)2 of shape.*1 of shape"),
    (lambda: layers.GRU(2)(X, initial_state=np.zeros((3, 5))), r"(?s)\(3, 2\).*\(3, 5\)"),
    (lambda: layers.RNN(Wordless()), "state_size"),
    (lambda: layers.RNN(layers.Dense), "state_size"),
    (lambda: layers.StackedRNNCells([layers.GRUCell(2), "lstm"]), "no cell"),
    (lambda: layers.RNN(Growing(2))(X), "same number and shapes"),
    (lambda: layers.LSTM(2, unroll=True)(KerasTensor((None, None, 2))), "unrolled"),
    (lambda: layers.LSTM(0), "positive"),
    (lambda: layers.GRUCell(2, dropout=1.5), "share"),
    (lambda: layers.GRU(2, use_cudnn="yes"), "use_cudnn"),
    (lambda: layers.LSTMCell(2)(X[:, 0], [np.zeros((3, 2))]), "number of states"),
    (lambda: layers.Bidirectional(layers.LSTM(2), merge_mode="max"), r"(?s)merge_mode.*concat.*max"),
    (lambda: layers.Bidirectional(layers.Dense(2)), "recurrent layer"),
    (lambda: layers.Bidirectional(layers.LSTM(2), backward_layer=layers.LSTM(2)), "go_backwards=True"),
    (
        lambda: layers.Bidirectional(
            layers.LSTM(2), backward_layer=layers.LSTM(2, go_backwards=True, return_sequences=True)
        ),
        "return_sequences=False",
    ),
    (lambda: layers.Bidirectional(layers.GRU(2))(X, initial_state=[np.zeros((3, 2))]), "equally many"),
    (lambda: layers.Bidirectional(layers.GRU(2)).reset_state(), "stateful=True"),
    (lambda: layers.TimeDistributed(layers.Dense(2))(X[0]), "at least 3 axes"),
    (lambda: layers.TimeDistributed(layers.Softmax())(X, mask=np.ones((3, 5), bool)), r"(?s)\(3, 4\).*\(3, 5\)"),
    (lambda: layers.ConvLSTM1D(2, 3)(KerasTensor((None, 3, None, 1))), "must know"),
    (lambda: layers.ConvLSTM1D(2, 5)(X[..., None]), "larger"),
    (lambda: layers.ConvLSTM2D(2, 3, strides=2, dilation_rate=2), "strides and dilation_rate"),
    (lambda: layers.ConvLSTM2D(2, 3)(X), "5 axes"),
]


@pytest.mark.parametrize(("make", "words"), WRONG, ids=[words[:30] for _, words in WRONG])
def test_wrong_arguments_are_named(make: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make()


def test_a_stateful_layer_names_its_batch_size() -> None:
    layer = layers.GRU(2, stateful=True)
    layer(X)
    with pytest.raises(ValueError, match="batches of 3 rows"):
        layer(X[:2])
