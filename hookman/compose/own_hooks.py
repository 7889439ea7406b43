"""Compose's own hooks (`pre_start`, `post_start`, `pre_stop`, `provider`), read from the compose files.

Nothing is started. What takes Compose itself to know (remote files, names with variables) is left out and said.
Source: docker/compose pkg/compose (start.go, stop.go, down.go, restart.go, run.go, plugins.go).
"""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.files import read_regular
from hookman.base.records import record, replaced
from hookman.compose.declared import is_remote, used_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml import Node

PROVIDER, PRE_START, POST_START, PRE_STOP = KINDS = ("provider", "pre_start", "post_start", "pre_stop")
# What Compose runs at which command, in its order.
RUN_AT = {
    "up": (PROVIDER, PRE_START, POST_START),
    "create": (PROVIDER,),
    "start": (PRE_START, POST_START),
    "restart": (PRE_STOP, POST_START),
    "stop": (PROVIDER, PRE_STOP),
    "down": (PROVIDER, PRE_STOP),
    "run": (POST_START,),
    "scale": (PROVIDER, PRE_START, POST_START),
}
LARGEST = 512 * 1024  # bytes of a compose file that is read here
DEEPEST = 5  # files that include or extend each other
MOST_LEVELS = 5000  # signs that open a level of YAML; libyaml's reader has no limit of its own
INTERESTING = (*KINDS, "include", "extends")


@record
class OwnHook:
    """A hook of a service that Compose runs."""

    service: str
    kind: str  # one of KINDS
    command: str  # or the type of a provider
    path: str
    line: int
    profiles: tuple[str, ...] = ()
    name: str = ""  # web.post_start, or web.post_start[1] where there are several


@record
class OwnHooks:
    """All of them, and what could not be read."""

    hooks: list[OwnHook]
    problems: list[Problem]

    def at(self, command: str) -> list[OwnHook]:
        """Those that Compose runs at `command`, in its order as far as the files tell it."""
        return [hook for kind in RUN_AT.get(command, ()) for hook in self.hooks if hook.kind == kind]


def own_hooks(files: list[str]) -> OwnHooks:
    """Compose's own hooks in the compose files of a project. A file that is not there yet counts as empty."""
    reader = _Reader()
    services: dict[str, _Service] = {}
    for file in files:
        if is_remote(file) or used_up(file):
            reader.problems.append(_unknown(file, "only Compose can read it"))
            continue
        for name, service in reader.services(file, DEEPEST).items():
            services[name] = services[name].with_more(service) if name in services else service
    hooks = [hook for name, service in services.items() for hook in service.hooks(name)]
    return OwnHooks(hooks=hooks, problems=reader.problems)


@record
class _Service:
    """What a service says of hooks: each key with its hooks, and whether it replaces what earlier files say."""

    found: dict[str, list[OwnHook]]
    replaces: frozenset[str] = frozenset()
    profiles: tuple[str, ...] = ()

    def with_more(self, later: _Service) -> _Service:
        """The service as a later file changes it: lists grow, a provider is replaced."""
        found = dict(self.found)
        for kind, hooks in later.found.items():
            is_new = kind == PROVIDER or kind in later.replaces
            found[kind] = hooks if is_new else [*found.get(kind, []), *hooks]
        return _Service(found=found, profiles=(*self.profiles, *later.profiles))

    def hooks(self, name: str) -> Iterator[OwnHook]:
        """Its hooks, each with its name."""
        for kind in KINDS:
            hooks = self.found.get(kind, [])
            for number, hook in enumerate(hooks):
                label = f"{name}.{kind}" + (f"[{number}]" if len(hooks) > 1 else "")
                yield replaced(hook, service=name, name=label, profiles=self.profiles)


class _Reader:
    """Reads compose files, and notes what it can't."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def services(self, path: str, depth: int) -> dict[str, _Service]:
        """The services of a file, with those of the files that it includes."""
        found: dict[str, _Service] = {}
        for top in self._documents(path):
            for include in _items(top.get("include")):
                self._include(include, path, depth, found)
            for name, node in _members(top.get("services")).items():
                service = self._service(node, path, depth)
                found[name] = found[name].with_more(service) if name in found else service
        return found

    def _documents(self, path: str) -> list[dict[str, Node]]:
        import yaml

        try:
            data = read_regular(path)
        except OSError:
            return []  # Compose says what is wrong, or a pre hook creates it
        if not any(word.encode() in data for word in INTERESTING):
            return []
        if len(data) > LARGEST:
            self.problems.append(_unknown(path, "it is too large"))
            return []
        levels = sum(data.count(sign) for sign in (b"[", b"{", b"- ", b"? "))
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader) if levels < MOST_LEVELS else yaml.SafeLoader
        try:
            return [_members(node) for node in yaml.compose_all(data, loader)]
        except (yaml.YAMLError, RecursionError, ValueError) as error:
            mark = getattr(error, "problem_mark", None)
            where = f"{path}:{mark.line + 1}" if mark else path
            self.problems.append(_unknown(where, f"it is not YAML: {getattr(error, 'problem', '') or error}"))
            return []

    def _include(self, include: Node, path: str, depth: int, found: dict[str, _Service]) -> None:
        paths = _members(include).get("path", include)
        for name in [_text(node) for node in _items(paths)] or [_text(paths)]:
            where = self._other(name, path, depth)
            for service, more in self.services(where, depth - 1).items() if where else ():
                found[service] = found[service].with_more(more) if service in found else more

    def _service(self, node: Node, path: str, depth: int) -> _Service:
        """A service, on top of the one that it extends."""
        members = _members(node)
        kinds = [kind for kind in KINDS if kind in members]
        own = _Service(
            found={kind: list(_hooks(kind, members[kind], path)) for kind in kinds},
            replaces=frozenset(kind for kind in kinds if members[kind].tag in ("!reset", "!override")),
            profiles=tuple(map(_text, _items(members.get("profiles")))),
        )
        if "extends" not in members:
            return own
        extends = _members(members["extends"])
        name = _text(extends.get("service", members["extends"]))
        where = self._other(_text(extends["file"]), path, depth) if "file" in extends else path
        base = self._named(where, name, depth - 1) if where and depth else None
        # A service does not inherit the profiles of what it extends.
        return replaced(base, profiles=()).with_more(own) if base else own

    def _named(self, path: str, name: str, depth: int) -> _Service | None:
        for top in self._documents(path):
            if node := _members(top.get("services")).get(name):
                return self._service(node, path, depth)
        return None

    def _other(self, name: str, path: str, depth: int) -> str:
        """The path of a file that `path` names; "" if only Compose can tell, or there are too many."""
        if not name or not depth:
            return ""
        if "$" in name or is_remote(name):
            self.problems.append(_unknown(name, f"only Compose can read it; {path} names it"))
            return ""
        return os.path.normpath(os.path.join(os.path.dirname(path), name))


def _unknown(where: str, why: str) -> Problem:
    what = f"hooks of Compose's own in {where} are not shown: {why}"
    return Problem(what=what, where=where, fix="docker compose config shows them")


def _hooks(kind: str, node: Node, path: str) -> Iterator[OwnHook]:
    """The hooks in the value of one key."""
    if node.tag == "!reset":
        return
    if kind == PROVIDER:
        if command := _text(_members(node).get("type")):
            yield OwnHook(service="", kind=kind, command=command, path=path, line=node.start_mark.line + 1)
        return
    for item in _items(node):
        command_node = _members(item).get("command")
        command = " ".join(map(_text, _items(command_node))) or _text(command_node)
        yield OwnHook(service="", kind=kind, command=command, path=path, line=item.start_mark.line + 1)


def _members(node: Node | None, depth: int = DEEPEST) -> dict[str, Node]:
    """The members of a mapping, with what `<<` merges into it; {} if it is none."""
    if node is None or node.id != "mapping":
        return {}
    merged: dict[str, Node] = {}
    for key, value in _pairs(node):
        if _text(key) == "<<" and depth:
            for source in _items(value) or [value]:
                merged = {**_members(source, depth - 1), **merged}
    return {**merged, **{_text(key): value for key, value in _pairs(node)}}


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return list(node.value)


def _items(node: Node | None) -> list[Node]:
    return list(node.value) if node is not None and node.id == "sequence" else []


def _text(node: Node | None) -> str:
    return str(node.value) if node is not None and node.id == "scalar" else ""
