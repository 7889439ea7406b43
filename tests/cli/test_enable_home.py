"""enable and install in the home directory: nothing is enabled unasked."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.consent import may_run, nothing_is_enabled
from tests.support.terminal import Terminal


class TestHome:
    """What covers the user's home directory is said and asked about, whatever the command."""

    @pytest.mark.parametrize("command", [["enable"], ["init"], ["init", "--root"]])
    @pytest.mark.parametrize("where", ["home", "above"])
    def test_it_stops_without_a_terminal_and_changes_nothing(self, box: Box, command: list[str], where: str) -> None:
        place = box.home if where == "home" else box.base
        (place / "compose.yaml").write_text("services: {}\n")
        before = sorted(place.iterdir())
        result = box.hookman(*command, cwd=place)
        assert result.code == 1
        words = "is your home directory" if where == "home" else "holds your home directory"
        assert f"{place} {words}." in result.err
        assert (sorted(place.iterdir()), nothing_is_enabled(box)) == (before, True)
        assert box.hookman(*command, "--yes", cwd=place).code == 0
        assert may_run(box, place)

    @pytest.mark.parametrize("where", ["/", "..", "home/../home"])
    def test_it_is_seen_however_it_is_written(self, box: Box, where: str) -> None:
        (box.base / "home/.dde/hooks").mkdir(parents=True)
        result = box.hookman("enable", where, cwd=box.base)
        assert result.code == 1
        assert "your home directory" in result.err

    def test_a_project_around_that_is_found_from_below_is_asked_about(self, box: Box) -> None:
        (box.home / "compose.yaml").write_text("services: {}\n")
        (box.home / "new").mkdir()
        result = box.hookman("init", cwd=box.home / "new")
        assert result.code == 1
        assert f"{box.home} is your home directory" in result.err
        assert not (box.home / ".dde").exists()

    def test_at_a_terminal_it_asks(self, box: Box) -> None:
        home = Project(box, box.home)
        home.write("compose.yaml", "services: {}\n")
        terminal = Terminal(home, "hookman", "init")
        terminal.expect(b"Enable it? [y/N]")
        terminal.type(b"y\n")
        assert terminal.wait() == 0
        assert may_run(box, home.path)

    @pytest.mark.parametrize("what", ["project", "stacks"])
    def test_install_puts_the_shim_there_and_enables_nothing_of_it(self, bare: Box, what: str) -> None:
        stack = "home" if what == "project" else "home/shop"
        bare.project(stack, enable=False)
        result = bare.hookman("install", cwd=bare.home)
        assert result.code == 0
        assert f"{bare.home} is your home directory" in result.out
        assert ("  shop\n" in result.out) is (what == "stacks")
        assert "hookman enable --yes" in result.out
        assert nothing_is_enabled(bare)
        assert bare.hookman("install", "--yes", cwd=bare.home).code == 0
        assert may_run(bare, bare.base / stack)

    def test_install_in_a_home_without_projects_says_nothing_of_it(self, bare: Box) -> None:
        result = bare.hookman("install", cwd=bare.home)
        assert (result.code, "your home" in result.out) == (0, False)
