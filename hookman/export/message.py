"""What a message says of a run: facts for programs (docs/notify.md has the keys), a title and a few lines for people.

All is from the record of the run, where secrets are masked. What hooks printed is not in it, but for the last line with
which one failed.
"""

from __future__ import annotations

import time

from hookman.base.messages import one_line
from hookman.base.records import record
from hookman.compose.context import DEFAULT
from hookman.export.verdict import FAILED, INTERRUPTED, OK, RECOVERED, bad_hook
from hookman.log import reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VERSION = 1  # of the facts
TEST = "test"
LONGEST_TITLE = 200  # characters
LONGEST_LINE = 500
WENT = {
    FAILED: "failed",
    RECOVERED: "works again",
    OK: "succeeded",
    INTERRUPTED: "was interrupted",
}


@record
class Message:
    """What is told."""

    event: str
    title: str  # one line
    lines: list[str]  # each one line
    facts: dict[str, Any]

    @property
    def text(self) -> str:
        """Title and lines."""
        return "\n".join([self.title, *self.lines])


def of_run(run: Mapping[str, Any], event: str) -> Message:
    """The message that tells the `event` of a run."""
    hook, problem = bad_hook(run), reader.problem_of(dict(run))
    is_bad = event in (FAILED, INTERRUPTED)
    why = _why(run, hook) if is_bad else ""
    by = reader.who_and_where({key: one for key, one in run.items() if key != "engine"})
    lines = [why, f"by {by}" if by else "", f"hookman log {run['run']}"]
    title = f"{_name(run)}: {run.get('command')} {_went(run, event)}"
    facts = {
        **_keys(run, "run", "name", "project", "command", "argv", "user", "caller", "host", "context", "engine"),
        **_keys(run, "result", "exit_code", "started", "ended"),
        "hook": _facts_of(hook) if hook and is_bad else None,
        "problem": problem.facts() if problem and is_bad else None,
    }
    return _message(event, title, lines, facts)


def of_test(place: str, project: Mapping[str, str], who: Mapping[str, Any]) -> Message:
    """A message that says that the [[notify]] at `place` works."""
    lines = [f"[[notify]] in {place} works", f"by {reader.who_and_where(dict(who))}"]
    return _message(TEST, f"{project['name']}: a test of hookman's messages", lines, {**project, **who})


def _message(event: str, title: str, lines: list[str], facts: dict[str, Any]) -> Message:
    title = cut(one_line(title), LONGEST_TITLE)
    lines = [cut(one_line(line), LONGEST_LINE) for line in lines if line]
    told = {"version": VERSION, "event": event, "title": title, "text": "\n".join([title, *lines])}
    return Message(event=event, title=title, lines=lines, facts={**told, **facts})


def cut(text: str, longest: int) -> str:
    """The beginning of a text that is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _name(run: Mapping[str, Any]) -> str:
    context = run.get("context", DEFAULT)
    return f"{run.get('name')}" + ("" if context == DEFAULT else f" ({context})")


def _went(run: Mapping[str, Any], event: str) -> str:
    if "ended" not in run:
        return "was killed"
    if event == FAILED and run.get("result") == "warned":
        return "succeeded, but a hook failed"
    took = max(0.0, float(run["ended"]) - float(run.get("started", time.time())))
    return WENT[event] + (f" after {took:.1f} s" if event == FAILED else "")


def _why(run: Mapping[str, Any], hook: Mapping[str, Any] | None) -> str:
    """Why it failed, in one line: what the hook said last, or what else is known."""
    problem = reader.problem_of(dict(hook or run))
    said = problem.what.rstrip().rpartition("\n")[2] if problem else ""
    if not hook:
        return said
    label = f"{str(hook.get('event')).removeprefix('project.')}/{hook.get('name')}: {hook.get('result')}"
    code = f" with exit code {hook['exit_code']}" if hook.get("exit_code") else ""
    return f"{label}{code}" + (f": {said}" if said else "")


def _facts_of(hook: Mapping[str, Any]) -> dict[str, Any]:
    return _keys(hook, "event", "name", "kind", "result", "exit_code", "seconds", "reason", "problem", "service")


def _keys(found: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: found[key] for key in keys if key in found}
