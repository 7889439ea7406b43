"""What `hookman test` and `hookman doctor` find wrong with hooks, without running them."""

from __future__ import annotations

import os
import shutil
import subprocess

from hookman.base.errors import Problem
from hookman.base.files import read_regular
from hookman.base.findings import BAD, NOTE, Finding, bad, note
from hookman.base.quoting import shell_quoted
from hookman.hooks import bash_needs, catalogue, functions, planned, scripts
from hookman.hooks.scope import Scope
from hookman.hooks.skips import Skips, skips
from hookman.hooks.wrong_skips import wrong_skips

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# The shells whose `-n` parses a script and runs nothing of it.
SHELLS = ("sh", "bash", "dash", "ksh", "zsh")


def check(now: Scope) -> tuple[list[str], list[Finding]]:
    """The names of the hooks of a project, and what is wrong with them. Nothing of them runs.

    A finding is BAD if the hook can't run as it is.
    """
    directory = now.project.directory
    text = catalogue.hooks_text(directory)
    names: list[str] = []
    findings: list[Finding] = []
    path = functions.hooks_file(directory)
    if path:
        names += functions.defined_functions(text)
        file = functions.read(path, now.environ.get("PATH", ""))
        if file.problem:
            findings.append(Finding(state=BAD, part=functions.FILE_NAME, problem=file.problem))
        too_new = bash_needs.too_new(text, now.environ.get("PATH", ""))
        findings += [Finding(state=NOTE, part=problem.where, problem=problem) for problem in too_new]
    for hook in catalogue.hooks(now, Skips()):
        if hook.kind == planned.SCRIPT:
            names.append(hook.label)
            findings += _script_findings(hook)
    findings += [Finding(state=NOTE, part="", problem=one.problem) for one in catalogue.strays(directory)]
    skip = skips(now.settings, now.environ, skip_hooks=False)
    mistyped = wrong_skips(skip, directory, now.root, now.environ)
    findings += [Finding(state=NOTE, part="", problem=one.problem) for one in mistyped]
    return names, findings


def shellcheck(paths: Iterable[str], environ: Mapping[str, str]) -> list[Finding]:
    """What shellcheck, if it is installed, finds in shell scripts. Scripts in other languages are passed over."""
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
                found.append(note(where, rest.partition(": ")[2]))
    return found


def _script_findings(hook: planned.PlannedHook) -> list[Finding]:
    refused = hook.action == planned.REFUSE
    found = [Finding(state=BAD if refused else NOTE, part=hook.label, problem=hook.problem)] if hook.problem else []
    if refused:
        return found
    try:
        data = read_regular(hook.path)
    except OSError as error:
        return [*found, bad(hook.label, f"can't be read: {error.strerror}")]
    windows = scripts.windows_line_endings(hook.path) if b"\r\n" in data else None
    problem = windows or scripts.interpreter_problem(hook.path) or _syntax_error(hook.path)
    return [*found, Finding(state=BAD, part=hook.label, problem=problem)] if problem else found


def _syntax_error(path: str) -> Problem | None:
    """What the script's own shell finds wrong with it; None if all is well."""
    words = scripts.first_line(path)[2:].split() if scripts.interpreter(path) else [b"sh"]
    name = os.fsdecode(words[-1] if words[0].endswith(b"/env") else words[0]).rpartition("/")[2]
    shell = shutil.which(name)
    if name not in SHELLS or shell is None:
        return None
    checked = subprocess.run([shell, "-n", path], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if not checked.returncode:
        return None
    said = checked.stderr.decode("utf-8", "replace").partition("\n")[0]
    return Problem(what=said, where=path, fix=f"fix {shell_quoted(path)}")
