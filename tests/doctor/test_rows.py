from __future__ import annotations

import numpy as np

from ranvier.doctor import rows


def test_all_rows_in_pieces(monkeypatch):
    monkeypatch.setattr(rows, "_PIECE", 64)
    array = np.arange(100, dtype="float32").reshape(50, 2)
    pieces = list(rows.chunks(array))
    assert [start for start, _ in pieces] == list(range(0, 50, 8))
    np.testing.assert_array_equal(np.concatenate([piece for _, piece in pieces]), array)


def test_of_a_large_file_pieces_spread_evenly(monkeypatch, tmp_path):
    monkeypatch.setattr(rows, "_PIECE", 64)
    monkeypatch.setattr(rows, "DISK_BYTES", 256)
    array = np.memmap(tmp_path / "x", "float32", "w+", shape=(1000, 2))
    starts = [start for start, _ in rows.chunks(array)]
    assert len(starts) == 4
    assert starts[0] == 0
    assert starts[-1] == 992


def test_a_few_values_in_words():
    assert rows.listed(range(7)) == "0, 1, 2, 3, 4, ..."
    assert rows.listed([0.5, np.float32(2.0)]) == "0.5, 2"
    assert rows.listed([]) == ""
