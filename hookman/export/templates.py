"""`${NAME}` in settings: secrets are in the environment, and not in a file or in the spool."""

from __future__ import annotations

from hookman.base.messages import redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


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


def secrets_in(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    """What of a template may be secret: the values of its variables; if it has none, all of it, and its last word."""
    used = [*names_in(text)]
    yield from (environ[name] for name in used if environ.get(name))
    if not used:
        yield text
        yield text.rpartition(" ")[2]  # Bearer x


def hide(secrets: Iterable[str]) -> None:
    """Mask these from now on, whatever the names of their variables are."""
    for secret in secrets:
        redactor.learn({"TOKEN": secret})


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
