"""The variables that tell a hook about the terminal that shows its output. Its own stdout is a pipe."""

from __future__ import annotations

import os

from hookman.base.messages import STDERR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.appearance import Appearance

# What makes programs print colours into a pipe: force-color.org, bixense.com/clicolors.
FORCING = ("FORCE_COLOR", "CLICOLOR_FORCE")
# If one of these is set, somebody has decided about colours.
DECIDED = (*FORCING, "CLICOLOR", "NO_COLOR")


def of_pipes(environ: Mapping[str, str], looks: Appearance) -> dict[str, str]:
    """The variables for a hook that sees `environ` and whose output is shown on our stderr, a terminal.

    Variables that are set stay as they are. There are none if it gets JSON.
    """
    if looks.is_json:
        return {}
    found = {}
    if "COLUMNS" not in environ and (columns := _columns()):
        found["COLUMNS"] = str(columns)
    is_coloured = environ.get("TERM", "dumb") != "dumb" and not looks.is_plain
    if is_coloured and not any(environ.get(name) for name in DECIDED):
        found |= dict.fromkeys((name for name in FORCING if name not in environ), "1")
    return found


def of_pty(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables for a hook whose output is a terminal, which has a size of its own."""
    return {} if environ.get("TERM") else {"TERM": "dumb"}


def _columns() -> int:
    try:
        return os.get_terminal_size(STDERR).columns
    except OSError:
        return 0
