"""hookman init: the directories and files for hooks."""

from __future__ import annotations

import os

import click

from hookman.base import files
from hookman.base.errors import EXIT_FAILED, HookmanError, UsageError
from hookman.base.resources import template_path
from hookman.cli.agreement import agreed, carry_out, offer, typed, warnings
from hookman.cli.next_step import next_step
from hookman.compose.project import working_directory
from hookman.consent import marks
from hookman.hooks.functions import FILE_NAME
from hookman.hooks.scripts import HOOKS_DIR
from hookman.settings.hookman_toml import LOCAL_NAME

# dde's four (DESIGN 1.2); the directories of other commands work the same.
EVENTS = ("project.up.pre", "project.up.post", "project.down.pre", "project.down.post")
IGNORE_FILE = ".gitignore"
EXAMPLES = {
    "hooks.example.sh": FILE_NAME,
    "01-check-env.sh": f"{HOOKS_DIR}/project.up.pre/01-check-env.sh",
    "01-show-services.sh": f"{HOOKS_DIR}/project.up.post/01-show-services.sh",
}


@click.command(short_help="Create .dde/hooks/ and hooks.sh in a project, and enable it.")
@click.argument("directory", required=False, type=click.Path(file_okay=False))
@click.option("--examples", is_flag=True, help="Write example hooks that work in any project.")
@click.option("--root", is_flag=True, help="Create a root of stacks, with a kompose.sh, and enable the stacks in it.")
@click.option("--future", is_flag=True, help="With --root: also enable every stack that comes later.")
@click.option("--yes", is_flag=True, help="Enable without asking.")
@click.pass_obj
def command(
    environ: dict[str, str], directory: str | None, *, examples: bool, root: bool, future: bool, yes: bool
) -> int:
    """Create the hook directories and a hooks.sh in DIRECTORY (default: this project), and enable it.

    It overwrites nothing, and adds a line to .gitignore: hookman.local.toml is for you alone.
    If you run it again, it changes nothing.
    """
    if future and not root:
        raise UsageError("--future is for a root of stacks", "leave it out, or add --root")
    place = os.path.normpath(os.path.join(working_directory(environ), directory or "."))
    if root:
        _create_directory(place)
        directory = place
    what = offer(environ, directory, marks.ROOT if root else marks.PROJECT)
    lines = warnings(what, future=future) if root or what.is_home else []
    flags = [flag for flag, given in (("--root", root), ("--future", future), ("--examples", examples)) if given]
    if not agreed(lines, "Enable it?", typed("init", environ, directory, *flags), yes=yes):
        click.echo("nothing was enabled")
        return EXIT_FAILED
    created = _create_root(place) if root else scaffold(what.project.directory, examples=examples)
    for path in created:
        click.echo(f"created  {os.path.relpath(path, what.project.directory)}")
    for path in carry_out(what, environ, future=future):
        click.echo(f"enabled  {path}")
    click.echo(next_step(what.project, environ, is_root=root))
    return 0


def _create_directory(path: str) -> None:
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise _cant_create(error) from error


def _create_root(place: str) -> list[str]:
    """Create what a root of stacks needs: kompose.sh. Returns the paths created. Raises HookmanError."""
    script = os.path.join(place, marks.ROOT_SCRIPT)
    if os.path.lexists(script):
        return []
    try:
        _copy(marks.ROOT_SCRIPT, place, marks.ROOT_SCRIPT)
    except OSError as error:
        raise _cant_create(error) from error
    return [script]


def scaffold(directory: str, *, examples: bool) -> list[str]:
    """Create the hook directories and files that are missing below `directory`. Returns the paths created.

    Raises HookmanError.
    """
    created = []
    try:
        for event in EVENTS:
            place = f"{HOOKS_DIR}/{event}"
            folder, is_new = files.open_folder(directory, place)
            if is_new:
                created.append(os.path.join(directory, place))
            try:
                if not os.listdir(folder):
                    files.new_file(folder, ".gitkeep", b"")
            finally:
                os.close(folder)
        for name, place in (EXAMPLES if examples else {"hooks.sh": FILE_NAME}).items():
            target = os.path.join(directory, place)
            if not os.path.lexists(target):
                _copy(name, directory, place)
                created.append(target)
        if _ignore_local_settings(directory):
            created.append(os.path.join(directory, IGNORE_FILE))
    except OSError as error:
        raise _cant_create(error) from error
    return created


def _ignore_local_settings(directory: str) -> bool:
    """Have git ignore the settings that are for this user alone; was there no .gitignore? Raises OSError.

    A .gitignore that is a link or no file stays as it is.
    """
    line = f"/{LOCAL_NAME}\n".encode()
    folder, _ = files.open_folder(directory, "")
    try:
        if not os.path.lexists(os.path.join(directory, IGNORE_FILE)):
            files.new_file(folder, IGNORE_FILE, line)
            return True
        try:
            file = files.open_regular(IGNORE_FILE, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW, folder)
        except OSError:
            return False
        with open(file, "r+b") as stream:
            text = stream.read()
            if not {line.strip(), line.strip(b"/\n")} & {ignored.strip() for ignored in text.split(b"\n")}:
                stream.write(line if not text or text.endswith(b"\n") else b"\n" + line)
        return False
    finally:
        os.close(folder)


def _cant_create(error: OSError) -> HookmanError:
    return HookmanError(
        f"can't create {error.filename}: {error.strerror}", "move away what is in the way, or make it writable"
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
