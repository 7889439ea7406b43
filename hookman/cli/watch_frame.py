"""A frame of `hookman watch`: plain lines that say what runs now, fitted to the size of the terminal."""

from __future__ import annotations

import time

from hookman.base.messages import shown
from hookman.base.records import record
from hookman.cli import log_rows, table
from hookman.cli.colour import marked, painted
from hookman.log.reader import GOOD, RUNNING, output_of, problem_of
from hookman.log.screen import last_state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TAIL = 16 * 1024  # bytes of a hook's output in which its last lines are looked for
LEAST = 2  # lines of output that a run shows at least, where its hook has printed that many
MOST = 20  # lines of output that a run shows at most
PAST = 5  # runs that have ended, at most
QUIT = "q quits"
SECONDS = 9  # columns of a time


@record
class Scene:
    """What there is to show."""

    runs: list[dict[str, Any]]  # under way
    waiting: dict[str, list[dict[str, Any]]]  # project → who waits for its lock, the longest first
    ended: list[dict[str, Any]]  # the newest first
    now: float  # seconds since 1970


def lines(data: str, scene: Scene, columns: int, height: int, *, is_live: bool) -> list[str]:
    """The frame: at most `height` lines of at most `columns` columns. One that is live says how to leave it."""
    found = [_head(scene, columns if is_live else 0)]
    for number, run in enumerate(scene.runs):
        left = (height - len(found)) // (len(scene.runs) - number)
        if left < 2:
            found.append(f"… and {len(scene.runs) - number} more")
            break
        found += ["", *_run(data, run, scene, left - 1)]
    ended = scene.ended[: min(PAST, height - len(found) - 2)]
    if ended:
        found += ["", painted("ended", "heading"), *_ended(ended, columns)]
    return [table.cut(line, columns) for line in found[:height]]


def _head(scene: Scene, columns: int) -> str:
    waiting = sum(map(len, scene.waiting.values()))
    count = len(scene.runs)
    facts = [f"{count} run{'' if count == 1 else 's'} under way" if count else "nothing runs now"]
    facts += [f"{waiting} waiting for a lock"] if waiting else []
    clock = time.strftime("%H:%M:%S", time.localtime(scene.now))
    left = f"hookman watch  {clock}  {', '.join(facts)}"
    return painted(table.padded(left, columns - len(QUIT)) + QUIT if columns else left, "heading")


def _run(data: str, run: dict[str, Any], scene: Scene, height: int) -> list[str]:
    """A run: its steps with their clocks, who waits for its project, and the end of what its hook prints."""
    age = table.duration(max(0.0, scene.now - float(run.get("started", scene.now))))
    name = painted(shown(run.get("name")), "heading")
    found = [f"{name}  {log_rows.typed(run)}  {age}  {_id(run)}"]
    waiters = scene.waiting.get(str(run.get("project")), [])
    steps = _steps(run, scene, is_waiting=_waits(run, waiters))
    others = [] if _waits(run, waiters) else [_waiter(waiter) for waiter in waiters]
    printed = _printed(data, run)
    room = height - 1 - len(others)
    few = max(1, room - min(len(printed), max(LEAST, room - len(steps))))
    if len(steps) > few:
        left = len(steps) - few + 1
        steps = [f"  … {left} before", *steps[left:]] if few > 1 else steps[-1:]
    end = printed[len(printed) - max(0, min(len(printed), room - len(steps))) :]
    return [*found, *steps, *(f"    {painted('│', 'quiet')} {line}" for line in end), *others][:height]


def _steps(run: dict[str, Any], scene: Scene, *, is_waiting: bool) -> list[str]:
    """Its hooks and its command, in the order in which they came, each with its time."""
    hooks = run.get("hooks", [])
    before = [hook for hook in hooks if str(hook.get("event")).endswith(".pre")]
    found = [_hook(hook, scene.now) for hook in before]
    if "compose" in run:
        code = run["compose"].get("exit_code")
        verdict = painted("✔", "good") if code == 0 else painted("✘", "bad")
        found.append(_step(verdict, run["compose"].get("seconds"), _command(run)))
    elif is_waiting:
        found.append(_step("…", scene.now - float(run.get("started", 0)), "waits for the lock of this project"))
    elif all(hook.get("result") in GOOD for hook in before) and not _is_closing(hooks):
        found.append(_step("…", scene.now - _ready(run), _command(run)))
    return [*found, *(_hook(hook, scene.now) for hook in hooks if hook not in before)]


def _is_closing(hooks: list[dict[str, Any]]) -> bool:
    """Has a hook begun that runs when all else is over?"""
    return any(str(hook.get("event")).endswith((".failed", ".always")) for hook in hooks)


def _command(run: dict[str, Any]) -> str:
    """What runs between the hooks."""
    return f"{'hookman' if str(run.get('command')).startswith('db_') else 'docker compose'} {shown(run.get('command'))}"


def _ready(run: dict[str, Any]) -> float:
    """When the last step before the command had ended."""
    before = [hook for hook in run.get("hooks", []) if str(hook.get("event")).endswith(".pre")]
    steps = [step for step in [run.get("lock", {}), *before] if "started" in step and "seconds" in step]
    return max([float(run.get("started", 0)), *(float(step["started"]) + float(step["seconds"]) for step in steps)])


def _hook(hook: dict[str, Any], now: float) -> str:
    result = str(hook.get("result"))
    seconds = now - float(hook.get("started") or now) if result == RUNNING else hook.get("seconds")
    problem = problem_of(hook)
    why = hook.get("reason") or (problem.what.rstrip().rpartition("\n")[2] if problem else result)
    text = f"{hook.get('event')}/{hook.get('name')}" + ("" if result in ("ok", RUNNING) else f": {why}")
    return _step(marked(log_rows.HOOK_MARKS.get(result, "✘")), seconds, shown(text))


def _id(run: dict[str, Any]) -> str:
    return painted(str(run.get("run")).rpartition("-")[2], "quiet")


def _step(mark: str, seconds: float | None, text: str) -> str:
    took = "" if seconds is None else table.duration(max(0.0, seconds))
    return f"  {mark} {took:>{SECONDS}}  {text}"


def _waits(run: dict[str, Any], waiters: list[dict[str, Any]]) -> bool:
    """Is the run one of those that wait for the lock? A note says the command and the second in which it was left."""
    if any(step in run for step in ("lock", "compose")) or run.get("hooks"):
        return False
    started = float(run.get("started", 0))
    typed = " ".join(" ".join(map(str, run.get("argv", []))).split())
    return any(typed.endswith(waiter["command"]) and waiter["since"] >= int(started) for waiter in waiters)


def _waiter(one: dict[str, Any]) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(one["since"]))
    return (
        f"  {painted('⧗', 'warning')} {'':>{SECONDS}}  `{shown(one['command'])}` waits since {clock} (pid {one['pid']})"
    )


def _printed(data: str, run: dict[str, Any]) -> list[str]:
    """The last lines that the hooks that run have printed, as a terminal would show them, made safe."""
    going = [hook for hook in run.get("hooks", []) if hook.get("result") == RUNNING]
    found = []
    for hook in going:
        text = b"".join(output_of(data, run, hook, TAIL)).decode("utf-8", "replace")
        owner = f"{shown(hook.get('name'))}  | " if len(going) > 1 else ""
        found += [f"{owner}{shown(line)}" for line in last_state(text)][-max(1, MOST // len(going)) :]
    return found[-MOST:]


def _ended(runs: list[dict[str, Any]], columns: int) -> list[str]:
    wide = columns >= log_rows.WIDE
    cells = [
        [
            f"{marked(log_rows.mark_of(run))} {_id(run)}",
            shown(run.get("name")),
            log_rows.typed(run) if wide else shown(run.get("command")),
            log_rows.took(run),
            shown(log_rows.summary(run, short=not wide)),
        ]
        for run in runs
    ]
    return [f"  {line}" for line in table.aligned(cells)]
