"""Two finished runs that the tests of reports, cards and files look at."""

from __future__ import annotations

import pytest

from ranvier.recipes.outcome import Outcome
from tests.recipes.subjects import amounts, clouds, outcome_of


@pytest.fixture(scope="session")
def regression() -> Outcome:
    return outcome_of(amounts(), epochs=60)


@pytest.fixture(scope="session")
def classification() -> Outcome:
    return outcome_of(clouds(), epochs=3)
