"""hookman run on many engines: which contexts are meant, and what goes to each (issue 18)."""

from __future__ import annotations

import re
import signal
import subprocess

import pytest

from tests.support.box import PATIENCE, Project
from tests.support.edges import Root, summary
from tests.support.waiting import wait_for

END = "'echo ended >>../ended; exit 1'"
THERE_ARE = "name one of these: default, edge-1, edge-2, prod"


def test_each_stack_runs_on_each_engine_in_the_order_of_the_stacks(reached: Root) -> None:
    result = reached.run("--context", "edge-2,edge-1", "*", "up", "-d")
    assert result.code == 0, result
    assert reached.trace() == ["blog edge-2 none", "blog edge-1 none", "web edge-2 none", "web edge-1 none"]
    assert summary(result) == ["blog on edge-2 ok", "blog on edge-1 ok", "web on edge-2 ok", "web on edge-1 ok"]
    assert "hookman: ── web on edge-1\n" in result.err
    assert reached.box.compose_environ()["DOCKER_CONTEXT"] == "edge-1"


def test_the_log_says_on_which_engine_a_run_was(reached: Root) -> None:
    reached.run("--context", "edge-*", "web", "up", "-d")
    assert [(run["name"], run["context"]) for run in reached.box.runs()] == [("web", "edge-1"), ("web", "edge-2")]


@pytest.mark.parametrize(
    ("options", "engines"),
    [
        (["--context", "edge-*"], ["edge-1", "edge-2"]),
        (["--context", "prod, edge-1,,prod"], ["prod", "edge-1"]),
        (["--context=prod", "--context=edge-?"], ["prod", "edge-1", "edge-2"]),
        (["--context", "edge-2,*"], ["edge-2", "default", "edge-1", "prod"]),
    ],
)
def test_contexts_are_named_like_stacks(root: Root, options: list[str], engines: list[str]) -> None:
    result = root.run("-n", *options, "web", "up", "-d")
    assert result.code == 0, result
    shown = re.findall(r"^web on (\S+): docker --context (\S+) compose up -d$", result.out, re.MULTILINE)
    assert shown == [(engine, engine) for engine in engines]


@pytest.mark.parametrize(
    ("contexts", "said"),
    [
        ("egde-1", "there is no docker context 'egde-1'. Fix: Did you mean 'edge-1'?"),
        (
            "edge-1,nothing",
            "there is no docker context 'nothing'. Fix: name one of these: default, edge-1, edge-2, prod",
        ),
        ("stage-*", "no docker context matches 'stage-*'. Fix: name one of these: default, edge-1, edge-2, prod"),
        ("", "'' names no context. Fix: name one of these: default, edge-1, edge-2, prod"),
        (" , ", "' , ' names no context. Fix: name one of these: default, edge-1, edge-2, prod"),
    ],
)
def test_a_context_that_is_not_there_is_an_error_before_anything_runs(root: Root, contexts: str, said: str) -> None:
    result = root.run("--context", contexts, "*", "up", "-d")
    assert (result.code, result.err) == (2, f"hookman: {said}\n")
    assert root.trace() == root.box.calls() == []


class TestVariables:
    """DOCKER_HOST and DOCKER_CONTEXT of the caller's."""

    def test_docker_host_does_not_count_and_that_is_said_once(self, reached: Root) -> None:
        result = reached.run("--context", "edge-1,edge-2", "*", "up", "-d", DOCKER_HOST="tcp://other:1")
        assert {line.partition(" ")[2] for line in reached.trace()} == {"edge-1 none", "edge-2 none"}
        line = "hookman: DOCKER_HOST is set, and does not count for what runs on edge-1, edge-2\n"
        assert result.err.count(line) == 1
        assert "DOCKER_HOST" not in reached.box.compose_environ()

    def test_the_default_context_is_docker_host(self, reached: Root) -> None:
        """`docker --context default` uses DOCKER_HOST, too."""
        result = reached.run("--context", "default", "web", "up", "-d", DOCKER_HOST="tcp://other:1")
        assert (reached.trace(), "is set" in result.err) == (["web default tcp://other:1"], False)

    def test_a_file_counts_before_docker_context_and_that_is_said(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        result = reached.run("*", "up", "-d", DOCKER_CONTEXT="edge-1")
        assert reached.trace() == ["blog edge-1 none", "web prod none"]
        assert "hookman: DOCKER_CONTEXT is set, and does not count for what runs on prod\n" in result.err

    @pytest.mark.parametrize("name", ["DOCKER_HOST", "DOCKER_CONTEXT"])
    def test_two_answers_on_the_command_line_are_an_error(self, root: Root, name: str) -> None:
        result = root.run("-e", f"{name}=x", "--context", "edge-1", "web", "up")
        assert (result.code, root.box.calls()) == (2, [])
        assert f"-e {name} and --context both say which engine is meant" in result.err

    def test_a_docker_host_in_a_dotenv_does_not_count(self, reached: Root) -> None:
        (reached.path / ".env").write_text("DOCKER_HOST=tcp://evil:1\nDOCKER_CONTEXT=prod\n")
        reached.stacks["web"].write(".env", "DOCKER_HOST=tcp://evil:1\n")
        reached.run("--context", "edge-1", "web", "up", "-d")
        assert reached.trace() == ["web edge-1 none"]
        assert "DOCKER_HOST" not in reached.box.compose_environ()


class TestNotReached:
    """An engine that is not there."""

    def test_its_stacks_fail_and_no_hook_of_theirs_runs(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "edge-1"\n')
        result = root.run("*", "up", "-d")
        assert (result.code, root.trace(), root.box.calls()) == (1, ["blog none none"], ["<up><-d>"])
        said = "hookman: web on edge-1: the engine can't be reached, so nothing was run: Cannot connect to the Docker"
        assert result.err.count(said) == 1
        assert "Fix: docker --context edge-1 version\n" in result.err
        assert re.search(r"^hookman: blog +ok +\d", result.err, re.MULTILINE)
        assert re.search(r"^hookman: web on edge-1 +not reached +\d", result.err, re.MULTILINE)

    def test_it_is_in_the_log(self, root: Root) -> None:
        root.run("--context", "edge-1", "web", "up", "-d")
        (run,) = root.box.runs()
        found = run["name"], run["command"], run["context"], run["result"], run["argv"]
        assert found == ("web", "up", "edge-1", "failed", ["compose", "up", "-d"])
        assert "can't be reached" in run["problem"]["what"]

    def test_a_command_that_needs_no_engine_runs(self, root: Root) -> None:
        assert root.run("--context", "edge-1", "web", "config").code == 0
        assert root.box.calls() == ["<config>"]

    def test_side_by_side_it_is_asked_once(self, root: Root) -> None:
        docker = root.box.base / "bin/docker"
        docker.parent.mkdir()
        docker.write_text(f'#!/bin/sh\necho "$DOCKER_CONTEXT" >>{root.path}/asked\nexit 1\n')
        docker.chmod(0o755)
        environ = {"PATH": f"{docker.parent}:{root.box.environ['PATH']}"}
        result = root.run("--jobs", "8", "--context", "edge-1,edge-2", "*", "up", "-d", **environ)
        assert sorted((root.path / "asked").read_text().split()) == ["edge-1", "edge-2"]
        assert result.err.count("docker version failed with exit code 1") == 4


def test_a_stack_whose_settings_are_wrong_does_not_stop_the_others(root: Root) -> None:
    root.stacks["blog"].hookman("disable")
    root.stacks["blog"].write(".env", "A=${B:?missing}\n")
    for options in ([], ["--jobs", "2"]):
        result = root.run(*options, "*", "up", "-d")
        assert "Traceback" not in result.err
        assert root.trace().pop() == "web none none"
        assert "hookman: web   ok " in result.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_sigterm_ends_what_runs_and_starts_nothing_more(root: Root, jobs: str) -> None:
    root.stacks["blog"].hooks_sh(f"hook_pre_up() {{ trap {END} TERM; : >../runs; read x <../go; }}\n")
    assert root.box.run("mkfifo", root.path / "go").code == 0
    words = ("run", "--jobs", jobs, "--rolling", "1", "*", "up", "-d")
    process = Project(root.box, root.path).start("hookman", *words, stderr=subprocess.PIPE)
    wait_for(root.path / "runs")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, (root.path / "ended").read_text()) == (143, "ended\n"), err
    assert re.search(rb"hookman: blog  stopped +\d", err), err
