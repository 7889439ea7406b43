"""hookman log --report: one run as one HTML page that loads no other file."""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import string
import time

from hookman import __version__
from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.files import open_folder, replace_in
from hookman.base.resources import template
from hookman.cli import report_html as to
from hookman.cli import report_steps, report_trend
from hookman.cli.table import duration, moment
from hookman.log import store
from hookman.log.reader import RERUN, command_line, is_rerun, problem_of, who_and_where

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from hookman.cli.report_steps import Step

PAST = 30  # runs of the same command whose times are compared
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
VERDICTS = {
    "ok": "{} succeeded",
    "warned": "{} succeeded, but a hook failed",
    "failed": "{} failed",
    "aborted": "{} was not run: a pre hook failed",
    "interrupted": "{} was interrupted",
    "running": "{} is running",
}


def write(data: str, run: dict[str, Any], path: str) -> str:
    """Write the page about `run` to `path`; what to tell the user. Raises HookmanError."""
    if os.path.islink(path):
        raise HookmanError(f"{path} is a link, so nothing was written", "name another file")
    if not os.path.basename(path):
        raise HookmanError(f"{path!r} names no file, so nothing was written", "Name a file: --report page.html")
    text = page(data, run)
    # What is named from here may go through a link that came with the project.
    base, below = (os.path.dirname(path), "") if os.path.isabs(path) else (".", os.path.dirname(path))
    try:
        folder, _ = open_folder(base, below, create=False)
        try:
            replace_in(folder, os.path.basename(path), text.encode("utf-8", "replace"))
        finally:
            os.close(folder)
    except OSError as error:
        raise HookmanError(f"can't write {path}: {error.strerror}", "name another file") from error
    return f"wrote {path}"


def page(data: str, run: dict[str, Any]) -> str:
    """The page. Only its own script may run, which the browser knows by its hash."""
    source = template("report.html")
    script = SCRIPT.findall(source)[0]
    past = list(itertools.islice(_same(data, run), PAST))[::-1]
    rows = report_steps.steps(data, run, [earlier for earlier in past if earlier.get("run") != run.get("run")])
    failures = _failures(run, rows)
    return string.Template(source).substitute(
        hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        title=f"{to.SIGNS.get(str(run.get('result')), '?')} {to.text(_command(run))} · {to.text(run.get('name'))}",
        kind=to.kind(run.get("result")),
        project=to.text(run.get("name")),
        sign=to.sign(run.get("result")),
        verdict=to.text(_verdict(run)),
        when=_when(run),
        rerun=to.command(_again(run), run.get("cwd") or run.get("project") or ""),
        failures=f'<section class="what-failed" aria-label="What failed">{failures}</section>' if failures else "",
        summary=report_steps.summary(rows),
        steps=report_steps.shown(run, rows) if rows else "",
        note=_note(run, rows),
        past=f"The last {len(past)} runs of {to.text(_command(run))}" if len(past) > 1 else "Past runs",
        trend=report_trend.chart(past, str(run.get("run"))),
        facts="".join(f"<div><dt>{key}</dt><dd>{to.text(value)}</dd></div>" for key, value in _facts(run).items()),
        written=f"{moment(time.time())} by hookman {__version__}",
    )


def _command(run: dict[str, Any]) -> str:
    """What the run is a run of."""
    return " ".join(RERUN) if is_rerun(run) else str(run.get("command"))


def _again(run: dict[str, Any]) -> list[str]:
    """The command that does the same once more; `hookman rerun` takes one hook, or finds itself what failed."""
    words = command_line(run)
    return RERUN if is_rerun(run) and len(words) > 3 else words


def _verdict(run: dict[str, Any]) -> str:
    command, result = _command(run), str(run.get("result"))
    return VERDICTS.get(result, "{}: " + result.replace("{", "{{").replace("}", "}}")).format(command)


def _when(run: dict[str, Any]) -> str:
    facts = [moment(run.get("started"))]
    if "ended" in run:
        facts.append(f"took {duration(report_trend.seconds_of(run))}")
    if run.get("exit_code") is not None:
        facts.append(f"exit code {run['exit_code']}")
    return "".join(f"<span>{fact}</span>" for fact in facts)


def _facts(run: dict[str, Any]) -> dict[str, str]:
    facts = {"Run": str(run.get("run")), "Project": str(run.get("project"))}
    if run.get("cwd") not in (None, run.get("project")):
        facts["Typed in"] = str(run["cwd"])
    if by := who_and_where(run):
        facts["By"] = by
    facts["Began"] = moment(run.get("started"))
    if "ended" in run:
        facts["Ended"] = moment(run["ended"])
    if "lock" in run:
        facts["Waited for the lock"] = duration(run["lock"].get("seconds"))
    return facts


def _note(run: dict[str, Any], rows: list[Step]) -> str:
    """Why there is nothing to see, where that is so."""
    if run.get("skipped"):
        return to.paragraph(f"No hook ran: {run['skipped']}.", "dim")
    if any(step.group for step in rows):
        return ""
    if "compose" not in run:
        return to.paragraph("It was stopped before any hook ran.", "dim")
    return to.paragraph("There was no hook to run. To see what would run, and where: hookman list", "dim")


def _failures(run: dict[str, Any], rows: list[Step]) -> str:
    """What went wrong, first of all: each hook that failed, and what is known of the run itself."""
    failed = [step for step in rows if report_steps.has_failed(step)]
    cards = [_card_of_hook(run, step) for step in sorted(failed, key=_may_fail)]
    problem = problem_of(run)
    interrupted = any(step.result == "interrupted" for step in failed)  # their cards say why
    if problem and not interrupted and problem.where not in [f"{step.group}/{step.name}" for step in failed]:
        cards.append(_card("", report_steps.problem_html(run, placed=True) + _where_composes_output_is(run)))
    return "".join(cards)


def _where_composes_output_is(run: dict[str, Any]) -> str:
    if run.get("compose", {}).get("exit_code") in (0, None):
        return ""
    return to.paragraph("What Compose printed is not in the log: it went to where the command was typed.", "dim")


def _card_of_hook(run: dict[str, Any], step: Step) -> str:
    took = "" if step.seconds is None or len(step.attempts) > 1 else f" after {duration(step.seconds)}"
    name = f'<a href="{report_steps.link(step)}">{to.text(step.name)}</a>'
    head = f"{to.sign(step.result)} {name} {to.text(step.ended)}{took}{', which is allowed' if _may_fail(step) else ''}"
    lines = step.lines or []
    last = lines[-report_steps.LAST_LINES :]
    why = report_steps.problem_html(run) if step.result == "interrupted" else step.problem
    parts = [to.paragraph(step.group, "event"), why]
    if last:
        parts.append(f'<pre tabindex="0">{to.joined(last)}</pre>')
    if len(lines) > len(last):
        parts.append(f'<p class="more"><a href="{report_steps.link(step)}">All {len(lines):,} lines</a></p>')
    hook = f"{step.group}/{step.name}"
    for what, words in {
        "To run this hook again": ["hookman", "rerun", hook],
        "To see each of its commands": ["hookman", "test", hook, "--trace"],
    }.items():
        parts.append(f'<p class="label">{what}</p>{to.command(words, run.get("project") or "")}')
    return _card(head, "".join(parts), "failure may" if _may_fail(step) else "failure")


def _may_fail(step: Step) -> bool:
    return step.result == "warned"


def _card(head: str, body: str, look: str = "failure") -> str:
    title = f"<h2>{head}</h2>" if head else ""
    return f'<div class="{look}">{title}{body}</div>'


def _same(data: str, run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The runs of the same command on the same project that have ended, the newest first, from this one back."""
    runs = store.runs(paths.project_data_dir(data, str(run.get("project", ""))))
    return (
        other
        for other in runs
        if (other.get("command"), is_rerun(other)) == (run.get("command"), is_rerun(run))
        and (other.get("run") == run.get("run") or float(other.get("ended", "inf")) <= float(run.get("ended", "inf")))
    )
