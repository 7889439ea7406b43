"""Consent: which projects on this machine may run their hooks.

The directories that are enabled are mirrored below <data>/enabled: a mark at
<data>/enabled/home/me/shop says that /home/me/shop is. So the question costs one look at
one file, however many projects there are, the shim can ask it without starting a program,
and consent is by complete path components with links resolved: `shop-evil` is not `shop`. A mark also says
which directory it means (hookman.consent.identity), so that another directory at the same path is not enabled.

A mark is lines of `key=value`: `kind` first, and `future` second where it is said (the shim reads these two);
then the directory's identity, `via=root` where a stack was enabled with its root, and `since`.
"""

from __future__ import annotations

import os
import time

from hookman.base.errors import HookmanError
from hookman.base.files import open_regular, replace_file
from hookman.base.paths import enabled_mark, make_private_dir
from hookman.consent.identity import fresh_identity, identity
from hookman.consent.trust import Trust, complaints, yourself

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = "project"
ROOT = "root"
# A file with this name also makes a directory a root, for those who come from Kompose.
ROOT_SCRIPT = "kompose.sh"
# The root that `hookman run` was told, for what it starts.
ROOT_VARIABLE = "HOOKMAN_ROOT"


def enable(data: str, directory: str, kind: str, **more: str) -> bool:
    """Enable the hooks of `directory` (a real path); False if they are enabled already.

    `kind` is PROJECT or ROOT; `more` are further lines of the mark, such as future="1". The other lines of an
    earlier mark of the same directory are kept; a root stays a root. Raises HookmanError.
    """
    before = proven_mark(data, directory)
    kind = ROOT if before.get("kind") == ROOT else kind
    said = {key: value for key, value in before.items() if key != "via"} | {"kind": kind} | more
    if said == before:
        return False
    mark = enabled_mark(data, directory)
    try:
        said |= {**fresh_identity(directory), "since": str(int(time.time()))}
        make_private_dir(os.path.dirname(mark))
        order = sorted(said, key=lambda key: (key != "kind", key != "future"))
        replace_file(mark, "".join(f"{key}={said[key]}\n" for key in order).encode())
    except OSError as error:
        raise HookmanError(
            f"can't write {mark}: {error.strerror}", "make the directory writable, or set HOOKMAN_DATA_DIR"
        ) from error
    return True


def disable(data: str, directory: str) -> list[str]:
    """Withdraw the consent for `directory` (a real path), and for the stacks that were enabled with it as their root.

    Returns the directories for which there was one. Raises HookmanError.
    """
    mark = enabled_mark(data, directory)
    stacks = _stacks_enabled_by(data, directory) if read_mark(data, directory).get("kind") == ROOT else []
    try:
        os.unlink(mark)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise HookmanError(f"can't remove {mark}: {error.strerror}", "remove it by hand") from error
    also = [directory for stack in stacks for directory in disable(data, stack)]
    base = os.path.join(data, "enabled")
    folder = os.path.dirname(mark)
    while folder != base:
        try:
            os.rmdir(folder)
        except OSError:
            break
        folder = os.path.dirname(folder)
    return [directory, *also]


def _stacks_enabled_by(data: str, root: str) -> list[str]:
    """The stacks that were enabled with their root."""
    try:
        names = os.listdir(os.path.dirname(enabled_mark(data, root)))
    except OSError:
        return []
    stacks = (os.path.join(root, name) for name in sorted(names))
    return [stack for stack in stacks if read_mark(data, stack).get("via") == ROOT]


def is_enabled(data: str, directory: str) -> bool:
    """May the hooks of the project in `directory` (a real path) run?

    By itself, or because its root was enabled with all stacks that come later. Hidden directories are no stacks.
    """
    if proven_mark(data, directory):
        return True
    root, name = os.path.split(directory)
    above = read_mark(data, root)
    return above.get("kind") == ROOT and above.get("future") == "1" and name[:1] != "." and is_marked(data, root, ROOT)


def distrusted_mark(data: str, directory: str) -> str:
    """Why the mark of `directory` does not count, in words; "" if there is no mark."""
    mark = read_mark(data, directory)
    if not mark:
        return ""
    if "birth" not in mark:
        return "was enabled by an older hookman, which could not tell it from another directory at its path"
    return "is not the directory that was enabled: another one is there now"


def root_of(data: str, directory: str, environ: Mapping[str, str]) -> str | None:
    """The root that the stack in `directory` belongs to, or None: the directory above it, if that is one.

    A directory that others may change is not a root, for its .env and settings would count.
    """
    parent = os.path.dirname(directory)
    if is_marked(data, parent, ROOT) or (parent and environ.get(ROOT_VARIABLE) == parent):
        return parent
    script = os.path.join(parent, ROOT_SCRIPT)
    return parent if os.path.exists(script) and not complaints((parent, script), yourself()) else None


def trust_in(data: str, directory: str) -> Trust:
    """Whose files may run in the project in `directory` (a real path): yours and root's, and what its mark adds.

    So does that of its root: owner=UID from --trust-owner, shared=1 from --shared.
    """
    trust = yourself()
    for path in (directory, os.path.dirname(directory)):
        mark = read_mark(data, path)
        if not ("owner" in mark or "shared" in mark) or mark != proven_mark(data, path):
            continue
        if path == directory or mark.get("kind") == ROOT:
            owner = mark.get("owner", "")
            owners = (*trust.owners, int(owner)) if owner.isdecimal() else trust.owners
            trust = Trust(owners=owners, shared=trust.shared or mark.get("shared") == "1")
    return trust


def is_marked(data: str, directory: str, kind: str) -> bool:
    """Is the directory that is at the path now enabled itself, as a `kind`?"""
    return proven_mark(data, directory).get("kind") == kind


def proven_mark(data: str, directory: str) -> dict[str, str]:
    """What the mark of `directory` says, if it means the directory that is there now; else nothing."""
    mark = read_mark(data, directory)
    if "birth" not in mark:  # of an older hookman
        return {}
    try:
        now = identity(directory)
    except OSError:
        return {}
    return mark if all(mark.get(key) == value for key, value in now.items()) else {}


def read_mark(data: str, directory: str) -> dict[str, str]:
    """The lines of the mark of `directory`; none if this user has no mark there."""
    try:
        file = open_regular(enabled_mark(data, directory), os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return {}
    try:
        text = os.read(file, 4000).decode("utf-8", "replace") if os.fstat(file).st_uid == os.geteuid() else ""
    except OSError:
        return {}
    finally:
        os.close(file)
    return {key: value for key, equals, value in (line.partition("=") for line in text.splitlines()) if equals}
