"""The model card: what the model is for, how it was made, how good it is, where it ends."""

from __future__ import annotations

from ranvier.recipes.mistakes import confusion
from ranvier.recipes.outcome import Outcome
from ranvier.recipes.report.page import verdict
from ranvier.recipes.scoring import TITLES, shown

__all__ = ["card"]

_USE = """```python
import ranvier as keras

model = keras.models.load_model("model.keras")
predictions = model.predict(rows)  # {rows}
```"""


def card(outcome: Outcome) -> str:
    """Return the model card of a run as Markdown.

    Source: M. Mitchell et al., Model cards for model reporting (2019).
    """
    subject, schema = outcome.subject, outcome.subject.schema
    shape = ", ".join(["row", *map(str, schema.shape)])
    answer = "[row, class] probabilities" if schema.kind == "classification" else "[row, 1], in the target's unit"
    sections = {
        "What it does": f"It predicts {schema.target} from raw rows; preprocessing is part of the model.\n\n"
        + _USE.format(rows=f"raw inputs [{shape}] in, {answer} out"),
        "How good it is": f"{verdict(outcome)}.\n\n{_scores(outcome)}",
        "Data": "\n".join(
            f"- {name}: {text}"
            for name, text in (
                ("name", f"{subject.name} ({subject.source})"),
                ("sha256", subject.sha256),
                ("split", subject.split),
                ("validation", f"{len(outcome.split.validation):,} of the training rows, seed {outcome.plan.seed}"),
                ("licence", subject.licence),
                ("citation", subject.citation),
            )
            if text
        ),
        "Training": "\n".join(f"- {choice.topic.lower()}: {choice.text}" for choice in outcome.choices)
        + f"\n- outcome: {outcome.trained.outcome()}",
        "Limits": "\n".join(f"- {limit}" for limit in _limits(outcome)),
        "Versions": ", ".join(f"{name} {version}" for name, version in outcome.environment.items()),
    }
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections.items())
    return f"# Model card: {subject.name}\n\nWritten by Ranvier on {outcome.created}.\n\n{body}\n"


def _scores(outcome: Outcome) -> str:
    """Return a table of all scores."""
    names = list(outcome.scores)
    rows = [("this network", outcome.scores), *((baseline.title, baseline.scores) for baseline in outcome.baselines)]
    lines = [f"| model | {' | '.join(TITLES[name] for name in names)} |", "|---" * (len(names) + 1) + "|"]
    lines += [f"| {title} | {' | '.join(shown(name, scores[name]) for name in names)} |" for title, scores in rows]
    return "\n".join(lines)


def _limits(outcome: Outcome) -> list[str]:
    """Return what somebody who uses the model must know."""
    limits = ["It was measured on held-out rows of the same source; on rows of another origin it may do worse."]
    if outcome.bounds:
        low, high = (100 * bound for bound in outcome.bounds)
        limits.append(
            f"With {len(outcome.subject.y_test):,} test rows its accuracy is known to {low:.1f} to {high:.1f} %."
        )
        limits.append("Its probabilities were not calibrated.")
        counts = confusion(outcome)
        seen = counts.sum(axis=1)
        recall = [counts[c, c] / seen[c] if seen[c] else 1.0 for c in range(len(counts))]
        weakest = min(range(len(recall)), key=recall.__getitem__)
        name = outcome.subject.schema.class_names[weakest]
        limits.append(f"Its weakest class is {name!r}: {100 * recall[weakest]:.1f} % of {seen[weakest]} rows found.")
    else:
        limits.append("It gives one amount per row and does not say how sure it is.")
    if not outcome.certain:
        limits.append(outcome.judgement)
    limits += [f"The doctor's finding {finding.code}: {finding.title}" for finding in outcome.trained.findings]
    return limits
