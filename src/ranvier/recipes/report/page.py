"""The page itself: plain HTML around the figures, readable on a phone, in light and dark, without any other file."""

from __future__ import annotations

from html import escape
from importlib import resources

from ranvier.recipes.mistakes import Mistake, confusion, worst
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.report import figures
from ranvier.recipes.report.pictures import data_url
from ranvier.recipes.scoring import HEADLINE, SMALLER_IS_BETTER, TITLES, amount, shown

__all__ = ["page", "verdict"]

_METRICS = {
    "classification": ("accuracy", "accuracy (higher is better)"),
    "regression": ("mean_absolute_error", "mean absolute error (lower is better)"),
}
_COLUMNS_SHOWN = 10


def page(outcome: Outcome) -> str:
    """Return the report of a run as one self-contained HTML document."""
    name = escape(outcome.subject.name)
    sections = [
        _section("How good is it?", _comparison(outcome)),
        _section("How it learned", _learning(outcome)),
        _section("Where it errs", _errors(outcome)),
        _section("Its worst mistakes", _mistakes(outcome)),
        _section("What the doctor found", _findings(outcome)),
        _section("The plan", _plan(outcome)),
        _section("To get the same numbers again", _provenance(outcome)),
    ]
    style = resources.files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{name}: a Ranvier run</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{_head(outcome)}\n{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def verdict(outcome: Outcome) -> str:
    """Return in one sentence what the run came to."""
    own = outcome.headline
    rows = len(outcome.subject.y_test)
    values = [shown(own, baseline.scores[own]) for baseline in outcome.baselines]
    ahead = "better than both baselines" if outcome.certain else "ahead of both baselines, perhaps by chance"
    better = ahead if outcome.beaten else "NOT better than every baseline"
    return (
        f"{TITLES[own]} {shown(own, outcome.scores[own])} on {rows:,} held-out rows, {better} "
        f"({', '.join(f'{b.title}: {value}' for b, value in zip(outcome.baselines, values, strict=True))})"
    )


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{title}</h2>\n{body}\n</section>\n"


def _head(outcome: Outcome) -> str:
    own = outcome.headline
    bounds = ""
    if outcome.bounds:
        low, high = (100 * bound for bound in outcome.bounds)
        bounds = f" <span class='quiet'>(95 % interval {low:.1f} to {high:.1f} %)</span>"
    mood = "good" if outcome.certain else "open" if outcome.beaten else "bad"
    return (
        f"<header>\n<p class='quiet'>Ranvier run · {escape(outcome.created)}</p>\n"
        f"<h1>{escape(outcome.subject.name)}: {escape(outcome.subject.schema.target)}</h1>\n"
        f"<p class='headline {mood}'><strong>{shown(own, outcome.scores[own])}</strong> {TITLES[own]}"
        f" on {len(outcome.subject.y_test):,} held-out rows{bounds}</p>\n</header>"
    )


def _comparison(outcome: Outcome) -> str:
    """Return the network and the baselines as bars and a table."""
    models = [("network", "this network", outcome.trained.outcome(), outcome.scores)]
    models += [(baseline.name, baseline.title, baseline.note, baseline.scores) for baseline in outcome.baselines]
    own = outcome.headline
    largest = 1.0 if own == "accuracy" else max(scores[own] for *_, scores in models) or 1.0
    head = "".join(f"<th scope='col'>{TITLES[name]}</th>" for name in outcome.scores)
    rows = []
    for kind, title, note, scores in models:
        width = 100 * scores[own] / largest
        cells = "".join(f"<td>{shown(name, value)}</td>" for name, value in scores.items())
        rows.append(
            f"<tr><th scope='row'>{escape(title)}<span class='bar {kind}' style='width: {width:.1f}%'></span>"
            f"<span class='quiet'>{escape(note)}</span></th>{cells}</tr>"
        )
    less = "; shorter bars are better" if own in SMALLER_IS_BETTER else ""
    return (
        f"<div class='wide'><table class='scores'><thead><tr><th scope='col'>model</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>\n"
        f"<p>{outcome.judgement}</p>\n"
        f"<p class='quiet'>{_learned_from(outcome)} All were measured on the same "
        f"{len(outcome.subject.y_test):,} others, which took no part in training or in any choice{less}.</p>"
    )


def _learned_from(outcome: Outcome) -> str:
    """Return which rows the models learned from, in words."""
    rows = f"{len(outcome.split.train):,} rows"
    if outcome.plan.moved:
        return f"The network learned from {rows} and from moved copies of them, the others from the rows alone."
    fewer = any("drawn by chance" in baseline.note for baseline in outcome.baselines)
    return f"All learned from the same {rows}" + (", the linear model from some of them." if fewer else ".")


def _learning(outcome: Outcome) -> str:
    trained = outcome.trained
    drawn = [
        figures.curve(trained.history, trained.best_epoch, name, title)
        for name, title in (("loss", "loss (lower is better)"), _METRICS[outcome.subject.schema.kind])
    ]
    return f"{_pair(drawn)}<p class='quiet'>Training {escape(trained.outcome())}.</p>"


def _pair(drawn: list[str]) -> str:
    """Return figures beside each other, below each other where the page is narrow."""
    return "<div class='pair'>" + "".join(f"<figure>{figure}</figure>" for figure in drawn) + "</div>"


def _errors(outcome: Outcome) -> str:
    schema, y = outcome.subject.schema, outcome.subject.y_test
    if schema.kind == "regression":
        return _pair([draw(y, outcome.predictions) for draw in (figures.predicted_against_true, figures.residuals)])
    figure = figures.confusion_matrix(confusion(outcome), schema.class_names)
    caption = "Test rows by true class and by the class that the network named; a stronger colour is a larger share."
    return f"<figure class='square'>{figure}<figcaption>{caption}</figcaption></figure>"


def _mistakes(outcome: Outcome) -> str:
    mistakes = worst(outcome)
    if not mistakes:
        return "<p>None: every held-out row was right.</p>"
    drawn = outcome.subject.schema.form == "image"
    return (_gallery if drawn else _table)(outcome, mistakes)


def _gallery(outcome: Outcome, mistakes: tuple[Mistake, ...]) -> str:
    """Return pictures with what they are and what the network saw in them."""
    subject = outcome.subject
    low, high = subject.value_range or (float(subject.x_test.min()), float(subject.x_test.max()))
    cards = [
        f"<li><img src='{data_url(subject.x_test[m.row], low, high)}' alt='test row {m.row}: {escape(m.truth)}'>"
        f"<span>is <b>{escape(m.truth)}</b>, said <b class='bad'>{escape(m.answer)}</b></span>"
        f"<span class='quiet'>{m.how_wrong} · row {m.row}</span></li>"
        for m in mistakes
    ]
    total = int((outcome.named != subject.y_test).sum())
    return (
        f"<p>{total:,} of {len(subject.y_test):,} held-out rows are wrong; it was most sure of these.</p>\n"
        f"<ul class='gallery'>{''.join(cards)}</ul>"
    )


def _table(outcome: Outcome, mistakes: tuple[Mistake, ...]) -> str:
    """Return rows with their inputs, the truth and the answer."""
    schema, x = outcome.subject.schema, outcome.subject.x_test.reshape(len(outcome.subject.x_test), -1)
    names = schema.columns[:_COLUMNS_SHOWN]
    wrong = "probability" if schema.kind == "classification" else "error"
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in ("row", "truth", "answer", wrong, *names))
    rows = "".join(
        f"<tr><th scope='row'>{m.row}</th><td>{escape(m.truth)}</td><td>{escape(m.answer)}</td><td>{m.how_wrong}</td>"
        + "".join(f"<td>{amount(value)}</td>" for value in x[m.row, : len(names)])
        + "</tr>"
        for m in mistakes
    )
    more = f"<p class='quiet'>The first {len(names)} of {schema.size} columns.</p>" if len(names) < schema.size else ""
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{more}"


def _findings(outcome: Outcome) -> str:
    findings = outcome.trained.findings
    if not findings:
        return "<p>Nothing: data, network and training showed no sign of what it looks for.</p>"
    return "".join(f"<pre class='finding {finding.severity}'>{escape(str(finding))}</pre>" for finding in findings)


def _plan(outcome: Outcome) -> str:
    rows = [
        f"<dt>{escape(choice.topic)}</dt>"
        f"<dd>{escape(choice.text)}<br><span class='quiet'>{escape(choice.why)}</span></dd>"
        for choice in outcome.choices
    ]
    return f"<dl>{''.join(rows)}</dl>"


def _provenance(outcome: Outcome) -> str:
    subject = outcome.subject
    facts = {
        "Seed": str(outcome.plan.seed),
        "Data": f"{subject.name}, {subject.source}, sha256 {subject.sha256}",
        "Licence of the data": subject.licence,
        "Citation": subject.citation,
        "Saved model": outcome.proof,
        "Versions": ", ".join(f"{name} {version}" for name, version in outcome.environment.items()),
        "Measure": f"models are compared by {TITLES[HEADLINE[subject.schema.kind]]}",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in facts.items() if text)
    return f"<dl>{rows}</dl>"
