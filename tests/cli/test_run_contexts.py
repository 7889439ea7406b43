"""hookman run on many engines: which contexts are meant, and what goes to each (issue 18)."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess

import pytest

from tests.support.box import PATIENCE, Box, Project, Result
from tests.support.contexts import create_context
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for

HOOK = 'hook_pre_up() { echo "$stack ${DOCKER_CONTEXT-none} ${DOCKER_HOST-none}" >>../trace; }\n'


END = "'echo ended >>../ended; exit 1'"
THERE_ARE = "name one of these: default, edge-1, edge-2, prod"
WANTED = "2: context: must be the name of a docker context, or a list of names"


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


class TestSettings:
    """[stacks.NAME] context = ... in the root's hookman.toml."""

    def test_a_stack_runs_where_the_root_says_and_the_others_as_before(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = ["edge-2", "prod"]\n')
        result = reached.run("*", "up", "-d")
        assert result.code == 0, result
        assert reached.trace() == ["blog none none", "web edge-2 none", "web prod none"]
        assert summary(result) == ["blog ok", "web on edge-2 ok", "web on prod ok"]

    def test_the_local_file_wins(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n[stacks.blog]\ncontext = "prod"\n')
        reached.settings('[stacks.web]\ncontext = "edge-1"\n', "hookman.local.toml")
        reached.run("*", "up", "-d")
        assert reached.trace() == ["blog prod none", "web edge-1 none"]

    def test_the_command_line_wins(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        reached.run("--context", "edge-1", "*", "up", "-d")
        assert reached.trace() == ["blog edge-1 none", "web edge-1 none"]

    @pytest.mark.parametrize("name", ["DOCKER_HOST", "DOCKER_CONTEXT"])
    def test_a_variable_on_the_command_line_wins(self, root: Root, name: str) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        root.run("-e", f"{name}=x", "web", "up", "-d")
        assert root.trace() == [{"DOCKER_HOST": "web none x", "DOCKER_CONTEXT": "web x none"}[name]]

    def test_plain_docker_compose_is_not_changed(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        root.stacks["web"].compose("up", "-d")
        assert root.trace() == ["web none none"]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[stacks.web]\ncontext = "egde-1"', "2: there is no docker context 'egde-1'. Fix: Did you mean 'edge-1'?"),
            ("[stacks.web]\ncontext = 1", WANTED),
            ("[stacks.web]\ncontext = []", WANTED),
            (
                '[stacks.web]\ncontext = ["a", 1]',
                "2: context: must be the name of a docker context, or a list of names",
            ),
            ('[stacks.web]\ncontext = " , "', WANTED),
            ('\n[stacks.web]\nhost = "x"', "3: host: unknown key. Fix: the key of such a table is context"),
            ('stacks = "edge-1"', "1: stacks: must be tables. Fix: write it like this: [stacks.web]"),
            ('[stacks]\nweb = "edge-1"', "2: web: must be a table. Fix: write it like this: [stacks.web]"),
        ],
    )
    def test_what_is_wrong_is_an_error_with_its_line(self, root: Root, text: str, said: str) -> None:
        root.settings(text)
        result = root.run("web", "up", "-d")
        assert result.code == 78
        assert f"hookman: {root.path}/hookman.toml:{said}" in result.err
        assert root.trace() == root.box.calls() == []

    def test_a_table_for_a_stack_that_is_not_there_is_said(self, root: Root) -> None:
        root.settings('[stacks.wbe]\ncontext = "edge-1"\n')
        result = root.run("-n", "web", "up", "-d")
        assert result.code == 0
        place = f"{root.path}/hookman.toml:2"
        assert f"hookman: {place}: there is no stack wbe. Fix: write [stacks.web]\n" in result.err

    def test_what_others_may_write_does_not_count(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        (root.path / "hookman.toml").chmod(0o666)
        result = root.run("web", "up", "-d")
        assert (result.code, root.trace()) == (1, [])
        assert "any user of this machine may write to " in result.err

    def test_it_counts_only_for_a_stack_that_is_enabled(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "prod"\n')
        root.stacks["web"].hookman("disable")
        result = root.run("*", "down")
        assert (result.code, root.box.calls()) == (78, [])
        assert "hookman.toml:2: web runs on prod, but the stack is not enabled. Fix: hookman enable " in result.err

    def test_in_a_users_own_file_it_is_an_error(self, shop: Project) -> None:
        shop.box.user_settings('[stacks.web]\ncontext = "prod"\n')
        result = shop.compose("up", "-d")
        assert result.code == 78
        assert "config.toml:1: stacks: is for the hookman.toml of a root" in result.err

    def test_it_can_be_set_and_read(self, root: Root) -> None:
        def config(*words: str) -> Result:
            return root.box.hookman("config", *words, cwd=root.path)

        assert config("set", "stacks.web.context", "edge-1,edge-2").code == 0
        assert (root.path / "hookman.toml").read_text().split() == [
            "[stacks.web]",
            "context",
            "=",
            "[",
            '"edge-1",',
            '"edge-2",',
            "]",
        ]
        assert config("get", "stacks.web.context").out == '["edge-1", "edge-2"]\n'
        assert 'stacks.web.context = ["edge-1", "edge-2"]' in config("list").out
        assert config("set", "--user", "stacks.web.context", "edge-1").code == 78
        assert config("unset", "stacks.web.context").out.endswith("now in force: stacks.web.context = none\n")

    def test_list_and_explain_say_where_both_run_it(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = ["edge-1", "edge-2"]\n')
        said = f"engines: hookman run uses edge-1, edge-2 ({root.path}/hookman.toml:2), docker compose "
        web = root.stacks["web"]
        assert f"{said}default\n" in web.hookman("list").out
        assert f"{said}prod\n" in web.hookman("list", DOCKER_CONTEXT="prod").out
        assert f"{said}prod\n" in web.hookman("explain", "--", "docker", "--context", "prod", "compose", "up").out
        assert json.loads(web.hookman("list", "--json").out)["project"]["contexts"] == ["edge-1", "edge-2"]
        assert json.loads(web.hookman("explain", "--json", "--", "docker", "compose", "up").out)["contexts"] == [
            *("edge-1", "edge-2")
        ]
        assert "engines:" not in root.stacks["blog"].hookman("list").out

    def test_the_list_of_stacks_shows_it(self, root: Root) -> None:
        root.settings('[stacks.web]\ncontext = "edge-*"\n')
        assert root.run("--list").out == "blog\nweb  on edge-1, edge-2\n"


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


class TestInAHook:
    """A hook that calls hookman run."""

    def test_the_engine_stays_and_another_one_in_the_settings_is_said(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        reached.stacks["blog"].hooks_sh("hook_post_up() { hookman run web up -d; }\n")
        result = reached.run("--context", "edge-1", "blog", "up", "-d")
        assert reached.trace() == ["web edge-1 none"]
        where = f"{reached.path}/hookman.toml:2"
        assert (
            f"web runs on edge-1, the engine of this hook, and not as {where} says. Fix: --context prod\n" in result.err
        )

    def test_a_context_can_be_named(self, reached: Root) -> None:
        reached.stacks["blog"].hooks_sh("hook_post_up() { hookman run --context prod web up -d; }\n")
        reached.run("--context", "edge-1", "blog", "up", "-d")
        assert reached.trace() == ["web prod none"]

    def test_without_an_engine_of_its_own_the_settings_count(self, reached: Root) -> None:
        reached.settings('[stacks.web]\ncontext = "prod"\n')
        reached.stacks["blog"].hooks_sh("hook_post_up() { hookman run web up -d; }\n")
        result = reached.stacks["blog"].compose("up", "-d")
        assert result.code == 0, result
        assert reached.trace() == ["web prod none"]


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


class TestRolling:
    """--rolling N."""

    def test_it_goes_engine_by_engine(self, reached: Root) -> None:
        result = reached.run("--rolling", "1", "--context", "edge-2,edge-1", "*", "up", "-d")
        assert result.code == 0
        assert reached.trace() == ["blog edge-2 none", "web edge-2 none", "blog edge-1 none", "web edge-1 none"]
        begins = [line for line in result.err.splitlines() if " begins" in line]
        assert begins == ["hookman: edge-2 begins: engine 1 of 2", "hookman: edge-1 begins: engine 2 of 2"]

    def test_it_stops_at_the_first_engine_that_fails_and_says_how_far_it_came(self, reached: Root) -> None:
        reached.stacks["blog"].hooks_sh(HOOK + 'hook_post_up() { [ "$DOCKER_CONTEXT" != edge-2 ]; }\n')
        result = reached.run("--rolling", "1", "--context", "edge-1,edge-2,prod", "*", "up", "-d")
        assert result.code == 1
        assert reached.trace()[2:] == ["blog edge-2 none", "web edge-2 none"]
        assert "hookman: engines done: edge-1; failed: edge-2; not begun: prod\n" in result.err
        assert "hookman: web on prod     not run\n" in result.err
        assert "to go on: hookman run --rolling 1 --context edge-2,prod '*' up -d\n" in result.err

    def test_an_engine_that_cant_be_reached_has_failed(self, root: Root) -> None:
        result = root.run("--rolling", "1", "--context", "edge-1,edge-2", "web", "up", "-d")
        assert "hookman: engines failed: edge-1; not begun: edge-2\n" in result.err

    def test_after_ctrl_c_no_engine_begins_and_it_says_how_far_it_came(self, reached: Root) -> None:
        waits = '[ "$DOCKER_CONTEXT" = edge-1 ] || { : >../runs; exec sleep 1000; }'
        reached.stacks["blog"].hooks_sh(f"hook_pre_up() {{ {waits}; }}\n")
        words = ("--rolling", "1", "--context", "edge-1,edge-2,prod", "*", "up", "-d")
        terminal = Terminal(Project(reached.box, reached.path), "hookman", "run", *words)
        wait_for(reached.path / "runs")
        terminal.type(b"\x03")
        assert terminal.wait() == 130
        said = terminal.seen.decode()
        assert re.search(r"blog on edge-2 +stopped +\d", said), said
        assert "engines done: edge-1; failed: edge-2; not begun: prod" in said
        assert "to go on: hookman run --rolling 1 --context edge-2,prod '*' up -d" in said

    def test_the_plan_is_shown_in_that_order(self, root: Root) -> None:
        shown = root.run("-n", "--rolling", "1", "--context", "edge-2,edge-1", "*", "up").out.splitlines()
        assert [line.partition(":")[0] for line in shown] == [
            *("blog on edge-2", "web on edge-2"),
            *("blog on edge-1", "web on edge-1"),
        ]

    def test_on_one_engine_it_changes_nothing_and_says_so(self, root: Root) -> None:
        result = root.run("--rolling", "2", "*", "up", "-d")
        assert result.code == 0
        assert "hookman: --rolling changes nothing, because everything runs on one engine\n" in result.err

    @pytest.mark.parametrize("number", ["0", "-1", "two", "1.5", ""])
    def test_another_number_is_an_error(self, root: Root, number: str) -> None:
        result = root.run(f"--rolling={number}", "*", "up")
        assert (result.code, root.box.calls()) == (2, [])
        assert "run: --rolling must be a whole number of 1 or more" in result.err


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
