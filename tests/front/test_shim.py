"""The shim: two ways out, and never a broken `docker compose`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hookman.base.system import PORTABLE
from tests.support.box import Box, Project

ROOT = Path(__file__).parents[2]


def programs_started(box: Box, project: Project, *args: str) -> list[str]:
    """The programs that the shim executes, one after the other, for `docker compose ARGS`."""
    log = box.base / "strace"
    result = box.run("strace", "-f", "-e", "trace=execve", "-o", log, box.shim, "compose", *args, cwd=project.path)
    assert result.code == 0, result
    begun: dict[str, str] = {}  # of calls that strace shows in two lines, because another process called meanwhile
    found = []
    for line in log.read_text().splitlines():
        pid = line.split()[0]
        if 'execve("' in line:
            begun[pid] = line.split('execve("')[1].split('"')[0].rpartition("/")[2]
        if "execve" in line and line.endswith("= 0"):
            found.append(begun.pop(pid))
        elif "execve" in line and " = -1 " in line:
            del begun[pid]
    return [*found, *begun.values()]  # those that were killed while they began: the guardian of a short run


def test_the_shim_can_be_read_in_a_minute() -> None:
    lines = (ROOT / "templates/shim.sh").read_text().splitlines()
    assert len(lines) <= 150
    assert lines[0] == "#!/bin/sh"


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_shim_runs_under_any_posix_sh(box: Box, shop: Project, shell: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = box.run(shell, box.shim, "compose", "up", "-d", cwd=shop.path)
    assert (result.code, result.err.count("\n"), shop.trace()) == (0, 1, ["ran"])


def test_a_project_that_is_not_enabled_runs_no_hook_and_gets_one_line(box: Box) -> None:  # C101
    project = box.project(enable=False)
    project.hooks_sh("echo sourced >>trace\nhook_pre_up() { :; }\n")
    result = project.compose("up", "-d", STUB_OUT="out", STUB_EXIT="3")
    assert (result.code, result.out, project.trace()) == (3, "out", [])
    assert result.err.count("\n") == 1
    assert "hookman enable" in result.err


def test_a_project_that_is_not_enabled_and_has_no_hooks_gets_no_line(box: Box) -> None:
    assert box.project(enable=False).compose("up", "-d").err == ""


def test_a_line_about_hooks_elsewhere_is_said_for_the_project_that_is_meant(box: Box) -> None:
    mine = box.project("mine")
    other = box.project("other", enable=False)
    other.hooks_sh("echo sourced >>trace\n")
    result = mine.compose("-f", "../other/compose.yaml", "up", "-d")
    assert (result.code, other.trace()) == (0, [])
    assert f"the hooks of {other.path} are not enabled" in result.err


def test_disable_takes_the_consent_back(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    shop.compose("up", "-d")
    assert shop.hookman("disable").code == 0
    shop.compose("up", "-d")
    assert shop.trace() == ["ran"]
    assert not (box.data / "enabled").exists() or list((box.data / "enabled").rglob("*")) == []


def test_a_sibling_whose_name_begins_alike_is_not_enabled(box: Box, shop: Project) -> None:
    evil = box.project("shop-evil", enable=False)
    evil.hooks_sh("echo sourced >>trace\n")
    evil.compose("up", "-d")
    assert evil.trace() == []


def test_a_project_below_an_enabled_one_is_not_enabled(box: Box, shop: Project) -> None:
    below = box.project("shop/vendor/lib", enable=False)
    below.hooks_sh("echo sourced >>trace\n")
    result = below.compose("up", "-d")
    assert (result.code, below.trace()) == (0, [])
    assert "not enabled" in result.err


def test_a_root_enables_its_stacks(box: Box) -> None:
    stack = box.project("stacks/web", enable=False)
    stack.script("up.pre", "a.sh", 'echo "$SCRIPT_DIR/$stack" >>trace')
    assert "all stacks in" in box.hookman("enable", "--yes", cwd=box.base / "stacks").out
    stack.compose("up", "-d")
    assert stack.trace() == [str(stack.path)]


def test_an_enabled_project_is_found_through_a_link(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    (box.base / "link").symlink_to(shop.path)
    shop.compose("up", "-d", cwd=box.base / "link")
    assert shop.trace() == ["ran"]


@pytest.mark.parametrize("how", ["-f", "--project-directory", "COMPOSE_FILE", ".env"])
def test_an_enabled_project_elsewhere_is_found(box: Box, shop: Project, how: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    other = box.base / "elsewhere"
    other.mkdir()
    file = str(shop.path / "compose.yaml")
    if how == "COMPOSE_FILE":
        result = shop.compose("up", "-d", cwd=other, COMPOSE_FILE=file)
    elif how == ".env":
        (other / ".env").write_text(f"COMPOSE_FILE={file}")
        result = shop.compose("up", "-d", cwd=other)
    else:
        result = shop.compose(how, str(shop.path) if how == "--project-directory" else file, "up", "-d", cwd=other)
    assert (result.code, shop.trace()) == (0, ["ran"])


@pytest.mark.parametrize(
    "line",
    [
        "run web compose --help",
        "run compose --help",
        "exec up up --help",
        "up --help=true --help=false",
        "-p --help up",
        "logs -f web",
        "-p up -f compose.yaml ps",
        "-p -h up",
    ],
)
def test_words_that_look_like_something_else_do_not_lose_hooks(box: Box, shop: Project, line: str) -> None:
    command = next(word for word in line.replace("-p up", "").split() if word in ("run", "exec", "up", "logs", "ps"))
    shop.script(f"{command}.pre", "a.sh", "echo ran >>trace")
    assert shop.compose(*line.split()).code == 0
    assert shop.trace() == ["ran"]


class TestBroken:
    """Whatever of ours is missing or broken, the real Compose runs, with one line that says what to do."""

    def run(self, box: Box) -> None:
        shop = Project(box, box.base / "shop")
        result = shop.compose("up", "-d", "--skip-hooks", STUB_OUT="out", STUB_EXIT="5")
        assert (result.code, result.out, box.calls()) == (5, "out", ["<compose><up><-d>"])
        assert shop.trace() == []
        assert result.err.startswith("hookman: hooks did not run")
        assert "Fix: " in result.err
        assert result.err.count("\n") == 1
        assert shop.compose("version").err == ""

    def test_the_copy_works_before_it_is_broken(self, copied: Box) -> None:
        shop = Project(copied, copied.base / "shop")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["ran"]

    def test_python_is_gone(self, copied: Box) -> None:
        (copied.base / "python").unlink()
        self.run(copied)

    def test_the_package_is_gone(self, copied: Box) -> None:
        shutil.rmtree(copied.base / "copy/hookman")
        self.run(copied)

    @pytest.mark.parametrize(
        "program",
        [
            "",
            "#!/bin/sh\n",
            "#!/bin/sh\nexit 0\n",
            "#!/bin/sh\nexit 127\n",
            "#!/bin/sh\nkill -9 $$\n",
            "#!/nowhere/python\n",
            "\x7fELF",
        ],
        ids=["empty", "nothing", "true", "127", "killed", "no interpreter", "broken binary"],
    )
    def test_python_does_not_start(self, copied: Box, program: str) -> None:
        assert Project(copied, copied.base / "shop").compose("ps").code == 0  # now it does
        copied.calls_file.unlink()
        python = copied.base / "python"
        python.unlink()
        python.write_text(program)
        python.chmod(0o755)
        self.run(copied)

    @pytest.mark.parametrize("kept", [0.0, 0.2, 0.5, 0.8, 0.95, 0.99])
    @pytest.mark.parametrize("part", ["front/entry.py", "front/start.py", "front/main.py", "base/messages.py"])
    def test_a_part_of_the_package_is_cut_off(self, copied: Box, part: str, kept: float) -> None:
        path = copied.base / "copy/hookman" / part
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[: int(len(lines) * kept)]))
        shop = Project(copied, copied.base / "shop")
        result = shop.compose("up", "-d", "--skip-hooks", STUB_OUT="out", STUB_EXIT="5")
        assert (result.code, result.out, copied.calls()) == (5, "out", ["<compose><up><-d>"]), result
        assert "Traceback" not in result.err

    @pytest.mark.parametrize("part", ["base/errors.py", "front/decide.py", "compose/project.py", "run/carry_out.py"])
    def test_a_part_of_the_package_is_gone(self, copied: Box, part: str) -> None:
        (copied.base / "copy/hookman" / part).unlink()
        self.run(copied)

    def test_a_part_of_the_package_is_damaged(self, copied: Box) -> None:
        (copied.base / "copy/hookman/compose/project.py").write_text("this is no Python")
        self.run(copied)

    def test_an_internal_error_leaves_a_report_and_no_traceback(self, copied: Box) -> None:
        with (copied.base / "copy/hookman/consent/marks.py").open("a") as file:
            file.write("\n\ndef is_enabled(data, directory):\n    return {}['oops']\n")
        self.run(copied)
        report = next((copied.data / "reports").iterdir()).read_text()
        assert "KeyError: 'oops'" in report

    def test_an_internal_error_once_hooks_ran_does_not_start_compose(self, copied: Box) -> None:
        path = copied.base / "copy/hookman/run/one_hook.py"
        text = path.read_text()
        assert "def judge(" in text
        path.write_text(text.replace("def judge(", "def _other(", 1))
        shop = Project(copied, copied.base / "shop")
        result = shop.compose("up", "-d")
        assert (result.code, copied.calls(), shop.trace()) == (1, [], ["ran"])
        assert "internal error" in result.err
        assert "Traceback" not in result.err

    def test_the_real_compose_is_gone(self, copied: Box) -> None:
        (copied.config / "cli-plugins/docker-compose").unlink()
        result = Project(copied, copied.base / "shop").compose("up", "-d")
        assert result.code == 1
        assert "no Docker Compose behind hookman's shim" in result.err


class TestCost:
    """Not managed, or not an operation: sh and the real Compose, nothing else."""

    def test_no_operation(self, box: Box, shop: Project) -> None:
        assert programs_started(box, shop, "version") == ["docker-compose", "docker-compose", *STUB_STARTS]

    def test_not_managed(self, box: Box) -> None:
        project = box.project("plain", enable=False)
        assert programs_started(box, project, "ps") == ["docker-compose", "docker-compose", *STUB_STARTS]

    def test_not_managed_with_hooks_nobody_enabled(self, box: Box) -> None:
        project = box.project("hooks", enable=False)
        project.hooks_sh(":\n")
        assert programs_started(box, project, "ps") == ["docker-compose", "docker-compose", *STUB_STARTS]

    @pytest.mark.usefixtures("shop")
    @pytest.mark.parametrize(
        "line",
        [
            "-f plain/compose.yaml ps",
            "--file=plain/compose.yaml up -d",
            "-fplain/compose.yaml logs -f web",
            "--project-directory plain up -d",
            "--env-file plain/own.env up -d",
        ],
    )
    def test_not_managed_in_another_place(self, box: Box, line: str) -> None:
        plain = box.project("plain", enable=False)
        plain.write("own.env", "A=1\n")
        above = Project(box, box.base)
        reader = ["grep"] if "--env-file" in line else []
        started = programs_started(box, above, *line.split())
        assert started == ["docker-compose", *reader, "docker-compose", *STUB_STARTS]

    @pytest.mark.usefixtures("shop")
    @pytest.mark.parametrize("where", ["environment", ".env"])
    def test_not_managed_through_compose_file(self, box: Box, where: str) -> None:
        box.project("plain", enable=False)
        above = Project(box, box.base)
        if where == ".env":
            above.write(".env", "# mine\nCOMPOSE_FILE=plain/compose.yaml:more.yaml\n")
        else:
            box.environ["COMPOSE_FILE"] = "plain/compose.yaml"
        reader = ["grep"] if where == ".env" else []
        started = programs_started(box, above, "up", "-d")
        assert started == ["docker-compose", *reader, "docker-compose", *STUB_STARTS]

    @pytest.mark.usefixtures("shop")
    @pytest.mark.parametrize("text", ["A=1\n", "A=1\n" * 10_000, "A=" + "x" * 1_000_000, "#" * 1_000_000])
    def test_an_env_file_of_any_size_takes_one_program(self, box: Box, text: str) -> None:
        plain = box.project("plain", enable=False)
        plain.write(".env", text)
        assert programs_started(box, plain, "up", "-d") == ["docker-compose", "grep", "docker-compose", *STUB_STARTS]

    def test_an_env_file_that_is_switched_off_says_nothing(self, box: Box, shop: Project) -> None:
        box.project("other", enable=False)
        shop.script("ps.pre", "1.sh", "echo ran >trace")
        below = Project(box, shop.path / "below")
        below.write(".env", "COMPOSE_FILE=../../other/compose.yaml\n")
        assert below.compose("ps", COMPOSE_DISABLE_ENV_FILE="1").code == 0
        assert shop.trace() == ["ran"]

    def test_an_empty_project_directory_says_nothing(self, box: Box, shop: Project) -> None:
        shop.script("ps.pre", "1.sh", "echo ran >trace")
        below = Project(box, shop.path / "below")
        assert below.compose("--project-directory", "", "ps").code == 0
        assert shop.trace() == ["ran"]

    @pytest.mark.parametrize(
        "text",
        [
            'A="\nCOMPOSE_FILE=other/compose.yaml\n"\n',  # not a line of its own
            "COMPOSE_FILE=other/compose.yaml\nCOMPOSE_FILE=compose.yaml\n",
            "COMPOSE_FILE=\tcompose.yaml\nA=\0\n",
            "COMPOSE_FILE=compose.yaml\r\n",
        ],
    )
    def test_a_compose_file_in_an_env_file_is_taken_for_no_more_than_it_is(
        self, box: Box, shop: Project, text: str
    ) -> None:
        box.project("shop/other", enable=False)
        shop.script("ps.pre", "1.sh", "echo ran >trace")
        shop.write(".env", text)
        assert shop.compose("ps").code == 0
        assert shop.trace() == ["ran"]

    def test_a_compose_file_at_the_end_of_a_long_env_file_is_found(self, box: Box, shop: Project) -> None:
        shop.script("ps.pre", "1.sh", "echo ran >trace")
        elsewhere = Project(box, box.base / "elsewhere")
        elsewhere.write(".env", "A=1\n" * 10_000 + f"COMPOSE_FILE={shop.path}/compose.yaml\n")
        assert elsewhere.compose("ps").code == 0
        assert shop.trace() == ["ran"]

    @pytest.mark.usefixtures("shop")
    def test_not_managed_below_an_enabled_project(self, box: Box) -> None:
        below = box.project("shop/vendor/lib", enable=False)
        assert programs_started(box, below, "up", "-d") == ["docker-compose", "docker-compose", *STUB_STARTS]

    @pytest.mark.parametrize("line", ["up --help", "up -h", "--help up", "logs --help", "-p x down -h"])
    def test_help_in_an_enabled_project(self, box: Box, shop: Project, line: str) -> None:
        assert programs_started(box, shop, *line.split()) == ["docker-compose", "docker-compose", *STUB_STARTS]

    def test_managed_is_one_python_a_guardian_and_the_hooks(self, box: Box, shop: Project) -> None:
        shop.script("up.pre", "a.sh")
        assert shop.compose("up", "-d").code == 0  # the first one also proves that hookman starts
        started = programs_started(box, shop, "up", "-d")
        assert started.pop(1).startswith("python")
        started.remove("sh")  # the guardian, which begins beside the hook
        if PORTABLE:
            started.remove("ps")  # which process holds the lock
        assert started == ["docker-compose", "a.sh", "docker-compose", *STUB_STARTS]

    def test_hooks_sh_is_checked_once_and_sourced_once_an_event(self, box: Box, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() { :; }\nhook_post_up() { :; }\n")
        started = programs_started(box, shop, "up", "-d")
        assert started.count("bash") == 3


STUB_STARTS = ["env"]  # the stub's own


@pytest.mark.parametrize("name", ["hookman.toml", "hookman.local.toml"])
def test_a_table_that_declares_a_hook_is_mentioned_where_it_is_not_enabled(box: Box, name: str) -> None:
    project = box.project("plain", enable=False)
    project.write(name, "[hooks.a]\non = 'up.pre'\nrun = ':'\n")
    assert "are not enabled on this machine. Fix: hookman enable" in project.compose("ps").err


def test_a_hooks_sh_that_leads_nowhere_is_mentioned_too(box: Box) -> None:
    project = box.project("plain", enable=False)
    (project.path / "hooks.sh").symlink_to("nowhere")
    assert "are not enabled on this machine. Fix: hookman enable" in project.compose("ps").err


def test_settings_without_a_hook_are_not_mentioned(box: Box) -> None:
    project = box.project("plain", enable=False)
    project.write("hookman.local.toml", "timeout = 5\n")
    assert project.compose("ps").err == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_the_exit_code_is_composes_where_the_caller_closed_descriptors(box: Box, shop: Project, closed: str) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = box.run("sh", "-c", f'"$0" compose up -d {closed}', box.shim, cwd=shop.path, STUB_EXIT="3")
    assert (result.code, shop.trace()) == (3, ["ran"])
