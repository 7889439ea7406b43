"""A root of two stacks on a machine with three docker contexts."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.support.box import Box, Project, Result
from tests.support.contexts import create_context

HOOK = 'hook_pre_up() { echo "$stack ${DOCKER_CONTEXT-none} ${DOCKER_HOST-none}" >>../trace; }\n'


class Root:
    """A root of two stacks, and three contexts; all of them are an engine that always answers."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.path = box.base / "stacks"
        self.stacks = {name: box.project(f"stacks/{name}", enable=False) for name in ("blog", "web")}
        assert box.hookman("init", "--root", "--yes", "stacks").code == 0
        for stack in self.stacks.values():
            stack.hooks_sh(HOOK)
        for name in ("edge-1", "edge-2", "prod"):
            create_context(box, name, f"unix://{box.base}/{name}.sock")

    def run(self, *words: str, **environ: str) -> Result:
        return self.box.hookman("run", *words, cwd=self.path, **environ)

    def settings(self, text: str, name: str = "hookman.toml") -> None:
        (self.path / name).write_text(text)

    def trace(self) -> list[str]:
        return Project(self.box, self.path).trace()


@pytest.fixture
def root(box: Box) -> Root:
    box.user_settings('lock = "local"\n')
    return Root(box)


@pytest.fixture
def reached(root: Root) -> Root:
    """A root whose engines can all be reached: `docker version` succeeds."""
    docker = root.box.base / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo 28.0.0 && exit\nexec {shutil.which("docker")} "$@"\n')
    docker.chmod(0o755)
    root.box.environ["PATH"] = f"{docker.parent}:{root.box.environ['PATH']}"
    return root


def summary(result: Result) -> list[str]:
    """What the summary says of each part."""
    found = re.findall(r"^hookman: (.*?)  +(ok|exit \d+|not reached|stopped|not run)(?:  |$)", result.err, re.MULTILINE)
    return [" ".join(words) for words in found]
