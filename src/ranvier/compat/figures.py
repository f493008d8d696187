"""A matplotlib backend without windows: `plt.show()` writes numbered PNG files and says where.

matplotlib loads it by its name in `MPLBACKEND`; nothing else imports it, so scripts without pictures pay nothing.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Any

from matplotlib import pyplot
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas

__all__ = ["FigureCanvas", "show"]

_numbers = itertools.count(1)


def show(*_: Any, **__: Any) -> None:
    """Write every open figure into the working folder, and close it."""
    for number in pyplot.get_fignums():
        file = Path.cwd() / f"figure-{next(_numbers)}.png"
        pyplot.figure(number).savefig(file)
        print(f"ranvier: picture written to {file}", file=sys.stderr)
    pyplot.close("all")
