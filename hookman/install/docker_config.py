"""Docker's config.json: our directory is first in `cliPluginsExtraDirs`, and nothing else changes.

The file's mode, its being a link, its other keys and their order are kept; the user's own
bytes are put back if nobody has changed the file since.
"""

from __future__ import annotations

import json
import os

from hookman.base.errors import ConfigError
from hookman.base.files import read_regular, replace_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

KEY = "cliPluginsExtraDirs"


class DockerConfig:
    """The config.json in `directory`. `kept` is where its bytes from before our change are kept."""

    def __init__(self, directory: str, kept: str) -> None:
        self.path = os.path.join(directory, "config.json")
        self.kept = kept

    def extra_dirs(self) -> list[str]:
        """The directories that are searched for plugins first. Raises ConfigError."""
        dirs = self._read()[1].get(KEY, [])
        if not isinstance(dirs, list) or not all(isinstance(path, str) for path in dirs):
            raise self._unusable(f"{KEY} is not a list of paths")
        return dirs

    def put_first(self, directory: str) -> bool:
        """Put `directory` first; False if it already is. Raises ConfigError."""
        dirs = self.extra_dirs()
        if dirs[:1] == [directory]:
            return False
        before, document = self._read()
        document[KEY] = [directory, *(path for path in dirs if path != directory)]
        if directory not in dirs:
            self._keep(before)
        self._write(_text(document, before))
        return True

    def take_out(self, directory: str) -> bool:
        """Take `directory` out again; False if it is not in. Raises ConfigError."""
        dirs = self.extra_dirs()
        if directory not in dirs:
            return False
        before, document = self._read()
        original = self._kept_bytes()
        rest = [path for path in dirs if path != directory]
        had_key = original is not None and KEY in _parsed(original)
        if rest or had_key:
            document[KEY] = rest
        else:
            del document[KEY]
        if original is not None and _parsed(original) == document:
            self._restore(original)
        else:
            self._write(_text(document, before))
        if os.path.exists(self.kept):
            os.unlink(self.kept)
        return True

    def _read(self) -> tuple[bytes, dict[str, Any]]:
        try:
            data = read_regular(self.path)
        except FileNotFoundError:
            return b"", {}
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        try:
            document = json.loads(data) if data.strip() else {}
        except ValueError as error:
            raise self._unusable(str(error)) from error
        if not isinstance(document, dict):
            raise self._unusable("it is not a JSON object")
        return data, document

    def _keep(self, data: bytes) -> None:
        os.makedirs(os.path.dirname(self.kept), mode=0o700, exist_ok=True)
        replace_file(self.kept, data)

    def _kept_bytes(self) -> bytes | None:
        try:
            return read_regular(self.kept)
        except OSError:
            return None

    def _restore(self, original: bytes) -> None:
        if original:
            self._write(original)
        else:
            os.unlink(os.path.realpath(self.path))

    def _write(self, data: bytes) -> None:
        """Replace the file in one step, with its mode and owner; a link stays a link."""
        target = os.path.realpath(self.path)
        if os.path.exists(target) and not os.access(target, os.W_OK):
            raise self._unusable("it is read-only")
        try:
            os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
            replace_file(target, data, like=os.stat(target) if os.path.exists(target) else None)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _unusable(self, reason: str) -> ConfigError:
        directory = os.path.dirname(self.kept)
        line = f'"{KEY}": ["{os.path.join(directory, "cli-plugins")}"]'
        return ConfigError(f"{self.path} can't be changed: {reason}", f"add this to it by hand: {line}")


def _parsed(data: bytes) -> dict[str, Any]:
    document = json.loads(data) if data.strip() else {}
    return document if isinstance(document, dict) else {}


def _text(document: dict[str, Any], before: bytes) -> bytes:
    """`document` in the file's own indentation, or in Docker's (tabs)."""
    indent = "\t"
    for line in before.decode("utf-8", "replace").split("\n")[1:2]:
        indent = line[: len(line) - len(line.lstrip())] or "\t"
    return (json.dumps(document, indent=indent, ensure_ascii=False) + ("\n" if before.endswith(b"\n") else "")).encode()
