"""hookman up, down, restart, update: dde's lifecycle commands, in its order (CONTRACT C15 to C18).

Each step is the command line that a user would type, carried out as the shim does it, so
that its hooks, lock and log are the same. They need no installed shim.
"""

from __future__ import annotations

import os
import subprocess
import sys

import click

from hookman.base import paths
from hookman.base.errors import HookmanError, shell_code
from hookman.cli.context import resolve
from hookman.front import entry, main
from hookman.install.shims import real_compose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

DOWN = ["down"]
UP = ["up", "-d"]
PULL = ["pull", "--skip-hooks"]  # dde fires no events around it (C17)

skip_option = click.option("--skip-hooks", is_flag=True, help="Run no hooks.")
build_option = click.option("--build", is_flag=True, help="Build images before starting.")


@click.command(short_help="Start this project: up hooks around `docker compose up -d`.")
@skip_option
@build_option
@click.pass_obj
def up(environ: dict[str, str], *, skip_hooks: bool, build: bool) -> int:
    """Start this project in the background, with its up hooks."""
    return carry_out([_up(build=build)], environ, skip_hooks=skip_hooks)


@click.command(short_help="Stop this project: down hooks around `docker compose down`.")
@skip_option
@click.pass_obj
def down(environ: dict[str, str], *, skip_hooks: bool) -> int:
    """Stop this project and remove its containers, with its down hooks."""
    return carry_out([DOWN], environ, skip_hooks=skip_hooks)


@click.command(short_help="Run down, then up, each with its hooks.")
@skip_option
@build_option
@click.pass_obj
def restart(environ: dict[str, str], *, skip_hooks: bool, build: bool) -> int:
    """Stop this project and start it again: down hooks, down, up hooks, up.

    hook_pre_restart belongs to `docker compose restart`, not to this command.
    """
    return carry_out([DOWN, _up(build=build)], environ, skip_hooks=skip_hooks)


@click.command(short_help="Run down, pull, then up with --build, with hooks.")
@skip_option
@click.option("--build", is_flag=True, help="Always on; accepted because dde has it.")
@click.pass_obj
def update(environ: dict[str, str], *, skip_hooks: bool, build: bool) -> int:  # noqa: ARG001
    """Stop this project, pull its images, build and start it again, with its hooks."""
    return carry_out([DOWN, PULL, _up(build=True)], environ, skip_hooks=skip_hooks)


def carry_out(steps: list[list[str]], environ: Mapping[str, str], *, skip_hooks: bool) -> int:
    """Run Compose command lines one after the other, until one fails.

    Returns its exit code, or 0. Raises HookmanError outside any project.
    """
    project = resolve(environ)
    if not project.files:
        raise HookmanError(
            f"there is no compose file in {project.directory} or above it",
            "go to a project (cd), or write a compose.yaml",
        )
    compose = real_compose(environ)
    start = [sys.executable, "-I", "-S", os.path.abspath(entry.__file__), main.OURS, compose]
    for step in steps:
        words = [*step, "--skip-hooks"] if skip_hooks and "--skip-hooks" not in step else step
        code = _wait([*start, paths.data_dir(environ), *words], environ)
        if code:
            return code
    return 0


def _up(*, build: bool) -> list[str]:
    return [*UP, "--build"] if build else UP


def _wait(argv: list[str], environ: Mapping[str, str]) -> int:
    """Run `argv` to its end. Ctrl-C reaches it as it reaches us, and it decides how to end."""
    process = subprocess.Popen(argv, env=environ)
    while True:
        try:
            code = process.wait()
        except KeyboardInterrupt:
            continue
        return shell_code(code)
