"""Starting a program with its descriptors said one by one."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from hookman.base.spawn import NULL, spawn

if TYPE_CHECKING:
    from pathlib import Path


def printed_by(
    script: str, *, default_signals: tuple[int, ...] = (), group: bool = False, session: bool = False
) -> str:
    """What a shell prints that has /dev/null as its stdin and stderr."""
    ours, theirs = os.pipe()
    descriptors = {0: NULL, 1: theirs, 2: NULL}
    number = spawn(
        *("/bin/sh", ["sh", "-c", script], {"PATH": os.defpath}, descriptors),
        group=group,
        session=session,
        default_signals=default_signals,
    )
    os.close(theirs)
    with open(ours, encoding="utf-8") as file:
        text = file.read()
    assert os.waitpid(number, 0)[1] == 0
    return text.replace(str(number), "ITS-NUMBER").strip()


def test_its_descriptors_are_ours_or_dev_null() -> None:
    assert printed_by("read x; echo said; echo lost >&2") == "said"


def test_it_gets_only_the_environment_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "x")
    assert printed_by("echo ${OURS-none}") == "none"


@pytest.mark.parametrize(("group", "session"), [(True, False), (False, True)])
def test_it_leads_its_own_group(group: bool, session: bool) -> None:
    assert printed_by("ps -o pgid= -p $$", group=group, session=session) == "ITS-NUMBER"


def test_it_leads_its_own_session() -> None:
    assert printed_by("ps -o sid= -p $$", session=True) == "ITS-NUMBER"


def test_it_stays_in_our_group_where_nothing_else_is_said() -> None:
    assert printed_by("ps -o pgid= -p $$") == str(os.getpgrp())


@pytest.mark.parametrize(("default_signals", "end"), [((), "lived"), ((signal.SIGPIPE,), "")])
def test_signals_that_are_not_to_be_ignored_are_not(default_signals: tuple[int, ...], end: str) -> None:
    assert signal.getsignal(signal.SIGPIPE) == signal.SIG_IGN  # as Python has it
    assert printed_by("sh -c 'kill -PIPE $$; echo lived'; :", default_signals=default_signals) == end


def test_a_program_without_a_slash_is_searched_for_on_our_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "greet"
    program.write_text("#!/bin/sh\nexit 7\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    number = spawn("greet", ["greet"], {"PATH": "/nowhere"}, {})
    assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 7


def test_a_program_that_there_is_not_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        spawn("/nowhere/at-all", ["x"], {}, {})
