"""The errors that users see: what is wrong, what to do, which exit code."""

from __future__ import annotations

from hookman.base.records import record

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_LOCK = 75
EXIT_CONFIG = 78
EXIT_TIMEOUT = 124
EXIT_SIGNAL = 128


def shell_code(code: int) -> int:
    """An exit code as shells show it: 128 + N of a process that signal N killed (-N)."""
    return code if code >= 0 else EXIT_SIGNAL - code


@record
class Problem:
    """What is wrong, where (a path with its line, or a hook), and how to fix it; "" for what is not known.

    The place that finds a problem makes this record. It stays the same up to the place that shows it.
    """

    what: str
    where: str = ""
    fix: str = ""

    @property
    def line(self) -> str:
        """The line of a message: WHAT. Fix: COMMAND. The text of `what` says where it is."""
        if not self.fix:
            return self.what
        end = "\n" if "\n" in self.what else " " if self.what.endswith((".", "?", "!", ":")) else ". "
        return f"{self.what}{end}Fix: {self.fix}"

    @property
    def placed(self) -> str:
        """What is wrong, with the place before it if `what` does not name the place."""
        return f"{self.what} ({self.where})" if self.where and self.where not in self.what else self.what

    def facts(self) -> dict[str, str]:
        """For the log, which keeps what is known."""
        return {key: value for key, value in self.__dict__.items() if value}


class HookmanError(Exception):
    """A problem that a user can fix, raised. The message says what is wrong and where, `where` is the place alone."""

    exit_code = EXIT_FAILED

    def __init__(self, message: str, fix: str = "", where: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(what=message, where=where, fix=fix)
        self.stopped = ""  # the command that was not run because of it

    @classmethod
    def of(cls, problem: Problem) -> HookmanError:
        """The error for a problem that was found before."""
        return cls(problem.what, problem.fix, problem.where)

    @property
    def message(self) -> str:
        """What is wrong, and where."""
        return self.problem.what

    @property
    def fix(self) -> str:
        """How to fix it."""
        return self.problem.fix

    @property
    def text(self) -> str:
        """All that the user is told, in lines: what is wrong, how to fix it, and what was not run."""
        told = [f"{self.stopped} was not run. To go without hooks: --skip-hooks"] if self.stopped else []
        return "\n".join([self.problem.line, *told])

    def stops(self, command: str) -> None:
        """Note that Compose was not started for `command`."""
        self.stopped = command


class UsageError(HookmanError):
    """The command line of one of our own commands is wrong."""

    exit_code = EXIT_USAGE


class ConfigError(HookmanError):
    """A file that configures us or the project can't be used as it is."""

    exit_code = EXIT_CONFIG


class LockTimeoutError(HookmanError):
    """Another operation kept the project's lock for too long."""

    exit_code = EXIT_LOCK


class BrokenRunError(Exception):
    """An internal error in a run whose hooks may have begun: Compose must not follow as if all were well."""


class InterruptedRunError(HookmanError):
    """A signal stopped the run; `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by signal {number}")
        self.number = number
        self.exit_code = EXIT_SIGNAL + number
