"""What `hookman test` and `hookman doctor` find wrong with hooks, without running them."""

from __future__ import annotations

import os
import shutil
import subprocess

from hookman.base.findings import BAD, NOTE, Finding, note
from hookman.hooks import bash_needs, catalogue, functions, planned, scripts, unguarded
from hookman.hooks.flaws import examined, is_broken, text_problem
from hookman.hooks.scope import Scope
from hookman.hooks.skips import Skips, skips
from hookman.hooks.stack_contexts import misplaced
from hookman.hooks.wrong_skips import wrong_skips
from hookman.hooks.wrong_tables import wrong_tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MANY = 100  # scripts that one shellcheck is given


def check(now: Scope) -> tuple[list[str], list[Finding]]:
    """The names of the hooks of a project, and what is wrong with them. Nothing of them runs.

    A finding is BAD if the hook can't work as it is.
    """
    directory = now.project.directory
    names: list[str] = []
    findings: list[Finding] = []
    if functions.hooks_file(directory):
        text = catalogue.hooks_text(directory)
        names += functions.defined_functions(text)
        findings += _of_hooks_sh(now, text)
    hooks = [hook for hook in examined(catalogue.hooks(now, Skips()), now) if hook.kind != planned.FUNCTION]
    names += [hook.label for hook in hooks if hook.reason != scripts.NOT_A_HOOK]
    for hook in hooks:
        if hook.problem:
            state = BAD if is_broken(hook) else NOTE
            findings.append(Finding(state=state, part=hook.label, problem=hook.problem))
    findings += [Finding(state=NOTE, part="", problem=stray.problem) for stray in catalogue.strays(directory)]
    skip = skips(now.settings, now.environ, skip_hooks=False)
    mistyped = wrong_skips(skip, now, now.environ)
    findings += [Finding(state=NOTE, part="", problem=wrong.problem) for wrong in mistyped]
    findings += [Finding(state=NOTE, part="", problem=problem) for problem in wrong_tables(now)]
    findings += [Finding(state=NOTE, part="", problem=problem) for problem in misplaced(directory)]
    return names, findings


def _of_hooks_sh(now: Scope, text: str) -> list[Finding]:
    """What is wrong with hooks.sh itself: it stops every function in it."""
    path = functions.hooks_file(now.project.directory) or ""
    search_path = now.environ.get("PATH", "")
    if problem := functions.read(path, search_path).problem or text_problem(path):
        return [Finding(state=BAD, part=functions.FILE_NAME, problem=problem)]
    too_new = bash_needs.too_new(text, search_path)
    return [Finding(state=NOTE, part=problem.where, problem=problem) for problem in too_new]


def of_functions(now: Scope, names: Iterable[str] | None = None) -> list[Finding]:
    """The commands in the functions (None: all hooks) of hooks.sh that may fail unnoticed. Nothing of it runs."""
    path = functions.hooks_file(now.project.directory)
    search_path = now.environ.get("PATH", "")
    if path is None or functions.read(path, search_path).problem:
        return []
    text = catalogue.hooks_text(now.project.directory)
    found = unguarded.ignored(text, names)
    if names is None:
        found += unguarded.unknown(text, search_path, now.project.directory)
    return [Finding(state=NOTE, part=problem.where, problem=problem) for problem in found]


def shellcheck(paths: Iterable[str], environ: Mapping[str, str]) -> list[Finding]:
    """What shellcheck, if it is installed, finds in shell scripts. Scripts in other languages are passed over."""
    program = shutil.which("shellcheck", path=environ.get("PATH"))
    if program is None:
        return []
    found = []
    files = sorted(filter(os.path.isfile, paths))  # a device has no end
    of_bash = [path for path in files if os.path.basename(path) == functions.FILE_NAME]
    others = [path for path in files if path not in of_bash]
    # As many at once as a command line has room for: the start of shellcheck takes most of the time.
    some = [others[number : number + MANY] for number in range(0, len(others), MANY)]
    for dialect, ones in [(["--shell=bash"], of_bash), *(([], ones) for ones in some)]:
        # SC2154: a variable that is not assigned comes from .env or from us.
        argv = [program, "--format=gcc", "--exclude=SC2154", *dialect, "--", *ones]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False) if ones else None
        for line in done.stdout.decode("utf-8", "replace").splitlines() if done else ():
            found += _said(line, ones)
    return found


def _said(line: str, paths: list[str]) -> list[Finding]:
    """What a line of shellcheck says about one of `paths`: PATH:LINE:COLUMN: LEVEL: MESSAGE [CODE]."""
    path = next((path for path in paths if line.startswith(f"{path}:")), None)
    if path is None or "[SC1071]" in line:  # SC1071: a language that it does not know
        return []
    number, _, rest = line.removeprefix(f"{path}:").partition(":")
    return [note(f"{os.path.basename(path)}:{number}", rest.partition(": ")[2])]
