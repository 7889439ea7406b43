"""An operation: one command on one project, with all that its hooks need. Made here for everything that runs hooks."""

from __future__ import annotations

from hookman.base.records import record, replaced
from hookman.compose import commandline
from hookman.compose.appearance import Appearance, appearance
from hookman.hooks.planned import CLOSING, POST, PRE, RUN
from hookman.run.project_lookup import ProjectLookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.compose.commandline import Invocation
    from hookman.hooks.environment import Surroundings
    from hookman.hooks.planned import PlannedHook
    from hookman.hooks.scope import Scope
    from hookman.hooks.skips import Skips


@record
class Operation:
    """What is to be run, and where."""

    command: str  # up, db_export
    args: list[str]  # what its functions get
    scope: Scope
    lookup: ProjectLookup  # looks up the project again
    surroundings: Surroundings
    skip: Skips
    services: list[str]  # that the command line names
    planned: list[PlannedHook] | None = None  # the pre hooks, if they were planned a moment ago
    attached: bool = False  # an `up` that stays in the foreground: post hooks run beside it
    unconditional: bool = False  # the user named the hooks: conditions do not count
    again: list[PlannedHook] | None = None  # only these hooks run, and no command (hookman rerun)
    post_hooks: bool = False  # there were some when the run began

    @property
    def looks(self) -> Appearance:
        """How the command line wants its output."""
        now = self.surroundings
        environ = {**now.root_dotenv, **now.process}
        return appearance(self.lookup.invocation, environ, now.dotenv)

    closing_hooks: bool = False  # so for the phases that close it


def prepare(
    scope: Scope,
    command: str,
    args: list[str],
    skip: Skips,
    *,
    run: str,
    invocation: Invocation | None = None,
    cwd: str = "",
    compose: str = "",
    hooks: list[PlannedHook] | None = None,
) -> Operation:
    """The operation `command` on a project; `run` is its id, `hooks` are those that were planned a moment ago.

    `invocation` is the command line, given in `cwd`, where it is one of Compose's; `compose` the Compose to ask.
    What the .env files say is masked from now on. Raises ConfigError if they can't be read, and a hook that
    runs needs them.
    """
    services = (invocation or commandline.parse(["compose", *args])).services
    invocation = invocation or commandline.parse(["compose", "ps"])
    lookup = ProjectLookup(
        invocation=invocation,
        process=scope.environ,
        cwd=cwd or scope.project.directory,
        root=scope.root,
        data=scope.data,
        run=run,
        compose=compose,
        dotenv_needed=hooks is None,
    )
    dotenv_needed = hooks is None or any(hook.action == RUN for hook in hooks)
    surroundings = lookup.look(scope.project, {}, dotenv_needed=dotenv_needed)
    return Operation(
        command=command,
        args=args,
        scope=replaced(scope, project=surroundings.project),
        lookup=lookup,
        surroundings=surroundings,
        skip=skip,
        services=services,
        planned=None if hooks is None else [hook for hook in hooks if hook.phase == PRE],
        attached=invocation.attached,
        post_hooks=any(hook.phase == POST for hook in hooks or ()),
        closing_hooks=any(hook.phase in CLOSING for hook in hooks or ()),
    )
