"""The types in which a layer stores and computes."""

from __future__ import annotations

from ranvier.state.dtype_policy import DTypePolicy

__all__ = ["Typed"]


class Typed:
    """The part of a layer that reads its dtype policy."""

    name: str
    dtype_policy: DTypePolicy

    @property
    def dtype(self) -> str:
        """The type in which weights are stored."""
        return self.dtype_policy.at(self.name).variable_dtype

    @property
    def variable_dtype(self) -> str:
        """The type in which weights are stored."""
        return self.dtype_policy.at(self.name).variable_dtype

    @property
    def compute_dtype(self) -> str:
        """The type in which the layer computes."""
        return self.dtype_policy.at(self.name).compute_dtype

    @property
    def input_dtype(self) -> str:
        """The type to which float inputs are cast."""
        return self.dtype_policy.at(self.name).compute_dtype
