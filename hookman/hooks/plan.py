"""Project → Plan: which hooks an operation has, in order, and what will be done to each.

`list`, `explain`, `--dry-run`, `test` and a run all use the plans made here.
"""

from __future__ import annotations

import os

from hookman import trust
from hookman.compose.commandline import LOCKING
from hookman.errors import HookmanError
from hookman.hooks import functions, looks, review, scripts
from hookman.record import record, replaced

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hookman.config import Config
    from hookman.trust import Complaint

PRE = "pre"
POST = "post"
PHASES = (PRE, POST)
SCRIPT = "script"
FUNCTION = "function"
RUN = "run"
SKIP = "skip"
REFUSE = "refuse"  # the whole event: its hooks can't even be found out
# Why a hook is skipped by its name:
FROM_ENVIRONMENT = "HOOKMAN_SKIP"
FROM_CONFIG = "skip in the config"


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
    kept: str = ""  # of a hook that waits for review: where its approved copy is
    text: bytes = b""  # of a hook that waits for review: what was read, to be shown and approved
    distrusted: tuple[Complaint, ...] = ()  # what others may change, of a REFUSE
    seen: tuple[object, ...] = ()  # what its file and directories were when it was planned

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
    names = [(word, FROM_ENVIRONMENT) for word in words if word]
    names += [(name, FROM_CONFIG) for name in config.skip]
    names += [(name, FROM_CONFIG) for name, one in config.hooks.items() if one.get("skip")]
    return Skips(names=tuple(names))


def plan_event(
    project_dir: str, event: str, config: Config, skip: Skips, environ: Mapping[str, str]
) -> list[PlannedHook]:
    """The hooks of `event`, scripts first, then the function (C4).

    Of a skipped hook nothing is read or checked (C74). A hook directory that can't be read,
    a hooks.sh that can't be sourced (C44) and a hook that others may change are REFUSE.
    """
    planned = list(_scripts(project_dir, event, config, skip))
    if function := _function(project_dir, event, config, skip, environ):
        planned.append(function)
    return [reviewed(hook, config) for hook in planned]


def plan_operation(
    project_dir: str, command: str, config: Config, skip: Skips, environ: Mapping[str, str]
) -> list[PlannedHook]:
    """The hooks of both events of `command`."""
    return [
        hook for phase in PHASES for hook in plan_event(project_dir, event_name(command, phase), config, skip, environ)
    ]


def fingerprint_now(project_dir: str, hook: PlannedHook) -> tuple[object, ...]:
    """What is now at the hook's path, to be compared with `seen`; () where nothing is."""
    directories = scripts.directories(project_dir, hook.event) if hook.kind == SCRIPT else [project_dir]
    try:
        return looks.fingerprint(map(os.stat, directories), os.stat(hook.path))
    except OSError:
        return ()


def refusal(hooks: Iterable[PlannedHook], project_dir: str) -> HookmanError | None:
    """The error for hooks that are refused; None if none is. What others may change is told all at once."""
    refused = [hook for hook in hooks if hook.action == REFUSE]
    if refused and refused[0].distrusted:
        return trust.refusal([one for hook in refused for one in hook.distrusted], project_dir)
    return HookmanError(refused[0].warning, refused[0].mend, refused[0].place) if refused else None


def planned_anew(
    project_dir: str, hook: PlannedHook, config: Config, skip: Skips, environ: Mapping[str, str]
) -> PlannedHook | None:
    """The hook as it would be planned now; None if it is none any more."""
    hooks = plan_event(project_dir, hook.event, config, skip, environ)
    same = (replaced(one, trace=hook.trace) for one in hooks if (one.name, one.kind) == (hook.name, hook.kind))
    return next(same, None)


def _scripts(project_dir: str, event: str, config: Config, skip: Skips) -> Iterator[PlannedHook]:
    directory = scripts.hook_directory(project_dir, event)
    if skip.reason(event, event) and not os.path.isdir(directory):
        return
    try:
        names = scripts.script_names(project_dir, event)
        if not names:
            return
        directories = scripts.directories(project_dir, event)
        stats = [os.stat(one) for one in directories]
    except HookmanError as error:
        if not skip.reason(event, event):  # else going without works in every state
            yield _refused(event, "*.sh", SCRIPT, directory, error.message, error.mend)
        return
    except OSError:  # it went while we looked
        return
    real_directory = os.path.realpath(directory)
    above = looks.distrusted_above(project_dir, directories, stats, real_directory, config)
    for name in names:
        if reason := skip.reason(event, name):
            path = os.path.join(directory, name)
            yield PlannedHook(event=event, name=name, kind=SCRIPT, path=path, action=SKIP, reason=reason)
            continue
        script = scripts.look_at(real_directory, event, name)
        status = _stat(script.path) if script else None
        if script is None:
            continue
        hook = PlannedHook(
            event=event,
            name=name,
            kind=SCRIPT,
            path=script.path,
            action=SKIP if script.problem else RUN,
            reason=script.problem,
            warning=script.warning,
            timeout=_timeout(config, event, name, config.timeout),
            seen=looks.fingerprint(stats, status) if status else (),
        )
        if script.refused:
            yield replaced(hook, action=REFUSE, warning=script.refused, mend=scripts.NOEXEC_MEND)
        else:
            led = trust.complaints([_led_to(script.path)], config.trust) if os.path.islink(script.path) else []
            yield hook if script.problem else _trusted(hook, above + led, status, project_dir, config)


def _trusted(
    hook: PlannedHook, above: list[Complaint], status: os.stat_result | None, project_dir: str, config: Config
) -> PlannedHook:
    """The hook, refused if others may change it or what is `above` it."""
    own = trust.complaint(hook.path, status, config.trust) if status else None
    if not above and not own:
        return hook
    found = tuple([*above, own] if own else above)
    warning = f"{found[-1] if own else found[0]}, so its hooks do not run"
    mend = trust.fixes(found, project_dir).partition("\n")[0]
    return replaced(hook, action=REFUSE, warning=warning, mend=mend, distrusted=found)


def _refused(event: str, name: str, kind: str, path: str, problem: str, mend: str) -> PlannedHook:
    return PlannedHook(event=event, name=name, kind=kind, path=path, action=REFUSE, warning=problem, mend=mend)


def _led_to(link: str) -> str:
    """The directory of the file that a link leads to."""
    return os.path.dirname(os.path.realpath(link))


def _stat(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


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
    status = _stat(project_dir)
    matters = functions.may_matter(file.text, name)
    # Where its text names no hook at all nobody can tell what it was to check: then what changes something stops.
    idle = "hook_" in file.text or (file.text and event.split(".")[1] not in LOCKING)
    if file.problem and not matters and idle:
        return None if event.endswith(f".{POST}") else _warned_of(event, name, path, file)
    if file.problem or file.status is None or status is None:
        return _refused(event, name, FUNCTION, path, file.problem, file.mend)
    if not matters:
        return None
    line = functions.defined_at(file.text, name)
    hook = PlannedHook(
        event=event,
        name=name,
        kind=FUNCTION,
        path=path,
        action=RUN,
        reason="" if line else "if hooks.sh defines it",
        timeout=_timeout(config, event, name, config.function_timeout),
        line=line,
        certain=line is not None,
        seen=looks.fingerprint([status], file.status),
    )
    above = looks.distrusted_above(project_dir, [project_dir], [status], project_dir, config)
    if os.path.islink(path):
        above += trust.complaints([_led_to(path)], config.trust)
    return _trusted(hook, above, file.status, project_dir, config)


def _warned_of(event: str, name: str, path: str, file: functions.HooksFile) -> PlannedHook:
    """One warning, before Compose."""
    warning = f"{file.problem}. It has nothing for this command, which goes on. Fix: {file.mend}"
    return PlannedHook(
        event=event, name=name, kind=FUNCTION, path=path, action=SKIP, reason=file.problem, warning=warning
    )


def reviewed(hook: PlannedHook, config: Config) -> PlannedHook:
    """The hook, refused if it is not what the user approved; as it is where nothing has to be approved."""
    if hook.action != RUN or not config.approved:
        return hook
    try:
        text = review.read(hook.path)
    except OSError as error:
        problem = f"{hook.path} can't be reviewed: {error.strerror}"
        return replaced(hook, action=REFUSE, warning=problem, mend="Make it a file that you can read.")
    kept = review.kept_copy(config.approved, hook.event, hook.name, hook.path)
    words = review.difference_in_words(text, kept)
    if not words:
        return hook
    return replaced(hook, action=REFUSE, warning=f"{hook.path} is {words}", mend=review.MEND, kept=kept, text=text)


def approved_now(hook: PlannedHook) -> PlannedHook:
    """A hook that waited for review, ready to run: the user has approved the text that it was read with.

    Raises OSError.
    """
    review.approve(hook.text, hook.kept)
    return replaced(hook, action=RUN, warning="", mend="", kept="", text=b"")


def _timeout(config: Config, event: str, name: str, default: float) -> float:
    own = {**config.hooks.get(name, {}), **config.hooks.get(f"{event}/{name}", {})}
    return float(own.get("timeout", default))
