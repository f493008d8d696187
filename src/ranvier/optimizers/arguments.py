"""The arguments that every optimizer takes: their types, their checks, and how a signature shows them."""

from __future__ import annotations

import inspect
import warnings
from typing import Any, TypedDict

from ranvier._errors import InvalidArgument

__all__ = ["Common", "CommonButDecay", "check_common", "full_signature", "refuse_unknown"]


class CommonButDecay(TypedDict, total=False):
    """The arguments that every optimizer takes after its own, in the order of `Optimizer`."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Common(CommonButDecay, total=False):
    """The same with `weight_decay`, which comes first."""

    weight_decay: float | None


def check_common(optimizer: Any, clips: tuple[str, ...]) -> None:
    """Refuse common arguments that cannot be right."""
    chosen = [name for name in clips if getattr(optimizer, name) is not None]
    steps, every = optimizer.gradient_accumulation_steps, optimizer.ema_overwrite_frequency
    rules = (
        (len(chosen) < 2, "clipnorm, clipvalue, global_clipnorm", "at most one of them", chosen),
        (not steps or steps >= 2, "gradient_accumulation_steps", "an integer >= 2, or None", steps),
        (not optimizer.use_ema or 0 <= optimizer.ema_momentum <= 1, "ema_momentum", "0 to 1", optimizer.ema_momentum),
        (
            not (optimizer.use_ema and every) or (isinstance(every, int) and every >= 1),
            "ema_overwrite_frequency",
            "an integer >= 1, or None",
            every,
        ),
    )
    for right, name, expected, received in rules:
        if not right:
            raise InvalidArgument(
                f"{type(optimizer).__name__}: {name} cannot be {received!r}.",
                code="optimizer-argument",
                place=f"{type(optimizer).__name__}({name})",
                expected=expected,
                received=repr(received),
            )


def refuse_unknown(cls: type, kwargs: dict[str, Any]) -> None:
    """Refuse an argument that no optimizer has, such as `lr`; `decay` is warned of and ignored, as in Keras."""
    if kwargs.pop("decay", None) is not None:
        warnings.warn("`decay` is ignored: pass a schedule as learning_rate, or weight_decay.", stacklevel=4)
    for name in kwargs:
        raise InvalidArgument(
            f"{cls.__name__} does not know the argument {name!r}.",
            code="unknown-argument",
            place=f"{cls.__name__}(...)",
            expected=", ".join(inspect.signature(cls).parameters),
            received=", ".join(kwargs),
            fix="write learning_rate=" if name == "lr" else "remove it",
        )


def full_signature(cls: type, base: type) -> inspect.Signature:
    """Return the signature with the common arguments written out in place of `*common, **named`."""
    own = list(inspect.signature(vars(cls)["__init__"]).parameters.values())[1:]
    if not any(p.kind is p.VAR_POSITIONAL for p in own):
        return inspect.Signature(own)
    named = [p for p in own if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    common = inspect.signature(vars(base)["__init__"]).parameters.values()
    taken = {"self", "kwargs", *(p.name for p in named)}
    return inspect.Signature([*named, *(p for p in common if p.name not in taken)])
