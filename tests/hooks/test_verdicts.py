"""What the end of a function's process says."""

from __future__ import annotations

import pytest

from hookman.hooks.function_kind import FunctionKind
from hookman.hooks.kind import BEGUN, Verdict
from hookman.hooks.planned import FUNCTION, RUN, PlannedHook

HOOK = PlannedHook(event="project.up.pre", name="hook_pre_up", kind=FUNCTION, path="/p/hooks.sh", action=RUN)


def verdict(exit_code: int, report: bytes, *, own_end: bool = True) -> Verdict:
    return FunctionKind().verdict(HOOK, exit_code, report, {"A": "1"}, own_end=own_end)


def test_a_function_that_succeeds_exports() -> None:
    found = verdict(0, BEGUN + b"0\0A=2\0\0")
    assert (found.exit_code, found.exports, found.takes_effect, found.absent) == (0, {"A": "2"}, True, False)


def test_the_status_that_it_returned_counts_and_not_that_of_its_process() -> None:
    assert verdict(0, BEGUN + b"3\0A=1\0\0").exit_code == 3
    assert verdict(7, BEGUN + b"0\0A=1\0\0").exit_code == 0


@pytest.mark.parametrize("status", [b"1", b"3", b"255"])
def test_what_a_failed_function_exports_takes_no_effect(status: bytes) -> None:
    assert not verdict(0, BEGUN + status + b"\0A=2\0\0").takes_effect


def test_one_that_a_signal_or_a_time_limit_ended_has_failed_whatever_it_reported() -> None:
    found = verdict(143, BEGUN + b"0\0A=2\0\0", own_end=False)
    assert (found.exit_code, found.takes_effect) == (143, False)


def test_one_that_hooks_sh_does_not_define_is_absent() -> None:
    found = verdict(0, b"absent\0A=2\0\0")
    assert (found.exit_code, found.absent, found.exports) == (0, True, {"A": "2"})
