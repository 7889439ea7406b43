"""Which database a project means: DB_* of its environment, or DB_URL (CONTRACT C87, C97)."""

from __future__ import annotations

from hookman.errors import ConfigError
from hookman.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

ENGINES = {"postgres": "postgres", "postgresql": "postgres", "pgsql": "postgres", "pg": "postgres"}


@record
class Database:
    """A database and how to reach it; "" for what its client's own default is to decide."""

    name: str
    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    service: str = ""  # the Compose service in whose container the client programs run


def database_of(environ: Mapping[str, str]) -> Database | None:
    """The database that `environ` means; None if it means none. Raises ConfigError.

    DB_NAME, DB_HOST, DB_PORT, DB_USER and DB_PASSWORD win over the parts of DB_URL.
    """
    url = environ.get("DB_URL", "")
    parts = _parts(url) if url else {}
    engine = environ.get("DB_ENGINE") or parts.get("engine") or "postgres"
    if engine.lower() not in ENGINES:
        raise ConfigError(f"the database engine {engine!r} is not known", f"DB_ENGINE may be: {', '.join(ENGINES)}.")
    found = {key: environ.get(f"DB_{key.upper()}") or parts.get(key, "") for key in Database.__annotations__}
    if not found["name"]:
        return None
    if found["port"] and not found["port"].isdecimal():
        raise ConfigError(f"DB_PORT={found['port']}: must be a number", "Mend it in .env, or in your shell.")
    return Database(**found)


def _parts(url: str) -> dict[str, str]:
    """The parts of a database's URL. Raises ConfigError."""
    from urllib.parse import unquote, urlsplit

    try:
        split = urlsplit(url)
        port = str(split.port or "")
    except ValueError as error:
        raise ConfigError(
            f"DB_URL is not a URL: {error}", "Such as: postgres://user:password@host:5432/name"
        ) from error
    return {
        "engine": split.scheme.partition("+")[0],
        "name": unquote(split.path.removeprefix("/")),
        "host": unquote(split.hostname or ""),
        "port": port,
        "user": unquote(split.username or ""),
        "password": unquote(split.password or ""),
    }
