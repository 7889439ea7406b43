"""Names in conditions (`when`) that do not exist: misspelt services, profiles and flags."""

from __future__ import annotations

from hookman.base.errors import Problem
from hookman.base.records import record
from hookman.base.redact import without_values
from hookman.base.suggestion import nearest
from hookman.compose.services import fix_of_wrong_service

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.compose.commandline import Invocation
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.touched import Touched
    from hookman.settings.hookman_toml import Tables


def place_of(hook: PlannedHook, tables: Tables, key: str, inside: str = "") -> str:
    """The file, below the directory `inside`, and the line in which `key` of the hook's table is set; "" if none."""
    for path in reversed(tables.files.get(hook.name, ())):
        line = tables.layers[path].lines.get(hook.name, {}).get(key, 0)
        if line and path.startswith(inside):
            return f"{path}:{line}"
    return ""


@record
class WrongName:
    """A name in a condition that nothing has."""

    reason: str  # why the hook is skipped, in a few words
    problem: Problem


def wrong_name(hook: PlannedHook, tables: Tables, directory: str, found: Touched) -> WrongName | None:
    """The problem of a condition on a service that the project does not have, or on a profile that looks misspelt.

    A table of a root or of the user's own is for several projects: it may name services of others. A profile that no
    service has may be meant for hooks alone, so it is only wrong if it is much like another one.
    """
    where = place_of(hook, tables, "when", f"{directory}/")
    if not where or not found.known:
        return None
    services, profiles = (_items(hook, key) for key in ("services", "profiles"))
    if wrong := next((name for name in services if name not in found.known), ""):
        fix = fix_of_wrong_service(wrong, found.known)
        problem = _problem(hook, where, f"{without_values(wrong)}, which is not a service", fix)
        return WrongName(reason="no such service", problem=problem)
    known = [name for name in found.known_profiles if name]
    for name in profiles:
        if name not in known and name not in found.profiles and (meant := nearest(name, known)):
            what = f"{without_values(name)}, which is not a profile of a service"
            problem = _problem(hook, where, what, f"Did you mean {meant!r}?")
            return WrongName(reason="no such profile", problem=problem)
    return None


def wrong_flag(hook: PlannedHook, tables: Tables, invocation: Invocation | None) -> Problem | None:
    """The problem of a condition on a flag that no command of the hook has; None for one that was typed."""
    items = _items(hook, "flags")
    if not items:
        return None
    from hookman.compose.flags import FLAGS

    commands = frozenset(event.split(".")[1] for event in hook.keys.get("on", ())).intersection(FLAGS)
    known = _flags_of(commands)
    typed = {*invocation.global_flags, *invocation.flags} if invocation else set()
    wrong = next((item for item in items if _name(item) not in known | typed), "")
    if not wrong:
        return None
    lines = [f"docker compose {command}" for command in sorted(commands)] or ["docker compose"]
    meant = nearest(_name(wrong), (one for one in known if len(one) > 1))
    fix = f"Did you mean '--{meant}'?" if meant else f"{lines[0]} --help shows its flags"
    what = f"the flag {without_values(wrong)}, which {' and '.join(lines)} {'do' if lines[1:] else 'does'} not have"
    return _problem(hook, place_of(hook, tables, "when"), what, fix)


_known: dict[frozenset[str], frozenset[str]] = {}  # commands → their flags: many hooks may ask for the same


def _flags_of(commands: frozenset[str]) -> frozenset[str]:
    """The flags of these commands; of all commands if none is given."""
    if commands not in _known:
        from hookman.compose.cobra import Flags
        from hookman.compose.flags import FLAGS

        kinds = [Flags(f"{FLAGS[command]} {FLAGS['']}") for command in commands or FLAGS]
        _known[commands] = frozenset(name for kind in kinds for name in (*kind.kinds, *kind.longs, *kind.renamed))
    return _known[commands]


def _name(flag: str) -> str:
    """The name of a flag as it is written in a condition: --build, build, pull=always."""
    return flag.lstrip("-").partition("=")[0]


def _items(hook: PlannedHook, key: str) -> list[str]:
    """The names in a condition, without their `!`."""
    wanted: Iterable[str] = hook.keys.get("when", {}).get(key, ())
    return [item.lstrip("!") for item in wanted]


def _problem(hook: PlannedHook, where: str, what: str, fix: str) -> Problem:
    said = f"{hook.name} has a condition on {what}"
    return Problem(what=f"{where}: {said}" if where else said, where=where or hook.place, fix=fix)
