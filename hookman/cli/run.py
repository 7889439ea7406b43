"""hookman run: a command on every stack that matches a pattern (Kompose; CONTRACT C31, C78 to C86)."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import sys
import time

import click

from hookman.base import paths
from hookman.base.errors import EXIT_FAILED, EXIT_SIGNAL, UsageError
from hookman.base.messages import redactor, say, shown
from hookman.base.records import record, replaced
from hookman.cli import complete
from hookman.cli.context import around, resolve, setting
from hookman.cli.run_stacks import Done, Stacks
from hookman.compose import commandline, project
from hookman.compose.flags import FLAGS
from hookman.consent import marks
from hookman.database import programs
from hookman.front import entry, main
from hookman.hooks import environment, plan, skips, stacks
from hookman.hooks.enabling import enable_command
from hookman.install.shims import real_compose
from hookman.run import nesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hookman.cli.run_stacks import Streams
    from hookman.compose.commandline import Invocation
    from hookman.compose.project import Project

DRY_RUN = "--dry-run"
DATABASE = "db:"  # as Kompose spells its commands: db:export, db:import, db:cleanup (C98)


@record
class Job:
    """One command on stacks of a root."""

    root: str
    words: list[str]  # the command, as typed after the pattern
    environ: Mapping[str, str]
    overrides: Mapping[str, str]  # -e and --network
    compose: str
    answers: Mapping[str, list[str]]  # by stack: what hookman db is told besides, the user having been asked


@click.command(
    short_help="Run a command on many stacks: hookman run 'web*,db' up -d",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("pattern", required=False, shell_complete=complete.stacks)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="COMMAND...")
@click.option("-n", DRY_RUN, "dry", is_flag=True, help="Show what would run, and run nothing.")
@click.option(
    *("-e", "--env", "settings"),
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a variable for hooks and Compose; overrides all other sources.",
)
@click.option("-l", "--list", "listing", is_flag=True, help="List the stacks.")
@click.option("--network", metavar="NAME", help="The same as -e NETWORK_NAME=NAME.")
@click.option("--root", metavar="DIR", type=click.Path(file_okay=False), help="The directory that holds the stacks.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first stack that fails.")
@click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="How many stacks at the same time."
)
@click.pass_obj
def command(
    environ: dict[str, str],
    pattern: str | None,
    words: tuple[str, ...],
    settings: tuple[str, ...],
    network: str | None,
    root: str | None,
    jobs: int,
    *,
    dry: bool,
    listing: bool,
    fail_fast: bool,
) -> int:
    """Run a docker compose command on every stack that matches PATTERN, in the order of their names.

    \b
    PATTERN is a name, a glob ('*', 'web*'), or several with commas between them.
    Put the options of hookman before it; what follows it goes to Compose:
      hookman run '*' ps
      hookman run web,db up -d
      hookman run -e TAG=1.2 'web*' pull

    A stack is a directory below the root with a compose file. --dry-run works in any
    place. If the command fails on one stack, the others still run, and the exit code is 1.
    """
    cwd = project.working_directory(environ)
    data = paths.data_dir(environ)
    if pattern is not None and words:
        _refuse_file_names(pattern, words, cwd)
    place = os.path.normpath(os.path.join(cwd, root)) if root else stacks.find_root(cwd, data, environ)
    every = stacks.stacks_in(place)
    if listing:
        _list(place, every, environ)
        return 0
    if pattern is None or not words:
        raise UsageError(
            "a pattern and a command are missing", "hookman run '*' ps (hookman run --list shows the stacks)"
        )
    chosen = stacks.matching(pattern, every)
    job = _job(place, list(words), settings, network, environ)
    if words[0].startswith(DATABASE):
        asked = _asked(job, chosen, typed=f"hookman run {shlex.join([pattern, *words])}", dry=dry)
        return _run_all(asked, chosen, jobs, fail_fast=fail_fast) if asked else EXIT_FAILED
    if dry or commandline.parse(["compose", *words]).dry_run:
        for name in chosen:
            _show_plan(job, name)
        return 0
    return _run_all(job, chosen, jobs, fail_fast=fail_fast)


def _asked(job: Job, names: list[str], *, typed: str, dry: bool) -> Job | None:
    """A database job with the user's answers about each stack; None if the user does not agree. Raises UsageError."""
    from hookman.cli import db_stacks

    name, *args = job.words
    if name.removeprefix(DATABASE) not in ("export", "import", "cleanup"):
        raise UsageError(f"there is no command {name}", "use db:export, db:import or db:cleanup")
    job = replaced(job, words=[name, DRY_RUN, *args]) if dry else job
    environs = {os.path.join(job.root, stack): _environ(job, stack) for stack in names}
    answers = db_stacks.answers(name.removeprefix(DATABASE), job.words[1:], environs, typed=typed)
    return None if answers is None else replaced(job, answers=answers)


def _job(
    root: str, words: list[str], settings: tuple[str, ...], network: str | None, environ: Mapping[str, str]
) -> Job:
    overrides = dict(map(setting, settings))
    if network is not None:
        overrides["NETWORK_NAME"] = network
    compose = real_compose(environ)
    told = {marks.ROOT_VARIABLE: os.path.realpath(root)}
    return Job(root=root, words=words, environ=environ, overrides={**overrides, **told}, compose=compose, answers={})


def _list(root: str, names: list[str], environ: Mapping[str, str]) -> None:
    data = paths.data_dir(environ)
    for name in names:
        directory = os.path.join(root, name)
        state = "" if marks.is_enabled(data, os.path.realpath(directory)) else "  (its hooks are not enabled)"
        click.echo(f"{name}{state}")
    if not names:
        click.echo(f"no stacks in {root}")


def _show_plan(job: Job, stack: str) -> None:
    """What would run on one stack. Nothing of it is run or sourced (C84)."""
    environ = _environ(job, stack)
    where = resolve(environ, os.path.join(job.root, stack))
    now = around(where, environ)
    invocation = commandline.parse(["compose", *job.words])
    click.echo(f"{stack}: docker compose {redactor.shown(shlex.join([word for word in job.words if word != DRY_RUN]))}")
    if invocation.has_events and now.enabled:
        skip = skips.skips(now.settings, environ, skip_hooks=invocation.skip_hooks)
        main.show_plan(plan.plan_operation(now, invocation.subcommand or "", skip))
    elif invocation.has_events:
        click.echo(f"  its hooks are not enabled. Fix: {enable_command(where, environ, now.data)}")


def _environ(job: Job, stack: str) -> dict[str, str]:
    directory = os.path.join(job.root, stack)
    _, callers = nesting.aimed(_invocation(job), job.environ, directory, paths.data_dir(job.environ))
    environ = {**callers, **job.overrides, "PWD": directory}
    if marks.is_enabled(paths.data_dir(environ), os.path.realpath(directory)):
        return environ
    shared = {name: value for name, value in _shared(job, directory, environ).items() if name not in environ}
    if marks.is_enabled(paths.data_dir(environ), _meant(job, directory, {**shared, **environ}).real):
        return environ
    # A database's client is to get none of these, so hookman db is told which they are.
    return {**shared, **environ, programs.FROM_DOTENV: "\n".join(shared)}


def _run_all(job: Job, names: list[str], jobs: int, *, fail_fast: bool) -> int:
    def run(stack: str, streams: Streams | None) -> Done:
        return _run(job, stack, streams)

    return Stacks(names, run, fail_fast=fail_fast).run_all(jobs)


def _refuse_file_names(pattern: str, words: Sequence[str], cwd: str) -> None:
    """Raise UsageError if the shell has replaced an unquoted pattern by the names of files."""
    names = [pattern, *words]
    files = list(itertools.takewhile(lambda name: os.path.lexists(os.path.join(cwd, name)), names))
    visible = sorted(name for name in os.listdir(cwd) if not name.startswith("."))
    is_all = 1 < len(visible) < len(names) and sorted(names[: len(visible)]) == visible
    # A stack may have the name of a command: then the second word is that command.
    if not is_all and (len(files) < 2 or files[1] in FLAGS):
        return
    count = len(visible) if is_all else len(files)
    typed = "*" if is_all else f"{_common_start(files)}*"
    command = redactor.shown(shlex.join(names[count:])) or "COMMAND"
    told = ", ".join(map(shown, names[:3])) + (", …" if count > 3 else "")
    raise UsageError(
        f"your shell replaced the pattern by the names of {count} files ({told})",
        f"quote the pattern: hookman run {shlex.quote(typed)} {command}",
    )


def _common_start(names: list[str]) -> str:
    """With which letters all names begin."""
    same = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*names, strict=False))
    return "".join(letters[0] for letters in same)


def _run(job: Job, stack: str, streams: Streams | None) -> Done:
    started = time.monotonic()
    directory = os.path.join(job.root, stack)
    environ = _environ(job, stack)
    data = paths.data_dir(environ)
    runner = [sys.executable, "-I", "-S", os.path.abspath(entry.__file__), main.OURS]
    out, err = streams or (None, None)
    stdin = None if streams is None else subprocess.DEVNULL
    if err is None:
        say(f"── {stack}")
    else:
        err.write(f"hookman: ── {stack}\n".encode("utf-8", "surrogateescape"))
        err.flush()
    argv = [*runner, job.compose, data, *job.words]
    if job.words[0].startswith(DATABASE):
        isolated = ["-I"] if sys.flags.isolated else ["-E", "-P"]  # as bin/hookman has it
        words = [job.words[0].removeprefix(DATABASE), *job.answers.get(directory, []), *job.words[1:]]
        argv = [sys.executable, *isolated, "-m", "hookman", "db", *words]
    process = subprocess.Popen(argv, cwd=directory, env=environ, stdin=stdin, stdout=out, stderr=err)
    while True:
        try:
            code = process.wait()
            break
        except KeyboardInterrupt:  # the stack gets the signal too, and its exit code tells how it ended
            continue
    code = code if code >= 0 else EXIT_SIGNAL - code
    return Done(stack=stack, code=code, seconds=time.monotonic() - started)


def _meant(job: Job, directory: str, environ: Mapping[str, str]) -> Project:
    """The project that a stack's command is about: the .env of a root that is not enabled can name an enabled one."""
    return project.resolve(_invocation(job), environ, directory)


def _invocation(job: Job) -> Invocation:
    return commandline.parse_standalone([job.words[0].removeprefix(DATABASE), *job.words[1:]])


def _shared(job: Job, directory: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The root's .env for a stack whose hooks are not enabled: data, which Compose may have all the same."""
    where = resolve(environ, directory)
    root, _ = environment.read_all_dotenv(os.path.realpath(job.root), where, environ)
    own = environment.read_by_compose(where, {**root, **environ})
    return {name: value for name, value in root.items() if name not in own}
