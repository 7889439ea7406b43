"""hookman uninstall: what stays, and --purge."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from hookman.run.success_notes import volumes_folder
from tests.support.box import Box, Project
from tests.support.terminal import Terminal
from tests.support.waiting import let_go


def fill(box: Box) -> Project:
    """A box with something of each kind that stays."""
    shop = box.project()
    shop.script("up.pre", "a.sh", "echo printed")
    assert shop.compose("up", "-d").code == 0
    assert shop.hookman("config", "set", "--user", "grace", "1").code == 0
    for shell in ("bash", "zsh", "fish"):
        assert shop.hookman("completion", "install", shell).code == 0
    note = Path(volumes_folder(str(box.data), "shop"), "note")  # only on an engine a hook writes one
    note.parent.mkdir(parents=True)
    note.write_text("volume=shop_data\n")
    for folder in ("engines", "export"):
        (box.data / folder).mkdir(exist_ok=True)
        (box.data / folder / "note").touch()
    return shop


def ours(box: Box) -> list[Path]:
    """Every file and link of ours in the home directory."""
    kept = (box.config, box.base / "shop")
    return [path for path in sorted(box.home.rglob("*hookman*")) if not any(one in path.parents for one in kept)]


def test_what_stays_is_listed_with_its_size_and_the_command_that_removes_it(box: Box) -> None:
    shop = fill(box)
    result = shop.hookman("uninstall")
    lines = result.out.splitlines()
    assert (result.code, lines[0]) == (0, "hookman is no longer in front of docker compose")
    assert lines[1] == "This stays:"
    assert lines[-1] == "To remove it: hookman uninstall --purge"
    assert [line.split("  ")[1].strip() for line in lines[2:-1]] == [
        "consent: 1 directory that you enabled",
        "log of 1 project",
        "notes of what ran for volumes (once)",
        "runs that wait to be sent, and what servers said",
        "your own settings",
        "completion for bash",
        "completion for zsh",
        "completion for fish",
    ]
    assert all(re.search(r"  \d[\d.]* (B|kB)  ", line) for line in lines[2:-1]), lines
    assert (box.data / "enabled").is_dir()


def test_purge_removes_all_of_it_and_nothing_else(box: Box) -> None:
    shop = fill(box)
    (box.home / ".local/share/other").mkdir(parents=True)
    result = shop.hookman("uninstall", "--purge", "--yes")
    assert result.code == 0, result
    assert "pipx uninstall hookman-compose" in result.out
    assert ours(box) == []
    assert not box.data.exists()
    assert (box.home / ".local/share/other").is_dir()
    assert (shop.path / ".dde/hooks/project.up.pre/a.sh").exists()
    assert shop.compose("up", "-d").err == ""


def test_purge_leaves_what_is_not_ours_in_a_shared_data_directory(box: Box) -> None:
    shop = fill(box)
    (box.data / "mine.txt").write_text("mine")
    elsewhere = box.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("kept")
    (box.data / "reports").symlink_to(elsewhere)
    assert shop.hookman("uninstall", "--purge", "--yes").code == 0
    assert [path.name for path in box.data.iterdir()] == ["mine.txt"]
    assert (elsewhere / "kept").read_text() == "kept"


def test_purge_without_a_terminal_needs_yes_and_does_nothing(box: Box) -> None:
    shop = fill(box)
    result = shop.hookman("uninstall", "--purge")
    assert (result.code, result.out) == (1, "")
    assert "Fix: if you agree: hookman uninstall --purge --yes\n" in result.err
    assert shop.hookman("status").out.startswith(f"shim      {box.data}/cli-plugins/docker-compose\n")


def test_purge_asks_at_a_terminal(box: Box) -> None:
    shop = fill(box)
    no = Terminal(shop, "hookman", "uninstall", "--purge")
    no.expect(b"Remove all of it?")
    no.type(b"n\n")
    assert no.wait() == 1
    assert (box.data / "projects").is_dir()
    yes = Terminal(shop, "hookman", "uninstall", "--purge")
    yes.expect(b"Remove all of it?")
    yes.type(b"y\n")
    assert yes.wait() == 0
    assert not box.data.exists()


def test_purge_does_not_wait_and_takes_nothing_from_a_run(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    result = shop.hookman("uninstall", "--purge", "--yes")
    assert result.code == 1
    assert "is running, so nothing was removed" in result.err
    assert shop.hookman("status").out.startswith(f"shim      {shop.box.data}/cli-plugins/docker-compose\n")
    let_go(shop, holder)


def test_purge_is_not_for_all_users(box: Box) -> None:
    result = box.hookman("uninstall", "--system", "--purge")
    assert (result.code, "Fix: hookman uninstall --purge" in result.err) == (2, True)


def test_a_completion_is_removed_again(box: Box) -> None:
    fill(box)
    zsh = box.home / ".local/share/zsh/site-functions/_hookman"
    assert box.hookman("completion", "uninstall", "zsh").out.startswith(f"removed {zsh}\n")
    assert not zsh.exists()
    assert box.hookman("completion", "uninstall").out.count("removed ") == 2
    again = box.hookman("completion", "uninstall")
    assert (again.code, again.err) == (1, "hookman: no completion is installed\n")


def test_a_completion_of_somebody_else_stays(box: Box) -> None:
    path = box.home / ".config/fish/completions/hookman.fish"
    path.parent.mkdir(parents=True)
    path.write_text("complete -c hookman -a other\n")
    assert box.hookman("completion", "uninstall").code == 1
    assert path.exists()
