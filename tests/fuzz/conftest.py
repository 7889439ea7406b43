from __future__ import annotations

import faulthandler
from typing import TYPE_CHECKING

import pytest

from hookman.compose import interpolation
from hookman.compose.interpolation import InterpolationError, interpolate
from tests.support.fuzz import EXAMPLES, SEED

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from _pytest.terminal import TerminalReporter


@pytest.fixture(autouse=True)
def as_the_pinned_compose_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fills in every default, and refuses a broken one that is not used. Later ones, and we, look at those in use.

    Who has the later Compose must get the hooks; the earlier one refuses the file itself.
    """
    monkeypatch.setattr(interpolation, "_braced", _filled_in_first)


def _filled_in_first(match: re.Match[str], lookup: Callable[[str], str | None]) -> str:
    name, operator = match["braced"], match["operator"] or ""
    word = interpolate(match["word"], lookup) if operator else ""
    value = lookup(name)
    present = value if operator.startswith(":") else value is not None
    if operator.endswith("?") and not present:
        raise InterpolationError
    uses_word = present if operator.endswith("+") else operator.endswith("-") and not present
    return word if uses_word else value or ""


@pytest.fixture(autouse=True)
def as_long_as_it_takes() -> None:
    """Lift the time limit of a test: one call of Compose has its own."""
    faulthandler.cancel_dump_traceback_later()


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    terminalreporter.write_line(f"fuzz: {EXAMPLES} examples each, HOOKMAN_FUZZ_SEED={SEED}")
