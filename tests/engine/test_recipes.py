"""docs/recipes.md: each block as it stands there, on the real engine."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.documents import RECIPES, take
from tests.support.engine import engine_variable
from tests.support.stacks import OF_RECIPES, SERVICE, as_at_first, lines, with_programs
from tests.support.terminal import Terminal

pytestmark = pytest.mark.engine

PROXY = "networks: {default: {name: proxy, external: true}}\n"
HEALTHY = "{db: {condition: service_healthy}}"
BUILT = "services: {{web: {{image: '{image}:${{TAG}}', network_mode: host, stop_grace_period: 0s}}}}\n"


@pytest.fixture
def shop(standing: Project) -> Project:
    """The project of the recipes. Its container may still run, as an earlier test had it."""
    as_at_first(standing, OF_RECIPES)
    return with_programs(standing)


def called(project: Project) -> list[str]:
    return lines(project, "bin/called")


def test_a_file_that_compose_needs(shop: Project) -> None:
    take(shop, "A file that Compose needs")
    shop.write("compose.yaml", (shop.path / "compose.yaml").read_text().replace("}", ", env_file: .env.local}"))
    shop.write(".env.example", "GREETING=hello\n")
    assert shop.compose("up", "-d").code == 0
    assert shop.compose("exec", "-T", "web", "sh", "-c", "echo $GREETING").out == "hello\n"


def test_tidy_up_whatever_happens(shop: Project) -> None:
    take(shop, "Tidy up, whatever happens")
    shop.script("up.post", "look.sh", "ls >seen")
    assert shop.compose("up", "-d").code == 0
    assert "maintenance.html" in (shop.path / "seen").read_text()
    assert not (shop.path / "maintenance.html").exists()
    assert shop.compose("up", "-d", "nobody").code == 1
    assert not (shop.path / "maintenance.html").exists()


def test_a_message_when_up_fails(shop: Project) -> None:
    take(shop, "A message when `up` fails")
    assert shop.compose("up", "-d").code == 0
    assert not (shop.path / "failures.log").exists()
    assert shop.compose("up", "-d", "nobody").code == 1
    assert (shop.path / "failures.log").read_text().startswith("up failed, exit code 1")


def test_a_value_that_a_script_works_out(shop: Project) -> None:
    take(shop, "A value that a script works out")
    shop.write("VERSION", "1.2\n")
    shop.write("compose.yaml", (shop.path / "compose.yaml").read_text().replace("}", ', labels: {tag: "$TAG"}}'))
    assert shop.compose("up", "-d").code == 0
    container = shop.compose("ps", "-q").out.strip()
    assert shop.docker("inspect", "-f", "{{.Config.Labels.tag}}", container).out == "1.2\n"


def test_only_when_a_service_is_named(shop: Project) -> None:
    take(shop, "Only when a service is named")
    shop.write(
        "compose.yaml",
        (shop.path / "compose.yaml").read_text() + "  db: {image: hookman-busybox, network_mode: host}\n",
    )
    assert shop.compose("up", "-d").code == 0
    assert shop.compose("restart", "-t", "0", "db").code == 0
    assert called(shop) == []
    assert shop.compose("restart", "-t", "0", "web").code == 0
    assert shop.compose("restart", "-t", "0").code == 0
    assert called(shop) == ["migrate", "migrate"]


def test_a_hook_in_python(shop: Project) -> None:
    take(shop, "A hook in Python")
    shop.write("compose.yaml", (shop.path / "compose.yaml").read_text().replace("}", ', labels: {port: "$WEB_PORT"}}'))
    (shop.path / ".dde/hooks/project.up.pre/06-port.py").chmod(0o755)
    assert shop.hookman("config", "set", "hook_files", "*.sh,*.py").code == 0
    assert shop.compose("up", "-d").code == 0
    container = shop.compose("ps", "-q").out.strip()
    assert int(shop.docker("inspect", "-f", "{{.Config.Labels.port}}", container).out) > 0


def test_migrations_that_wait_for_the_database(shop: Project) -> None:
    take(shop, "Migrations that wait for the database")
    shop.write("bin/bin/migrate", "#!/bin/sh\necho migrate >>called; [ $(wc -l <called) -gt 2 ]\n", 0o755)
    assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["migrate"] * 3
    assert [one["result"] for one in shop.box.runs()[-1]["hooks"][0]["attempts"]] == ["failed", "failed", "ok"]


def test_migrations_in_the_services_container(shop: Project) -> None:
    take(shop, "Migrations in the service's container, only if they have changed")
    healthy = "healthcheck: {test: test -e /tmp/up, interval: 200ms, retries: 100}"
    db = f"  db: {{{SERVICE}, command: sh -c 'sleep 1; touch /tmp/up; sleep 1000', {healthy}}}\n"
    text = (shop.path / "compose.yaml").read_text().replace("working_dir", f"depends_on: {HEALTHY}, working_dir")
    shop.write("compose.yaml", text + db)
    for _ in range(2):
        assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["migrate"]
    shop.write("bin/bin/more", "another file")
    assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["migrate", "migrate"]


def test_a_check_by_the_new_image_before_up(shop: Project) -> None:
    take(shop, "A check by the new image, before `up`")
    assert shop.compose("up", "-d").code == 1
    assert shop.compose("ps", "-aq", "--skip-hooks").out == ""
    shop.write("bin/ready", "")
    assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["migrate", "migrate"]


def test_seed_in_the_container_once_for_a_volume(shop: Project) -> None:
    take(shop, "Seed in the container, once for a volume")
    text = (shop.path / "compose.yaml").read_text().replace('["./bin:/app"]', '["./bin:/app", "data:/data"]')
    shop.write("compose.yaml", f"{text}volumes: {{data: {{}}}}\n")
    for _ in range(2):
        assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["seed"]
    assert shop.compose("down", "-v", "-t", "0").code == 0
    assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["seed", "seed"]
    shop.compose("down", "-v", "-t", "0")


def test_what_the_containers_say_when_up_fails(shop: Project) -> None:
    take(shop, "What the containers say when `up` fails")
    assert shop.compose("up", "-d", "--scale", "web=2").code == 0
    text = (shop.path / "compose.yaml").read_text()
    shop.write("compose.yaml", f"{text}  bad: {{image: hookman-busybox, network_mode: host, command: /nosuch}}\n")
    failed = shop.compose("up", "-d", "--scale", "web=2")
    assert failed.code == 1
    for number in (1, 2):
        assert f"{shop.path.name}-web-{number}:\n" in failed.err
    assert failed.err.count("sleep 1000") >= 2
    assert "bad-1" in failed.err


def test_a_check_that_may_fail(shop: Project) -> None:
    take(shop, "A check that may fail")
    shop.write("lint.sh", "echo 'line 3 is too long' >&2; exit 1\n")
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert "line 3 is too long" in result.err
    assert shop.box.runs()[-1]["result"] == "warned"


def test_a_network_that_several_projects_share(shop: Project) -> None:
    take(shop, "A network that several projects share")
    shop.write(
        "compose.yaml",
        OF_RECIPES.replace("network_mode: host, ", "") + PROXY,
    )
    try:
        for _ in range(2):
            assert shop.compose("up", "-d").code == 0
    finally:
        shop.compose("down", "--skip-hooks")
        shop.docker("network", "rm", "proxy")


def test_secrets_that_nobody_commits(shop: Project) -> None:
    take(shop, "Secrets that nobody commits")
    assert shop.compose("up", "-d").code == 0
    secret = shop.path / "secrets/db_password"
    first = secret.read_text()
    assert (len(first) > 30, secret.stat().st_mode & 0o077) == (True, 0)
    assert shop.compose("up", "-d").code == 0
    assert secret.read_text() == first


def test_migrations_after_up_and_fixtures_once(shop: Project) -> None:
    take(shop, "Migrations after `up`")
    take(shop, "Fixtures, once")
    for _ in range(2):
        up = shop.compose("up", "-d")
        assert up.code == 0, up
    assert called(shop) == ["migrate", "seed", "migrate"]


def test_no_down_v_by_mistake(shop: Project) -> None:
    take(shop, "No `down -v` by mistake")
    assert shop.compose("up", "-d").code == 0
    refused = shop.compose("down", "-v")
    assert refused.code == 1
    assert "If you mean it: REALLY=1 docker compose down -v\n" in refused.err
    assert shop.compose("ps", "-q").out != ""
    assert shop.compose("down", "-v", REALLY="1").code == 0


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"\n", 1)])
def test_are_you_on_the_right_branch(shop: Project, answer: bytes, code: int) -> None:
    take(shop, "Are you on the right branch?")
    terminal = Terminal(shop, "docker", "compose", "push")
    terminal.expect(b"to the registry? [y/N] ")
    terminal.type(answer)
    terminal.wait()
    assert shop.box.runs()[-1]["hooks"][0]["exit_code"] == code
    assert shop.compose("push").code == 1  # nobody to answer


def test_a_tag_for_each_build_and_a_value_for_compose(shop: Project) -> None:
    image = engine_variable("HOOKMAN_TEST_IMAGE")
    git = ["git", "-c", "user.name=me", "-c", "user.email=me@example.com"]
    shop.write("Dockerfile", f"FROM {image}\nCMD sleep 1000\n")
    shop.write("compose.yaml", "services: {web: {build: ., network_mode: host, stop_grace_period: 0s}}\n")
    for argv in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "x"]):
        assert shop.box.run(*git, *argv, cwd=shop.path).code == 0
    take(shop, "A tag for each build")
    build = shop.compose("build", DOCKER_BUILDKIT="0")
    assert build.code == 0, build
    commit = shop.box.run("git", "rev-parse", "--short", "HEAD", cwd=shop.path).out.strip()
    built = f"{shop.path.name}-web"
    assert f"  built {built}:{commit}\n" in build.err

    shop.write("compose.yaml", BUILT.format(image=built))
    take(shop, "A value for Compose")
    up = shop.compose("up", "-d")
    assert up.code == 0, up
    assert shop.docker("ps", "--format", "{{.Image}}", "--filter", f"name={built}").out == f"{built}:{commit}\n"
    shop.compose("down", "--skip-hooks", "-t", "0")
    shop.docker("rmi", f"{built}:{commit}", f"{built}:latest")


def test_tell_somebody(shop: Project) -> None:
    take(shop, "Tell somebody")
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard: list[str] = []

        def listen() -> None:
            for _ in range(2):
                connection, _ = server.accept()
                with connection:
                    text = ""
                    while not text.endswith("}"):
                        text += connection.recv(4096).decode()
                    heard.append(text.rpartition("\r\n")[2])
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

        listener = threading.Thread(target=listen)
        listener.start()
        shop.write(".env", f"WEBHOOK=http://127.0.0.1:{server.getsockname()[1]}/\n")
        assert shop.compose("up", "-d").code == 0
        assert shop.compose("down").code == 0
        listener.join(20)
    assert sorted(heard, reverse=True) == [
        f'{{"stack": "{shop.path.name}", "status": "{status}"}}' for status in ("up", "down")
    ]


def test_another_stack_after_this_one(real_box: Box) -> None:
    root = real_box.base / "stacks"
    stacks = {name: real_box.project(f"stacks/{name}", OF_RECIPES) for name in ("web", "proxy")}
    take(stacks["web"], "Another stack after this one")
    stacks["proxy"].hooks_sh("hook_post_restart() { echo proxy >>../trace; }\n")
    for stack in stacks.values():
        assert stack.compose("up", "-d").code == 0
    assert stacks["web"].compose("restart", "-t", "0").code == 0
    assert (root / "trace").read_text() == "proxy\n"


def test_a_slow_hook_and_one_that_need_not_run(shop: Project) -> None:
    for heading in ("Migrations after `up`", "Fixtures, once", "A slow hook, and one that need not run"):
        take(shop, heading)
    listed = shop.hookman("list").out
    assert re.search(r"01-migrate.sh +script +900 s +ready", listed)
    assert re.search(r"02-seed.sh .*skip", listed)
    assert shop.compose("up", "-d").code == 0
    assert called(shop) == ["migrate"]


def test_three_warm_ups_side_by_side(shop: Project) -> None:
    take(shop, "Three warm-ups, side by side")
    # Each waits until all three have begun.
    warm = 'touch /app/began-$1; until [ $(ls /app | grep -c began-) = 3 ]; do sleep 0.05; done; echo "warm $1"'
    shop.write("bin/bin/warm", f"#!/bin/sh\n{warm}\n", 0o755)
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    for name in ("pages", "images", "search"):
        assert re.search(rf"^warm-{name} +\| warm {name}$", result.err, re.MULTILINE)


def test_every_recipe_is_tested() -> None:
    here = Path(__file__)
    sources = here.read_text() + (here.parents[1] / "database" / here.name).read_text()
    assert [heading for heading in RECIPES if f'"{heading}"' not in sources] == []
    assert len(RECIPES) >= 12
