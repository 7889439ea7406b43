"""Hooks side by side (DESIGN 1.10): who runs with whom, and what becomes of exports, conditions and output."""

from __future__ import annotations

from tests.support.box import Project
from tests.support.side_by_side import MEET, results, settings, together
from tests.support.terminal import Terminal


def test_neighbours_that_say_so_run_at_the_same_time(shop: Project) -> None:
    shop.script("up.pre", "a.sh", MEET % ("a", "b", "a"))
    shop.script("up.pre", "b.sh", MEET % ("b", "a", "b"))
    settings(shop, '[hooks."a.sh"]\nparallel = true\n[hooks."b.sh"]\nparallel = true')
    assert shop.compose("up", "-d").code == 0
    assert sorted(shop.trace()) == ["a", "b"]
    assert [hook["group"] for hook in shop.box.runs()[-1]["hooks"]] == [1, 1]


def test_an_event_says_it_for_all_of_its_hooks_of_every_kind(shop: Project) -> None:
    shop.script("up.post", "a.sh", MEET % ("a", "b", "a"))
    shop.hooks_sh(f"hook_post_up() {{ {MEET % ('b', 'c', 'b')}; }}\n")
    settings(shop, f"""parallel = ["up.post"]\n[hooks.c]\non = "up.post"\nrun = '{MEET % ("c", "a", "c")}'""")
    assert shop.compose("up", "-d").code == 0
    assert sorted(shop.trace()) == ["a", "b", "c"]


def test_one_that_does_not_say_so_waits_for_those_before_it_and_is_waited_for(shop: Project) -> None:
    for name, pause in (("a", 0.2), ("b", 0.1), ("c", 0.1), ("d", 0)):
        shop.script("up.pre", f"{name}.sh", f"echo +{name} >>trace; sleep {pause}; echo -{name} >>trace")
    settings(shop, 'parallel = ["up.pre"]\n[hooks."c.sh"]\nparallel = false')
    assert shop.compose("up", "-d").code == 0
    trace = shop.trace()
    assert sorted(trace[:2]) == ["+a", "+b"]  # they begin in this order, and the second may be faster
    assert trace[4:] == ["+c", "-c", "+d", "-d"]
    assert ["group" in hook for hook in shop.box.runs()[-1]["hooks"]] == [True, True, False, False]


def test_no_more_than_jobs_run_at_once(shop: Project) -> None:
    for name in "abcdef":
        shop.script("up.pre", f"{name}.sh", "echo + >>trace; sleep 0.1; echo - >>trace")
    settings(shop, 'parallel = ["up.pre"]')
    shop.write("hookman.toml", 'jobs = 2\nparallel = ["up.pre"]\n')
    assert shop.compose("up", "-d").code == 0
    going, most = 0, 0
    for line in shop.trace():
        going += 1 if line == "+" else -1
        most = max(most, going)
    assert most == 2


def test_they_begin_in_the_order_of_the_plan(shop: Project) -> None:
    names = [*"abcdefgh"]
    together(shop, **dict.fromkeys(names, "sleep 0.1"))
    assert shop.compose("up", "-d").code == 0
    began = {hook["name"]: float(hook["started"]) for hook in shop.box.runs()[-1]["hooks"]}  # in whole milliseconds
    in_order = [began[f"{name}.sh"] for name in names]
    assert in_order == sorted(in_order)


def test_a_skipped_hook_does_not_break_a_group(shop: Project) -> None:
    shop.script("up.pre", "a.sh", MEET % ("a", "c", "a"))
    shop.script("up.pre", "b.sh", "exit 1")
    shop.script("up.pre", "c.sh", MEET % ("c", "a", "c"))
    settings(shop, 'parallel = ["up.pre"]\n[hooks."b.sh"]\nparallel = false\nskip = true')
    assert shop.compose("up", "-d").code == 0
    assert sorted(shop.trace()) == ["a", "c"]


def test_one_that_wants_a_terminal_runs_alone(shop: Project) -> None:
    for name in "abc":
        shop.script("up.pre", f"{name}.sh", f"echo +{name} >>trace; sleep 0.1; echo -{name} >>trace")
    settings(shop, 'parallel = ["up.pre"]\n[hooks."b.sh"]\npty = true')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["+a", "-a", "+b", "-b", "+c", "-c"]


def test_a_hook_that_may_fail_stops_nobody(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "exit 3")
    shop.script("up.pre", "b.sh", "echo b >>trace")
    shop.script("up.pre", "c.sh", "echo c >>trace")
    text = 'jobs = 1\nparallel = ["up.pre"]\ncancel = ["up.pre"]\n[hooks."a.sh"]\nallow_failure = true\n'
    shop.write("hookman.toml", text)
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["b", "c"]


def test_what_they_export_reaches_later_hooks_and_compose_in_the_order_of_the_plan(shop: Project) -> None:
    # a is the slowest and the first in the plan: what the later ones say is over it.
    shop.script("up.pre", "a.sh", 'sleep 0.3; echo "FROM=a" >>"$HOOKMAN_ENV"; echo "A=1" >>"$HOOKMAN_ENV"')
    shop.script("up.pre", "b.sh", 'echo "FROM=b" >>"$HOOKMAN_ENV"; echo "[$A]" >>trace')
    shop.hooks_sh(
        'export TOP=1\nhook_pre_up() { export FN=2; }\nhook_post_up() { echo "$FROM $A $FN $TOP" >>trace; }\n'
    )
    settings(shop, 'parallel = ["up.pre"]')
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["[]", "b 1 2 1"]


def test_they_have_no_terminal_and_no_input(shop: Project) -> None:
    body = "if read x; then echo input >>trace; else echo none >>trace; fi; true </dev/tty || echo no tty >>trace"
    together(shop, a=body, b=body)
    terminal = Terminal(shop, "docker", "compose", "up", "-d", term="xterm")
    terminal.wait()
    assert sorted(shop.trace()) == ["no tty", "no tty", "none", "none"]


def test_a_hook_that_is_changed_before_its_turn_is_looked_at_again(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "chmod -x .dde/hooks/project.up.pre/b.sh")
    shop.script("up.pre", "b.sh", "echo b >>trace")
    shop.write("hookman.toml", 'jobs = 1\nparallel = ["up.pre"]\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, [])
    assert 'Hook "b.sh" is not executable, skipped' in result.err


def test_one_that_is_gone_before_its_turn_is_an_error_and_the_others_end(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "sleep 0.3; echo a >>trace")
    shop.script("up.pre", "b.sh", "rm .dde/hooks/project.up.pre/c.sh")
    shop.script("up.pre", "c.sh", "echo c >>trace")
    shop.write("hookman.toml", 'jobs = 2\nparallel = ["up.pre"]\n')
    result = shop.compose("up", "-d")
    assert result.code != 0
    assert "c.sh is gone" in result.err
    assert (shop.trace(), shop.box.calls()) == (["a"], [])


def test_conditions_are_judged_when_the_group_begins(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "touch made; echo a >>trace")
    shop.script("up.pre", "b.sh", "echo b >>trace")
    shop.script("up.pre", "c.sh", "echo c >>trace")
    text = 'jobs = 1\nparallel = ["up.pre"]\n[hooks."b.sh"]\nwhen = { exists = "made" }\n'
    shop.write("hookman.toml", text)
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["a", "c"]
    assert shop.compose("up", "-d").code == 0
    assert shop.trace()[2:] == ["a", "b", "c"]


def test_rerun_runs_what_failed_of_a_group_again_side_by_side(shop: Project) -> None:
    met = "[ -e begun-{other} ] && [ -e trace ]"  # c began as well
    fails = f"[ -e fixed ] || {{ touch begun-{{me}}; until {met}; do sleep 0.01; done; exit 3; }}; "
    for me, other in (("a", "b"), ("b", "a")):
        text = fails.replace("{me}", me).replace("{other}", other) + MEET % (me, other, me)
        shop.script("up.post", f"{me}.sh", text)
    shop.script("up.post", "c.sh", "echo c >>trace")
    settings(shop, 'parallel = ["up.post"]')
    shop.compose("up", "-d")
    assert [result for _, result in results(shop)].count("failed") == 2
    shop.write("fixed", "")
    assert shop.hookman("rerun").code == 0
    assert sorted(shop.trace()) == ["a", "b", "c"]
    assert [hook["group"] for hook in shop.box.runs()[-1]["hooks"]] == [1, 1]


def test_closing_hooks_too(shop: Project) -> None:
    for me, other in (("a", "b"), ("b", "a")):
        shop.script("up.always", f"{me}.sh", MEET % (me, other, f'"{me} $HOOKMAN_RESULT"'))
    settings(shop, 'parallel = ["up.always"]')
    assert shop.compose("up", "-d").code == 0
    assert sorted(shop.trace()) == ["a ok", "b ok"]


def test_hookman_test_runs_them_side_by_side_and_shows_each(shop: Project) -> None:
    together(shop, a=f"echo one; {MEET % ('a', 'b', 'a')}", b=f"echo two; {MEET % ('b', 'a', 'b')}")
    result = shop.hookman("test", "up.pre")
    assert (result.code, sorted(shop.trace())) == (0, ["a", "b"])
    assert "a.sh  | one" in result.err
    assert "project.up.pre/b.sh  ok" in result.out
