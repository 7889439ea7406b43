"""hookman rerun: what failed last, or a hook by its name."""

from __future__ import annotations

import subprocess

from tests.support.box import Box, Project


def declared(shop: Project, text: str) -> None:
    shop.write("hookman.toml", text)


def test_what_failed_last_runs_again_until_it_succeeds(shop: Project) -> None:
    shop.script("up.post", "a.sh", "echo a >>trace")
    shop.script("up.post", "b.sh", "echo b >>trace; test -e fixed")
    failed = shop.compose("up", "-d")
    assert "a post hook failed; up itself succeeded. To run it again: hookman rerun" in failed.err
    calls = shop.box.calls()
    again = shop.hookman("rerun")
    assert (again.code, shop.trace()) == (1, ["a", "b", "b"]), again
    shop.write("fixed", "")
    assert (shop.hookman("rerun").code, shop.trace()) == (0, ["a", "b", "b", "b"])
    nothing = shop.hookman("rerun")
    assert (nothing.code, nothing.out) == (
        0,
        "there is nothing to run again: no hook failed, or each has succeeded since\n",
    )
    assert (shop.trace(), shop.box.calls()) == (["a", "b", "b", "b"], calls)
    last = shop.box.runs()[-1]
    assert (last["result"], last["argv"]) == ("ok", ["hookman", "rerun", "project.up.post/b.sh"])
    assert [hook["name"] for hook in last["hooks"]] == ["b.sh"]


def test_a_failed_pre_hook_names_rerun_and_runs_alone(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo $HOOKMAN_PHASE >>trace; exit 3")
    assert "To run it alone: hookman rerun" in shop.compose("up", "-d").err
    assert (shop.hookman("rerun").code, shop.trace(), shop.box.calls()) == (1, ["pre", "pre"], [])


def test_a_function_gets_the_arguments_of_its_last_run(shop: Project) -> None:
    shop.hooks_sh('hook_post_up() { echo "$*" >>trace; return 1; }\n')
    assert shop.compose("up", "-d", "--build").code == 1
    assert shop.hookman("rerun").code == 1
    assert shop.trace() == ["up -d --build", "up -d --build"]


def test_a_hook_by_its_name_runs_whatever_its_conditions_are_and_that_counts(shop: Project) -> None:
    shop.write("a", "1")
    declared(
        shop,
        '[hooks.x]\non = ["up.pre", "down.post"]\nrun = "echo $HOOKMAN_EVENT >>trace"\n'
        'sources = "a"\nonce = "project"\n',
    )
    assert shop.hookman("rerun", "x").code == 0
    assert shop.trace() == ["project.up.pre"]
    assert shop.hookman("rerun", "project.down.post/x").code == 0
    assert shop.trace()[1:] == ["project.down.post"]
    assert shop.hookman("rerun", "x").code == 0
    assert shop.trace()[2:] == ["project.down.post"]
    assert shop.compose("up").code == 0
    assert len(shop.trace()) == 3


def test_a_hook_of_a_closing_phase_is_told_what_it_would_be(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = ["up.failed"]\nrun = "echo $HOOKMAN_RESULT $HOOKMAN_EXIT_CODE >>trace"\n')
    assert shop.hookman("rerun", "x").code == 0
    assert shop.trace()[0].startswith("failed")


def test_names_that_are_no_hook_are_errors(shop: Project) -> None:
    shop.script("up.pre", "load.sh")
    assert (
        shop.hookman("rerun", "laod.sh").code,
        "Did you mean 'load.sh'? Fix: hookman rerun load.sh" in shop.hookman("rerun", "laod.sh").err,
    ) == (2, True)
    assert "there is no hook 'nope' in" in shop.hookman("rerun", "nope").err
    assert "up is not a hook" in shop.hookman("rerun", "up").err


def test_a_hook_that_may_fail_is_a_warning_in_the_log(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = "up.pre"\nrun = "exit 3"\nallow_failure = [3]\n')
    assert shop.hookman("rerun", "x").code == 0
    assert shop.box.runs()[-1]["result"] == "warned"


def test_a_hook_is_named_with_its_event_as_add_shows_it(shop: Project) -> None:
    declared(shop, '[hooks.x]\non = ["up.pre", "down.pre"]\nrun = "echo $HOOKMAN_EVENT >>trace"\n')
    for command in ("rerun", "test"):
        assert shop.hookman(command, "down.pre/x").code == 0
    assert shop.trace() == ["project.down.pre"] * 2


def test_it_gets_no_values_of_other_hooks(shop: Project) -> None:
    shop.script("up.pre", "a.sh", 'echo TAG=1 >"$HOOKMAN_ENV"')
    shop.script("up.pre", "b.sh", "echo tag $TAG >>trace")
    shop.compose("up")
    assert shop.hookman("rerun", "b.sh").code == 0
    assert shop.trace() == ["tag 1", "tag"]


def test_it_waits_for_the_lock(shop: Project, holder: subprocess.Popen[bytes]) -> None:
    shop.script("down.pre", "b.sh", "echo b >>trace")
    declared(shop, "lock_timeout = 0.2\n")
    result = shop.hookman("rerun", "b.sh")
    assert (result.code, shop.trace()) == (75, []), result
    (shop.path / "go").write_text("x\n")
    assert holder.wait() == 0


def test_of_a_project_that_is_not_enabled_nothing_runs(box: Box) -> None:
    shop = box.project(enable=False)
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = shop.hookman("rerun", "a.sh")
    assert (result.code, shop.trace(), "hookman enable" in result.err) == (1, [], True), result


def test_of_several_that_failed_the_first_is_meant_and_none_that_may_fail(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks."may.sh"]\nallow_failure = true\n')
    shop.script("up.pre", "may.sh", "exit 3")
    shop.script("up.pre", "must.sh", "echo must >>trace; exit 4")
    shop.script("up.always", "a.sh", "echo always >>trace; exit 5")
    assert shop.compose("up", "-d").code == 1
    assert shop.hookman("rerun").code == 1
    assert shop.trace() == ["must", "always", "must"]


def test_a_failed_hook_is_told_of_a_command_that_failed(shop: Project) -> None:
    shop.script("up.failed", "f.sh", 'echo "$HOOKMAN_RESULT $HOOKMAN_EXIT_CODE" >>trace')
    shop.script("up.always", "a.sh", 'echo "$HOOKMAN_RESULT $HOOKMAN_EXIT_CODE" >>trace')
    assert shop.hookman("rerun", "f.sh").code == 0
    assert shop.hookman("rerun", "a.sh").code == 0
    assert shop.trace() == ["failed 1", "ok 0"]
