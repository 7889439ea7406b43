"""hookman log --report: one run as one HTML page that loads no other file."""

from __future__ import annotations

import html
import itertools
import os
import re
import string

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.files import open_folder, replace_in
from hookman.base.records import replaced
from hookman.base.resources import template_path
from hookman.cli.table import duration, moment
from hookman.log import store
from hookman.log.reader import GOOD, command_line, output_of, problem_of, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

PAST = 30  # runs of the same command whose times are compared
# Colours and cursor movements of terminals (ECMA-48, and the OSC of xterm).
CONTROL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[@-_]|[\x00-\x08\x0b-\x1f\x7f]")


def write(data: str, run: dict[str, Any], path: str) -> str:
    """Write the page about `run` to `path`; what to tell the user. Raises HookmanError."""
    if os.path.islink(path):
        raise HookmanError(f"{path} is a link, so nothing was written", "Name another file.")
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
        raise HookmanError(f"can't write {path}: {error.strerror}", "Name another file.") from error
    return f"wrote {path}"


def page(data: str, run: dict[str, Any]) -> str:
    """The page."""
    with open(template_path("report.html"), encoding="utf-8") as file:
        template = string.Template(file.read())
    result = f"{run.get('result')}, exit code {run.get('exit_code')}"
    facts = {
        "command": " ".join(command_line(run)),
        "project": str(run.get("project")),
        "result": result,
        "started": moment(run.get("started")),
        "took": duration(_seconds(run)),
        "run": str(run.get("run")),
    }
    if problem := problem_of(run):
        facts["problem"] = _plain(replaced(problem, what=problem.placed).line)
    past = list(itertools.islice(_same(data, run), PAST))[::-1]
    longest = max(map(_seconds, past), default=0.0)
    return template.substitute(
        title=_text(f"{run.get('name')} {run.get('command')}: {run.get('result')}"),
        facts="".join(f"<dt>{key}</dt><dd>{_text(value)}</dd>" for key, value in facts.items()),
        steps="".join(_step(run, *one) for one in _steps(run)),
        command=_text(str(run.get("command"))),
        past="".join(_bar(one, longest, is_this=one.get("run") == run.get("run")) for one in past),
        scale=_text(f"{len(past)} runs, the longest took {duration(longest)}; this one is framed"),
        hooks="".join(_details(data, run, hook) for hook in run.get("hooks", [])) or "<p>None.</p>",
    )


def _steps(run: dict[str, Any]) -> list[tuple[str, str, float, float]]:
    """What happened: name, class, when it began (seconds since the run did), how long it took."""
    began = float(run.get("started", 0))
    steps = [
        (shown_as, name, run[name]["started"] - began, run[name].get("seconds", 0.0))
        for name, shown_as in (("lock", "waiting for the lock"), ("compose", "docker compose"))
        if "started" in run.get(name, {})
    ]
    steps += [
        (f"{hook.get('event')}/{hook.get('name')}", str(hook.get("result")), hook["started"] - began, hook["seconds"])
        for hook in run.get("hooks", [])
        if "started" in hook and "seconds" in hook
    ]
    return sorted(steps, key=lambda step: step[2])


def _step(run: dict[str, Any], name: str, kind: str, began: float, seconds: float) -> str:
    total = max(_seconds(run), began + seconds, 0.001)
    left, width = 100 * max(0.0, began) / total, 100 * seconds / total
    bar = f'<i class="{_text(kind)}" style="left:{left:.2f}%;width:{width:.2f}%"></i>'
    cells = f'<span>{_text(name)}</span><div class="track">{bar}</div><time>{duration(seconds)}</time>'
    return f'<li class="step">{cells}</li>'


def _bar(run: dict[str, Any], longest: float, *, is_this: bool) -> str:
    label = f"{moment(run.get('started'))}: {run.get('result')}, {duration(_seconds(run))}"
    height = 100 * _seconds(run) / longest if longest else 0
    current = ' aria-current="true"' if is_this else ""
    look = f'class="{_text(str(run.get("result")))}" style="height:{height:.1f}%"'
    return f'<li {look} title="{_text(label)}" aria-label="{_text(label)}"{current}></li>'


def _details(data: str, run: dict[str, Any], hook: dict[str, Any]) -> str:
    facts = f"{reason_of(hook)}, {duration(hook.get('seconds'))}"
    head = f"{hook.get('event')}/{hook.get('name')}: {hook.get('result')} ({facts})"
    output = b"".join(output_of(data, run, hook)).decode("utf-8", "replace").replace("\r\n", "\n")
    body = _text(_plain(output)) or '<span class="dim">It printed nothing.</span>'
    is_open = "" if hook.get("result") in GOOD else " open"
    problem = problem_of(hook)
    said = f"<p>{_text(_plain(problem.line))}</p>" if problem else ""
    return f'<details{is_open}><summary>{_text(head)}</summary>{said}<pre tabindex="0">{body}</pre></details>\n'


def _plain(text: str) -> str:
    """The text without colours and cursor movements."""
    return CONTROL.sub("", text)


def _same(data: str, run: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The runs of the same command on the same project that have ended, the newest first, from this one back."""
    runs = store.runs(paths.project_data_dir(data, str(run.get("project", ""))))
    return (
        one
        for one in runs
        if one.get("command") == run.get("command") and float(one.get("ended", 0)) <= float(run.get("ended", "inf"))
    )


def _seconds(run: dict[str, Any]) -> float:
    return max(0.0, float(run.get("ended", run.get("started", 0))) - float(run.get("started", 0)))


def _text(text: str) -> str:
    """Text of anybody's as HTML; what is not UTF-8 is escaped."""
    return html.escape(text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))
