"""Directory hooks (dde): the executable files of a hook directory whose names `hook_files` has (*.sh), in order."""

from __future__ import annotations

import os
import stat

from hookman.base.errors import HookmanError, Problem
from hookman.base.messages import one_line
from hookman.base.quoting import shell_quoted
from hookman.base.records import record
from hookman.hooks import places

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

TRACE = os.path.join(os.path.dirname(__file__), "trace.bash")
HOOKS_DIR = places.HOOKS_DIR
NOT_A_HOOK = "not a hook"
# What a script with that ending is probably for.
INTERPRETERS = {"py": "python3", "js": "node", "mjs": "node", "rb": "ruby", "pl": "perl", "php": "php", "fish": "fish"}
NOEXEC_FIX = "mount it with exec, move the project, or use functions in hooks.sh, which bash reads"


@record
class Script:
    """One script of a hook directory. A `problem` says why it can't run, `reason` says that in a few words."""

    name: str
    path: str  # by which it is started: the real path of its directory, and its own name (C55)
    reason: str = ""
    problem: Problem | None = None
    refused: bool = False  # it can't be started though it is meant to: the event stops


def hook_directory(project_dir: str, event: str) -> str:
    """The directory of the scripts for `event` (project.up.pre)."""
    return os.path.join(project_dir, HOOKS_DIR, event)


def directories(project_dir: str, event: str) -> list[str]:
    """The directories that lead to the scripts for `event`, the project's first."""
    hooks = os.path.join(project_dir, HOOKS_DIR)
    return [project_dir, os.path.dirname(hooks), hooks, os.path.join(hooks, event)]


def file_names(project_dir: str, event: str) -> list[str]:
    """The names of what is in the hook directory of `event`, in byte order (C50), without looking at it.

    Only what is visible (C52). Raises HookmanError if the directory can't be read.
    """
    directory = hook_directory(project_dir, event)
    try:
        names = os.listdir(directory)
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise HookmanError(
            f"{directory} is a file, but hooks belong in a directory of that name",
            "move the file away, create the directory, and put the hooks into it",
            directory,
        ) from error
    except OSError as error:
        raise HookmanError(
            f"can't read {directory}: {error.strerror}",
            "make it readable, or skip hooks with --skip-hooks",
            directory,
        ) from error
    return sorted((name for name in names if name[0] != "."), key=os.fsencode)


def is_hook_name(name: str, patterns: Iterable[str]) -> bool:
    """Is that the name of a hook, where `patterns` say which files are hooks (C49)?"""
    return bool(hook_names([name], patterns))


def hook_names(names: list[str], patterns: Iterable[str]) -> list[str]:
    """Those of `names` that are names of hooks."""
    patterns = list(patterns)
    endings = tuple(pattern[1:] for pattern in patterns if _is_ending(pattern))
    others = [pattern for pattern in patterns if not _is_ending(pattern)]
    return [name for name in names if name.endswith(endings) or any(_matches(name, pattern) for pattern in others)]


def _is_ending(pattern: str) -> bool:
    return pattern[0] == "*" and not any(char in pattern[1:] for char in "*?[")


def _matches(name: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase  # takes some ms to import, and most patterns are endings

    return fnmatchcase(name, pattern)


def not_a_hook(directory: str, event: str, name: str, patterns: Iterable[str]) -> Script | None:
    """The file `name` that is no hook, if somebody may take it for one because it is executable; else None.

    `directory` is the real path of the event's hook directory, `patterns` say which files are hooks.
    """
    path = os.path.join(directory, name)
    if not (os.path.isfile(path) and os.access(path, os.X_OK)):
        return None
    patterns = list(patterns)
    shown = _shown(event, name)
    fixes = [f"chmod -x {shown}"]
    ending = name.rpartition(".")[2]
    if ending.isalnum() and not any(f"{pattern.lstrip('*')}." in name for pattern in patterns):  # 01.sh.off: not meant
        more = f"*.{ending}" if "." in name else name
        fixes.insert(0, f"hookman config set hook_files {shell_quoted(','.join([*patterns, more]))}")
    are = f"only {', '.join(patterns)} files are" if patterns else "no file is"
    what = f"{shown} is executable, but it is not a hook: {are} (hook_files)"
    return Script(
        name=name, path=path, reason=NOT_A_HOOK, problem=Problem(what=what, where=path, fix=", or ".join(fixes))
    )


def _without_first_line(event: str, name: str, path: str) -> Script | None:
    """The script at `path` in another language than sh, if no `#!` line says which: sh would run it; else None."""
    try:
        with open(path, "rb") as file:
            start = file.read(256)
    except OSError:
        return None  # its interpreter says so
    if start.startswith(b"#!") or b"\0" in start:
        return None
    program = INTERPRETERS.get(name.rpartition(".")[2], "PROGRAM")
    fix = f"begin {_shown(event, name)} with: #!/usr/bin/env {program}"
    return _skipped(name, path, "no first line", "has no first line (#!) that names its interpreter, skipped", fix)


def look_at(directory: str, event: str, name: str) -> Script | None:
    """The script `name` and whether it can run; None if it is no file at all (C53).

    `directory` is the real path of the event's hook directory.
    """
    path = os.path.join(directory, name)
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return None  # it was removed meanwhile
    if stat.S_ISLNK(mode):
        return _look_at_link(directory, event, name, path)
    if not stat.S_ISREG(mode):
        return None
    if not os.access(path, os.X_OK):
        return _not_executable(event, name, path, mode)
    return (None if name.endswith(".sh") else _without_first_line(event, name, path)) or Script(name=name, path=path)


def _look_at_link(directory: str, event: str, name: str, path: str) -> Script | None:
    real = os.path.realpath(path)
    if not os.path.exists(real):
        return _skipped(name, path, "link to nothing", "is a link to nothing, skipped", f"rm {_shown(event, name)}")
    if not real.startswith(directory + os.sep):
        fix = f"replace {_shown(event, name)} by a copy, or by a script that calls it"
        return _skipped(
            name, real, "link out of the directory", "is a link that leads out of its directory, skipped", fix
        )
    if not os.path.isfile(real):
        return None
    if os.access(real, os.X_OK):
        return Script(name=name, path=path)  # started by its own name: `$0` is the link (C54, C55)
    return _not_executable(event, name, real, os.stat(real).st_mode)


def _not_executable(event: str, name: str, path: str, mode: int) -> Script:
    """A script that may not be started: it has no execute bit, or none for this user, or its mount allows none."""
    if mode & 0o111:
        from hookman.base.mounts import is_noexec

        if is_noexec(path):
            what = f"{path} is on a file system that is mounted noexec"
            problem = Problem(what=what, where=path, fix=NOEXEC_FIX)
            return Script(name=name, path=path, reason="mounted noexec", problem=problem, refused=True)
        what = f"may not be executed by you (mode {stat.S_IMODE(mode):04o}), skipped"
        return _skipped(name, path, "not executable by you", what, f"sudo chmod a+rx {_shown(event, name)}")
    return _skipped(name, path, "not executable", "is not executable, skipped", f"chmod +x {_shown(event, name)}")


def _skipped(name: str, path: str, reason: str, what: str, fix: str) -> Script:
    problem = Problem(what=f'Hook "{one_line(name)}" {what}', where=path, fix=fix)
    return Script(name=name, path=path, reason=reason, problem=problem)


def _shown(event: str, name: str) -> str:
    """A script's path from its project's directory, as one may type it."""
    return shell_quoted(os.path.join(HOOKS_DIR, event, name))


def first_line(path: str) -> bytes:
    """The first line of the script at `path`, without its line break; b"" if it can't be read."""
    try:
        with open(path, "rb") as file:
            return file.readline(4096).rstrip(b"\n")
    except OSError:
        return b""


def traced_by(path: str) -> tuple[list[str], dict[str, str]]:
    """What shows each command of a script, with file and line.

    What to put before its path, and what into its environment; nothing if it is neither sh nor bash.
    """
    from hookman.hooks.interpreter import shell_name, words_of

    words = words_of(first_line(path) + b"\n") or ["/bin/sh"]
    names = [shell_name(word) for word in " ".join(words).split()]
    if "bash" in names:
        return [], {"BASH_ENV": TRACE}
    if "sh" in names or "dash" in names:
        prefix = f"+ {os.path.basename(path)}${{LINENO:+:$LINENO}}: "  # dash may have no LINENO
        return [*words, "-x"], {"PS4": prefix}
    return [], {}


def windows_line_endings(path: str) -> Problem:
    """The problem of a file whose lines end as Windows ends them (C57)."""
    return Problem(what="Windows line endings (CRLF)", where=path, fix=f"sed -i 's/\\r$//' {shell_quoted(path)}")


def line_endings_problem(path: str) -> Problem | None:
    """The problem of a `#!` line that ends as Windows ends lines; None if it does not."""
    line = first_line(path)
    return windows_line_endings(path) if line.startswith(b"#!") and line.endswith(b"\r") else None


def why_not_started(path: str) -> Problem:
    """Why the kernel refused to start the script at `path`."""
    from hookman.base.mounts import is_noexec

    if is_noexec(path):
        return Problem(what="its file system is mounted noexec", where=path, fix=NOEXEC_FIX)
    if problem := line_endings_problem(path):
        return problem
    from hookman.hooks.interpreter import reader

    flaw = reader(path, first_line(path) + b"\n", os.getcwd(), "").flaw
    unknown = Problem(what="it could not be started", where=path, fix=f"look at the first line of {path}")
    return flaw.problem if flaw else unknown
