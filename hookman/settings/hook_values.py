"""The values that the keys of a hook's table may have: each reader returns the value as hooks have it.

Every reader raises WrongValueError for a value that its key can't have. Which key has which reader: hook_keys.py.
"""

from __future__ import annotations

from hookman.base.durations import LONGEST, seconds
from hookman.base.redact import without_values
from hookman.compose.commandline import LOCKING, OPERATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

PHASES = ("pre", "post", "failed", "always")
EVERY_OPERATION = (*OPERATIONS, *(command for command in LOCKING if command not in OPERATIONS))
WHEN = ("services", "profiles", "flags", "env", "ci", "exists")  # what a condition can ask for
ONCE = ("project", "engine", "containers")
MODES = ("exec", "run")  # how a hook gets into a container: one that runs, or one of its own
REPLICAS = ("first", "all")  # in which containers of the service
WAITS = ("healthy", "running", "none")  # what can be waited for
LARGEST_CODE = 255
OURS = ("HOOKMAN_", "__HOOKMAN_")  # names of variables that only hookman sets


class WrongValueError(Exception):
    """A value that a key can't have: what is wrong in words ("" for its type), and how to fix it."""

    def __init__(self, what: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


def event_named(text: Any) -> str:
    """The event that `text` names in a table: up.post or project.up.post. Raises WrongValueError."""
    if not isinstance(text, str):
        raise WrongValueError
    command, _, phase = text.removeprefix("project.").partition(".")
    if command in EVERY_OPERATION and phase in PHASES:
        return f"project.{command}.{phase}"
    from hookman.base.suggestion import did_you_mean

    every = [f"{operation}.{phase}" for operation in EVERY_OPERATION for phase in PHASES]
    fix = did_you_mean(
        text.removeprefix("project."), every, f"events look like up.post; the phases are {', '.join(PHASES)}"
    )
    raise WrongValueError(f"there is no event {without_values(text)!r}", fix)


def words(value: Any) -> list[str]:
    """A text or a list of texts, as a list. Raises WrongValueError."""
    found = [value] if isinstance(value, str) else value
    if not isinstance(found, list) or not found or not all(isinstance(item, str) and item for item in found):
        raise WrongValueError
    if any("\0" in item for item in found):
        raise WrongValueError("no text may have a NUL in it")
    return found


def events(value: Any) -> list[str]:
    """An event or a list of events, by their full names. Raises WrongValueError."""
    return list(dict.fromkeys(map(event_named, words(value))))


def run(value: Any) -> str | list[str]:
    """What a declared hook runs: a text for sh, or words. Raises WrongValueError."""
    if isinstance(value, str):
        return "".join(words(value)) if value.strip() else words("")
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise WrongValueError
    words(value[0])
    if any("\0" in item for item in value):
        raise WrongValueError("no text may have a NUL in it")
    return value


def duration(value: Any) -> float:
    """A duration in seconds. Raises WrongValueError."""
    found = seconds(value)
    if found is None:
        raise WrongValueError
    return found if isinstance(value, str) else min(float(LONGEST), value)


def boolean(value: Any) -> bool:
    """True or false. Raises WrongValueError."""
    if not isinstance(value, bool):
        raise WrongValueError
    return value


def integer(value: Any) -> int:
    """A whole number. Raises WrongValueError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongValueError
    return value


def count(value: Any) -> int:
    """A whole number of 0 or more. Raises WrongValueError."""
    if integer(value) < 0:
        raise WrongValueError
    return int(value)


def codes(value: Any) -> list[int]:
    """Exit codes of a failure. Raises WrongValueError."""
    if not isinstance(value, list) or not value:
        raise WrongValueError
    for code in value:
        if not 1 <= integer(code) <= LARGEST_CODE:
            raise WrongValueError(f"{code} is not the exit code of a failure", f"exit codes are 1 to {LARGEST_CODE}")
    return value


def retry_on(value: Any) -> list[int | str]:
    """Exit codes of a failure, and "timeout". Raises WrongValueError."""
    if not isinstance(value, list) or not value:
        raise WrongValueError
    if numbers := [item for item in value if item != "timeout"]:
        codes(numbers)
    return value


def allow_failure(value: Any) -> bool | list[int]:
    """True, false, or exit codes of a failure. Raises WrongValueError."""
    return value if isinstance(value, bool) else codes(value)


def variables(value: Any) -> dict[str, str]:
    """Names and values of variables. Raises WrongValueError."""
    if not isinstance(value, dict):
        raise WrongValueError
    found = {}
    for name, content in value.items():
        if not name or "=" in name or not name.isprintable() or " " in name:
            raise WrongValueError(f"{without_values(name)!r} is not a name of a variable")
        if name.startswith(OURS):
            raise WrongValueError(f"{name} is set by hookman itself", "use another name")
        if isinstance(content, bool):
            content = "true" if content else "false"  # noqa: PLW2901
        if not isinstance(content, (str, int, float)) or "\0" in str(content):
            raise WrongValueError(f"{name} must be a text or a number")
        found[name] = str(content)
    return found


def when(value: Any) -> dict[str, Any]:
    """Conditions: each key with a list of items, `ci` with true or false. Raises WrongValueError."""
    if not isinstance(value, dict):
        raise WrongValueError
    found = {}
    for key, conditions in value.items():
        if key not in WHEN:
            from hookman.base.suggestion import did_you_mean

            raise WrongValueError(
                f"unknown key {without_values(key)!r}", did_you_mean(key, WHEN, f"known keys: {', '.join(WHEN)}")
            )
        try:
            found[key] = (
                boolean(conditions) if key == "ci" else globs(conditions) if key == "exists" else words(conditions)
            )
        except WrongValueError as error:
            form = "true or false" if key == "ci" else "a text or a list of texts"
            raise WrongValueError(error.what or f"{key} must be {form}") from error
    return found


def service(value: Any) -> str:
    """The name of a service. Raises WrongValueError."""
    if not isinstance(value, str) or not value:
        raise WrongValueError
    if not (value.isascii() and value.replace("-", "").replace("_", "").replace(".", "a").isalnum()):
        raise WrongValueError(
            f"{without_values(value)!r} is not a name of a service", "write one name, as it is in the compose file"
        )
    return value


def one_of(value: Any, choices: tuple[str, ...]) -> str:
    """One of these texts. Raises WrongValueError."""
    if not isinstance(value, str):
        raise WrongValueError
    if value not in choices:
        from hookman.base.suggestion import did_you_mean

        raise WrongValueError(
            f"{without_values(value)!r} must be one of {', '.join(choices)}", did_you_mean(value, choices, "")
        )
    return value


def mode(value: Any) -> str:
    """How a hook gets into a container. Raises WrongValueError."""
    return one_of(value, MODES)


def replicas(value: Any) -> str:
    """In which containers of its service a hook runs. Raises WrongValueError."""
    return one_of(value, REPLICAS)


def user(value: Any) -> str:
    """The user of a process in a container: a name or a number, with a group after a colon. Raises WrongValueError."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return str(value)
    if not isinstance(value, str) or not value:
        raise WrongValueError
    if not value.isprintable() or " " in value or value.count(":") > 1 or not value.strip(":"):
        raise WrongValueError(f"{without_values(value)!r} is not a user", 'such as "app", "1000" or "1000:1000"')
    return value


def workdir(value: Any) -> str:
    """A directory in a container. Raises WrongValueError."""
    if not isinstance(value, str) or not value:
        raise WrongValueError
    if not value.startswith("/") or "\0" in value:
        raise WrongValueError(
            f"{without_values(value)!r} is not an absolute path", "write the path in the container, from / on"
        )
    return value


def wait(value: Any) -> str:
    """What a hook waits for. Raises WrongValueError."""
    return one_of(value, WAITS)


def once(value: Any) -> str:
    """What a hook with `once` runs once for. Raises WrongValueError."""
    if not isinstance(value, str) or not (
        value in ONCE or (value.startswith("volume:") and len(value) > len("volume:"))
    ):
        raise WrongValueError
    return value


def globs(value: Any) -> list[str]:
    """A glob or a list of globs. Raises WrongValueError."""
    found = words(value)
    for item in found:
        for part in item.split("/"):
            if _is_open(part):
                raise WrongValueError(
                    f"{without_values(item)!r} has a [ without its ]", "write [[] for the sign itself"
                )
            if "," in part.partition("{")[2].partition("}")[0] and "}" in part:
                raise WrongValueError(
                    f"{without_values(item)!r} has braces, which mean nothing in a glob", "write a list of globs"
                )
    return found


def _is_open(part: str) -> bool:
    """Is there a [ in this part of a glob that is not closed? A ] right after it, or after [!, is one of the signs."""
    at = part.find("[")
    while at >= 0:
        first = at + 1 + (part[at + 1 : at + 2] == "!")
        end = part.find("]", first + 1)
        if end < 0:
            return True
        at = part.find("[", end)
    return False


def sources(value: Any) -> list[str]:
    """Globs, of which not all exclude. Raises WrongValueError."""
    found = globs(value)
    if all(item.startswith("!") for item in found):
        raise WrongValueError("every item excludes something, so there are no sources")
    return found


def for_a_shell(table: Mapping[str, Any]) -> None:
    """Look whether a shell that runs the text of the table gets its variables. Raises WrongValueError.

    As for docker and Compose, a name may have any signs: programs take A.B and A-B. But dash and busybox drop these.
    """
    for name in table.get("env", {}) if isinstance(table.get("run"), str) else ():
        if not (name.isascii() and name.isidentifier()):
            what = f"{without_values(name)!r} has signs that a name can't have in a shell, and run is a text for sh"
            raise WrongValueError(what, "give it a name of letters, digits and _, or write run as a list of words")
