"""Whose .env files reach hooks, and what the programs that hookman starts begin with."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hookman.hooks.environment import changes
from tests.support.box import Box, Project

SEEN = 'hook_pre_ps() { echo "<$A><$B>" >trace; }\n'


@pytest.fixture
def shop(shop: Project) -> Project:
    shop.hooks_sh(SEEN)
    return shop


@pytest.fixture
def clone(shop: Project) -> Path:
    """A directory beside the shop that was never enabled; its .env leads to the shop."""
    clone = Project(shop.box, shop.box.base / "clone")
    clone.write(".env", "COMPOSE_FILE=../shop/compose.yaml\nA=clone\nB=clone\n")
    return clone.path


class TestWhoseDotenv:
    def test_that_of_another_directory_reaches_no_hook(self, shop: Project, clone: Path) -> None:
        shop.write(".env", "A=shop\n")
        assert shop.compose("ps", cwd=clone).code == 0
        assert shop.trace() == ["<shop><>"]

    def test_nor_is_it_used_in_the_projects_own(self, shop: Project, clone: Path) -> None:
        shop.write(".env", "A=${B:-none}\n")
        shop.compose("ps", cwd=clone)
        assert shop.trace() == ["<none><>"]

    def test_that_of_a_subdirectory_does_not_either(self, shop: Project) -> None:
        shop.write("vendor/clone/.env", "A=clone\n")
        shop.compose("ps", cwd=shop.path / "vendor/clone")
        assert shop.trace() == ["<><>"]

    def test_nor_that_of_a_directory_above(self, shop: Project) -> None:
        (shop.box.base / ".env").write_text("COMPOSE_FILE=shop/compose.yaml\nA=above\n")
        shop.compose("ps", cwd=shop.box.base)
        assert shop.trace() == ["<><>"]

    def test_a_link_in_the_project_is_its_own(self, shop: Project, tmp_path: Path) -> None:
        (tmp_path / "common.env").write_text("A=common\n")
        (shop.path / ".env").symlink_to(tmp_path / "common.env")
        shop.compose("ps")
        assert shop.trace() == ["<common><>"]

    def test_what_the_command_line_names_counts(self, shop: Project, tmp_path: Path) -> None:
        (tmp_path / "named.env").write_text("A=named\nPYTHONPATH=/x\n")
        shop.hooks_sh('hook_pre_ps() { echo "<$A><$PYTHONPATH>" >trace; }\n')
        shop.compose("--env-file", str(tmp_path / "named.env"), "ps")
        assert shop.trace() == ["<named><>"]

    def test_so_does_what_the_environment_names_in_full(self, shop: Project, tmp_path: Path) -> None:
        (tmp_path / "named.env").write_text("A=named\n")
        shop.compose("ps", COMPOSE_ENV_FILES=f"{tmp_path}/named.env")
        assert shop.trace() == ["<named><>"]

    def test_a_name_that_the_environment_has_for_every_directory_does_not_count_in_another_ones(
        self, shop: Project, clone: Path
    ) -> None:
        (clone / ".env").rename(clone / "local.env")
        shop.write("local.env", "A=shop\n")
        assert shop.compose("ps", COMPOSE_ENV_FILES="local.env").code == 0
        assert shop.trace() == ["<shop><>"]
        shop.compose("ps", cwd=clone, COMPOSE_ENV_FILES="local.env")
        assert shop.trace() == ["<><>"]

    def test_hooks_are_aimed_as_compose_is_all_the_same(self, shop: Project, clone: Path) -> None:
        (clone / ".env").write_text("COMPOSE_FILE=../shop/compose.yaml\nCOMPOSE_PROJECT_NAME=named\n")
        shop.hooks_sh('hook_pre_ps() { echo "$COMPOSE_PROJECT_NAME $COMPOSE_FILE" >trace; }\n')
        shop.compose("ps", cwd=clone)
        assert shop.trace() == [f"named {shop.path}/compose.yaml"]

    def test_compose_gets_what_it_would_get(self, shop: Project, clone: Path) -> None:
        (shop.box.base / "kompose.sh").write_text("")
        (shop.box.base / ".env").write_text("A=root\nC=root\n")
        shop.compose("ps", cwd=clone)
        seen = shop.box.compose_environ()
        assert ("A" in seen, seen.get("C"), seen["PWD"]) == (False, "root", str(clone))

    def test_hookmans_own_commands_read_the_same(self, shop: Project, clone: Path) -> None:
        shown = shop.box.hookman("test", "hook_pre_ps", "--env", cwd=clone)
        assert (shown.code, "clone'" in shown.out, shop.trace()) == (0, False, [])
        assert shop.box.hookman("test", "hook_pre_ps", cwd=clone).code == 0
        assert shop.trace() == ["<><>"]

    def test_a_root_that_is_not_enabled_says_nothing_to_another_projects_hooks(self, shop: Project) -> None:
        root = Project(shop.box, shop.box.base / "root")
        root.write("kompose.sh", "")
        root.write("web/compose.yaml", "services: {}\n")
        root.write(".env", "COMPOSE_FILE=../../shop/compose.yaml\nA=root\n")
        shop.box.hookman("run", "web", "ps", cwd=root.path)
        assert shop.trace() == []
        root.write(".env", "A=root\n")
        root.write("web/.env", "COMPOSE_FILE=../../shop/compose.yaml\n")
        shop.box.hookman("run", "web", "ps", cwd=root.path)
        assert shop.trace() == ["<><>"]


class TestAtStart:
    def test_bash_begins_in_the_callers_environment(self, shop: Project) -> None:
        shop.write(".env", "A=dotenv\nLC_MESSAGES=zz\nB=dotenv\n")
        shop.hooks_sh("hook_pre_ps() { tr '\\0' '\\n' </proc/$$/environ >start; echo \"<$A><$B>\" >trace; }\n")
        shop.compose("ps", B="caller")
        start = (shop.path / "start").read_text().splitlines()
        assert "B=caller" in start
        assert [line for line in start if line.startswith(("A=", "LC_MESSAGES="))] == []
        assert shop.trace() == ["<dotenv><caller>"]

    def test_what_an_earlier_function_exported_comes_in_the_same_way(self, shop: Project) -> None:
        shop.hooks_sh("""
            hook_pre_ps() { export LD_PRELOAD= A=$'two\\nlines' PATH=/bin:/usr/bin; unset B; }
            hook_post_ps() { tr '\\0' '\\n' </proc/$$/environ >start; echo "<$A><${B-gone}>${PATH%:*}" >trace; }
        """)
        shop.compose("ps", B="caller")
        assert shop.trace() == ["<two", "lines><gone>/bin:/usr/bin"]
        assert not any(line.startswith(("A=", "LD_PRELOAD=")) for line in (shop.path / "start").read_text().split("\n"))

    def test_children_of_a_function_see_the_values_and_nothing_of_how_they_came(self, shop: Project) -> None:
        shop.write(".env", "A=1\nA.B=2\nUID=7\nSECRET='x y'\n")
        shop.hooks_sh("hook_pre_ps() { env >seen; }\n")
        assert shop.compose("ps").code == 0
        seen = (shop.path / "seen").read_text().splitlines()
        assert {"A=1", "A.B=2", "UID=7", "SECRET=x y"} <= set(seen)
        assert [line for line in seen if "LATER" in line or "__hookman" in line] == []

    def test_a_locale_that_is_not_there_is_no_line_on_stderr(self, shop: Project) -> None:
        shop.write(".env", "LC_ALL=zz_ZZ.UTF-8\n")
        assert "locale" not in shop.compose("ps").err

    def test_values_of_any_text_and_length_arrive_as_they_are(self, shop: Project) -> None:
        odd = """it's "$(touch ran)" `x` \\ $A ${B} ! 'q' ; # é"""
        shop.hooks_sh(
            'hook_pre_ps() { export ODD="$(cat odd)" LONG="$(cat long)"; }\n'
            'hook_post_ps() { printf %s "$ODD" >o; printf %s "$LONG" >l; }\n'
        )
        (shop.path / "odd").write_text(odd)
        (shop.path / "long").write_text("x'é" * 20000)
        assert shop.compose("ps").code == 0
        assert ((shop.path / "o").read_text(), (shop.path / "ran").exists()) == (odd, False)
        assert (shop.path / "l").read_text() == "x'é" * 20000

    def test_a_thousand_values_arrive(self, shop: Project) -> None:
        shop.write(".env", "".join(f"V{number}='value {number}'\n" for number in range(1000)))
        shop.hooks_sh('hook_pre_ps() { echo "$V0 $V999 $(env | grep -c "^V[0-9]*=value")" >trace; }\n')
        assert shop.compose("ps").code == 0
        assert shop.trace() == ["value 0 value 999 1000"]


def test_a_clone_that_leads_to_an_enabled_project_runs_nothing_of_its_own(real_box: Box) -> None:
    """The real Compose: python and git in the shop's hook, started from a clone that was never enabled."""
    shop = real_box.project(compose="services: {web: {image: x}}\n")
    shop.hooks_sh("hook_pre_ps() { git init -q .; python3 -c pass; git status; iconv -l; echo ran >trace; }\n")
    clone = Project(real_box, real_box.base / "clone")
    evil = clone.write("evil", f"#!/bin/sh\ntouch {clone.path}/ran\n", 0o755)
    clone.write("sitecustomize.py", f"import os; os.system({os.fspath(evil)!r})\n")
    clone.write(
        ".env",
        f"COMPOSE_FILE=../shop/compose.yaml\nPYTHONPATH={clone.path}\nLOCPATH={clone.path}\nGCONV_PATH={clone.path}\n"
        f"GIT_CONFIG_COUNT=1\nGIT_CONFIG_KEY_0=core.fsmonitor\nGIT_CONFIG_VALUE_0={evil}\nPS4='$({evil})'\n",
    )
    result = shop.compose("ps", cwd=clone.path)
    assert (result.code, shop.trace(), (clone.path / "ran").exists()) == (0, ["ran"], False), result


class TestTheReportOfAFunction:
    BEFORE = {"KEPT": "1", "CHANGED": "1", "GONE": "1"}  # noqa: RUF012 (never changed)

    def test_it_says_what_was_exported_and_what_was_unset(self) -> None:
        report = b"0\0KEPT=1\0CHANGED=2\0NEW=3\0\0"
        assert changes(self.BEFORE, report) == {"CHANGED": "2", "NEW": "3", "GONE": None}

    def test_one_that_is_cut_off_does_not_say_what_was_unset(self) -> None:
        """A trap of the function's own that exits, or a signal, may come while it is written."""
        report = b"0\0KEPT=1\0CHANGED=2\0NEW=3\0\0"
        for end in range(len(report)):
            assert changes(self.BEFORE, report[:end]).items() <= {"CHANGED": "2", "NEW": "3"}.items()
