"""The tables [[notify]] as they are used: checked, with what is wrong with each. Nothing is sent here."""

from __future__ import annotations

from hookman.base.durations import seconds
from hookman.base.errors import Problem
from hookman.base.records import record
from hookman.base.redact import without_values
from hookman.base.suggestion import did_you_mean
from hookman.export import headers, templates, url
from hookman.export.templates import NotSetError, filled, names_in, secrets_in
from hookman.settings.hook_values import EVERY_OPERATION
from hookman.settings.notify_keys import (
    DEFAULT_EVENTS,
    DEFAULT_TIMEOUT,
    EVENTS,
    FORMATS,
    LONGEST_TIMEOUT,
    NOTIFY_KEYS,
    TABLE,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from hookman.export.url import Url
    from hookman.settings.hookman_toml import Settings

SHORTEST_SECRET = 16  # characters of what a URL ends with
URL_EXAMPLE = 'write it like this: url = "${SLACK_URL}", or url = "https://example.org/hook"'


@record
class Notice:
    """One [[notify]] that can be used."""

    place: str  # file and line
    on: tuple[str, ...]
    commands: tuple[str, ...]  # none: all
    format: str = "json"
    to: Url | None = None  # None: `run` is a program
    headers: dict[str, str] = {}  # noqa: RUF012 (frozen)
    run: tuple[str, ...] = ()
    timeout: float = DEFAULT_TIMEOUT

    @property
    def target(self) -> str:
        """Who is told, without secrets: of a URL its server."""
        return self.to.server if self.to else self.run[0]


class WrongNoticeError(Exception):
    """A [[notify]] can't be used."""

    def __init__(self, problem: Problem, *, is_off: bool = False) -> None:
        super().__init__(problem.what)
        self.problem = problem
        self.is_off = is_off  # it has no mistake; what it needs is not here


def notice(one: Mapping[str, Any], environ: Mapping[str, str], *, reviews: bool = False) -> Notice:
    """What a table says, with the values of the environment. Raises WrongNoticeError.

    Where the user `reviews` hooks, only programs in the user's own file run.
    """
    table = one["table"]
    if not isinstance(table, dict):
        raise _wrong(one, "", "must be a table of a list", f"write [[{TABLE}]] in two brackets, and its keys below it")
    for key in table:
        if key not in NOTIFY_KEYS:
            raise _wrong(
                one, key, "unknown key", did_you_mean(key, NOTIFY_KEYS, f"the keys are {_listed(NOTIFY_KEYS)}")
            )
    if ("url" in table) == ("run" in table):
        what = "has url and run" if "url" in table else "has neither url nor run"
        raise _wrong(
            one, "run" if "run" in table else "", what, "a message goes to one of them; for two, write two tables"
        )
    on = _words(one, "on", EVENTS, DEFAULT_EVENTS)
    commands = _words(one, "commands", EVERY_OPERATION, ())
    if "run" in table:
        return Notice(place=one["place"], on=on, commands=commands, **_program(one, reviews=reviews))
    return Notice(place=one["place"], on=on, commands=commands, **_address(one, environ))


def notices(settings: Settings, environ: Mapping[str, str]) -> Iterator[Notice | WrongNoticeError]:
    """Each [[notify]] of the settings, or what is wrong with it."""
    for one in settings.notify:
        try:
            yield notice(one, environ, reviews=bool(settings.approved))
        except WrongNoticeError as error:
            yield error


def hide(settings: Settings, environ: Mapping[str, str]) -> None:
    """Mask from now on what nobody may see."""
    templates.hide(_secrets(settings, environ))


def _secrets(settings: Settings, environ: Mapping[str, str]) -> Iterator[str]:
    """URLs and headers, and the variables in them, whatever their names are."""
    for one in settings.notify:
        table = one["table"] or {}
        given = table.get("headers")
        for value in (table.get("url"), *(given.values() if isinstance(given, dict) else ())):
            if not isinstance(value, str):
                continue
            yield from (one for one in secrets_in(value, environ) if one and not _is_server(one))
            yield from _secret_part(value, environ)


def _is_server(text: str) -> bool:
    """Is it a URL without anything that may be secret?"""
    try:
        found = url.checked(text)
    except url.WrongUrlError:
        return False
    return not found.user and found.path == "/"


def _secret_part(text: str, environ: Mapping[str, str]) -> Iterator[str]:
    """What follows the host of a URL, and each end of that which is too long to be a common word."""
    try:
        rest = url.checked(filled(text, environ)).path
    except (url.WrongUrlError, NotSetError):
        return
    while len(rest) >= SHORTEST_SECRET:
        yield rest
        rest = rest.partition("/")[2]


def _program(one: Mapping[str, Any], *, reviews: bool) -> dict[str, Any]:
    table = one["table"]
    for key in ("format", "headers"):
        if key in table:
            raise _wrong(one, key, "is for a url, not for run", "remove it")
    run = table["run"]
    if not _is_texts(run) or not run[0]:
        raise _wrong(one, "run", "must be a list of words", 'write it like this: run = ["./tell.sh", "team"]')
    if any("\0" in word for word in run):
        raise _wrong(one, "run", "has a NUL in a word", "remove it")
    if reviews and not one["users_own"]:
        what = "does not run, because you review hooks (review = true) and nobody can review this"
        raise _wrong(one, "run", what, "write it into your own config.toml")
    timeout = seconds(table["timeout"]) if "timeout" in table else DEFAULT_TIMEOUT
    if timeout is None or not 0 < timeout <= LONGEST_TIMEOUT:
        raise _wrong(
            one, "timeout", "must be more than 0, and 5 minutes or less", 'write it like this: timeout = "30s"'
        )
    return {"run": tuple(run), "timeout": timeout}


def _address(one: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    table = one["table"]
    if "timeout" in table:
        raise _wrong(one, "timeout", "is for run, not for a url", "remove it")
    kind = table.get("format", FORMATS[0])
    if kind not in FORMATS:
        fix = did_you_mean(str(kind), FORMATS, f"write one of {_listed(FORMATS)}")
        told = without_values(kind) if isinstance(kind, str) else kind
        raise _wrong(one, "format", f"there is no format {told!r}", fix)
    if not isinstance(table["url"], str) or not table["url"].strip():
        raise _wrong(one, "url", "must be a text", URL_EXAMPLE)
    try:
        to = url.checked(_filled(one, "url", table["url"], environ))
    except url.WrongUrlError as error:
        raise _wrong(one, "url", str(error), URL_EXAMPLE) from None
    if kind == "ntfy" and not to.path.strip("/"):
        raise _wrong(one, "url", "has no topic", "write it like this: https://ntfy.sh/TOPIC")
    return {"format": kind, "to": to, "headers": _headers(one, environ)}


def _headers(one: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    given = one["table"].get("headers", {})
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        example = 'write it like this: headers = { Authorization = "Bearer ${TOKEN}" }'
        raise _wrong(one, "headers", "must be a table of texts", example)
    found = {name: _filled(one, "headers", value, environ).strip() for name, value in given.items()}
    for name, value in found.items():
        if what := headers.mistake(name, value):
            raise _wrong(one, "headers", what, "correct it, or remove it")
    return found


def _words(one: Mapping[str, Any], key: str, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
    """A list of words that are all `known`; one word is a list of one."""
    value = one["table"].get(key, list(default))
    value = [value] if isinstance(value, str) else value
    if value != [] and not _is_texts(value):
        raise _wrong(one, key, "must be a list of words", f'write it like this: {key} = ["{known[0]}", "{known[1]}"]')
    for word in value:
        if word not in known:
            what = f"there is no {'command' if key == 'commands' else 'event'} {without_values(word)!r} here"
            raise _wrong(one, key, what, did_you_mean(word, known, f"the words are {_listed(known)}"))
    if key in one["table"] and not value:
        raise _wrong(one, key, "is empty, so nobody is ever told", "name something, or remove the key")
    return tuple(value)


def _filled(one: Mapping[str, Any], key: str, text: str, environ: Mapping[str, str]) -> str:
    if text.count("${") != len([*names_in(text)]):
        raise _wrong(one, key, "has a ${ that no name of a variable follows", "write it like this: ${SLACK_URL}")
    try:
        return filled(text, environ)
    except NotSetError as error:
        raise _wrong(one, key, str(error), "set it where the message shall be sent from", is_off=True) from None


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(word, str) for word in value)


def _listed(words: Any) -> str:
    return ", ".join(words)


def _wrong(one: Mapping[str, Any], key: str, what: str, fix: str, *, is_off: bool = False) -> WrongNoticeError:
    where = one["places"].get(key, one["place"])
    name = f"[[{TABLE}]] {without_values(key)}: " if key in (one["table"] or {}) else f"[[{TABLE}]] "
    return WrongNoticeError(Problem(what=f"{where}: {name}{what}", where=where, fix=fix), is_off=is_off)
