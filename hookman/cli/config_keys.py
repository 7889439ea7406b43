"""The keys that users type at `hookman config`, such as hooks.01-load.sh.timeout, and the errors for other keys."""

from __future__ import annotations

from hookman.base.errors import UsageError
from hookman.base.messages import shown
from hookman.base.suggestion import did_you_mean
from hookman.cli import config_export
from hookman.settings import hookman_toml, stacks
from hookman.settings.export_keys import TABLE as EXPORT
from hookman.settings.hook_keys import HOOK_KEYS
from hookman.settings.notify_keys import TABLE as NOTIFY

HOOKS = "hooks"
OF_STACK = f"{hookman_toml.STACKS}.NAME.{stacks.CONTEXT}"


def parts(key: str) -> list[str]:
    """The parts of a key: hooks.01-load.sh.timeout → hooks, 01-load.sh, timeout. Raises UsageError."""
    if key in hookman_toml.KEYS or key == NOTIFY:
        return [key]
    name, _, last = key.removeprefix(f"{HOOKS}.").rpartition(".")
    if key.startswith(f"{HOOKS}.") and name and last in HOOK_KEYS:
        return [HOOKS, name, last]
    stack = key.removeprefix(f"{hookman_toml.STACKS}.").removesuffix(f".{stacks.CONTEXT}")
    if stack and key == f"{hookman_toml.STACKS}.{stack}.{stacks.CONTEXT}":
        return [hookman_toml.STACKS, stack, stacks.CONTEXT]
    if found := config_export.parts(key):
        return found
    raise _none(key)


def not_written(path: str) -> UsageError:
    """The error for who sets [[notify]]; `path` is the file that has settings."""
    example = f'[[{NOTIFY}]]\nurl = "${{SLACK_URL}}"\nformat = "slack"'
    what = f"{NOTIFY} is a list of tables, which hookman config does not write"
    return UsageError(what, f"write a [[{NOTIFY}]] table in {shown(path)}, such as:\n{example}")


def _none(key: str) -> UsageError:
    """The error for a key that does not exist, with one that does exist in the same table."""
    table, _, rest = key.partition(".")
    what = f"there is no setting {key!r}" if rest else f"{key} is a table"
    if table == NOTIFY:
        told = f"{key} is in a table [[{NOTIFY}]], of which there may be several, so hookman config does not write it"
        return UsageError(told, f"write it below [[{NOTIFY}]] in hookman.toml; hookman help notify says how")
    if table == HOOKS:
        return _none_of_hook(what, rest)
    if table == hookman_toml.STACKS:
        return UsageError(what, f"hookman config set {OF_STACK} CONTEXT")
    if table == EXPORT:
        return _none_of_export(what, key)
    tables = [f"{HOOKS}.NAME.timeout (and others)", OF_STACK, *config_export.keys(), NOTIFY]
    known = ", ".join([*hookman_toml.KEYS, *tables])
    names = [*hookman_toml.KEYS, *config_export.keys(), NOTIFY]
    return UsageError(f"there is no setting {key!r}", did_you_mean(key, names, f"the settings are: {known}"))


def _none_of_hook(what: str, rest: str) -> UsageError:
    words = rest.split(".")
    for number, word in enumerate(words[1:-1], 1):
        if word in HOOK_KEYS and HOOK_KEYS[word].schema.get("type") == "object":
            outer = ".".join([HOOKS, *words[: number + 1]])
            inner = ".".join(words[number + 1 :])
            return UsageError(f"{outer} is set as a whole", f"hookman config set {outer} '{{ {inner} = … }}'")
    known = f"write {HOOKS}.NAME.timeout, or in place of timeout: {', '.join(HOOK_KEYS)}"
    fix = did_you_mean(words[-1], HOOK_KEYS, known) if len(words) > 1 else known
    return UsageError(what, fix)


def _none_of_export(what: str, key: str) -> UsageError:
    if key == f"{EXPORT}.{config_export.HEADERS}":
        fix = f"hookman config set {key}.Authorization 'Bearer ${{TOKEN}}'"
        return UsageError(f"{key} is a table of headers, which are set one by one", fix)
    known = config_export.keys()
    fix = f"hookman config set {EXPORT}.otlp http://localhost:4318; the keys are: {', '.join(known)}"
    return UsageError(what, fix if key == EXPORT else did_you_mean(key, known, fix))
