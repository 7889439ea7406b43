"""Input and output of hooks: CONTRACT E."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.support.box import BIN, PATIENCE, Box, Project
from tests.support.waiting import number_in, up_over_its_limit, wait_for


@pytest.fixture
def shop(shop: Project) -> Project:
    """A project where of hooks nothing is shown but what they print (tests/run/test_display.py has the rest)."""
    shop.write("hookman.toml", 'output = ["output"]\n')
    return shop


def test_stdout_belongs_to_compose(shop: Project) -> None:  # C63
    shop.script("up.pre", "a.sh", "echo script")
    shop.hooks_sh("echo top\nhook_pre_up() { echo function; }\nhook_post_up() { echo after; }\n")
    result = shop.compose("up", "-d", STUB_OUT="compose")
    assert result.out == "compose"
    assert result.err == "script\ntop\nfunction\ntop\nafter\n"


def test_output_appears_while_the_hook_runs(shop: Project) -> None:  # C64
    shop.script("up.pre", "a.sh", "mkfifo go; printf 'partial line'; read line <go")
    started = shop.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE)
    assert started.stderr is not None
    assert started.stderr.read(12) == b"partial line"  # before the hook could end
    (shop.path / "go").write_text("\n")
    started.communicate(timeout=PATIENCE)
    assert started.returncode == 0


def test_any_amount_on_both_streams_at_once(shop: Project) -> None:  # C65
    shop.script("up.pre", "a.sh", "head -c 3000000 /dev/zero & head -c 3000000 /dev/zero >&2; wait")
    result = shop.compose("up", "-d")
    assert (result.code, len(result.stderr)) == (0, 6000000)


def test_any_bytes_pass_unchanged(shop: Project) -> None:  # C66
    data = b"\x00\xff\xfe\r\x1b[31mcaf\xe9\r\n no newline at the end"
    (shop.path / "bytes").write_bytes(data)
    shop.script("up.pre", "a.sh", "cat bytes; cat bytes >&2; exit 1")
    result = shop.compose("up", "-d")
    assert result.code == 1
    assert result.stderr.startswith(data + data)
    assert b"failed with exit code 1: " in result.stderr
    output = next((shop.box.data / "projects").glob("*/output/*/*"))
    assert output.read_bytes() == data + data


@pytest.mark.linux  # elsewhere it is not exact
def test_stdout_and_stderr_keep_their_order(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "for i in $(seq 100); do echo out $i; echo err $i >&2; done")
    expected = "".join(f"out {i}\nerr {i}\n" for i in range(1, 101))
    assert shop.compose("up", "-d").err == expected


@pytest.mark.parametrize("kind", ["script", "function"])
def test_what_is_piped_to_compose_is_composes(shop: Project, kind: str) -> None:  # C67
    if kind == "script":
        shop.script("exec.pre", "a.sh", "cat >got")
    else:
        shop.hooks_sh("hook_pre_exec() { cat >got; }\n")
    result = shop.compose("exec", "-T", "db", "psql", stdin=b"select 1", STUB_RUN="cat")
    assert (result.out, (shop.path / "got").read_text()) == ("select 1", "")


def test_a_hook_reads_end_of_input_where_the_callers_pipe_never_closes(shop: Project) -> None:  # C67
    shop.script("up.pre", "a.sh", "cat >got")
    read, write = os.pipe()
    try:
        done = subprocess.run(
            ["docker", "compose", "up", "-d"],
            cwd=shop.path,
            env=shop.box.environ,
            stdin=read,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    finally:
        os.close(read)
        os.close(write)
    assert done.returncode == 0


def test_what_a_hook_leaves_running_holds_nothing_up_and_may_write_on(shop: Project) -> None:  # C69
    shop.script("up.pre", "a.sh", "(mkfifo go; read x <go; echo late; echo late >&2; echo alive >survived) &")
    result = shop.compose("up", "-d", STUB_OUT="x")  # returns although the job holds the output
    assert (result.code, result.out) == (0, "x")
    wait_for(shop.path / "go")
    (shop.path / "go").write_text("\n")
    wait_for(shop.path / "survived")


class TestTimeout:  # C60
    def test_a_script_over_its_limit_is_killed_with_its_children_and_aborts(self, shop: Project) -> None:
        shop.script("up.pre", "slow.sh", "sh -c 'trap \"\" TERM; echo $$ >child; sleep 1000' & sleep 1000")
        result = up_over_its_limit(shop, "child")
        assert (result.code, shop.box.calls()) == (124, [])
        assert re.search(r'Hook "slow.sh" timed out after [0-9.]+ s\n', result.err)
        child = number_in(shop.path / "child")
        assert not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text()

    def test_a_post_script_over_its_limit_is_a_warning(self, shop: Project) -> None:
        shop.script("up.post", "slow.sh", "sleep 1000")
        result = shop.compose("up", "-d", HOOKMAN_TIMEOUT="0.2")
        assert result.code == 0
        assert 'Hook "slow.sh" timed out after 0.2 s\n' in result.err

    def test_sigterm_comes_first_so_that_a_hook_may_tidy_up(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "trap 'echo tidy >trace; exit 0' TERM; touch ready; sleep 1000 & wait")
        assert up_over_its_limit(shop, "ready").code == 124
        assert shop.trace() == ["tidy"]

    def test_functions_have_no_limit_unless_one_is_set(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() { sleep 0.5; }\n")
        assert shop.compose("up", "-d", HOOKMAN_TIMEOUT="0.1").code == 0
        shop.write("hookman.toml", "function_timeout = 0.1\n")
        assert shop.compose("up", "-d").code == 124

    def test_one_hook_may_have_a_limit_of_its_own(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", "sleep 0.4")
        shop.write("hookman.toml", 'timeout = 0.1\n[hooks."project.up.pre/a.sh"]\ntimeout = 30\n')
        assert shop.compose("up", "-d").code == 0

    def test_a_bad_limit_is_an_error_that_names_it(self, shop: Project) -> None:
        result = shop.compose("up", "-d", HOOKMAN_TIMEOUT="soon")
        assert (result.code, shop.box.calls()) == (78, [])
        assert "HOOKMAN_TIMEOUT=soon" in result.err


def test_a_hook_killed_by_a_signal_has_failed_with_128_and_its_number(shop: Project) -> None:  # C62
    shop.script("up.pre", "a.sh", "kill -SEGV $$")
    result = shop.compose("up", "-d")
    assert result.code == 1
    assert f'Hook "a.sh" failed with exit code {128 + signal.SIGSEGV}' in result.err
    shop.script("down.post", "a.sh", "kill -KILL $$")
    result = shop.compose("down")
    assert result.code == 0
    assert 'Hook "a.sh" failed with exit code 137' in result.err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
@pytest.mark.parametrize("phase", ["pre", "post"])
def test_a_signal_to_hookman_stops_the_hook_and_the_run(box: Box, number: signal.Signals, phase: str) -> None:
    shop = box.project()
    shop.write("hookman.toml", "grace = 0.5\n")  # for the sleep, which ignores SIGINT and SIGQUIT in the background
    shop.script(f"up.{phase}", "b.sh", "echo b >>trace")
    shop.script(
        f"up.{phase}", "a.sh", f"trap 'echo tidy >trace; exit 0' {number.name[3:]}; echo ready; sleep 1000 & wait"
    )
    # The shim becomes the runner, so its pid is hookman's.
    started = shop.start(box.shim, "compose", "up", "-d", stderr=subprocess.PIPE, own_group=True)
    assert started.stderr is not None
    assert started.stderr.readline() == b"ready\n"
    started.send_signal(number)
    started.communicate(timeout=PATIENCE)
    assert started.returncode == 128 + number
    assert (shop.trace(), box.calls()) == (["tidy"], [] if phase == "pre" else ["<compose><up><-d>"])
    assert box.runs()[-1]["result"] == "interrupted"


def test_a_closed_stderr_stops_nothing(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo hello; echo ran >trace")
    done = shop.box.run("sh", "-c", "docker compose up -d 2>&-", cwd=shop.path, STUB_OUT="x")
    assert (done.code, done.out, shop.trace()) == (0, "x", ["ran"])


def test_hookman_itself_is_on_path_for_hooks_that_call_it(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "hookman --version >trace")
    shop.compose("up", "-d")
    assert shop.trace()[0].startswith("hookman ")
    assert BIN.joinpath("hookman").exists()
