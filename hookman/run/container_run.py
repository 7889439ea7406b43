"""A hook in a new container of its service: `docker compose run`, by the real Compose, so that no hooks run again.

Compose creates the container from the image as it is now, after what the service depends on has started.
"""

from __future__ import annotations

import json
import os

from hookman.base.errors import Problem
from hookman.base.process_tree import HOOK_ID
from hookman.compose.oracle import beside
from hookman.hooks.container_kind import NotInContainerError
from hookman.run.container_guard import ContainerGuard
from hookman.run.container_launch import Launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hookman.run.container_launch import Context

LABEL = "hookman.hook"  # of the container; container_guard.sh knows it
ON_THE_LINE = ("build", "no-deps")  # flags of the command line that count for the new container too


def launch(context: Context, file: str) -> Launch:
    """What starts the hook. Its variables are in `file`, which Compose reads. Raises NotInContainerError."""
    hook, op = context.hook, context.op
    token = f"{context.token}.0"
    told, environ = context.told(), context.clients()
    invocation = op.lookup.invocation
    line = invocation.argv[: len(invocation.argv) - len(invocation.args)]
    if op.lookup.compose:
        argv = [op.lookup.compose, *line]
        environ = beside(invocation, environ)
    else:
        argv = [*context.docker, "compose"]
        environ["HOOKMAN_SKIP"] = "1"
    with_file = _with_variables(context, file) if context.own() else []
    flags = ["--rm", f"--label={LABEL}={token}", "--entrypoint=", *_terminal(context)]
    flags += [f"--{name}" for name in ON_THE_LINE if invocation.switched(name)]
    flags += [f"--{key}={hook.keys[key]}" for key in ("user", "workdir") if key in hook.keys]
    flags += [f"--env={name}" for name in told]
    return Launch(
        argv=[*argv, *with_file, "run", *flags, hook.keys["service"], *context.words()],
        environ={**environ, **told, HOOK_ID: context.token},
        container="",
        image="",
        guard=ContainerGuard(context.docker, context.clients(), token=token, container="", user="", helpers=[]),
        file=file if with_file else "",
    )


def _terminal(context: Context) -> list[str]:
    """The flags for its stdin and its output."""
    if context.hook.keys.get("pty"):
        return ["--no-TTY=false", "--interactive=false"]
    return ["--no-TTY", *([] if context.asks else ["--interactive=false"])]


def _with_variables(context: Context, file: str) -> list[str]:
    """Write the hook's own variables as one more compose file, and return the flags that name all files.

    In Compose's environment they would count where compose.yaml has `$NAME`, and its command line is seen by all.
    """
    project, flags = context.op.surroundings.project, context.op.lookup.invocation.global_flags
    if not project.may_be_read:
        what = "a compose file that is a pipe can be read only once, and the command itself needs it"
        problem = Problem(what=what, where=context.hook.place, fix="write it to a file, or remove env")
        raise NotInContainerError(problem)
    variables = {name: value.replace("$", "$$") for name, value in context.own().items()}
    text = json.dumps({"services": {context.hook.keys["service"]: {"environment": variables}}})
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text)
    except OSError as error:
        what = f"its variables can't be written: {error.strerror}: {file}"
        raise NotInContainerError(Problem(what=what, where=context.hook.place, fix="make it writable")) from error
    found = [] if "file" in flags else [f"--file={path}" for path in project.files]
    found.append(f"--file={file}")
    if not {"project-directory", "workdir"} & {*flags}:
        found.append(f"--project-directory={project.directory}")
    if project.sure and "project-name" not in flags:
        found.append(f"--project-name={project.name}")
    return found
