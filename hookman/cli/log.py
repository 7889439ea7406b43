"""hookman log: past runs, and what each hook of one printed."""

from __future__ import annotations

import json
import os
import time

import click

from hookman import paths
from hookman.errors import UsageError
from hookman.runner import history

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@click.command(short_help="Show past runs, and what each hook printed.")
@click.argument("run", required=False)
@click.option("-n", "count", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs.")
@click.option("--failed", is_flag=True, help="Only runs in which something failed.")
@click.option("--project", "only", metavar="NAME", help="Only this project, by its name or directory.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, one run a line (docs/json.md describes it).")
@click.pass_obj
def command(
    environ: dict[str, str], run: str | None, count: int, only: str | None, *, failed: bool, as_json: bool
) -> None:
    """Show past runs of all projects, newest first; with RUN (an id or its end) one in full."""
    data = paths.data_dir(environ)
    runs = sorted(all_runs(data), key=lambda one: float(one.get("started", 0)), reverse=True)
    if run is not None:
        chosen = _chosen(runs, run)
        if as_json:
            click.echo(json.dumps(chosen))
        else:
            _print_run(data, chosen)
        return
    if only is not None:
        path = os.path.realpath(only)
        runs = [one for one in runs if one.get("name") == only or one.get("project") == path]
    if failed:
        runs = [one for one in runs if went_wrong(one)]
    for one in runs[:count]:
        click.echo(json.dumps(one) if as_json else _row(one))
    if not runs and not as_json:
        click.echo("no runs yet" if not failed and only is None else "no such runs")


def all_runs(data: str) -> Iterator[dict[str, Any]]:
    """Every run in the log of every project."""
    folder = os.path.join(data, "projects")
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in names:
        for run in history.runs(os.path.join(folder, name)):
            if run.get("v", history.VERSION) > history.VERSION:
                run = {**run, "result": f"written by a newer hookman (format {run['v']})"}  # noqa: PLW2901
            yield run


def went_wrong(run: dict[str, Any]) -> bool:
    """Did anything in this run fail, a post hook that only warned included?"""
    hooks = run.get("hooks", [])
    return run.get("result") != "ok" or any(hook.get("result") not in ("ok", "skipped") for hook in hooks)


def _chosen(runs: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    exact = [run for run in runs if run.get("run") == wanted]
    found = exact or [run for run in runs if str(run.get("run", "")).endswith(wanted)]
    if not found:
        raise UsageError(f"there is no run {wanted!r} in the log", "To see the ids: hookman log")
    if len(found) > 1:
        ids = ", ".join(str(run["run"]) for run in found[:5])
        raise UsageError(f"{wanted!r} is the end of several runs: {ids}", "Give more of the id.")
    return found[0]


def _row(run: dict[str, Any]) -> str:
    hooks = run.get("hooks", [])
    bad = [hook for hook in hooks if hook.get("result") not in ("ok", "skipped")]
    ran = [hook for hook in hooks if hook.get("result") != "skipped"]
    facts = f"{len(ran)} hook{'' if len(ran) == 1 else 's'}"
    facts += f", {len(hooks) - len(ran)} skipped" if len(ran) < len(hooks) else ""
    facts += f", {bad[-1].get('name')}: {bad[-1].get('result')}" if bad else ""
    what = f"{run.get('name')} {run.get('command')}"
    return f"{run.get('run')}  {run.get('result', '?'):<11}  {_duration(run):>7}  {what:<24}  {facts}"


def _duration(run: dict[str, Any]) -> str:
    if "ended" not in run or "started" not in run:
        return "-"
    return f"{max(0.0, run['ended'] - run['started']):.1f} s"  # the clock may have been set back


def _print_run(data: str, run: dict[str, Any]) -> None:
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.get("started", 0)))
    click.echo(f"run       {run['run']}, {started}, {_duration(run)}")
    click.echo(f"project   {run.get('project')} ({run.get('name')})")
    click.echo(f"command   docker {' '.join(run.get('argv', []))}")
    click.echo(f"result    {run.get('result')}, exit code {run.get('exit_code')}")
    for step in ("lock", "compose"):
        if step in run:
            facts = run[step]
            code = f", exit code {facts['exit_code']}" if "exit_code" in facts else ""
            click.echo(f"{step:<9} {facts.get('seconds', 0):.1f} s{code}")
    directory = paths.project_data_dir(data, run.get("project", ""))
    for hook in run.get("hooks", []):
        reason = hook.get("reason") or (f"exit code {hook['exit_code']}" if "exit_code" in hook else "")
        seconds = f", {hook['seconds']:.1f} s" if "seconds" in hook else ""
        click.echo(f"\n{hook.get('event')}/{hook.get('name')}: {hook.get('result')} ({reason}{seconds})")
        if hook.get("output"):
            _print_output(os.path.join(directory, history.OUTPUT, str(run["run"]), hook["output"]))


def _print_output(path: str) -> None:
    try:
        with open(path, "rb") as file:
            for line in file:
                click.echo(b"    " + line.rstrip(b"\n"))
    except OSError:
        click.echo("    (its output is gone)")
