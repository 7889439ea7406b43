"""One past run in full: what it was, and each hook with what it printed."""

from __future__ import annotations

import time

from hookman.base.messages import shown
from hookman.cli import problems
from hookman.cli.colour import marked, painted
from hookman.cli.log_rows import HOOK_MARKS, mark_of, took, typed
from hookman.cli.table import duration, moment
from hookman.log.reader import RUNNING, in_container, output_of, problem_of, reason_of, who_and_where
from hookman.log.screen import last_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

INDENT = "    "
STEPS = ("lock", "compose")


def lines(data: str, run: dict[str, Any], tail: int | None) -> Iterator[str]:
    """The lines; with `tail` only so many of what each hook printed."""
    yield f"run       {run['run']}, {moment(run.get('started'))}, {took(run)}"
    yield f"project   {shown(run.get('project'))} ({shown(run.get('name'))})"
    yield f"command   {typed(run)}"
    if by := who_and_where(run):
        yield f"by        {shown(by)}"
    code = "" if run.get("exit_code") is None else f", exit code {run['exit_code']}"
    result = f"{shown(run.get('result'))}{code}"
    yield f"result    {result if mark_of(run) == '…' else marked(f'{mark_of(run)} {result}')}"
    for step in STEPS:
        if step in run:
            facts = run[step]
            code = f", exit code {facts['exit_code']}" if "exit_code" in facts else ""
            yield f"{step:<9} {duration(facts.get('seconds', 0))}{code}"
    for wait in run.get("waits", []):
        before = f"{shown(wait.get('event'))}/{shown(wait.get('hook'))}"
        yield f"wait      {duration(wait.get('seconds', 0))} before {before}, {_waited(wait)}"
    if problem := problem_of(run):
        for number, line in enumerate(problems.lines(problem)):
            yield f"{'' if number else 'problem':<9} {line}"
    for hook in run.get("hooks", []):
        yield from _hook(data, run, hook, tail)
    for hook in run.get("not_reached", {}).get("hooks", []):
        yield ""
        yield painted(f"- {shown(hook.get('event'))}/{shown(hook.get('name'))}: not reached", "quiet")


def _waited(wait: dict[str, Any]) -> str:
    """What the hook waited for, and how that ended."""
    states = (
        f"for {', then '.join(map(shown, wait['waited_for']))}"
        if wait.get("waited_for")
        else "to see that they stay up"
    )
    return f"{states}: {shown(wait.get('result'))}"


def _hook(data: str, run: dict[str, Any], hook: dict[str, Any], tail: int | None) -> Iterator[str]:
    result = str(hook.get("result"))
    mark = HOOK_MARKS.get(result, "✘")
    facts = [
        shown(reason_of(hook)),
        "it may fail" if hook.get("allowed") else "",
        shown(in_container(hook)),
        f"side by side in group {hook['group']}" if hook.get("group") else "",
        *([duration(hook["seconds"])] if "seconds" in hook else []),
    ]
    yield ""
    where = f"{shown(hook.get('event'))}/{shown(hook.get('name'))}"
    if result == RUNNING:
        facts.append(duration(time.time() - float(hook.get("started") or time.time())))
    told = f" ({', '.join(filter(None, facts))})" if any(facts) else ""
    yield f"{marked(f'{mark} {where}: {shown(result)}')}{told}"
    problem = problem_of(hook)
    # Without a fix it is the end of what the hook printed, which follows.
    if problem and (problem.fix or result == "timeout"):
        for line in problems.lines(problem, placed=False):
            yield f"{INDENT}{line}"
    for number, attempt in enumerate(hook.get("attempts", []), 1):
        took_time = duration(attempt.get("seconds", 0))
        yield f"{INDENT}attempt {number}: {shown(attempt.get('result'))} ({shown(reason_of(attempt))}, {took_time})"
        if attempt.get("output") != hook.get("output"):
            yield from _printed(data, run, attempt, tail)
    yield from _printed(data, run, hook, tail)


def _printed(data: str, run: dict[str, Any], hook: dict[str, Any], tail: int | None) -> Iterator[str]:
    """What a hook, or an attempt of it, printed."""
    printed = last_state(b"".join(output_of(data, run, hook)).decode("utf-8", "surrogateescape"))
    if tail is not None and len(printed) > tail:
        left_out = len(printed) - tail
        yield f"{INDENT}{painted(f'({left_out} lines before)' if left_out > 1 else '(1 line before)', 'quiet')}"
        printed = printed[left_out:]
    for line in printed:
        yield f"{INDENT}{shown(line)}"
