"""The report is one valid HTML file that loads nothing; the card says the same."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from ranvier.doctor import Finding
from ranvier.recipes.card import card
from ranvier.recipes.mistakes import confusion, worst
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.report.page import page, verdict
from ranvier.recipes.report.pictures import data_url
from ranvier.recipes.schema import Schema
from tests.recipes.subjects import TEXTS, Subject, without_training

VOID = {"meta", "img", "br", "link", "input", "hr"}


class Checker(HTMLParser):
    """Collects what a browser would complain about or load."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.loads: list[str] = []
        self.ids: Counter[str] = Counter()
        self.links: list[str] = []
        self.count: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        given = dict(attrs)
        if len(given) != len(attrs):
            self.faults.append(f"an attribute twice in <{tag}>")
        self.ids.update([given["id"]] if "id" in given else [])
        for name, value in given.items():
            if name in {"src", "href", "xlink:href", "data", "action", "srcset"}:
                (self.links if (value or "").startswith("#") else self.loads).append(value or "")
        if tag in {"script", "link", "iframe", "object", "embed"}:
            self.loads.append(tag)
        if tag == "img" and not given.get("alt"):
            self.faults.append("a picture without words")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def checked(text: str) -> Checker:
    """Return what was found in a page, after the checks that hold for every page."""
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert text.startswith("<!DOCTYPE html>")
    assert not checker.faults and not checker.open
    assert all(address.startswith("data:image/png;base64,") for address in checker.loads)
    assert not re.search(r"https?:|//[a-z]|@import|url\((?!#)", re.sub(r"data:image/png;base64,[\w+/=]*", "", text))
    assert max(checker.ids.values(), default=1) == 1
    assert {link[1:] for link in checker.links} | set(re.findall(r"url\(#([^)]+)\)", text)) <= set(checker.ids)
    return checker


def pictures(classification: Outcome, classes: int = 10, channels: tuple[int, ...] = ()) -> Outcome:
    """Return an outcome over small pictures whose predictions are made up."""
    draw = np.random.default_rng(0)
    names = tuple(f"kind {number}" for number in range(classes))
    shape = (4, 4, *channels)
    columns = tuple(f"p{number}" for number in range(int(np.prod(shape))))
    x, y = draw.integers(0, 255, (150, *shape)).astype("uint8"), np.arange(150) % classes
    schema = Schema("classification", "image", shape, columns, "label", "the kind", names)
    subject = Subject("pictures", schema, x, y, x, y, value_range=(0, 255), **TEXTS)
    return without_training(classification, draw.dirichlet(np.ones(classes), 150), subject)


def test_a_regression(regression: Outcome) -> None:
    text = page(regression)
    checker = checked(text)
    assert checker.count["svg"] == 4 and checker.count["table"] == 2
    for words in ("residuals", "metres", "price &lt;of a thing&gt;", "ridge regression", "0" * 64, "Seed"):
        assert words in text


def test_two_classes(classification: Outcome) -> None:
    text = page(classification)
    assert checked(text).count["svg"] == 3 and "left &amp; low" in text


@pytest.mark.parametrize(("classes", "channels"), [(10, ()), (100, ()), (10, (3,)), (10, (1,))])
def test_pictures(classification: Outcome, classes: int, channels: tuple[int, ...]) -> None:
    outcome = pictures(classification, classes, channels)
    assert checked(page(outcome)).count["img"] == len(worst(outcome)) == 12


def test_the_page_fits_a_phone_and_the_night(classification: Outcome) -> None:
    text = page(classification)
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in text
    assert "prefers-color-scheme: dark" in text
    # Every colour of the figures comes from the page, or the night would swallow them.
    figures = "".join(re.findall(r"<svg.*?</svg>", text, re.DOTALL))
    assert "var(--ink)" in figures and not re.findall(r"#[0-9a-f]{6}\b", figures)


def test_the_same_run_gives_the_same_page(classification: Outcome) -> None:
    assert page(classification) == page(classification)


def test_findings_are_shown(classification: Outcome) -> None:
    finding = Finding("label-encoding", "warning", "Labels <odd>", "y")
    sick = replace(classification, trained=replace(classification.trained, findings=(finding,)))
    assert "<pre class='finding warning'>[warning] label-encoding: Labels &lt;odd&gt;" in page(sick)
    assert "label-encoding: Labels <odd>" in card(sick) and "Nothing: data, network" in page(classification)


def test_a_network_that_is_worse_is_called_so(classification: Outcome, regression: Outcome) -> None:
    assert regression.beaten and regression.certain and "headline good" in page(regression)
    assert "by more than chance explains" in page(regression) and "may be chance" not in card(regression)
    bad = without_training(classification, 1 - classification.predictions, classification.subject)
    assert not bad.beaten and "NOT better than every baseline" in verdict(bad)
    assert "headline bad" in page(bad) and "use the simpler model" in card(bad)


def test_a_lead_within_the_interval_is_called_open(classification: Outcome) -> None:
    low, high = classification.bounds or (0.0, 0.0)
    near = [
        replace(one, scores={**one.scores, "accuracy": (low + classification.scores["accuracy"]) / 2})
        for one in classification.baselines
    ]
    close = replace(classification, baselines=tuple(near))
    assert close.beaten and not close.certain and high > low
    assert "headline open" in page(close) and "the difference may be chance" in card(close)
    assert "ahead of both baselines, perhaps by chance" in verdict(close)


def test_the_worst_mistakes_come_first(classification: Outcome) -> None:
    subject = classification.subject
    wrong = np.tile([1.0, 0.0], (len(subject.y_test), 1))
    wrong[1] = [0.6, 0.4]
    outcome = without_training(classification, wrong, subject)
    mistakes = worst(outcome, most=100)
    assert [subject.y_test[m.row] for m in mistakes] == [1] * len(mistakes) and len(mistakes) == subject.y_test.sum()
    assert (mistakes[-1].row, mistakes[-1].how_wrong) == (1, "60 % sure")
    perfect = without_training(classification, np.eye(2)[subject.y_test], subject)
    assert not worst(perfect) and "None: every held-out row was right" in page(perfect)


def test_the_largest_errors_come_first(regression: Outcome) -> None:
    errors = [abs(float(m.how_wrong.replace(",", ""))) for m in worst(regression)]
    assert len(errors) == 12 and errors == sorted(errors, reverse=True)


def test_confusion_counts_true_and_named(classification: Outcome) -> None:
    counts = confusion(classification)
    y, named = classification.subject.y_test, classification.named
    assert counts.tolist() == [[int(((y == t) & (named == n)).sum()) for n in range(2)] for t in range(2)]


def test_the_card_has_its_sections(regression: Outcome, classification: Outcome) -> None:
    for outcome in (regression, classification):
        text = card(outcome)
        for title in ("What it does", "How good it is", "Data", "Training", "Limits", "Versions"):
            assert f"\n## {title}\n" in text
        assert all(len(row.split("|")) == len(outcome.scores) + 3 for row in re.findall(r"^\|.*$", text, re.MULTILINE))
    assert "weakest class" in card(classification) and "how sure it is" in card(regression)


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 1), (3, 4, 3)])
def test_a_row_as_a_picture(shape: tuple[int, ...]) -> None:
    def size(row: Any) -> bytes:
        import base64

        return base64.b64decode(data_url(row, 0, 16).partition(",")[2])

    png = size(np.full(shape, 16))
    assert png[:4] == b"\x89PNG" and png[16:24] == (4).to_bytes(4, "big") + (3).to_bytes(4, "big")
    assert png != size(np.zeros(shape))
