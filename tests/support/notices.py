"""What a project tells a collector, as its [[notify]] says."""

from __future__ import annotations

import os
from typing import Any

from tests.support.box import Project
from tests.support.collector import Collector
from tests.support.exports import idle
from tests.support.waiting import number_in, wait_for


def told(shop: Project, collector: Collector) -> list[Any]:
    """The JSON of all messages, once nothing is sent any more."""
    idle(shop.box)
    return [request.document for request in collector.requests]


def events(shop: Project, collector: Collector) -> list[tuple[str, str]]:
    """What was told of which command."""
    return [(one["command"], one["event"]) for one in told(shop, collector)]


def notify(shop: Project, *tables: str) -> None:
    """Let the project's settings be these tables."""
    shop.write("hookman.toml", "\n".join(f"[[notify]]\n{table}" for table in tables))


def up(shop: Project, code: int, **environ: str) -> None:
    """An `up` whose pre hook ends with that code, told before anything else happens."""
    shop.write("code", str(code))
    settings = [f"{name}={value}" for name, value in environ.items()]
    shop.box.run("env", *settings, "docker", "compose", "up", "-d", cwd=shop.path)
    idle(shop.box)


def interrupt(shop: Project, number: int) -> None:
    """An `up` that gets a signal while its pre hook runs."""
    shop.script("up.pre", "hold.sh", "echo $PPID >pid; touch held; exec sleep 1000")
    process = shop.start("docker", "compose", "up", "-d")
    wait_for(shop.path / "held")
    os.kill(number_in(shop.path / "pid"), number)
    process.wait()
