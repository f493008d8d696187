"""What holds for all tests."""

from __future__ import annotations

import os
import signal

# The tests' networks are tiny, and compiling them takes most of the time: the fast suite tells the compiler not to try
# hard, here before JAX is imported and for child processes too. `make test-all` says 0: all as users have it.
os.environ.setdefault("JAX_DISABLE_MOST_OPTIMIZATIONS", "1")

# A shell ignores Ctrl-C for what it starts in the background, and children inherit that: tests that send it need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
