from __future__ import annotations

import json

from tests.support.box import Box, Project


def test_json_has_a_pinned_shape(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    result = shop.hookman("explain", "--json", "--", "docker", "compose", "-p", "x", "up", "-d")
    assert json.loads(result.out) == {
        "version": 1,
        "operation": True,
        "why": "Compose would carry it out",
        "subcommand": "up",
        "args": ["up", "-d"],
        "project_dir": str(shop.path),
        "project_name": "x",
        "files": [str(shop.path / "compose.yaml")],
        "env_files": [],
        "enabled": True,
        "locks": True,
        "hooks": [
            {
                "event": "project.up.pre",
                "name": "a.sh",
                "kind": "script",
                "path": str(shop.path / ".dde/hooks/project.up.pre/a.sh"),
                "action": "run",
                "reason": "",
            }
        ],
    }


def test_a_command_that_is_not_an_operation_has_no_hooks(shop: Project) -> None:
    shop.script("up.pre", "a.sh")
    found = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up", "--help").out)
    assert (found["operation"], found["subcommand"], found["hooks"], found["locks"]) == (False, "up", [], False)


def test_docker_compose_is_understood_too(shop: Project) -> None:
    found = json.loads(shop.hookman("explain", "--json", "--", "docker-compose", "down").out)
    assert (found["operation"], found["subcommand"]) == (True, "down")


def test_people_get_a_line_for_each_fact(box: Box) -> None:
    project = box.project(enable=False)
    project.script("up.pre", "a.sh")
    shown = project.hookman("explain", "--", "docker", "compose", "up").out
    assert "operation     yes (Compose would carry it out)\n" in shown
    assert "enabled       no\n" in shown
    assert "skip          project.up.pre/a.sh (not enabled)\n" in shown


def test_another_program_is_an_error(shop: Project) -> None:
    result = shop.hookman("explain", "--", "podman", "up")
    assert result.code == 2
    assert "neither docker nor docker-compose" in result.err


def test_the_json_has_a_version(shop: Project) -> None:
    assert json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)["version"] == 1


def test_a_failed_hook_is_one_that_runs_only_if_the_command_fails(shop: Project) -> None:
    shop.script("up.failed", "a.sh")
    shop.script("up.always", "b.sh")
    lines = shop.hookman("explain", "--", "docker", "compose", "up").out.splitlines()
    assert lines[-2:] == [
        "run           project.up.failed/a.sh (if the command fails)",
        "run           project.up.always/b.sh",
    ]
