"""What a shell completes after our commands: events, hooks, stacks, run ids."""

from __future__ import annotations

import itertools

from hookman.base import paths
from hookman.base.errors import HookmanError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from click import Context, Parameter

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


def _runs(environ: Mapping[str, str]) -> Iterable[str]:
    from hookman.log.reader import all_runs

    return [str(run.get("run")) for run in itertools.islice(all_runs(paths.data_dir(environ)), RUNS)]


def _projects(environ: Mapping[str, str]) -> Iterable[str]:
    from hookman.log.reader import all_runs

    runs = itertools.islice(all_runs(paths.data_dir(environ)), RUNS)
    return list(dict.fromkeys(str(run.get("name")) for run in runs))


def _settings(_: Mapping[str, str]) -> Iterable[str]:
    from hookman.settings.hookman_toml import KEYS

    return KEYS


events = _completer(_events)
targets = _completer(_targets)
phases = _completer(_phases)
stacks = _completer(_stacks)
runs = _completer(_runs)
projects = _completer(_projects)
settings = _completer(_settings)
