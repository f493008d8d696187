"""Dtype policies: in which float type a layer computes and in which it stores.

Source: Micikevicius et al., "Mixed precision training", 2018.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ranvier import _config
from ranvier._config import configuration
from ranvier._errors import InvalidArgument, Unsupported, WrongType
from ranvier._lookup import Configurable, plain
from ranvier.state.pattern_map import PatternMap
from ranvier.state.variable import dtype_name

__all__ = ["DTypePolicy", "DTypePolicyMap", "dtype_policy", "policy_of", "set_dtype_policy"]

_QUANTIZED = ("int8_from", "int4", "float8_from", "gptq", "awq")


class DTypePolicy(Configurable):
    """A pair of float types, by name: `"float32"`, `"mixed_float16"`, `"mixed_bfloat16"`, any other dtype.

    Args:
        name: the policy's name; the global policy's when None.

    Attributes:
        compute_dtype: what inputs and variables are cast to inside a layer.
        variable_dtype: what weights are stored in.

    Raises:
        InvalidArgument: there is no such dtype.
        Unsupported: the name of a quantized policy.
        WrongType: the name is no text.

    Example:
        >>> policy = DTypePolicy("mixed_float16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('float16', 'float32')
    """

    keras_module = "keras"
    quantization_mode: str | None = None
    """Always None: there are no quantized policies."""

    def __init__(self, name: str | None = None) -> None:
        self.name = _checked(name or configuration.dtype_policy or _config.floatx())
        if self.name in ("mixed_float16", "mixed_bfloat16"):
            self.compute_dtype, self.variable_dtype = self.name.removeprefix("mixed_"), "float32"
        else:
            self.compute_dtype = self.variable_dtype = dtype_name(self.name)

    def at(self, path: str) -> DTypePolicy:
        """Return the policy of the layer at a path: this one, unless it is a map."""
        return self

    def get_config(self) -> dict[str, Any]:
        """Return the policy's name."""
        return {"name": self.name}

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


class DTypePolicyMap(DTypePolicy, PatternMap[DTypePolicy]):
    """A dict from paths of layers, or patterns of them, to policies.

    A path that is a key means its policy; else the one pattern that fits the whole path; else the default. As a policy
    itself it is the default. A layer asks by its name, for which a key such as `"sequential/dense"`, as Keras's paths
    are, counts too.

    Args:
        default_policy: for all other paths; the global policy when None.
        policy_map: the first entries.

    Raises:
        InvalidArgument: two patterns fit a path, a key is set twice, or the default is a map.

    Example:
        >>> policies = DTypePolicyMap("float32", {"encoder/.*": DTypePolicy("mixed_bfloat16")})
        >>> policies["encoder/dense"].compute_dtype, policies["decoder/dense"].compute_dtype
        ('bfloat16', 'float32')
    """

    keras_module = "keras.dtype_policies"
    _CODE = "policy-map"

    def __init__(self, default_policy: Any = None, policy_map: Mapping[str, Any] | None = None) -> None:
        default = policy_of(default_policy)
        if isinstance(default, DTypePolicyMap):
            raise _wrong_entry("The default of a DTypePolicyMap is a single policy.", "default_policy=", default_policy)
        self._given = default_policy
        self.default_policy = default
        self._entries: dict[str, DTypePolicy] = {}
        super().__init__(default.name)
        self.name = f"map_{default.name}"
        self.update(policy_map or {})

    def at(self, path: str) -> DTypePolicy:
        """Return the policy of the layer of a name: of the key that fits it, else of the path that ends in it.

        Raises:
            InvalidArgument: paths with different policies end in that name.
        """
        if self._fitting(path) is not None:
            return self[path]
        ending = {key: policy for key, policy in self._entries.items() if key.endswith(f"/{path}")}
        if len(set(ending.values())) > 1:
            raise InvalidArgument(
                f"Several paths of the DTypePolicyMap end in {path!r}, and a layer knows its own name only.",
                code=f"{self._CODE}-ambiguous",
                place=path,
                expected="one policy for a name",
                received=", ".join(ending),
                fix="give the layers different names",
            )
        return next(iter(ending.values()), self.default_policy)

    def __getitem__(self, key: str) -> DTypePolicy:
        found = self._fitting(key)
        return self.default_policy if found is None else found

    def _admitted(self, key: str, value: Any) -> DTypePolicy:
        return policy_of(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicyMap) and other.get_config() == self.get_config()

    def __hash__(self) -> int:
        return hash((self.name, tuple(self._entries)))

    def __repr__(self) -> str:
        entries = ", ".join(f"{key}: {policy.name}" for key, policy in self._entries.items())
        return f"<DTypePolicyMap default={self.default_policy.name} {{{entries}}}>"

    def get_config(self) -> dict[str, Any]:
        """Return the default as it was given and the entries, as plain data."""
        given = self._given if self._given is None or isinstance(self._given, str) else plain(self.default_policy)
        return {"default_policy": given, "policy_map": {key: plain(policy) for key, policy in self._entries.items()}}


def _checked(name: Any) -> str:
    if not isinstance(name, str):
        raise WrongType(
            "The name of a dtype policy is a text.",
            code="policy-name",
            place="DTypePolicy(name=...)",
            expected="mixed_float16, mixed_bfloat16, or a dtype such as float32",
            received=repr(name),
        )
    if name.startswith(_QUANTIZED):
        raise Unsupported(
            "There are no quantized policies: weights are stored and computed with in float types.",
            code="policy-quantized",
            place="DTypePolicy(name=...)",
            expected="mixed_float16, mixed_bfloat16, or a dtype such as float32",
            received=repr(name),
            fix="load the model as it was before quantize()",
        )
    return name


def _wrong_entry(message: str, place: str, received: Any) -> InvalidArgument:
    return InvalidArgument(
        message, code="policy-map", place=place, expected="one policy for a path", received=repr(received)
    )


def dtype_policy() -> DTypePolicy:
    """Return the global policy."""
    return DTypePolicy(configuration.dtype_policy)


def set_dtype_policy(policy: str | DTypePolicy) -> None:
    """Set the global policy that layers without a `dtype=` take.

    Raises:
        InvalidArgument: there is no such policy, or it is a map.
    """
    found = policy_of(policy)
    if isinstance(found, DTypePolicyMap):
        raise _wrong_entry("The global policy is a single one.", "set_dtype_policy", policy)
    configuration.dtype_policy = found.name


def policy_of(dtype: Any) -> DTypePolicy:
    """Return the policy for a layer's `dtype=` argument: None, a name, a dtype, a policy, or its configuration."""
    if dtype is None:
        return dtype_policy()
    if isinstance(dtype, DTypePolicy):
        return dtype
    if isinstance(dtype, dict):
        kind = DTypePolicyMap if dtype.get("class_name") == "DTypePolicyMap" else DTypePolicy
        return kind(**{name: dtype["config"][name] for name in dtype["config"] if name != "source_name"})
    return DTypePolicy(dtype if isinstance(dtype, str) else dtype_name(dtype))
