"""What would be enabled, the question if it is more than one project, and enabling it."""

from __future__ import annotations

import os
import sys

import click

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.messages import say, shown
from hookman.base.quoting import shell_quoted
from hookman.base.records import record
from hookman.cli.ask import confirm
from hookman.cli.context import around, resolve
from hookman.cli.review import approve_all
from hookman.compose.project import working_directory
from hookman.consent import marks, trust
from hookman.consent.identity import identity
from hookman.hooks import catalogue
from hookman.hooks.enabling import has_compose_file, has_hooks, meant
from hookman.hooks.skips import Skips
from hookman.hooks.stacks import stacks_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project


@record
class Offer:
    """What a command is about to enable."""

    project: Project
    kind: str  # marks.PROJECT or ROOT
    stacks: list[str]  # of a root: the names of those that are not enabled yet
    links: list[str]  # of a root: the names of those that are links, which are never enabled with it
    is_empty: bool  # neither project nor root
    is_home: str  # how it covers the user's home directory, in words; "" if it does not
    seen: dict[str, dict[str, str]]  # what will be enabled: which directory was at each real path


def offer(environ: Mapping[str, str], directory: str | None, kind: str = "") -> Offer:
    """What enabling `directory` would enable; None is the project around here. Raises HookmanError.

    As which `kind` is seen from what is in it, unless it is said.
    """
    data = paths.data_dir(environ)
    project = meant(environ, data, directory)
    found = stacks_in(project.real)
    own = has_compose_file(project.directory) or (directory is None and project.explicit_files)
    if not kind:
        is_root = marks.is_marked(data, project.real, marks.ROOT) or (bool(found) and not own)
        kind = marks.ROOT if is_root else marks.PROJECT
    places = {name: os.path.join(project.real, name) for name in found} if kind == marks.ROOT else {}
    stacks = [name for name, path in places.items() if not os.path.islink(path) and not _is_marked(data, path)]
    return Offer(
        project=project,
        kind=kind,
        stacks=stacks,
        links=[name for name, path in places.items() if os.path.islink(path)],
        is_empty=not (own or found or has_hooks(project.directory)),
        is_home=_covers_home(project.real, environ),
        seen={path: _identity(path) for path in (project.real, *(places[name] for name in stacks))},
    )


def warnings(what: Offer, *, future: bool = False) -> list[str]:
    """What the user must know before agreeing to an offer. For one plain project there is nothing to say."""
    place = shown(what.project.directory)
    lines = [f"{place} {what.is_home}."] if what.is_home else []
    if what.is_empty and what.kind == marks.PROJECT:
        lines.append(f"{place} has no compose file, no hooks and no stacks. Hooks that come there later could run.")
    if what.stacks:
        lines.append(f"{place} is a root. The hooks of its stacks could run:")
        lines += [f"  {shown(name)}" for name in what.stacks]
        lines += ["and those of every stack that comes later."] if future else []
    for name in what.links if lines else []:
        real = os.path.realpath(os.path.join(what.project.real, name))
        lines.append(
            f"Not {shown(name)}, because it is a link. To enable what it leads to: hookman enable {shell_quoted(real)}"
        )
    return lines


def agreed(lines: list[str], question: str, again: str, *, yes: bool) -> bool:
    """Does the user agree to what `lines` say, here or with --yes? `again` is the command to type again.

    Raises HookmanError where there is nobody to ask.
    """
    if yes or not lines:
        return True
    text = "\n".join(lines)
    if not sys.stdin.isatty():
        raise HookmanError(
            f"{text}\nNothing was enabled, because there is no terminal to ask you", f"if you agree: {again} --yes"
        )
    click.echo(text)
    return confirm(question)


def carry_out(what: Offer, environ: Mapping[str, str], *, future: bool = False, **said: str) -> list[str]:
    """Enable what is offered. Returns what was enabled, in lines; none if it was enabled already. Raises HookmanError.

    `said` goes into the mark: owner, shared (marks.trust_in). What others may still change is said on stderr.
    """
    data = paths.data_dir(environ)
    project = what.project
    more = {"future": "1", **said} if future else said
    place = shown(project.directory)
    done = []
    for path, seen in what.seen.items():
        if _identity(path) != seen:
            raise HookmanError(f"there is another directory now at {shown(path)}", "look at it, and try again")
    if marks.enable(data, project.real, what.kind, **more):
        approve_all(project, environ)
        done.append(f"all stacks in {place}" if what.kind == marks.ROOT else place)
    for name in what.stacks:
        stack = os.path.join(project.real, name)
        if marks.enable(data, stack, marks.PROJECT, via=marks.ROOT):
            approve_all(resolve(environ, stack), environ)
            done.append(shown(os.path.join(project.directory, name)))
    if future and done:
        done.append(f"every stack that comes to {place} later")
    if refused := objections(what, environ):
        say(refused.text)
    return done


def objections(what: Offer, environ: Mapping[str, str]) -> HookmanError | None:
    """What others may change of the project, or of the stacks of a root, so that hooks would not run; None if nothing.

    What is wrong with settings the next run says.
    """
    stacks = stacks_in(what.project.real) if what.kind == marks.ROOT else {}
    places = [os.path.join(what.project.real, name) for name in stacks] or [""]
    found = []
    for place in places:
        try:
            now = around(resolve(environ, place) if place else what.project, environ)
        except HookmanError:
            continue
        found += [
            *now.settings.distrusted,
            *(complaint for hook in catalogue.hooks(now, Skips()) for complaint in hook.distrusted),
        ]
    return trust.refusal(found, what.project.directory) if found else None


def typed(command: str, environ: Mapping[str, str], directory: str | None, *flags: str) -> str:
    """One of our command lines as it was typed, so that the user can type it again."""
    words = ["hookman", command, *flags]
    if directory is not None:
        words.append(os.path.normpath(os.path.join(working_directory(environ), directory)))
    return " ".join(map(shell_quoted, words))


def _is_marked(data: str, directory: str) -> bool:
    return bool(marks.proven_mark(data, directory))


def _identity(directory: str) -> dict[str, str]:
    try:
        return identity(directory)
    except OSError as error:
        raise HookmanError(
            f"can't look at {shown(directory)}: {error.strerror}", "name a directory of yours"
        ) from error


def _covers_home(directory: str, environ: Mapping[str, str]) -> str:
    home = os.path.realpath(environ.get("HOME") or os.path.expanduser("~"))
    if directory == home:
        return "is your home directory"
    return "holds your home directory" if f"{home}/".startswith(f"{directory.rstrip('/')}/") else ""
