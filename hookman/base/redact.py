"""One redactor for a process: it masks what must not reach the log or our own messages (DESIGN 1.6).

It learns secrets as a run goes on (disclosure.py says what is one), and everything that hookman
writes itself asks it: messages, the log, the lock's notes, bug reports.
"""

from __future__ import annotations

from hookman.base import disclosure

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Iterable, Mapping

MASK = b"***"


class Redactor:
    """Masks the secrets that it has learned. Where two match, the one that begins first wins, then the longer one."""

    def __init__(self, secrets: Iterable[bytes] = ()) -> None:
        self._forms = sorted({*secrets}, key=lambda form: (-len(form), form))
        self._extra: tuple[str, ...] = ()
        self._sources: list[Mapping[str, str | None] | list[str]] = []
        self._looked_at = 0  # how many of them: most commands have nothing to mask
        self._seen: set[str] = set()
        self._patterns: dict[tuple[bytes, ...], re.Pattern[bytes]] = {}

    def learn(self, variables: Mapping[str, str | None]) -> None:
        """Learn the secrets in environment variables, or in those of a .env."""
        if variables:
            self._sources.append(variables)

    def learn_arguments(self, argv: list[str]) -> None:
        """Learn the secrets on a command line."""
        self._sources.append(argv)

    def learn_text(self, text: str) -> None:
        """Learn the secrets in a .env that may not be well-formed."""
        self._sources.append([line.strip().removeprefix("export ") for line in text.splitlines()])

    def learn_names(self, extra: Iterable[str]) -> None:
        """Learn from the settings which other names look secret."""
        if extra:
            self._extra = tuple(extra)
            self._looked_at = 0

    @property
    def secrets(self) -> list[bytes]:
        """What is masked, the longest first."""
        while self._looked_at < len(self._sources):
            source = self._sources[self._looked_at]
            self._looked_at += 1
            find = disclosure.in_arguments if isinstance(source, list) else disclosure.in_variables
            self._add(find(source, self._extra))  # type: ignore[arg-type]  # which fits which, isinstance said
        return self._forms

    def _add(self, values: Iterable[str]) -> None:
        fresh = {*values} - self._seen
        self._seen |= fresh
        known = {form for value in fresh for form in disclosure.forms(value)}.union(self._forms)
        if len(known) > len(self._forms):
            self._forms = sorted(known, key=lambda form: (-len(form), form))

    def shown(self, text: str) -> str:
        """`text` with every secret masked."""
        if not self.secrets:
            return text
        return self.text(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def text(self, data: bytes, *, cut_before: bool = False, cut_after: bool = False) -> bytes:
        """`data` with every secret masked; where it was cut before or after, also what a cut left of one."""
        if not self.secrets:
            return data
        pattern = self.pattern(data)
        data = pattern.sub(MASK, data) if pattern else data
        if cut_before:
            longest = max((_overlap(secret, data) for secret in self.secrets), default=0)
            data = MASK + data[longest:] if longest >= disclosure.SHORTEST else data
        if cut_after:
            begins = self.unfinished(data)
            data = data[:begins] + MASK if len(data) - begins >= disclosure.SHORTEST else data
        return data

    def pattern(self, data: bytes) -> re.Pattern[bytes] | None:
        """What finds the secrets in `data`; None if there is none in it, which is told without importing re."""
        hits = tuple(secret for secret in self.secrets if secret in data)
        if not hits:
            return None
        if hits not in self._patterns:
            import re

            self._patterns[hits] = re.compile(b"|".join(map(re.escape, hits)))
        return self._patterns[hits]

    def unfinished(self, data: bytes, start: int = 0) -> int:
        """From where, at or after `start`, the rest of `data` is the beginning of a secret; its end if nowhere."""
        first = len(data)
        for secret in self.secrets:
            at = data.find(secret[:1], max(start, len(data) - len(secret) + 1), first)
            while at != -1:
                if secret.startswith(data[at:]):
                    first = at
                    break
                at = data.find(secret[:1], at + 1, first)
        return first


def without_values(text: str) -> str:
    """A name or a word of a file, as an error may tell it: a value that was written into it may be a secret."""
    if disclosure.looks_secret(text):
        for signs in ("=:", " \t\n"):
            ends = [text.index(sign) + 1 for sign in signs if sign in text]
            if ends:
                return text[: min(ends)] + MASK.decode()
    one = Redactor()
    one.learn_arguments([text])
    return one.shown(text)


class Stream:
    """Masks a stream of bytes that comes in pieces: as its redactor would mask all of it at once."""

    def __init__(self, redactor: Redactor) -> None:
        self.redactor = redactor
        self._kept = b""

    def feed(self, data: bytes) -> bytes:
        """What of `data` (and of what was kept back) can be written now, masked."""
        if not self.redactor.secrets:
            return data
        data = self._kept + data
        # Before this place it is certain which secret begins where; a match may reach beyond it.
        certain = self.redactor.unfinished(data)
        out, at = [], 0
        pattern = self.redactor.pattern(data)
        for match in pattern.finditer(data) if pattern else ():
            if match.start() >= certain:
                break
            out += [data[at : match.start()], MASK]
            at = match.end()
            if at > certain:
                certain = self.redactor.unfinished(data, at)
        self._kept = data[certain:]
        return b"".join([*out, data[at:certain]])

    def end(self) -> bytes:
        """What was kept back, masked, once nothing more follows."""
        rest, self._kept = self._kept, b""
        return self.redactor.text(rest)


def _overlap(secret: bytes, data: bytes) -> int:
    """How many bytes at the beginning of `data` are the end of `secret`."""
    for length in range(min(len(secret) - 1, len(data)), 0, -1):
        if data.startswith(secret[-length:]):
            return length
    return 0
