"""What there is to tell of a run: it failed, recovered, went well, or was interrupted. docs/rules.md has the rules."""

from __future__ import annotations

from hookman.base.paths import project_data_dir
from hookman.log import reader, store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

FAILED, RECOVERED, OK, INTERRUPTED = "failed", "recovered", "ok", "interrupted"
OF_RESULT = {"ok": OK, "failed": FAILED, "aborted": FAILED, "interrupted": INTERRUPTED}


def event_of(run: Mapping[str, Any], data: str) -> str:
    """What there is to tell of the run, "" if nothing; our own files are in `data`."""
    found = "" if reader.is_rerun(dict(run)) else _went(run)  # who runs hooks again looks at them
    return RECOVERED if found == OK and _failed_before(run, data) else found


def bad_hook(run: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first hook that failed and may not; None if there is none."""
    return next((hook for hook in reader.failures(dict(run)) if not hook.get("allowed")), None)


def _went(run: Mapping[str, Any]) -> str:
    if run.get("refused"):
        return ""  # it never began
    if "ended" not in run:
        return FAILED  # it was killed
    result = str(run.get("result"))
    if result == "warned":
        return FAILED if bad_hook(run) else OK
    return OF_RESULT.get(result, "")


def _failed_before(run: Mapping[str, Any], data: str) -> bool:
    """Did the same command on the same project and engine fail when it last went well or failed?"""
    last = next((found for one in _before(run, data) if (found := _went(one)) in (FAILED, OK)), OK)
    return last == FAILED


def _before(run: Mapping[str, Any], data: str) -> Iterator[dict[str, Any]]:
    """The runs of the same command, with the same docker context, that ended before this one, the newest first."""
    runs = store.finished(project_data_dir(data, str(run.get("project", ""))))
    for one in runs:
        if one.get("run") == run.get("run"):
            break
    same = ("command", "context")
    yield from (one for one in runs if not reader.is_rerun(one) and all(one.get(key) == run.get(key) for key in same))
