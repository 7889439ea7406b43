"""TAB in real shells: bash, zsh and fish."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.contexts import create_context
from tests.support.terminal import Terminal


@pytest.fixture
def hooks(shop: Project) -> Project:
    shop.script("up.pre", "01-check.sh")
    shop.hooks_sh("hook_post_build() { :; }\n")
    return shop


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("sta", ["status"]),
        ("log --fa", ["--failed"]),
        ("list --event project.", ["project.up.pre", "project.build.post"]),
        ("test 0", ["01-check.sh"]),
        ("test hook_", ["hook_post_build"]),
        ("config set grac", ["grace"]),
    ],
)
def test_fish_uses_only_options_that_exist(hooks: Project, line: str, offered: list[str]) -> None:
    assert hooks.hookman("completion", "install", "fish").code == 0
    result = hooks.box.run("fish", "-c", f"complete -C 'hookman {line}'", cwd=hooks.path, XDG_CONFIG_HOME="")
    assert sorted(one.split("\t")[0] for one in result.out.splitlines()) == sorted(offered)


def test_descriptions_are_complete(shop: Project) -> None:
    for shell in ("fish", "zsh"):
        result = shop.box.run(
            "hookman",
            cwd=shop.path,
            _HOOKMAN_COMPLETE=f"{shell}_complete",
            COMP_WORDS="hookman ",
            COMP_CWORD="1" if shell == "zsh" else "",
        )
        assert "Show every hook of this project, in the order in which they run." in result.out
        assert "..." not in result.out


def test_fish_shows_complete_descriptions(shop: Project) -> None:
    assert shop.hookman("completion", "install", "fish").code == 0
    for line, told in (
        ("lis", "in the order in which they run."),
        ("completion uninst", "Remove the completion again."),
    ):
        result = shop.box.run("fish", "-c", f"complete -C 'hookman {line}'", cwd=shop.path, XDG_CONFIG_HOME="")
        assert result.out.rstrip().endswith(told), result


def test_stacks_and_runs(box: Box) -> None:
    for name in ("blog", "web"):
        box.project(f"stacks/{name}").compose("up", "-d")
    assert box.hookman("completion", "install", "fish").code == 0
    (newest, oldest) = [run["run"] for run in reversed(box.runs())]
    short = newest.rpartition("-")[2]
    for line, offered in (
        ("run b", ["blog"]),
        (f"log {newest[:8]}", [newest, oldest]),
        (f"log {short[:5]}", [short]),
        (f"log {newest[-8:]}", [newest]),
        ("log l", ["last"]),
        ("log --project w", ["web"]),
    ):
        result = box.run("fish", "-c", f"complete -C 'hookman {line}'", cwd=box.base / "stacks")
        assert sorted(one.split("\t")[0] for one in result.out.splitlines()) == sorted(offered), line


def test_in_a_project_its_own_runs_are_offered(box: Box) -> None:
    for name in ("blog", "web"):
        box.project(name).compose("up", "-d")
    assert box.hookman("completion", "install", "fish").code == 0
    ids = {run["name"]: run["run"].rpartition("-")[2] for run in box.runs()}
    for line, offered in (("log ", ["last", ids["web"]]), ("log --all ", ["last", *ids.values()])):
        result = box.run("fish", "-c", f"complete -C 'hookman {line}'", cwd=box.base / "web")
        assert sorted(one.split("\t")[0] for one in result.out.splitlines()) == sorted(offered)


@pytest.mark.parametrize(
    ("shell", "options", "load"),
    [
        ("bash", ["--norc"], "source {share}/bash-completion/completions/hookman"),
        ("zsh", ["-f"], "fpath=({share}/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D"),
    ],
)
def test_tab_completes_a_hook(hooks: Project, shell: str, options: list[str], load: str) -> None:
    assert hooks.hookman("completion", "install", SHELL=f"/usr/bin/{shell}").code == 0
    terminal = Terminal(hooks, shell, *options, "-i")
    terminal.type(f"{load.format(share=hooks.box.home / '.local/share')}; echo lo''aded\n".encode())
    terminal.expect(b"loaded")
    terminal.type(b"hookman test hook_p\t")
    terminal.expect(b"hook_post_build")
    terminal.type(b"\x15exit\n")  # Ctrl-U takes the line away
    terminal.wait()


@pytest.mark.parametrize(
    ("shell", "options", "load"),
    [
        ("bash", ["--norc"], "source {share}/bash-completion/completions/hookman"),
        ("zsh", ["-f"], "fpath=({share}/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D"),
    ],
)
def test_tab_completes_a_run(shop: Project, shell: str, options: list[str], load: str) -> None:
    shop.compose("up", "-d")
    short = shop.box.runs()[0]["run"].rpartition("-")[2]
    assert shop.hookman("completion", "install", SHELL=f"/usr/bin/{shell}").code == 0
    terminal = Terminal(shop, shell, *options, "-i")
    terminal.type(f"{load.format(share=shop.box.home / '.local/share')}; echo lo''aded\n".encode())
    terminal.expect(b"loaded")
    terminal.type(f"hookman log {short[:3]}\t".encode())
    terminal.expect(f"log {short}".encode())
    terminal.type(b"\x15hookman log la\t")
    terminal.expect(b"log last")
    terminal.type(b"\x15exit\n")
    terminal.wait()


@pytest.mark.parametrize(
    ("shell", "options", "load"),
    [
        ("bash", ["--norc"], "source {share}/bash-completion/completions/hookman"),
        ("zsh", ["-f"], "fpath=({share}/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D"),
    ],
)
def test_tab_completes_a_context_after_a_comma(shop: Project, shell: str, options: list[str], load: str) -> None:
    for name in ("edge-1", "prod"):
        create_context(shop.box, name, "ssh://edge")
    assert shop.hookman("completion", "install", SHELL=f"/usr/bin/{shell}").code == 0
    terminal = Terminal(shop, shell, *options, "-i")
    terminal.type(f"{load.format(share=shop.box.home / '.local/share')}; echo lo''aded\n".encode())
    terminal.expect(b"loaded")
    terminal.type(b"hookman run --context edge-1,pr\t")
    terminal.expect(b"--context edge-1,prod")
    terminal.type(b"\x15exit\n")
    terminal.wait()


def test_fish_completes_contexts(shop: Project) -> None:
    for name in ("edge-1", "edge-2"):
        create_context(shop.box, name, "ssh://edge")
    assert shop.hookman("completion", "install", "fish").code == 0
    for line, offered in (
        ("run --context ed", ["edge-1", "edge-2"]),
        ("run --context edge-2,", ["edge-2,default", "edge-2,edge-1"]),
        ("rerun --context edge-1", ["edge-1"]),
    ):
        result = shop.box.run("fish", "-c", f"complete -C 'hookman {line}'", cwd=shop.path, XDG_CONFIG_HOME="")
        assert sorted(one.split("\t")[0] for one in result.out.splitlines()) == offered, line


def test_an_unknown_shell_is_said(bare: Box) -> None:
    result = bare.hookman("completion", "show", SHELL="/bin/tcsh")
    assert result.code == 2
    assert "bash, zsh, fish" in result.err
