"""Which docker context a command uses, by its name, as the Docker CLI decides it. endpoint.py says where that is.

Each record of a run has it, so this costs as little as it can.
"""

from __future__ import annotations

import os

from hookman.base.files import read_regular
from hookman.compose.locate import docker_config_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

DEFAULT_SOCKET = "/var/run/docker.sock"
UNIX = "unix://"
DEFAULT = "default"  # the context that stands for DOCKER_HOST, or for this machine's own engine
LOCAL = ("unix", "npipe", "fd")  # schemes of addresses that are paths


def host_and_context(flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> tuple[str, str]:
    """What docker's global `flags`, the variables and config.json name: an address ("": none), and a context."""
    host = flags["host"][-1] if "host" in flags else ""
    context = flags["context"][-1] if "context" in flags else ""
    if not host and not context:
        host = environ.get("DOCKER_HOST", "")
        context = "" if host else environ.get("DOCKER_CONTEXT", "")
    if not host and not context:
        context = _current_context(config_dir(flags, environ))
    return host, context or DEFAULT


def engine_name(flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> str:
    """The engine as the user names it to docker: an address or a context; "" for the default engine."""
    host, context = host_and_context(flags, environ)
    return host if context == DEFAULT else context


def context_shown(host: str, context: str) -> str:
    """A context for people: its name, or the address that DOCKER_HOST or -H says in its place."""
    return address_shown(host) if host and context == DEFAULT else context


def address_shown(address: str) -> str:
    """The address of an engine without what may be secret in it: passwords, and what follows ? or #."""
    scheme, has_scheme, rest = address.partition("://")
    if has_scheme and scheme in LOCAL:
        return address
    rest = rest if has_scheme else address
    user, is_user, place = rest.rpartition("@")  # a password may have anything in it
    name = user.partition(":")[0]
    is_name = scheme == "ssh" and is_user and "/" not in name
    place = place.partition("?")[0].partition("#")[0]
    return f"{scheme + has_scheme if has_scheme else ''}{name + '@' if is_name else ''}{place}"


def config_dir(flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> str:
    """The Docker CLI's configuration directory for a command with these flags."""
    return flags["config"][-1] if "config" in flags else docker_config_dir(environ)


def parsed(data: bytes) -> dict[str, Any]:
    """A file of the Docker CLI; {} if it is no object of JSON."""
    import json

    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _current_context(config: str) -> str:
    try:
        data = read_regular(os.path.join(config, "config.json"))
    except OSError:
        return ""
    if b'"currentContext"' not in data:
        return ""
    found = parsed(data).get("currentContext")
    return found if isinstance(found, str) else ""
