"""The option --context of commands that ask an engine, as docker has it."""

from __future__ import annotations

import click

from hookman.base.errors import UsageError
from hookman.base.suggestion import did_you_mean
from hookman.cli import complete
from hookman.compose.contexts import in_context, names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

option = click.option(
    *("-c", "--context"),
    metavar="NAME",
    shell_complete=complete.docker_contexts,
    help="The docker context of the engine. Without it: the engine that `docker compose` uses here.",
)


def meant(environ: Mapping[str, str], context: str | None) -> dict[str, str]:
    """`environ` with which docker uses that context. Raises UsageError if there is none of that name."""
    if context is None:
        return dict(environ)
    known = names(environ)
    if context not in known:
        fix = did_you_mean(context, known, "docker context ls shows those that there are")
        raise UsageError(f"there is no docker context {context!r}", fix)
    return in_context(context, environ)
