"""Stacks of services on the real engine, and hooks that run in their containers."""

from __future__ import annotations

import json
import shutil
from typing import Any

from tests.support.box import Box, Project
from tests.support.engine import ask, containers_of, remove_containers

# Without a network of its own a container takes half the time; few tests are about networks.
SERVICE = "image: hookman-busybox, network_mode: host, stop_grace_period: 0s"
SLEEPS = f"{SERVICE}, command: sleep 1000"
STACK = f"""
services:
  web: {{{SLEEPS}, environment: {{OWN: own}}, working_dir: /tmp}}
  db: {{{SLEEPS}}}
"""
# As the pages of the documentation have them.
OF_PAGE = f"""
services:
  web: {{{SLEEPS}, volumes: ["./bin:/app", data:/d], working_dir: /app}}
  db: {{{SLEEPS}}}
volumes: {{data: }}
"""
OF_RECIPES = f"""
services:
  web: {{{SLEEPS}, volumes: ["./bin:/app"], working_dir: /app}}
"""
OF_SERVICE = "com.docker.compose.service"
HIDDEN = ("unshare", "--pid", "--fork", "--mount-proc")  # a system that does not see the processes of the engine
AS_PLUGIN = ("env", "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND=docker")  # how docker starts the shim


def name_in(box: Box, name: str) -> str:
    """A name for a project on this machine that no other machine of the tests has."""
    own = box.base.relative_to(box.base.parents[1])
    return "-".join([name, *own.parts]).lower().replace("_", "-")


def as_at_first(stack: Project, compose: str = STACK) -> bool:
    """Remove what a test left in the stack's directory, and its containers if they are not as they were at first.

    Do they still run? A container has the directory `bin` of some stacks: it is only emptied.
    """
    for path in [*stack.path.iterdir(), *stack.path.glob("bin/*")]:
        if path.is_dir() and path != stack.path / "bin":
            shutil.rmtree(path)
        elif not path.is_dir():
            path.unlink()
    stack.write("compose.yaml", compose)
    if everything_in(stack) == ["sleep 1000"] * compose.count("sleep 1000"):
        return True
    remove_containers(stack.box)
    return False


def with_programs(project: Project) -> Project:
    """The project with the programs `migrate` and `seed` in /app of `web`, which note that they were called."""
    for program in ("migrate", "seed"):
        project.write(f"bin/bin/{program}", f"#!/bin/sh\necho {program} >>/app/called\n", 0o755)
    return project


def lines(project: Project, name: str) -> list[str]:
    """The lines of a file that hooks wrote; none if there is none."""
    path = project.path / name
    return path.read_text().splitlines() if path.exists() else []


def up(shop: Project, *words: str, code: int = 0) -> str:
    """What `up -d` says on stderr."""
    result = shop.compose("up", "-d", *words)
    assert result.code == code, result
    return result.err


def last_hook(shop: Project) -> dict[str, Any]:
    """The last hook of the last run, as the log has it."""
    return shop.box.runs()[-1]["hooks"][-1]  # type: ignore[no-any-return]


def limited(run: str, more: str = "") -> str:
    """A table of a hook in the container of `web` that may take a second."""
    text = f'[hooks.a]\non = "up.post"\nservice = "web"\nrun = {json.dumps(run)}\ntimeout = "1s"\ngrace = "500ms"\n'
    return text + more


def processes_in(container: dict[str, Any]) -> list[str]:
    """The command lines in a container; none if it does not run."""
    answer = ask("GET", f"/containers/{container['Id']}/top?ps_args=-o%20pid,args")
    return [args for _, args in answer.get("Processes") or []]


def running_in(shop: Project, service: str = "web", number: int = 0) -> list[str]:
    """What runs in a container beside its own command, and the health check's."""
    found = [one for one in containers_of(shop.path.name) if one["Config"]["Labels"][OF_SERVICE] == service]
    found.sort(key=lambda one: one["Name"])
    return [args for args in processes_in(found[number]) if args not in ("sleep 1000", "/sleep 1000")]


def everything_in(shop: Project) -> list[str]:
    """What runs in the containers of the project."""
    return [args for one in containers_of(shop.path.name) for args in processes_in(one)]


def health_in(shop: Project) -> list[str]:
    """What the health checks of the project's containers say."""
    states = [one["State"] for one in containers_of(shop.path.name)]
    return [state["Health"]["Status"] for state in states if "Health" in state]
