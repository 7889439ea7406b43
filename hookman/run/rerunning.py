"""Runs hooks again, without their command (hookman rerun)."""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.hooks.planned import CLOSING, FAILED, PRE
from hookman.run.outcome import FAILURE, OK, Standing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook
    from hookman.log.writer import Journal
    from hookman.run.hook_runner import HookRunner


def run_again(runner: HookRunner, hooks: list[PlannedHook], journal: Journal) -> tuple[int, str]:
    """Run `hooks`, which are of one event. Returns the exit code and the result of the run. Raises HookmanError.

    Post and `always` hooks are told that the command succeeded, `failed` hooks that it failed.
    """
    exit_code = None if hooks and hooks[0].phase == PRE else 0
    if hooks and hooks[0].phase in CLOSING:
        result = FAILURE if hooks[0].phase == FAILED else OK
        exit_code = int(result == FAILURE)
        runner.close(Standing(exit_code=exit_code, result=result).variables)
    runner.look_again()
    outcome = runner.hooks(hooks, exit_code)
    if outcome.failed:
        journal.problem(Problem(what="the hook failed again", where=outcome.failed.label))
    if outcome.interrupted:
        return outcome.exit_code, "interrupted"
    if outcome.exit_code:
        return outcome.exit_code, "failed"
    return outcome.exit_code, "warned" if runner.warned else "ok"
