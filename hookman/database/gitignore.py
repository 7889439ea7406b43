"""Would git take a dump into the next commit? Asked without any code or setting of the project's repository."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile

from hookman.base.errors import Problem
from hookman.database import programs
from hookman.database.dumps import file_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 10  # seconds
IS_NOT_IGNORED = 1  # the exit code of git check-ignore
# git takes a directory with these files for a repository.
HEAD = "ref: refs/heads/main\n"


def advice(path: str, name: str, environ: Mapping[str, str]) -> Problem | None:
    """What to tell the user of the dump at `path` of the database `name`; None where git does not see it."""
    top = _work_tree(os.path.dirname(path))
    git = programs.found("git", environ)
    if not top or not git or not _is_seen(git, top, path, environ):
        return None
    pattern = "".join(f"\\{char}" if char in "\\*?[! #" else char for char in file_name(name)) + "_[0-9]*.sql*"
    add = f"echo {shlex.quote(pattern)} >>{shlex.quote(os.path.join(os.path.dirname(path), '.gitignore'))}"
    return Problem(what=f"git does not ignore {path}, so its data could be committed", where=path, fix=add)


def _work_tree(directory: str) -> str:
    """The directory around `directory` that has a .git; "" if there is none."""
    here = os.path.realpath(directory)
    while not os.path.lexists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return ""
        here = above
    return here


def _is_seen(git: str, top: str, path: str, environ: Mapping[str, str]) -> bool:
    """Would `git add` take `path`?

    The repository's own configuration can name programs that git runs (core.fsmonitor, a remote of
    missing objects), and it may be a clone nobody enabled. So git gets an empty repository of ours
    and the project's files: there are the .gitignore files, and info/exclude is copied.
    """
    own = {key: value for key, value in environ.items() if not key.startswith("GIT_")}
    with tempfile.TemporaryDirectory(prefix="hookman-git-") as empty:
        for folder in ("objects", "refs", "info"):
            os.mkdir(os.path.join(empty, folder))
        with open(os.path.join(empty, "HEAD"), "w", encoding="ascii") as head:
            head.write(HEAD)
        exclude = os.path.join(top, ".git", "info", "exclude")
        if os.path.isfile(exclude):
            shutil.copyfile(exclude, os.path.join(empty, "info", "exclude"))
        where = [f"--git-dir={empty}", f"--work-tree={top}", "-c", "core.fsmonitor=false", "-c", "core.bare=false"]
        real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
        try:
            done = subprocess.run(
                [git, *where, "check-ignore", "--quiet", "--", real],
                env=own,
                cwd=top,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
    return done.returncode == IS_NOT_IGNORED
