"""hookman run: a command on every stack that matches a pattern (Kompose; CONTRACT C31, C78 to C86)."""

from __future__ import annotations

import itertools
import os
import shlex

import click

from hookman.base import paths
from hookman.base.errors import EXIT_FAILED, UsageError
from hookman.base.messages import redactor, say, shown
from hookman.base.records import record, replaced
from hookman.cli import complete
from hookman.cli.context import around, resolve, setting
from hookman.cli.run_job import DATABASE, DRY_RUN, Job, Worker
from hookman.cli.run_order import Order
from hookman.cli.run_parts import Part, by_engine, engines_of, parts_of, said_otherwise
from hookman.cli.run_stacks import Stacks
from hookman.compose import commandline, project
from hookman.compose.flags import FLAGS
from hookman.consent import marks
from hookman.front import main
from hookman.hooks import plan, skips, stacks
from hookman.hooks.enabling import enable_command
from hookman.install.shims import real_compose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CLEANUP = f"{DATABASE}cleanup"


@record
class Typed:
    """The command line."""

    pattern: str
    words: list[str]
    contexts: tuple[str, ...]
    rolling: int  # 0: all engines at the same time
    jobs: int
    fail_fast: bool
    rest: list[str]  # options that say nothing about the order

    def line(self, engines: list[str]) -> list[str]:
        """The command line for these engines alone."""
        jobs = ["--jobs", str(self.jobs)] if self.jobs > 1 else []
        options = [*jobs, *(["--fail-fast"] if self.fail_fast else []), *self.rest]
        start = ["hookman", "run", "--rolling", str(self.rolling), "--context", ",".join(engines)]
        return [*start, *options, self.pattern, *self.words]


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
@click.option(
    *("--context", "contexts"),
    multiple=True,
    metavar="NAMES",
    shell_complete=complete.engines,
    help="Docker contexts on whose engines to run: names, globs, several with commas.",
)
@click.option(
    "--rolling",
    type=click.IntRange(min=1),
    metavar="N",
    help="Work on at most N engines at the same time; when one fails, begin with no other.",
)
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
    contexts: tuple[str, ...],
    rolling: int | None,
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

    \b
    On the engines of docker contexts (hookman help contexts):
      hookman run --context edge-1,edge-2 'web*' up -d
      hookman run --context 'edge-*' --rolling 1 web up -d
    [stacks.web] context = "edge-1" in the hookman.toml of the root says it too.
    """
    cwd = project.working_directory(environ)
    data = paths.data_dir(environ)
    if pattern is not None and words:
        _refuse_file_names(pattern, words, cwd)
    place = os.path.normpath(os.path.join(cwd, root)) if root else stacks.find_root(cwd, data, environ)
    every = stacks.stacks_in(place)
    if listing:
        _list(place, every, contexts, environ)
        return 0
    if pattern is None or not words:
        raise UsageError(
            "a pattern and a command are missing", "hookman run '*' ps (hookman run --list shows the stacks)"
        )
    typed = Typed(
        pattern=pattern,
        words=list(words),
        contexts=contexts,
        rolling=rolling or 0,
        jobs=jobs,
        fail_fast=fail_fast,
        rest=_rest(settings, network, root),
    )
    return _carry_out(typed, _job(place, list(words), settings, network, environ), every, dry=dry)


def _carry_out(typed: Typed, job: Job, every: list[str], *, dry: bool) -> int:
    """Carry out what was typed on the stacks that it means among `every` stack of the root. Raises HookmanError."""
    parts = _parts(typed, job, every)
    if job.is_database:
        asked = _asked(job, parts, typed=shlex.join(["hookman", "run", typed.pattern, *typed.words]), dry=dry)
        return _run(typed, asked, parts) if asked else EXIT_FAILED
    if dry or commandline.parse(["compose", *job.words]).dry_run:
        for part in parts:
            _show_plan(job, part)
        return 0
    return _run(typed, job, parts)


def _parts(typed: Typed, job: Job, every: list[str]) -> list[Part]:
    """The parts of the run, in their order. Raises HookmanError."""
    chosen = stacks.matching(typed.pattern, every)
    said = said_otherwise(job.overrides, job.invocation().docker_flags)
    parts = parts_of(chosen, typed.contexts, job.root, every, job.environ, said)
    if job.words[0] == CLEANUP:  # it removes files of the stacks, whichever engines they are on
        parts = [Part(stack=stack) for stack in chosen]
    if not typed.rolling:
        return parts
    if len(engines_of(parts)) == 1:
        say("--rolling changes nothing, because everything runs on one engine")
    return by_engine(parts)


def _run(typed: Typed, job: Job, parts: list[Part]) -> int:
    """Run the job on all parts. If engines are left of those that were named, say how to go on."""
    order = Order(parts, rolling=typed.rolling, fail_fast=typed.fail_fast)
    code = Stacks(parts, Worker(job, engines_of(parts)), order).run_all(typed.jobs)
    if typed.rolling and typed.contexts and (left := order.left()):
        say(f"to go on: {redactor.shown(shlex.join(typed.line(left)))}")
    return code


def _rest(settings: tuple[str, ...], network: str | None, root: str | None) -> list[str]:
    """The options that say nothing about the order, as they were typed."""
    words = [word for one in settings for word in ("-e", one)]
    words += ["--network", network] if network is not None else []
    return words + (["--root", root] if root else [])


def _asked(job: Job, parts: list[Part], *, typed: str, dry: bool) -> Job | None:
    """A database job with the user's answers about each part; None if the user does not agree. Raises UsageError."""
    from hookman.cli import db_stacks

    name, *args = job.words
    if name.removeprefix(DATABASE) not in ("export", "import", "cleanup"):
        raise UsageError(f"there is no command {name}", "use db:export, db:import or db:cleanup")
    job = replaced(job, words=[name, DRY_RUN, *args]) if dry else job
    environs = {part.label: (job.directory(part), job.environ_of(part)) for part in parts}
    on_engines = {part.label: environs[part.label] for part in parts if part.context}
    db_stacks.check_engines(name.removeprefix(DATABASE), args, on_engines)
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


def _list(root: str, every: list[str], contexts: tuple[str, ...], environ: Mapping[str, str]) -> None:
    data = paths.data_dir(environ)
    for name in every:
        directory = os.path.join(root, name)
        if not marks.is_enabled(data, os.path.realpath(directory)):
            click.echo(f"{name}  (its hooks are not enabled)")
            continue
        engines = [context for context in engines_of(parts_of([name], contexts, root, every, environ, [])) if context]
        click.echo(f"{name}  on {', '.join(engines)}" if engines else name)
    if not every:
        click.echo(f"no stacks in {root}")


def _show_plan(job: Job, part: Part) -> None:
    """What would run on one part. Nothing of it is run or sourced (C84)."""
    environ = job.environ_of(part)
    where = resolve(environ, job.directory(part))
    now = around(where, environ)
    invocation = commandline.parse(["compose", *job.words])
    docker = ["docker", *(["--context", part.context] if part.context else []), "compose"]
    words = [word for word in job.words if word != DRY_RUN]
    click.echo(f"{part.label}: {redactor.shown(shlex.join([*docker, *words]))}")
    if invocation.has_events and now.enabled:
        skip = skips.skips(now.settings, environ, skip_hooks=invocation.skip_hooks)
        main.show_plan(plan.plan_operation(now, invocation.subcommand or "", skip))
    elif invocation.has_events:
        click.echo(f"  its hooks are not enabled. Fix: {enable_command(where, environ, now.data)}")


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
