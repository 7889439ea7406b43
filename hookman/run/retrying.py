"""Attempts of one hook: `retries`, `delay`, `retry_on` and `total_timeout` of its table (DESIGN 1.10)."""

from __future__ import annotations

import os
import time

from hookman.base.errors import HookmanError
from hookman.base.messages import one_line, say
from hookman.base.records import record, replaced
from hookman.run import problems
from hookman.run.event_loop import Wakeup
from hookman.run.outcome import Attempt

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from hookman.hooks.planned import PlannedHook
    from hookman.log.writer import Journal
    from hookman.run.event_loop import Steps
    from hookman.run.one_hook import OneHook
    from hookman.run.outcome import Outcome

DEFAULT_DELAY = 1.0  # seconds
LONGEST_DELAY = 30.0
MOST_DOUBLINGS = 40
TIMEOUT = "timeout"  # in retry_on


@record
class Policy:
    """How often a hook is tried, and for what."""

    retries: int = 0
    delay: float = DEFAULT_DELAY
    retry_on: tuple[object, ...] = ()  # exit codes and TIMEOUT; empty for any failure

    def wants_more(self, tried: Attempt, number: int) -> bool:
        """Is there to be one more attempt after number `number`, which ended as `tried` says?"""
        result = tried.ended.result
        if number > self.retries or result not in ("failed", "timeout"):
            return False
        return not self.retry_on or (TIMEOUT if result == "timeout" else tried.ended.exit_code) in self.retry_on

    def pause(self, number: int, chance: float) -> float:
        """The seconds to wait after attempt `number`: doubled each time, less up to a quarter by `chance` (0 to 1).

        So those that failed at the same moment do not all come again at the same moment.
        """
        longest: float = min(LONGEST_DELAY, self.delay * 2 ** min(number - 1, MOST_DOUBLINGS))
        return longest * (1 - chance / 4)


def attempts(one: OneHook) -> Steps[Attempt | Outcome]:
    """Run a hook until it succeeds or may not be tried again; how the last attempt ended, with all that were made.

    After a signal there is no further attempt. Raises HookmanError if the hook may no longer run; before that it is
    noted how the last attempt ended.
    """
    runner, keys = one.runner, one.hook.keys
    policy = Policy(
        retries=0 if runner.deadline else keys.get("retries", 0),
        delay=keys.get("delay", DEFAULT_DELAY),
        retry_on=tuple(keys.get("retry_on", ())),
    )
    total = keys.get("total_timeout", 0.0)
    end = time.monotonic() + total if total else 0.0
    made: list[dict[str, Any]] = []
    number = 1
    while True:
        tried = yield from one.attempt(_within(one.hook, end, total), number)
        if not isinstance(tried, Attempt):
            return tried  # it did not start, or there is no such hook
        made.append(_facts(tried, runner.journal))
        pause = policy.pause(number, int.from_bytes(os.urandom(2), "big") / 0xFFFF)
        if not policy.wants_more(tried, number) or (end and time.monotonic() + pause >= end):
            return replaced(tried, made=made if len(made) > 1 else [])
        one.journal.attempt(one.hook.event, one.hook.name, made[-1])
        one.display.end(tried.ended.result, tried.ended.seconds)
        say(f"{_what_failed(tried)} (attempt {number} of {policy.retries + 1}), again in {pause:.1f} s")
        stopped = yield from _wait(pause, one)
        if stopped or one.is_cancelled:
            ended = replaced(tried.ended, interrupted=stopped, cancelled=one.is_cancelled)
            return replaced(tried, ended=ended, made=made)
        try:
            one.check()
        except HookmanError:
            one.judge(replaced(tried, made=made))
            raise
        number += 1


def _within(hook: PlannedHook, end: float, total: float) -> PlannedHook:
    """The hook with a time limit that ends at `end`, that of all attempts, which have `total` seconds."""
    if not end:
        return hook
    left = min(max(end - time.monotonic(), 0.1), total)
    return replaced(hook, timeout=min(hook.timeout or left, round(left, 1)))


def _facts(tried: Attempt, journal: Journal) -> dict[str, Any]:
    """An attempt, for the log."""
    ended = tried.ended
    problem = tried.problem or problems.of_end(tried.hook, ended, journal.redactor)
    return {
        "result": ended.result,
        "exit_code": ended.exit_code,
        "seconds": round(ended.seconds, 3),
        "started": round(tried.started, 3),
        "output": tried.output,
        **({"problem": problem.facts()} if problem else {}),
    }


def _what_failed(tried: Attempt) -> str:
    name = f'Hook "{one_line(tried.hook.name)}"'
    if tried.ended.result == "timeout":
        return f"{name} timed out after {tried.hook.timeout:g} s"
    return f"{name} failed with exit code {tried.ended.exit_code}"


def _wait(seconds: float, one: OneHook) -> Steps[int]:
    """Wait, until the hook is cancelled; the number of the signal that ended it, or 0."""
    signals = one.runner.signals
    end = time.monotonic() + seconds
    wakeup = Wakeup(signals)
    while not ((number := signals.look()) or one.is_cancelled) and (left := end - time.monotonic()) > 0:
        yield wakeup, min(left, signals.patience or left)
    return number
