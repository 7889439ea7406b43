"""Which program reads a script: the `#!` line as the kernel and `env` read it, and what is wrong with it.

Nothing is started. This is for commands that show hooks, and for a hook that did not start; not for each run.
"""

from __future__ import annotations

import itertools
import os
import re
import shlex

from hookman.base.errors import Problem
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.base.records import record
from hookman.base.system import IS_LINUX

LONGEST = 255 if IS_LINUX else 511  # bytes of a `#!` line that the kernel reads
DEEPEST = 4  # interpreters that are scripts themselves
MISSING = "interpreter missing"
WRONG_LINE = "wrong first line"
# Options of env (GNU and BSD) that take a value; -S takes the rest of the line.
VALUED = {"u": "unset", "C": "chdir", "a": "argv0", "P": "path"}
FLAGS = "0iv"


@record
class Flaw:
    """Why a hook can't work as it is: in a few words, and as a problem."""

    state: str
    problem: Problem


@record
class Reader:
    """The program that reads a script: its path, "" if that can't be known without running something."""

    path: str = ""
    flaw: Flaw | None = None


class _WrongLineError(Exception):
    """A `#!` line that can't work; the message says why."""


def words_of(start: bytes) -> list[str]:
    """The program that a `#!` line names, and its argument; [] where the kernel sees no such line.

    Linux gives everything after the program as one argument; others split it.
    """
    line, line_break, _ = start[: LONGEST + 1].partition(b"\n")
    if not line.startswith(b"#!"):
        return []
    words = line[2:].strip(b" \t").split(b"\0")[0].replace(b"\t", b" ").split(b" ", 1)
    if not words[0] or (not line_break and len(start) > LONGEST and len(words) == 1):
        return []
    rest = words[1:] and [words[1].strip(b" ")]
    found = [words[0], *(rest if IS_LINUX else (rest[0].split() if rest else []))]
    return [os.fsdecode(word) for word in found if word]


def reader(path: str, start: bytes, directory: str, search_path: str) -> Reader:
    """What reads the script at `path`, which begins with `start` and runs in `directory` with that PATH."""
    first = start.partition(b"\n")[0]
    words = words_of(start)
    if not words:
        if first.startswith(b"#!") and len(first) > LONGEST:
            what = f"its first line has more than {LONGEST} bytes, so the kernel does not read it"
            return Reader(flaw=Flaw(state=WRONG_LINE, problem=Problem(what=what, where=path, fix=_fix(path))))
        words = ["sh"]  # as shells do (C56)
        found = on_path("sh", search_path, directory)
        return Reader(path=found)
    return _reader(path, words, directory, search_path, DEEPEST)


def _reader(path: str, words: list[str], directory: str, search_path: str, depth: int) -> Reader:
    program = os.path.join(directory, words[0])
    if flaw := _cant_start(path, words[0], program):
        return Reader(flaw=flaw)
    if os.path.basename(program) == "env":
        try:
            found = _started_by_env(words[1:], directory, search_path)
        except _WrongLineError as error:
            problem = Problem(what=str(error), where=path, fix=_fix(path))
            return Reader(flaw=Flaw(state=WRONG_LINE, problem=problem))
        if found is None:
            return Reader()
        name, program = found
        if not program or (flaw := _cant_start(path, name, program)):
            if "/" in name:
                return Reader(flaw=_cant_start(path, name, program))
            what = f"its interpreter {shown(name)} is not on your PATH"
            fix = f"install it, or fix the first line of {shell_quoted(path)}"
            return Reader(flaw=Flaw(state=MISSING, problem=Problem(what=what, where=path, fix=fix)))
    inner = words_of(_start_of(program)) if depth else []
    if inner:
        # A program that is a script itself, such as one of a virtual environment whose Python has gone.
        return Reader(path=program, flaw=_reader(path, inner, directory, search_path, depth - 1).flaw)
    return Reader(path=program)


def _cant_start(path: str, name: str, program: str) -> Flaw | None:
    """Why `program`, which the script at `path` calls `name`, can't start."""
    if not os.path.exists(program):
        what = f"its interpreter {shown(name)} does not exist"
    elif not os.path.isfile(program) or not os.access(program, os.X_OK):
        what = f"its interpreter {shown(name)} can't be executed"
    else:
        return None
    fix = f"install it, or fix the first line of {shell_quoted(path)}"
    return Flaw(state=MISSING, problem=Problem(what=what, where=path, fix=fix))


def _fix(path: str) -> str:
    return f"fix the first line of {shell_quoted(path)}"


def _started_by_env(arguments: list[str], directory: str, search_path: str) -> tuple[str, str] | None:
    """What `env` starts: the name that it gets, and its path ("" if there is no such program); None if only env knows.

    Raises _WrongLineError.
    """
    words = list(arguments)
    while words and words[0].startswith("-") and (option := words.pop(0)) != "--":
        text = _split_string(option, words)
        if text and "$" in text:
            return None
        if text is not None:
            words = [*_split(text), *words]
        elif option in ("-", "-i", "--ignore-environment"):
            search_path = os.defpath
        else:
            _pass_over(option, words)
    values = list(itertools.takewhile(lambda word: "=" in word, words))
    if len(values) == len(words):
        raise _WrongLineError("its first line gives env no program to start")
    search_path = dict(value.split("=", 1) for value in values).get("PATH", search_path)
    return _program(words[len(values)], directory, search_path)


def _program(name: str, directory: str, search_path: str) -> tuple[str, str]:
    """The program that env is to start: its name and its path. Raises _WrongLineError."""
    if "/" in name:
        return name, os.path.join(directory, name)
    if " " in name:  # the kernel gives all of the line as one argument
        raise _WrongLineError(f'env looks for a program called "{shown(name)}"; write: #!/usr/bin/env -S {shown(name)}')
    return name, on_path(name, search_path, directory)


def _split_string(option: str, words: list[str]) -> str | None:
    """The text that env is to split, if `option` says so (-S, -vS, --split-string)."""
    name, equals, value = option.partition("=")
    if name == "--split-string":
        return value if equals else _value(option, words)
    if option.startswith("--"):
        return None
    flags, has_one, text = option[1:].partition("S")
    if not has_one or flags.strip(FLAGS):
        return None
    return text or _value(option, words)


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise _WrongLineError(f"env can't split {shown(text)}: a quote is not closed") from None


def _pass_over(option: str, words: list[str]) -> None:
    """Read past an option, or a cluster of short ones. Raises _WrongLineError for one that env does not know."""
    if option.startswith("--"):
        if option[2:] in VALUED.values():
            _value(option, words)
        return
    for at, letter in enumerate(option[1:], 2):
        if letter in VALUED:
            if not option[at:]:
                _value(option, words)
            return
        if letter not in FLAGS:
            what = f'env takes "{shown(option)}" for options'
            raise _WrongLineError(f"{what}; write: #!/usr/bin/env -S {shown(option)}" if " " in option else what)


def _value(option: str, words: list[str]) -> str:
    if not words:
        raise _WrongLineError(f"env needs a value after {shown(option)}")
    return words.pop(0)


def on_path(name: str, search_path: str, directory: str) -> str:
    """The path of the program `name`, as execvp finds it for a process in `directory`; "" if there is none."""
    for folder in (search_path or os.defpath).split(os.pathsep):
        path = os.path.join(directory, folder, name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return ""


def _start_of(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(LONGEST + 1)
    except OSError:
        return b""


def shell_name(path: str) -> str:
    """What kind of program reads a script: bash for /opt/bin/bash-5.2, python for python3.12."""
    return re.sub(r"[-\d.]+$", "", os.path.basename(path))
