"""Plan → Run → Record: the pre hooks, the operation, the post hooks, under the lock.

The one place that knows in which order things happen.
"""

from __future__ import annotations

import time

from hookman import environment, errors
from hookman.hooks import plan
from hookman.messages import say
from hookman.runner import display, lastline
from hookman.runner.events import Outcome, Runner
from hookman.runner.lock import HeldAboveError, ProjectLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.environment import Surroundings
    from hookman.runner.journal import Journal
    from hookman.runner.operation import Operation
    from hookman.runner.signals import Signals

STOPPED = 130  # Compose's exit code after Ctrl-C
AT_ONCE = 0.05  # seconds within which a lock counts as had without waiting


def operate(
    operation: Operation,
    signals: Signals,
    journal: Journal,
    lock: ProjectLock | None,
    act: Callable[[Surroundings, Mapping[str, str], Callable[[str], None]], int],
) -> int:
    """Carry `operation` out: lock, pre hooks, `act`, post hooks.

    Returns the exit code, -N if signal N killed Compose.

    `act` is given the surroundings as the pre hooks left them and Compose's environment, and returns its
    exit code. For an attached `up` it calls what it is given last, with "" once the project is up, and
    the post hooks run then, or with the reason why it never was. For all others they run after it, if
    it succeeded. Whatever happens, the lock is given back and the journal is closed.
    """
    shown = display.for_stderr(operation.config.output, operation.where.process)
    runner = Runner(operation, signals, journal, shown)
    result, exit_code = "failed", errors.EXIT_FAILED
    if operation.skip.names:
        _tell_wrong_skips(operation)
    try:
        waited = _take(lock, operation, signals, journal) if lock else 0.0
        if waited is None:
            exit_code = act(operation.where, environment.for_compose(operation.where, {}), lambda _: None)
            result = "failed" if exit_code else "ok"
            return exit_code
        runner.guardian.lock = lock
        # Who waited for the lock looks again, for the project and its hooks may be others by now.
        runner.look_again()
        planned = operation.planned if waited < AT_ONCE else None
        try:
            before = runner.event(plan.PRE) if planned is None else runner.hooks(planned)
        except errors.HookmanError as error:
            error.stops(operation.command)
            raise
        if before.exit_code:
            result, exit_code = _abort(operation, journal, before), before.exit_code
            return exit_code
        where = runner.look_again()
        began, started, said = time.time(), time.monotonic(), lastline.Stderr()
        exit_code = act(
            where,
            environment.for_compose(where, runner.exports),
            lambda why_not: runner.post_hooks_meanwhile(lock, why_not),
        )
        seconds = round(time.monotonic() - started, 3)
        journal.phase("compose", exit_code=_shown(exit_code), seconds=seconds, started=round(began, 3))
        after = runner.after
        stopped = operation.attached and exit_code == STOPPED  # how an attached `up` ends well
        if exit_code and not stopped:
            journal.problem(_of_compose(operation, exit_code, said.last_line()))
        if exit_code == 0 and not operation.attached:
            after = runner.event(plan.POST, exit_code)
        after = after or Outcome()
        exit_code = exit_code or runner.post_failure(after)
        result = _result(after, failed=bool(exit_code) and not stopped)
        return exit_code
    except errors.InterruptedRunError as error:
        result, exit_code = "interrupted", error.exit_code
        journal.problem(error.problem)
        return exit_code
    except errors.HookmanError as error:
        exit_code = error.exit_code
        journal.problem(error.problem)
        raise
    finally:
        if lock:
            lock.release()
        shown.total(operation.command, journal.run, wrong=result in ("failed", "aborted"))
        journal.end(result, _shown(exit_code), operation.config.keep_runs)


def _abort(operation: Operation, journal: Journal, before: Outcome) -> str:
    """Say and note why the operation does not follow its pre hooks; the result of the run."""
    if before.interrupted:
        journal.problem(errors.InterruptedRunError(before.interrupted).problem)
        return "interrupted"
    what = f"{operation.command} was not run: a pre hook failed"
    journal.problem(errors.Problem(what=what, where=before.hook))
    say(f"{what}. To go without hooks: --skip-hooks")
    return "aborted"


def _result(after: Outcome, *, failed: bool) -> str:
    """How the run went, in a word; `after` is how its post hooks did."""
    if after.interrupted:
        return "interrupted"
    return "failed" if failed else "warned" if after.exit_code else "ok"


def _of_compose(operation: Operation, exit_code: int, last_line: str) -> errors.Problem:
    """The problem of a command that failed itself: Compose's, or ours on a database."""
    program = "hookman" if operation.command.startswith("db_") else "docker compose"
    what = f"{program} {operation.command} failed with exit code {_shown(exit_code)}"
    return errors.Problem(what=f"{what}: {last_line}" if last_line else what)


def _tell_wrong_skips(operation: Operation) -> None:
    """Say which names to skip mean nothing, where there are hooks that run although they should not."""
    planned = operation.planned
    if planned is None or operation.post_hooks or any(hook.action == plan.RUN for hook in planned):
        from hookman.hooks.wrong_skips import wrong_skips

        where = operation.where
        for one in wrong_skips(operation.skip, where.project.directory, where.root, where.process):
            say(f"{one.where} {one.problem}. Fix: {one.mend}")


def _shown(exit_code: int) -> int:
    """An exit code as shells show it."""
    return exit_code if exit_code >= 0 else errors.EXIT_SIGNAL - exit_code


def _take(lock: ProjectLock, operation: Operation, signals: Signals, journal: Journal) -> float | None:
    """Take the lock, and return how many seconds that took.

    Where there can be none (an unwritable directory) warn and go on without.
    None where this is part of a run that has it, not through a hook but through Compose: a
    provider that calls `docker compose`, or a `docker-compose` that does. As in a hook (C75)
    such a call runs no hooks and takes no lock.
    """
    began = time.time()
    try:
        command = " ".join(map(journal.redactor.shown, operation.args)) or operation.command
        waited = lock.acquire(command, operation.config.lock_timeout, signals, say)
    except HeldAboveError:
        return None
    except OSError as error:
        say(
            f"there is no lock ({error.strerror}: {error.filename}), so other operations may run at the same time. "
            "Fix: make it writable, or set HOOKMAN_DATA_DIR"
        )
        return 0.0
    journal.phase("lock", seconds=round(waited, 3), started=round(began, 3))
    return waited
