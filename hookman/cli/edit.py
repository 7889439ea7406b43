"""hookman edit: a hook in the user's editor."""

from __future__ import annotations

import os
import shlex
import subprocess

import click

from hookman.base.errors import EXIT_FAILED, HookmanError, UsageError, shell_code
from hookman.base.messages import shown
from hookman.base.quoting import shell_quoted
from hookman.cli import complete, problems
from hookman.cli.context import here
from hookman.hooks import catalogue, flaws
from hookman.hooks.skips import Skips

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.hooks.scope import Scope


@click.command(short_help="Open a hook in your editor.")
@click.argument("hook", metavar="HOOK", shell_complete=complete.targets)
@click.pass_obj
def command(environ: dict[str, str], hook: str) -> int:
    """Open HOOK in your editor (VISUAL, EDITOR): the script, hooks.sh, or the file with its table.

    HOOK is a name, or EVENT/NAME where several hooks have that name. When the editor has
    ended, hookman checks the hook and shows what is wrong. It runs nothing.
    """
    now = here(environ)
    path = _path_of(now, hook)
    code = open_in_editor(path, environ)
    return code or _check(here(environ), path)


def open_in_editor(path: str, environ: Mapping[str, str]) -> int:
    """Open the file at `path` and wait for the editor's end; its exit code. Raises HookmanError where there is none."""
    variable = "VISUAL" if environ.get("VISUAL") else "EDITOR"
    editor = environ.get(variable, "")
    fix = f"EDITOR=nano hookman edit …, or open {shell_quoted(path)} yourself"
    if not editor.strip():
        raise HookmanError("no editor is set: neither VISUAL nor EDITOR names one", fix)
    try:
        words = shlex.split(editor)
    except ValueError as error:
        raise HookmanError(f"{variable} can't be read: {str(error).lower()}", fix) from error
    try:
        code = subprocess.run([*words, path], env=environ, check=False).returncode
    except OSError as error:
        raise HookmanError(f"{shown(words[0])} ({variable}) can't be started: {error.strerror}", fix) from error
    return shell_code(code)


def _path_of(now: Scope, word: str) -> str:
    """The file of the one hook that `word` names. Raises UsageError."""
    from hookman.cli.test_targets import find

    hooks = find(now, word, asked_by="edit").hooks
    found = {hook.path: hook for hook in hooks}
    if len(found) > 1:
        labels = [hook.label.removeprefix("project.") for hook in found.values()]
        raise UsageError(f"edit: {word} names {len(found)} files", f"write one of {', '.join(labels)}")
    return next(iter(found))


def _check(now: Scope, path: str) -> int:
    """Show what is wrong with the hooks in the file at `path`; 1 if one can't work."""
    hooks = flaws.examined(catalogue.hooks(now, Skips()), now)
    own = [hook for hook in hooks if os.path.realpath(hook.path) == os.path.realpath(path)]
    wrong = {hook.problem.line: hook for hook in own if hook.problem}  # what is wrong with hooks.sh is of all in it
    for hook in wrong.values():
        if hook.problem:
            problems.show("✘" if flaws.is_broken(hook) else "!", hook.problem, hook.label)
    return EXIT_FAILED if any(map(flaws.is_broken, wrong.values())) else 0
