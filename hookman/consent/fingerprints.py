"""Looks at the directories that lead to a hook and at its file: whose they are, and whether they are the same ones."""

from __future__ import annotations

import os

from hookman.consent import trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.consent.trust import Complaint, Trust


def fingerprint(directories: Iterable[os.stat_result], file: os.stat_result) -> tuple[object, ...]:
    """What tells the file of a hook, and the directories that lead to it (the project's first), from any other."""
    return (
        *((status.st_dev, status.st_ino, status.st_mode, status.st_uid) for status in directories),
        (file.st_dev, file.st_ino, file.st_mtime_ns, file.st_ctime_ns, file.st_size, file.st_mode, file.st_uid),
    )


def distrusted_above(
    project_dir: str,
    directories: list[str],
    stats: list[os.stat_result],
    real: str,
    known: Iterable[Complaint],
    trusted: Trust,
) -> list[Complaint]:
    """What others may change above a hook: its `directories`, and those above `real` if links lead out of the project.

    `stats` are of the directories. What is above the project is `known`.
    """
    found = [*known]
    for path, status in zip(directories, stats, strict=True):
        if complaint := trust.complaint(path, status, trusted):
            found.append(complaint)
    if real != directories[-1] and not f"{real}/".startswith(f"{os.path.realpath(project_dir)}/"):
        found += trust.complaints([real], trusted)
    return found
