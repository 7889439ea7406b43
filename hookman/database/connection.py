"""Which database a project means: DB_* of its environment, or DB_URL (CONTRACT C87, C97)."""

from __future__ import annotations

from hookman.base.errors import ConfigError
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

POSTGRES = "postgres"
MARIADB = "mariadb"
KINDS = {
    **dict.fromkeys(("postgres", "postgresql", "pgsql", "pg"), POSTGRES),
    **dict.fromkeys(("mariadb", "mysql"), MARIADB),
}
# What the name of an image says of the server in it.
IMAGES = {
    **dict.fromkeys(("postgres", "postgis", "timescale", "pgvector"), POSTGRES),
    **dict.fromkeys(("mariadb", "mysql", "percona"), MARIADB),
}
PORTS = {"3306": MARIADB, "5432": POSTGRES}


@record
class Database:
    """A database and how to reach it; "" for what its client's own default is to decide."""

    name: str
    kind: str  # POSTGRES or MARIADB; "" if only the project's images can tell
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
    stated = environ.get("DB_ENGINE") or parts.get("kind", "")
    if stated and stated.lower() not in KINDS:
        where = "DB_ENGINE" if environ.get("DB_ENGINE") else "what DB_URL begins with"
        raise ConfigError(f"the kind of database is not known: {where}", f"use one of: {', '.join(KINDS)}")
    fields = ("name", "host", "port", "user", "password", "service")
    found = {key: environ.get(f"DB_{key.upper()}") or parts.get(key, "") for key in fields}
    if not found["name"]:
        return None
    if found["port"] and not (found["port"].isascii() and found["port"].isdecimal()):
        raise ConfigError("DB_PORT must be a number", "correct it in .env, or in your shell")
    return Database(**found, kind=KINDS.get(stated.lower(), ""))


def kind_of(database: Database, images: Mapping[str, str]) -> str:
    """POSTGRES or MARIADB: what was said, else what the images of the project's services say, else the port.

    `images` are by service. As with Kompose it is PostgreSQL where nothing tells. Raises ConfigError.
    """
    if database.kind:
        return database.kind
    if database.service and (kind := _kind(images.get(database.service, ""))):
        return kind
    if database.port in PORTS:
        return PORTS[database.port]
    kinds = {kind for image in images.values() if (kind := _kind(image))}
    if len(kinds) > 1:
        raise ConfigError("it is unclear which database is meant: there are services of both kinds", "set DB_ENGINE")
    return kinds.pop() if kinds else POSTGRES


def _kind(image: str) -> str:
    name = image.rpartition("/")[2]
    return next((kind for word, kind in IMAGES.items() if word in name), "")


def _parts(url: str) -> dict[str, str]:
    """The parts of a database's URL. Raises ConfigError."""
    from urllib.parse import unquote, urlsplit

    try:
        split = urlsplit(url)
        port = str(split.port or "")
    except ValueError:  # its text repeats a part of the URL, which may be the password
        raise ConfigError(
            "DB_URL is not a URL, or its port is not a number",
            "write it like this: postgres://user:password@host:5432/name; in a password / is %2F, # is %23, @ is %40.",
        ) from None
    return {
        "kind": split.scheme.partition("+")[0],
        "name": unquote(split.path.removeprefix("/")),
        "host": unquote(split.hostname or ""),
        "port": port,
        "user": unquote(split.username or ""),
        "password": unquote(split.password or ""),
    }
