"""`ranvier datasets`: one row per data set."""

from __future__ import annotations

import json

from ranvier.data.datasets import NAMES, list_datasets
from tests.cli.conftest import Call


def test_every_data_set_has_a_row(call: Call) -> None:
    result = call("datasets")
    first = [line.split()[0] for line in result.stdout.splitlines() if line.strip()]
    assert [word for word in first if word in NAMES] == list(NAMES)
    assert "bundled" in result.stdout and "1,437 + 360" in result.stdout


def test_facts_for_programs(call: Call) -> None:
    said = {row["name"]: row for row in json.loads(call("datasets", "--json").stdout)["datasets"]}
    assert set(said) == set(NAMES)
    assert said["digits"]["where"] == "bundled" and said["digits"]["trainable"] and not said["imdb"]["trainable"]
    for info in list_datasets():
        assert (said[info.name]["tried"], said[info.name]["verified"]) == (info.tried, info.verified)
