"""Hooks in a service's container, on the real engine (DESIGN 1.10)."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.box import PATIENCE, Project
from tests.support.engine import containers_of
from tests.support.stacks import everything_in, last_hook, limited, running_in, up
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until_engine

if TYPE_CHECKING:
    from tests.support.collector import Collector

pytestmark = pytest.mark.engine


def test_a_text_is_for_the_shell_of_the_container(stack: Project) -> None:
    stack.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "echo $OWN in $PWD as $(id -u)"\n')
    assert "own in /tmp as 0\n" in up(stack)
    hook = last_hook(stack)
    assert (hook["kind"], hook["result"], hook["service"]) == ("container", "ok", "web")
    assert (hook["container"], hook["image"]) == (f"{stack.path.name}-web-1", "hookman-busybox")


def test_words_are_started_as_they_are_by_the_user_and_in_the_directory_of_the_table(stack: Project) -> None:
    stack.write(
        "hookman.toml",
        """
        [hooks.a]
        on = "up.post"
        service = "web"
        run = ["sh", "-c", 'echo "$0: $(pwd) $(id -u):$(id -g)"', "-x $a"]
        user = "12:34"
        workdir = "/etc"
        """,
    )
    assert "-x $a: /etc 12:34\n" in up(stack)


def test_a_failure_is_one_and_its_stderr_is_in_the_message(stack: Project) -> None:
    stack.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "echo no >&2; exit 3"\n')
    assert 'Hook "a" failed with exit code 3: no\n' in up(stack)
    assert last_hook(stack)["exit_code"] == 3


def test_what_a_hook_left_running_in_its_container_lives_on(stack: Project) -> None:
    stack.write("hookman.toml", limited("sleep 510 & echo left").replace("1s", "20s"))
    assert "left" in up(stack)
    assert running_in(stack) == ["sleep 510"]


def test_in_all_replicas_one_after_the_other_with_their_names(stack: Project) -> None:
    stack.write("hookman.toml", limited("hostname").replace("1s", "60s") + 'replicas = "all"\n')
    said = up(stack, "--scale", "web=3")
    name = f"{stack.path.name}-web-"
    places = [said.index(f"{name}{number}:\n") for number in (1, 2, 3)]
    assert places == sorted(places)
    assert last_hook(stack)["container"] == f"{name}1, {name}2, {name}3"
    stack.write("hookman.toml", limited("exit 4").replace("1s", "60s") + 'replicas = "all"\n')
    said = up(stack, "--scale", "web=3")
    assert (f"{name}1:\n" in said, f"{name}2:\n" in said) == (True, False)
    # Only in the first one unless told otherwise.
    stack.write("hookman.toml", limited("echo once").replace("1s", "60s"))
    assert up(stack, "--scale", "web=3").count("once\n") == 1


def test_a_service_that_does_not_run_is_told(stack: Project) -> None:
    stack.write("hookman.toml", limited("true").replace("up.post", "ps.post"))
    stack.compose("stop", "-t", "0", "--skip-hooks")
    assert f"no container of web runs: {stack.path.name}-web-1 is exited. Fix: " in stack.compose("ps").err
    stack.compose("down", "--skip-hooks")
    assert "no container of web runs. Fix: docker compose up -d web" in stack.compose("ps").err


def test_exports_and_values_of_earlier_hooks_are_there_and_what_means_the_host_is_not(stack: Project) -> None:
    stack.hooks_sh("hook_pre_up() { export EXPORTED='a b'; export PATH=\"$PATH:/nowhere\"; }\n")
    stack.script("up.pre", "a.sh", 'echo "SAID=x y" >>"$HOOKMAN_ENV"')
    run = "echo $EXPORTED, $SAID, $HOOKMAN_EVENT, $HOOKMAN_ARGS, $PATH, ${HOOKMAN_ENV-none}${HOOKMAN_DATA_DIR-none}"
    stack.write("hookman.toml", f'[hooks.a]\non = "up.post"\nservice = "web"\nrun = "{run}"\n')
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert f"a b, x y, project.up.post, up -d, {path}, nonenone\n" in up(stack)


def test_where_runs_are_exported_it_gets_the_traceparent_of_its_own_span(stack: Project, collector: Collector) -> None:
    run = 'run = "echo parent ${TRACEPARENT-none}"\n'
    hook = f'[hooks.a]\non = "up.post"\nservice = "web"\n{run}'
    theirs = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    stack.write("hookman.toml", hook)
    assert "parent none\n" in stack.compose("up", "-d", TRACEPARENT=theirs).err
    stack.write("hookman.toml", f'[export]\notlp = "{collector.url}"\n{hook}')
    told = stack.compose("up", "-d", TRACEPARENT=theirs).err
    collector.wait(2)
    (span,) = [span for span in collector.spans if span["name"] == "up.post/a"]
    assert f"parent 00-{theirs[3:35]}-{span['spanId']}-01\n" in told


def test_variables_of_the_table_reach_the_hook_and_not_docker(stack: Project) -> None:
    names = {"DOCKER_HOST": "tcp://nowhere", "PATH": "/bin:/x", "HOME": "/h", "LINES_OF": "a\nb"}
    env = ", ".join(f"{name} = {json.dumps(value)}" for name, value in names.items())
    run = 'echo $DOCKER_HOST $PATH $HOME; echo \\"$LINES_OF\\"'
    for phase in ("pre", "post"):
        text = f'[hooks.a]\non = "up.{phase}"\nservice = "web"\nrun = "{run}"\nenv = {{ {env} }}\n'
        stack.write("hookman.toml", text)
        assert "tcp://nowhere /bin:/x /h\na\nb\n" in up(stack)


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_no_list_of_processes_and_no_log_has_a_value(stack: Project, phase: str) -> None:
    text = f'[hooks.a]\non = "up.{phase}"\nservice = "web"\nrun = "echo $A_TOKEN; sleep 513"\n'
    stack.write("hookman.toml", f'{text}env = {{ A_TOKEN = "s3cr3t-513" }}\n')
    process = stack.start("docker", "compose", "up", "-d")
    wait_until_engine(lambda: any("sleep 513" in args for args in everything_in(stack)), "the hook did not begin")
    assert (
        "s3cr3t-513"
        not in subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    )
    process.terminate()
    assert process.wait(PATIENCE) in (143, 1, -signal.SIGTERM)
    assert "s3cr3t-513" not in stack.hookman("log", stack.box.runs()[-1]["run"]).out
    assert containers_of(stack.path.name)[2:] == []


def test_list_explain_log_and_report_say_where_it_runs(stack: Project) -> None:
    text = '[hooks.a]\non = ["up.pre", "up.post"]\nservice = "web"\nrun = "true"\n'
    stack.write("hookman.toml", f'{text}[hooks.b]\non = "up.post"\nservice = "db"\nrun = "true"\nreplicas = "all"\n')
    listed = stack.hookman("list").out
    for words in ("ready, in a new container of web", "ready, in web", "ready, in every container of db"):
        assert words in listed
    explained = json.loads(stack.hookman("explain", "--json", "--", "docker", "compose", "up").out)["hooks"]
    places = [(hook["service"], hook["mode"], hook["replicas"]) for hook in explained]
    assert places == [("web", "run", "first"), ("web", "exec", "first"), ("db", "exec", "all")]
    up(stack)
    log = stack.hookman("log", stack.box.runs()[-1]["run"]).out
    assert "(exit code 0, in a new container of web, " in log
    assert f"in {stack.path.name}-web-1 (hookman-busybox), " in log
    assert stack.hookman("log", "--report", "page.html").code == 0
    assert f"in {stack.path.name}-web-1 (hookman-busybox)" in (stack.path / "page.html").read_text()


def test_test_runs_it_in_its_container_and_names_a_service_that_is_none(stack: Project) -> None:
    stack.write("hookman.toml", '[hooks.a]\non = ["up.post", "up.pre"]\nservice = "web"\nrun = "echo $HOOKMAN_EVENT"\n')
    tried = stack.hookman("test", "a")
    assert (tried.code, tried.err) == (0, "project.up.pre\nproject.up.post\n"), tried
    stack.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "wbe"\nrun = "true"\n')
    tested = stack.hookman("test")
    assert tested.code == 1
    assert "there is no service wbe" in tested.out + tested.err
    assert "Did you mean 'web'?" in tested.out + tested.err


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_a_hook_may_read_a_line_from_the_terminal(stack: Project, phase: str) -> None:
    run = "echo who; read name; echo hello $name"
    stack.write("hookman.toml", limited(run).replace("up.post", f"up.{phase}").replace("1s", "100s"))
    terminal = Terminal(stack, "docker", "compose", "up", "-d")
    terminal.expect(b"who")
    terminal.type(b"me\n")
    terminal.expect(b"hello me")
    assert terminal.wait() == 0


def test_once_for_containers_means_those_of_its_service(stack: Project) -> None:
    stack.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "echo ran"\nonce = "containers"\n')
    assert up(stack).count("ran\n") == 1
    stack.docker("rm", "-f", f"{stack.path.name}-db-1")
    assert up(stack).count("ran\n") == 0
    stack.docker("rm", "-f", f"{stack.path.name}-web-1")
    assert up(stack).count("ran\n") == 1
