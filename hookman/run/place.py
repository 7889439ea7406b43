"""The project's directory during a run: the one that was enabled, or none; and each hook as it was checked, or none."""

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


class Place:
    """Where the hooks of `operation` run: the directory that lies at the project's path when this is created."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._began_with = _device_and_inode(os.stat(operation.scope.project.real))

    def enter(self, *, to_run: bool) -> None:
        """Make the project's directory the current one.

        Raises HookmanError where hooks are `to_run` and it is not the one any more that this run began with.
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

    def as_checked(self, hook: PlannedHook) -> PlannedHook:
        """The hook, looked at for the last time before it starts: an earlier one, or a `git pull`, may have changed it.

        What changed is checked as it is now. Raises HookmanError where it may not run any more.
        """
        op = self._operation
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
                    "Look why, and run the command again.",
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
            f"{directory} is not the directory any more that was enabled when this "
            "command began, so its hooks do not run",
            f"Look at what is there now. To let its hooks run: hookman enable {shell_quoted(directory)}",
        )


def _device_and_inode(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino
