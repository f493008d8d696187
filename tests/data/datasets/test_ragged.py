"""Attacks on the one reader that has to look into a pickle: all are refused, and nothing is executed."""

from __future__ import annotations

import os
import pickle
import pickletools
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ranvier._errors import FileRefused
from ranvier.data.datasets.archives import read_npz
from ranvier.data.datasets.ragged import read_ragged

PATH = Path("file.npz")
EXECUTED: list[object] = []
"""What an attack reached."""


def executed(*arguments: object) -> object:
    """Be what an attack wants to call."""
    EXECUTED.append(arguments)
    return np.zeros(1)


class Calls:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.call


def array_of(*rows: Any) -> np.ndarray:
    """Return an object array of the rows."""
    result = np.empty(len(rows), dtype=object)
    result[:] = rows
    return result


def refused(content: bytes, rows: int = 1) -> FileRefused:
    """Check that `content` is refused, and quickly, with nothing executed."""
    EXECUTED.clear()
    began = time.monotonic()
    with pytest.raises(FileRefused) as caught:
        read_ragged(content, rows, PATH)
    assert time.monotonic() - began < 2 and EXECUTED == []
    assert caught.value.code == "data-pickle" and "nothing in it was executed" in str(caught.value)
    return caught.value


@pytest.mark.parametrize("protocol", [3, 4, 5])
def test_lists_of_integers_come_back(protocol: int) -> None:
    rows = [[1, 255, 256, 65_535, 65_536, 2**31 - 1, -1], [], [0] * 3000, [2**40]]
    content = pickle.dumps(array_of(*rows), protocol=protocol)
    assert read_ragged(content, 4, PATH).tolist() == rows


def test_a_file_as_python_2_wrote_it() -> None:
    content = (
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
        b"(K\x01K\x02\x85cnumpy\ndtype\nq\x04U\x02O8K\x00K\x01\x87Rq\x05(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"
        b"K?tb\x89]q\x06(]q\x07(K\x05M\x00\x01e]q\x08K\x07aetb."
    )
    assert read_ragged(content, 2, PATH).tolist() == [[5, 256], [7]]


def test_an_npz_with_ragged_members(tmp_path: Path, make_objects: Any) -> None:
    np.savez(tmp_path / "file.npz", x=make_objects([[1], [2, 3]]), y=np.arange(2))
    arrays = read_npz(tmp_path / "file.npz", ["x", "y"], ragged=["x"])
    assert arrays["x"].tolist() == [[1], [2, 3]] and arrays["y"].tolist() == [0, 1]


ATTACKS: dict[str, Any] = {
    "os.system": Calls(os.system, "touch attacked"),
    "eval": Calls(eval, "__import__('os').abort()"),
    "exec": Calls(exec, "import os; os.abort()"),
    "subprocess": Calls(subprocess.Popen, ["true"]),
    "own function": Calls(executed, 1),
    "getattr": Calls(getattr, [], "append"),
    "numpy.load": Calls(np.load, "/etc/passwd"),
    "numpy.fromfile": Calls(np.fromfile, "/etc/passwd"),
    "open": Calls(open, "/etc/passwd"),
    "import": Calls(__import__, "antigravity"),
    "bytearray": Calls(bytearray, 1 << 40),
    "a class": Calls,
    "a function": executed,
    "a dict": {1: 2},
    "text": "text",
    "none": None,
    "a float": [1.5],
    "a boolean": [True],
    "nested lists": [[1]],
    "numpy numbers": [np.int64(1)],
    "a numeric array": np.zeros(3),
    "a huge number": [1 << 70],
    "bytes": b"bytes",
}


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("protocol", [0, 2, 3, 4, 5])
@pytest.mark.parametrize("depth", ["whole", "row", "inside a row", "inside a nested array"])
def test_attacks_are_refused(
    name: str, protocol: int, depth: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    attack = ATTACKS[name]
    inner = attack if isinstance(attack, list) else [attack]
    payload = {
        "whole": attack,
        "row": array_of(attack, [1]),
        "inside a row": array_of([1, attack], [1]),
        "inside a nested array": array_of(array_of(inner, [2]), [1]),
    }[depth]
    refused(pickle.dumps(payload, protocol=protocol), 2)
    assert list(tmp_path.iterdir()) == []


def test_an_attack_through_an_npz_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "file.npz", x=array_of(Calls(executed, 1), [1]))
    EXECUTED.clear()
    with pytest.raises(FileRefused) as caught:
        read_npz(tmp_path / "file.npz", ["x"], ragged=["x"])
    assert EXECUTED == [] and caught.value.place == str(tmp_path / "file.npz")


SHELL = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
DTYPE = b"cnumpy\ndtype\nU\x02O8K\x00K\x01\x87R"
STATE = b"(K\x01K\x01\x85" + DTYPE + b"\x89](]K\x05aetb."


def test_the_hand_written_array_is_a_good_one() -> None:
    assert read_ragged(SHELL + STATE, 1, PATH).tolist() == [[5]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b".",
        b"\x80\x02.",
        SHELL + STATE[:-1],
        SHELL + STATE + b"cos\nsystem\n",
        SHELL + STATE.replace(b"K\x01\x85", b"K\x02\x85", 1),
        SHELL + STATE.replace(b"U\x02O8", b"U\x02i8"),
        SHELL + STATE.replace(b"]K\x05a", b"K\x05"),
        # A memo number of four billion makes the interpreter's own unpickler allocate gigabytes.
        SHELL + b"r\xff\xff\xff\xff" + STATE,
        SHELL + b"j\xff\xff\xff\x7f" + STATE,
        # State for a class or a function instead of an array.
        b"\x80\x02cnumpy\nndarray\n" + STATE,
        b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n" + STATE,
        # Persistent references, extension codes, objects built without a call, dictionaries, huge texts.
        SHELL + b"Pid\n" + STATE,
        SHELL + b"K\x05Q" + STATE,
        SHELL + b"\x82\x01" + STATE,
        SHELL + b"cnumpy\nndarray\n)\x81" + STATE,
        SHELL + b"(cos\nsystem\no" + STATE,
        SHELL + b"(icos\nsystem\n" + STATE,
        SHELL + b"}" + STATE,
        SHELL + b"X\xff\xff\xff\x7fabc" + STATE,
        SHELL + b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc" + STATE,
        SHELL + b"\x8b\xff\xff\xff\x7fabc" + STATE,
        # A name put together on the stack.
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R.",
        b"\x80\x04\x8c\x05numpy\x8c\x0bndarray.abc\x93.",
        b"cbuiltins\neval\n(U\x011tR.",
    ],
)
def test_crafted_programs_are_refused(content: bytes) -> None:
    refused(content)


def test_one_list_many_times_does_not_unfold() -> None:
    row = list(range(1000))
    content = pickle.dumps(array_of(*[row] * 2000), protocol=3)
    assert "more integers than bytes" in refused(content, 2000).received


def test_the_declared_number_of_rows_counts() -> None:
    content = pickle.dumps(array_of([1], [2]), protocol=3)
    refused(content, 3)


@settings(max_examples=300, deadline=None)
@given(place=st.integers(0, 1000), value=st.integers(0, 255), cut=st.integers(0, 200))
def test_damaged_pickles_are_read_or_refused(place: int, value: int, cut: int) -> None:
    content = bytearray(pickle.dumps(array_of([1, 300], [70_000]), protocol=3))
    content[place % len(content)] = value
    try:
        rows = read_ragged(bytes(content[: cut or None]), 2, PATH)
    except FileRefused:
        return
    assert all(type(word) is int for row in rows for word in row)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 60))
def test_foreign_bytes_inside_a_pickle_are_read_or_refused(extra: bytes, place: int) -> None:
    content = SHELL + STATE
    EXECUTED.clear()
    try:
        rows = read_ragged(content[:place] + extra + content[place:], 1, PATH)
    except FileRefused:
        return
    assert all(type(word) is int for row in rows for word in row)


def test_the_scan_knows_every_operation_that_real_arrays_use() -> None:
    allowed = set()
    for protocol in (3, 4, 5):
        content = pickle.dumps(array_of([1, 300, 70_000, 1 << 40], []), protocol=protocol)
        allowed |= {opcode.name for opcode, _, _ in pickletools.genops(content)}
        read_ragged(content, 2, PATH)
    assert {"LONG1", "BININT2", "APPENDS"} <= allowed


def test_a_million_words_are_read_in_a_second() -> None:
    rows = [np.random.RandomState(row).randint(0, 80_000, 250).tolist() for row in range(4000)]
    content = pickle.dumps(array_of(*rows), protocol=3)
    began = time.process_time()
    assert read_ragged(content, 4000, PATH).tolist() == rows
    assert time.process_time() - began < 1.5
