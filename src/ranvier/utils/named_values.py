"""Config: named values that are read and set as attributes or as items, and can be frozen."""

from __future__ import annotations

import difflib
import json
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any, ClassVar, final

from ranvier._errors import InvalidArgument

__all__ = ["Config"]


@final
class Config:
    """Named values, such as the settings of an experiment.

    Args:
        **kwargs: the first values.

    Attributes:
        frozen: whether changes are refused.

    Example:
        >>> config = Config(learning_rate=0.1)
        >>> config.seed = 3
        >>> config["seed"], config.learning_rate, list(config)
        (3, 0.1, ['learning_rate', 'seed'])
    """

    keras_module: ClassVar[str | None] = "keras.utils"
    _config: dict[str, Any]
    _frozen: bool

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_config", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    @property
    def frozen(self) -> bool:
        """Whether changes are refused."""
        return self._frozen

    def freeze(self) -> None:
        """Refuse changes from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Allow changes again."""
        object.__setattr__(self, "_frozen", False)

    def _changed(self) -> dict[str, Any]:
        """Return the values in order to change them.

        Raises:
            InvalidArgument: they are frozen.
        """
        if self._frozen:
            raise InvalidArgument(
                "The Config is frozen.", code="config-frozen", place="Config", fix="call unfreeze() before changing it"
            )
        return self._config

    def as_dict(self) -> dict[str, Any]:
        """Return the values as a dict of its own."""
        return dict(self._config)

    def to_json(self) -> str:
        """Return the values as JSON."""
        return json.dumps(self._config)

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._config.keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._config.values()

    def items(self) -> ItemsView[str, Any]:
        """Return names and values."""
        return self._config.items()

    def pop(self, *args: Any) -> Any:
        """Remove a value by its name and return it, or the second argument where there is none."""
        return self._changed().pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set many values, as `dict.update` does."""
        self._changed().update(*args, **kwargs)

    def get(self, keyname: str, value: Any = None) -> Any:
        """Return a value by its name, or `value` where there is none."""
        return self._config.get(keyname, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(type(self), name):
            object.__setattr__(self, name, value)
        else:
            self._changed()[name] = value

    def __getattr__(self, name: str) -> Any:
        # Asked for only where the usual search found nothing; a copy being made has no values yet.
        values = self.__dict__.get("_config", {})
        if name in values:
            return values[name]
        near = difflib.get_close_matches(name, values, n=1, cutoff=0.7)
        raise AttributeError(f"The Config has no {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""))

    def __setitem__(self, key: str, item: Any) -> None:
        self._changed()[key] = item

    def __getitem__(self, key: str) -> Any:
        return self._config[key]

    def __delitem__(self, key: str) -> None:
        del self._changed()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._config

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._config))

    def __len__(self) -> int:
        return len(self._config)

    def __repr__(self) -> str:
        return f"<Config {self._config}>"
