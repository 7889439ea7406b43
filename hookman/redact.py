"""Secrets: the values that must not reach the log or our own messages (DESIGN 1.6)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WORDS = ("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH")
SHORTEST = 4  # characters; a shorter value would mask half of every text
MASK = b"***"
# Names that look secret and are not: their values are paths or sockets.
PUBLIC = ("SSH_AUTH_SOCK", "XAUTHORITY")


def looks_secret(name: str, extra: Iterable[str] = ()) -> bool:
    """Does the variable `name` look as if it held a secret? `extra` are names from the config."""
    upper = name.upper()
    if upper in PUBLIC:
        return False
    return any(word in upper for word in WORDS) or any(one.upper() in upper for one in extra)


def secret_values(*environs: Mapping[str, str], extra: Iterable[str] = ()) -> list[bytes]:
    """The values of the secret-looking variables in `environs`, the longest first."""
    extra = tuple(extra)
    found = {
        value.encode("utf-8", "surrogateescape")
        for environ in environs
        for name, value in environ.items()
        if len(value) >= SHORTEST and looks_secret(name, extra)
    }
    return sorted(found, key=len, reverse=True)


class Redactor:
    """Masks secret values in a stream of bytes, also where they are split over two reads."""

    def __init__(self, secrets: list[bytes]) -> None:
        self.secrets = secrets
        self._kept = b""

    def feed(self, data: bytes) -> bytes:
        """What of `data` (and of what was kept back) can be written now, masked."""
        if not self.secrets:
            return data
        masked = self.text(self._kept + data)
        keep = self._unfinished(masked)
        self._kept = masked[len(masked) - keep :]
        return masked[: len(masked) - keep]

    def end(self) -> bytes:
        """What was kept back, once nothing more follows."""
        rest, self._kept = self._kept, b""
        return rest

    def text(self, data: bytes) -> bytes:
        """`data` with every secret masked."""
        for secret in self.secrets:
            data = data.replace(secret, MASK)
        return data

    def _unfinished(self, data: bytes) -> int:
        """How many bytes at the end of `data` may be the beginning of a secret."""
        longest = len(self.secrets[0]) - 1
        for length in range(min(longest, len(data)), 0, -1):
            end = data[len(data) - length :]
            if any(secret.startswith(end) for secret in self.secrets):
                return length
        return 0
