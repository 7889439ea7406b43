"""Records of runs, and what the log says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hookman.base.redact import Redactor
from hookman.log import store
from hookman.log.writer import Journal

RUN = "20260101-000000-aaaaaa"


def journal(path: Path, secrets: Redactor | None = None, **more: Any) -> Journal:
    """The writer of a run in the directory `path`."""
    return Journal(str(path), RUN, secrets or Redactor(), pytest.fail, **more)


def names(log: str, **more: Any) -> list[str]:
    """The ids of the runs in a log, in its order."""
    return [run["run"] for run in store.runs(log, **more)]


def under_way(log: str, run: str, *events: dict[str, Any]) -> Path:
    """The record of a run that has not ended, and whose process is gone."""
    path = Path(log, "running", f"{run}.jsonl")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"".join(store.line_of(event) for event in ({"type": "start", "at": 1, "run": run}, *events)))
    return path
