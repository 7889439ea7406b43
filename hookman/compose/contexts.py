"""The docker contexts that there are: their names, which of them a user means, and the environment that means one.

Which one a command uses by itself: context.py.
"""

from __future__ import annotations

import os

from hookman.base.errors import UsageError
from hookman.base.files import read_regular
from hookman.compose.context import DEFAULT, parsed
from hookman.compose.locate import docker_config_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WILD = "*?["
# Docker's own variables.
HOST, CONTEXT = "DOCKER_HOST", "DOCKER_CONTEXT"


def names(environ: Mapping[str, str]) -> list[str]:
    """The names of all contexts, the default first."""
    return names_in(docker_config_dir(environ))


def names_in(config: str) -> list[str]:
    """The names of the contexts in docker's configuration directory `config`, the default first."""
    metas = os.path.join(config, "contexts", "meta")
    try:
        paths = [os.path.join(metas, name, "meta.json") for name in os.listdir(metas)]
        found = [parsed(read_regular(path)).get("Name") for path in paths if os.path.isfile(path)]
    except OSError:
        found = []
    return [DEFAULT, *sorted({name for name in found if isinstance(name, str) and name} - {DEFAULT})]


def matching(texts: Iterable[str], known: list[str]) -> list[str]:
    """Those of the contexts `known` that `texts` mean, in the order in which they are named, and each once.

    A text is a name or a glob, or several with commas. Raises UsageError for one that means nothing.
    """
    texts = list(texts)
    chosen: dict[str, None] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        if part:
            chosen |= dict.fromkeys(_matching_one(part, known))
    if not chosen:
        raise UsageError(f"{', '.join(texts)!r} names no context", _there_are(known))
    return list(chosen)


def in_context(context: str, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` with which docker and Compose use that context. DOCKER_HOST would override any but the default."""
    left_out = () if context == DEFAULT else (HOST,)
    return {**{name: value for name, value in environ.items() if name not in left_out}, CONTEXT: context}


def _matching_one(part: str, known: list[str]) -> list[str]:
    """The context of that name, or else those that match it as a glob. Raises UsageError if there are none."""
    from fnmatch import fnmatchcase

    from hookman.base.suggestion import did_you_mean

    if part in known:
        return [part]
    if any(char in part for char in WILD):
        if found := [name for name in known if fnmatchcase(name, part)]:
            return found
        raise UsageError(f"no docker context matches {part!r}", _there_are(known))
    raise UsageError(f"there is no docker context {part!r}", did_you_mean(part, known, _there_are(known)))


def _there_are(known: list[str]) -> str:
    return f"name one of these: {', '.join(known)}"
