"""The bytes of events against those of TensorFlow's own classes (scripts/record_oracles/event_file.py)."""

from __future__ import annotations

import json
import pathlib

import pytest

from ranvier.callbacks import event_file
from ranvier.callbacks.event_file import EventFile, event, graph_event, message, record
from tests.callbacks import event_reader

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "oracle" / "event_file.json").read_text())
TIME = RECORDED["time"]
NODES = [message((1, "x"), (2, "InputLayer")), message((1, "dense"), (2, "Dense"), (3, "x"))]
OURS = {
    "version": event(0, (3, "brain.Event:2"), wall_time=TIME),
    "scalar": event(300, event_file.scalar("epoch_loss", 0.125), wall_time=TIME),
    "histogram": event(1, event_file.histogram("w/histogram", [1.0, 2.0, 4.0]), wall_time=TIME),
    "keras": event(0, event_file.text("keras", "{}", "graph_keras_model", b"1"), wall_time=TIME),
    "graph": graph_event(message(*((1, node) for node in NODES), (4, message((1, 1)))), wall_time=TIME),
}


@pytest.mark.parametrize("name", RECORDED["records"])
def test_the_same_bytes_as_tensorflow(name):
    assert record(OURS[name]).hex() == RECORDED["records"][name]


def test_a_file_goes_on_where_it_was_cut(tmp_path):
    first = EventFile(tmp_path)
    first.add(OURS["scalar"])
    known = first.size
    first.add(OURS["histogram"])
    assert first.size == first.path.stat().st_size
    second = EventFile(tmp_path, first.name, known)
    second.add(OURS["keras"])
    assert event_reader.records(second.path)[1:] == [OURS["scalar"], OURS["keras"]]


def test_every_file_has_a_name_of_its_own(tmp_path):
    assert len({EventFile(tmp_path).name for _ in range(3)}) == 3


def test_a_damaged_record_is_noticed_by_the_reader(tmp_path):
    file = EventFile(tmp_path)
    data = bytearray(file.path.read_bytes())
    data[14] ^= 1
    file.path.write_bytes(bytes(data))
    with pytest.raises(AssertionError):
        event_reader.records(file.path)
