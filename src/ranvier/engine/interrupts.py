"""Ctrl-C and SIGTERM end a run between two trips, with the state valid; a second Ctrl-C ends it at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import Any, ClassVar

__all__ = ["Interrupts"]


class Interrupts:
    """Notes signals while a run goes on; outside the main thread it does nothing.

    Attributes:
        received: the first signal that came, or None.
    """

    _running: ClassVar[Interrupts | None] = None

    def __init__(self) -> None:
        self.received: int | None = None
        self._before: dict[int, Any] = {}
        self._outer: Interrupts | None = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._outer, Interrupts._running = Interrupts._running, self
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            Interrupts._running = self._outer
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.received = number
        if self._outer is not None:  # a validation inside a training: the training ends too, in its own way
            self._outer.received = number

    def raise_received(self) -> None:
        """Raise what the signal means outside a run: KeyboardInterrupt, or SystemExit with the shell's code."""
        if self._outer is not None:
            return
        if self.received == signal.SIGINT:
            raise KeyboardInterrupt
        if self.received is not None:
            raise SystemExit(128 + self.received)
