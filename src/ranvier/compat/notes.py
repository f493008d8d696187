"""Notes on old spellings: what it is called today, said once per run, at the script's own line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ranvier.saving.notices import tell

__all__ = ["note", "once_per_run"]

_said: ContextVar[set[str] | None] = ContextVar("said", default=None)


@contextmanager
def once_per_run() -> Iterator[None]:
    """Say each note at most once inside the `with` block."""
    token = _said.set(set())
    try:
        yield
    finally:
        _said.reset(token)


def note(old: str, new: str) -> None:
    """Say what an old spelling is today.

    Args:
        old: the spelling, as the script has it.
        new: the rest of the sentence: `is called epochs= today`.
    """
    said = _said.get()
    if said is not None and old in said:
        return
    if said is not None:
        said.add(old)
    tell(f"{old} {new}")
