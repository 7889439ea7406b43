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
        fields = tuple(cls.__annotations__)
        defaults = {name: cls.__dict__[name] for name in fields if name in cls.__dict__}

        def __init__(self, **values):
            for name in fields:
                if name in values:
                    self.__dict__[name] = values.pop(name)
                elif name in defaults:
                    self.__dict__[name] = defaults[name]
                else:
                    raise TypeError(f"{cls.__name__}: missing field {name}")
            if values:
                raise TypeError(f"{cls.__name__}: unknown field {next(iter(values))}")

        def frozen(self, name, value):
            raise AttributeError(f"{cls.__name__}.{name} can't be set: records are frozen")

        def __repr__(self):
            return f"{cls.__name__}({', '.join(f'{n}={self.__dict__[n]!r}' for n in fields)})"

        def __eq__(self, other):
            return type(other) is cls and self.__dict__ == other.__dict__

        cls.__init__ = __init__
        cls.__setattr__ = frozen
        cls.__repr__ = __repr__
        cls.__eq__ = __eq__
        cls.__hash__ = None
        return cls

    def replaced(thing, **changes):
        """A copy of a record with some fields changed."""
        return type(thing)(**{**thing.__dict__, **changes})
