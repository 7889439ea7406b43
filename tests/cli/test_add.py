"""hookman add and hookman edit: a new hook that is ready to be filled in, in an editor if it is asked for."""

from __future__ import annotations

import os

import pytest

from hookman.hooks.scripts import INTERPRETERS
from tests.support.box import Box, Project


def test_a_script_runs_as_it_was_written(shop: Project) -> None:
    added = shop.hookman("add", "up.pre", "01-check.sh")
    path = shop.path / ".dde/hooks/project.up.pre/01-check.sh"
    assert added.code == 0, added
    assert f"created  up.pre/01-check.sh    {path}\n" in added.out
    assert "Next: hookman edit up.pre/01-check.sh\n" in added.out
    assert os.access(path, os.X_OK)
    assert path.read_text().splitlines()[0] == "#!/bin/sh"
    assert "Runs before `docker compose up`. If it fails, `docker compose up` does not run." in path.read_text()
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert [hook["result"] for hook in shop.box.runs()[-1]["hooks"]] == ["ok"]
    assert "0 broken, 0 to look at" in shop.hookman("test").out


@pytest.mark.parametrize("event", ["up.post", "project.up.failed", "db_export.always"])
def test_every_event_has_scripts(shop: Project, event: str) -> None:
    assert shop.hookman("add", event, "tell").code == 0
    assert (shop.path / f".dde/hooks/project.{event.removeprefix('project.')}/tell.sh").exists()


@pytest.mark.parametrize("ending", [*INTERPRETERS, "bash", "sh"])
def test_a_script_in_another_language_has_its_first_line(shop: Project, ending: str) -> None:
    shop.write("hookman.toml", f'hook_files = ["*.{ending}"]\n')
    assert shop.hookman("add", "up.pre", f"a.{ending}").code == 0
    text = (shop.path / f".dde/hooks/project.up.pre/a.{ending}").read_text()
    assert text.startswith("#!/usr/bin/env " if ending != "sh" else "#!/bin/sh")


def test_a_name_that_would_be_no_hook_is_an_error_with_the_fix(shop: Project) -> None:
    result = shop.hookman("add", "up.pre", "seed.py")
    assert result.code == 2
    assert "seed.py would not be a hook: only *.sh files are (hook_files)" in result.err
    assert "hookman config set hook_files '*.sh,*.py'" in result.err
    assert not (shop.path / ".dde").exists()


def test_nothing_is_overwritten(shop: Project) -> None:
    script = shop.script("up.pre", "a.sh", "echo mine")
    hooks = shop.hooks_sh("hook_pre_up() { :; }\n")
    toml = shop.write("hookman.toml", '[hooks.migrate]\non = "up.post"\nrun = "true"\n')
    before = [path.read_text() for path in (script, hooks, toml)]
    results = [
        shop.hookman("add", "up.pre", "a.sh"),
        shop.hookman("add", "up.pre", "--function"),
        shop.hookman("add", "up.post", "migrate", "--declare", "--", "false"),
    ]
    assert [result.code for result in results] == [1, 1, 1]
    assert "is there already" in results[0].err
    assert "hooks.sh:1 has hook_pre_up already" in results[1].err
    assert "hookman.toml:1 has a table for migrate already" in results[2].err
    assert [path.read_text() for path in (script, hooks, toml)] == before


def test_nothing_is_written_through_a_link(shop: Project) -> None:
    elsewhere = shop.box.base / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine\n")
    (shop.path / "hooks.sh").symlink_to(elsewhere / "file")
    (elsewhere / "settings").write_text("timeout = 3\n")
    (shop.path / "hookman.toml").symlink_to(elsewhere / "settings")
    (shop.path / ".dde").symlink_to(elsewhere)
    assert shop.hookman("add", "up.pre", "a.sh").code == 1
    assert shop.hookman("add", "up.pre", "--function").code != 0
    assert shop.hookman("add", "up.pre", "x", "--declare", "--", "true").code != 0
    assert sorted(path.name for path in elsewhere.iterdir()) == ["file", "settings"]
    assert (elsewhere / "file").read_text() == "mine\n"
    assert (elsewhere / "settings").read_text() == "timeout = 3\n"


def test_a_function_is_appended_and_runs(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { echo pre >>trace; }", mode=0o600)
    added = shop.hookman("add", "up.always", "--function")
    assert added.code == 0, added
    assert added.out.startswith("added  hook_always_up ")
    assert (shop.path / "hooks.sh").stat().st_mode & 0o777 == 0o600
    assert shop.compose("up", "-d").code == 0
    ran = [(hook["name"], hook["result"]) for hook in shop.box.runs()[-1]["hooks"]]
    assert ran == [("hook_pre_up", "ok"), ("hook_always_up", "ok")]


def test_a_function_makes_the_file_where_there_is_none(shop: Project) -> None:
    assert shop.hookman("add", "down.pre", "hook_pre_down", "--function").code == 0
    assert "hook_pre_down() {\n    :\n}\n" in (shop.path / "hooks.sh").read_text()
    assert shop.hookman("add", "down.pre", "tidy", "--function").code == 2


def test_a_function_is_not_appended_to_a_broken_file(shop: Project) -> None:
    hooks = shop.hooks_sh("hook_pre_up() {\n")
    result = shop.hookman("add", "up.post", "--function")
    assert result.code == 1
    assert "hooks.sh:2" in result.err
    assert hooks.read_text() == "hook_pre_up() {\n"


def test_a_table_is_appended_and_what_it_declares_runs(shop: Project) -> None:
    shop.write("hookman.toml", "# mine\ntimeout = 3  # s")
    words = ["sh", "-c", 'echo "a b" >>trace']
    assert shop.hookman("add", "up.post", "tell it", "--declare", "--", *words).code == 0
    assert shop.hookman("add", "up.post", "zz", "--declare", "--", "echo $HOOKMAN_PHASE >>trace").code == 0
    text = (shop.path / "hookman.toml").read_text()
    assert text.startswith("# mine\ntimeout = 3  # s\n\n[hooks.")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["a b", "post"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["up", "a.sh"], "'up' names 4 events"),
        (["up.pr", "a.sh"], "there is no event 'up.pr'"),
        (["up.pre"], "NAME is missing. Fix: hookman add up.pre 01-NAME.sh"),
        (
            ["up.pre", "--declare", "--", "echo", "a b"],
            "NAME is missing. Fix: hookman add up.pre NAME --declare -- echo 'a b'",
        ),
        (["up.pre", "../a.sh"], "can't be the name of a script"),
        (["up.pre", ".a.sh"], "can't be the name of a script"),
        (["up.pre", "a\nb.sh"], "can't be the name of a script"),
        (["up.pre", "a", "--declare"], "--declare needs the command"),
        (["up.pre", "a", "--", "true"], "a command goes only with --declare"),
        (["up.pre", "a", "--declare", "--function", "--", "true"], "are two kinds of hook"),
    ],
)
def test_what_can_not_be_meant_is_an_error_that_says_why(shop: Project, words: list[str], says: str) -> None:
    result = shop.hookman("add", *words)
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err
    assert not (shop.path / ".dde").exists()


def test_a_bad_name_of_a_table_changes_nothing(shop: Project) -> None:
    result = shop.hookman("add", "up.pre", "a/b", "--declare", "--", "true")
    assert result.code == 78
    assert not (shop.path / "hookman.toml").exists()


def test_outside_of_any_project_nothing_is_written(box: Box) -> None:
    folder = box.base / "empty"
    folder.mkdir()
    result = box.hookman("add", "up.pre", "a.sh", cwd=folder)
    assert result.code == 1
    assert "there is no project in" in result.err
    assert list(folder.iterdir()) == []


def test_an_enabled_project_stays_enabled_and_another_one_is_not_enabled_by_it(shop: Project) -> None:
    assert shop.hookman("add", "up.pre", "a.sh").code == 0
    assert "(enabled" in shop.hookman("list").out
    other = shop.box.project("other", enable=False)
    added = other.hookman("add", "up.pre", "a.sh")
    assert added.code == 0
    assert "not enabled" in added.err
    assert "hookman enable" in added.err
    assert "(not enabled" in other.hookman("list").out


def test_with_review_a_new_hook_waits_for_it(shop: Project) -> None:
    shop.box.user_settings("review = true\n")
    assert shop.hookman("disable").code == 0
    assert shop.hookman("enable").code == 0
    assert "hookman review" in shop.hookman("add", "up.pre", "a.sh").out
    assert shop.compose("up", "-d").code == 1
    assert shop.hookman("review", "--yes").code == 0
    assert shop.compose("up", "-d").code == 0


@pytest.fixture
def editor(shop: Project) -> str:
    """An editor that appends a line, and notes what it opened."""
    path = shop.box.base / "an editor"
    path.write_text('#!/bin/sh\n[ "$1" = -w ] && shift\necho "$1" >>opened\necho "echo edited >>trace" >>"$1"\n')
    path.chmod(0o755)
    return f"'{path}' -w"


def test_edit_opens_the_file_of_the_hook(shop: Project, editor: str) -> None:
    script = shop.script("up.pre", "a.sh")
    shop.script("up.post", "a.sh")
    hooks = shop.hooks_sh("hook_pre_up() { :; }\n")
    toml = shop.write("hookman.toml", '# x\n[hooks.tell]\non = "up.post"\nrun = "true"\n')
    for word in ("up.pre/a.sh", "project.up.pre/a.sh", "hook_pre_up"):
        assert shop.hookman("edit", word, EDITOR=editor).code == 0
    assert shop.hookman("edit", "tell", EDITOR="true").code == 0
    assert (shop.path / "opened").read_text().splitlines() == [str(script), str(script), str(hooks)]
    assert toml.read_text().startswith("# x\n")
    several = shop.hookman("edit", "a.sh", EDITOR=editor)
    assert several.code == 2
    assert "write one of up.pre/a.sh, up.post/a.sh" in several.err


def test_edit_shows_what_is_wrong_then(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "if true; then\n")
    result = shop.hookman("edit", "a.sh", EDITOR="true")
    assert result.code == 1
    assert "a.sh" in result.out
    assert shop.hookman("edit", "a.sh", EDITOR="false").code == 1


def test_add_opens_an_editor_only_if_asked(shop: Project, editor: str) -> None:
    assert shop.hookman("add", "up.pre", "a.sh", EDITOR=editor).code == 0
    assert not (shop.path / "opened").exists()
    assert shop.hookman("add", "up.pre", "b.sh", "--edit", VISUAL=editor, EDITOR="false").code == 0
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["edited"]


@pytest.mark.parametrize(
    ("editor", "says"),
    [("", "no editor is set"), ("nothing-here", "can't be started: No such file"), ("a 'b", "EDITOR can't be read")],
)
def test_an_editor_that_can_not_start_is_an_error(shop: Project, editor: str, says: str) -> None:
    shop.script("up.pre", "a.sh")
    result = shop.hookman("edit", "a.sh", EDITOR=editor)
    assert result.code == 1
    assert says in result.err


def test_edit_of_an_unknown_name_shows_the_nearest_hook(shop: Project) -> None:
    shop.script("up.pre", "check.sh")
    result = shop.hookman("edit", "chekc.sh", EDITOR="true")
    assert result.code == 2
    assert "check.sh" in result.err


def test_edit_of_a_name_like_no_other_says_that_there_is_no_such_hook(shop: Project) -> None:
    result = shop.hookman("edit", "nothing", EDITOR="true")
    assert result.code == 2
    assert "there is no hook 'nothing' in" in result.err
    assert "Fix: hookman list" in result.err
