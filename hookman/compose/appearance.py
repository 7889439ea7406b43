"""How a command line wants its output: `--ansi` and `--progress`, as Compose reads them (cmd/compose/compose.go).

A flag overrides the variable. COMPOSE_ANSI counts in a `.env` too, COMPOSE_PROGRESS only in the environment.
COMPOSE_STATUS_STDOUT is about what Compose itself says: our lines are on stderr, for stdout belongs to Compose.
"""

from __future__ import annotations

from hookman.base.records import record
from hookman.compose.cobra import TRUE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.commandline import Invocation

AUTO = "auto"
NEVER = "never"
ALWAYS = "always"
MOVING = ("", AUTO, "tty")  # values of --progress with lines that move
QUIET = ("quiet", "none")
JSON = "json"


@record
class Appearance:
    """What a command line says of its output."""

    ansi: str = AUTO
    progress: str = AUTO

    @property
    def is_quiet(self) -> bool:
        """Only errors and warnings?"""
        return self.progress in QUIET

    @property
    def is_json(self) -> bool:
        """JSON lines?"""
        return self.progress == JSON

    @property
    def is_plain(self) -> bool:
        """No colours, and no line that moves?"""
        return self.ansi == NEVER or self.progress not in (*MOVING, *QUIET)


def appearance(invocation: Invocation, environ: Mapping[str, str], dotenv: Mapping[str, str]) -> Appearance:
    """What the line says; `environ` is Compose's environment, `dotenv` is what the .env files say."""
    flags = invocation.global_flags
    ansi = flags.get("ansi") or [environ.get("COMPOSE_ANSI", dotenv.get("COMPOSE_ANSI", AUTO))]
    if flags.get("no-ansi", ["false"])[-1] in TRUE:
        ansi = [NEVER]
    # `build` takes --progress too.
    progress = invocation.flags.get("progress") or flags.get("progress") or [environ.get("COMPOSE_PROGRESS", AUTO)]
    return Appearance(ansi=ansi[-1], progress=progress[-1])
