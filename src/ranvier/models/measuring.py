"""What is measured in a step: the compiled loss and metrics, and the steps that a user's own training builds on."""

from __future__ import annotations

from typing import Any, cast

from jax import tree_util

from ranvier._errors import NotReady
from ranvier.engine.tape import GradientTape
from ranvier.layers.base import Layer
from ranvier.models import compiling, feeding
from ranvier.models.compiling import Compiled
from ranvier.state.variable import Variable

__all__ = ["Measured"]


class Measured:
    """The part of a Trainer that computes losses and metrics."""

    optimizer: Any = None
    loss: Any = None
    _compiled: Compiled | None = None

    def _require_compiled(self, method: str) -> Compiled:
        if self._compiled is None:
            raise NotReady(
                f"The model must be compiled before {method}().",
                code="not-compiled",
                place=f"{method}()",
                expected="compile(optimizer, loss) first",
                fix='call model.compile(optimizer="adam", loss=...)',
            )
        return self._compiled

    @property
    def compiled_metrics(self) -> list[Any]:
        """The metrics given to `compile`, once the shapes of the data are known."""
        objective = self._compiled.objective if self._compiled else None
        return [m.metric for m in objective.metrics] if objective else []

    @property
    def metrics(self) -> list[Any]:
        """All metrics: the loss tracker, the model's own, those given to `compile`."""
        own = compiling.held_metrics(self)
        tracker = [self._compiled.loss_tracker] if self._compiled else []
        return [*tracker, *own, *self.compiled_metrics]

    @property
    def metrics_names(self) -> list[str]:
        """The names under which `evaluate` returns numbers, in order."""
        objective = self._compiled.objective if self._compiled else None
        if objective is None:
            return [metric.name for metric in self.metrics]
        losses = [f"{o.name}_loss" for o in objective.outputs if o.loss is not None]
        return ["loss", *(losses if len(objective.outputs) > 1 else []), *(m.name for m in objective.metrics)]

    @property
    def metrics_variables(self) -> list[Variable]:
        """The variables of all metrics."""
        return [variable for metric in self.metrics for variable in metric.variables]

    def reset_metrics(self) -> None:
        """Start all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def jit_compile(self) -> Any:
        """What `compile(jit_compile=...)` was given; training is compiled unless it runs eagerly."""
        return getattr(self, "compile_arguments", {}).get("jit_compile")

    # --- what a user's own step builds on ----------------------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Take one step on a batch and return the logs; override it for a training of your own.

        It runs inside the compiled loop, traced as a pure function: use `GradientTape`, optimizers, metrics and
        Variables as the guides do.
        """
        x, y, sample_weight = feeding.unpacked(data)
        with GradientTape() as tape:
            y_pred = cast(Layer, self)(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight)
        variables = cast(Layer, self).trainable_variables
        self.optimizer.apply_gradients(
            zip(tape.gradient(self.optimizer.scale_loss(loss), variables), variables, strict=True)
        )
        self._track_loss(loss, x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure one batch and return the logs."""
        x, y, sample_weight = feeding.unpacked(data)
        y_pred = cast(Layer, self)(x, training=False)
        self._track_loss(self.compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False), x)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def _track_loss(self, loss: Any, x: Any) -> None:
        rows = tree_util.tree_leaves(x)[0].shape[0]
        self._require_compiled("train_step").loss_tracker.update_state(loss, sample_weight=rows)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """Return the compiled loss plus what layers added; override it for a loss of your own."""
        objective = self._require_compiled("compute_loss").objective
        total: Any = 0.0
        if objective is not None and objective.has_loss:
            total, _ = objective.loss(y, y_pred, sample_weight)
        for value in cast(Layer, self).losses:
            total = total + value
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Update the compiled metrics and return the values of all metrics."""
        objective = self._require_compiled("compute_metrics").objective
        if objective is not None:
            targets, outputs = objective.flat_targets(y), objective.flat_outputs(y_pred)
            weights = objective.spread_weights(sample_weight)
            for m in objective.metrics:
                weight = weights[m.output] if m.weighted else None
                m.metric.update_state(targets[m.output], outputs[m.output], weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """Return the value of every metric by name."""
        values: dict[str, Any] = {}
        for metric in self.metrics:
            result = metric.result()
            values |= result if isinstance(result, dict) else {metric.name: result}
        return values
