"""Which hooks of an event run side by side: neighbours in its order that say so (DESIGN 1.10)."""

from __future__ import annotations

from hookman.hooks.planned import RUN, SKIP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hookman.hooks.planned import PlannedHook


def neighbours(hooks: Iterable[PlannedHook]) -> list[list[PlannedHook]]:
    """The hooks in their order, in groups: those that run side by side, or one that runs alone.

    One that is skipped is in the group of the hooks around it.
    """
    groups: list[list[PlannedHook]] = []
    for hook in hooks:
        if not groups or not _joins(hook, groups[-1]):
            groups.append([])
        groups[-1].append(hook)
    return groups


def numbers(hooks: Iterable[PlannedHook]) -> dict[str, int]:
    """The hooks that run side by side with others, by label: the number of their group in their event."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    for group in neighbours(hooks):
        running = [hook for hook in group if hook.action == RUN]
        if len(running) > 1:
            event = running[0].event
            counts[event] = counts.get(event, 0) + 1
            found |= {hook.label: counts[event] for hook in running}
    return found


def _joins(hook: PlannedHook, group: list[PlannedHook]) -> bool:
    """Is the hook one of the group, so that nobody waits for anybody else in it?"""
    if hook.event != group[0].event:
        return False
    running = [one for one in group if one.action != SKIP]
    return all(one.is_parallel for one in running) and (hook.action == SKIP or hook.is_parallel)
