"""Project → Plan: which hooks an operation has, in order, and what will be done to each.

`list`, `explain`, `--dry-run`, `test` and a run all use the plans made here.
"""

from __future__ import annotations

import os

from hookman.errors import HookmanError
from hookman.hooks import functions, review, scripts
from hookman.record import record, replaced
from hookman.trust import distrust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookman.config import Config

PRE = "pre"
POST = "post"
PHASES = (PRE, POST)
SCRIPT = "script"
FUNCTION = "function"
RUN = "run"
SKIP = "skip"
REFUSE = "refuse"  # the whole event: its hooks can't even be found out


@record
class PlannedHook:
    """One hook of an event and what will be done to it."""

    event: str  # project.up.pre
    name: str  # 01-load.sh, hook_pre_up
    kind: str  # SCRIPT or FUNCTION
    path: str
    action: str  # RUN, SKIP or REFUSE
    reason: str = ""  # why it is skipped, or why it is not sure to exist
    warning: str = ""  # what to tell the user about a hook that can't run
    mend: str = ""  # what to do about a REFUSE
    timeout: float = 0.0  # seconds; 0 is no limit
    line: int | None = None  # of a function in its hooks.sh
    certain: bool = True  # False: only sourcing hooks.sh can tell whether the function exists
    trace: bool = False  # show each command as it runs (hookman test --trace)
    kept: str = ""  # of a hook that waits for review: where its approved copy lies

    @property
    def label(self) -> str:
        """Its name and when it runs: project.up.pre/01-load.sh."""
        return f"{self.event}/{self.name}"

    @property
    def limit(self) -> str:
        """Its time limit for people."""
        return f"{self.timeout:g} s" if self.timeout else "no limit"

    @property
    def place(self) -> str:
        """Where its text is: a path, with the line of a function."""
        return f"{self.path}:{self.line}" if self.line else self.path


@record
class Skips:
    """What is to be skipped: everything, or what names it (HOOKMAN_SKIP, `skip` in the config)."""

    everything: str = ""  # the reason, if everything is
    names: tuple[tuple[str, str], ...] = ()  # name → reason

    def reason(self, event: str, name: str) -> str:
        """Why the hook `name` of `event` is skipped; "" if it is not."""
        if self.everything:
            return self.everything
        wanted = (name, event, f"{event}/{name}")
        return next((reason for one, reason in self.names if one in wanted), "")


def event_name(command: str, phase: str) -> str:
    """The event of one phase of an operation: up, pre → project.up.pre."""
    return f"project.{command}.{phase}"


def skips(config: Config, environ: Mapping[str, str], *, skip_hooks: bool) -> Skips:
    """What --skip-hooks, HOOKMAN_SKIP and the config say (DESIGN 1.3, 11)."""
    if skip_hooks:
        return Skips(everything="--skip-hooks")
    stated = environ.get("HOOKMAN_SKIP", "").strip()
    if stated.lower() in ("1", "true", "yes", "all"):
        return Skips(everything=f"HOOKMAN_SKIP={stated}")
    words = [] if stated.lower() in ("0", "false", "no") else [word.strip() for word in stated.split(",")]
    names = [(word, "HOOKMAN_SKIP") for word in words if word]
    names += [(name, "skip in the config") for name in config.skip]
    names += [(name, "skip in the config") for name, one in config.hooks.items() if one.get("skip")]
    return Skips(names=tuple(names))


def plan_event(
    project_dir: str, event: str, config: Config, skip: Skips, environ: Mapping[str, str]
) -> list[PlannedHook]:
    """The hooks of `event`, scripts first, then the function (C4).

    Of a skipped hook nothing is read or checked (C74). A hook directory that can't be read,
    a hooks.sh that can't be sourced (C44) and a hook that others may change are REFUSE.
    """
    planned = list(_scripts(project_dir, event, config, skip, environ))
    if function := _function(project_dir, event, config, skip, environ):
        planned.append(function)
    return [_reviewed(hook, config.approved) for hook in planned] if config.approved else planned


def plan_operation(
    project_dir: str, command: str, config: Config, skip: Skips, environ: Mapping[str, str]
) -> list[PlannedHook]:
    """The hooks of both events of `command`."""
    return [
        hook for phase in PHASES for hook in plan_event(project_dir, event_name(command, phase), config, skip, environ)
    ]


def _scripts(
    project_dir: str, event: str, config: Config, skip: Skips, environ: Mapping[str, str]
) -> Iterator[PlannedHook]:
    directory = scripts.hook_directory(project_dir, event)
    if skip.reason(event, event) and not os.path.isdir(directory):
        return
    try:
        names = scripts.script_names(project_dir, event)
    except HookmanError as error:
        yield _refused(event, "*.sh", SCRIPT, directory, error.message, error.mend)
        return
    real_directory = os.path.realpath(directory)
    open_above = distrust(scripts.directories(project_dir, event), environ) if names else ("", "")
    for name in names:
        if reason := skip.reason(event, name):
            path = os.path.join(directory, name)
            yield PlannedHook(event=event, name=name, kind=SCRIPT, path=path, action=SKIP, reason=reason)
        elif (script := scripts.look_at(real_directory, event, name)) is None:
            continue
        elif not script.problem and any(problem := _open_to_others(open_above, script.path, environ)):
            yield _refused(event, name, SCRIPT, script.path, *problem)
        else:
            yield PlannedHook(
                event=event,
                name=name,
                kind=SCRIPT,
                path=script.path,
                action=SKIP if script.problem else RUN,
                reason=script.problem,
                warning=script.warning,
                timeout=_timeout(config, event, name, config.timeout),
            )


def _open_to_others(above: tuple[str, str], path: str, environ: Mapping[str, str]) -> tuple[str, str]:
    """What is wrong with a hook that others may change, and the mend; `above` is about its directories."""
    problem, mend = above if any(above) else distrust((path,), environ)
    return (f"{problem}, so its hooks do not run", mend) if problem else ("", "")


def _refused(event: str, name: str, kind: str, path: str, problem: str, mend: str) -> PlannedHook:
    return PlannedHook(event=event, name=name, kind=kind, path=path, action=REFUSE, warning=problem, mend=mend)


def _function(
    project_dir: str, event: str, config: Config, skip: Skips, environ: Mapping[str, str]
) -> PlannedHook | None:
    path = functions.hooks_file(project_dir)
    if path is None:
        return None
    name = functions.function_name(event)
    if reason := skip.reason(event, name):
        return PlannedHook(event=event, name=name, kind=FUNCTION, path=path, action=SKIP, reason=reason)
    file = functions.read(path, environ.get("PATH", ""))
    if file.problem:
        return _refused(event, name, FUNCTION, path, file.problem, file.mend)
    if not functions.may_matter(file.text, name):
        return None
    if any(problem := _open_to_others(distrust((project_dir,), environ), path, environ)):
        return _refused(event, name, FUNCTION, path, *problem)
    line = functions.defined_at(file.text, name)
    return PlannedHook(
        event=event,
        name=name,
        kind=FUNCTION,
        path=path,
        action=RUN,
        reason="" if line else "if hooks.sh defines it",
        timeout=_timeout(config, event, name, config.function_timeout),
        line=line,
        certain=line is not None,
    )


def _reviewed(hook: PlannedHook, approved: str) -> PlannedHook:
    """The hook, refused if it is not what the user approved."""
    if hook.action != RUN:
        return hook
    kept = review.kept_copy(approved, hook.event, hook.name, hook.path)
    words = review.difference_in_words(hook.path, kept)
    if not words:
        return hook
    return replaced(hook, action=REFUSE, warning=f"{hook.path} is {words}", mend=review.MEND, kept=kept)


def approved_now(hook: PlannedHook) -> PlannedHook:
    """A hook that waited for review, ready to run: the user has approved it. Raises OSError."""
    review.approve(hook.path, hook.kept)
    return replaced(hook, action=RUN, warning="", mend="", kept="")


def _timeout(config: Config, event: str, name: str, default: float) -> float:
    own = {**config.hooks.get(name, {}), **config.hooks.get(f"{event}/{name}", {})}
    return float(own.get("timeout", default))
