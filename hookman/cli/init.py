"""hookman init: the directories and files that hooks lie in."""

from __future__ import annotations

import os
import shutil

import click

from hookman import enabled, paths
from hookman.cli.here import resolve
from hookman.cli.review import approve_all
from hookman.compose.project import working_directory
from hookman.errors import HookmanError
from hookman.hooks.functions import FILE_NAME
from hookman.hooks.scripts import HOOKS_DIR
from hookman.resources import template_path

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
@click.option("--root", is_flag=True, help="Make a root of stacks, with a kompose.sh; all its stacks are enabled.")
@click.pass_obj
def command(environ: dict[str, str], directory: str | None, *, examples: bool, root: bool) -> None:
    """Make the hook directories and a hooks.sh in DIRECTORY (default: this project), and enable it.

    Overwrites nothing; doing it twice changes nothing.
    """
    if root:
        _make_root(environ, directory)
        return
    project = resolve(environ, directory)
    for path in scaffold(project.directory, examples=examples):
        click.echo(f"made     {os.path.relpath(path, project.directory)}")
    if enabled.enable(paths.data_dir(environ), project.real, enabled.PROJECT):
        approve_all(project, environ)
        click.echo(f"enabled  {project.directory}")
    click.echo("Next: put hooks into these, then: hookman install    (what would run: hookman list)")


def _make_root(environ: dict[str, str], directory: str | None) -> None:
    """Make what a root of stacks needs: kompose.sh, and consent for the stacks directly below it."""
    place = os.path.normpath(os.path.join(working_directory(environ), directory or "."))
    script = os.path.join(place, enabled.ROOT_SCRIPT)
    try:
        os.makedirs(place, exist_ok=True)
        if not os.path.lexists(script):
            _copy(template_path(enabled.ROOT_SCRIPT), script)
            click.echo(f"made     {script}")
    except OSError as error:
        raise HookmanError(
            f"can't make {error.filename}: {error.strerror}", "Move away what is in the way, or make it writable."
        ) from error
    if enabled.enable(paths.data_dir(environ), os.path.realpath(place), enabled.ROOT):
        click.echo(f"enabled  all stacks in {place}")
    click.echo("Next: ./kompose.sh --list    (a stack is a directory with a compose file; its hooks: hooks.sh)")


def scaffold(directory: str, *, examples: bool) -> list[str]:
    """Make what is missing of the hook directories and files below `directory`; the paths made.

    Raises HookmanError.
    """
    made = []
    try:
        for event in EVENTS:
            folder = os.path.join(directory, HOOKS_DIR, event)
            if not os.path.isdir(folder):
                os.makedirs(folder)
                made.append(folder)
            keep = os.path.join(folder, ".gitkeep")
            if not os.listdir(folder):
                with open(keep, "x", encoding="utf-8"):
                    pass
        files = EXAMPLES if examples else {"hooks.sh": FILE_NAME}
        for name, place in files.items():
            target = os.path.join(directory, place)
            if not os.path.lexists(target):
                _copy(template_path(name), target)
                made.append(target)
    except OSError as error:
        raise HookmanError(
            f"can't make {error.filename}: {error.strerror}", "Move away what is in the way, or make it writable."
        ) from error
    return made


def _copy(source: str, target: str) -> None:
    with open(source, "rb") as file, open(target, "xb") as out:
        shutil.copyfileobj(file, out)
    os.chmod(target, os.stat(target).st_mode | 0o111 & ~_umask())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
