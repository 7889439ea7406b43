"""Warns of names to skip that mean nothing, before an operation runs."""

from __future__ import annotations

from hookman.base.messages import say
from hookman.hooks.planned import RUN
from hookman.hooks.wrong_skips import wrong_skips

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.run.operation import Operation


def tell(operation: Operation) -> None:
    """Warn of names to skip that mean nothing, if there are hooks that run although they should not."""
    planned = operation.planned
    runs = (
        planned is None
        or operation.post_hooks
        or operation.closing_hooks
        or any(hook.action == RUN for hook in planned)
    )
    for wrong in wrong_skips(operation.skip, operation.scope, operation.scope.environ) if runs else ():
        say(wrong.problem.line)
