"""What a shell completes after our commands: events, hooks, stacks, run ids, users."""

from __future__ import annotations

import itertools

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.messages import shown
from hookman.compose.contexts import names

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any

    from click import Context, Parameter
    from click.shell_completion import CompletionItem

    Completer = Callable[[Context, Parameter, str], list[str]]

RUNS = 50  # newest runs that are offered


def _completer(words: Callable[[Mapping[str, str]], Iterable[str]]) -> Completer:
    """Offers the `words` that begin with what was typed; nothing where finding them fails."""

    def complete(context: Context, _: Parameter, typed: str) -> list[str]:
        try:
            return [word for word in words(context.obj) if word.startswith(typed)]
        except (HookmanError, OSError):
            return []

    return complete


def _events(environ: Mapping[str, str]) -> Iterable[str]:
    from hookman.cli.context import here
    from hookman.hooks.catalogue import events_of

    used = events_of(here(environ))
    return [*used, *dict.fromkeys(event.split(".")[1] for event in used)]


def _phases(_: Mapping[str, str]) -> Iterable[str]:
    from hookman.hooks.catalogue import every_event

    return [name for event in every_event() for name in (event.removeprefix("project."), event)]


def _targets(environ: Mapping[str, str]) -> Iterable[str]:
    from hookman.cli.context import here
    from hookman.hooks import catalogue, skips

    names = (hook.name for hook in catalogue.hooks(here(environ), skips.Skips()) if hook.certain)
    return [*dict.fromkeys(names), *_events(environ)]


def _stacks(environ: Mapping[str, str]) -> Iterable[str]:
    from hookman.compose.project import working_directory
    from hookman.hooks import stacks

    return stacks.stacks_in(stacks.find_root(working_directory(environ), paths.data_dir(environ), environ))


def engines(context: Context, _: Parameter, typed: str) -> list[str]:
    """The names of docker contexts, after those that were typed before a comma."""
    from hookman.compose.contexts import names

    before, comma, _part = typed.rpartition(",")
    named = before.split(",")
    return [
        word for name in names(context.obj) if name not in named and (word := before + comma + name).startswith(typed)
    ]


def engine(context: Context, _: Parameter, typed: str) -> list[str]:
    """The names of docker contexts."""
    from hookman.compose.contexts import names

    return [name for name in names(context.obj) if name.startswith(typed)]


def runs(context: Context, _: Parameter, typed: str) -> list[CompletionItem]:
    """`last`, the short ids of this project's newest runs, and complete ids, by their beginning or end.

    Outside of a project, with --all or --project, and if this project has none, they are those of all projects.
    """
    every = bool(context.params.get("everywhere") or context.params.get("only"))
    try:
        return list(_runs(context.obj, typed, every=every))
    except (HookmanError, OSError):
        return []


def _runs(environ: Mapping[str, str], typed: str, *, every: bool) -> Iterator[CompletionItem]:
    from click.shell_completion import CompletionItem

    from hookman.cli.log import LAST, project_here
    from hookman.log.reader import all_runs

    data = paths.data_dir(environ)
    here = "" if every else project_here(environ, data)
    if LAST.startswith(typed):
        yield CompletionItem(LAST, help="the last run")
    for project in dict.fromkeys([here, ""]):
        if items := _matching(list(itertools.islice(all_runs(data, project=project), RUNS)), typed):
            yield from items
            return


def _matching(found: list[dict[str, Any]], typed: str) -> list[CompletionItem]:
    """The ids of these runs that fit: short ones, complete ones once something was typed, and by their end."""
    from click.shell_completion import CompletionItem

    def items(ids: Iterable[tuple[str, dict[str, Any]]]) -> list[CompletionItem]:
        return [CompletionItem(name, help=_about(run)) for name, run in ids]

    complete = [(str(run["run"]), run) for run in found]
    ids = [(name.rpartition("-")[2], run) for name, run in complete] + (complete if typed else [])
    fitting = items((name, run) for name, run in ids if name.startswith(typed))
    return fitting or items((name, run) for name, run in complete if name.endswith(typed))


def _about(run: dict[str, Any]) -> str:
    """What a run was, in a few words without a colon, with which zsh ends a word."""
    from hookman.cli.table import moment

    words = [run.get("name"), run.get("command"), run.get("result"), moment(run.get("started"))]
    return shown(", ".join(map(str, words))).replace(":", ".")


def _projects(environ: Mapping[str, str]) -> Iterable[str]:
    from hookman.log.reader import all_runs

    runs = itertools.islice(all_runs(paths.data_dir(environ)), RUNS)
    return list(dict.fromkeys(str(run.get("name")) for run in runs))


def _origins(key: str) -> Completer:
    """Offers the users, hosts or contexts of the newest runs."""

    def words(environ: Mapping[str, str]) -> Iterable[str]:
        from hookman.cli.log_choice import names
        from hookman.log.reader import all_runs

        runs = itertools.islice(all_runs(paths.data_dir(environ)), RUNS)
        return dict.fromkeys(name for run in runs for name in names(run, key))

    return _completer(words)


def _settings(_: Mapping[str, str]) -> Iterable[str]:
    from hookman.settings.hookman_toml import KEYS

    return KEYS


events = _completer(_events)
targets = _completer(_targets)
phases = _completer(_phases)
stacks = _completer(_stacks)
projects = _completer(_projects)
users = _origins("user")
hosts = _origins("host")
contexts = _origins("context")
docker_contexts = _completer(names)
settings = _completer(_settings)
