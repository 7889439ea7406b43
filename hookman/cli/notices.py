"""What `hookman doctor` and `list` say of [[notify]]. Of a URL they show its server, and no secret."""

from __future__ import annotations

from hookman.base.findings import BAD, NOTE, Finding, ok
from hookman.base.records import replaced
from hookman.export.notices import Notice, WrongNoticeError, notices

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from hookman.base.errors import Problem
    from hookman.hooks.scope import Scope
    from hookman.settings.hookman_toml import Settings

NAME = "notify"  # as what to test


def findings(now: Scope) -> Iterator[Finding]:
    """Who is told of the runs of a project, and what is wrong with each [[notify]]."""
    settings = used(now)
    for one in notices(settings, now.environ):
        if isinstance(one, Notice):
            what = f"on {', '.join(one.on)}" + (f" of {', '.join(one.commands)}" if one.commands else "")
            yield ok(NAME, f"{named(one)} is told {what}")
        else:
            yield Finding(state=NOTE if one.is_off else BAD, part=NAME, problem=one.problem)


def wrong(now: Scope) -> list[Problem]:
    """What is wrong with each [[notify]] of a project; not what it needs that is not set here."""
    found = notices(now.settings, now.environ)
    return [one.problem for one in found if isinstance(one, WrongNoticeError) and not one.is_off]


def named(one: Notice) -> str:
    """A server or a program, for people."""
    return f"{one.format} {one.target}" if one.to else f"the program {one.target}"


def used(now: Scope) -> Settings:
    """The settings that count: of a project that is not enabled the user's own."""
    settings = now.settings
    own = tuple(one for one in settings.notify if now.enabled or one["users_own"])
    return replaced(settings, notify=own)
