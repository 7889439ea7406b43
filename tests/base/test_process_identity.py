"""A process is known by its number, its start and its pid namespace."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hookman.base import process_identity

TELL = "from hookman.base import process_identity; print(process_identity.own(), flush=True); input()"


def test_this_process_is_alive() -> None:
    assert process_identity.is_alive(process_identity.own())
    assert process_identity.own().startswith(f"{os.getpid()}:")


def test_one_that_has_ended_is_not_not_even_before_it_is_reaped() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TELL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = process.stdout.readline().strip()
        assert process_identity.is_alive(told)
        process.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # a zombie now
        assert not process_identity.is_alive(told)


@pytest.mark.root
def test_one_of_another_pid_namespace_is_not_whatever_its_number() -> None:
    alone = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", TELL]
    with subprocess.Popen(alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.readline().strip()
        assert told.startswith("1:")
        assert not process_identity.is_alive(told)
        process.communicate("\n")


@pytest.mark.parametrize("text", ["", ":", "0", "1", "-1:0:0", "²:0:0", "x:0:0", "9" * 30, "1:0:0", "1:\0", "1:" * 999])
def test_a_text_that_is_not_an_identity_is_not_alive(text: str) -> None:
    assert not process_identity.is_alive(text)
