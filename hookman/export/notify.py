"""The destination of a [[notify]]: it tells a server or a program of runs that failed, recovered or went well."""

from __future__ import annotations

import time

from hookman.base.lean import keyed_digest
from hookman.export import answers, formats, headers, http, program
from hookman.export.answers import Statuses
from hookman.export.destination import OLDEST_MESSAGE, NotSentError, RefusedError
from hookman.export.message import of_run
from hookman.export.notices import WrongNoticeError, hide, notice
from hookman.export.verdict import event_of
from hookman.settings.hookman_toml import TOLD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from hookman.export.message import Message
    from hookman.export.notices import Notice
    from hookman.settings.hookman_toml import Settings

STATUSES = Statuses(
    later=(408, 425, 429, 502, 503, 504),
    refused=range(300, 500),
    fixes=(
        (answers.REDIRECTS, "write the URL that takes messages"),
        (range(400, 500), "correct the url, or its headers"),
    ),
)


class Notify:
    """Tells one server or program of runs."""

    def __init__(self, told: Notice, environ: Mapping[str, str]) -> None:
        self._notice = told
        self._environ = environ
        to = told.to.without_user if told.to else repr(told.run)
        facts = repr((told.format, to, told.on, told.commands))
        self.name = f"notify {keyed_digest(facts.encode('utf-8', 'surrogateescape'), b'notify')}"
        self.server = f"notify {told.target}"

    @classmethod
    def all(cls, settings: Settings, environ: Mapping[str, str]) -> list[Notify]:
        """One for each [[notify]] that can be used here. What is wrong with the others, `hookman doctor` says."""
        hide(settings, environ)
        found: dict[str, Notify] = {}
        for one in settings.notify:
            try:
                told = cls(notice(one, environ, reviews=bool(settings.approved)), environ)
            except WrongNoticeError:
                continue
            found.setdefault(told.name, told)  # the same in two files is told once
        return [*found.values()]

    def send(self, run: Mapping[str, Any], data: str) -> None:
        """Tell of a run, if this is to be told. Raises NotSentError and RefusedError."""
        told = self._notice
        if told.commands and run.get("command") not in told.commands:
            return
        event = event_of(run, data)
        if event not in told.on:
            if event != "recovered" or "ok" not in told.on:
                return
            event = "ok"
        if time.time() - float(run.get("ended") or run.get("started") or 0) > OLDEST_MESSAGE:
            raise RefusedError("the run ended more than a day ago")
        self.tell(of_run(run, event))

    def tell(self, message: Message) -> str:
        """Send a message, and return what the server says. Raises NotSentError and RefusedError."""
        told = self._notice
        if not told.to:
            directory = str(message.facts["project"])
            program.tell(told.run, formats.document(message), directory, self._for_program(message), told.timeout)
            return ""
        body, own = formats.written(message, told.format)
        try:
            given = headers.complete(own, told.headers, told.to.user)
            return answers.judged(http.post(told.to.without_user, body, given), STATUSES)
        except NotSentError as error:
            error.where = error.where or told.place
            raise

    def _for_program(self, message: Message) -> dict[str, str]:
        """The environment of a program."""
        facts = message.facts
        own = {
            TOLD: message.event,
            "HOOKMAN_NOTIFY_TEXT": str(facts["text"]),
            "HOOKMAN_RUN_ID": facts.get("run"),
            "HOOKMAN_COMMAND": facts.get("command"),
            "HOOKMAN_RESULT": facts.get("result"),
            "HOOKMAN_EXIT_CODE": facts.get("exit_code"),
            "HOOKMAN_PROJECT_DIR": facts.get("project"),
            "HOOKMAN_PROJECT_NAME": facts.get("name"),
            "PWD": facts.get("project"),
        }
        return {**self._environ, **{name: str(one) for name, one in own.items() if one is not None}}
