"""Whose hooks are running further up: a call inside a hook has none, what a hook left running has them again."""

from __future__ import annotations

from pathlib import Path

import pytest

from hookman.base import process_identity
from hookman.run import nesting
from tests.support.box import Box, Project
from tests.support.waiting import wait_for

ALONE = ("unshare", "--pid", "--fork", "--mount-proc")  # in a pid namespace of its own


def trace(shop: Project, *events: str) -> None:
    for event in events:
        shop.script(event, "trace.sh", f"echo {event} >>trace")


@pytest.mark.parametrize(
    "value",
    [
        "1 {shop}",  # what always runs
        "{pid} {shop}",
        "{pid}:1:1 {shop}",
        "{pid}:{start}:1 {shop}",  # of another pid namespace
        "{pid}:0:{space} {shop}",  # a number that was given to another process
        "{identity}: {shop}",
        "²  {shop}",
        "² {shop}",
        "-1 {shop}",
        "0 {shop}",
        "99999999999999999999 {shop}",
        "{shop}",
        " {shop}",
        "lock {shop}",
        "../lock {shop}",
        "../../../../../../../../etc/passwd {shop}",
        ". {shop}",
        "- {shop}",
        "%00 {shop}",
        "\n\n \n{shop}\n",
        "\udcff {shop}",
    ],
)
def test_a_forged_or_malformed_value_never_turns_hooks_off(shop: Project, value: str) -> None:
    trace(shop, "up.pre")
    mine = process_identity.own()
    pid, began, space = mine.split(":")
    forged = value.format(shop=shop.path, pid=pid, start=began, space=space, identity=mine)
    result = shop.compose("up", "-d", HOOKMAN_RUNNING=forged)
    assert (result.code, result.err.count("internal error"), shop.trace()) == (0, 0, ["up.pre"]), result


def test_a_mark_that_a_killed_run_left_counts_no_more(box: Box, shop: Project) -> None:
    trace(shop, "up.pre")
    events = box.data / "projects" / str(shop.path).strip("/").replace("/", "%") / nesting.FOLDER
    events.mkdir(parents=True)
    (events / "12-ab").touch()
    assert shop.compose("up", "-d", HOOKMAN_RUNNING=f"12-ab {shop.path}").code == 0
    assert shop.trace() == ["up.pre"]
    assert list(events.iterdir()) == []


def leave_behind(command: str) -> str:
    """Lines of a hook that leave a process which does `command` once somebody writes to the pipe `later`."""
    return f"mkfifo later; setsid sh -c 'read x <later; {command}; touch done' >/dev/null 2>&1 &"


@pytest.mark.parametrize("line", ["up", "watch", "exec web sh"])
def test_what_a_pre_hook_left_running_has_hooks_again_while_compose_runs(shop: Project, line: str) -> None:
    trace(shop, "down.pre")
    event = f"{line.split(maxsplit=1)[0]}.pre"
    shop.script(event, "a.sh", leave_behind("docker compose down"))
    run = 'case "$*" in *down*) ;; *) mkfifo go; touch running; read x <go;; esac'
    with shop.start("docker", "compose", *line.split(), STUB_RUN=run):
        wait_for(shop.path / "running")
        (shop.path / "later").write_text("\n")
        wait_for(shop.path / "done")
        assert shop.trace() == ["down.pre"]
        (shop.path / "go").write_text("\n")


def test_what_a_pre_hook_left_running_waits_for_the_lock(shop: Project) -> None:
    trace(shop, "restart.pre")
    shop.write("hookman.toml", "lock_timeout = 0.2\n")
    shop.script("up.pre", "a.sh", leave_behind("docker compose restart; echo $? >code"))
    with shop.start("docker", "compose", "up", "-d", STUB_RUN="mkfifo go; touch running; read x <go"):
        wait_for(shop.path / "running")
        (shop.path / "later").write_text("\n")
        wait_for(shop.path / "done")
        assert ((shop.path / "code").read_text(), shop.trace()) == ("75\n", [])
        (shop.path / "go").write_text("\n")


@pytest.mark.parametrize("wrapped", ["", " ".join(ALONE), "setsid -w", "env -u HOOKMAN_DATA_DIR", "nice"])
def test_a_call_in_a_hook_that_still_runs_has_none_and_takes_no_lock(box: Box, shop: Project, wrapped: str) -> None:
    shop.write("hookman.toml", "lock_timeout = 0.2\n")
    trace(shop, "restart.pre")
    shop.script("up.pre", "a.sh", f"{wrapped} docker compose restart")
    shop.script("up.post", "a.sh", f"{wrapped} docker compose restart")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, []), result
    assert box.calls() == ["<compose><restart>", "<compose><up><-d>", "<compose><restart>"]


def test_a_run_in_a_pid_namespace_of_its_own_has_hooks_and_its_calls_have_none(box: Box, shop: Project) -> None:
    trace(shop, "up.pre", "restart.pre")
    shop.script("up.pre", "z.sh", "docker compose restart")
    result = box.run(*ALONE, "docker", "compose", "up", "-d", cwd=shop.path)
    assert (result.code, shop.trace()) == (0, ["up.pre"]), result
    assert box.calls() == ["<compose><restart>", "<compose><up><-d>"]


def test_calls_end_also_where_our_own_files_can_not_be_written(box: Box, shop: Project) -> None:
    trace(shop, "up.pre")
    shop.script("up.pre", "z.sh", "docker compose up -d web")
    (box.data / "projects").rmdir() if (box.data / "projects").exists() else None
    (box.data / "projects").write_text("in the way")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["up.pre"]
    assert box.calls() == ["<compose><up><-d><web>", "<compose><up><-d>"]


@pytest.mark.parametrize("name", ["new\nline", "per%0Acent", "per%25cent", "bl ank"])
def test_calls_end_whatever_the_projects_path(box: Box, name: str) -> None:
    project = box.project(name)
    trace(project, "up.pre")
    project.script("up.pre", "z.sh", "docker compose up -d web")
    assert project.compose("up", "-d").code == 0
    assert project.trace() == ["up.pre"]


def test_a_file_system_that_only_pretends_to_lock_has_the_process_stand_for_the_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookman.base.flocks.fcntl.flock", lambda _file, _how: None)
    event = nesting.Event(str(tmp_path), "/shop")
    event.begin()
    assert event.line == f"{process_identity.own()} /shop"
    assert nesting.running_projects({"HOOKMAN_RUNNING": event.line}, str(tmp_path)) == ["/shop"]


def test_an_event_counts_from_its_begin_to_its_end(tmp_path: Path) -> None:
    event = nesting.Event(str(tmp_path), "/shop")
    event.begin()
    told = {"HOOKMAN_RUNNING": event.line}
    assert nesting.running_projects(told, str(tmp_path)) == ["/shop"]
    event.end()
    assert nesting.running_projects(told, str(tmp_path)) == []


def test_a_shell_that_hookman_test_starts_counts_as_a_hook(box: Box, shop: Project) -> None:
    trace(shop, "up.pre")
    shell = shop.write("shell", "#!/bin/sh\ndocker compose up -d\n", 0o755)
    assert shop.hookman("test", "trace.sh", "--shell", SHELL=str(shell)).code == 0
    assert (box.calls(), shop.trace()) == (["<compose><up><-d>"], [])
