"""Past runs as a table: a line each, as much of each as the terminal has room for."""

from __future__ import annotations

import time

from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.cli.colour import marked, meaning, painted
from hookman.cli.table import columns, duration, moment, rows
from hookman.log.reader import RUNNING, command_line, failures, problem_of, went_wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MARKS = {RUNNING: "…", "warned": "!"}  # by result; else ✔ or ✘
HOOK_MARKS = {"ok": "✔", "skipped": "-", RUNNING: "…"}  # by result; else ✘
WIDE = 120  # columns from which on there is room for dates and complete command lines
LONGEST = 60  # columns of a command line


def lines(runs: list[dict[str, Any]], *, with_project: bool) -> list[str]:
    """A line for each run; `with_project` if they are of more than one. If their contexts differ, each says its own."""
    wide = columns() >= WIDE
    with_context = len({run["context"] for run in runs if run.get("context")}) > 1
    given = {"wide": wide, "with_project": with_project, "with_context": with_context}
    return rows([_row(run, **given) for run in runs], indent="")


def mark_of(run: dict[str, Any]) -> str:
    """The sign for how the run ended."""
    return MARKS.get(str(run.get("result"))) or ("✘" if went_wrong(run) else "✔")


def took(run: dict[str, Any]) -> str:
    """How long the run took, or has been under way; - if it was killed."""
    end = run.get("ended", time.time() if run.get("result") == RUNNING else None)
    if end is None or "started" not in run:
        return "-"
    return duration(max(0.0, end - run["started"]))  # the clock may have been set back


def typed(run: dict[str, Any]) -> str:
    """The command line, as one can type it again."""
    return shown(" ".join(map(shell_quoted, command_line(run))))


def summary(run: dict[str, Any], *, short: bool = False) -> str:
    """How the run ended: what failed, then why (`short`: no exit code, if more is known); or what took long."""
    hooks = run.get("hooks", [])
    bad = failures(run)
    problem = problem_of(run)
    if bad:
        # What comes after it may be its consequence; a hook that may fail is not why a run did.
        return _failure(next((hook for hook in bad if not hook.get("allowed")), bad[0]), short=short)
    result = str(run.get("result", "?"))
    if problem:
        return f"{result}: {_first_line(problem.what)}"
    ran = [hook for hook in hooks if hook.get("result") != "skipped"]
    facts = [result, f"{len(ran)} hook{'' if len(ran) == 1 else 's'}"]
    if len(ran) < len(hooks):
        facts.append(f"{len(hooks) - len(ran)} skipped")
    if len(ran) > 1:
        slowest = max(ran, key=lambda hook: float(hook.get("seconds", 0)))
        facts.append(f"slowest {slowest.get('name')} {duration(slowest.get('seconds'))}")
    return ", ".join(facts)


def _failure(hook: dict[str, Any], *, short: bool) -> str:
    """Which hook did not end well, and why."""
    problem = problem_of(hook)
    reason = problem.what.rstrip().rpartition("\n")[2] if problem else ""  # programs say in the end why they failed
    what = f"{hook.get('name')}: {hook.get('result')}"
    if hook.get("exit_code") and hook.get("result") == "failed" and not (short and reason):
        what += f" with exit code {hook['exit_code']}"
    return f"{what}: {reason}" if reason else what


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _row(run: dict[str, Any], *, wide: bool, with_project: bool, with_context: bool) -> list[str]:
    command = typed(run) if wide else str(run.get("command"))
    facts = shown(summary(run, short=not wide))
    mark = mark_of(run)
    return [
        f"{marked(mark)} {str(run.get('run')).rpartition('-')[2]}",
        painted(moment(run.get("started")) if wide else _short_moment(run.get("started")), "quiet"),
        *([shown(run.get("name"))] if with_project else []),
        *([shown(run.get("context", "-"))] if with_context else []),
        _shortened(command if wide else shown(command)),
        took(run),
        facts if mark == "✔" else painted(facts, meaning(mark)),
    ]


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _short_moment(since_epoch: Any) -> str:
    """The time of today, the day of other days."""
    then, now = time.localtime(float(since_epoch or 0)), time.localtime()
    return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%Y-%m-%d", then)
