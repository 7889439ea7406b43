"""Hooks in a service's container, on the real engine (DESIGN 1.10)."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import PATIENCE, Box, Project
from tests.support.engine import ask, containers_of, engine_variable
from tests.support.leases import Proxy
from tests.support.terminal import Terminal
from tests.support.waiting import wait_until

pytestmark = pytest.mark.engine

SERVICE = "com.docker.compose.service"
COMPOSE = """
services:
  web: {{image: {image}, command: sleep 1000, stop_grace_period: 0s, environment: {{OWN: own}}, working_dir: /tmp}}
  db: {{image: {image}, command: sleep 1000, stop_grace_period: 0s}}
"""


@pytest.fixture
def shop(real_box: Box, tmp_path: Path) -> Iterator[Project]:
    name = f"hm-in-{tmp_path.name.lower().replace('_', '-')[:40]}"
    project = real_box.project(name, COMPOSE.format(image=engine_variable("HOOKMAN_TEST_IMAGE")))
    yield project
    project.compose("down", "--skip-hooks", "-v", "-t", "0")


def up(shop: Project, *words: str, code: int = 0) -> str:
    result = shop.compose("up", "-d", *words)
    assert result.code == code, result
    return result.err


def last_hook(shop: Project) -> dict[str, object]:
    return shop.box.runs()[-1]["hooks"][-1]  # type: ignore[no-any-return]


def test_a_text_is_for_the_shell_of_the_container(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "echo $OWN in $PWD as $(id -u)"\n')
    assert "own in /tmp as 0\n" in up(shop)
    hook = last_hook(shop)
    assert (hook["kind"], hook["result"], hook["service"]) == ("container", "ok", "web")
    assert (hook["container"], hook["image"]) == (f"{shop.path.name}-web-1", "hookman-busybox")


def test_words_are_started_as_they_are_by_the_user_and_in_the_directory_of_the_table(shop: Project) -> None:
    shop.write(
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
    assert "-x $a: /etc 12:34\n" in up(shop)


def test_a_failure_is_one_and_its_stderr_is_in_the_message(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "echo no >&2; exit 3"\n')
    assert 'Hook "a" failed with exit code 3: no\n' in up(shop)
    assert last_hook(shop)["exit_code"] == 3


STUBBORN = (
    "trap '' TERM; setsid sh -c 'trap \"\" TERM; sleep 501' & (env -i sleep 502 &); sleep 503 &"
    "sleep 0.3; ps | grep -c 'sleep 50[123]$'; wait"
)


def running_in(shop: Project, service: str = "web", number: int = 0) -> list[str]:
    """What runs in a container beside its own command, and the health check's."""
    found = [one for one in containers_of(shop.path.name) if one["Config"]["Labels"][SERVICE] == service]
    found.sort(key=lambda one: one["Name"])
    processes = ask("GET", f"/containers/{found[number]['Id']}/top?ps_args=-o%20pid,args")["Processes"]
    return [args for _, args in processes if args not in ("sleep 1000", "/sleep 1000")]


def limited(run: str, more: str = "") -> str:
    text = f'[hooks.a]\non = "up.post"\nservice = "web"\nrun = {json.dumps(run)}\ntimeout = "1s"\ngrace = "500ms"\n'
    return text + more


HIDDEN = ("unshare", "--pid", "--fork", "--mount-proc")  # a system that does not see the processes of the engine


@pytest.mark.root
@pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
@pytest.mark.parametrize("more", ["", "user = 4321\n", "pty = true\n"], ids=["root", "user", "pty"])
def test_at_the_limit_what_runs_in_the_container_is_dead(shop: Project, sight: tuple[str, ...], more: str) -> None:
    shop.write("hookman.toml", limited(STUBBORN, more))
    result = shop.box.run(*sight, "docker", "compose", "up", "-d", cwd=shop.path)
    assert 'Hook "a" timed out after 1 s' in result.err, result
    assert "3\n" in result.err.replace("\r", "")  # they were there
    assert "may still run" not in result.err
    assert running_in(shop) == []


TERM = "trap 'echo tidied up; sleep 0.2; echo done' TERM; sleep 1000 & wait"


@pytest.mark.root
@pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
def test_what_a_hook_prints_while_it_ends_is_shown(shop: Project, sight: tuple[str, ...]) -> None:
    shop.write("hookman.toml", limited(TERM))
    result = shop.box.run(*sight, "docker", "compose", "up", "-d", cwd=shop.path)
    assert "tidied up\ndone\n" in result.err, result
    assert running_in(shop) == []


BARE = """
services:
  web: {image: hm-in-bare, command: ["/sleep", "1000"], stop_grace_period: 0s}
  db: {image: hookman-busybox, command: sleep 1000, stop_grace_period: 0s}
"""


@pytest.fixture
def bare_image(shop: Project) -> None:
    """An image with one program, which is no shell, and a project that has it."""
    tar = io.BytesIO()
    busybox = Path(str(shutil.which("busybox"))).read_bytes()
    with tarfile.open(fileobj=tar, mode="w") as out:
        member = tarfile.TarInfo("sleep")
        member.size, member.mode = len(busybox), 0o755
        out.addfile(member, io.BytesIO(busybox))
    assert shop.docker("import", "-", "hm-in-bare", stdin=tar.getvalue()).code == 0
    shop.write("compose.yaml", BARE)


WORDS = '[hooks.a]\non = "up.post"\nservice = "web"\nrun = ["/sleep", "505"]\ntimeout = "1s"\ngrace = "500ms"\n'


@pytest.mark.root
@pytest.mark.usefixtures("bare_image")
@pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
def test_it_is_dead_also_where_the_image_has_no_shell(shop: Project, sight: tuple[str, ...]) -> None:
    shop.write("hookman.toml", WORDS)
    result = shop.box.run(*sight, "docker", "compose", "up", "-d", cwd=shop.path)
    assert 'Hook "a" timed out after 1 s' in result.err, result
    assert "may still run" not in result.err
    assert running_in(shop) == []


@pytest.mark.root
@pytest.mark.usefixtures("bare_image")
def test_what_nobody_can_end_is_said(shop: Project) -> None:
    shop.write("compose.yaml", (shop.path / "compose.yaml").read_text().partition("  db:")[0])
    shop.write("hookman.toml", WORDS)
    result = shop.box.run(*HIDDEN, "docker", "compose", "up", "-d", cwd=shop.path)
    name = f"{shop.path.name}-web-1"
    assert f"what a started in {name} may still run: it could not be ended. Fix: docker restart {name}" in result.err
    assert running_in(shop) == ["/sleep 505"]


@pytest.mark.usefixtures("bare_image")
def test_a_text_for_an_image_without_a_shell_is_told_with_its_fix(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "true"\n')
    assert "the image of web has no sh, which a text in run needs. Fix: write the words of a program" in up(shop)
    shop.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = ["/nosuch"]\n')
    assert "there is no program /nosuch in the image of web" in up(shop)


BOTH = pytest.mark.parametrize(
    "real_compose", ["HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST"], ids=["newest", "oldest"], indirect=True
)
ONE_OFF = """
[hooks.a]
on = "up.pre"
service = "web"
run = "echo $OWN $TAG $HOOKMAN_EVENT as $(id -u) in $PWD; test ! -e /proc/999999"
user = "7"
workdir = "/etc"
env = { TAG = "$x 'y'" }
"""


@BOTH
def test_before_the_first_up_a_hook_has_a_container_of_its_own(shop: Project) -> None:
    shop.write("hookman.toml", ONE_OFF)
    said = up(shop)
    assert "own $x 'y' project.up.pre as 7 in /etc\n" in said
    assert len(containers_of(shop.path.name)) == 2
    assert last_hook(shop)["service"] == "web"


@BOTH
def test_its_words_are_started_without_the_entrypoint_of_the_service(shop: Project) -> None:
    compose = (shop.path / "compose.yaml").read_text().replace("command: sleep 1000", "entrypoint: sleep 1000", 1)
    shop.write("compose.yaml", compose)
    shop.write("hookman.toml", '[hooks.a]\non = "up.pre"\nservice = "web"\nrun = ["echo", "-n", "a  b$c"]\n')
    assert "a  b$c" in up(shop)


@BOTH
@pytest.mark.parametrize("more", ["", "env = { A = '1' }\n"], ids=["plain", "env"])
def test_its_failure_stops_the_command_and_nothing_is_left(shop: Project, more: str) -> None:
    text = '[hooks.a]\non = "up.pre"\nservice = "web"\nrun = "echo no >&2; exit 5"\n'
    shop.write("hookman.toml", text + more)
    assert 'Hook "a" failed with exit code 5' in up(shop, code=1)
    assert (containers_of(shop.path.name), last_hook(shop)["exit_code"]) == ([], 5)


@BOTH
@pytest.mark.parametrize("run", ["sleep 1000", "trap '' TERM; while :; do sleep 1; done"], ids=["tidy", "stubborn"])
def test_at_its_limit_a_container_of_its_own_is_gone(shop: Project, run: str) -> None:
    shop.write("hookman.toml", limited(run).replace("up.post", "up.pre").replace("1s", "4s"))
    assert 'Hook "a" timed out after 4 s' in up(shop, code=124)
    assert containers_of(shop.path.name) == []


@BOTH
@pytest.mark.parametrize("phase", ["pre", "post"])
@pytest.mark.parametrize("more", ["", "env = { A = '1' }\n"], ids=["plain", "env"])
def test_a_service_that_does_not_exist_is_told_with_the_nearest_name(shop: Project, phase: str, more: str) -> None:
    text = f'[hooks.a]\non = "up.{phase}"\nservice = "wbe"\nrun = "true"\n'
    shop.write("hookman.toml", text + more)
    said = up(shop, code=int(phase == "pre"))
    assert f"{shop.path}/hookman.toml:3: there is no service wbe. Fix: Did you mean 'web'?" in said


def test_a_program_that_the_image_does_not_have_is_named(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = "up.pre"\nservice = "web"\nrun = ["nosuch"]\n')
    assert "there is no program nosuch in the image of web" in up(shop, code=1)
    assert containers_of(shop.path.name) == []


AS_PLUGIN = ("env", "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND=docker")  # how docker starts the shim
# Starts hookman, kills it once there is the file `go`, and stays until there is the file `end`.
KILLER = """
"$@" & hookman=$!
until [ -e go ]; do sleep 0.05; done
kill -KILL $hookman
until [ -e end ]; do sleep 0.05; done
"""


@pytest.mark.root
@pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
def test_a_killed_hookman_takes_along_what_runs_in_the_container(shop: Project, sight: tuple[str, ...]) -> None:
    run = "trap 'echo tidy >/tmp/tidy; exit' TERM; sh -c 'trap \"\" TERM; sleep 506; sleep 507' & wait"
    shop.write("hookman.toml", limited(run).replace('timeout = "1s"\n', ""))
    up(shop, "--skip-hooks")
    killer = shop.start(*sight, "sh", "-c", KILLER, "sh", *AS_PLUGIN, shop.box.shim, "compose", "up", "-d")
    wait_until(lambda: "sleep 506" in running_in(shop), "the hook did not begin")
    (shop.path / "go").touch()
    wait_until(lambda: not running_in(shop), "what the hook started still runs")
    assert shop.compose("exec", "-T", "web", "cat", "/tmp/tidy").out == "tidy\n"
    (shop.path / "end").touch()
    assert killer.wait(PATIENCE) == 0


def test_a_killed_hookman_takes_its_own_container_along(shop: Project) -> None:
    run = "trap '' TERM; while :; do sleep 1; done"
    shop.write("hookman.toml", limited(run).replace('timeout = "1s"\n', "").replace("up.post", "up.pre"))
    process = shop.start(*AS_PLUGIN, shop.box.shim, "compose", "up", "-d")
    wait_until(lambda: containers_of(shop.path.name), "there is no container")
    process.kill()
    process.wait()
    wait_until(lambda: not containers_of(shop.path.name), "the container is still there")
    assert shop.hookman("log", "-n", "1").out.count("interrupted") == 1


def test_the_next_command_waits_until_nothing_of_a_killed_one_runs(shop: Project) -> None:
    shop.write("hookman.toml", limited("trap '' TERM; sleep 508; sleep 509").replace('timeout = "1s"\n', ""))
    up(shop, "--skip-hooks")
    process = shop.start(*AS_PLUGIN, shop.box.shim, "compose", "up", "-d")
    wait_until(lambda: "sleep 508" in running_in(shop), "the hook did not begin")
    process.kill()
    process.wait()
    assert shop.compose("restart", "-t", "0", "db").code == 0
    assert running_in(shop) == []


def test_what_a_hook_left_running_in_its_container_lives_on(shop: Project) -> None:
    shop.write("hookman.toml", limited("sleep 510 & echo left").replace("1s", "20s"))
    assert "left" in up(shop)
    assert running_in(shop) == ["sleep 510"]


def test_a_container_that_is_removed_while_a_hook_runs_in_it_ends_the_hook(shop: Project) -> None:
    shop.write("hookman.toml", limited("sleep 511").replace("1s", "100s"))
    up(shop, "--skip-hooks")
    process = shop.start("docker", "compose", "up", "-d")
    wait_until(lambda: running_in(shop), "the hook did not begin")
    shop.docker("rm", "-f", f"{shop.path.name}-web-1")
    assert process.wait(PATIENCE) == 0
    hook = last_hook(shop)
    assert (hook["result"], hook["exit_code"]) == ("failed", 137)
    assert f"{shop.path.name}-web-1 was stopped or replaced while the hook ran in it" in str(hook["problem"])


def test_a_killed_client_is_no_success_and_leaves_nothing(shop: Project) -> None:
    shop.write("hookman.toml", limited("sleep 512").replace("1s", "100s"))
    up(shop, "--skip-hooks")
    for number in (signal.SIGKILL, signal.SIGTERM):
        process = shop.start("docker", "compose", "up", "-d")
        wait_until(lambda: running_in(shop), "the hook did not begin")
        (client,) = clients(shop)
        os.kill(client, number)
        assert process.wait(PATIENCE) == 0
        assert last_hook(shop)["result"] == "failed"
        assert running_in(shop) == []


def clients(shop: Project) -> list[int]:
    """The processes of `docker exec` that this project's hooks have."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            here = os.readlink(folder / "cwd") == str(shop.path)
        except OSError:
            continue
        if here and words[:2] == [b"docker", b"exec"]:
            found.append(int(folder.name))
    return found


def test_in_all_replicas_one_after_the_other_with_their_names(shop: Project) -> None:
    shop.write("hookman.toml", limited("hostname").replace("1s", "60s") + 'replicas = "all"\n')
    said = up(shop, "--scale", "web=3")
    name = f"{shop.path.name}-web-"
    places = [said.index(f"{name}{number}:\n") for number in (1, 2, 3)]
    assert places == sorted(places)
    assert last_hook(shop)["container"] == f"{name}1, {name}2, {name}3"
    shop.write("hookman.toml", limited("exit 4").replace("1s", "60s") + 'replicas = "all"\n')
    said = up(shop, "--scale", "web=3")
    assert (f"{name}1:\n" in said, f"{name}2:\n" in said) == (True, False)


def test_only_in_the_first_replica_unless_told_otherwise(shop: Project) -> None:
    shop.write("hookman.toml", limited("echo once").replace("1s", "60s"))
    assert up(shop, "--scale", "web=2").count("once\n") == 1


def test_a_service_that_does_not_run_is_told(shop: Project) -> None:
    shop.write("hookman.toml", limited("true").replace("up.post", "ps.post"))
    result = shop.compose("ps")
    assert "no container of web runs. Fix: docker compose up -d web" in result.err
    up(shop, "--skip-hooks")
    shop.compose("stop", "-t", "0", "--skip-hooks")
    assert f"no container of web runs: {shop.path.name}-web-1 is exited. Fix: " in shop.compose("ps").err


def test_exports_and_values_of_earlier_hooks_are_there_and_what_means_the_host_is_not(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { export EXPORTED='a b'; export PATH=\"$PATH:/nowhere\"; }\n")
    shop.script("up.pre", "a.sh", 'echo "SAID=x y" >>"$HOOKMAN_ENV"')
    run = "echo $EXPORTED, $SAID, $HOOKMAN_EVENT, $HOOKMAN_ARGS, $PATH, ${HOOKMAN_ENV-none}${HOOKMAN_DATA_DIR-none}"
    shop.write("hookman.toml", f'[hooks.a]\non = "up.post"\nservice = "web"\nrun = "{run}"\n')
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    assert f"a b, x y, project.up.post, up -d, {path}, nonenone\n" in up(shop)


def test_variables_of_the_table_reach_the_hook_and_not_docker(shop: Project) -> None:
    names = {"DOCKER_HOST": "tcp://nowhere", "PATH": "/bin:/x", "HOME": "/h", "LINES_OF": "a\nb"}
    env = ", ".join(f"{name} = {json.dumps(value)}" for name, value in names.items())
    run = 'echo $DOCKER_HOST $PATH $HOME; echo \\"$LINES_OF\\"'
    for phase in ("pre", "post"):
        text = f'[hooks.a]\non = "up.{phase}"\nservice = "web"\nrun = "{run}"\nenv = {{ {env} }}\n'
        shop.write("hookman.toml", text)
        assert "tcp://nowhere /bin:/x /h\na\nb\n" in up(shop)


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_no_list_of_processes_and_no_log_has_a_value(shop: Project, phase: str) -> None:
    shop.write("hookman.toml", "")
    text = f'[hooks.a]\non = "up.{phase}"\nservice = "web"\nrun = "echo $A_TOKEN; sleep 513"\n'
    shop.write("hookman.toml", f'{text}env = {{ A_TOKEN = "s3cr3t-513" }}\n')
    up(shop, "--skip-hooks")
    process = shop.start("docker", "compose", "up", "-d")
    wait_until(lambda: any("sleep 513" in args for args in everything_in(shop)), "the hook did not begin")
    assert (
        "s3cr3t-513"
        not in subprocess.run(["ps", "axww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    )
    process.terminate()
    assert process.wait(PATIENCE) in (143, 1, -signal.SIGTERM)
    assert "s3cr3t-513" not in shop.hookman("log", shop.box.runs()[-1]["run"]).out
    assert containers_of(shop.path.name)[2:] == []


def everything_in(shop: Project) -> list[str]:
    """What runs in the containers of the project."""
    found = []
    for one in containers_of(shop.path.name):
        processes = ask("GET", f"/containers/{one['Id']}/top?ps_args=-o%20pid,args").get("Processes") or []
        found += [args for _, args in processes]
    return found


HARD = (
    "read_only: true",
    "init: true",
    "pid: 'service:db'",
    "cap_drop: [ALL], security_opt: ['no-new-privileges:true']",
)


@pytest.mark.root
@pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
@pytest.mark.parametrize("hard", HARD, ids=["read-only", "init", "pid", "caps"])
def test_it_is_dead_also_in_a_container_that_is_hardened(shop: Project, sight: tuple[str, ...], hard: str) -> None:
    shop.write("compose.yaml", (shop.path / "compose.yaml").read_text().replace("working_dir", f"{hard}, working_dir"))
    shop.write("hookman.toml", limited("trap '' TERM; setsid sleep 514 & sleep 515; sleep 516", "user = 4321\n"))
    result = shop.box.run(*sight, "docker", "compose", "up", "-d", cwd=shop.path)
    assert 'Hook "a" timed out after 1 s' in result.err, result
    assert "may still run" not in result.err
    assert [args for args in everything_in(shop) if "51" in args] == []
    assert len(everything_in(shop)) == 2 + hard.startswith("init")


def test_list_explain_log_and_report_say_where_it_runs(shop: Project) -> None:
    text = '[hooks.a]\non = ["up.pre", "up.post"]\nservice = "web"\nrun = "true"\n'
    shop.write("hookman.toml", f'{text}[hooks.b]\non = "up.post"\nservice = "db"\nrun = "true"\nreplicas = "all"\n')
    listed = shop.hookman("list").out
    for words in ("ready, in a new container of web", "ready, in web", "ready, in every container of db"):
        assert words in listed
    explained = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)["hooks"]
    places = [(hook["service"], hook["mode"], hook["replicas"]) for hook in explained]
    assert places == [("web", "run", "first"), ("web", "exec", "first"), ("db", "exec", "all")]
    up(shop)
    log = shop.hookman("log", shop.box.runs()[-1]["run"]).out
    assert "(exit code 0, in a new container of web, " in log
    assert f"in {shop.path.name}-web-1 (hookman-busybox), " in log
    assert shop.hookman("log", "--report", "page.html").code == 0
    assert f"in {shop.path.name}-web-1 (hookman-busybox)" in (shop.path / "page.html").read_text()


def test_test_runs_it_in_its_container_and_names_a_service_that_is_none(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = ["up.post", "up.pre"]\nservice = "web"\nrun = "echo $HOOKMAN_EVENT"\n')
    up(shop, "--skip-hooks")
    tried = shop.hookman("test", "a")
    assert (tried.code, tried.err) == (0, "project.up.pre\nproject.up.post\n"), tried
    shop.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "wbe"\nrun = "true"\n')
    tested = shop.hookman("test")
    assert tested.code == 1
    assert "there is no service wbe" in tested.out + tested.err
    assert "Did you mean 'web'?" in tested.out + tested.err


@pytest.mark.root
@pytest.mark.parametrize("sight", [(), HIDDEN], ids=["seen", "hidden"])
def test_an_engine_that_goes_silent_holds_nobody_at_the_limit(shop: Project, sight: tuple[str, ...]) -> None:
    shop.write("hookman.toml", 'lock = "local"\n' + limited("sleep 517").replace("1s", "3s") + 'wait = "none"\n')
    up(shop, "--skip-hooks")
    with tempfile.TemporaryDirectory(prefix="hm-") as folder, (shop.path / "said").open("wb") as said:
        between = Proxy(Path(folder, "socket"))
        try:
            host = f"DOCKER_HOST=unix://{between.path}"
            process = shop.start(*sight, "env", host, "docker", "compose", "up", "-d", stderr=said.fileno())
            wait_until(lambda: "sleep 517" in running_in(shop), "the hook did not begin")
            between.flows.clear()
            assert process.wait(PATIENCE) == 0
        finally:
            between.close()
    err = (shop.path / "said").read_text()
    assert 'Hook "a" timed out after 3 s' in err, err
    assert ("may still run" in err, running_in(shop)) == ((True, ["sleep 517"]) if sight else (False, []))


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_ctrl_c_ends_what_runs_in_the_container(shop: Project, phase: str) -> None:
    run = "trap 'echo got INT; exit 1' INT; echo begun; sleep 518 & wait"
    shop.write("hookman.toml", limited(run).replace("up.post", f"up.{phase}").replace("1s", "100s"))
    up(shop, "--skip-hooks")
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"begun")
    terminal.type(b"\x03")
    terminal.wait()
    assert shop.box.runs()[-1]["result"] == "interrupted"
    assert [args for args in everything_in(shop) if "518" in args] == []
    assert len(containers_of(shop.path.name)) == 2


@pytest.mark.parametrize("phase", ["pre", "post"])
def test_a_hook_may_read_a_line_from_the_terminal(shop: Project, phase: str) -> None:
    run = "echo who; read name; echo hello $name"
    shop.write("hookman.toml", limited(run).replace("up.post", f"up.{phase}").replace("1s", "100s"))
    terminal = Terminal(shop, "docker", "compose", "up", "-d")
    terminal.expect(b"who")
    terminal.type(b"me\n")
    terminal.expect(b"hello me")
    assert terminal.wait() == 0


@BOTH
@pytest.mark.parametrize("phase", ["pre", "post"])
def test_with_pty_its_output_is_a_terminal(shop: Project, phase: str) -> None:
    text = limited("test -t 1 && echo a terminal", "pty = true\n").replace("up.post", f"up.{phase}")
    shop.write("hookman.toml", text.replace("1s", "100s"))
    assert "a terminal" in up(shop)


def test_once_for_containers_means_those_of_its_service(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.a]\non = "up.post"\nservice = "web"\nrun = "echo ran"\nonce = "containers"\n')
    assert up(shop).count("ran\n") == 1
    shop.docker("rm", "-f", f"{shop.path.name}-db-1")
    assert up(shop).count("ran\n") == 0
    shop.docker("rm", "-f", f"{shop.path.name}-web-1")
    assert up(shop).count("ran\n") == 1
