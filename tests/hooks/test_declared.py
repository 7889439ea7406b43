"""Declared hooks: tables with `run` in hookman.toml, and what tables say of scripts and functions."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project


def declared(shop: Project, text: str, name: str = "hookman.toml") -> None:
    shop.write(name, text)


def test_a_text_is_run_by_sh_and_words_are_started_as_they_are(shop: Project) -> None:
    declared(
        shop,
        """\
        [hooks.greet]
        on = "up.pre"
        run = "echo text $HOOKMAN_EVENT $HOOKMAN_COMMAND >>trace"

        [hooks.words]
        on = ["up.post", "project.restart.post"]
        run = ["sh", "-c", 'echo "$0" "$@" >>trace', "a b", "$HOME", ""]
        """,
    )
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["text project.up.pre up", "a b $HOME "]
    assert shop.compose("restart").code == 0
    assert shop.trace()[2:] == ["a b $HOME "]


def test_a_declared_hook_runs_in_the_project_directory_and_sees_what_scripts_see(shop: Project) -> None:
    declared(shop, "[hooks.x]\non = 'up.pre'\nrun = 'echo $PWD $stack $HOOKMAN_PHASE $0 $# >>trace'\n")
    below = shop.path / "below"
    below.mkdir()
    assert shop.compose("up", "-d", cwd=below).code == 0
    assert shop.trace() == [f"{shop.path} shop pre x 0"]


def test_the_order_is_priority_then_scripts_function_and_declared_hooks_by_name(shop: Project) -> None:
    shop.script("up.pre", "b.sh", "echo script >>trace")
    shop.script("up.pre", "z.sh", "echo late script >>trace")
    shop.hooks_sh("hook_pre_up() { echo function >>trace; }\n")
    names = {"d": 0, "c": 0, "early": -1, "late": 10}
    tables = [
        f'[hooks.{name}]\non = "up.pre"\nrun = "echo {name} >>trace"\npriority = {at}\n' for name, at in names.items()
    ]
    declared(shop, "".join([*tables, '[hooks."z.sh"]\npriority = 9\n']))
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["early", "script", "function", "c", "d", "late script", "late"]
    listed = shop.hookman("list").out
    assert [listed.index(f"  {name} ") for name in ("early", "b.sh", "hook_pre_up", "c", "late")] == sorted(
        listed.index(f"  {name} ") for name in ("early", "b.sh", "hook_pre_up", "c", "late")
    )


def test_env_reaches_the_hook_and_nothing_else(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo "script $TAG" >>trace')
    shop.script("up.pre", "b.sh", 'echo "other $TAG" >>trace')
    shop.hooks_sh('hook_pre_up() { echo "function $TAG" >>trace; }\n')
    declared(
        shop,
        """\
        [hooks."a.sh"]
        env = { TAG = "of a" }
        [hooks.hook_pre_up]
        env = { TAG = "of f" }
        [hooks.x]
        on = "up.pre"
        run = "echo declared $TAG $PORT $ON >>trace"
        env = { TAG = "of x", PORT = 8080, ON = true }
        """,
    )
    shop.write(".env", "TAG=env\n")
    assert shop.compose("up", "-d", TAG="caller").code == 0
    assert shop.trace() == ["script of a", "other caller", "function of f", "declared of x 8080 true"]
    assert shop.box.compose_environ()["TAG"] == "caller"


def test_layers_merge_key_by_key_and_the_local_file_wins(box: Box) -> None:
    user = box.user_settings('[hooks.x]\ntimeout = 1\npriority = 5\nenv = { A = "user", B = "user" }\n')
    assert user.exists()
    shop = box.project()
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "echo $A $B $C >>trace"\nenv = { B = "project", C = "project" }\n')
    declared(shop, '[hooks.x]\nenv = { C = "local" }\ntimeout = "1m"\n', "hookman.local.toml")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["user project local"]
    assert "1m" in shop.hookman("list").out.replace("60 s", "1m")
    declared(shop, "[hooks.x]\nskip = true\n", "hookman.local.toml")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["user project local"]
    assert shop.box.runs()[-1]["hooks"][0]["reason"] == "skip in the config"


def test_a_root_declares_hooks_for_its_stacks(box: Box) -> None:
    root = Project(box, box.base / "root")
    root.write("kompose.sh", "", 0o755)
    shop = box.project("root/shop")
    root.write("hookman.toml", '[hooks.x]\non = "up.pre"\nrun = "echo root >>trace"\n')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["root"]


def test_grace_is_how_long_a_hook_has_after_the_time_limit(shop: Project) -> None:
    body = "trap 'echo told >>trace' TERM; while :; do sleep 0.1; done"
    declared(shop, f'[hooks.x]\non = "up.pre"\nrun = "{body}"\ntimeout = "300ms"\ngrace = "400ms"\n')
    result = shop.compose("up", "-d")
    assert (result.code, set(shop.trace())) == (124, {"told"}), result
    assert 0.6 < shop.box.runs()[-1]["hooks"][0]["seconds"] < 4


def test_a_failing_pre_hook_stops_the_command_and_a_failing_post_hook_warns(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "echo why >&2; exit 3"\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (1, []), result
    assert 'Hook "x" failed with exit code 3: why' in result.err
    declared(shop, '[hooks.x]\non = "up.post"\nrun = "exit 3"\n')
    assert shop.compose("up", "-d").code == 0
    declared(shop, 'post_failure = "fail"\n[hooks.x]\non = "up.post"\nrun = "exit 3"\n')
    assert shop.compose("up", "-d").code == 1


def test_a_program_that_is_not_there_is_named(shop: Project) -> None:
    shop.write("missing-program", "#!/bin/sh\necho wrong >>trace\n", 0o755)
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = ["missing-program", "a"]\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (1, []), result
    assert "there is no program missing-program on your PATH" in result.err
    assert "there is no program missing-program" in shop.hookman("test").out
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = ["./missing-program", "a"]\n')
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["wrong"])


def test_skips_by_name_and_by_event(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = ["up.pre", "up.post"]\nrun = "echo $HOOKMAN_PHASE >>trace"\n')
    assert shop.compose("up", "-d", HOOKMAN_SKIP="x").code == 0
    assert shop.compose("up", "-d", "--skip-hooks").code == 0
    assert shop.trace() == []
    assert shop.compose("up", "-d", HOOKMAN_SKIP="project.up.pre/x").code == 0
    assert shop.trace() == ["post"]


def test_test_runs_one_by_name_and_shows_its_commands(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "echo ran >>trace"\n')
    result = shop.hookman("test", "x", "--trace")
    assert (result.code, shop.trace()) == (0, ["ran"]), result
    assert "+ x" in result.err
    assert shop.compose("up", "-d").code == 0


def test_test_finds_a_text_that_does_not_parse(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "if true"\n')
    result = shop.hookman("test")
    assert (result.code, "hookman.toml:1" in result.out) == (1, True), result


IN_WEB = '[hooks.x]\non = "up.post"\nrun = "true"\nservice = "web"\n'


@pytest.mark.parametrize(
    ("text", "place", "what", "fix"),
    [
        ('[hooks.x]\non = "up.pre"\nrun = 5\n', ":3", "a text for sh, or a list of words", ""),
        ('[hooks.x]\non = "up.pre"\nrun = ""\n', ":3", "a text for sh, or a list of words", ""),
        ('[hooks.x]\non = "up.pre"\nrun = []\n', ":3", "a text for sh, or a list of words", ""),
        ('[hooks.x]\non = "up.pre"\nrun = ["", "a"]\n', ":3", "a text for sh, or a list of words", ""),
        ('[hooks.x]\non = "up.pre"\nrun = ["a", 1]\n', ":3", "a text for sh, or a list of words", ""),
        ('[hooks.x]\non = "up.pre"\nrun = "a\\u0000b"\n', ":3", "no text may have a NUL in it", ""),
        ('[hooks.x]\non = "up.pst"\nrun = "true"\n', ":2", "there is no event 'up.pst'", "Did you mean 'up.post'?"),
        ('[hooks.x]\non = "up"\nrun = "true"\n', ":2", "there is no event 'up'", ""),
        ('[hooks.x]\non = []\nrun = "true"\n', ":2", "an event or a list of events", ""),
        ('[hooks.x]\non = ["up.pre", 3]\nrun = "true"\n', ":2", "an event or a list of events", ""),
        ('[hooks.x]\nrun = "true"\n', ":2", "x has run, but no on", "say when it runs"),
        ('[hooks.x]\non = "up.pre"\n', ":2", "x has on, but no run", "say what it runs"),
        ('[hooks."a.sh"]\ntimeuot = 5\n', ":2", "unknown key", "Did you mean 'timeout'?"),
        ('[hooks.x]\nservice = "web"\n', ":2", "x has service, but no run", "declare a hook with run"),
        ('[hooks.x]\nservice = "a b"\n', ":2", "'a b' is not a name of a service", ""),
        ('[hooks.x]\nservice = ["web"]\n', ":2", "must be the name of a service", ""),
        (f'{IN_WEB}mode = "exce"\n', ":5", "'exce' must be one of exec, run", "Did you mean 'exec'?"),
        (f"{IN_WEB}replicas = 2\n", ":5", 'must be "first" or "all"', ""),
        (f'{IN_WEB}workdir = "app"\n', ":5", "'app' is not an absolute path", ""),
        (f'{IN_WEB}user = "a b"\n', ":5", "'a b' is not a user", ""),
        (f"{IN_WEB}user = true\n", ":5", "must be a user", ""),
        (
            '[hooks.x]\non = "up.pre"\nrun = "true"\nuser = "app"\n',
            ":4",
            "x has user, but no service",
            'service = "web"',
        ),
        (f'{IN_WEB}mode = "run"\nreplicas = "all"\n', ":6", "but runs in one new container", "remove replicas"),
        (f'{IN_WEB}on = "up.pre"\nreplicas = "all"\n'.replace('on = "up.post"\n', ""), ":5", "", 'set mode = "exec"'),
        ('timeout = 5\n\n[hooks."a.sh"]\ntimeout = "soon"\n', ":4", "a number of seconds", ""),
        ('[hooks."a.sh"]\npriority = 1.5\n', ":2", "a whole number", ""),
        ('[hooks."a.sh"]\nenv = ["A"]\n', ":2", "a table of texts", ""),
        ('[hooks."a.sh"]\nenv = { "A=B" = "1" }\n', ":2", "is not a name of a variable", ""),
        ('[hooks."a.sh"]\nenv = { A = [1] }\n', ":2", "A must be a text", ""),
        ('[hooks."a.sh"]\nenv = { HOOKMAN_EVENT = "1" }\n', ":2", "HOOKMAN_EVENT is set by hookman itself", ""),
        ('[hooks."a/b"]\non = "up.pre"\nrun = "true"\n', ":1", "nor have a /", ""),
        ("[hooks.x]\nskip = true\n[hooks.x]\nskip = true\n", ":3", "hooks.x is there twice", "make them one"),
    ],
)
def test_a_mistake_stops_the_command_and_names_file_line_and_key(
    shop: Project, text: str, place: str, what: str, fix: str
) -> None:
    declared(shop, text)
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (78, []), result
    assert f"{shop.path}/hookman.toml{place}" in result.err
    assert what in result.err
    assert fix in result.err


def test_a_hook_that_changes_the_file_changes_what_follows(shop: Project) -> None:
    shop.write("next.toml", '[hooks.x]\non = ["up.pre", "up.post"]\nrun = "echo new $HOOKMAN_PHASE >>trace"\n')
    shop.script("up.pre", "a.sh", "mv next.toml hookman.toml")
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "echo old >>trace"\n')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["new pre", "new post"]


def test_what_was_read_is_kept_and_a_change_is_read_again(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "echo one >>trace"\n')
    for _ in range(3):
        assert shop.compose("up", "-d").code == 0
    (kept,) = shop.box.data.glob("projects/*/settings")
    assert kept.stat().st_mode & 0o777 == 0o600
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "echo two >>trace"\n')
    assert shop.compose("up", "-d").code == 0
    kept.write_bytes(kept.read_bytes()[:20])
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["one", "one", "one", "two", "two"]


def test_a_file_with_a_secret_is_not_kept_and_the_secret_is_masked(shop: Project) -> None:
    declared(
        shop,
        '[hooks.x]\non = "up.pre"\nrun = "echo $DB_PASSWORD; curl -u me:horsebattery x || true"\n'
        'env = { DB_PASSWORD = "correctstaple" }\n',
    )
    for _ in range(3):
        assert shop.compose("up", "-d").code == 0
    written = b"".join(path.read_bytes() for path in shop.box.data.rglob("*") if path.is_file())
    assert [part for part in (b"correctstaple", b"horsebattery") if part in written] == []
    assert b"***" in written


def test_list_shows_a_declared_hook_with_its_place(shop: Project) -> None:
    declared(shop, '# first\n[hooks.x]\non = ["up.pre", "down.post"]\nrun = "true"\n')
    listed = shop.hookman("list")
    assert listed.out.count("x  hookman.toml:2  300 s  ready") == 2, listed


def test_two_hooks_of_one_name_stop_the_command(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo script >>trace")
    declared(shop, '[hooks."a.sh"]\non = "up.pre"\nrun = "echo declared >>trace"\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (1, [], []), result
    assert f"hookman.toml:1: two hooks of project.up.pre are called a.sh; the other is {shop.path}/.dde" in result.err
    assert "two hooks of project.up.pre are called a.sh" in shop.hookman("list").out


@pytest.mark.parametrize("name", ["", " ", "a\\nb"])
def test_a_name_that_nobody_can_see_is_an_error_on_one_line(shop: Project, name: str) -> None:
    declared(shop, f'[hooks."{name}"]\non = "up.pre"\nrun = "true"\n')
    result = shop.compose("up", "-d")
    assert (result.code, len(result.err.splitlines())) == (78, 2), result


def test_a_table_about_no_hook_is_shown_with_the_nearest_name(shop: Project) -> None:
    shop.script("up.pre", "01-load.sh")
    shop.hooks_sh("hook_pre_up() { :; }\n")
    declared(
        shop,
        '[hooks."01-laod.sh"]\ntimeout = 5\n[hooks.hook_pre_up]\ntimeout = 5\n'
        '[hooks."up.pre/01-load.sh"]\ntimeout = 5\n',
    )
    for command in ("list", "test"):
        shown = shop.hookman(command).out
        assert f"{shop.path}/hookman.toml:1: there is no hook 01-laod.sh" in shown.replace("\n", " ")
        assert "write 01-load.sh" in shown
        assert "there is no hook hook_pre_up" not in shown
        assert "up.pre/01-load.sh" not in shown.replace("project.up.pre/01-load.sh", "")
