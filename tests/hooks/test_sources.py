"""`sources`: hooks that run again only when a file has changed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from hookman.hooks.globs import matching
from hookman.hooks.planned import DECLARED, RUN, PlannedHook
from hookman.hooks.sources import digest
from tests.support.box import SOMEBODY, Box, Project
from tests.support.repeated import declare, runs


def test_a_hook_runs_only_if_a_source_has_changed(shop: Project) -> None:
    declare(shop, 'sources = ["db/*.sql", "!db/tmp*"]')
    shop.write("db/1.sql", "one")
    assert [runs(shop), runs(shop)] == [True, False]
    assert shop.box.runs()[-1]["hooks"][0]["reason"] == "its sources have not changed"
    shop.write("db/tmp.sql", "excluded")
    shop.write("db/other.txt", "no source")
    assert not runs(shop)
    shop.write("db/1.sql", "two")
    assert [runs(shop), runs(shop)] == [True, False]
    shop.write("db/2.sql", "new")
    assert [runs(shop), runs(shop)] == [True, False]
    (shop.path / "db/2.sql").rename(shop.path / "db/3.sql")
    assert [runs(shop), runs(shop)] == [True, False]
    (shop.path / "db/3.sql").unlink()
    assert [runs(shop), runs(shop)] == [True, False]


@pytest.mark.linux
@pytest.mark.parametrize(("more", "waits"), [("", 0), ('\nonce = "project"', 1)])
def test_only_a_note_about_once_waits_for_the_disk(shop: Project, more: str, waits: int) -> None:
    shop.write("a", "one")
    declare(shop, f'sources = "a"{more}')
    assert [runs(shop), runs(shop)] == [True, False]  # now hookman has its own files
    shop.write("a", "two")
    log = shop.path / "strace"
    argv = ("strace", "-f", "-e", "trace=fsync", "-o", log, shop.box.shim, "compose", "up", "-d")
    assert shop.box.run(*argv, cwd=shop.path).code == 0
    assert shop.trace() == ["ran", "ran"]
    assert log.read_text().count("fsync(") == waits


def test_its_own_text_and_its_variables_count_and_not_the_arguments_of_the_command(shop: Project) -> None:
    shop.write("a", "one")
    declare(shop, 'sources = "a"')
    assert [runs(shop), runs(shop)] == [True, False]
    declare(shop, 'sources = "a"', "echo other >>trace")
    assert [runs(shop), runs(shop)] == [True, False]
    declare(shop, 'sources = "a"\nenv = { A = "1" }', "echo other >>trace")
    assert [runs(shop), runs(shop)] == [True, False]
    assert not runs(shop, "up", "-d", "--build")


def test_the_arguments_of_a_function_count_for_it_gets_them(shop: Project) -> None:
    shop.write("a", "one")
    shop.write("hookman.toml", '[hooks.hook_post_up]\nsources = "a"\n')
    shop.hooks_sh("hook_post_up() { echo ran >>trace; }\n")
    assert [runs(shop), runs(shop)] == [True, False]
    assert [runs(shop, "up", "-d", "--build"), runs(shop, "up", "-d", "--build")] == [True, False]


def test_each_project_name_and_engine_has_sources_of_its_own(shop: Project) -> None:
    shop.write("a", "one")
    declare(shop, 'sources = "a"')
    assert [runs(shop), runs(shop, "-p", "other", "up", "-d")] == [True, True]
    assert shop.compose("up", "-d", DOCKER_HOST="tcp://elsewhere:1").code == 0
    shop.box.run("docker", "context", "create", "staging", "--docker", "host=unix:///nowhere/docker.sock")
    config = shop.box.config / "config.json"
    before = config.read_text()
    config.write_text(json.dumps({**json.loads(before), "currentContext": "staging"}))
    assert shop.compose("up", "-d", DOCKER_CONTEXT="").code == 0
    assert len(shop.trace()) == 4
    config.write_text(before)
    assert not any([runs(shop), runs(shop, "-p", "other", "up", "-d")])


def test_a_hook_that_chooses_another_engine_does_it_for_the_hooks_after_it(shop: Project) -> None:
    hook = "[hooks.{}]\non = 'up.pre'\nrun = 'echo {} >>trace'\n{}\n"
    shop.write("hookman.toml", "".join(hook.format(name, name, 'sources = "compose.yaml"') for name in ("a", "c")))
    assert shop.compose("up", "-d").code == 0
    shop.box.run("docker", "context", "create", "staging", "--docker", "host=unix:///var/run/docker.sock")
    chosen = hook.format("b", "b", "").replace("echo", "docker context use staging && echo")
    shop.write("hookman.toml", (shop.path / "hookman.toml").read_text() + chosen)
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["a", "c", "b", "c"]


def test_what_a_hook_writes_counts_after_one_that_was_skipped(shop: Project) -> None:
    shop.script("up.pre", "1.sh", "echo COLOUR=blue >.env")
    shop.write("hookman.toml", '[hooks."2.sh"]\nwhen = {exists = "nowhere"}\n')
    shop.script("up.pre", "2.sh", "exit 1")
    shop.write("hooks.sh", "hook_pre_up() { echo $COLOUR >>trace; }\n")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["blue"]


def test_the_text_of_a_script_counts(shop: Project) -> None:
    shop.write("a", "one")
    shop.write("hookman.toml", '[hooks."s.sh"]\nsources = "a"\n')
    shop.script("up.pre", "s.sh", "echo ran >>trace")
    assert [runs(shop), runs(shop)] == [True, False]
    shop.script("up.pre", "s.sh", "echo changed >>trace")
    assert [runs(shop), runs(shop)] == [True, False]


def test_only_a_success_is_noted(shop: Project) -> None:
    shop.write("a", "one")
    declare(shop, 'sources = "a"', "echo ran >>trace; test -e fixed")
    assert [runs(shop), runs(shop)] == [True, True]
    shop.write("fixed", "")
    assert [runs(shop), runs(shop)] == [True, False]


@pytest.mark.parametrize("broken", [b"", b"sour", b"sources=", b"\xff\0\n=\n", b"x" * 5_000_000])
def test_a_note_that_is_broken_stops_nothing_and_is_replaced(shop: Project, broken: bytes) -> None:
    shop.write("a", "one")
    declare(shop, 'sources = "a"')
    assert runs(shop)
    (note,) = shop.box.data.glob("projects/*/succeeded/*")
    note.write_bytes(broken)
    (note.parent / f".{'0' * 16}.hookman").write_bytes(broken)  # as a kill leaves it
    assert [runs(shop), runs(shop)] == [True, False]


def test_what_the_hook_itself_changes_makes_it_run_again(shop: Project) -> None:
    shop.write("a", "one")
    declare(shop, 'sources = "a"', "echo ran >>trace; echo more >>a")
    assert [runs(shop), runs(shop)] == [True, True]


def test_a_glob_that_means_nothing_is_said_and_the_hook_runs(shop: Project) -> None:
    declare(shop, 'sources = "migratons/*.sql"')
    assert [runs(shop), runs(shop)] == [True, True]
    assert "no file matches the sources of project.up.post/x, so it runs" in shop.compose("up", "-d").err


def test_a_source_that_can_not_be_read_makes_the_hook_run(shop: Project) -> None:
    shop.write("a", "one")
    (shop.path / "loop").symlink_to("loop")
    declare(shop, 'sources = ["a", "loop"]')
    assert [runs(shop), runs(shop)] == [True, True]
    said = "can't read loop (Too many levels of symbolic links). Fix: make it readable, or leave it out of the sources:"
    assert f'{said} "!loop"' in shop.compose("up", "-d").err


@pytest.mark.root
@pytest.mark.parametrize(("named", "closed"), [("s/*", "s/b"), ("s/b", "s/b"), ("s/**", "s/d"), ("s/d/c", "s/d")])
def test_what_this_user_may_not_read_makes_the_hook_run_and_is_named(
    box: Box, tmp_path: Path, named: str, closed: str
) -> None:
    """As another user, for root may read everything."""
    for name in ("s/a", "s/b", "s/d/c"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("one")
    (tmp_path / closed).chmod(0)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder.is_relative_to("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o011)
    code = (
        "import os, sys\n"
        "from hookman.hooks.planned import DECLARED, RUN, PlannedHook\n"
        "from hookman.hooks.sources import digest\n"
        "keys = {'run': '', 'sources': [sys.argv[2]]}\n"
        "hook = PlannedHook(event='project.up.pre', name='x', kind=DECLARED, path='', action=RUN, keys=keys)\n"
        "os.setuid(int(sys.argv[3]))\n"
        "print(digest(hook, sys.argv[1], [], lambda _: None).unreadable)\n"
    )
    result = box.run(sys.executable, "-c", code, tmp_path, named, str(SOMEBODY))
    assert result.out == f"('{closed if named != 's/d/c' else named}', 'Permission denied')\n", result


def test_pipes_and_broken_links_are_no_sources(shop: Project) -> None:
    shop.write("s/a", "one")
    os.mkfifo(shop.path / "s/pipe")
    (shop.path / "s/link").symlink_to("nothing")
    declare(shop, 'sources = "s"')
    assert [runs(shop), runs(shop)] == [True, False]


def test_many_sources_are_said(shop: Project) -> None:
    folder = shop.path / "many"
    folder.mkdir()
    for number in range(10_001):
        (folder / str(number)).touch()
    declare(shop, 'sources = "many/*"')
    assert "project.up.post/x has more than 10000 files as sources" in shop.compose("up", "-d").err
    assert not runs(shop)


def test_a_source_that_vanishes_while_it_is_read_is_no_error(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_text(name)
    found = PlannedHook(
        event="project.up.pre", name="x", kind=DECLARED, path="", action=RUN, keys={"run": "", "sources": ["*"]}
    )
    read = digest(found, str(tmp_path), [], lambda _: shutil.rmtree(tmp_path))
    assert (read.files, read.unreadable) == (1, None)


def test_files_and_directories_that_vanish_during_the_walk_are_no_error(tmp_path: Path) -> None:
    for number in range(2000):
        path = tmp_path / f"{number % 40}/{number}"
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = PlannedHook(
        event="project.up.pre", name="x", kind=DECLARED, path="", action=RUN, keys={"run": "", "sources": ["**/*"]}
    )

    def remove(files: int) -> None:
        if files % 50 == 0:
            shutil.rmtree(next(one for one in tmp_path.iterdir() if one.is_dir()))
        if files == 75:
            folder = next(one for one in tmp_path.iterdir() if one.is_dir())
            shutil.rmtree(folder)
            folder.touch()  # a file in the place of a directory

    read = digest(found, str(tmp_path), [], remove)
    assert (read.unreadable, 0 < read.files < 2000) == (None, True)


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*"], ["a.sql"]),
        (["**"], [".hidden/h.sql", "a.sql", "d/b.sql", "d/e/c.sql", "d/e/t.txt"]),
        (["**/*.sql"], [".hidden/h.sql", "a.sql", "d/b.sql", "d/e/c.sql"]),
        (["d"], ["d/b.sql", "d/e/c.sql", "d/e/t.txt"]),
        (["d/"], ["d/b.sql", "d/e/c.sql", "d/e/t.txt"]),
        (["./d/*"], ["d/b.sql"]),
        (["d/**/*.sql", "d/*.sql"], ["d/b.sql", "d/e/c.sql"]),
        (["d/**", "!d/e"], ["d/b.sql"]),
        (["**/*.sql", "!**/e/**", "!.hidden"], ["a.sql", "d/b.sql"]),
        (["**/*.sql", "!**/e", "!**/h.sql"], ["a.sql", "d/b.sql"]),
        (["[ab].sql", "?.sql"], ["a.sql"]),
        (["none", "none/*", "a.sql/*", "a.sql/**"], []),
        (["**", "!**"], []),
    ],
)
def test_what_globs_mean(tmp_path: Path, patterns: list[str], found: list[str]) -> None:
    for name in ("a.sql", "d/b.sql", "d/e/c.sql", "d/e/t.txt", ".hidden/h.sql", ".git/g.sql"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "d/up").symlink_to(tmp_path)
    assert sorted(matching(str(tmp_path), patterns)) == found
