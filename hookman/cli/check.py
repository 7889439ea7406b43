"""What `hookman test` finds wrong with hooks without running them."""

from __future__ import annotations

import os
import shutil
import subprocess

from hookman.cli import bash_needs
from hookman.cli.here import Here
from hookman.hooks import functions, plan, scripts
from hookman.hooks.events import events_in_use, every_event, hooks_text
from hookman.hooks.strays import PROBLEM, strays
from hookman.hooks.wrong_skips import wrong_skips
from hookman.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The shells whose `-n` parses a script and runs nothing of it.
SHELLS = ("sh", "bash", "dash", "ksh", "zsh")


@record
class Finding:
    """One thing found; `fatal` if the hook can't run as it is."""

    where: str
    problem: str
    mend: str
    fatal: bool


def check(now: Here) -> tuple[list[str], list[Finding]]:
    """The names of the hooks of a project, and what is wrong with them. Nothing of them runs."""
    directory = now.project.directory
    text = hooks_text(directory)
    names: list[str] = []
    findings: list[Finding] = []
    path = functions.hooks_file(directory)
    if path:
        names += functions.defined_functions(text)
        file = functions.read(path, now.environ.get("PATH", ""))
        if file.problem:
            findings.append(Finding(where=functions.FILE_NAME, problem=file.problem, mend=file.mend, fatal=True))
        for where, problem, mend in bash_needs.too_new(text, now.environ.get("PATH", "")):
            findings.append(Finding(where=where, problem=problem, mend=mend, fatal=False))
    for hook in every_hook(now):
        if hook.kind == plan.SCRIPT:
            names.append(hook.label)
            findings += _script_findings(hook)
    for one in strays(directory, text, every_event()):
        findings.append(Finding(where=one.where, problem=PROBLEM, mend=one.mend(), fatal=False))
    skip = plan.skips(now.config, now.environ, skip_hooks=False)
    for wrong in wrong_skips(skip, directory, now.root, now.environ):
        findings.append(Finding(where=wrong.where, problem=wrong.problem, mend=wrong.mend, fatal=False))
    return names, findings


def every_hook(now: Here) -> list[plan.PlannedHook]:
    """The hooks of every event of a project, also those that are to be skipped. Nothing of them runs."""
    directory = now.project.directory
    return [
        hook
        for event in events_in_use(directory, hooks_text(directory))
        for hook in plan.plan_event(directory, event, now.config, plan.Skips(), now.environ)
    ]


def shellcheck(paths: Iterable[str], environ: Mapping[str, str]) -> list[Finding]:
    """What shellcheck, if it is installed, finds in shell scripts; one in another language is passed over."""
    program = shutil.which("shellcheck", path=environ.get("PATH"))
    if program is None:
        return []
    found = []
    for path in sorted(paths):
        dialect = ["--shell=bash"] if os.path.basename(path) == functions.FILE_NAME else []
        # SC2154: a variable that is not assigned comes from .env or from us.
        argv = [program, "--format=gcc", "--exclude=SC2154", *dialect, "--", path]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            # PATH:LINE:COLUMN: LEVEL: MESSAGE [CODE]; SC1071: a language that it does not know
            number, _, rest = line.removeprefix(f"{path}:").partition(":")
            if line.startswith(f"{path}:") and "[SC1071]" not in line:
                where = f"{os.path.basename(path)}:{number}"
                found.append(Finding(where=where, problem=rest.partition(": ")[2], mend="", fatal=False))
    return found


def _script_findings(hook: plan.PlannedHook) -> list[Finding]:
    where = f"{hook.event}/{hook.name}"
    if hook.action == plan.REFUSE:
        return [Finding(where=where, problem=hook.warning, mend=hook.mend, fatal=True)]
    if hook.warning:
        problem, _, mend = hook.warning.partition(" Fix: ")
        found = [Finding(where=where, problem=problem, mend=mend, fatal=False)]
    else:
        found = []
    try:
        with open(hook.path, "rb") as file:
            data = file.read()
    except OSError as error:
        return [*found, Finding(where=where, problem=f"can't be read: {error.strerror}", mend="", fatal=True)]
    quoted = scripts.shell_quoted(hook.path)
    if b"\r\n" in data:
        found.append(
            Finding(where=where, problem="Windows line endings (CRLF)", mend=f"sed -i 's/\\r$//' {quoted}", fatal=True)
        )
    elif problem := _syntax_error(hook.path):
        found.append(Finding(where=where, problem=problem, mend=f"mend {quoted}", fatal=True))
    return found


def _syntax_error(path: str) -> str:
    """What the script's own shell finds wrong with it, or that its interpreter is missing; "" if all is well."""
    program = scripts.interpreter(path)
    if program and not os.path.exists(program):
        return f"its interpreter {program} does not exist"
    words = scripts.first_line(path)[2:].split() if program else [b"sh"]
    name = os.fsdecode(words[-1] if words[0].endswith(b"/env") else words[0]).rpartition("/")[2]
    shell = shutil.which(name)
    if name not in SHELLS or shell is None:
        return ""
    checked = subprocess.run([shell, "-n", path], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return checked.stderr.decode("utf-8", "replace").partition("\n")[0] if checked.returncode else ""
