from __future__ import annotations

import faulthandler
from typing import TYPE_CHECKING

import pytest

from tests.support.fuzz import EXAMPLES, SEED

if TYPE_CHECKING:
    from _pytest.terminal import TerminalReporter


@pytest.fixture(autouse=True)
def as_long_as_it_takes() -> None:
    """Lift the time limit of a test: one call of Compose has its own."""
    faulthandler.cancel_dump_traceback_later()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    terminalreporter.write_line(f"fuzz: {EXAMPLES} examples each, HOOKMAN_FUZZ_SEED={SEED}")
