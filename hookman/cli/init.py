"""hookman init: the directories and files that hooks lie in."""

from __future__ import annotations

import os

import click

from hookman.base import files
from hookman.base.errors import EXIT_FAILED, HookmanError, UsageError
from hookman.base.resources import template_path
from hookman.cli.agreement import agreed, carry_out, offer, typed, warnings
from hookman.compose.project import working_directory
from hookman.consent import marks
from hookman.hooks.functions import FILE_NAME
from hookman.hooks.scripts import HOOKS_DIR

# dde's four (DESIGN 1.2); the directories of other commands work the same.
EVENTS = ("project.up.pre", "project.up.post", "project.down.pre", "project.down.post")
EXAMPLES = {
    "hooks.example.sh": FILE_NAME,
    "01-check-env.sh": f"{HOOKS_DIR}/project.up.pre/01-check-env.sh",
    "01-show-services.sh": f"{HOOKS_DIR}/project.up.post/01-show-services.sh",
}


@click.command(short_help="Make .dde/hooks/ and hooks.sh in a project, and enable it.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.option("--examples", is_flag=True, help="Write example hooks that work in any project.")
@click.option("--root", is_flag=True, help="Make a root of stacks, with a kompose.sh, and enable the stacks in it.")
@click.option("--future", is_flag=True, help="With --root: also enable every stack that comes later.")
@click.option("--yes", is_flag=True, help="Enable without a question.")
@click.pass_obj
def command(
    environ: dict[str, str], directory: str | None, *, examples: bool, root: bool, future: bool, yes: bool
) -> int:
    """Make the hook directories and a hooks.sh in DIRECTORY (default: this project), and enable it.

    Overwrites nothing; doing it twice changes nothing.
    """
    if future and not root:
        raise UsageError("--future is for a root of stacks", "Leave it out, or add --root.")
    place = os.path.normpath(os.path.join(working_directory(environ), directory or "."))
    if root:
        _make_directory(place)
        directory = place
    what = offer(environ, directory, marks.ROOT if root else marks.PROJECT)
    lines = warnings(what, future=future) if root or what.is_home else []
    flags = [flag for flag, given in (("--root", root), ("--future", future), ("--examples", examples)) if given]
    if not agreed(lines, "Enable it?", typed("init", environ, directory, *flags), yes=yes):
        click.echo("nothing was enabled")
        return EXIT_FAILED
    made = _make_root(place) if root else scaffold(what.project.directory, examples=examples)
    for path in made:
        click.echo(f"made     {os.path.relpath(path, what.project.directory)}")
    for one in carry_out(what, environ, future=future):
        click.echo(f"enabled  {one}")
    if root:
        click.echo("Next: ./kompose.sh --list    (a stack is a directory with a compose file; its hooks: hooks.sh)")
    else:
        click.echo("Next: put hooks into these, then: hookman install    (what would run: hookman list)")
    return 0


def _make_directory(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise _cant_make(error) from error


def _make_root(place: str) -> list[str]:
    """Make what a root of stacks needs: kompose.sh; the paths made. Raises HookmanError."""
    script = os.path.join(place, marks.ROOT_SCRIPT)
    if os.path.lexists(script):
        return []
    try:
        _copy(marks.ROOT_SCRIPT, place, marks.ROOT_SCRIPT)
    except OSError as error:
        raise _cant_make(error) from error
    return [script]


def scaffold(directory: str, *, examples: bool) -> list[str]:
    """Make what is missing of the hook directories and files below `directory`; the paths made.

    Raises HookmanError.
    """
    made = []
    try:
        for event in EVENTS:
            place = f"{HOOKS_DIR}/{event}"
            folder, is_new = files.open_folder(directory, place)
            if is_new:
                made.append(os.path.join(directory, place))
            try:
                if not os.listdir(folder):
                    files.new_file(folder, ".gitkeep", b"")
            finally:
                os.close(folder)
        for name, place in (EXAMPLES if examples else {"hooks.sh": FILE_NAME}).items():
            target = os.path.join(directory, place)
            if not os.path.lexists(target):
                _copy(name, directory, place)
                made.append(target)
    except OSError as error:
        raise _cant_make(error) from error
    return made


def _cant_make(error: OSError) -> HookmanError:
    return HookmanError(
        f"can't make {error.filename}: {error.strerror}", "Move away what is in the way, or make it writable."
    )


def _copy(name: str, directory: str, place: str) -> None:
    """Write the template `name` to `place` in `directory`, executable. Raises OSError."""
    with open(template_path(name), "rb") as file:
        data = file.read()
    folder, _ = files.open_folder(directory, os.path.dirname(place))
    try:
        files.new_file(folder, os.path.basename(place), data, 0o777)
    finally:
        os.close(folder)
