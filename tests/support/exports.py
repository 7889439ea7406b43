"""What becomes of runs that are exported: the spool, its state, and the senders of a box."""

from __future__ import annotations

import json
import os
import select
from pathlib import Path
from typing import Any

from tests.support.box import PATIENCE, Box, Project
from tests.support.waiting import wait_until


def exporting(shop: Project, url: str, more: str = "") -> None:
    """Let the project export its runs to that URL, without what its hooks print; `more` is for the same table."""
    shop.write("hookman.toml", f'[export]\notlp = "{url}"\nlogs = false\n{more}')


def waiting(box: Box) -> list[str]:
    """The runs in the spool."""
    return sorted(path.stem for path in (box.data / "export").glob("*.json"))


def state(box: Box) -> dict[str, Any]:
    path = box.data / "export/state"
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def problem(box: Box) -> str:
    """What the last attempt said, once it has said something."""
    wait_until(lambda: state(box).get("servers"), "nothing was said")
    (facts,) = state(box)["servers"].values()
    return str(facts["what"])


def idle(box: Box) -> None:
    """Wait until no sender works."""

    def is_idle() -> bool:
        begins = _one_begins()  # first: it may get its name meanwhile
        found = senders(box)
        for pid in found:
            _wait_for_the_end_of(pid)  # to look again and again takes more than what the sender does
        return not (begins or found)

    wait_until(is_idle, "a sender still works")


def _wait_for_the_end_of(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([process], [], [], PATIENCE)[0], "a sender still works"
    finally:
        os.close(process)


def senders(box: Box) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if any(word.endswith(b"export/sender.py") for word in words) and bytes(box.data) in words:
            found.append(int(path.parent.name))
    return found


def _one_begins() -> bool:
    """Is there a Python that has no command line yet? It may be a sender."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if not path.read_bytes() and "python" in os.readlink(path.with_name("exe")):
                return True
        except OSError:
            continue
    return False
