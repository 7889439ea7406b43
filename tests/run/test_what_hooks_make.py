"""What a pre hook creates is seen afterwards: by the post hooks, an attached `up` and the log."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.box import Box, Project
from tests.support.engine import ask, containers_of

SERVICE = "image: hookman-busybox, network_mode: host, command: sleep 600, stop_grace_period: 0s"
COMPOSE = f"services:\n  web: {{{SERVICE}, environment: {{DB_PASSWORD: '${{DB_PASSWORD:-none}}'}}}}\n"
LOOK = 'echo "$COMPOSE_PROJECT_NAME $(docker compose ps -q | wc -l)" >seen; : >looked'
# How a pre hook may name the project @.
NAMED = f"printf 'name: @\\nservices:\\n  web: {{{SERVICE}}}\\n'"
DOTENV = "printf 'COMPOSE_PROJECT_NAME=@\\nDB_PASSWORD=hunter2-from-vault\\n' >.env"
EXPORT = "export COMPOSE_PROJECT_NAME=@"
FILE = f"{NAMED} >compose.yaml"
UNSURE = f"{NAMED.replace('name: ', 'name: &name ')} >compose.yaml"
OVERRIDE = "printf 'name: @\\n' >compose.override.yaml"
COMPOSE_FILE = f"{NAMED} >made.yaml; export COMPOSE_FILE=made.yaml"
WAYS = {
    "a .env": DOTENV,
    "an export": EXPORT,
    "a compose file": FILE,
    "a compose file that only Compose can read": UNSURE,
    "an override": OVERRIDE,
    "another compose file": COMPOSE_FILE,
    "a compose file in another directory": f"mkdir sub; {COMPOSE_FILE.replace('made', 'sub/made')}",
}


@pytest.fixture
def shop(real_box: Box) -> Project:
    return real_box.project("shop", COMPOSE)


def named(shop: Project) -> str:
    """The name that the pre hook gives the project: a new one for each test."""
    return f"live-{shop.path.parent.name.replace('_', '-').lower()}"


def makes(shop: Project, way: str) -> None:
    shop.hooks_sh(f"hook_pre_up() {{ {WAYS[way].replace('@', named(shop))}; }}\n")


@pytest.fixture(autouse=True)
def cleaned(shop: Project) -> Iterator[None]:
    yield
    for container in containers_of(named(shop)):
        ask("DELETE", f"/containers/{container['Id']}?force=1")


@pytest.mark.parametrize("way", WAYS)
def test_post_hooks_mean_the_project_that_compose_started(shop: Project, way: str) -> None:
    makes(shop, way)
    shop.script("up.post", "look.sh", LOOK)
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    assert (shop.path / "seen").read_text() == f"{named(shop)} 1\n"


@pytest.mark.parametrize("way", WAYS)
def test_an_attached_up_runs_its_post_hooks(shop: Project, way: str) -> None:
    makes(shop, way)
    shop.script("up.post", "look.sh", LOOK + "; docker compose stop")
    result = shop.compose("up")
    assert (shop.path / "looked").exists(), result
    assert (shop.path / "seen").read_text() == f"{named(shop)} 1\n"


def test_the_log_has_the_name(shop: Project) -> None:
    makes(shop, "a .env")
    shop.compose("up", "-d")
    assert shop.box.runs()[-1]["name"] == named(shop)


def test_functions_get_the_values_of_the_new_dotenv(shop: Project) -> None:
    shop.script("up.pre", "make.sh", "echo DB_PASSWORD=hunter2-from-vault >.env")
    shop.hooks_sh('hook_post_up() { echo "$DB_PASSWORD" >seen; }\n')
    shop.compose("up", "-d")
    assert (shop.path / "seen").read_text() == "hunter2-from-vault\n"


@pytest.mark.parametrize("where", [".env", "made.env"])
def test_its_secrets_are_masked_in_the_log(shop: Project, where: str) -> None:
    shop.script("up.pre", "make.sh", f"echo DB_PASSWORD=hunter2-from-vault >{where}")
    shop.script("up.post", "show.sh", f". ./{where}; echo $DB_PASSWORD")
    shop.hooks_sh('hook_post_up() { echo "$DB_PASSWORD"; }\n')
    result = shop.compose("--env-file", where, "up", "-d")
    assert result.code == 0, result
    shown = shop.hookman("log", shop.box.runs()[-1]["run"])
    assert shown.out.count("***") == 2, shown
    assert "hunter2" not in shown.out


def test_the_function_of_the_same_event_gets_them(shop: Project) -> None:
    shop.script("up.pre", "make.sh", f"printf 'COMPOSE_PROJECT_NAME={named(shop)}\\nTAG=1.2\\n' >.env")
    shop.hooks_sh('hook_pre_up() { echo "$COMPOSE_PROJECT_NAME $TAG" >seen; }\n')
    shop.compose("up", "-d")
    assert (shop.path / "seen").read_text() == f"{named(shop)} 1.2\n"


def test_values_of_a_dotenv_that_is_gone_are_too(shop: Project) -> None:
    shop.write(".env", "TAG=old\n")
    shop.script("up.pre", "remove.sh", "rm .env")
    shop.hooks_sh('hook_post_up() { echo "${TAG-unset}" >seen; }\n')
    shop.compose("up", "-d")
    assert (shop.path / "seen").read_text() == "unset\n"


def test_one_that_others_may_write_stops_the_post_hooks(shop: Project) -> None:
    shop.script("up.pre", "make.sh", "echo TAG=1 >.env; chmod 666 .env")
    shop.script("up.post", "look.sh", ": >looked")
    result = shop.compose("up", "-d")
    assert f"chmod o-w {shop.path}/.env" in result.err
    assert not (shop.path / "looked").exists()


def test_a_databases_pre_hook_may_name_the_database(shop: Project) -> None:
    shop.script("db_export.pre", "make.sh", "echo DB_NAME=from-vault >.env")
    result = shop.hookman("db", "export")
    assert "DB_NAME is not set" not in result.err
    assert "pg_dump failed" in result.err  # no server runs here


def test_its_profiles_count(shop: Project) -> None:
    shop.write("compose.yaml", f"{COMPOSE}  more: {{{SERVICE}, profiles: [extra]}}\n")
    shop.script("up.pre", "make.sh", "echo COMPOSE_PROFILES=extra >.env")
    shop.hooks_sh('hook_post_up() { echo "$COMPOSE_PROFILES" >seen; }\n')
    shop.script("up.post", "look.sh", "docker compose ps -q | wc -l >seen.sh")
    shop.compose("up", "-d")
    assert (shop.path / "seen").read_text() == "extra\n"
    assert (shop.path / "seen.sh").read_text() == "2\n"


def test_an_error_in_it_is_composes_to_say(shop: Project) -> None:
    shop.script("up.pre", "make.sh", "echo 'A B' >.env")
    result = shop.compose("up", "-d")
    assert "internal error" not in result.err
    assert (result.code, ".env" in result.err) == (1, True), result


class TestARootsDotenv:
    """Compose has it in its environment; so its COMPOSE_* say which project it is."""

    @pytest.fixture
    def stack(self, real_box: Box) -> Project:
        stack = real_box.project("root/stack", COMPOSE, enable=False)
        assert real_box.hookman("enable", "--yes", "root").code == 0
        stack.script("up.post", "look.sh", LOOK)
        return stack

    @pytest.mark.parametrize("words", [["up", "-d"], ["up"]])
    def test_names_the_project(self, stack: Project, shop: Project, words: list[str]) -> None:
        (stack.path.parent / ".env").write_text(f"COMPOSE_PROJECT_NAME={named(shop)}\n")
        stack.script("up.post", "z-end.sh", "docker compose stop" if words == ["up"] else "")
        result = stack.compose(*words)
        assert (stack.path / "looked").exists(), result
        assert (stack.path / "seen").read_text() == f"{named(shop)} 1\n"

    def test_names_the_compose_files(self, stack: Project, shop: Project) -> None:
        (stack.path.parent / ".env").write_text("COMPOSE_FILE=compose.yaml:more.yaml\n")
        stack.write("more.yaml", f"name: {named(shop)}\nservices:\n  more: {{{SERVICE}}}\n")
        assert stack.compose("up", "-d").code == 0
        assert (stack.path / "seen").read_text() == f"{named(shop)} 2\n"

    def test_that_a_pre_hook_creates_counts(self, stack: Project, shop: Project) -> None:
        stack.script("up.pre", "make.sh", f"echo COMPOSE_PROJECT_NAME={named(shop)} >../.env")
        assert stack.compose("up", "-d").code == 0
        assert (stack.path / "seen").read_text() == f"{named(shop)} 1\n"

    def test_counts_for_commands_without_hooks_too(self, stack: Project, shop: Project) -> None:
        (stack.path.parent / ".env").write_text(f"COMPOSE_PROJECT_NAME={named(shop)}\n")
        assert stack.compose("up", "-d").code == 0
        assert stack.compose("ps", "--services").out == "web\n"

    def test_counts_for_the_calls_of_a_script(self, stack: Project) -> None:
        (stack.path.parent / ".env").write_text("DB_PASSWORD=of-root\n")
        stack.script(
            "up.pre", "up.sh", "docker compose up -d; docker compose exec -T web sh -c 'echo $DB_PASSWORD' >inside"
        )
        assert stack.compose("up", "-d").code == 0
        assert (stack.path / "inside").read_text() == "of-root\n"
