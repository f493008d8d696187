"""What holds for all tests."""

from __future__ import annotations

import signal

# A shell ignores Ctrl-C for what it starts in the background, and children inherit that: tests that send it need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
