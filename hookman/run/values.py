"""What hooks learn about the command line, and the values that they pass to later hooks and Compose (DESIGN 1.10).

Both go through files in the project's data directory. HOOKMAN_ENV is a file that does not exist until a hook writes it,
so a hook that does not use it costs one look.
"""

from __future__ import annotations

import errno
import os

from hookman.base.errors import Problem
from hookman.base.files import open_regular
from hookman.consent.dotenv_names import reserved
from hookman.log.store import VALUES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.run.operation import Operation

FILE = "HOOKMAN_ENV"
LONGEST = 1024 * 1024  # bytes of it
LONGEST_LINE = 100_000  # bytes of a variable; the kernel takes none of more than 128 KiB
FORM = 'write lines NAME=VALUE (echo "NAME=$value" >>"$HOOKMAN_ENV")'
_TOO_LARGE = f"is larger than {LONGEST} bytes"
_RESERVED = "which changes how programs start"
# How a message about a line ends → the fix, if that is not the form of a line.
_FIXES = {
    _TOO_LARGE: "write the large value to a file of your own, and the path of that here",
    _RESERVED: "use another name",
}


class Values:
    """The files of one run; in a directory of their own where there is no data `directory`."""

    def __init__(self, directory: str, run: str) -> None:
        self._directory = directory
        self._own = ""  # the directory that was created for them
        self._start = f"{VALUES}{run}"
        self._args: list[str] | None = None  # that are in the file
        self._count = 0

    def of_command_line(self, operation: Operation, args: list[str]) -> dict[str, str]:
        """The variables that tell hooks what was typed; `args` are what functions get."""
        if self._args != args:
            self._write(args)
        return {
            "HOOKMAN_ARGS": _short(" ".join(map(_word, args))),
            "HOOKMAN_ARGS_FILE": self._path(".args"),
            "HOOKMAN_SERVICES": _short(" ".join(operation.services)),
        }

    def next_file(self) -> str:
        """The path of the HOOKMAN_ENV of the next hook."""
        self._count += 1
        return self._path(f"-{self._count}.env")

    def take(self, path: str) -> tuple[dict[str, str], str]:
        """What a hook that has ended wrote into its HOOKMAN_ENV, `path`, and what is wrong with that, or ""."""
        try:
            file = open_regular(path, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            return {}, ""
        except OSError as error:
            self._remove(path)
            why = "a link" if error.errno == errno.ELOOP else error.strerror
            return {}, f"its {FILE} can't be read: {why}"
        with open(file, "rb") as stream:
            data = stream.read(LONGEST + 1)
        self._remove(path)
        if len(data) > LONGEST:
            return {}, f"its {FILE} {_TOO_LARGE}"
        return parsed(data)

    def close(self) -> None:
        """Remove the files."""
        if self._args is not None:
            self._remove(self._path(".args"))
        if self._own:
            import shutil

            shutil.rmtree(self._own, ignore_errors=True)

    def _path(self, ending: str) -> str:
        return os.path.join(self._own or self._directory, f"{self._start}{ending}")

    def _write(self, args: list[str]) -> None:
        self._args = args
        data = b"".join(os.fsencode(arg) + b"\0" for arg in args)
        try:
            self._put(data)
        except OSError:
            self._own = ""  # the hook finds no file

    def _put(self, data: bytes) -> None:
        if not self._directory and not self._own:
            import tempfile

            self._own = tempfile.mkdtemp(prefix="hookman-")
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(self._path(".args"), flags, 0o600)
        try:
            os.write(file, data)
        finally:
            os.close(file)

    def _remove(self, path: str) -> None:
        try:
            os.unlink(path)
        except OSError:
            if os.path.isdir(path):
                import shutil

                shutil.rmtree(path, ignore_errors=True)


def parsed(data: bytes) -> tuple[dict[str, str], str]:
    """The values in the text of a HOOKMAN_ENV, and what is wrong with the first wrong line, or "".

    The message shows nothing of the line, because it may be part of a secret.
    """
    values: dict[str, str] = {}
    wrong = ""
    for number, line in enumerate(data.split(b"\n"), 1):
        line = line.removesuffix(b"\r")  # noqa: PLW2901
        if not line.strip() or line.startswith(b"#"):
            continue
        name, equals, value = os.fsdecode(line).partition("=")
        if not equals:
            why = "is not NAME=VALUE"
        elif not (name.isascii() and name.isidentifier()):
            why = "does not begin with the name of a variable"
        elif "\0" in value:
            why = "has a NUL in it"
        elif reserved(name):
            why = f"sets {name}, {_RESERVED}"
        else:
            values[name] = value
            continue
        wrong = wrong or f"line {number} of its {FILE} {why}"
    return values, wrong


def problem_of(wrong: str, place: str) -> Problem:
    """The problem of the hook at `place` whose HOOKMAN_ENV is `wrong`."""
    fix = next((fix for end, fix in _FIXES.items() if wrong.endswith(end)), FORM)
    return Problem(what=wrong, where=place, fix=f"{fix} in {place}")


def _word(text: str) -> str:
    """`text` as one word for a shell. (`shlex`, which base/quoting.py uses, takes 4 ms to import.)"""
    if text.isascii() and text.translate(_PLAIN).isalnum():
        return text
    return "'{}'".format(text.replace("'", "'\\''"))


_PLAIN = str.maketrans(dict.fromkeys("-_./:=,@%+", "0"))


def _short(line: str) -> str:
    """`line`, or "" if it is longer than a variable can be."""
    return line if len(os.fsencode(line)) <= LONGEST_LINE else ""
