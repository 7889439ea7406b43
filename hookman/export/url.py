"""A URL that settings name, taken apart and checked. No message says the URL: it may be a secret."""

from __future__ import annotations

from hookman.base.records import record


class WrongUrlError(ValueError):
    """It can't be used; the text says why."""


@record
class Url:
    """One that can be used."""

    scheme: str  # http or https
    place: str  # the host, and the port if there is one
    path: str  # from the slash on, with what follows ? in it
    user: str = ""  # user:password

    @property
    def server(self) -> str:
        """The part that is no secret."""
        return f"{self.scheme}://{self.place}"

    @property
    def without_user(self) -> str:
        """All of it but the user."""
        return self.server + self.path


def checked(text: str) -> Url:
    """The parts of the URL `text`. Raises WrongUrlError."""
    scheme, separator, rest = text.strip().partition("://")
    if scheme.lower() not in ("http", "https") or not separator:
        raise WrongUrlError("must begin with http:// or https://")
    if any(char.isspace() or not char.isprintable() for char in rest) or not rest.isascii():
        raise WrongUrlError("must have no blanks, and only ASCII characters")
    rest = rest.partition("#")[0]
    end = next((at for at, char in enumerate(rest) if char in "/?"), len(rest))
    user, _, place = rest[:end].rpartition("@")
    _check_place(place)
    path = rest[end:]
    return Url(scheme=scheme.lower(), place=place, path=path if path.startswith("/") else f"/{path}", user=user)


def port_of(place: str) -> str:
    """The port that `place` names; "" if none."""
    _, colon, port = place.rpartition(":")
    return "" if place.endswith("]") or not colon else port


def _check_place(place: str) -> None:
    host, colon, port = place.rpartition(":")
    if place.endswith("]") or not colon:
        host = place
    elif not (port.isdecimal() and 0 < int(port) < 65536):
        raise WrongUrlError(f"{port or 'nothing'} is not a port")
    if not host:
        raise WrongUrlError("has no host")
    if (":" in host) != (host[0] == "[" and host[-1] == "]"):
        raise WrongUrlError("an IPv6 address must be in [ ]")
