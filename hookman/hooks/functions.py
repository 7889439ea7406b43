"""Function hooks (Kompose): hook_<phase>_<command> in the project's hooks.sh."""

from __future__ import annotations

import os
from stat import S_ISREG

from hookman.base.errors import HookmanError, Problem
from hookman.base.files import read_regular
from hookman.base.quoting import shell_quoted
from hookman.base.records import record, replaced
from hookman.base.spawn import NULL, spawn
from hookman.hooks import places
from hookman.hooks.planned import PHASES
from hookman.hooks.scripts import windows_line_endings

FILE_NAME = places.HOOKS_SH
LONGEST = 4 * 1024 * 1024  # bytes
DRIVER = os.path.join(os.path.dirname(__file__), "driver.bash")
# How the names of hook functions begin.
STARTS = tuple(f"hook_{phase}_" for phase in PHASES)
# Commands that can define a function, or export a variable, that no reading of the text shows (C32, C40).
DEFINING = (".", "source", "eval")
DYNAMIC = (*DEFINING, "export", "declare", "typeset")
# What may stand before a command, in bash's grammar; quotes too, because a string may be a command.
SEPARATORS = str.maketrans(dict.fromkeys(";&|(){}`\"'\\", "\n"))
PREFIXES = ("if", "then", "elif", "else", "while", "until", "do", "!", "time", "builtin", "command")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

# What bash found wrong with a version of a hooks.sh: both phases plan, and checking starts a process.
_checked: dict[tuple[str, int, int, int], Problem | None] = {}


@record
class HooksFile:
    """A hooks.sh as read, not run. `problem` says why it can't be sourced, `reason` says that in a few words."""

    path: str
    text: str
    status: os.stat_result | None = None  # of what was read
    problem: Problem | None = None
    reason: str = ""


def hooks_file(project_dir: str) -> str | None:
    """The path of the project's hooks.sh, or None if there is none. It may be a link (C47)."""
    path = os.path.join(project_dir, FILE_NAME)
    return path if os.path.lexists(path) else None


def function_name(event: str) -> str:
    """The function that belongs to `event`: project.up.pre → hook_pre_up."""
    _, command, phase = event.split(".")
    return f"hook_{phase}_{command}"


def read(path: str, search_path: str) -> HooksFile:
    """The hooks.sh at `path`, with what keeps it from being sourced (C44). Nothing of it runs.

    `search_path` is the PATH on which bash is found.
    """
    try:
        # A pipe in its place must not make us wait.
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            status = os.fstat(file.fileno())
            data = file.read() if S_ISREG(status.st_mode) and status.st_size <= LONGEST else None
    except OSError as error:
        fix = f"make {path} a readable file, or skip hooks with --skip-hooks."
        problem = Problem(what=f"{path} can't be read: {error.strerror}", where=path, fix=fix)
        return HooksFile(path=path, text="", problem=problem, reason="unreadable")
    if data is None:
        fix = f"move {path} away, or skip hooks with --skip-hooks."
        problem = Problem(what=f"{path} is not a regular file, or it is too large", where=path, fix=fix)
        return HooksFile(path=path, text="", problem=problem, reason="not a regular file")
    text = data.decode("utf-8", "surrogateescape")
    if b"\r\n" in data:
        line = data[: data.index(b"\r\n")].count(b"\n") + 1
        windows = windows_line_endings(path)
        windows = replaced(windows, what=f"{path}:{line}: {windows.what}")
        return HooksFile(path=path, text=text, problem=windows, reason="Windows line endings")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        fix = f"iconv -f UTF-16 -t UTF-8 {shell_quoted(path)} >new && cat new >{shell_quoted(path)}"
        problem = Problem(what=f"{path} is in UTF-16, which bash does not read", where=path, fix=fix)
        return HooksFile(path=path, text=text, problem=problem, reason="UTF-16")
    version = (path, status.st_ino, status.st_size, status.st_mtime_ns)
    if version not in _checked:
        # `bash -n` does not run the line that sets it.
        options = ["-O", "extglob"] if b"extglob" in data else []
        try:
            _checked[version] = _syntax_error(path, options, search_path)
        except HookmanError as error:
            return HooksFile(path=path, text=text, problem=error.problem, reason="interpreter missing")
    found = _checked[version]
    return HooksFile(path=path, text=text, status=status, problem=found, reason="syntax error" if found else "")


def defined_at(text: str, name: str) -> int | None:
    """The line on which the text of a hooks.sh plainly defines the function `name`; None if it does not."""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.strip().removeprefix("function ").lstrip()
        if words.startswith(name):
            rest = words[len(name) :].lstrip()
            if rest.startswith("()") or (line.strip().startswith("function ") and not rest[:1].isalnum()):
                return number
    return None


def defined_functions(text: str) -> list[str]:
    """The names of the hook functions that the text of a hooks.sh plainly defines, in its order."""
    names: list[str] = []
    for line in text.split("\n"):
        words = line.strip().removeprefix("function ").lstrip()
        if words.startswith(STARTS):
            end = next((at for at, char in enumerate(words) if not (char.isalnum() or char == "_")), len(words))
            name = words[:end]
            if name not in names and defined_at(text, name):
                names.append(name)
    return names


def is_named(path: str, name: str) -> bool:
    """Does the text of the hooks.sh at `path` name the function `name`? Not if it can't be read."""
    try:
        return os.fsencode(name) in read_regular(path)
    except OSError:
        return False


def code_of(text: str) -> str:
    """The text of a hooks.sh with empty lines in place of comments."""
    return "\n".join("" if line.lstrip().startswith("#") else line for line in text.split("\n"))


def names_in(code: str) -> list[str]:
    """What in the code of a hooks.sh looks like the name of a hook function."""
    words = "".join(char if char.isalnum() or char == "_" else " " for char in code).split()
    return [word for word in words if word.startswith(STARTS)]


def uses(code: str, commands: tuple[str, ...]) -> bool:
    """Is one of the `commands` in the code, as far as reading it can tell?"""
    return any(words[0] in commands for words in _commands(code))


def may_matter(text: str, name: str) -> bool:
    """Can sourcing this text define `name` or export something, as far as reading it can tell?"""
    code = code_of(text)
    if _names(code, name) or "allexport" in code:
        return True
    for words in _commands(code):
        if words[0] in DYNAMIC or (words[0] == "set" and any("a" in word for word in words[1:])):
            return True
    return False


def may_define(text: str, name: str) -> bool:
    """Can sourcing this text define `name`, as far as reading it can tell?"""
    code = code_of(text)
    return _names(code, name) or uses(code, DEFINING)


def _names(code: str, name: str) -> bool:
    """Is `name` in the code, and not only as a part of another name?"""
    at = code.find(name)
    while at >= 0:
        around = code[at - 1 : at] + code[at + len(name) : at + len(name) + 1]
        if not any(char.isalnum() or char == "_" for char in around):
            return True
        at = code.find(name, at + 1)
    return False


def _commands(code: str) -> Iterator[list[str]]:
    """The words of each command in `code`, and of some texts that are not commands."""
    for part in code.translate(SEPARATORS).split("\n"):
        words = part.split()
        while words and (words[0] in PREFIXES or words[0][0] in "<>" or "=" in words[0]):
            del words[0]
        if words:
            yield words


def bash(search_path: str) -> str:
    """The bash that sources hooks.sh, found on the PATH `search_path` (none: the system's). Raises HookmanError."""
    for folder in (search_path or os.defpath).split(os.pathsep):
        path = os.path.join(folder, "bash")
        if folder and os.access(path, os.X_OK):
            return path
    raise HookmanError("hooks.sh needs bash, and there is none on your PATH", "install bash")


def has_bash(search_path: str) -> bool:
    """Is there a bash on the PATH `search_path`?"""
    try:
        return bool(bash(search_path))
    except HookmanError:
        return False


def _syntax_error(path: str, options: list[str], search_path: str) -> Problem | None:
    """What bash with `options` finds wrong with the file, as `path:line: message`; None if it parses."""
    ours, theirs = os.pipe()
    try:
        pid = spawn(bash(search_path), ["bash", *options, "-n", path], {"LC_ALL": "C"}, {0: NULL, 1: NULL, 2: theirs})
    finally:
        os.close(theirs)
    with open(ours, "rb") as said:
        errors = said.read()
    if os.waitpid(pid, 0)[1] == 0:
        return None
    first = errors.decode("utf-8", "replace").partition("\n")[0]
    message = first.removeprefix(f"{path}: ")
    line, _, rest = message.removeprefix("line ").partition(": ")
    what = f"{path}:{line}: {rest}" if line.isdigit() else f"{path}: {message}"
    return Problem(what=what, where=path, fix=f"correct the line; to check: bash -n {shell_quoted(path)}")
