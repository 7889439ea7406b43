"""The line about hooks that are not enabled: its command works as printed, and the shim and Python agree on when."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from hookman.base.paths import enabled_mark
from hookman.consent import marks
from tests.support.box import Box, Project

NAMES = ["web", "with a blank", "it's", 'say "it"', "$HOME", "-x", "*", "ünï", "\x1b[31mred", "two\nlines", "last\n"]


def command_in(line: str) -> str:
    """The command that the last line said."""
    assert line.count("hookman enable") == 1, line
    return line[line.index("hookman enable") :].rstrip("\n")


def typed(box: Box, command: str, cwd: Path) -> None:
    """Have bash read the command as if it were typed, and run hookman with those words in `cwd`."""
    words = box.run("bash", "-c", f"hookman() {{ printf '%s\\0' \"$@\"; }}; {command}", cwd=cwd)
    assert words.code == 0, words
    result = box.hookman(*words.out.split("\0")[:-1], cwd=cwd)
    assert result.code == 0, result


def may_run(project: Project) -> bool:
    return marks.is_enabled(str(project.box.data), str(project.path))


class TestTheCommandInTheLine:
    """It is typed where the user stands, as it was printed."""

    @pytest.fixture
    def aside(self, box: Box) -> Project:
        """Another project, in which the user stands; it has hooks that nobody enabled either."""
        aside = box.project("aside", enable=False)
        aside.hooks_sh(":\n")
        return aside

    @staticmethod
    def project(box: Box, name: str) -> Project:
        project = box.project(name, enable=False)
        project.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
        return project

    @pytest.mark.parametrize("name", NAMES)
    def test_of_a_project_one_stands_in(self, box: Box, name: str) -> None:
        project = self.project(box, name)
        result = project.compose("up", "-d")
        assert (result.code, result.err.count("\n"), "\x1b" in result.err) == (0, 1, False)
        typed(box, command_in(result.err), project.path)
        assert may_run(project)

    @pytest.mark.parametrize("how", ["-f", "--project-directory", "--file=", "COMPOSE_FILE"])
    @pytest.mark.parametrize("name", NAMES)
    def test_of_a_project_elsewhere(self, box: Box, aside: Project, name: str, how: str) -> None:
        project = self.project(box, name)
        file = f"../{name}/compose.yaml"
        words = {"-f": ["-f", file], "--file=": [f"--file={file}"], "--project-directory": [how, str(project.path)]}
        if how == "COMPOSE_FILE":
            box.environ[how] = file
        result = aside.compose(*words.get(how, []), "up", "-d")
        box.environ.pop(how, None)
        assert (result.code, result.err.count("\n"), "\x1b" in result.err) == (0, 1, False)
        typed(box, command_in(result.err), aside.path)
        assert (may_run(project), may_run(aside)) == (True, False)

    @pytest.mark.parametrize("how", [[], ["--env-file", "own.env"]])
    @pytest.mark.parametrize("name", ["web", "with a blank", 'say "it"', "ünï"])
    def test_of_a_project_that_an_env_file_leads_to(self, box: Box, aside: Project, name: str, how: list[str]) -> None:
        project = self.project(box, name)
        aside.write("own.env" if how else ".env", f"COMPOSE_FILE='../{name}/compose.yaml'\n")
        result = aside.compose(*how, "up", "-d")
        typed(box, command_in(result.err), aside.path)
        assert (may_run(project), may_run(aside)) == (True, False)

    def test_of_the_project_around(self, box: Box) -> None:
        project = self.project(box, "shop")
        (project.path / "src").mkdir()
        result = project.compose("up", "-d", cwd=project.path / "src")
        assert result.err.endswith("not enabled on this machine. Fix: hookman enable\n")
        assert box.run("bash", "-c", command_in(result.err), cwd=project.path / "src").code == 0
        assert may_run(project)

    def test_of_the_project_around_from_a_directory_with_hooks_of_its_own(self, box: Box) -> None:
        project = self.project(box, "shop")
        inner = Project(box, project.path / "inner")
        inner.hooks_sh(":\n")
        result = inner.compose("up", "-d")
        assert command_in(result.err) == f"hookman enable {project.path}"
        typed(box, command_in(result.err), inner.path)
        assert (may_run(project), may_run(inner)) == (True, False)

    def test_of_a_directory_that_is_used_with_a_file_of_another_name(self, box: Box) -> None:
        above = box.project("above", enable=False)
        inner = self.project(box, "above/inner")
        (inner.path / "compose.yaml").rename(inner.path / "other.yml")
        result = inner.compose("-f", "other.yml", "up", "-d")
        typed(box, command_in(result.err), inner.path)
        assert (may_run(inner), may_run(above)) == (True, False)

    def test_of_a_directory_without_a_compose_file(self, box: Box) -> None:
        project = self.project(box, "shop")
        (project.path / "compose.yaml").unlink()
        result = project.compose("up", "-d")
        typed(box, command_in(result.err), project.path)
        assert may_run(project)

    def test_of_one_that_another_hook_calls(self, box: Box, shop: Project) -> None:
        project = self.project(box, "other")
        shop.script("up.pre", "a.sh", "cd ../other && docker compose up -d")
        result = shop.compose("up", "-d")
        typed(box, command_in(result.err.splitlines()[0]), shop.path)
        assert may_run(project)

    def test_of_a_stack_that_hookman_run_goes_over(self, box: Box) -> None:
        stack = self.project(box, "stacks/web")
        for words in (["run", "web", "up", "-d"], ["run", "-n", "web", "up", "-d"]):
            result = box.hookman(*words, cwd=box.base / "stacks")
            assert command_in(result.out + result.err) == f"hookman enable {stack.path}"

    @pytest.mark.parametrize("command", [["list"], ["status"], ["doctor"], ["test", "up"], ["db", "export"]])
    def test_in_our_own_commands(self, box: Box, command: list[str]) -> None:
        project = self.project(box, "shop")
        inner = Project(box, project.path / "inner")
        inner.hooks_sh(":\n")
        for where, said in ((project, "hookman enable"), (inner, f"hookman enable {project.path}")):
            result = where.hookman(*command)
            assert f"{said}\n" in (result.out + result.err).replace(")\n", "\n"), (command, result)

    def test_of_a_directory_that_came_to_the_place_of_an_enabled_one(self, box: Box, aside: Project) -> None:
        project = box.project("a b")
        project.remove()
        project = self.project(box, "a b")
        result = aside.compose("-f", "../a b/compose.yaml", "up", "-d")
        assert "is not the directory that was enabled" in result.err
        assert command_in(result.err) == f"hookman enable '{project.path}'"
        typed(box, command_in(result.err), aside.path)
        assert may_run(project)


OWN = ["", marks.PROJECT, marks.ROOT, "via", "replaced", "older"]
ABOVE = ["", marks.PROJECT, marks.ROOT, "future", "replaced future"]


@pytest.mark.parametrize("name", ["web", ".web", "..web", "-x", "it's *", "last\n", "ünï"])
def test_the_shim_runs_hooks_exactly_where_python_says_that_they_are_enabled(box: Box, name: str) -> None:
    """Over every kind of mark of a project, and of the directory above it."""
    data = str(box.data)
    shim = box.data / "cli-plugins/docker-compose"
    box.environ["DOCKER_CONFIG"] = str(box.config)
    ran = 0
    for number, (own, above) in enumerate(itertools.product(OWN, ABOVE)):
        root = box.base / f"root{number}"
        project = Project(box, root / name)
        if above:
            kind = marks.ROOT if "future" in above else above
            marks.enable(data, str(root), kind, **({"future": "1"} if "future" in above else {}))
        if own:
            kind = own if own in (marks.PROJECT, marks.ROOT) else marks.PROJECT
            marks.enable(data, str(project.path), kind, **({"via": marks.ROOT} if own == "via" else {}))
        if own == "older":
            mark = Path(enabled_mark(data, str(project.path)))
            mark.write_text("\n".join(line for line in mark.read_text().splitlines() if "birth=" not in line))
        if own == "replaced":
            project.remove()
        if above.startswith("replaced"):
            root.rename(box.base / "aside")
            root.mkdir()
            if project.path.name in {path.name for path in (box.base / "aside").iterdir()}:
                (box.base / "aside" / name).rename(project.path)
            shutil.rmtree(box.base / "aside")
        project = Project(box, root / name)
        project.write("compose.yaml", "services: {}\n")
        project.script("up.pre", "a.sh", "echo ran >>trace")
        result = box.run("sh", shim, "compose", "up", "-d", cwd=project.path)
        may = marks.is_enabled(data, str(project.path))
        assert (result.code, project.trace()) == (0, ["ran"] if may else []), (own, above, result)
        assert ("hookman enable" in result.err) is not may, (own, above, result)
        ran += may
    assert 0 < ran < len(OWN) * len(ABOVE)
    assert len(box.calls()) == len(OWN) * len(ABOVE)


HOW = ["-f", "--file=", "-f=", "--project-directory", "COMPOSE_FILE", ".env", "--env-file", "cd"]


@pytest.mark.parametrize("which", ["here", "there", "neither", "above", "future"])
@pytest.mark.parametrize("how", HOW)
def test_the_shim_and_python_agree_which_project_a_command_line_means(box: Box, how: str, which: str) -> None:
    """`here` is where the user stands, `there` where the command line leads; both are stacks of one directory."""
    here, there = (box.project(f"stacks/{name}", enable=False) for name in ("here", "there"))
    for project in (here, there):
        project.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
    path = {"here": here.path, "there": there.path}.get(which, here.path.parent)
    if which != "neither":
        kind = marks.ROOT if which in ("above", "future") else marks.PROJECT
        marks.enable(str(box.data), str(path), kind, **({"future": "1"} if which == "future" else {}))
    file = "../there/compose.yaml"
    words = {
        "-f": ["-f", file],
        "--file=": [f"--file={file}"],
        "-f=": [f"-f={file}"],
        "--project-directory": [how, "../there"],
        "--env-file": [how, "own.env"],
    }
    if how == "COMPOSE_FILE":
        box.environ[how] = file
    here.write({".env": ".env", "--env-file": "own.env"}.get(how, "unused"), f"COMPOSE_FILE={file}\n")
    result = here.compose(*words.get(how, []), "up", "-d", cwd=there.path if how == "cd" else here.path)
    assert (result.code, len(box.calls()), here.trace()) == (0, 1, [])
    assert there.trace() == (["ran"] if may_run(there) else [])
    assert (f"the hooks of {there.path} are not enabled" in result.err) is not may_run(there)
    assert may_run(there) is (which in ("there", "future"))
