"""hookman run and kompose.sh: CONTRACT C31, C45, C78 to C86."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.box import BIN, Box, Project, Result
from tests.support.terminal import Terminal
from tests.support.waiting import wait_for

HOOKS = 'hook_pre_up() { echo "$stack $* T=$TAG N=$NETWORK_NAME S=$SHARED" >>"$SCRIPT_DIR/trace"; }\n'


class Root:
    """A root of stacks, made by `hookman init --root`."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.path = box.base / "stacks"
        self.stacks = {name: box.project(f"stacks/{name}", enable=False) for name in ("blog", "news", "web")}
        made = box.hookman("init", "--root", "--yes", "stacks")
        assert made.code == 0, made
        for stack in self.stacks.values():
            stack.hooks_sh(HOOKS)

    def run(self, *words: str, cwd: Path | None = None, **environ: str) -> Result:
        return self.box.hookman("run", *words, cwd=cwd or self.path, **environ)

    def kompose(self, *words: str) -> Result:
        return self.box.run(self.path / "kompose.sh", *words)

    def trace(self) -> list[str]:
        return Project(self.box, self.path).trace()


@pytest.fixture
def root(box: Box) -> Root:
    return Root(box)


def test_init_makes_a_root_whose_stacks_are_enabled_and_twice_changes_nothing(root: Root) -> None:
    (root.path / "kompose.sh").write_text("mine")
    assert root.box.hookman("init", "--root", cwd=root.path).code == 0
    assert (root.path / "kompose.sh").read_text() == "mine"
    assert root.run("--list").out == "blog\nnews\nweb\n"


def test_the_command_runs_on_each_stack_in_order_with_its_hooks(root: Root) -> None:  # C79
    result = root.kompose("web,blog", "up", "-d")
    assert result.code == 0, result
    assert root.trace() == ["blog up -d T= N= S=", "web up -d T= N= S="]
    assert root.box.calls() == ["<up><-d>", "<up><-d>"]
    assert re.search(r"hookman: blog  ok +\d", result.err)


def test_settings_go_to_hooks_and_compose_and_win(root: Root) -> None:  # C28, C31, C83, C86
    (root.path / ".env").write_text("SHARED=root\nTAG=root\n")
    root.stacks["web"].write(".env", "TAG=stack\n")
    assert root.run("-e", "TAG=a=b c", "--network", "net", "web", "up", TAG="shell").code == 0
    assert root.trace() == ["web up T=a=b c N=net S=root"]
    environ = root.box.compose_environ()
    assert (environ["TAG"], environ["NETWORK_NAME"], environ["SHARED"]) == ("a=b c", "net", "root")
    assert root.box.calls()[-1] == "<up>"


def test_without_settings_the_stacks_own_env_wins_over_the_roots(root: Root) -> None:  # C28
    (root.path / ".env").write_text("SHARED=root\nTAG=root\n")
    root.stacks["web"].write(".env", "TAG=stack\n")
    root.run("*", "up", "-d")
    assert root.trace() == [
        "blog up -d T=root N= S=root",
        "news up -d T=root N= S=root",
        "web up -d T=stack N= S=root",
    ]


@pytest.mark.parametrize("setting", ["TAG", "=x"])
def test_a_setting_without_a_value_is_an_error(root: Root, setting: str) -> None:  # C83
    result = root.run("-e", setting, "web", "up")
    assert (result.code, root.box.calls()) == (2, [])


def test_after_the_command_flags_are_composes(root: Root) -> None:  # C83, C85
    root.run("web", "logs", "-n", "10")
    root.run("web", "exec", "-e", "A=1", "web", "env")
    assert root.box.calls() == ["<logs><-n><10>", "<exec><-e><A=1><web><env>"]


@pytest.mark.parametrize("line", ["-n * up -d", "* up -d --dry-run", "--dry-run * up -d"])
def test_a_dry_run_names_stacks_hooks_and_command_and_runs_nothing(root: Root, line: str) -> None:  # C84
    root.stacks["web"].hooks_sh("echo sourced >>../trace\nhook_pre_up() { :; }\nhook_post_up() { :; }\n")
    result = root.kompose(*line.split())
    assert (result.code, root.trace(), root.box.calls()) == (0, [], [])
    assert "web: docker compose up -d\n" in result.out
    assert "would run project.up.pre/hook_pre_up" in result.err
    assert "would run project.up.post/hook_post_up" in result.err


def test_each_stack_is_tried_and_the_failures_count_at_the_end(root: Root) -> None:  # C82
    root.stacks["blog"].hooks_sh("hook_pre_up() { return 3; }\n")
    result = root.run("*", "up", "-d")
    assert result.code == 1
    assert [line.split()[0] for line in root.trace()] == ["news", "web"]
    assert re.search(r"hookman: blog  exit 1 ", result.err)
    assert re.search(r"hookman: web   ok ", result.err)


def test_fail_fast_stops_at_the_first_failure(root: Root) -> None:
    root.stacks["blog"].hooks_sh("hook_pre_up() { return 3; }\n")
    result = root.run("--fail-fast", "*", "up", "-d")
    assert (result.code, root.trace()) == (1, [])
    assert "hookman: web   not run" in result.err


def test_nothing_leaks_between_stacks(root: Root) -> None:  # C45
    root.stacks["blog"].hooks_sh("export LEAK=1\nhook_pre_up() { LEAK2=1; }\nhook_post_up() { :; }\n")
    root.stacks["news"].hooks_sh("hook_pre_down() { :; }\nexport X=1\n")
    root.stacks["blog"].write(".env", "LEAK3=1\n")
    root.stacks["web"].hooks_sh('hook_pre_up() { echo "[$LEAK$LEAK2$LEAK3]" >>../trace; }\n')
    assert root.run("*", "up", "-d").code == 0
    assert root.trace() == ["[]"]


def test_with_jobs_the_output_of_stacks_is_not_mixed(root: Root) -> None:
    for name, stack in root.stacks.items():
        stack.hooks_sh(f"hook_pre_up() {{ for i in 1 2 3 4 5; do echo {name}; sleep 0.05; done; }}\n")
    result = root.run("--jobs", "3", "*", "up", "-d", STUB_RUN="basename $PWD; sleep 0.1; basename $PWD")
    assert result.code == 0
    for lines in (result.out.split(), [line for line in result.err.split() if line in root.stacks]):
        groups = [one for at, one in enumerate(lines) if at == 0 or lines[at - 1] != one]
        assert sorted(groups[:3]) == ["blog", "news", "web"]


def test_a_stack_that_is_not_enabled_runs_without_hooks_and_with_the_roots_env(box: Box) -> None:
    web = box.project("plain/web", enable=False)
    web.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
    (box.base / "plain/.env").write_text("SHARED=root\n")
    result = box.hookman("run", "web", "up", "-d", cwd=box.base / "plain")
    assert (result.code, web.trace()) == (0, [])
    assert "are not enabled" in result.err
    assert box.compose_environ()["SHARED"] == "root"


def test_no_pattern_no_command_no_stack_no_root(root: Root) -> None:  # C80
    assert root.run().code == 2
    assert root.run("web").code == 2
    missing = root.run("nothing", "up")
    assert (missing.code, root.box.calls()) == (2, [])
    assert "blog, news, web" in missing.err
    assert root.run("web", "up", cwd=root.box.home).code == 1


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("* ps", "hookman run '*' ps"),
        ("* up -d --build", "hookman run '*' up -d --build"),
        ("-n * ps", "hookman run '*' ps"),
        ("*", "hookman run '*' COMMAND"),
        ("[bn]* ps", "hookman run '*' ps"),
        ("web* ps", "hookman run 'web*' ps"),
    ],
)
def test_a_pattern_that_the_shell_has_replaced_is_noticed(root: Root, typed: str, quoted: str) -> None:
    (root.path / "web2").mkdir()
    result = root.box.run("bash", "-c", f"hookman run {typed}", cwd=root.path)
    assert (result.code, root.box.calls()) == (2, [])
    assert "your shell replaced the pattern by the names of " in result.err
    assert f"Fix: quote the pattern: {quoted}\n" in result.err


def test_a_stack_may_have_the_name_of_a_command(root: Root) -> None:
    (root.path / "ps").mkdir()
    assert root.run("web", "ps").code == 0
    assert root.box.calls() == ["<ps>"]


def test_with_jobs_each_stack_is_named_when_it_starts(root: Root) -> None:
    result = root.run("--jobs", "2", "*", "ps")
    assert sorted(line for line in result.err.splitlines() if line.endswith(": started")) == [
        f"hookman: {name}: started" for name in root.stacks
    ]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_what_runs_starts_nothing_more_and_sums_up(root: Root, jobs: str) -> None:
    for name in ("blog", "news"):
        root.stacks[name].hooks_sh(f"hook_pre_up() {{ touch ../{name}-runs; exec sleep 1000; }}\n")
    terminal = Terminal(Project(root.box, root.path), "hookman", "run", "--jobs", jobs, "*", "up", "-d")
    wait_for(root.path / "blog-runs")
    if jobs == "2":
        wait_for(root.path / "news-runs")
    terminal.type(b"\x03")
    assert terminal.wait() == 130
    said = terminal.seen.decode()
    assert re.search(r"hookman: blog  stopped +\d", said), said
    assert re.search(r"hookman: news  stopped +\d" if jobs == "2" else "hookman: news  not run", said), said
    assert "hookman: web   not run" in said
    assert root.box.calls() == []


class TestChaining:
    """Hooks that call other stacks (the Kompose document's "Hook Chaining")."""

    @pytest.mark.parametrize("call", ['"${SCRIPT_DIR}/kompose.sh" web restart', "hookman run web restart"])
    def test_a_hook_runs_another_stack(self, root: Root, call: str) -> None:
        root.stacks["blog"].hooks_sh(f"hook_post_restart() {{ {call}; }}\n")
        root.stacks["web"].hooks_sh("hook_pre_restart() { echo web >>../trace; }\n")
        assert root.kompose("blog", "restart").code == 0
        assert root.trace() == ["web"]
        assert root.box.calls() == ["<restart>", "<restart>"]

    def test_two_that_restart_each_other_end_and_the_chain_is_shown(self, root: Root) -> None:
        for name, other in (("blog", "web"), ("web", "blog")):
            call = f'echo {name} >>../trace; "$SCRIPT_DIR/kompose.sh" {other} restart'
            root.stacks[name].hooks_sh(f"hook_post_restart() {{ {call}; }}\n")
        result = root.kompose("blog", "restart")
        assert (result.code, root.trace()) == (0, ["blog", "web"])
        assert "blog → web → blog: these call each other" in result.err

    @pytest.mark.parametrize("names", [("blog", "web"), ("blog", "news", "web")])
    def test_runs_that_wait_for_each_other_in_a_circle_end_with_a_clear_message(
        self, root: Root, names: tuple[str, ...]
    ) -> None:
        """Each holds its own stack's lock, and its hook wants the next one's."""
        for name, following in zip(names, (*names[1:], names[0]), strict=True):
            all_here = " && ".join(f"[ -e ../here-{one} ]" for one in names)
            meet = f'touch "../here-$stack"; until {all_here}; do sleep 0.02; done'
            root.stacks[name].hooks_sh(f"hook_pre_restart() {{ {meet}; hookman run {following} restart; }}\n")
        here = Project(root.box, root.path)
        started = [here.start(BIN / "hookman", "run", name, "restart", stderr=subprocess.PIPE) for name in names]
        said = b"".join(process.communicate(timeout=60)[1] for process in started).decode()
        assert "deadlock: this call waits for `restart` (pid " in said
        assert 1 in {process.returncode for process in started}
