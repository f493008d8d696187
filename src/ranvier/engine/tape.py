"""GradientTape: inside a compiled step, and (`engine/eager_tape.py`) outside of one.

Inside a step, `tape.gradient(loss, sources)` traces the user's step again, from its start to this very call, into a
program; then it differentiates that program with respect to the sources, wherever in it they stand. Random draws are
counted, so both passes draw the same; gradients that were known before the tape was opened are taken over, so the work
stays linear in the number of calls. `merging.py` makes of both forward passes one.

Because the step runs more than once while it is traced, it must be a function of its inputs: a Python counter in it
counts the traces.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
from jax.extend import core as jex

from ranvier._errors import InvalidArgument, NotReady
from ranvier.engine import eager_tape
from ranvier.state import eager, scope
from ranvier.state.scope import Scope
from ranvier.state.variable import Variable

__all__ = ["GradientTape", "Recorder", "recorded"]


class _Reached(BaseException):
    """Carries the tensors of the gradient call that a replay was made for, past the rest of the user's step."""

    def __init__(self, target: Any, sources: list[Any]) -> None:
        self.target, self.sources = target, sources


@dataclass
class Recorder:
    """Counts the gradient calls of one pass over a step, and knows how to make that pass again.

    Attributes:
        replay: `(recorder) -> None`, runs the step from its start in a fresh Scope that carries the recorder.
        answers: gradients of earlier calls, in order.
        stop_at: number of the call at which this pass ends, or None for a pass to the end.
        calls: gradient calls so far.
        shapes_only: whether gradients are zeros: the pass only looks for what the step uses.
    """

    replay: Callable[[Recorder], None]
    answers: list[Any] = field(default_factory=list)
    stop_at: int | None = None
    calls: int = 0
    shapes_only: bool = False


def recorded(make_scope: Callable[[], Scope], step: Callable[[], Any]) -> tuple[Scope, Any]:
    """Run a step in a Scope whose gradient tapes work; return that Scope and the step's result."""

    def replay(recorder: Recorder) -> None:
        inner = make_scope()
        inner.tapes = recorder
        with scope.entered(inner):
            step()

    outer = make_scope()
    outer.tapes = Recorder(replay)
    with scope.entered(outer):
        return outer, step()


class GradientTape:
    """Records a computation for `gradient`, as TensorFlow's tape does: in a `train_step`, or in a loop of one's own.

    Outside of a step it sees Variables, layers, losses, functions of `ranvier.ops`, and the operators of arrays.

    Args:
        persistent: whether `gradient` may be called more than once.
        watch_accessed_variables: accepted; sources are named in `gradient`.

    Example:
        >>> x = Variable(3.0)
        >>> with GradientTape() as tape:
        ...     y = x * x
        >>> float(tape.gradient(y, x))
        6.0
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self.persistent, self.watch_accessed_variables = persistent, watch_accessed_variables
        self._known = 0
        self._used = False
        self._entry: dict[int, Any] = {}
        self._seen: eager.Recording | None = None
        """What happened while the tape was open; None inside a compiled step."""

    def __enter__(self) -> GradientTape:
        if scope.active() is None:
            self._seen = self._seen or eager.Recording()
            eager.opened(self._seen)
            return self
        running, recorder = _recorder()
        self._known = recorder.calls
        _separate_aliases(running)
        self._entry = dict(running.values)
        return self

    def __exit__(self, *_: object) -> None:
        if self._seen is not None:
            eager.closed(self._seen)

    def watch(self, tensor: Any) -> None:
        """Accepted: any tensor can be a source of `gradient`."""

    def stop_recording(self) -> AbstractContextManager[Any]:
        """Return a block whose calls are not recorded; inside a compiled step it changes nothing."""
        return nullcontext(self) if self._seen is None else eager.paused(self._seen)

    def reset(self) -> None:
        """Start recording anew."""
        self._used = False
        if self._seen is not None:
            self._seen.clear()

    def gradient(
        self, target: Any, sources: Any, output_gradients: Any = None, unconnected_gradients: str = "none"
    ) -> Any:
        r"""Return d target / d sources, nested like `sources`; a source that the target does not use gives None.

        A target with more than one element is summed, weighted by `output_gradients` where given:
        $g_s = \sum_i w_i \, \partial t_i / \partial s$.

        Raises:
            NotReady: in a function that Ranvier runs in a pass of its own, such as `call` of a layer.
            InvalidArgument: a second call on a tape that is not persistent, or a source that is no float tensor.
        """
        leaves, structure = jax.tree_util.tree_flatten(sources, is_leaf=lambda n: isinstance(n, Variable))
        if self._seen is not None:
            self._claim()
            _require_floats(leaves)
            found = eager_tape.gradients(self._seen, target, output_gradients, leaves)
            if not self.persistent:
                self._seen.clear()
            return jax.tree_util.tree_unflatten(structure, _unconnected(found, leaves, unconnected_gradients))
        _, recorder = _recorder()
        call = recorder.calls
        recorder.calls += 1
        if recorder.shapes_only:
            return jax.tree_util.tree_unflatten(structure, [jnp.zeros(leaf.shape, leaf.dtype) for leaf in leaves])
        if recorder.stop_at == call:
            raise _Reached(self._weighted(target, output_gradients), [self._source(leaf) for leaf in leaves])
        self._claim()
        if call < len(recorder.answers):
            return recorder.answers[call]
        gradients = self._differentiate(recorder, call, unconnected_gradients)
        answer = jax.tree_util.tree_unflatten(structure, gradients)
        recorder.answers.append(answer)
        return answer

    def _claim(self) -> None:
        """Use the tape up, unless it is persistent."""
        if self._used and not self.persistent:
            raise InvalidArgument(
                "gradient() was called twice on a tape that is not persistent.",
                code="tape-used",
                place="GradientTape.gradient",
                fix="open it as GradientTape(persistent=True)",
            )
        self._used = True

    def _weighted(self, target: Any, weights: Any) -> Any:
        parts = jax.tree_util.tree_leaves(target, is_leaf=lambda n: isinstance(n, Variable))
        scales = [1.0] * len(parts) if weights is None else jax.tree_util.tree_leaves(weights)
        return sum(jnp.sum(jnp.asarray(part) * scale) for part, scale in zip(parts, scales, strict=True))

    def _source(self, leaf: Any) -> Any:
        if isinstance(leaf, Variable):
            value = self._entry.get(id(leaf))
            return leaf.stored if value is None else value
        return leaf

    def _differentiate(self, recorder: Recorder, call: int, unconnected: str) -> list[Any]:
        """Trace the step up to this call and differentiate the trace with respect to the sources in it."""
        known = recorder.answers[: self._known]

        def prefix() -> list[Any]:
            try:
                recorder.replay(Recorder(recorder.replay, list(known), stop_at=call))
            except _Reached as reached:
                return [reached.target, *reached.sources]
            raise NotReady(
                "The training step did not reach the same gradient call when it was traced again.",
                code="tape-not-pure",
                place="train_step",
                expected="a step that depends on its inputs, variables and random draws alone",
                fix="keep counters in a ranvier.Variable instead of a Python attribute",
            )

        closed = jax.make_jaxpr(prefix)()
        jaxpr, consts = closed.jaxpr, closed.consts
        sources = jaxpr.outvars[1:]
        reached = _reachable(jaxpr, [v for v in sources if isinstance(v, jex.Var)])
        values = _evaluate(jaxpr, consts, {})[1:]

        def objective(replaced: list[Any]) -> Any:
            overrides = {v: value for v, value in zip(sources, replaced, strict=True) if isinstance(v, jex.Var)}
            return _evaluate(jaxpr, consts, overrides)[0]

        _require_floats(values)
        gradients = jax.grad(objective)(values)
        connected = [isinstance(v, jex.Var) and v in reached and jaxpr.outvars[0] in reached[v] for v in sources]
        found = [g if c else None for g, c in zip(gradients, connected, strict=True)]
        return _unconnected(found, values, unconnected)


def _unconnected(gradients: list[Any], sources: list[Any], kind: str) -> list[Any]:
    """Return zeros for gradients that are None, where these were asked for."""
    if kind == "none":
        return gradients
    return [jnp.zeros(s.shape, s.dtype) if g is None else g for g, s in zip(gradients, sources, strict=True)]


def _require_floats(values: list[Any]) -> None:
    for value in values:
        if not jnp.issubdtype(jnp.asarray(value).dtype, jnp.floating):
            raise InvalidArgument(
                "A source of the gradient is not a float tensor.",
                code="tape-source",
                place="GradientTape.gradient",
                expected="float variables or tensors",
                received=str(jnp.asarray(value).dtype),
            )


def _recorder() -> tuple[Scope, Recorder]:
    running = scope.active()
    if running is None or running.tapes is None:
        raise NotReady(
            "GradientTape was used inside a layer or loss, which runs as one step of its own.",
            code="tape-outside",
            place="GradientTape",
            expected="train_step(self, data) of a Model, or a loop around the model",
            fix="move the code into train_step or the loop, or use jax.grad on a pure function",
        )
    return running, running.tapes


def _separate_aliases(running: Scope) -> None:
    """Give variables that hold one and the same tensor values of their own, so that gradients do not mix."""
    seen: set[int] = set()
    for name, value in running.values.items():
        if id(value) in seen:
            running.values[name] = jnp.copy(value)
        seen.add(id(value))


def _evaluate(jaxpr: Any, consts: list[Any], overrides: dict[Any, Any]) -> list[Any]:
    """Run a traced program with some of its variables replaced by given values."""
    values: dict[Any, Any] = dict(zip(jaxpr.constvars, consts, strict=True)) | overrides

    def read(atom: Any) -> Any:
        return atom.val if isinstance(atom, jex.Literal) else values[atom]

    for equation in jaxpr.eqns:
        if all(v in overrides for v in equation.outvars):
            continue
        parameters = equation.primitive.get_bind_params(equation.params)
        with equation.ctx.manager:
            result = equation.primitive.bind(*map(read, equation.invars), **parameters)
        results = result if equation.primitive.multiple_results else [result]
        for variable, value in zip(equation.outvars, results, strict=True):
            if variable not in overrides:
                values[variable] = value
    return [read(atom) for atom in jaxpr.outvars]


def _reachable(jaxpr: Any, sources: list[Any]) -> dict[Any, set[Any]]:
    """Return for each source the variables that depend on it."""
    found: dict[Any, set[Any]] = {source: {source} for source in sources}
    for equation in jaxpr.eqns:
        inputs = {v for v in equation.invars if isinstance(v, jex.Var)}
        for source, reached in found.items():
            if inputs & reached:
                reached.update(v for v in equation.outvars if v not in found or v is source)
    return found
