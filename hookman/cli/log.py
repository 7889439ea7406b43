"""hookman log: past runs, and what each of their hooks printed."""

from __future__ import annotations

import json
import os
import time

import click

from hookman.base import paths
from hookman.base.durations import seconds
from hookman.base.errors import HookmanError, UsageError
from hookman.base.messages import say
from hookman.cli import colour, complete, log_rows, log_run, pager
from hookman.cli.context import resolve
from hookman.cli.log_choice import Choice
from hookman.hooks.catalogue import events_in_use
from hookman.log.news import News
from hookman.log.reader import RUNNING, Spoilt, all_runs, runs_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, NoReturn

LAST = "last"
LOOK_AGAIN = 0.3  # seconds between two looks at the log (--follow --json)
OVERLAP = 50  # runs that may have begun before one that ended before them
OTHERS = "those of all projects: hookman log --all"


@click.command(short_help="Show past runs, and what each hook printed.")
@click.argument("run", required=False, shell_complete=complete.runs)
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs to show.")
@click.option("--failed", is_flag=True, help="Show only runs in which something failed.")
@click.option("-a", "--all", "everywhere", is_flag=True, help="Show the runs of all projects.")
@click.option(
    "--project",
    "only",
    metavar="NAME",
    shell_complete=complete.projects,
    help="Show only this project, by its name or directory.",
)
@click.option("--user", metavar="NAME", shell_complete=complete.users, help="Show only the runs of this user.")
@click.option("--host", metavar="NAME", shell_complete=complete.hosts, help="Show only the runs on this machine.")
@click.option(
    "--context", metavar="NAME", shell_complete=complete.contexts, help="Show only the runs with this docker context."
)
@click.option("--since", metavar="WHEN", help="Show only runs since then: 1h30m, 7d, 2026-11-21, '2026-11-21 14:00'.")
@click.option(
    "--tail", type=click.IntRange(min=0), metavar="N", help="With RUN: show the last N lines that each hook printed."
)
@click.option("-f", "--follow", is_flag=True, help="Keep running, and show runs and hooks as they start and end.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one run a line (see: hookman help json).")
@click.option("--report", metavar="FILE.html", help="Write RUN (default: the last run) as a page for a browser.")
@colour.option
@click.pass_obj
def command(
    environ: dict[str, str],
    run: str | None,
    count: int,
    only: str | None,
    user: str | None,
    host: str | None,
    context: str | None,
    since: str | None,
    tail: int | None,
    report: str | None,
    *,
    failed: bool,
    everywhere: bool,
    follow: bool,
    as_json: bool,
) -> None:
    """Show past runs, newest first: of this project if you are in one, else of all projects.

    With RUN show that run in full, with what each hook printed. RUN is `last`, or an id,
    or the beginning or end of one.

    --user, --host and --context take what `hookman log RUN` shows of a run.

    \b
    hookman log                         the last 20 runs of this project
    hookman log --all --failed          what went wrong in any project
    hookman log last                    the last run, with what each hook printed
    hookman log 4f2a1c --tail 20        that run; 20 lines of each hook
    hookman log --report page.html      the last run as a page for a browser
    """
    if everywhere and only is not None:
        raise UsageError("--all and --project exclude each other", "leave one of them out")
    if tail is not None and run is None:
        raise UsageError("--tail needs a RUN whose hooks it shows", f"hookman log {LAST} --tail {tail}")
    data = paths.data_dir(environ)
    here = "" if everywhere or only is not None else project_here(environ, data)
    choice = Choice(
        project=only,
        directory=here,
        failed=failed,
        after=_seconds_since_epoch(since) if since else 0.0,
        origin={
            key: value for key, value in (("user", user), ("host", host), ("context", context)) if value is not None
        },
    )
    if run is None and report is None:
        _show_runs(data, choice, count, environ, follow=follow, as_json=as_json)
        return
    chosen = _last(data, choice) if run in (None, LAST) else _chosen(data, str(run))
    if report is not None:
        from hookman.cli import log_report

        click.echo(log_report.write(data, chosen, report))
    elif as_json:
        click.echo(_json(chosen))
    else:
        pager.show(log_run.lines(data, chosen, tail), environ)


def project_here(environ: Mapping[str, str], data: str) -> str:
    """The real directory of the project that the user is in; "" outside of one."""
    try:
        project = resolve(environ)
        has_log = os.path.isdir(paths.project_data_dir(data, project.real))
        return project.real if project.files or has_log or events_in_use(project.directory) else ""
    except (HookmanError, OSError):
        return ""


def _show_runs(
    data: str, choice: Choice, count: int, environ: Mapping[str, str], *, follow: bool, as_json: bool
) -> None:
    """Show the last `count` runs of the choice, a line each; `follow`: and what happens from now on."""
    spoilt, began = Spoilt(), time.time()
    runs = all_runs(data, project=choice.directory, failed=choice.failed, tell=spoilt.note)
    found = _some(runs, choice, count)
    if as_json:
        _print_json(found[::-1] if follow else found)
    elif found:
        lines = log_rows.lines(found[::-1] if follow else found, with_project=choice.is_of_several)
        pager.show(lines, {} if follow else environ)
    spoilt.say()
    if not found:
        _check_origin(data, choice, follow=follow)
    if follow:
        known = {str(run["run"]) for run in found if run.get("result") != RUNNING}
        _follow(News(data, began, choice.directory, known), choice, as_json=as_json)
    elif not found and not as_json:
        _say_that_there_are_none(choice)


def _follow(news: News, choice: Choice, *, as_json: bool) -> NoReturn:
    if as_json:
        _follow_json(news, choice)
    from hookman.cli.log_follow import follow

    follow(news, choice.takes, with_project=choice.is_of_several)


def _check_origin(data: str, choice: Choice, *, follow: bool = False) -> None:
    """Where no run was found: is there one with that user, host and context?

    Raises UsageError if not; `follow` only says it, for there may be one soon.
    """
    problem = choice.unknown_origin(all_runs(data, project=choice.directory)) if choice.origin else None
    if problem and not follow:
        raise UsageError(problem.what, problem.fix)
    if problem:
        say(problem.line)


def _say_that_there_are_none(choice: Choice) -> None:
    click.echo("no runs yet" if choice.is_every_run else "no such runs")
    if choice.directory:
        say(f"these are the runs of this project; {OTHERS}")


def _last(data: str, choice: Choice) -> dict[str, Any]:
    """The last chosen run, however long ago. Raises UsageError if there is none."""
    last = next(filter(choice.takes, all_runs(data, project=choice.directory)), None)
    if last is None:
        _check_origin(data, choice)
        raise UsageError("there are no such runs", OTHERS if choice.directory else "docker compose up -d")
    return last


def _some(runs: Iterable[dict[str, Any]], choice: Choice, count: int) -> list[dict[str, Any]]:
    """The last `count` runs of the choice, by when they began.

    `runs` come in the order of their ends, which is nearly the same: a few more are looked at.
    """
    found: list[dict[str, Any]] = []
    for run in runs:
        if run.get("ended", choice.after) < choice.after:
            break
        if choice.takes(run):
            found.append(run)
        if len(found) == count + OVERLAP:
            break
    return sorted(found, key=lambda run: float(run.get("started", 0)), reverse=True)[:count]


def _follow_json(news: News, choice: Choice) -> NoReturn:
    """Print each run when it has ended, until Ctrl-C."""
    while True:
        _print_json(list(filter(choice.takes, news.look()[1])))
        time.sleep(LOOK_AGAIN)


def _seconds_since_epoch(text: str) -> float:
    ago = None if text.isdecimal() else seconds(text)  # 2026 is a year, and no time
    if ago is not None:
        return time.time() - ago
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"):
        try:
            return time.mktime(time.strptime(text, form))
        except ValueError:
            continue
    raise UsageError(f"--since {text}: not a time", "write it like this: 1h30m, 7d, 2026-11-21, '2026-11-21 14:00'")


def _chosen(data: str, wanted: str) -> dict[str, Any]:
    """The run whose id is, begins or ends so. Raises UsageError unless it is one."""
    found = runs_named(data, wanted) if wanted else []
    if not found:
        raise UsageError(f"there is no run {wanted!r} in the log", "hookman log shows the ids")
    if len(found) > 1:
        ids = ", ".join(str(run["run"]) for run in found[:5])
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise UsageError(f"{wanted!r} is the beginning or end of several runs: {ids}{more}", "give more of the id")
    return found[0]


def _json(run: dict[str, Any]) -> str:
    return json.dumps({"version": run.get("v", 1), **run})


def _print_json(runs: list[dict[str, Any]]) -> None:
    for run in runs:
        click.echo(_json(run))
