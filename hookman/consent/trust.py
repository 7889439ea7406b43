"""Who may change the files that we run or read settings from. What others can change does not run, as with ssh.

The files are checked, their directories, and every directory above: whoever may
rename one of those decides what is below it. Group-writable ones are common (umask 002) and
count as the user's own; `hookman doctor` mentions them.
"""

from __future__ import annotations

import os
import stat

from hookman.base.errors import HookmanError
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Where the kernel makes up owner and mode, and chmod changes nothing (as mounted without metadata).
MODELESS = ("9p", "drvfs", "vfat", "msdos", "exfat", "cifs", "smb3", "ntfs", "ntfs3", "fuseblk", "vboxsf")


@record
class Trust:
    """Who may own what runs in a project; `shared`: whoever may write to it is trusted."""

    owners: tuple[int, ...]
    shared: bool = False

    def __str__(self) -> str:
        """Who is trusted beside you and root, in words; "" if nobody is."""
        others = [str(owner) for owner in self.owners if owner not in (os.geteuid(), 0)]
        if self.shared:
            return "what others may write here runs too"
        return f"its owner (number {' and '.join(others)}) is trusted" if others else ""


@record
class Complaint:
    """A path that somebody else may change, in words. `owner`: it belongs to them; else any user may write to it."""

    path: str
    owner: int | None = None

    def __str__(self) -> str:
        if self.owner is None:
            return f"any user of this machine may write to {shown(self.path)}"
        return f"{shown(self.path)} belongs to another user (number {self.owner})"


def yourself() -> Trust:
    """This user and root. What SUDO_UID says does not count: a root shell keeps it for whatever comes later."""
    return Trust(owners=(os.geteuid(), 0))


def complaints(paths: Iterable[str], trust: Trust) -> list[Complaint]:
    """What others may change of `paths` (real paths) and of the directories above them.

    Further up the sticky bit is enough (/tmp): others can make new files there, but move none of ours.
    What does not exist or can't be read is left out.
    """
    if trust.shared:
        return []
    looked_at = dict.fromkeys(paths, False)
    for path in list(looked_at):
        above = os.path.dirname(path)
        while above not in looked_at:
            looked_at[above] = True
            above = os.path.dirname(above)
    found = []
    for path, sticky_will_do in looked_at.items():
        try:
            status = os.stat(path)
        except OSError:
            continue
        if wrong := complaint(path, status, trust, sticky_will_do=sticky_will_do):
            found.append(wrong)
    return found


def complaint(path: str, status: os.stat_result, trust: Trust, *, sticky_will_do: bool = False) -> Complaint | None:
    """What is wrong with the owner or the mode of one path; None if nothing is."""
    if trust.shared or not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return None  # a device or a pipe (a .env that is a link to /dev/null) is never read
    if status.st_uid not in trust.owners:
        return Complaint(path=path, owner=status.st_uid)
    if status.st_mode & stat.S_IWOTH and not (sticky_will_do and status.st_mode & stat.S_ISVTX):
        return Complaint(path=path)
    return None


def beside(path: str) -> list[str]:
    """What decides about the content of the file at `path`: it, and its directory; where it is a link, the link's."""
    real = os.path.realpath(path)
    return [real, os.path.dirname(real), os.path.realpath(os.path.dirname(path))]


def one_fix(found: Sequence[Complaint]) -> str:
    """The one command that fixes everything that was `found`."""
    own = os.geteuid()
    foreign = [shell_quoted(complaint.path) for complaint in found if complaint.owner is not None]
    writable = [
        shell_quoted(complaint.path) for complaint in found if complaint.owner is None or _any_may_write(complaint.path)
    ]
    sudo = "sudo " if own else ""
    commands = []
    if foreign:
        commands.append(f"{sudo}chown {own} {' '.join(foreign)}")
    if writable:
        mine = all(complaint.owner is not None or _owner(complaint.path) == own for complaint in found)
        commands.append(f"{'' if mine else sudo}chmod o-w {' '.join(writable)}")
    return " && ".join(commands)


def refusal(found: Iterable[Complaint], directory: str) -> HookmanError:
    """The error for a project in `directory` whose hooks others may change: all that was found, and the one fix."""
    every = list({complaint.path: complaint for complaint in found}.values())
    lines = "".join(f"\n  {complaint}" for complaint in every)
    return HookmanError(
        f"others may change what runs in {directory}, so its hooks do not run:{lines}", fixes(every, directory)
    )


def fixes(found: Sequence[Complaint], directory: str) -> str:
    """What to do about it: a command that takes it from others, or the one that accepts it."""
    owner = _owner(directory)
    if all(complaint.owner == owner for complaint in found):
        accept = f"hookman enable --trust-owner {shell_quoted(directory)}"
        why = "To trust their owner here"
    else:
        accept = f"hookman enable --shared {shell_quoted(directory)}"
        why = "To accept that here"
    from hookman.base.mounts import file_system

    kind = file_system(found[0].path)
    if kind in MODELESS:
        return f"{accept}\n({kind} may have no owners and modes of its own, so chmod can't change that)"
    return f"{one_fix(found)}\n{why}: {accept}"


def open_to_group(path: str) -> bool:
    """May other members of its group write to `path`?"""
    try:
        return bool(os.stat(path).st_mode & stat.S_IWGRP)
    except OSError:
        return False


def _owner(path: str) -> int:
    try:
        return os.stat(path).st_uid
    except OSError:
        return -1


def _any_may_write(path: str) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return bool(status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX)
