"""hookman test notify: a message to each [[notify]], and what came back."""

from __future__ import annotations

import os

import click

from hookman.base.errors import EXIT_FAILED, Problem, UsageError
from hookman.base.messages import redactor, say, shown
from hookman.cli import notices, problems
from hookman.cli.colour import marked
from hookman.compose.engine_id import EngineNote
from hookman.export import message
from hookman.export.destination import NotSentError
from hookman.export.notices import WrongNoticeError, hide
from hookman.export.notices import notices as every
from hookman.export.notify import Notify
from hookman.hooks import catalogue, skips
from hookman.hooks.enabling import enable_command
from hookman.log.origin import origin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.export.message import Message
    from hookman.export.notices import Notice
    from hookman.hooks.scope import Scope


def test(now: Scope) -> int:
    """Send a test message to each, and say what came back. The exit code: 1 if one can't be used or takes none.

    Raises UsageError where there is no table.
    """
    _name_hook(now)
    settings = notices.used(now)
    if left_out := len(now.settings.notify) - len(settings.notify):
        number = f"{left_out} of these tables" if left_out > 1 else "1 of these tables"
        fix = enable_command(now.project, now.environ, now.data)
        say(Problem(what=f"{number} in a project that is not enabled: nobody is told", fix=fix).line)
    if not settings.notify:
        raise UsageError("there is no [[notify]] here", "hookman help notify says how to write one")
    hide(settings, now.environ)
    results = [_tried(one, now) for one in every(settings, now.environ)]
    failed = results.count(False)
    click.echo(f"{len(results) - failed} of {len(results)} told" + (f", {failed} failed" if failed else ""))
    return EXIT_FAILED if failed else 0


def _name_hook(now: Scope) -> None:
    """Say how a hook of the same name is tested."""
    hook = next((hook.label for hook in catalogue.hooks(now, skips.Skips()) if hook.name == notices.NAME), "")
    if hook:
        say(f"this tests [[notify]]; the hook of that name: hookman test {hook.removeprefix('project.')}")


def _tried(one: Notice | WrongNoticeError, now: Scope) -> bool:
    """Tell it, and say what came back."""
    if isinstance(one, WrongNoticeError):
        problems.show("✘", one.problem)
        return False
    try:
        said = Notify(one, now.environ).tell(_message(one, now))
    except NotSentError as error:
        what = redactor.shown(f"{notices.named(one)}: {error.what}")
        problems.show("✘", Problem(what=what, where=error.where or one.place, fix=error.fix))
        return False
    click.echo(f"{marked('✔')} {shown(notices.named(one))}" + (f": {shown(said)}" if said else ""))
    return True


def _message(one: Notice, now: Scope) -> Message:
    who = origin(EngineNote(now.data, {}, now.environ), now.environ)
    project = {"name": now.project.name, "project": now.project.real}
    return message.of_test(os.path.basename(one.place), project, who)
