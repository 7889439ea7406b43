"""What the mount of a path allows and what kind it is. Used only when something is wrong already."""

from __future__ import annotations

import os
import sys

from hookman.base.system import PORTABLE


def is_noexec(path: str) -> bool:
    """Does the file system of `path` prevent programs from starting (mounted noexec)?"""
    if sys.platform == "linux" and not PORTABLE:
        try:
            return bool(os.statvfs(path).f_flag & os.ST_NOEXEC)
        except OSError:
            return False
    return False  # statvfs does not tell


def file_system(path: str) -> str:
    """The kind of file system that `path` is on, as Linux names it; "" where that can't be told."""
    if PORTABLE:
        return ""
    try:
        device = os.stat(path).st_dev
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            mounts = file.read().splitlines()
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    return next((line.partition(" - ")[2].split()[0] for line in mounts if line.split()[2] == number), "")
