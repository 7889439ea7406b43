"""`${NAME}` in settings: secrets are in the environment, and not in a file or in the spool."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class NotSetError(Exception):
    """A variable that a template names is not set."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the variable {name} is not set")


def names_in(text: str) -> Iterator[str]:
    """The names of the variables in a template."""
    for part in text.split("${")[1:]:
        name, closed, _ = part.partition("}")
        if closed and name.isascii() and name.isidentifier():
            yield name


def filled(text: str, environ: Mapping[str, str]) -> str:
    """`text` with the value of each `${NAME}`. Raises NotSetError."""
    for name in {*names_in(text)}:
        if not environ.get(name):
            raise NotSetError(name)
    head, *rest = text.split("${")
    out = [head]
    for part in rest:
        name, closed, after = part.partition("}")
        known = closed and name.isascii() and name.isidentifier()
        out.append(environ[name] + after if known else "${" + part)
    return "".join(out)
