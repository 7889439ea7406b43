"""Kills a hook: at its time limit, at a signal, at Ctrl-C, and when another hook of its group failed."""

from __future__ import annotations

import time

from hookman.base.lean import signal
from hookman.base.process_tree import ProcessTree

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.run.container_guard import ContainerGuard
    from hookman.run.event_loop import Steps
    from hookman.run.hook_process import Running

LAST_OUTPUT = 2.5  # seconds for the client of a container to end by itself, when nothing runs there any more
LOOK = 0.02  # seconds between two looks at what still runs


def end(hook: Running, number: int, grace: float, *, outside: bool) -> Steps[None]:
    """Send the signal `number` to all processes of a hook, and SIGKILL `grace` seconds later to those that still run.

    These are its process group, what runs in its container, and with `outside` what it started in other groups.
    """
    inside = hook.inside
    if inside and not inside.only_removes:
        yield from _end_in_container(hook, inside, number, grace)
    yield from _end_on_host(hook, number, grace, outside=outside)
    if inside and inside.only_removes:
        yield from _end_in_container(hook, inside, signal.SIGKILL, 0)


def _end_on_host(hook: Running, number: int, grace: float, *, outside: bool) -> Steps[None]:
    tree = ProcessTree(hook.pid, hook.token, outside=outside)
    tree.look()
    for each in (number, signal.SIGCONT):  # a process that is stopped gets the signal only when it goes on
        tree.signal_group(each)
        tree.signal_outside(each)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline:
        yield hook.wait(LOOK)
        tree.look()
        if hook.reap() is not None and not tree.lives():
            return
    tree.signal_group(signal.SIGKILL)
    tree.signal_outside(signal.SIGKILL)
    while hook.reap() is None:
        yield hook.wait(LOOK)


def _end_in_container(hook: Running, inside: ContainerGuard, number: int, grace: float) -> Steps[None]:
    """End what runs in the container. Its client (`docker exec`) may then pass on the last output."""
    inside.stop(number, grace)
    while not inside.stopped():
        yield hook.wait(LOOK)
        hook.reap()
    deadline = time.monotonic() + LAST_OUTPUT
    while hook.reap() is None and time.monotonic() < deadline:
        yield hook.wait(LOOK)
