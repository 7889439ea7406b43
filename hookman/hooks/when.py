"""`when`: checks the conditions of a hook, and says them in words.

All keys must hold, of a list one item; `!` negates an item. A condition on the command line is no reason in `list`.
"""

from __future__ import annotations

import os

from hookman.base.records import record
from hookman.base.redact import without_values
from hookman.compose.cobra import Flags
from hookman.compose.flags import FLAGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from hookman.compose.commandline import Invocation
    from hookman.hooks.touched import Touched

OF_COMMAND_LINE = ("services", "profiles", "flags")
# Variables by which a program sees that it runs in CI, where CI itself is not set.
CI_VARIABLES = ("GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION", "TF_BUILD", "BUILDKITE")
_NO = ("", "0", "false", "no")
# key → how an item that must hold, and one that must not, is said: as a condition, and as a reason.
WORDS = {
    "services": ("{} is touched", "{} is not touched"),
    "profiles": ("the profile {} is active", "the profile {} is not active"),
    "flags": ("{} is given", "{} is not given"),
    "env": ("{} is set", "{} is not set"),
    "exists": ("{} exists", "{} does not exist"),
}


@record
class Facts:
    """What conditions ask for. Of a command line nothing is known where `invocation` is None."""

    directory: str  # the project's
    environ: Mapping[str, str]  # what Compose uses: the environment over the .env files
    invocation: Invocation | None
    touched: Callable[[], Touched] | None  # called only where a condition needs it; None if there is nobody to ask


def reason(when: Mapping[str, Any], facts: Facts) -> str:
    """Why a hook with these conditions does not run, in words; "" if it runs, as far as is known."""
    reasons = (_reason(key, wanted, facts) for key, wanted in when.items() if not _is_unknown(key, facts))
    return next(filter(None, reasons), "")


def _reason(key: str, wanted: Any, facts: Facts) -> str:
    if key == "ci":
        return "" if in_ci(facts.environ) == wanted else "not in CI" if wanted else "in CI"
    if any(_holds(key, item, facts) for item in wanted):
        return ""
    return " and ".join(_said(key, item, holds=False) for item in wanted)


def condition(when: Mapping[str, Any], facts: Facts) -> str:
    """The conditions that the `facts` do not decide, in words: if web is touched. "" if they decide all."""
    parts = [
        " or ".join(_said(key, item, holds=True) for item in wanted)
        for key, wanted in when.items()
        if _is_unknown(key, facts)
    ]
    return f"if {' and '.join(parts)}" if parts else ""


def _is_unknown(key: str, facts: Facts) -> bool:
    if key in ("services", "profiles") and facts.touched is None:
        return True
    return key in OF_COMMAND_LINE and facts.invocation is None


def in_ci(environ: Mapping[str, str]) -> bool:
    """Is this a CI job?"""
    if "CI" in environ:
        return environ["CI"].lower() not in _NO
    return any(environ.get(name) for name in CI_VARIABLES)


def _holds(key: str, item: str, facts: Facts) -> bool:
    negated = item.startswith("!")
    return _is(key, item.lstrip("!"), facts) != negated


def _is(key: str, name: str, facts: Facts) -> bool:
    if key == "env":
        variable, equals, value = name.partition("=")
        return facts.environ.get(variable, "") == value if equals else bool(facts.environ.get(variable))
    if key == "exists":
        return _exists(facts.directory, name)
    if key == "flags":
        return facts.invocation is not None and _is_given(name, facts.invocation)
    found = facts.touched() if facts.touched else None
    return found is not None and name in (found.services if key == "services" else found.profiles)


def _exists(directory: str, path: str) -> bool:
    if any(char in path for char in "*?["):
        from hookman.hooks.globs import matching

        return any(True for _ in matching(directory, [path]))
    return os.path.lexists(os.path.join(directory, path))


def _is_given(name: str, invocation: Invocation) -> bool:
    """Is the flag on the command line: --build, build, -d, pull=always? A switch that is switched off is not."""
    name, equals, value = name.lstrip("-").partition("=")
    if len(name) == 1:
        name = Flags(f"{FLAGS.get(invocation.subcommand or '', '')} {FLAGS['']}").longs.get(name, name)
    values = [*invocation.global_flags.get(name, []), *invocation.flags.get(name, [])]
    if equals:
        return value in values
    return bool(values) and values[-1] not in ("false", "False", "FALSE", "f", "F", "0")


def _said(key: str, item: str, *, holds: bool) -> str:
    """An item as a condition (`holds`), or as what is the case because it does not hold."""
    positive, negative = WORDS[key]
    return (positive if item.startswith("!") != holds else negative).format(without_values(item.lstrip("!")))
