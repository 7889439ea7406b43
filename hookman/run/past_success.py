"""Decides whether a hook with `sources` or `once` has to run again, and notes each success."""

from __future__ import annotations

from hookman.base.errors import InterruptedRunError, Problem
from hookman.base.messages import say
from hookman.base.records import record, replaced
from hookman.hooks import environment
from hookman.hooks.not_known import NoVolumeError, UnknownError
from hookman.hooks.planned import PRE, SKIP
from hookman.run import success_notes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hookman.base.signals import Signals
    from hookman.hooks.planned import PlannedHook
    from hookman.run.operation import Operation

VOLUME = "volume:"  # how `once` begins for one


@record
class _Note:
    """What will be noted of a hook, and where."""

    notes: success_notes.Notes
    place: str
    facts: dict[str, str]


class _UnreadableError(OSError):
    """A source, `path`, can't be read."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"can't read {path} ({why})")
        self.path = path


class PastSuccess:
    """What the hooks of one run succeeded with before."""

    def __init__(self, directory: str, signals: Signals) -> None:
        self._directory = directory  # of the project's data; "" if nothing is noted
        self._signals = signals
        self._pending: dict[str, _Note] = {}  # label → what is noted if the hook succeeds
        self._place = ""  # what sources are bound to: the project and its engine; "" if that has to be found out

    def look_again(self) -> None:
        """A hook ran, which may have chosen another engine."""
        self._place = ""

    def succeeded(self, hook: PlannedHook) -> None:
        """The hook ran and succeeded."""
        if (note := self._pending.pop(hook.label, None)) is not None:
            note.notes.write(hook, note.place, note.facts)

    def unless_done(self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None]) -> PlannedHook:
        """The hook, skipped if it has succeeded already with these sources and for what `once` names.

        If hookman can't find that out, the hook runs, and nothing is noted.
        """
        try:
            note = self._note(hook, op, exports)
        except (NoVolumeError, OSError) as error:
            return self._unknown(hook, op, error)
        if not note:
            return hook
        noted = note.notes.read(hook, note.place)
        if _is_same(noted, note.facts):
            if noted != note.facts:
                known = {key: value for key, value in note.facts.items() if value}
                note.notes.write(hook, note.place, {**noted, **known})  # the containers, say, are others by now
            return replaced(hook, action=SKIP, reason=_done(hook))
        self._pending[hook.label] = note
        return hook

    def _unknown(self, hook: PlannedHook, op: Operation, error: Exception) -> PlannedHook:
        """The hook, if it is unknown whether it succeeded before: skipped if it could do harm, with the problem."""
        if isinstance(error, NoVolumeError):
            if hook.phase == PRE:  # the command may create it
                return hook
            from hookman.hooks.wrong_conditions import place_of

            where = place_of(hook, op.scope.settings.tables, "once")
            what = f"{hook.label} was skipped: {error.problem.what}"
            place = where or hook.place
            problem = replaced(error.problem, what=f"{where}: {what}" if where else what, where=place)
            return replaced(hook, action=SKIP, reason="no such volume", problem=problem)
        if isinstance(error, UnknownError) and self._ran_for_a_volume(hook, op):
            what = f"{hook.label} was skipped, because the engine does not say which volume there is: {error}"
            problem = Problem(what=what, where=hook.place, fix=f"hookman rerun {hook.label}")
            return replaced(hook, action=SKIP, reason="volume unknown", problem=problem)
        what = f"{hook.label} runs, because hookman can't find out whether it has to: {error}"
        fix = ""
        if isinstance(error, _UnreadableError):
            fix = f'make it readable, or leave it out of the sources: "!{error.path}"'
        say(Problem(what=what, where=hook.place, fix=fix).line)
        return hook

    def _ran_for_a_volume(self, hook: PlannedHook, op: Operation) -> bool:
        """Did the hook run for a volume of the project, so that it could do harm if it ran again?"""
        if not hook.keys.get("once", "").startswith(VOLUME) or not self._directory:
            return False
        return success_notes.of_volumes(op.surroundings.data, op.surroundings.project.name).has_any(hook)

    def _note(self, hook: PlannedHook, op: Operation, exports: Mapping[str, str | None]) -> _Note | None:
        """What is to be noted of a hook that succeeds now; None if it has to run each time.

        Raises NoVolumeError and OSError.
        """
        facts = {}
        project, environ = op.surroundings.project, environment.for_compose(op.surroundings, exports)
        place, notes = "", success_notes.of_directory(self._directory)
        if "sources" in hook.keys:
            place = self._place_of_sources(op, environ)
            facts["sources"] = self._digest(hook, op)
            if not facts["sources"]:
                return None
        if "once" in hook.keys:
            once = hook.keys["once"]
            services = [item for item in hook.keys.get("when", {}).get("services", ()) if not item.startswith("!")]
            services = services or [service for service in [hook.keys.get("service")] if service]
            from hookman.hooks.once import bound_to

            bound = bound_to(once, services, op.lookup.invocation, project, environ)
            facts |= {"once": once, **bound.thing}
            place = bound.place or place
            if once.startswith(VOLUME) and self._directory:
                notes = success_notes.of_volumes(op.surroundings.data, project.name)
        return _Note(notes=notes, place=place, facts=facts) if facts else None

    def _place_of_sources(self, op: Operation, environ: Mapping[str, str]) -> str:
        if not self._place:
            from hookman.compose.context import engine_name

            engine = engine_name(op.lookup.invocation.docker_flags, environ)
            self._place = f"{op.surroundings.project.name}\0{engine}"
        return self._place

    def _digest(self, hook: PlannedHook, op: Operation) -> str:
        """The digest of its sources; "" where no file is one, and the user is told. Raises OSError."""
        from hookman.hooks.sources import digest

        found = digest(hook, op.scope.project.directory, op.args, self._tick(hook))
        if found.unreadable:
            raise _UnreadableError(*found.unreadable)
        if not found.files:
            say(Problem(what=f"no file matches the sources of {hook.label}, so it runs", where=hook.place).line)
            return ""
        return found.text

    def _tick(self, hook: PlannedHook) -> Callable[[int], None]:
        from hookman.hooks.sources import MANY

        def tick(files: int) -> None:
            if files == MANY + 1:
                say(f"{hook.label} has more than {MANY} files as sources, and hookman reads each of them")
            if number := self._signals.look():
                raise InterruptedRunError(number)

        return tick


def _is_same(noted: dict[str, str], now: dict[str, str]) -> bool:
    """Did the hook succeed with all this already?"""
    if not noted or any(noted.get(key) != now.get(key) for key in ("sources", "once")):
        return False
    if not now.get("once", "").startswith(VOLUME):
        return noted == now
    from hookman.hooks.volume import made_anew

    return not made_anew(noted, now)


def _done(hook: PlannedHook) -> str:
    parts = ["its sources have not changed"] if "sources" in hook.keys else []
    if "once" in hook.keys:
        from hookman.hooks.once import words

        parts.append(f"it ran for {words(hook.keys['once'])}")
    return " and ".join(parts)
