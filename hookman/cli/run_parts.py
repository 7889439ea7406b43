"""What `hookman run` runs on: the parts of a run, each of them one stack on one engine, and why it is that engine."""

from __future__ import annotations

import os

from hookman.base import paths
from hookman.base.errors import ConfigError, Problem, UsageError
from hookman.base.messages import say, shown
from hookman.base.quoting import shell_quoted
from hookman.base.records import record
from hookman.base.suggestion import nearest
from hookman.compose.context import DEFAULT, context_shown, host_and_context
from hookman.compose.contexts import CONTEXT, HOST, matching, names
from hookman.consent import marks
from hookman.hooks.stack_contexts import Placed, stack_contexts
from hookman.run import nesting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@record
class Part:
    """One stack on one engine."""

    stack: str
    context: str = ""  # the docker context that is the engine's; "" is the engine that docker uses anyway

    @property
    def label(self) -> str:
        """For people."""
        return f"{self.stack} on {self.context}" if self.context else self.stack


def parts_of(
    chosen: list[str],
    told: tuple[str, ...],
    root: str,
    every: list[str],
    environ: Mapping[str, str],
    said: list[str],
) -> list[Part]:
    """The parts of a run on the stacks `chosen` among `every` stack of the `root`, in the order of the stacks.

    `told` are the arguments of --context. They count before what the root's hookman.toml says; so does what is `said`
    otherwise on the command line, and in a hook the engine that the hook is for. Raises UsageError, and HookmanError.
    """
    if said and told:
        raise UsageError(f"{said[0]} and --context both say which engine is meant", "leave one of them out")
    if said:
        return [Part(stack=stack) for stack in chosen]
    return _on_named(chosen, told, environ) if told else _on_placed(chosen, root, every, environ)


def said_otherwise(overrides: Mapping[str, str], flags: Mapping[str, list[str]]) -> list[str]:
    """What says on the command line which engine is meant, but for --context: -e, and docker's own `flags`."""
    variables = [f"-e {name}" for name in (HOST, CONTEXT) if name in overrides]
    return [*variables, *(f"--{name} after the pattern" for name in ("context", "host") if name in flags)]


def engines_of(parts: list[Part]) -> list[str]:
    """The contexts of the `parts`, in their order."""
    return list(dict.fromkeys(part.context for part in parts))


def by_engine(parts: list[Part]) -> list[Part]:
    """The parts engine by engine."""
    return [part for context in engines_of(parts) for part in parts if part.context == context]


def _on_named(chosen: list[str], told: tuple[str, ...], environ: Mapping[str, str]) -> list[Part]:
    """The parts of the stacks on the contexts that are `told`. Raises UsageError."""
    found = matching(told, names(environ))
    parts = [Part(stack=stack, context=context) for stack in chosen for context in found]
    _say_overridden(parts, (HOST,), environ)
    return parts


def _on_placed(chosen: list[str], root: str, every: list[str], environ: Mapping[str, str]) -> list[Part]:
    """The parts of the stacks as the root's hookman.toml, or the hook that calls, says. Raises HookmanError."""
    data = paths.data_dir(environ)
    placed = stack_contexts(root, data)
    _say_unknown(placed, every)
    is_said = environ.get(HOST) or environ.get(CONTEXT)
    if is_said and nesting.running_projects(environ, data):
        _say_stays(chosen, placed, environ)
        return [Part(stack=stack) for stack in chosen]
    parts = [part for stack in chosen for part in _as_placed(stack, placed.get(stack), root, environ)]
    _say_overridden(parts, (HOST, CONTEXT), environ)
    return parts


def _as_placed(stack: str, placed: Placed | None, root: str, environ: Mapping[str, str]) -> list[Part]:
    """The parts of a stack as the root's hookman.toml says. Raises HookmanError."""
    if placed is None:
        return [Part(stack=stack)]
    directory = os.path.join(root, stack)
    if not marks.is_enabled(paths.data_dir(environ), os.path.realpath(directory)):
        raise ConfigError(
            f"{placed.where}: {shown(stack)} runs on {', '.join(placed.texts)}, but the stack is not enabled",
            f"hookman enable {shell_quoted(directory)}, or say where it runs: --context",
            placed.where,
        )
    try:
        found = matching(placed.texts, names(environ))
    except UsageError as error:
        raise ConfigError(f"{placed.where}: {error.message}", error.problem.fix, placed.where) from error
    return [Part(stack=stack, context=context) for context in found]


def _say_overridden(parts: list[Part], variables: tuple[str, ...], environ: Mapping[str, str]) -> None:
    """Say that `variables` of the user's do not count where they name another engine."""
    for name in variables:
        same = ("", DEFAULT, environ.get(name, "")) if name == CONTEXT else ("", DEFAULT)
        others = [context for context in engines_of(parts) if context not in same]
        if environ.get(name) and others:
            say(f"{name} is set, and does not count for what runs on {', '.join(others)}")


def _say_unknown(placed: Mapping[str, Placed], every: list[str]) -> None:
    """Say which tables are about no stack."""
    for stack, said in placed.items():
        if stack not in every:
            near = nearest(stack, every)
            fix = f"write [stacks.{shown(near)}]" if near else "correct the name, or remove the table"
            say(Problem(what=f"{said.where}: there is no stack {shown(stack)}", where=said.where, fix=fix).line)


def _say_stays(chosen: list[str], placed: Mapping[str, Placed], environ: Mapping[str, str]) -> None:
    """Say for which stacks the engine of the hook that calls counts, and not another one that hookman.toml says."""
    engine = context_shown(*host_and_context({}, environ))
    for stack in chosen:
        if stack in placed and engine not in placed[stack].texts:
            where = placed[stack].where
            what = f"{shown(stack)} runs on {engine}, the engine of this hook, and not as {where} says"
            say(Problem(what=what, where=where, fix=f"--context {','.join(placed[stack].texts)}").line)


def engines_line(placed: Placed, flags: Mapping[str, Sequence[str]], environ: Mapping[str, str]) -> str:
    """Where `hookman run` runs a stack, and where `docker compose` with docker's global `flags` does."""
    engine = shown(context_shown(*host_and_context(flags, environ)))
    return f"engines: hookman run uses {shown(', '.join(placed.texts))} ({placed.where}), docker compose {engine}"


def contexts_key(placed: Placed | None) -> dict[str, list[str]]:
    """The contexts of a stack, for JSON; nothing if the root says none."""
    return {"contexts": placed.texts} if placed else {}
