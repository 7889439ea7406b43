"""The errors that users see: what is wrong, what to do, which exit code."""

from __future__ import annotations

from hookman.base.records import record

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_LOCK = 75
EXIT_CONFIG = 78
EXIT_TIMEOUT = 124
EXIT_SIGNAL = 128


@record
class Problem:
    """What is wrong, where (a path with its line, or a hook), and how to fix it; "" for what is not known."""

    what: str
    where: str = ""
    fix: str = ""

    @property
    def line(self) -> str:
        """For a terminal, without the place: messages name it in their own words."""
        return f"{self.what}. Fix: {self.fix}" if self.fix else self.what

    def facts(self) -> dict[str, str]:
        """For the log, which keeps what is known."""
        return {key: value for key, value in self.__dict__.items() if value}


class HookmanError(Exception):
    """Something a user can fix. `message` says what and where, `fix` what to do, `where` the place alone."""

    exit_code = EXIT_FAILED

    def __init__(self, message: str, fix: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.problem = Problem(what=message, where=where, fix=fix)

    def stops(self, command: str) -> None:
        """Say that Compose was not started, and how to go without us."""
        line = f"{command} was not run. To go without hooks: --skip-hooks"
        self.fix = f"{self.fix}\n{line}" if self.fix else line


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
