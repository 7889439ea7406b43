"""Carrying a command line out by the real Compose, step by step."""

from __future__ import annotations

from hookman.compose import launch
from hookman.compose.steps import Ended, Late

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hookman.base.signals import Signals
    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project
    from hookman.compose.steps import Step, Wait

# Commands that stay in the foreground: nobody has to wait for their end, so that `down` in
# another terminal works (DESIGN 1.5).
FOREGROUND = ("watch",)


def steps(
    compose: str,
    invocation: Invocation,
    project: Project,
    environ: Mapping[str, str],
    signals: Signals,
    wait: Callable[[], Wait],
) -> Iterator[Step]:
    """Run `invocation` by the real Compose in `environ`, and yield what happens.

    `wait` says what the post hooks of an attached `up` wait for.
    """
    if invocation.attached:
        from hookman.compose import attached

        yield from attached.steps(compose, invocation, project, environ, signals, wait())
        return
    if invocation.subcommand in FOREGROUND:
        yield Late()
    yield Ended(exit_code=launch.run(compose, invocation.argv, environ, signals))
