"""The settings of [export] as they are used: its URL, its headers, and what is wrong with them. It starts nothing."""

from __future__ import annotations

import os

from hookman.base.errors import Problem
from hookman.base.messages import redactor
from hookman.base.records import record
from hookman.export import headers, templates, url
from hookman.export.templates import NotSetError, filled, names_in, secrets_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SIGNALS = ("traces", "logs")
EXAMPLE = "http://localhost:4318"
GRPC = 4317


@record
class Endpoint:
    """Where to send, checked."""

    url: str  # without the path of a signal, and without user and password
    user: str = ""  # user:password of the URL
    headers: dict[str, str]
    ca: str = ""


class WrongError(Exception):
    """A setting can't be used."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


def endpoint(export: Mapping[str, Any], environ: Mapping[str, str]) -> Endpoint:
    """What the table `export` says, with the values of the environment. Raises WrongError."""
    url, user = _url(export, environ)
    headers = {name: _header(export, name, value, environ) for name, value in export.get("headers", {}).items()}
    return Endpoint(url=url, user=user, headers=headers, ca=_ca(export, environ))


def wrong(export: Mapping[str, Any], environ: Mapping[str, str]) -> Problem | None:
    """What is wrong with the table `export`; None if nothing is."""
    try:
        endpoint(export, environ)
    except WrongError as error:
        return error.problem
    return None


def hide(export: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Mask from now on what nobody may see: the values of headers, and a password in the URL."""
    for value in export.get("headers", {}).values():
        templates.hide(secrets_in(value, environ))
    url = str(export.get("otlp", ""))
    redactor.learn({"otlp": url, **{name: environ.get(name) for name in names_in(url)}})


def place(export: Mapping[str, Any], key: str) -> str:
    """Where a key is set: file and line, or the name of the variable."""
    return str(export.get("places", {}).get(key, ""))


def _url(export: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[str, str]:
    text = _filled(export, "otlp", str(export["otlp"]), environ)
    try:
        found = url.checked(text)
    except url.WrongUrlError as error:
        raise _wrong(export, "otlp", str(error), EXAMPLE) from None
    if "?" in text or "#" in text:
        raise _wrong(export, "otlp", "must have no ? and no #: the paths /v1/traces and /v1/logs are added", EXAMPLE)
    if url.port_of(found.place) == str(GRPC):
        raise _wrong(export, "otlp", "port 4317 is that of OTLP over gRPC; hookman sends OTLP over HTTP", EXAMPLE)
    path = found.path.rstrip("/")
    for signal in SIGNALS:  # somebody wrote the URL of one signal
        path = path.removesuffix(f"/v1/{signal}").rstrip("/")
    return found.server + path, found.user


def _header(export: Mapping[str, Any], name: str, value: str, environ: Mapping[str, str]) -> str:
    text = _filled(export, "headers", value, environ).strip()
    if what := headers.mistake(name, text):
        raise _wrong(export, "headers", what)
    return text


def _ca(export: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    text = _filled(export, "ca", str(export.get("ca", "")), environ)
    if not text:
        return ""
    path = os.path.join(environ.get("HOME", ""), text[2:]) if text.startswith("~/") else text
    if not os.path.isabs(path):
        raise _wrong(export, "ca", "must be an absolute path, or begin with ~/")
    if not os.access(path, os.R_OK) or not os.path.isfile(path):
        raise _wrong(export, "ca", f"{path} is not a file that hookman can read")
    return path


def _filled(export: Mapping[str, Any], key: str, text: str, environ: Mapping[str, str]) -> str:
    try:
        return filled(text, environ)
    except NotSetError as error:
        raise _wrong(export, key, str(error), "set it") from None


def _wrong(export: Mapping[str, Any], key: str, what: str, fix: str = "") -> WrongError:
    where = place(export, key)
    name = "" if where.isidentifier() else f" export.{key}:"
    advice = f"write {fix}" if fix == EXAMPLE else fix or "correct it, or remove it"
    return WrongError(Problem(what=f"runs are not exported: {where}:{name} {what}", where=where, fix=advice))
