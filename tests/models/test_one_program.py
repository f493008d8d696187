"""One compiled program: whatever the epochs, the cadence of callbacks, the last short batch, the number of models."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np
import pytest

import ranvier as keras
from ranvier import layers
from ranvier.callbacks import Callback
from ranvier.engine import compiled
from ranvier.engine.epoch import make_run
from ranvier.engine.feed import ArrayFeed
from ranvier.engine.train_state import Batch
from ranvier.models import compiling

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 5)).astype(np.float32)
Y = (X.sum(1) > 0).astype(np.int32)
events: list[str] = []
jax.monitoring.register_event_duration_secs_listener(
    lambda name, _seconds, **_: events.append(name) if "backend_compile" in name else None
)


def make(units: int = 7) -> Any:
    model = keras.Sequential(
        [layers.Dense(units, activation="relu", input_shape=(5,)), layers.Dropout(0.3), layers.Dense(2)]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    return model


@pytest.fixture(autouse=True)
def fresh() -> None:
    compiled.shared.clear()


def compilations(run: Any) -> tuple[int, int]:
    """Return how many programs a call compiled: by our cache, and by XLA as JAX itself reports."""
    before, seen = compiled.shared.compilations, len(events)
    run()
    return compiled.shared.compilations - before, len(events) - seen


def test_epochs_do_not_compile() -> None:
    model = make()
    assert compilations(lambda: model.fit(X, Y, batch_size=16, epochs=1, verbose=0))[0] == 3  # epoch, tail, results
    assert compilations(lambda: model.fit(X, Y, batch_size=16, epochs=100, verbose=0)) == (0, 0)


def test_the_short_last_batch_compiles_once_in_the_first_epoch() -> None:
    model = make(8)
    ours, _ = compilations(lambda: model.fit(X[:64], Y[:64], batch_size=16, epochs=3, verbose=0))
    assert ours == 2
    assert compilations(lambda: model.fit(X, Y, batch_size=16, epochs=3, verbose=0))[0] == 2  # other shapes of rows
    assert compilations(lambda: model.fit(X, Y, batch_size=16, epochs=3, verbose=0)) == (0, 0)


class EveryBatch(Callback):
    seen = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1


class EveryThird(Callback):
    every = 3


def test_no_cadence_compiles() -> None:
    model = make(9)
    model.fit(X, Y, batch_size=16, epochs=1, verbose=0)
    watcher = EveryBatch()
    for callbacks in ([watcher], [EveryThird()], [watcher, EveryThird()]):
        run = lambda c=callbacks: model.fit(X, Y, batch_size=16, epochs=2, verbose=0, callbacks=c)  # noqa: E731
        assert compilations(run) == (0, 0)
    assert watcher.seen == 2 * 2 * 5


def test_a_rebuilt_equal_model_finds_its_program_again() -> None:
    make(10).fit(X, Y, batch_size=16, epochs=1, verbose=0)
    assert compilations(lambda: make(10).fit(X, Y, batch_size=16, epochs=2, verbose=0))[0] == 0
    assert compilations(lambda: make(11).fit(X, Y, batch_size=16, epochs=1, verbose=0))[0] == 3


def test_a_changed_learning_rate_does_not_compile() -> None:
    model = make(12)
    model.fit(X, Y, batch_size=16, epochs=1, verbose=0)
    model.optimizer.learning_rate = 1e-5
    before = model.get_weights()[0]
    assert compilations(lambda: model.fit(X, Y, batch_size=16, epochs=1, verbose=0))[0] == 0
    assert np.abs(model.get_weights()[0] - before).max() < 1e-3


def test_the_lowered_program_calls_no_host() -> None:
    model = make(13)
    feed = ArrayFeed(Batch(X, Y), 16, True, 0)
    program = compiling.program_for(model, feed.example(), "train")
    state = program.check_out(0)
    segment = next(iter(feed.epoch(0)))
    bounds = np.int32(0), np.int32(1)
    text = jax.jit(make_run(program.train_step())).lower(state, segment.source, segment.index, *bounds).as_text()
    assert "while" in text
    for word in ("callback", "infeed", "outfeed", "host_"):
        assert word not in text


def test_compiling_holds_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    import gc
    import weakref

    model = make(14)
    model.fit(X, Y, batch_size=16, epochs=1, verbose=0)
    gone = weakref.ref(model.layers[0])
    del model
    gc.collect()
    assert gone() is None


def test_moving_statistics_move_in_a_model_that_is_compiled_before_it_is_built() -> None:
    model = keras.Sequential([layers.BatchNormalization(), layers.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(X + 3, Y, epochs=2, verbose=0)
    assert float(np.asarray(model.layers[0].moving_mean).min()) > 0.05
