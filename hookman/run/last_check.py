"""The last check before a hook starts: the directory is still the enabled one, and the hook was not changed."""

from __future__ import annotations

import os

from hookman.base.errors import HookmanError
from hookman.base.quoting import shell_quoted
from hookman.consent import marks
from hookman.hooks import plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook
    from hookman.run.operation import Operation


class LastCheck:
    """Checks the hooks of `operation`, and that their directory is still the one it was when this was created."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._began_with = _device_and_inode(os.stat(operation.scope.project.real))

    def enter(self, *, to_run: bool) -> None:
        """Make the project's directory the current one.

        Raises HookmanError if hooks are `to_run` and another directory has taken its place during this run.
        """
        scope = self._operation.scope
        there = self._open()
        try:
            same = _device_and_inode(os.fstat(there)) == self._began_with
            if to_run and not (same and marks.is_enabled(scope.data, scope.project.real)):
                raise self._another_directory()
            os.fchdir(there)
        finally:
            os.close(there)

    def as_checked(self, hook: PlannedHook, op: Operation) -> PlannedHook:
        """The hook of `op`, the operation as it is now: an earlier hook, or a `git pull`, may have changed it.

        A changed hook is checked again. Raises HookmanError if it may no longer run.
        """
        directory = op.scope.project.directory
        if plan.fingerprint_now(directory, hook) == hook.seen:
            hook = plan.reviewed(hook, op.scope.settings)
        else:
            there = self._open()
            same = _device_and_inode(os.fstat(there)) == self._began_with
            os.close(there)
            if not same:
                raise self._another_directory()
            fresh = plan.planned_anew(op.scope, hook, op.skip)
            if fresh is None:
                raise HookmanError(
                    f"{hook.place} is gone; it was there when its event began",
                    "find out why, and run the command again",
                    hook.path,
                )
            hook = fresh
        if refused := plan.refusal([hook], directory):
            raise refused
        return hook

    def _open(self) -> int:
        try:
            return os.open(self._operation.scope.project.directory, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise self._another_directory() from error

    def _another_directory(self) -> HookmanError:
        directory = self._operation.scope.project.directory
        return HookmanError(
            f"{directory} is no longer the directory that was enabled when this command began, so its hooks do not run",
            f"look at what is there now, then: hookman enable {shell_quoted(directory)}",
        )


def _device_and_inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
