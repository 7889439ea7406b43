"""One file with settings as a layer, read once per content: TOML takes 10 ms to import, and a run has ten.

What was read is kept in the project's data directory. A file with a secret in it is not kept.
"""

from __future__ import annotations

import marshal
import os

from hookman.base.files import read_regular, read_with_status, replace_file
from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FORMAT = 1  # of what is kept, and of what the keys of a table mean
_FILE = "settings"


@record
class Layer:
    """What one file says."""

    path: str
    values: dict[str, Any]
    hooks: dict[str, dict[str, Any]]
    lines: dict[str, dict[str, int]]  # hook → key ("" is the table itself) → the line in the file
    text: bytes  # what is reviewed: what was read; of a compose file its tables
    status: os.stat_result  # of what was read
    users_own: bool = False


class Kept:
    """The files that were read before, in the data `directory` of a project."""

    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, _FILE)
        self._known: dict[str, tuple[bytes, dict[str, Any]]] | None = None
        self._changed = False

    def layer(self, path: str, *, users_own: bool = False, is_compose: bool = False) -> Layer:
        """The file at `path`: one with settings, or a compose file. Raises ConfigError, and NotYamlError."""
        try:
            data, status = read_with_status(path)
        except OSError as error:
            from hookman.settings import reading

            raise reading.cant_read(path, error) from error
        digest = _digest(data)
        known = self._read().get(path)
        if known and known[0] == digest and users_own == known[1]["users_own"]:
            found = known[1]
        else:
            parsed = _of_compose(path, data) if is_compose else _parsed(path, data, users_own=users_own)
            found = {**parsed, "users_own": users_own}
            if not _has_secret(data, found["hooks"], found["values"]):
                self._read()[path] = (digest, found)
                self._changed = True
        return Layer(**{"path": path, "text": data, "status": status, **found})

    def save(self) -> None:
        """Keep what was read for the next run, where this project has a data directory."""
        if not self._changed or not os.path.isdir(os.path.dirname(self._path)):
            return
        try:
            replace_file(self._path, marshal.dumps((FORMAT, self._known)))
        except (OSError, ValueError):  # a type that marshal does not know; no value that is kept has one
            pass

    def _read(self) -> dict[str, tuple[bytes, dict[str, Any]]]:
        if self._known is None:
            self._known = {}
            try:
                number, known = marshal.loads(read_regular(self._path))  # noqa: S302 (ours alone, as a .pyc is)
                self._known = known if number == FORMAT else {}
            except (OSError, ValueError, EOFError, TypeError):
                pass
        return self._known


def _parsed(path: str, data: bytes, *, users_own: bool) -> dict[str, Any]:
    from hookman.settings import reading
    from hookman.settings.lines import line_of

    text = reading.decoded(path, data)
    document = reading.checked(path, text, users_own=users_own)
    if users_own:
        reading.not_for_users(path, text, document)
    values = reading.in_force(document)
    hooks = values.pop("hooks", {})
    if "export" in values:
        from hookman.settings.export_keys import placed

        values["export"] = placed(values["export"], path, text)
    if "notify" in values:
        from hookman.settings import notify_keys

        values["notify"] = notify_keys.placed(values["notify"], path, text, users_own=users_own)
    lines = {
        name: {"": line_of(text, "hooks", name), **{key: line_of(text, "hooks", name, key) for key in table}}
        for name, table in hooks.items()
    }
    return {"values": values, "hooks": hooks, "lines": lines}


def _of_compose(path: str, data: bytes) -> dict[str, Any]:
    """The tables of a compose file; only they are reviewed."""
    import json

    from hookman.settings import reading, x_hookman
    from hookman.settings.hook_keys import HOOK_KEYS

    found = x_hookman.tables(path, reading.decoded(path, data))
    text = json.dumps(found["hooks"], indent=2, ensure_ascii=False) + "\n"
    hooks = {
        name: {key: HOOK_KEYS[key].read(value) for key, value in table.items()}
        for name, table in found["hooks"].items()
    }
    return {"values": {}, "hooks": hooks, "lines": found["lines"], "text": text.encode("utf-8", "surrogateescape")}


def _has_secret(data: bytes, hooks: dict[str, dict[str, Any]], values: dict[str, Any]) -> bool:
    """Is there a secret in the file with that content? What its tables tell of secrets is masked from now on."""
    from hookman.base.messages import redactor

    export = values.get("export", {})
    if any("${" not in value for value in export.get("headers", {}).values()):
        return True  # whatever its name is
    redactor.learn({"otlp": export.get("otlp", "")})
    if values.get("notify"):
        from hookman.settings.notify_keys import literal

        if any(literal(values["notify"])):
            return True
    for table in hooks.values():
        redactor.learn(table.get("env", {}))
        run = table.get("run", "")
        redactor.learn_text(run if isinstance(run, str) else " ".join(run))
    return redactor.text(data) != data


def _digest(data: bytes) -> bytes:
    try:
        from _blake2 import blake2b  # `hashlib` loads OpenSSL: 7 ms
    except ImportError:
        from hashlib import blake2b
    return blake2b(data, digest_size=32).digest()
