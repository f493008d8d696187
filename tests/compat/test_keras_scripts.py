"""Scripts as guides and courses have them, from Keras 1 to Keras 3, run unmodified: those that import Keras alone.

They stand in a file of their own so that two workers share the scripts.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.expected import EXPECTED, of_tensorflow, run_and_check


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in sorted(EXPECTED) if not of_tensorflow(name)])
def test_script(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_and_check(name, capsys)
