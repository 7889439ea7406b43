"""What `hookman test otlp` and `hookman doctor` say of [export]."""

from __future__ import annotations

import time

import click

from hookman.base.errors import EXIT_FAILED, HookmanError, Problem, UsageError
from hookman.base.findings import BAD, Finding, note, ok
from hookman.base.messages import redactor, shown
from hookman.cli import notices, problems
from hookman.cli.colour import marked
from hookman.export import otlp_logs, otlp_traces
from hookman.export.destination import NotSentError, destinations
from hookman.export.endpoint import hide, wrong
from hookman.export.in_force import settings_for
from hookman.export.otlp import Otlp
from hookman.export.sender import send_all
from hookman.export.sent import account_of
from hookman.export.spool import Spool
from hookman.hooks.enabling import enable_command
from hookman.log.writer import new_run_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.export.sent import Trouble
    from hookman.hooks.scope import Scope

NAME = "otlp"  # as what to test


def test(now: Scope) -> int:
    """Send a trace and a log, say what came back, and then send what waits. The exit code: 1 if one is not taken.

    Raises HookmanError where nothing is exported.
    """
    export = settings_for(now.project.real, now.data, now.environ).export
    if not export.get("otlp"):
        if now.settings.export.get("otlp"):
            what = "the [export] of a project that is not enabled does not count, and there is no other one"
            raise HookmanError(what, enable_command(now.project, now.environ, now.data))
        raise UsageError("nothing is exported here", "hookman config set export.otlp http://localhost:4318")
    hide(export, now.environ)
    if problem := wrong(export, now.environ):
        problems.show("✘", problem)
        return EXIT_FAILED
    run = _made_up(now)
    results = [_tried(one, run) for one in Otlp.both(export, now.environ)]
    spool = Spool(now.data)
    if all(results) and (before := len(spool.waiting())):
        send_all(now.data, now.environ)
        click.echo(f"{before - len(spool.waiting())} of {before} runs that waited were sent")
    return 0 if all(results) else EXIT_FAILED


def _tried(one: Otlp, run: dict[str, Any]) -> bool:
    """Send one signal, and say what came back."""
    document = otlp_traces.document(run) if one.signal == "traces" else otlp_logs.of_text(run, "hookman test otlp")
    try:
        said = one.post(document)
    except NotSentError as error:
        what = redactor.shown(f"{one.signal} to {one.server}: {error.what}")
        problems.show("✘", Problem(what=what, where=error.where, fix=error.fix))
        return False
    click.echo(f"{marked('✔')} {one.signal} to {shown(one.server)}" + (f": {shown(said)}" if said else ""))
    return True


def _made_up(now: Scope) -> dict[str, Any]:
    """The record of a run that did nothing."""
    at = time.time()
    return {
        "run": new_run_id(),
        "started": at,
        "ended": at,
        "project": now.project.real,
        "name": now.project.name,
        "command": "test",
        "argv": ["hookman", "test", "otlp"],
        "result": "ok",
        "exit_code": 0,
    }


def findings(project: str, data: str, environ: Mapping[str, str]) -> list[Finding]:
    """Where runs are sent, what waits, and why; nothing where nothing is sent and nothing waits.

    What a server said that the settings do not name (any more, or here) is left out.
    """
    try:
        settings = settings_for(project, data, environ)
    except HookmanError:
        return []  # broken settings are a finding of their own
    export = settings.export
    used = {one.server for one in destinations(settings, environ)}
    account, waiting = account_of(Spool(data)), len(Spool(data).waiting())
    found: list[Finding] = []
    problem: Problem | None = None
    if export.get("otlp"):
        hide(export, environ)
        problem = wrong(export, environ)
        where = redactor.shown(str(export["otlp"]))
        found.append(Finding(state=BAD, part="export", problem=problem) if problem else ok("export", where))
    known = {redactor.shown(problem.what)} if problem else set()  # what was said
    found += [_note(one, waiting) for one in account.troubles if one.what not in known and _is_used(one, used)]
    if account.drops:
        what = f"{account.drops} runs were dropped unsent: too many waited, or for more than seven days"
        found.append(note("export", what))
    return found


def _is_used(trouble: Trouble, servers: set[str]) -> bool:
    """Is it of one of these servers, or of settings that could not be read?"""
    return trouble.server in servers or trouble.server.partition(" ")[0] not in (NAME, notices.NAME)


def _note(trouble: Trouble, waiting: int) -> Finding:
    """Why a server did not take what was sent last, and how many runs wait."""
    kind, _, server = trouble.server.partition(" ")
    part, tried, named = (kind, kind, server) if kind == notices.NAME else ("export", NAME, trouble.server)
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(trouble.at))
    wait = f"; {waiting} run{'s wait' if waiting != 1 else ' waits'}" if waiting else ""
    return note(part, f"{named}: {trouble.what} ({since}){wait}", trouble.fix or f"hookman test {tried}")
