"""A connection to an engine, as the Docker CLI would make it.

A socket, and a port without TLS, are opened here. For ssh, `ssh` is started as docker starts it. Anything else goes
through `docker system dial-stdio`, which connects twice: docker first asks the engine for its version.
"""

from __future__ import annotations

from hookman.base.spawn import NULL, spawn
from hookman.compose.engine_api import EngineError, NoEngineError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from hookman.compose.endpoint import Endpoint
else:
    import _socket as socket  # `socket` makes enums of all numbers: 10 ms

TLS = ("DOCKER_TLS", "DOCKER_TLS_VERIFY")
DIAL = ("docker", "system", "dial-stdio")


def dialled(engine: Endpoint, environ: Mapping[str, str], patience: float) -> socket.socket:
    """A socket on which the engine answers. Raises EngineError."""
    if engine.socket:
        return _connected(engine.socket, patience)
    scheme, _, place = engine.host.partition("://")
    if scheme == "tcp" and not engine.has_tls and not any(environ.get(name) for name in TLS) and _port(place):
        return _over_tcp(place, patience)
    if scheme == "ssh" and (ssh := _ssh(place)):
        return _through(ssh, environ)
    return _through([*engine.docker, *DIAL[1:]], environ)


def _connected(path: str, patience: float) -> socket.socket:
    ours = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    ours.settimeout(patience)
    try:
        ours.connect(path)
    except OSError as error:
        ours.close()
        kind = NoEngineError if isinstance(error, FileNotFoundError) else EngineError
        raise kind(f"{path}: {error.strerror or error}") from error
    return ours


def _port(place: str) -> str:
    """The port in HOST:PORT; "" where it is written otherwise."""
    host, _, port = place.rpartition(":")
    return port if port.isascii() and port.isdigit() and host and not set(host) & set("/@?#[]") else ""


def _over_tcp(place: str, patience: float) -> socket.socket:
    host, _, port = place.rpartition(":")
    why = OSError()
    try:
        found = socket.getaddrinfo(host.encode(), int(port), 0, socket.SOCK_STREAM)
    except (OSError, OverflowError) as error:
        raise EngineError(f"{place}: {error}") from error
    for family, kind, protocol, _, address in found:
        ours = socket.socket(family, kind, protocol)
        ours.settimeout(patience)
        try:
            ours.connect(address)
        except OSError as error:
            ours.close()
            why = error
        else:
            ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return ours
    raise EngineError(f"{place}: {why.strerror or why}") from why


def _ssh(place: str) -> list[str]:
    """The command with which docker reaches [USER@]HOST[:PORT]; [] where it is written otherwise."""
    user, has_user, rest = place.rpartition("@")
    host, has_port, port = rest.partition(":")
    if not host or host.startswith("-") or set(place) & set("/?#[]%") or ":" in user or (has_user and not user):
        return []
    if has_port and not (port.isascii() and port.isdigit()):
        return []
    where = [*(["-l", user] if user else []), *(["-p", port] if port else [])]
    return ["ssh", "-o", "ConnectTimeout=30", "-T", *where, "--", host, *DIAL]


def _through(argv: list[str], environ: Mapping[str, str]) -> socket.socket:
    """What a program reads and writes."""
    ours, theirs = socket.socketpair()
    descriptors = {0: theirs.fileno(), 1: theirs.fileno(), 2: NULL}
    try:
        # A session of its own: Ctrl-C is for Compose, and ssh asks nobody. It ends when our end is closed.
        spawn(argv[0], argv, environ, descriptors, session=True)
    except OSError as error:
        ours.close()
        raise EngineError(f"{argv[0]} can't be started: {error.strerror}") from error
    finally:
        theirs.close()
    return ours
