"""Small frozen data types whose definition costs nothing to import.

`dataclasses` and `typing.NamedTuple` cost 6 to 10 ms of start-up, as much as a run
of ten hooks, and the shim is in front of every command. To type checkers `@record`
is a frozen dataclass with keyword arguments; at run time it is these few lines.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(kw_only_default=True, frozen_default=True)
    def record(cls: type[T]) -> type[T]:
        """Make `cls` a frozen record with its annotated names as fields."""
        return cls

    def replaced(thing: T, **changes: Any) -> T:
        """A copy of a record with some fields changed."""
        return thing

else:

    def record(cls):
        """Make `cls` a frozen record with its annotated names as fields."""
        cls._fields = fields = tuple(cls.__annotations__)
        cls._names = frozenset(fields)
        cls._defaults = {name: cls.__dict__[name] for name in fields if name in cls.__dict__}
        for name, method in _METHODS.items():
            setattr(cls, name, method)
        return cls

    def _init(self, **values):
        own = self.__dict__
        own.update(self._defaults)
        own.update(values)
        if len(own) != len(self._names) or not self._names.issuperset(values):
            kind = type(self).__name__
            for name in self._fields:
                if name not in own:
                    raise TypeError(f"{kind}: missing field {name}")
            raise TypeError(f"{kind}: unknown field {next(name for name in values if name not in self._names)}")

    def _frozen(self, name, value):
        raise AttributeError(f"{type(self).__name__}.{name} can't be set: records are frozen")

    def _repr(self):
        return f"{type(self).__name__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in self._fields)})"

    def _eq(self, other):
        return type(other) is type(self) and self.__dict__ == other.__dict__

    _METHODS = {"__init__": _init, "__setattr__": _frozen, "__repr__": _repr, "__eq__": _eq, "__hash__": None}

    def replaced(thing, **changes):
        """A copy of a record with some fields changed."""
        return type(thing)(**{**thing.__dict__, **changes})
