"""hookman doctor: does everything between `docker compose` and the hooks of this project work?"""

from __future__ import annotations

import os
import shlex

import click

from hookman.base.errors import EXIT_FAILED, HookmanError
from hookman.base.findings import BAD, NOTE, OK, Finding, note, ok
from hookman.base.messages import shown
from hookman.base.records import replaced
from hookman.cli import as_json, colour, exports, notices, problems
from hookman.cli.context import here
from hookman.consent.trust import open_to_group
from hookman.hooks import catalogue, scripts, skips
from hookman.hooks.check import check
from hookman.hooks.enabling import enable_command
from hookman.hooks.scope import Scope
from hookman.install.diagnosis import inspect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

MEANINGS = {OK: "good", NOTE: "warning", BAD: "bad"}  # as colours


@click.command(short_help="Diagnose problems and show how to fix them.")
@colour.option
@as_json.option
@click.pass_obj
def command(environ: dict[str, str], *, is_json: bool) -> int:
    """Check everything between `docker compose` and the hooks of this project.

    It checks the docker command, its config.json, the shim, the real Compose behind it,
    the data directory, and the hooks of the project that you are in. For each problem it
    shows the fix. It changes nothing. The exit code is 1 if something is wrong.
    """
    findings = [*inspect(environ), *_project(environ)]
    count = sum(finding.state == BAD for finding in findings)
    if is_json:
        as_json.show({"to_fix": count, "findings": [_document(finding) for finding in findings]})
        return EXIT_FAILED if count else 0
    width = max(len(shown(finding.part)) for finding in findings)
    for finding in findings:
        first, *more = problems.lines(finding.problem, placed=False) if finding.problem else [shown(finding.found)]
        state = colour.painted(f"{finding.state:<5}", MEANINGS[finding.state])
        click.echo(f"{state} {shown(finding.part):<{width}}  {first}")
        for line in more:
            click.echo(f"{'':<5} {'':<{width}}  {line}")
    click.echo(_summary(count, sum(finding.state == NOTE for finding in findings)))
    return EXIT_FAILED if count else 0


def _document(one: Finding) -> dict[str, Any]:
    return {"state": one.state, "part": one.part, "found": one.found, **problems.key(one.problem)}


def _summary(to_fix: int, notes: int) -> str:
    """The last line. It says "all is well" only if there is nothing else to say."""
    if to_fix:
        return f"{to_fix} thing{'s' if to_fix > 1 else ''} to fix"
    return (
        f"nothing is broken, but read the {f'{notes} notes' if notes > 1 else 'note'} above" if notes else "all is well"
    )


def _project(environ: Mapping[str, str]) -> list[Finding]:
    """The project in or above the current directory, if it has hooks."""
    try:
        now = here(environ)
        exported = exports.findings(now.project.real, now.data, environ)
        names, found_in_hooks = check(now)
    except HookmanError as error:
        return [Finding(state=BAD, part="project", problem=error.problem)]
    told = list(notices.findings(now))
    if not names and not found_in_hooks:
        return exported + told
    where = now.project.directory
    found = [ok("project", f"{where}, enabled, {len(names)} hook{'s' if len(names) != 1 else ''}")]
    if str(now.settings.trust):
        fix = f"hookman disable {shlex.quote(where)}"
        found.append(note("trust", f"you enabled {where} so that {now.settings.trust}", fix))
    if not now.enabled:
        fix = enable_command(now.project, environ, now.data)
        found = [note("project", f"the hooks of {where} are not enabled, so none of them runs", fix)]
    found += [
        note("open to group", f"other members of its group may change {path}", f"chmod g-w {shlex.quote(path)}")
        for path in _hook_paths(now)
        if open_to_group(path)
    ]
    found += exported + told
    return found + [replaced(finding, part=finding.part or "hooks") for finding in found_in_hooks]


def _hook_paths(now: Scope) -> list[str]:
    """Every file and directory that decides what runs in this project."""
    directory = now.project.directory
    found = [directory]
    for event in catalogue.events_of(now):
        hooks = catalogue.hooks(now, skips.Skips(), [event])
        found += [*scripts.directories(directory, event), *(hook.path for hook in hooks)]
    return [path for path in dict.fromkeys(found) if os.path.exists(path)]
