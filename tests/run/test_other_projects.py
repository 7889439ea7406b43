"""A hook that calls Compose on another project: that one gets nothing of the hook's project."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookman.hooks import given
from tests.support.box import Box, Project
from tests.support.waiting import wait_for

STACK = """
services:
  web:
    image: hookman-busybox:latest
    network_mode: host
    command: sleep 600
    stop_grace_period: 0s
    environment: {DOMAIN: "${DOMAIN-unset}", DB_PASSWORD: "${DB_PASSWORD-unset}", EXTRA: "${EXTRA-unset}"}
  debug:
    image: hookman-busybox:latest
    network_mode: host
    profiles: [debug]
    command: sleep 600
    stop_grace_period: 0s
"""
SHOPS = "DOMAIN=shop.example\nDB_PASSWORD=secret-of-shop\nEXTRA=of-shop\nCOMPOSE_PROFILES=debug\n"
OTHERS = "DOMAIN=other.example\nDB_PASSWORD=secret-of-other\n"
ASK = "(cd ../other && docker compose config --environment >environment)"


@pytest.fixture(params=["enabled", "not enabled"])
def other(real_box: Box, request: pytest.FixtureRequest) -> Project:
    other = real_box.project("other", STACK, enable=request.param == "enabled")
    other.write(".env", OTHERS)
    return other


@pytest.fixture
def real_shop(real_box: Box, other: Project) -> Project:
    shop = real_box.project("shop", STACK)
    shop.write(".env", SHOPS)
    return shop


def asked(other: Project) -> dict[str, str]:
    """What Compose interpolated with when a hook asked it in the other project."""
    lines = (other.path / "environment").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def bare(other: Project) -> dict[str, str]:
    """The same where no hook asks."""
    result = other.compose("config", "--environment")
    assert result.code == 0, result
    return dict(line.split("=", 1) for line in result.out.splitlines() if "=" in line)


def without_shells_own(environ: dict[str, str]) -> dict[str, str]:
    own = (
        "_",
        "SHLVL",
        "PWD",
        "OLDPWD",
        "HOOKMAN_RUNNING",
        "HOOKMAN_DATA_DIR",
        "HOOKMAN_HOOK_ID",
        "DOCKER_CLI_PLUGIN_SOCKET",
    )
    return {name: value for name, value in environ.items() if name not in own}


@pytest.mark.parametrize("command", ["(cd ../other && docker compose up -d)", "hookman run --root .. other up -d"])
def test_its_containers_come_up_as_without_us(real_shop: Project, other: Project, command: str) -> None:
    real_shop.hooks_sh(f"hook_post_up() {{ {command}; }}\n")
    assert real_shop.compose("up", "-d").code == 0
    shown = other.docker("inspect", "-f", "{{json .Config.Env}}", "other-web-1").out
    assert "other.example" in shown
    assert "secret-of-other" in shown
    assert "EXTRA=unset" in shown
    assert other.compose("ps", "--services").out == "web\n"


def test_compose_there_has_the_environment_that_it_would_have_without_us(real_shop: Project, other: Project) -> None:
    real_shop.hooks_sh(f"hook_pre_stop() {{ {ASK}; }}\n")
    real_shop.box.environ |= {"stack": "mine", "COMPOSE_PROJECT_NAME": "callers", "TAG": "1"}
    assert real_shop.compose("stop").code == 0
    assert without_shells_own(asked(other)) == without_shells_own(bare(other))


def test_what_the_outer_line_says_is_not_for_it(real_shop: Project, other: Project) -> None:
    real_shop.script("stop.pre", "ask.sh", ASK)
    real_shop.box.environ |= {"COMPOSE_PROJECT_NAME": "callers", "COMPOSE_PROFILES": "none"}
    assert real_shop.compose("-p", "named", "--profile", "debug", "-f", "compose.yaml", "stop").code == 0
    assert without_shells_own(asked(other)) == without_shells_own(bare(other))


def test_what_the_hook_itself_sets_is(real_shop: Project, other: Project) -> None:
    said = {"DOMAIN": "hooks", "EXTRA": "", "COMPOSE_PROFILES": "hooks"}
    exports = " ".join(f"{name}={value}" for name, value in said.items())
    real_shop.hooks_sh(f"hook_pre_stop() {{ export {exports}; {ASK}; }}\n")
    assert real_shop.compose("stop").code == 0
    assert said.items() <= asked(other).items()


def test_what_an_earlier_function_exported_is(real_shop: Project, other: Project) -> None:
    real_shop.hooks_sh(f"hook_pre_stop() {{ export EXTRA=exported; }}\nhook_post_stop() {{ {ASK}; }}\n")
    assert real_shop.compose("stop").code == 0
    assert asked(other)["EXTRA"] == "exported"


def test_a_roots_dotenv_is_not_for_a_project_outside_of_it(real_box: Box, other: Project) -> None:
    inner = real_box.project("root/inner", STACK, enable=False)
    (real_box.base / "root/.env").write_text("EXTRA=of-root\n")
    assert real_box.hookman("enable", "--yes", "root").code == 0
    inner.hooks_sh("hook_pre_stop() { (cd ../../other && docker compose config --environment >environment); }\n")
    assert inner.compose("stop").code == 0
    assert "EXTRA" not in asked(other)


def test_settings_of_hookman_run_pass(real_shop: Project, other: Project) -> None:
    real_shop.hooks_sh(f"hook_pre_stop() {{ {ASK}; }}\n")
    result = real_shop.hookman("run", "--root", "..", "-e", "EXTRA=given", "shop", "stop")
    assert result.code == 0, result
    assert asked(other)["EXTRA"] == "given"


def test_a_value_of_ours_that_a_hook_only_repeats_is_taken_out(real_shop: Project, other: Project) -> None:
    real_shop.hooks_sh(f"hook_pre_stop() {{ export EXTRA=$EXTRA; {ASK}; }}\n")
    assert real_shop.compose("stop").code == 0
    assert "EXTRA" not in asked(other)


def test_a_value_that_a_hook_gives_to_hookman_run_counts_also_where_it_is_ours(
    real_shop: Project, other: Project
) -> None:
    command = "hookman run --root .. -e DB_PASSWORD=$DB_PASSWORD other up -d"
    real_shop.hooks_sh(f"hook_pre_stop() {{ {command}; }}\n")
    assert real_shop.compose("stop").code == 0
    assert "secret-of-shop" in other.docker("inspect", "-f", "{{json .Config.Env}}", "other-web-1").out


def test_what_a_hook_left_running_gives_it_nothing_either(real_shop: Project, other: Project) -> None:
    real_shop.hooks_sh(f"hook_pre_stop() {{ mkfifo go; (read -r x <go; {ASK}; : >done) >/dev/null 2>&1 & }}\n")
    assert real_shop.compose("stop").code == 0
    (real_shop.path / "go").write_text("\n")
    wait_for(real_shop.path / "done")
    assert asked(other)["DOMAIN"] == "other.example"


VALUES = ["'two\nlines'", "'a=b'", '"%0A"', "'ü'", "'" + "x" * 100_000 + "'"]


def test_any_value_is_taken_out(real_shop: Project, other: Project) -> None:
    real_shop.write(".env", "".join(f"VALUE_{at}={value}\n" for at, value in enumerate(VALUES)))
    real_shop.hooks_sh(f'hook_pre_stop() {{ : "${{VALUE_0?}}${{VALUE_4?}}"; {ASK}; }}\n')
    assert real_shop.compose("stop").code in (0, 1)
    assert [name for name in asked(other) if name.startswith("VALUE_")] == []


class TestTheHooksOwnProject:
    """It gets its .env from Compose itself, as it is when the hook calls it."""

    def test_a_hook_that_changes_the_dotenv_and_calls_compose_has_the_new_value(self, real_shop: Project) -> None:
        real_shop.hooks_sh(
            "hook_pre_stop() { echo DOMAIN=new >.env; docker compose config --environment | grep DOMAIN >seen; }\n"
        )
        assert real_shop.compose("stop").code == 0
        assert (real_shop.path / "seen").read_text() == "DOMAIN=new\n"

    def test_also_where_that_is_the_projects_name(self, real_shop: Project) -> None:
        real_shop.hooks_sh(
            "hook_pre_stop() { echo COMPOSE_PROJECT_NAME=new >.env; docker compose config | head -1 >seen; }\n"
        )
        assert real_shop.compose("stop").code == 0
        assert (real_shop.path / "seen").read_text() == "name: new\n"

    def test_what_the_hook_sets_for_a_call_counts(self, real_shop: Project) -> None:
        real_shop.hooks_sh("hook_pre_stop() { DOMAIN=mine docker compose config --environment | grep DOMAIN >seen; }\n")
        assert real_shop.compose("stop").code == 0
        assert (real_shop.path / "seen").read_text() == "DOMAIN=mine\n"

    def test_a_roots_dotenv_reaches_it(self, real_box: Box) -> None:
        inner = real_box.project("root/inner", STACK, enable=False)
        (real_box.base / "root/.env").write_text("EXTRA=of-root\n")
        assert real_box.hookman("enable", "--yes", "root").code == 0
        inner.hooks_sh("hook_pre_stop() { docker compose config --environment | grep ^EXTRA= >seen; }\n")
        assert inner.compose("stop").code == 0
        assert (inner.path / "seen").read_text() == "EXTRA=of-root\n"


class TestWhatAHookIsTold:
    """The record of what we gave: no value of it can be guessed, and any size of it works."""

    WHY = {"A": given.DOTENV, "B": given.SHARED, "P": given.TARGET}  # noqa: RUF012

    def test_everything_is_given_back(self, tmp_path: Path) -> None:
        callers = {"P": "two\nlines %0A", "H": "home"}
        values = {**callers, "A": "1", "B": "", "P": "ours"}
        told = values | given.note(values, self.WHY, callers, str(tmp_path))
        assert given.without(told, str(tmp_path)) == callers

    def test_what_changed_stays(self, tmp_path: Path) -> None:
        told = given.note({"A": "1", "B": "2"}, self.WHY, {}, str(tmp_path))
        assert given.without({"A": "other", **told}, str(tmp_path)) == {"A": "other"}

    def test_a_part_of_it_can_be_given_back(self, tmp_path: Path) -> None:
        values = {"A": "1", "B": "2"}
        told = values | given.note(values, self.WHY, {}, str(tmp_path))
        first = given.without(told, str(tmp_path), given.DOTENV)
        assert (first.get("A"), first.get("B")) == (None, "2")
        assert given.without({**first, "A": "1"}, str(tmp_path)) == {"A": "1"}

    def test_ten_thousand_variables_are(self, tmp_path: Path) -> None:
        values = {f"NAME_{number}": str(number) for number in range(10_000)}
        told = given.note(values, dict.fromkeys(values, given.DOTENV), {}, str(tmp_path))
        assert max(map(len, told.values())) < 128 * 1024
        assert given.without(values | told, str(tmp_path)) == {}

    def test_the_same_value_is_told_otherwise_to_another_user(self, tmp_path: Path) -> None:
        told = [given.note({"A": "hunter2"}, self.WHY, {}, str(tmp_path / user)) for user in ("one", "two")]
        assert told[0] != told[1]

    def test_the_key_is_for_this_user_alone(self, tmp_path: Path) -> None:
        given.note({"A": "hunter2"}, self.WHY, {}, str(tmp_path))
        assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
        assert [path.name for path in tmp_path.iterdir()] == ["key"]

    def test_without_a_key_all_that_we_gave_is_taken_out(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        told = given.note({"A": "1"}, self.WHY, {}, str(tmp_path / "file"))
        assert given.without({"A": "1", **told}, str(tmp_path / "file")) == {}
