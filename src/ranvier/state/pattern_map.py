"""A dict from paths, or patterns of paths, to what is meant there."""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from typing import Any, ClassVar, TypeVar

from ranvier._errors import InvalidArgument

__all__ = ["PatternMap"]

T = TypeVar("T")


class PatternMap(MutableMapping[str, T]):
    """What maps from paths share: a key is a path or a regular expression for whole paths, and is set once.

    A subclass makes `_entries` and says in `__getitem__` what else there is; `_admitted` checks a value.
    """

    _CODE: ClassVar[str]
    _entries: dict[str, T]

    def _admitted(self, key: str, value: Any) -> T:
        raise NotImplementedError

    def _fitting(self, key: str) -> T | None:
        """Return the value of the key that is a path, else of the one pattern that fits it, None where there is none.

        Raises:
            InvalidArgument: more than one pattern fits.
        """
        if key in self._entries:
            return self._entries[key]
        fitting = [pattern for pattern in self._entries if re.fullmatch(pattern, key)]
        if len(fitting) > 1:
            raise InvalidArgument(
                f"More than one pattern of the {type(self).__name__} fits {key!r}.",
                code=f"{self._CODE}-ambiguous",
                place=key,
                expected="one pattern",
                received=", ".join(fitting),
                fix="make the patterns exclude each other, or name the path itself",
            )
        return self._entries[fitting[0]] if fitting else None

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self._entries:
            raise InvalidArgument(
                f"The {type(self).__name__} has an entry for {key!r} already.",
                code=f"{self._CODE}-twice",
                place=key,
                received=repr(value),
                fix="delete the entry first",
            )
        self._entries[key] = self._admitted(key, value)

    def __delitem__(self, key: str) -> None:
        del self._entries[key]

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)
