"""How many programs the shim starts for a command."""

from __future__ import annotations

import pytest

from hookman.base.system import PORTABLE
from tests.support.box import Box, Project


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
