"""hookman log: past runs, and what each of their hooks printed."""

from __future__ import annotations

import json
import os
import time

import click

from hookman.base import paths
from hookman.base.durations import seconds
from hookman.base.errors import UsageError
from hookman.base.messages import shown
from hookman.base.records import record, replaced
from hookman.cli import colour, complete, problems
from hookman.cli.colour import marked
from hookman.cli.table import duration, moment, rows
from hookman.log.reader import (
    GOOD,
    Spoilt,
    all_runs,
    command_line,
    output_of,
    problem_of,
    reason_of,
    runs_named,
    went_wrong,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

MARKS = {"running": "…", "warned": "!"}  # by result; else ✔ or ✘
LOOK_AGAIN = 0.3  # seconds between two looks at the log (--follow)
OVERLAP = 50  # runs that may have begun before one that ended before them
MOST = 1000  # runs that may end between two looks


@click.command(short_help="Show past runs, and what each hook printed.")
@click.argument("run", required=False, shell_complete=complete.runs)
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs to show.")
@click.option("--failed", is_flag=True, help="Show only runs in which something failed.")
@click.option(
    "--project",
    "only",
    metavar="NAME",
    shell_complete=complete.projects,
    help="Show only this project, by its name or directory.",
)
@click.option("--since", metavar="WHEN", help="Show only runs since then: 1h30m, 7d, 2026-11-21, '2026-11-21 14:00'.")
@click.option("-f", "--follow", is_flag=True, help="Keep running, and show each run when it has ended.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one run a line (see: hookman help json).")
@click.option("--report", metavar="FILE.html", help="Write RUN (default: the last run) as a page for a browser.")
@colour.option
@click.pass_obj
def command(
    environ: dict[str, str],
    run: str | None,
    count: int,
    only: str | None,
    since: str | None,
    report: str | None,
    *,
    failed: bool,
    follow: bool,
    as_json: bool,
) -> None:
    """Show past runs of all projects, newest first. With RUN (an id, or its end) show that run in full.

    \b
    hookman log                         the last 20 runs
    hookman log --failed --since 1d     what went wrong since yesterday
    hookman log 4f2a1c                  one run, with what each hook printed
    hookman log --report page.html      the last run as a page for a browser
    """
    data = paths.data_dir(environ)
    choice = Choice(project=only, failed=failed, after=_seconds_since_epoch(since) if since else 0.0)
    if run is None and report is None:
        _show_runs(data, choice, count, follow=follow, as_json=as_json)
        return
    chosen = _chosen(data, run) if run is not None else _last(data, choice)
    if report is not None:
        from hookman.cli import log_report

        click.echo(log_report.write(data, chosen, report))
    elif as_json:
        click.echo(json.dumps(chosen))
    else:
        _print_run(data, chosen)


@record
class Choice:
    """Which runs are shown."""

    project: str | None  # only this one, by its name or directory
    failed: bool  # only those in which something failed
    after: float  # only those that ended after this moment, in seconds since 1970

    @property
    def is_every_run(self) -> bool:
        """Is no run left out?"""
        return self.project is None and not self.failed and not self.after

    def takes(self, run: dict[str, Any]) -> bool:
        """Is it a run of that project, and did something fail in it, if that is asked for?"""
        of_project = self.project is None or (
            run.get("name") == self.project or run.get("project") == os.path.realpath(self.project)
        )
        return of_project and (not self.failed or went_wrong(run))


def _show_runs(data: str, choice: Choice, count: int, *, follow: bool, as_json: bool) -> None:
    """Show the last `count` runs of the choice, a line each; `follow`: and those to come."""
    spoilt = Spoilt()
    found = _some(all_runs(data, failed=choice.failed, tell=spoilt.note), choice, count)
    _print_rows(found[::-1] if follow else found, as_json=as_json)
    spoilt.say()
    if follow:
        _follow(data, choice, {one.get("run") for one in found}, as_json=as_json)
    elif not found and not as_json:
        click.echo("no runs yet" if choice.is_every_run else "no such runs")


def _last(data: str, choice: Choice) -> dict[str, Any]:
    """The last run of the choice, of whatever time. Raises UsageError if there is none."""
    last = next(filter(choice.takes, all_runs(data)), None)
    if last is None:
        raise UsageError("there are no runs yet", "docker compose up -d")
    return last


def _some(runs: Iterable[dict[str, Any]], choice: Choice, count: int) -> list[dict[str, Any]]:
    """The last `count` runs of the choice, by when they began.

    `runs` come in the order of their ends, which is nearly the same: a few more are looked at.
    """
    found: list[dict[str, Any]] = []
    for one in runs:
        if one.get("ended", choice.after) < choice.after:
            break
        if choice.takes(one):
            found.append(one)
        if len(found) == count + OVERLAP:
            break
    return sorted(found, key=lambda one: float(one.get("started", 0)), reverse=True)[:count]


def _follow(data: str, choice: Choice, seen: set[Any], *, as_json: bool) -> None:
    """Show each run when it has ended, until Ctrl-C."""
    choice = replaced(choice, after=time.time() - 1)
    while True:
        fresh = [one for one in _some(all_runs(data), choice, MOST) if one.get("run") not in seen]
        ended = [one for one in reversed(fresh) if one.get("result") != "running"]
        _print_rows(ended, as_json=as_json)
        seen.update(one.get("run") for one in ended)
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
    found = runs_named(data, wanted)
    found = [run for run in found if run.get("run") == wanted] or found
    if not found:
        raise UsageError(f"there is no run {wanted!r} in the log", "hookman log shows the ids")
    if len(found) > 1:
        ids = ", ".join(str(run["run"]) for run in found[:5])
        raise UsageError(f"{wanted!r} is the end of several runs: {ids}", "give more of the id")
    return found[0]


def _row(run: dict[str, Any]) -> list[str]:
    hooks = run.get("hooks", [])
    bad = [hook for hook in hooks if hook.get("result") not in GOOD]
    ran = [hook for hook in hooks if hook.get("result") != "skipped"]
    facts = [f"{len(ran)} hook{'' if len(ran) == 1 else 's'}"]
    if len(ran) < len(hooks):
        facts.append(f"{len(hooks) - len(ran)} skipped")
    if bad:
        facts.append(f"{shown(bad[-1].get('name'))}: {shown(bad[-1].get('result'))}")
    elif problem := problem_of(run):
        facts.append(shown(problem.what.partition("\n")[0]))
    elif len(ran) > 1:
        slowest = max(ran, key=lambda hook: float(hook.get("seconds", 0)))
        facts.append(f"slowest {shown(slowest.get('name'))} {duration(slowest.get('seconds'))}")
    mark = MARKS.get(str(run.get("result"))) or ("✘" if went_wrong(run) else "✔")
    return [
        moment(run.get("started")),
        str(run.get("run")).rpartition("-")[2],
        marked(f"{mark} {shown(run.get('result', '?'))}"),
        shown(run.get("name")),
        shown(run.get("command")),
        _took(run),
        ", ".join(facts),
    ]


def _print_rows(runs: list[dict[str, Any]], *, as_json: bool) -> None:
    for line in map(json.dumps, runs) if as_json else rows([_row(one) for one in runs]):
        click.echo(line)


def _took(run: dict[str, Any]) -> str:
    if "ended" not in run or "started" not in run:
        return "-"
    return duration(max(0.0, run["ended"] - run["started"]))  # the clock may have been set back


def _print_run(data: str, run: dict[str, Any]) -> None:
    click.echo(f"run       {run['run']}, {moment(run.get('started'))}, {_took(run)}")
    click.echo(f"project   {shown(run.get('project'))} ({shown(run.get('name'))})")
    click.echo(f"command   {shown(' '.join(command_line(run)))}")
    click.echo(f"result    {shown(run.get('result'))}, exit code {run.get('exit_code')}")
    for step in ("lock", "compose"):
        if step in run:
            facts = run[step]
            code = f", exit code {facts['exit_code']}" if "exit_code" in facts else ""
            click.echo(f"{step:<9} {duration(facts.get('seconds', 0))}{code}")
    if problem := problem_of(run):
        click.echo("problem   " + f"\n{'':10}".join(problems.lines(problem)))
    for hook in run.get("hooks", []):
        _print_hook(data, run, hook)


def _print_hook(data: str, run: dict[str, Any], hook: dict[str, Any]) -> None:
    seconds = f", {duration(hook['seconds'])}" if "seconds" in hook else ""
    facts = f"{reason_of(hook)}{seconds}"
    click.echo(f"\n{shown(hook.get('event'))}/{shown(hook.get('name'))}: {shown(hook.get('result'))} ({shown(facts)})")
    problem = problem_of(hook)
    # Without a fix it is the end of what the hook printed, which follows.
    if problem and (problem.fix or hook.get("result") == "timeout"):
        for line in problems.lines(problem, placed=False):
            click.echo(f"    {line}")
    for printed in output_of(data, run, hook):
        text = printed.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        click.echo(f"    {shown(text)}")
