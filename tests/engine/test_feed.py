"""Feeds: every row once per epoch, orders decided by the seed, chunks, resuming at any step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier._errors import DataError
from ranvier.engine import chunks, streams
from ranvier.engine.epoch import gather
from ranvier.engine.feed import ArrayFeed, Segment
from ranvier.engine.streams import IterableFeed, RowFeed, SequenceFeed
from ranvier.engine.train_state import Batch


def rows_of(segments: Iterator[Segment]) -> list[list[int]]:
    """Return the first column of x of every step, in order."""
    steps = []
    for segment in segments:
        for step in range(segment.begin, segment.steps):
            batch = gather(segment.source, segment.index[step])
            steps.append(np.asarray(batch.x)[:, 0].astype(int).tolist())
    return steps


def batch_of(rows: int) -> Batch:
    return Batch(np.arange(rows, dtype=np.float32)[:, None], np.arange(rows, dtype=np.int32))


class Sequence:
    def __init__(self, rows: int, size: int) -> None:
        self.data, self.size = batch_of(rows), size

    def __len__(self) -> int:
        return -(-len(self.data.x) // self.size)

    def __getitem__(self, index: int) -> Any:
        part = slice(index * self.size, (index + 1) * self.size)
        return self.data.x[part], self.data.y[part]


@pytest.mark.parametrize("kind", [ArrayFeed, RowFeed])
@pytest.mark.parametrize(("rows", "size"), [(10, 3), (9, 3), (1, 4), (7, 7), (5, 1)])
def test_every_row_comes_once_per_epoch_and_the_last_batch_is_short(kind: Any, rows: int, size: int) -> None:
    feed = kind(batch_of(rows), size, True, 0)
    for epoch in range(3):
        steps = rows_of(feed.epoch(epoch))
        assert sorted(row for step in steps for row in step) == list(range(rows))
        short = [rows % size] if rows % size and rows > size else []
        assert [len(step) for step in steps] == [min(size, rows)] * max(1, rows // size) + short
        assert len(steps) == feed.steps


def test_without_shuffling_rows_come_in_their_own_order() -> None:
    assert rows_of(ArrayFeed(batch_of(7), 3, False, 0).epoch(4)) == [[0, 1, 2], [3, 4, 5], [6]]


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    first, again = ArrayFeed(batch_of(50), 8, True, 1), ArrayFeed(batch_of(50), 8, True, 1)
    other = ArrayFeed(batch_of(50), 8, True, 2)
    assert rows_of(first.epoch(3)) == rows_of(again.epoch(3))
    assert rows_of(first.epoch(3)) != rows_of(first.epoch(4))
    assert rows_of(first.epoch(3)) != rows_of(other.epoch(3))


def test_memory_maps_come_in_the_same_order_as_arrays() -> None:
    arrays, disk = ArrayFeed(batch_of(50), 8, True, 5), RowFeed(batch_of(50), 8, True, 5)
    assert rows_of(arrays.epoch(2)) == rows_of(disk.epoch(2))


def make(kind: str, steps: int | None) -> Any:
    if kind == "array":
        return ArrayFeed(batch_of(23), 4, True, 9, steps)
    if kind == "rows":
        return RowFeed(batch_of(23), 4, True, 9, steps)
    if kind == "sequence":
        return SequenceFeed(Sequence(23, 4), True, 9, steps)
    return IterableFeed([(np.full((2, 1), i, np.float32), np.zeros(2)) for i in range(6)], steps)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["array", "rows", "sequence", "iterable"]), st.sampled_from([None, 4, 9]), st.integers(0, 8))
def test_skipping_steps_leaves_the_rest_of_the_epoch_as_it_is(kind: str, steps: int | None, skip: int) -> None:
    whole = rows_of(make(kind, steps).epoch(0))
    skip = min(skip, len(whole))
    assert rows_of(make(kind, steps).epoch(0, skip)) == whole[skip:]


def test_steps_per_epoch_runs_on_through_the_passes() -> None:
    feed = ArrayFeed(batch_of(10), 3, False, 0, steps=3)
    assert rows_of(feed.epoch(0)) == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert rows_of(feed.epoch(1)) == [[9], [0, 1, 2], [3, 4, 5]]


def generator(count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for i in range(count):
        yield np.full((2, 1), i, np.float32), np.zeros(2, np.float32)


def test_a_generator_goes_on_where_the_last_epoch_stopped() -> None:
    feed = IterableFeed(generator(7), steps=3)
    assert rows_of(feed.epoch(0)) == [[0, 0], [1, 1], [2, 2]]
    assert rows_of(feed.epoch(1)) == [[3, 3], [4, 4], [5, 5]]
    assert rows_of(feed.epoch(2)) == [[6, 6]]


def test_looking_at_the_example_loses_no_batch() -> None:
    feed = IterableFeed(generator(3))
    assert feed.example().x[0, 0] == 0
    assert rows_of(feed.epoch(0)) == [[0, 0], [1, 1], [2, 2]]
    assert feed.steps == 3


def test_a_generator_is_drawn_again_up_to_where_a_run_stopped() -> None:
    feed = IterableFeed(generator(9), steps=3)
    rows_of(feed.epoch(0))
    position = feed.position()
    assert not position["exact"]
    resumed = IterableFeed(generator(9), steps=3)
    resumed.seek(position)
    assert rows_of(resumed.epoch(1, skip=1)) == [[4, 4], [5, 5]]


class Stateful:
    """A source that can tell and take its position."""

    def __init__(self) -> None:
        self.at = 0

    def __iter__(self) -> Stateful:
        return self

    def __next__(self) -> tuple[np.ndarray, np.ndarray]:
        self.at += 1
        return np.full((2, 1), self.at - 1, np.float32), np.zeros(2, np.float32)

    def state_dict(self) -> dict[str, int]:
        return {"at": self.at}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.at = state["at"]


def test_a_source_with_state_is_resumed_exactly_although_batches_were_drawn_ahead() -> None:
    feed = IterableFeed(Stateful(), steps=6)
    feed.example()
    segment = next(iter(feed.epoch(0)))
    assert segment.position is not None
    assert segment.position["exact"]
    resumed = IterableFeed(Stateful(), steps=6)
    resumed.seek(segment.position)
    assert rows_of(resumed.epoch(0, skip=2)) == [[i, i] for i in range(2, 6)]


def test_batches_of_other_shapes_make_segments_of_their_own() -> None:
    batches = [(np.zeros((2, n), np.float32), np.zeros(2)) for n in (3, 3, 4, 4, 3)]
    widths = [(s.source.x.shape[1], s.steps) for s in IterableFeed(batches).epoch(0)]
    assert sum(steps for _, steps in widths) == 5
    assert [w for w, steps in widths for _ in range(steps)] == [3, 3, 4, 4, 3]


def test_the_same_shape_always_makes_chunks_of_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_STEPS", 4)
    segments = list(IterableFeed(generator(10)).epoch(0))
    assert [segment.steps for segment in segments] == [4, 4, 2]
    assert {segment.index.shape for segment in segments} == {(4, 2)}
    assert {segment.source.x.shape for segment in segments} == {(8, 1)}


def test_an_error_in_a_generator_reaches_the_caller() -> None:
    def broken() -> Iterator[Any]:
        yield np.zeros((2, 1), np.float32), np.zeros(2)
        raise KeyError("no such file")

    with pytest.raises(KeyError, match="no such file"):
        rows_of(IterableFeed(broken()).epoch(0))


def test_leaving_an_epoch_early_ends_the_preparing_thread() -> None:
    import threading

    segments = IterableFeed(generator(10_000)).epoch(0)
    next(segments)
    segments.close()
    assert not [t for t in threading.enumerate() if t.name == "ranvier-feed" and t.is_alive()]


def test_an_empty_source_is_named() -> None:
    with pytest.raises(DataError, match="empty"):
        IterableFeed([]).example()


def test_a_batch_of_four_parts_is_refused() -> None:
    with pytest.raises(DataError, match="4 parts"):
        streams.as_batch((1, 2, 3, 4))


def test_nested_inputs_are_gathered_leaf_by_leaf() -> None:
    x = {"a": np.arange(6, dtype=np.float32)[:, None], "b": [np.arange(6)[:, None] * 2]}
    segment = next(iter(ArrayFeed(Batch(x), 2, True, 0).epoch(0)))
    batch = gather(segment.source, segment.index[0])
    np.testing.assert_array_equal(np.asarray(batch.x["a"]) * 2, np.asarray(batch.x["b"][0]))
    assert jax.tree_util.tree_structure(batch.x) == jax.tree_util.tree_structure(x)
