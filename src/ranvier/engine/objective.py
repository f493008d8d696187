"""What `compile` asked for, laid out per output: losses with their weights, metrics with their names.

Outputs are a flat list in the order of the model's outputs; targets, losses and metrics given as a single thing, a list
or a dict by output name are brought into that order here, once, before anything is compiled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp

from ranvier import losses, metrics
from ranvier._errors import InvalidArgument
from ranvier._typing import Array
from ranvier.engine.train_state import Batch
from ranvier.ops.core import traceable

__all__ = ["MeasuredMetric", "Objective", "Output"]


@dataclass
class Output:
    """One output of the model and its loss (None: no loss) with its weight."""

    name: str
    loss: Any
    weight: float


@dataclass
class MeasuredMetric:
    """One metric, the number of the output that it looks at, and whether sample weights count."""

    prefix: str
    label: str
    metric: Any
    output: int
    weighted: bool
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.prefix + self.label


class Objective:
    """Losses and metrics of a compiled model, resolved against the shapes of its first batch.

    Args:
        loss: a loss or a nest of losses, as given to `compile`.
        loss_weights: a nest of numbers, or None.
        metrics_: metrics that ignore sample weights.
        weighted_metrics: metrics that use them.
        names: output names, in the order of the flattened outputs.
        y_true: shapes of the targets.
        y_pred: shapes of the outputs, nested as the model returns them.
        mean: the metric that tracks the loss.
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any,
        metrics_: Any,
        weighted_metrics: Any,
        names: Sequence[str] | None,
        y_true: Any,
        y_pred: Any,
        mean: metrics.Mean,
    ) -> None:
        self.mean = mean
        self.structure = jax.tree_util.tree_structure(y_pred)
        self.keys = list(y_pred) if isinstance(y_pred, Mapping) else None
        flat = self.flat_outputs(y_pred)
        self.names = self._named(flat, names)
        targets = self.flat_targets(y_true)
        if loss is not None:
            self._require_arrays(targets)
        chosen = self._spread(loss, "loss", targets)
        weights = self._spread(loss_weights, "loss_weights", targets)
        self.outputs = [
            Output(name, _loss_for(one, target, output), 1.0 if weight is None else float(weight))
            for name, one, weight, target, output in zip(self.names, chosen, weights, targets, flat, strict=True)
        ]
        plain = self._measured(metrics_, "metrics", targets, flat, weighted=False)
        weighed = self._measured(weighted_metrics, "weighted_metrics", targets, flat, weighted=True)
        self.metrics = _unique(plain, weighed, {"loss", *(f"{name}_loss" for name in self.names)})
        self.has_loss = any(output.loss is not None for output in self.outputs)
        for m in self.metrics:
            m.metric.prepare(targets[m.output], flat[m.output])
        self._zero: dict[str, Any] | None = None
        self._check_targets(targets)

    # --- bringing nests into the order of the outputs ----------------------------------------------------------------

    def flat_outputs(self, y_pred: Any) -> list[Any]:
        """Return the outputs in order; a dict's by its keys."""
        if isinstance(y_pred, Mapping):
            return [y_pred[key] for key in self.keys or y_pred]
        return jax.tree_util.tree_leaves(y_pred)

    def _named(self, flat: list[Any], names: Sequence[str] | None) -> list[str]:
        if self.keys is not None:
            return [str(key) for key in self.keys]
        if names is not None and len(names) == len(flat):
            return list(names)
        return ["output"] if len(flat) == 1 else [f"output_{number}" for number in range(len(flat))]

    def flat_targets(self, y: Any) -> list[Any]:
        """Return targets (or weights) in the order of the outputs; None where there is none."""
        return self._spread(y, "y", None)

    def _spread(self, given: Any, what: str, targets: list[Any] | None) -> list[Any]:
        """Bring a single thing, a list or a dict into one entry per output."""
        count = len(self.names)
        if isinstance(given, Mapping) and not _is_config(given):
            unknown = [key for key in given if key not in self.names]
            if unknown:
                raise InvalidArgument(
                    f"{what} names an output that the model does not have.",
                    code="unknown-output",
                    place=what,
                    expected=", ".join(self.names),
                    received=", ".join(map(str, given)),
                    fix="use the names of the output layers as keys",
                )
            return [given.get(name) for name in self.names]
        if isinstance(given, (list, tuple)):
            if count == 1 and len(given) != 1 and what == "y":
                return [given]
            if len(given) != count:
                raise InvalidArgument(
                    f"{what} is a list of another length than the model has outputs.",
                    code="output-count",
                    place=what,
                    expected=f"{count}: {', '.join(self.names)}",
                    received=len(given),
                )
            return list(given)
        if what == "y" and count > 1 and given is not None:
            raise InvalidArgument(
                "The model has several outputs, but y is a single array.",
                code="output-count",
                place="y",
                expected=f"one array for each of {', '.join(self.names)}",
                received=f"an array of shape {tuple(given.shape)}",
                fix="pass y as a list or as a dict by output name",
            )
        return [given] * count

    def _measured(
        self, given: Any, what: str, targets: list[Any], flat: list[Any], weighted: bool
    ) -> list[MeasuredMetric]:
        """Resolve metrics to one flat list, named as Keras names them."""
        if given is None:
            return []
        count = len(self.names)
        per_output: list[Any]
        if isinstance(given, Mapping) and not _is_config(given):
            per_output = self._spread(given, what, targets)
        elif not isinstance(given, (list, tuple)):
            per_output = [[given]] * count
        elif count == 1 and not (len(given) == 1 and isinstance(given[0], (list, tuple))):
            per_output = [list(given)]
        elif count > 1 and len(given) == count and any(isinstance(g, (list, tuple, type(None))) for g in given):
            per_output = list(given)
        elif count > 1 and len(given) == count:
            per_output = [[one] for one in given]
        else:
            per_output = self._spread(given, what, targets)
        found = []
        for number, entry in enumerate(per_output):
            entries = [] if entry is None else entry if isinstance(entry, (list, tuple)) else [entry]
            for one in entries:
                if one is None or targets[number] is None:
                    continue
                metric = metrics.resolve(
                    one, tuple(targets[number].shape), tuple(flat[number].shape), targets[number].dtype
                )
                prefix = "" if count == 1 else f"{self.names[number]}_"
                found.append(MeasuredMetric(prefix, _label(one, metric), metric, number, weighted))
        return found

    def _require_arrays(self, targets: list[Any]) -> None:
        for name, target in zip(self.names, targets, strict=True):
            if isinstance(target, (list, tuple, Mapping)):
                fault = f"Output {name!r} takes one array of targets, not {len(target)}: pass its own, or add outputs."
                raise InvalidArgument(fault, code="output-count", place="y")

    def _check_targets(self, targets: list[Any]) -> None:
        for output, target in zip(self.outputs, targets, strict=True):
            if output.loss is not None and target is None and output.weight:
                raise InvalidArgument(
                    f"The loss of output {output.name!r} needs targets.",
                    code="no-targets",
                    place="y",
                    expected=f"targets for output {output.name!r}",
                    received="None",
                    fix="pass y, or compile with loss=None for that output and use add_loss",
                )

    # --- the pure functions of a step --------------------------------------------------------------------------------

    def loss(self, y_true: Any, y_pred: Any, weight: Any) -> tuple[Array, list[Array]]:
        """Return the weighted sum of the outputs' losses, and each of them unweighted."""
        flat = self.flat_outputs(y_pred)
        targets, weights = self.flat_targets(y_true), self.spread_weights(weight)
        parts = []
        total: Array = jnp.zeros((), jnp.float32)
        for number, output in enumerate(self.outputs):
            if output.loss is None:
                continue
            with traceable(f"loss of output {output.name!r}"):
                value = output.loss(targets[number], flat[number], weights[number])
            parts.append(value)
            total = total + output.weight * value if output.weight != 1.0 else total + value
        return total, parts

    def spread_weights(self, weight: Any) -> list[Any]:
        """Return sample weights in the order of the outputs; one array serves all."""
        return self._spread(weight, "sample_weight", None)

    def zero(self) -> dict[str, Any]:
        """Return the totals at the start of an epoch."""
        if self._zero is None:
            names = ["loss"]
            if len(self.outputs) > 1:
                names += [f"{output.name}_loss" for output in self.outputs if output.loss is not None]
            own = {m.name: m.metric.zero() for m in self.metrics}
            self._zero = {name: self.mean.zero() for name in names} | own
        return self._zero

    def measure(self, totals: dict[str, Any], batch: Batch, y_pred: Any, loss: Array, parts: list[Array]) -> Any:
        """Return the totals with one batch added; losses count by the rows of their batch."""
        flat = self.flat_outputs(y_pred)
        targets, weights = self.flat_targets(batch.y), self.spread_weights(batch.weight)
        rows = jax.tree_util.tree_leaves(batch.x)[0].shape[0]
        new = {"loss": self.mean.add(totals["loss"], loss, sample_weight=rows)}
        if len(self.outputs) > 1:
            lossy = [output for output in self.outputs if output.loss is not None]
            for output, part in zip(lossy, parts, strict=True):
                name = f"{output.name}_loss"
                new[name] = self.mean.add(totals[name], part, sample_weight=rows)
        for m in self.metrics:
            weight = weights[m.output] if m.weighted else None
            with traceable(f"metric {m.name!r}"):
                new[m.name] = m.metric.add(totals[m.name], targets[m.output], flat[m.output], weight)
        return new

    def keep(self, totals: dict[str, Any]) -> None:
        """Store totals into the metrics' own variables."""
        self.mean.keep(totals["loss"])
        for m in self.metrics:
            m.metric.keep(totals[m.name])

    def results(self, totals: dict[str, Any]) -> dict[str, Any]:
        """Return the value of each metric; metrics that give a dict are spread out."""
        by_name = {m.name: m.metric for m in self.metrics}
        values: dict[str, Any] = {}
        for name, total in totals.items():
            value = by_name.get(name, self.mean).value(total)
            values |= value if isinstance(value, dict) else {name: value}
        return values


def _loss_for(given: Any, target: Any, output: Any) -> Any:
    """Return the loss of one output; `"crossentropy"` is chosen by the shapes of targets and outputs."""
    if given is None:
        return None
    if target is None:
        return losses.as_loss(given)
    return losses.resolve(given, tuple(target.shape), tuple(output.shape))


def _is_config(given: Mapping[str, Any]) -> bool:
    return "class_name" in given


def _label(given: Any, metric: Any) -> str:
    """Return the history's name of a metric: what the user wrote when it was a short name."""
    return given if isinstance(given, str) and given in ("acc", "accuracy", "crossentropy", "ce") else metric.name


def _unique(plain: list[MeasuredMetric], weighed: list[MeasuredMetric], taken: set[str]) -> list[MeasuredMetric]:
    """Give every metric a name of its own: a weighted one that clashes is `weighted_...`, others are numbered."""
    plain_names = {m.name for m in plain}
    for m in weighed:
        m.name = f"{m.prefix}weighted_{m.label}" if m.name in plain_names else m.name
    for m in [*plain, *weighed]:
        base, number = m.name, 0
        while m.name in taken:
            number += 1
            m.name = f"{base}_{number}"
        taken.add(m.name)
    return [*plain, *weighed]
