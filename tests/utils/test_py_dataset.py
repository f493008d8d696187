"""PyDataset in fit, evaluate and predict: its workers, its hooks, its end, and a resumed run."""

import threading
from typing import Any

import numpy as np
import pytest

from ranvier import layers, utils
from ranvier._errors import DataError, NotReady
from ranvier.callbacks import Callback
from ranvier.engine.streams import SequenceFeed
from ranvier.models import Sequential

X = np.arange(24, dtype="float32").reshape(12, 2) / 24


class Batches(utils.PyDataset):
    """Three batches of four rows; each epoch's end reverses the rows."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.story: list[str] = []
        self.rows = np.arange(12)

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        rows = self.rows[4 * index : 4 * index + 4]
        return X[rows], X[rows].sum(1)

    def on_epoch_begin(self) -> None:
        self.story.append("begin")

    def on_epoch_end(self) -> None:
        self.story.append("end")
        self.rows = np.roll(self.rows, 5)


def network() -> Sequential:
    model = Sequential([layers.Input((2,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse")
    return model


def fitted(data: Any, **options: Any) -> dict[str, list[float]]:
    return network().fit(data, epochs=3, verbose=0, seed=2, **options).history


def test_workers_change_nothing_but_the_time() -> None:
    plain = fitted(Batches())
    data = Batches(workers=3, max_queue_size=2)
    assert fitted(data) == plain
    assert data.story == ["begin", "end"] * 3


@pytest.mark.slow
def test_processes_change_nothing_but_the_time() -> None:
    assert fitted(Batches(workers=2, use_multiprocessing=True)) == fitted(Batches())


def test_batches_come_from_several_threads_in_order() -> None:
    meeting = threading.Barrier(2, timeout=20)

    class Waits(utils.PyDataset):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> np.ndarray:
            meeting.wait()
            return np.full((1, 1), index, "float32")

    feed = SequenceFeed(Waits(workers=2), False, 0)
    items = [item[0].x[0, 0] for item in feed._batches(0, 0)]
    assert items == [0, 1, 2, 3]


def test_an_error_in_a_worker_is_the_users() -> None:
    class Broken(Batches):
        def __getitem__(self, index: int) -> Any:
            if index == 2:
                raise KeyError("row 9")
            return super().__getitem__(index)

    with pytest.raises(KeyError, match="row 9"):
        fitted(Broken(workers=2))


def test_num_batches_instead_of_a_length() -> None:
    class Numbered(utils.PyDataset):
        num_batches = 2

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            return X[index : index + 4], X[index : index + 4, 0]

    data = Numbered()
    assert [len(x) for x, _ in data] == [4, 4]
    model = network()
    model.fit(data, verbose=0)
    assert model.predict(data, verbose=0).shape == (8, 1) and model.evaluate(data, verbose=0) >= 0
    data.num_batches = None
    with pytest.raises(DataError, match="steps_per_epoch"):
        model.fit(data, verbose=0)
    seen: list[int] = []
    data_type = type(data)
    first = data_type.__getitem__

    def noting(self: Any, index: int) -> Any:
        seen.append(index)
        return first(self, index % 3)

    data_type.__getitem__ = noting  # type: ignore[method-assign]
    model.fit(data, epochs=2, steps_per_epoch=3, verbose=0)
    assert set(range(6)) <= set(seen)


def test_what_is_missing_is_named() -> None:
    class Empty(utils.PyDataset):
        """Forgets everything, super().__init__() too."""

        def __init__(self) -> None:
            pass

    assert Empty().workers == 1 and utils.Sequence is utils.PyDataset
    with pytest.raises(NotReady, match="num_batches"):
        _ = Empty().num_batches
    with pytest.raises(NotReady, match="__getitem__"):
        Empty()[0]


@pytest.mark.parametrize("stop", [0, 4])
def test_a_resumed_run_finds_the_data_as_it_was(tmp_path: Any, stop: int) -> None:
    class Stop(Callback):
        seen = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.seen += 1
            if self.seen == stop + 1:
                raise KeyboardInterrupt

    whole = network()
    expected = whole.fit(Batches(), epochs=3, verbose=0, seed=2).history
    first = network()
    # A pace of one step per trip: the checkpoint lies in the middle of an epoch.
    with pytest.raises(KeyboardInterrupt):
        first.fit(Batches(), epochs=3, verbose=0, seed=2, resume=tmp_path, callbacks=[Stop()])
    model = network()
    assert model.fit(Batches(), epochs=3, verbose=0, seed=2, resume=tmp_path).history == expected
    np.testing.assert_array_equal(model.get_weights()[0], whole.get_weights()[0])


def test_a_class_that_no_process_can_find_is_named() -> None:
    class Local(Batches):
        pass

    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(DataError, match="at the top of a module"):
        model.fit(Local(workers=2, use_multiprocessing=True), verbose=0)
