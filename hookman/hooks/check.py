"""What `hookman test` finds wrong with hooks without running them."""

from __future__ import annotations

import os
import shutil
import subprocess

from hookman.base.files import read_regular
from hookman.base.quoting import shell_quoted
from hookman.base.records import record
from hookman.hooks import bash_needs, catalogue, functions, planned, scripts
from hookman.hooks.scope import Scope
from hookman.hooks.skips import Skips, skips
from hookman.hooks.strays import PROBLEM
from hookman.hooks.wrong_skips import wrong_skips

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
    fix: str
    fatal: bool


def check(now: Scope) -> tuple[list[str], list[Finding]]:
    """The names of the hooks of a project, and what is wrong with them. Nothing of them runs."""
    directory = now.project.directory
    text = catalogue.hooks_text(directory)
    names: list[str] = []
    findings: list[Finding] = []
    path = functions.hooks_file(directory)
    if path:
        names += functions.defined_functions(text)
        file = functions.read(path, now.environ.get("PATH", ""))
        if file.problem:
            findings.append(Finding(where=functions.FILE_NAME, problem=file.problem, fix=file.fix, fatal=True))
        for where, problem, fix in bash_needs.too_new(text, now.environ.get("PATH", "")):
            findings.append(Finding(where=where, problem=problem, fix=fix, fatal=False))
    for hook in catalogue.hooks(now, Skips()):
        if hook.kind == planned.SCRIPT:
            names.append(hook.label)
            findings += _script_findings(hook)
    for one in catalogue.strays(directory):
        findings.append(Finding(where=one.where, problem=PROBLEM, fix=one.fix(), fatal=False))
    skip = skips(now.settings, now.environ, skip_hooks=False)
    for wrong in wrong_skips(skip, directory, now.root, now.environ):
        findings.append(Finding(where=wrong.where, problem=wrong.problem, fix=wrong.fix, fatal=False))
    return names, findings


def shellcheck(paths: Iterable[str], environ: Mapping[str, str]) -> list[Finding]:
    """What shellcheck, if it is installed, finds in shell scripts; one in another language is passed over."""
    program = shutil.which("shellcheck", path=environ.get("PATH"))
    if program is None:
        return []
    found = []
    for path in sorted(filter(os.path.isfile, paths)):  # a device has no end
        dialect = ["--shell=bash"] if os.path.basename(path) == functions.FILE_NAME else []
        # SC2154: a variable that is not assigned comes from .env or from us.
        argv = [program, "--format=gcc", "--exclude=SC2154", *dialect, "--", path]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        for line in done.stdout.decode("utf-8", "replace").splitlines():
            # PATH:LINE:COLUMN: LEVEL: MESSAGE [CODE]; SC1071: a language that it does not know
            number, _, rest = line.removeprefix(f"{path}:").partition(":")
            if line.startswith(f"{path}:") and "[SC1071]" not in line:
                where = f"{os.path.basename(path)}:{number}"
                found.append(Finding(where=where, problem=rest.partition(": ")[2], fix="", fatal=False))
    return found


def _script_findings(hook: planned.PlannedHook) -> list[Finding]:
    where = f"{hook.event}/{hook.name}"
    if hook.action == planned.REFUSE:
        return [Finding(where=where, problem=hook.warning, fix=hook.fix, fatal=True)]
    if hook.warning:
        problem, _, fix = hook.warning.partition(" Fix: ")
        found = [Finding(where=where, problem=problem, fix=fix, fatal=False)]
    else:
        found = []
    try:
        data = read_regular(hook.path)
    except OSError as error:
        return [*found, Finding(where=where, problem=f"can't be read: {error.strerror}", fix="", fatal=True)]
    quoted = shell_quoted(hook.path)
    if b"\r\n" in data:
        found.append(
            Finding(where=where, problem="Windows line endings (CRLF)", fix=f"sed -i 's/\\r$//' {quoted}", fatal=True)
        )
    elif problem := _syntax_error(hook.path):
        found.append(Finding(where=where, problem=problem, fix=f"fix {quoted}", fatal=True))
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
