"""The Kompose document's stacks: "Testing Hooks", Directus, chaining; as written there, on the real engine.

Directus can't be had here: its container answers to the same `npx directus schema …`, and keeps
snapshots in its directory as that does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.databases import PASSWORD, Server
from tests.support.documents import block
from tests.support.engine import engine_variable

SEXY = """
services:
  api:
    image: {image}
    network_mode: host
    container_name: sexy_api
    command: sleep 1000
    stop_grace_period: 0s
    working_dir: /directus
    volumes: [".:/directus", "./npx:/usr/bin/npx"]
"""
NPX = """\
#!/bin/sh
echo "$*" >>called
[ "$3" != snapshot ] || echo "collections: []" >"$4"
"""
BLOG = """
services:
  web: {{image: hm-blog_web, network_mode: host, build: ., command: sleep 1000, stop_grace_period: 0s}}
"""
OTHER = """
services:
  web: {{image: {image}, network_mode: host, command: sleep 1000, stop_grace_period: 0s}}
"""
TRACE = """
hook_pre_restart() {{ echo "pre $stack $*" >>"$SCRIPT_DIR/trace"; }}
hook_post_restart() {{ echo "post $stack $*" >>"$SCRIPT_DIR/trace"; }}
hook_pre_build() {{ echo "pre $stack $*" >>"$SCRIPT_DIR/trace"; }}
hook_pre_down() {{ echo "pre $stack $*" >>"$SCRIPT_DIR/trace"; }}
"""


@pytest.fixture
def root(real_box: Box, server: Server) -> Iterator[Project]:
    """A root with the document's stacks, whose .env names a database on a server of this machine."""
    root = Project(real_box, real_box.base / "stacks")
    root.write(".env", f"DB_HOST=127.0.0.1\nDB_PORT={server.port}\nDB_USER=me\nDB_PASSWORD='{PASSWORD}'\n")
    image = engine_variable("HOOKMAN_TEST_IMAGE")
    for name, text in (("sexy", SEXY), ("news", OTHER), ("blog", BLOG), ("dependent-stack", OTHER)):
        stack = real_box.project(f"stacks/{name}", text.format(image=image), enable=False)
        stack.hooks_sh(TRACE.format())
    assert real_box.hookman("init", "--root", "--yes", cwd=root.path).code == 0
    (root.path / "blog/Dockerfile").write_text(f"FROM {image}\n")
    sexy = Project(real_box, root.path / "sexy")
    sexy.write(".env", "DB_NAME=directus\n")
    sexy.write("npx", NPX, 0o755)
    sexy.hooks_sh(block("Example 1: Directus Schema Management (sexy stack)"))
    server.sql("CREATE DATABASE directus")
    server.sql("CREATE TABLE pages (title text); INSERT INTO pages VALUES ('one')", "directus")
    yield root
    real_box.run(root.path / "kompose.sh", "*", "down", "--skip-hooks")
    real_box.run("docker", "rmi", "hm-blog_web")


def names(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name for path in folder.glob(pattern))


def test_testing_hooks(root: Project, server: Server) -> None:
    dry, execute, specific = re.split(r"^# .*\n", block("Testing Hooks"), flags=re.MULTILINE)[1:]
    box, sexy = root.box, root.path / "sexy"

    previewed = box.run("bash", "-ec", dry, cwd=root.path, DOCKER_BUILDKIT="0")
    assert previewed.code == 0, previewed
    assert [line for line in previewed.err.splitlines() if "would run" in line] == [
        "hookman: dry run: would run project.db_export.pre/hook_pre_db_export"
    ]
    assert names(sexy, "*.sql") == []
    assert box.run("docker", "ps", "-aq", "--filter", "name=sexy_api").out == ""

    executed = box.run("bash", "-ec", execute, cwd=root.path)
    assert executed.code == 0, executed
    assert len(names(sexy, "directus_*_*.sql")) == 1
    assert "  Warning: Could not export schema snapshot\n" in executed.err  # it was not up yet
    assert box.run("docker", "ps", "-q", "--filter", "name=sexy_api").out

    assert box.run(root.path / "kompose.sh", "news", "up", "-d").code == 0
    commanded = box.run("bash", "-ec", specific, cwd=root.path, DOCKER_BUILDKIT="0")
    assert commanded.code == 0, commanded
    downs = [f"pre {stack} down" for stack in ("blog", "dependent-stack", "news")]
    assert root.trace() == ["pre news restart", "post news restart", "pre blog build", *downs]
    assert box.run("docker", "ps", "-q", "--filter", "name=sexy_api").out == ""


def test_directus_schema_management(root: Project, server: Server) -> None:
    kompose, sexy = root.path / "kompose.sh", Project(root.box, root.path / "sexy")
    assert root.box.run(kompose, "sexy", "up", "-d").code == 0
    exported = root.box.run(kompose, "sexy", "db:export")
    assert exported.code == 0, exported
    (snapshot,) = names(sexy.path, "directus_schema_*.yaml")
    assert f"  Exporting Directus schema snapshot...\n  Schema snapshot saved: {snapshot}\n" in exported.err
    server.sql("UPDATE pages SET title = 'two'", "directus")
    started = sexy.docker("inspect", "-f", "{{.State.StartedAt}}", "sexy_api").out
    imported = root.box.run(kompose, "sexy", "db:import", "--yes")
    assert imported.code == 0, imported
    assert f"  Applying Directus schema from: {snapshot}\n  Schema applied successfully\n" in imported.err
    assert "  Restarting Directus to apply changes...\n" in imported.err
    assert server.sql("SELECT title FROM pages", "directus") == "one"
    assert sexy.docker("inspect", "-f", "{{.State.StartedAt}}", "sexy_api").out != started
    asked = [f"directus schema {verb} {snapshot}" for verb in ("snapshot", "apply")]
    assert (sexy.path / "called").read_text().splitlines() == asked


def test_hook_chaining(root: Project) -> None:
    Project(root.box, root.path / "news").hooks_sh(block("Hook Chaining"))
    for stack in ("news", "dependent-stack"):
        assert root.box.run(root.path / "kompose.sh", stack, "up", "-d").code == 0
    restarted = root.box.run(root.path / "kompose.sh", "news", "restart", "-t", "0")
    assert restarted.code == 0, restarted
    assert "  Restarting dependent services...\n" in restarted.err
    assert root.trace() == ["pre dependent-stack restart", "post dependent-stack restart"]
