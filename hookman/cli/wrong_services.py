"""Services that hooks name and the project does not have, as Compose resolves it. For `hookman test`."""

from __future__ import annotations

from hookman.base.errors import HookmanError, Problem
from hookman.base.findings import BAD, Finding
from hookman.compose import commandline
from hookman.compose.oracle import ComposeConfig
from hookman.compose.services import fix_of_wrong_service
from hookman.hooks.planned import CONTAINER, RUN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.scope import Scope


def wrong_services(now: Scope, hooks: list[PlannedHook]) -> list[Finding]:
    """A finding for each hook that runs in a container of a service that there is not."""
    mine = [hook for hook in hooks if hook.kind == CONTAINER and hook.action == RUN]
    if not mine:
        return []
    from hookman.install.shims import real_compose

    try:
        compose = real_compose(now.environ)
    except HookmanError as error:
        return [Finding(state=BAD, part=mine[0].label, problem=error.problem)]
    line = commandline.parse(["compose", "ps"])
    answer = ComposeConfig(compose, line, now.environ, now.project, all_profiles=True).answer()
    known = [*((answer or {}).get("services") or ())]
    if not known:  # Compose can't read the project now; a pre hook may create what it needs
        return []
    return [_finding(hook, known) for hook in mine if hook.keys["service"] not in known]


def _finding(hook: PlannedHook, known: list[str]) -> Finding:
    service = hook.keys["service"]
    fix = fix_of_wrong_service(service, known)
    problem = Problem(what=f"there is no service {service}", where=hook.place, fix=fix)
    return Finding(state=BAD, part=hook.label, problem=problem)
