"""Hooks in a compose file: `x-hookman: {hooks: {NAME: …}}`, at the top or in a service.

The values are those of a table in hookman.toml. YAML is read as Compose reads it: `on` is a key and no truth value.
Include, extends and variables are not followed; `$$` is a `$`, as for Compose.
"""

from __future__ import annotations

from hookman.base.errors import ConfigError
from hookman.base.redact import without_values
from hookman.settings.hookman_toml import IN_CONTAINER
from hookman.settings.reading import check_table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Node = Any  # of PyYAML, which ships no types

KEY = "x-hookman"
MOST_LEVELS = 5000  # signs that open a level of YAML; libyaml's reader has no limit of its own
MOST = 10_000  # values; an alias can stand for very many
DEEPEST = 50  # values in values
MERGE = "<<"
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_NULL = ("", "~", "null", "Null", "NULL")
WANTED = "hooks: {NAME: {on: up.post, run: …}}"


class NotYamlError(Exception):
    """The file is not YAML; the error says what is wrong, and where."""

    def __init__(self, error: ConfigError) -> None:
        super().__init__(str(error))
        self.error = error


def tables(path: str, text: str) -> dict[str, Any]:
    """The tables of hooks in the `text` of the compose file at `path`, checked, and the line of each key.

    Raises ConfigError, and NotYamlError.
    """
    return _Reader(path).read(_documents(path, text))


def _documents(path: str, text: str) -> list[Node]:
    from hookman.base.site_packages import enable_site_packages

    enable_site_packages()
    try:
        import yaml
    except ImportError:
        what = f"{path} has {KEY}, and there is no PyYAML for this Python to read it"
        raise ConfigError(what, "reinstall hookman-compose, or move the hooks into hookman.toml", path) from None
    levels = sum(text.count(sign) for sign in ("[", "{", "- ", "? "))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if levels < MOST_LEVELS else yaml.SafeLoader
    try:
        return list(yaml.compose_all(text, loader))
    except RecursionError:
        raise NotYamlError(ConfigError(f"{path}: values are nested too deeply", "", path)) from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else path
        what = f"{place}: {getattr(error, 'problem', None) or error}"
        raise NotYamlError(ConfigError(what, "correct the line: the file must be YAML", place)) from error


class _Reader:
    """Reads the nodes of one file."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.count = 0
        self.hooks: dict[str, dict[str, Any]] = {}
        self.lines: dict[str, dict[str, int]] = {}

    def read(self, documents: list[Node]) -> dict[str, Any]:
        """All tables of the file."""
        for document in documents:
            top = self._members(document)
            self._block(top.get(KEY), "")
            services = self._members(top["services"][1]) if "services" in top else {}
            for service, (_, node) in services.items():
                self._block(self._members(node).get(KEY), service)
        return {"hooks": self.hooks, "lines": self.lines}

    def _block(self, found: tuple[Node, Node] | None, service: str) -> None:
        """One `x-hookman:`, of a `service` or ("") of the file."""
        if found is None or _is_null(found[1]):
            return
        if found[1].id != "mapping":
            raise self._error(found[0], f"{KEY} must be {WANTED}")
        for name, (key, value) in self._members(found[1], strict=True).items():
            if name != "hooks":
                raise self._error(key, f"{KEY} has no key {without_values(name)!r}", f"write {WANTED}")
            if value.id != "mapping" and not _is_null(value):
                raise self._error(key, f"hooks must be a table with the names of hooks: {WANTED}")
            for hook, (key_of_hook, table) in self._members(value, strict=True).items():
                self._table(hook, key_of_hook, table, service)

    def _table(self, name: str, key: Node, node: Node, service: str) -> None:
        members = self._members(node, strict=True)
        lines = {"": _line(key), **{name: _line(member[0]) for name, member in members.items()}}

        def place(*keys: str) -> str:
            return f"{self.path}:{lines.get(keys[0] if keys else '', lines[''])}"

        table = self._value(node) if not _is_null(node) else {}
        if isinstance(table, dict):
            table |= {key: self._texts(value) for key, (_, value) in members.items() if _has_texts(key, value)}
        check_table(place, name, table, f"{without_values(name)}: {{on: up.post, run: …}}")
        if name in self.hooks:
            what = f"two hooks are called {without_values(name)}: here and on line {self.lines[name]['']}"
            raise self._error(key, what, "give one of them another name")
        if service and not table.keys().isdisjoint(IN_CONTAINER):
            table.setdefault("service", service)
            lines.setdefault("service", lines[""])
        if service:
            table["when"] = {"services": [service], **table.get("when", {})}
        self.hooks[name], self.lines[name] = table, lines

    def _members(self, node: Node, *, strict: bool = False, depth: int = 0) -> dict[str, tuple[Node, Node]]:
        """The keys of a mapping, each with its node and its value's; what `<<` brings in is below its own.

        Where it is `strict`, a key that is there twice is an error.
        """
        self._deep(node, depth)
        found: dict[str, tuple[Node, Node]] = {}
        brought: dict[str, tuple[Node, Node]] = {}
        for key, value in node.value if node.id == "mapping" else ():
            if key.id == "scalar" and key.value == MERGE and not key.style:
                brought = {**self._brought(value, depth + 1), **brought}
            elif key.id == "scalar":
                if key.value in found and (strict or key.value == KEY):
                    raise self._error(
                        key, f"{without_values(key.value)} is there twice: see line {_line(found[key.value][0])}"
                    )
                found[key.value] = (key, value)
        return {**brought, **found}

    def _brought(self, node: Node, depth: int) -> dict[str, tuple[Node, Node]]:
        """What `<<` brings in: a mapping, or several of which the first one wins."""
        found: dict[str, tuple[Node, Node]] = {}
        for source in node.value if node.id == "sequence" else [node]:
            found = {**self._members(source, depth=depth), **found}
        return found

    def _deep(self, node: Node, depth: int) -> None:
        if depth > DEEPEST:
            raise self._error(node, "values are nested too deeply, or a value is part of itself")

    def _value(self, node: Node, depth: int = 0) -> Any:
        self._deep(node, depth)
        self.count += 1
        if self.count > MOST:
            raise self._error(node, f"there are more than {MOST} values in {KEY}")
        if node.id == "mapping":
            members = self._members(node, strict=True)
            return {key: self._value(value, depth + 1) for key, (_, value) in members.items()}
        if node.id == "sequence":
            return [self._value(value, depth + 1) for value in node.value]
        return _scalar(node)

    def _texts(self, node: Node) -> Any:
        """A table or a list whose plain values are texts as they are written: 010 is no number."""
        if node.id == "mapping":
            return {key: _text(value, self._value(value)) for key, (_, value) in self._members(node).items()}
        return [_text(value, self._value(value)) for value in node.value]

    def _error(self, node: Node, what: str, fix: str = "") -> ConfigError:
        place = f"{self.path}:{_line(node)}"
        return ConfigError(f"{place}: {what}", fix or "correct the line, or remove it", place)


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _has_texts(key: str, node: Node) -> bool:
    """Are the plain values of this key texts: of env, and of a run that is a list?"""
    return (key == "env" and node.id == "mapping") or (key == "run" and node.id == "sequence")


def _text(node: Node, value: Any) -> Any:
    return value if node.id != "scalar" or _is_null(node) else str(node.value).replace("$$", "$")


def _is_null(node: Node) -> bool:
    return bool(node.id == "scalar" and not node.style and node.value in _NULL)


def _scalar(node: Node) -> Any:
    """A scalar as Compose's YAML has it."""
    text = str(node.value)
    if node.style or node.tag == "!":  # quoted
        return text.replace("$$", "$")
    if text in _NULL:
        return None
    if text in (*_TRUE, *_FALSE):
        return text in _TRUE
    for number in (int, float):
        if text.isascii() and text[-1:].isdigit() and "_" not in text:
            try:
                return number(text)
            except ValueError:
                continue
    return text.replace("$$", "$")
