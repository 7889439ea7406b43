"""The steps of a run, for the page of `hookman log --report`: lock, hooks and Compose, each with its time."""

from __future__ import annotations

from itertools import groupby
from statistics import median
from urllib.parse import quote

from hookman.base.records import record
from hookman.cli import report_html as to
from hookman.cli.table import duration
from hookman.hooks.planned import PHASES
from hookman.log.reader import GOOD, in_container, output_of, problem_of, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

MOST = 4 * 1024 * 1024  # bytes of output on the page
EACH = (32 * 1024, 1024 * 1024)  # bytes of one hook's output: at least and at most
NOTICED = 0.1  # seconds of waiting for the lock that are shown
LAST_LINES = 12  # of what a failed hook printed, at the top of the page
NOT_REACHED = "not reached"
SLOW = (2.0, 1.0)  # times its usual time, and seconds more than that


@record
class Step:
    """One row: a hook, or a step of the run itself."""

    group: str  # the event, or "" for a step of the run
    name: str
    result: str
    began: float | None  # seconds since the epoch
    seconds: float | None
    note: str  # what is worth saying of it beside its name
    ended: str = ""  # how a hook ended, in words
    attempts: tuple[dict[str, Any], ...] = ()  # of a hook that was tried several times, the last one included
    id: str = ""  # of a hook: where a link leads
    problem: str = ""  # HTML
    lines: list[str] | None = None  # what it printed, as HTML; None for what is no hook


def steps(data: str, run: dict[str, Any], past: list[dict[str, Any]]) -> list[Step]:
    """All steps of the run in their order; the hooks that it did not reach are in their places."""
    left = [{**hook, "result": NOT_REACHED} for hook in run.get("not_reached", {}).get("hooks", [])]
    hooks = sorted([*_by_start(run.get("hooks", [])), *left], key=_phase)
    printing = sum(1 for hook in hooks if hook.get("output"))
    limit = min(max(MOST // max(printing, 1), EACH[0]), EACH[1])
    usual = _usual(past)
    ids: dict[str, int] = {}
    before: list[Step] = [_of_lock(run["lock"])] if float(run.get("lock", {}).get("seconds", 0)) >= NOTICED else []
    after: list[Step] = []
    waits = {(wait.get("event"), wait.get("hook")): _of_wait(wait) for wait in run.get("waits", [])}
    for hook in hooks:
        place = after if _phase(hook) else before
        if waited := waits.pop((hook.get("event"), hook.get("name")), None):
            place.append(waited)
        place.append(_of_hook(hook, _id(hook, ids), usual, _printed(data, run, hook, limit)))
    compose = [_of_compose(run)] if "compose" in run else []
    return [*before, *compose, *after, *waits.values()]


def _by_start(hooks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The hooks, those that ran side by side in the order in which they began; the log has them as they ended."""
    groups = groupby(hooks, key=lambda hook: (hook.get("event"), hook.get("group")))
    return [
        hook
        for (_, number), ones in groups
        for hook in (sorted(ones, key=lambda one: float(one.get("started") or 0)) if number else ones)
    ]


def has_failed(step: Step) -> bool:
    """Is it a hook that did not go well?"""
    return bool(step.id) and step.result not in (*GOOD, "running", NOT_REACHED)


def shown(run: dict[str, Any], rows: list[Step]) -> str:
    """The steps as HTML, those of an event together."""
    began = float(run.get("started", 0))
    ends = [step.began + (step.seconds or 0) - began for step in rows if step.began is not None]
    total = max([float(run.get("ended", began)) - began, *ends, 0.001])
    parts = []
    for group, of_group in groupby(rows, key=lambda step: step.group):
        items = "".join(f"<li>{_row(step, began, total)}</li>" for step in of_group)
        parts.append(f"<h3>{to.text(group)}</h3><ol>{items}</ol>" if group else f'<ol class="run">{items}</ol>')
    axis = f'<div class="axis" aria-hidden="true"><span>0</span><span>{duration(total)}</span></div>'
    return f"{axis}{''.join(parts)}"


def summary(rows: list[Step]) -> str:
    """How many hooks ended how: 3 hooks: 1 failed, 2 ok."""
    results = [step.result for step in rows if step.id]
    if not results:
        return "No hooks"
    order = ["failed", "timeout", "interrupted", "cancelled", "warned", "running", "ok", "skipped", NOT_REACHED]
    kinds = sorted(set(results), key=lambda kind: order.index(kind) if kind in order else len(order))
    number = to.count(len(results), "hook")
    if len(kinds) == 1:
        return f"{number}, {'all ' if len(results) > 1 else ''}{to.text(kinds[0])}"
    return f"{number}: " + ", ".join(f"{results.count(kind)} {to.text(kind)}" for kind in kinds)


def link(step: Step) -> str:
    """Where a link to the step leads."""
    return "#" + quote(step.id)


def _of_lock(facts: dict[str, Any]) -> Step:
    waited = facts.get("seconds")
    return Step(
        group="", name="Waiting for the lock", result="lock", began=facts.get("started"), seconds=waited, note=""
    )


def _of_wait(wait: dict[str, Any]) -> Step:
    """A hook waited for services before it began. If they did not come, that is told of the hook."""
    note = ", then ".join(map(str, wait.get("waited_for", [])))
    if wait.get("result") != "ready":
        note = ": ".join(filter(None, [note, str(wait.get("result"))]))
    return Step(
        group=str(wait.get("event")),
        name="Waiting for services",
        result="lock",
        began=wait.get("started"),
        seconds=wait.get("seconds"),
        note=note,
    )


def _of_compose(run: dict[str, Any]) -> Step:
    facts = run["compose"]
    code = facts.get("exit_code")
    note = "" if code in (0, None) else f"exit code {code}"
    result = {0: "compose", None: str(run.get("result"))}.get(code, "failed")
    seconds = facts.get("seconds")
    name = f"docker compose {run.get('command')}"
    return Step(group="", name=name, result=result, began=facts.get("started"), seconds=seconds, note=note)


def _of_hook(hook: dict[str, Any], name: str, usual: dict[tuple[str, str], float], lines: list[str]) -> Step:
    problem = problem_of(hook)
    seconds = hook.get("seconds")
    result = "warned" if hook.get("allowed") else str(hook.get("result"))  # it failed, and may
    notes = [] if result == "ok" else [reason_of(hook) if result == "skipped" else to.result_of(hook)]
    if result == "warned":
        notes.append("allowed")
    if place := in_container(hook):
        notes.append(place)
    attempts = hook.get("attempts", [])
    if hook.get("group"):
        notes.append("side by side")
    if len(attempts) > 1:
        notes.append(to.count(len(attempts), "attempt"))
    before = usual.get((str(hook.get("event")), str(hook.get("name"))))
    if before is not None and seconds is not None and seconds > max(SLOW[0] * before, before + SLOW[1]):
        notes.append(f"usually {duration(before)}")
    # Often it is the end of what the hook printed, which follows.
    said = problem and not {to.text(line) for line in problem.line.split("\n")} <= {*lines[-LAST_LINES:]}
    return Step(
        group=str(hook.get("event")),
        name=str(hook.get("name")),
        result=result,
        began=hook.get("started"),
        seconds=seconds,
        note=", ".join(filter(None, notes)),
        ended=to.result_of(hook) + (f" in the last of {len(attempts)} attempts" if len(attempts) > 1 else ""),
        attempts=tuple(attempts),
        id=name,
        problem=problem_html(hook) if said else "",
        lines=lines,
    )


def problem_html(facts: dict[str, Any], *, placed: bool = False) -> str:
    """What is wrong with a hook or a run, and how to fix it."""
    problem = problem_of(facts)
    if problem is None:
        return ""
    fix = to.paragraph(f"Fix: {problem.fix}", "fix") if problem.fix else ""
    return to.paragraph(problem.placed if placed else problem.what, "reason") + fix


def _phase(hook: dict[str, Any]) -> int:
    phase = str(hook.get("event")).rpartition(".")[2]
    return PHASES.index(phase) if phase in PHASES else 1


def _id(hook: dict[str, Any], ids: dict[str, int]) -> str:
    """A name for links that stays the same in each run; a second hook of the name has a number."""
    name = "".join(
        char if char.isalnum() or char in "._" else "-" for char in f"{hook.get('event')}-{hook.get('name')}"
    )
    ids[name] = ids.get(name, 0) + 1
    if ids[name] == 1:
        return name
    return _id({"event": name, "name": ids[name]}, ids)


def _printed(data: str, run: dict[str, Any], hook: dict[str, Any], limit: int) -> list[str]:
    """The lines that a hook printed, or each of its attempts."""
    attempts = hook.get("attempts", [])
    if len(attempts) < 2:
        return _written(data, run, hook, limit)
    lines = []
    for number, attempt in enumerate(attempts, 1):
        head = f"[attempt {number}: {to.result_of(attempt)}, {duration(attempt.get('seconds'))}]"
        lines += [f'<span class="gap">{to.text(head)}</span>', *_written(data, run, attempt, limit // len(attempts))]
    return lines


def _written(data: str, run: dict[str, Any], hook: dict[str, Any], limit: int) -> list[str]:
    """The lines that a hook or an attempt printed. Of a very long output a part in the middle is left out."""
    written = b"".join(output_of(data, run, hook))
    if len(written) <= limit:
        return to.output(written)
    head, tail = written[: limit // 4], written[-limit * 3 // 4 :]
    left = to.count(len(written) - len(head) - len(tail), "byte")
    gap = f"[… {left} left out. All of it: hookman log {run.get('run')} …]"
    return [*to.output(head), f'<span class="gap">{to.text(gap)}</span>', *to.output(tail)]


def _usual(past: list[dict[str, Any]]) -> dict[tuple[str, str], float]:
    """The median time of each hook in past runs, where three or more went well."""
    times: dict[tuple[str, str], list[float]] = {}
    for hook in (hook for run in past for hook in run.get("hooks", [])):
        if hook.get("result") == "ok" and "seconds" in hook:
            times.setdefault((str(hook.get("event")), str(hook.get("name"))), []).append(float(hook["seconds"]))
    return {key: median(seconds) for key, seconds in times.items() if len(seconds) >= 3}


def _row(step: Step, began: float, total: float) -> str:
    note = f'<span class="note">{to.text(step.note)}</span>' if step.note else ""
    name = f'<span class="name">{to.text(step.name)}{note}</span>'
    row = f"{to.sign(step.result)}{name}{_track(step, began, total)}<time>{_time(step)}</time>"
    anchor = f'<a class="anchor" href="{link(step)}" aria-label="Link to this hook">#</a>' if step.id else ""
    if not step.lines and not step.problem:
        place = f' id="{to.text(step.id)}"' if step.id else ""
        return f'<div class="row"{place}>{row}{anchor}</div>'
    lines = f'<pre tabindex="0">{to.joined(step.lines)}</pre>' if step.lines else ""
    body = f'<div class="body" id="{to.text(step.id)}">{step.problem}{lines}</div>'
    return f'<details><summary class="row">{row}{anchor}</summary>{body}</details>'


def _track(step: Step, began: float, total: float) -> str:
    if step.began is None or step.seconds is None:
        return '<span class="track none"></span>'
    tried = [
        (str(attempt.get("result")), attempt["started"], attempt["seconds"])
        for attempt in step.attempts
        if "started" in attempt and "seconds" in attempt
    ]
    bars = []
    for result, started, seconds in tried or [(step.result, step.began, step.seconds)]:
        left = min(max(0.0, 100 * (started - began) / total), 100.0)
        width = min(100 * max(0.0, seconds) / total, 100 - left)
        bars.append(f'<i class="{to.kind(result)}" style="left:{left:.2f}%;width:{width:.2f}%"></i>')
    return f'<span class="track">{"".join(bars)}</span>'


def _time(step: Step) -> str:
    return "" if step.seconds is None else duration(step.seconds)
