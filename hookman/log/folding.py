"""Makes one record, as in the log, from the events of a run that is not in the log yet."""

from __future__ import annotations

import os

from hookman.base.files import read_regular
from hookman.log.valid_record import is_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STEPS = ("lock", "compose", "problem", "not_reached")  # of a run, beside its hooks


def folded(path: str, result: str, outputs: str, longest: int) -> dict[str, Any] | None:
    """The events in the file at `path` as one record: each hook that had ended, and the one that had not.

    `result` is that of the hook that had not; what hooks of all runs printed is below `outputs`. A file of more
    than `longest` bytes is none of ours.
    """
    try:
        lines = read_regular(path, longest).split(b"\n")
    except OSError:
        return None
    events = [event for line in lines if (event := parsed(line)) is not None and isinstance(event.get("type"), str)]
    if not events or events[0]["type"] != "start":
        return None
    run: dict[str, Any] = {**_facts(events[0]), "hooks": [], "exit_code": None}
    going: list[dict[str, Any]] = []  # hooks that had not ended; several only where they run side by side
    for event in events[1:]:
        if event["type"] in STEPS:
            run[event["type"]] = _facts(event)
        elif event["type"] == "wait":
            run["waits"] = [*run.get("waits", []), _facts(event)]
        else:
            _take(event, going, run["hooks"])
    folder = os.path.join(outputs, str(run.get("run")))
    for hook in going:
        number = hook.pop("number")
        run["hooks"].append({**hook, "result": result, "output": _output_name(folder, number, hook)})
    return run if is_record(run) else None


def parsed(line: bytes) -> dict[str, Any] | None:
    """The object of JSON on a line; None if there is none."""
    import json

    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _take(event: dict[str, Any], going: list[dict[str, Any]], ended: list[dict[str, Any]]) -> None:
    """Take one more event of a hook: it started, perhaps once more, or an attempt of it ended, or it has ended."""
    hook = _meant(event, going)
    if event["type"] == "hook":
        ended.append(_facts(event))
        going[:] = [one for one in going if one is not hook]
    elif event["type"] == "hook_started":
        fresh = {"number": len(ended), **_facts(event), "started": event.get("at")}
        if hook is None or not hook.get("attempts"):
            going.append(fresh)
        else:
            hook.update(fresh)
    elif event["type"] == "attempt" and hook is not None:
        hook["attempts"] = [*hook.get("attempts", []), event.get("attempt")]


def _meant(event: dict[str, Any], going: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The hook that had not ended and that the event is about.

    A function may end by another name than it began, for what failed may be the top level of its file.
    """
    own = [hook for hook in going if (hook.get("event"), hook.get("name")) == (event.get("event"), event.get("name"))]
    if own or event["type"] != "hook" or event.get("result") == "skipped":
        return own[0] if own else None
    return next((hook for hook in going if len(going) == 1 or str(hook.get("name")).startswith("hook_")), None)


def _output_name(folder: str, number: Any, hook: dict[str, Any]) -> str:
    """The name of the file with what the hook with that number prints; "" if there is none yet."""
    made = [attempt.get("output") for attempt in hook.get("attempts", []) if isinstance(attempt, dict)]
    try:
        return next((name for name in os.listdir(folder) if name.startswith(f"{number:02d}-") and name not in made), "")
    except (OSError, TypeError, ValueError):
        return ""


def _facts(event: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in event.items() if key not in ("type", "at")}
