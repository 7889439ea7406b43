from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.fuzz import EXAMPLES, SEED

if TYPE_CHECKING:
    import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"fuzz: {EXAMPLES} examples each, HOOKMAN_FUZZ_SEED={SEED}")
