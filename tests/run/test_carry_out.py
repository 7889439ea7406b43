"""Which hook runs when, and what its failure means: CONTRACT A and F, DESIGN 1.3."""

from __future__ import annotations

import pytest

from hookman.compose.commandline import OPERATIONS
from tests.support.box import Box, Project

NOTE = 'echo "$0 $*" >>trace'


def trace_script(shop: Project, event: str, name: str, more: str = "") -> None:
    shop.script(event, name, f"echo {event}/{name} >>trace\n{more}")


def trace_function(name: str, more: str = ":") -> str:
    return f'{name}() {{ echo "{name} $*" >>trace; {more}; }}\n'


def test_scripts_come_before_the_function_on_both_sides_of_the_command(shop: Project) -> None:  # C1, C3, C4
    trace_script(shop, "up.pre", "01.sh")
    trace_script(shop, "up.post", "01.sh")
    shop.hooks_sh(trace_function("hook_pre_up") + trace_function("hook_post_up"))
    result = shop.compose("up", "-d", STUB_RUN="echo compose >>trace")
    assert result.code == 0, result
    assert shop.trace() == ["up.pre/01.sh", "hook_pre_up up -d", "compose", "up.post/01.sh", "hook_post_up up -d"]


# How many words each command takes at most, where that matters.
MOST = {"publish": 1, "commit": 2, "cp": 2}


@pytest.mark.parametrize("command", [name for name in OPERATIONS if name not in ("up", "watch")])
def test_every_command_that_acts_has_events(shop: Project, command: str) -> None:  # C2
    trace_script(shop, f"{command}.pre", "a.sh")
    shop.hooks_sh(trace_function(f"hook_post_{command}"))
    words = ["x", "y"][: MOST.get(command, 2)]
    assert shop.compose(command, *words).code == 0
    assert shop.trace() == [f"{command}.pre/a.sh", " ".join([f"hook_post_{command}", command, *words])]


@pytest.mark.parametrize("command", ["config", "images", "ls", "version", "events", "stats", "volumes"])
def test_commands_that_only_ask_have_none(shop: Project, command: str) -> None:  # C2, C12
    trace_script(shop, f"{command}.pre", "a.sh")
    shop.hooks_sh("echo sourced >>trace\n" + trace_function(f"hook_pre_{command}"))
    assert shop.compose(command).code == 0
    assert shop.trace() == []


def test_post_hooks_run_only_if_compose_succeeded(shop: Project) -> None:  # C5
    trace_script(shop, "up.post", "a.sh")
    shop.hooks_sh(trace_function("hook_post_up"))
    assert shop.compose("up", "-d", STUB_EXIT="3").code == 3
    assert shop.trace() == []
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["up.post/a.sh", "hook_post_up up -d"]


def test_a_failing_pre_script_stops_everything(shop: Project) -> None:  # C6, C9
    trace_script(shop, "up.pre", "01-load-fixtures.sh", "echo progress; echo 'no database' >&2; exit 1")
    trace_script(shop, "up.pre", "02.sh")
    shop.hooks_sh(trace_function("hook_pre_up"))
    result = shop.compose("up", "-d")
    assert result.code == 1
    assert shop.trace() == ["up.pre/01-load-fixtures.sh"]
    assert shop.box.calls() == []
    assert 'Hook "01-load-fixtures.sh" failed with exit code 1: no database\n' in result.err
    assert "--skip-hooks" in result.err


def test_a_failing_pre_function_stops_everything(shop: Project) -> None:  # C6
    shop.hooks_sh("hook_pre_up() { echo 'not today' >&2; return 7; }\n")
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (1, [])
    assert 'Hook "hook_pre_up" failed with exit code 7: not today\n' in result.err


def test_a_failing_post_script_is_a_warning_and_ends_its_event(shop: Project) -> None:  # C7, C9
    trace_script(shop, "up.post", "01.sh", "echo oops >&2; exit 4")
    trace_script(shop, "up.post", "02.sh")
    shop.hooks_sh(trace_function("hook_post_up"))
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert shop.trace() == ["up.post/01.sh"]
    assert 'Hook "01.sh" failed with exit code 4: oops\n' in result.err
    assert "warning" in result.err


def test_a_failing_post_function_fails_the_command(shop: Project) -> None:  # C8
    shop.hooks_sh("hook_post_up() { return 5; }\n")
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (1, ["<compose><up><-d>"])


@pytest.mark.parametrize(("rule", "script", "function"), [("warn", 0, 0), ("fail", 1, 1), ("kind", 0, 1)])
def test_post_failure_sets_one_rule_for_both(shop: Project, rule: str, script: int, function: int) -> None:
    shop.write("hookman.toml", f'post_failure = "{rule}"\n')
    shop.script("up.post", "a.sh", "exit 9")
    shop.hooks_sh("hook_post_down() { return 9; }\n")
    assert shop.compose("up", "-d").code == script
    assert shop.compose("down").code == function


def test_without_hooks_the_call_reaches_compose_untouched(shop: Project) -> None:  # C10
    result = shop.compose("up", "-d", stdin=b"in", STUB_RUN="cat", STUB_OUT="out", STUB_EXIT="17")
    assert (result.code, result.stdout, result.stderr) == (17, b"inout", b"")


def test_the_exit_code_is_composes_own(shop: Project) -> None:  # C11
    trace_script(shop, "exec.pre", "a.sh")
    assert shop.compose("exec", "web", "false", STUB_EXIT="42").code == 42


def test_help_runs_no_hooks(shop: Project) -> None:  # C12
    trace_script(shop, "up.pre", "a.sh")
    assert shop.compose("up", "--help").code == 0
    assert shop.compose("help", "up").code == 0
    assert shop.trace() == []


def test_a_flag_that_only_a_newer_compose_knows_does_not_lose_the_hooks(shop: Project) -> None:
    trace_script(shop, "up.pre", "a.sh")
    assert shop.compose("up", "--brand-new", "-d").code == 0  # the stub takes everything
    assert shop.trace() == ["up.pre/a.sh"]
    assert shop.box.calls() == ["<compose><up><--help><--brand-new><-d>", "<compose><up><--brand-new><-d>"]


def test_a_flag_that_compose_refuses_runs_no_hooks(shop: Project) -> None:
    trace_script(shop, "up.pre", "a.sh")
    assert shop.compose("up", "--nope", "-d", STUB_EXIT="16").code == 16
    assert shop.trace() == []


def test_dry_run_shows_the_plan_and_runs_nothing_of_it(shop: Project) -> None:  # C13, C84, DESIGN 1.3 12
    trace_script(shop, "up.pre", "a.sh")
    shop.hooks_sh("echo sourced >>trace\n" + trace_function("hook_post_up"))
    result = shop.compose("--dry-run", "up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (0, [], ["<compose><--dry-run><up><-d>"])
    assert "would run project.up.pre/a.sh" in result.err
    assert "would run project.up.post/hook_post_up" in result.err


def test_a_pre_hook_may_make_what_compose_needs(box: Box) -> None:  # C14
    project = box.project(compose="services: {web: {image: x, env_file: .env.local}}\n")
    project.script("up.pre", "a.sh", "echo A=1 >.env.local")
    result = project.compose("up", "-d", STUB_RUN="cat .env.local")
    assert (result.code, result.out) == (0, "A=1\n")


def test_a_pre_hook_may_make_the_compose_file_itself(box: Box) -> None:  # C14
    project = box.project()
    (project.path / "compose.yaml").unlink()
    project.script("up.pre", "a.sh", "echo 'services: {}' >compose.yaml")
    assert project.compose("up", "-d", STUB_RUN="cat compose.yaml").out == "services: {}\n"


def test_from_a_subfolder_the_project_above_is_found(shop: Project) -> None:  # C18
    shop.script("up.pre", "a.sh", "pwd >trace")
    below = shop.path / "src" / "deep"
    below.mkdir(parents=True)
    result = shop.compose("up", "-d", cwd=below, STUB_RUN="pwd")
    assert shop.trace() == [str(shop.path)]
    assert result.out == f"{below}\n"


def test_a_post_hook_sees_composes_exit_code_and_its_event(shop: Project) -> None:
    shop.script("up.post", "a.sh", 'echo "$HOOKMAN_EVENT $HOOKMAN_PHASE $HOOKMAN_COMMAND $HOOKMAN_EXIT_CODE" >trace')
    shop.compose("up", "-d")
    assert shop.trace() == ["project.up.post post up 0"]


class TestSkipping:
    @pytest.fixture(autouse=True)
    def hooks(self, shop: Project) -> None:
        trace_script(shop, "up.pre", "a.sh")
        trace_script(shop, "up.pre", "b.sh")
        shop.hooks_sh(trace_function("hook_pre_up") + trace_function("hook_post_up"))

    def test_the_hooks_run_unless_skipped(self, shop: Project) -> None:
        shop.compose("up", "-d", HOOKMAN_SKIP="")  # empty is as unset (C72)
        assert shop.trace() == ["up.pre/a.sh", "up.pre/b.sh", "hook_pre_up up -d", "hook_post_up up -d"]

    @pytest.mark.parametrize("line", ["up -d --skip-hooks", "--skip-hooks up -d", "up --skip-hooks -d"])
    def test_skip_hooks_skips_all_and_compose_never_sees_it(self, shop: Project, line: str) -> None:  # C71
        assert shop.compose(*line.split()).code == 0
        assert (shop.trace(), shop.box.calls()) == ([], ["<compose><up><-d>"])

    def test_skip_hooks_works_where_nothing_is_enabled(self, box: Box) -> None:  # C71: also where there are none
        other = box.project("other", enable=False)
        assert other.compose("up", "--skip-hooks").code == 0
        assert box.calls() == ["<compose><up>"]

    def test_hookman_skip_skips_all(self, shop: Project) -> None:  # C72
        shop.compose("up", "-d", HOOKMAN_SKIP="1")
        assert shop.trace() == []

    @pytest.mark.parametrize(
        ("skip", "rest"),
        [
            ("a.sh,hook_post_up", ["up.pre/b.sh", "hook_pre_up up -d"]),
            ("project.up.pre", ["hook_post_up up -d"]),
            (" project.up.pre/b.sh , hook_pre_up ", ["up.pre/a.sh", "hook_post_up up -d"]),
        ],
    )
    def test_hookman_skip_skips_by_name(self, shop: Project, skip: str, rest: list[str]) -> None:
        shop.compose("up", "-d", HOOKMAN_SKIP=skip)
        assert shop.trace() == rest

    def test_the_config_skips_by_name(self, shop: Project) -> None:
        shop.write("hookman.toml", 'skip = ["a.sh"]\n[hooks."hook_pre_up"]\nskip = true\n')
        shop.compose("up", "-d")
        assert shop.trace() == ["up.pre/b.sh", "hook_post_up up -d"]

    def test_skipped_hooks_are_recorded_as_skipped(self, shop: Project) -> None:
        shop.compose("up", "-d", "--skip-hooks")
        hooks = shop.box.runs()[-1]["hooks"]
        assert {(hook["name"], hook["result"], hook["reason"]) for hook in hooks} == {
            (name, "skipped", "--skip-hooks") for name in ("a.sh", "b.sh", "hook_pre_up", "hook_post_up")
        }

    def test_skipping_works_when_hooks_are_broken(self, shop: Project) -> None:  # C74
        shop.hooks_sh("if then broken\n")
        shop.script("up.pre", "c.sh", mode=0o644)
        assert shop.compose("up", "-d").code == 1
        result = shop.compose("up", "-d", "--skip-hooks")
        assert (result.code, result.err) == (0, "")

    @pytest.mark.parametrize(("name", "text"), [("hookman.toml", "nope = 1\n"), (".env", "A='open\n")])
    def test_skipping_works_when_settings_are_broken(self, shop: Project, name: str, text: str) -> None:  # C74
        shop.write(name, text)
        assert shop.compose("up", "-d").code == 78
        assert shop.compose("up", "-d", HOOKMAN_SKIP="1").code == 0
        result = shop.compose("up", "-d", "--skip-hooks")
        assert (result.code, result.err, shop.trace()) == (0, "", [])


class TestNested:
    def test_docker_compose_in_a_hook_of_the_same_project_runs_no_hooks(self, shop: Project) -> None:  # C75
        trace_script(shop, "up.pre", "a.sh", "docker compose up -d db")
        shop.hooks_sh(trace_function("hook_pre_up", "docker compose ps -q >ids"))
        result = shop.compose("up", "-d", STUB_OUT="x")
        assert result.code == 0, result
        assert shop.trace() == ["up.pre/a.sh", "hook_pre_up up -d"]
        assert shop.box.calls() == ["<compose><up><-d><db>", "<compose><ps><-q>", "<compose><up><-d>"]
        assert (shop.path / "ids").read_text() == "x"

    def test_another_project_is_a_run_of_its_own_with_its_own_name(self, box: Box, shop: Project) -> None:  # C76
        other = box.project("other")
        other.script("up.pre", "a.sh", f'echo "$COMPOSE_PROJECT_NAME" >>{shop.path}/trace')
        shop.script("up.pre", "a.sh", "cd ../other && docker compose up -d")
        assert shop.compose("-p", "given", "up", "-d").code == 0
        assert shop.trace() == ["other"]
        assert [run["project"] for run in box.runs()] == [str(shop.path), str(other.path)]

    @pytest.mark.parametrize("call", ["make -s -C ../other start", "sh ../other/start.sh"])
    def test_a_call_through_make_or_a_script_counts_as_one(self, box: Box, shop: Project, call: str) -> None:
        other = box.project("other")
        other.write("Makefile", "start:\n\t@docker compose up -d\n\t@cd ../shop && docker compose up -d db\n")
        other.write("start.sh", 'cd "$(dirname "$0")" && docker compose up -d && cd ../shop && docker compose up -d db')
        other.script("up.pre", "a.sh", f"echo other >>{shop.path}/trace")
        trace_script(shop, "up.pre", "a.sh", call)
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["up.pre/a.sh", "other"]
        assert box.calls() == ["<compose><up><-d>", "<compose><up><-d><db>", "<compose><up><-d>"]

    def test_projects_that_call_each_other_end(self, box: Box, shop: Project) -> None:  # C77
        other = box.project("other")
        other.script("up.pre", "a.sh", f"echo other >>{shop.path}/trace; cd ../shop && docker compose up -d")
        trace_script(shop, "up.pre", "a.sh", "cd ../other && docker compose up -d")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["up.pre/a.sh", "other"]

    def test_what_a_hook_left_running_gets_the_hooks_again_later(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh", 'echo "$HOOKMAN_RUNNING" >running; echo pre >>trace')
        shop.compose("up", "-d")
        assert shop.compose("up", "-d", HOOKMAN_RUNNING=(shop.path / "running").read_text().strip()).code == 0
        assert shop.trace() == ["pre", "pre"]

    def test_watch_gives_the_lock_back_and_has_its_post_hooks_when_it_ends(self, shop: Project) -> None:
        trace_script(shop, "watch.post", "a.sh")
        assert shop.compose("watch", STUB_RUN="unset STUB_RUN; docker compose down; echo watch >>trace").code == 0
        assert shop.box.calls() == ["<compose><watch>", "<compose><down>"]
        assert shop.trace() == ["watch", "watch.post/a.sh"]

    def test_a_call_in_a_hook_is_aimed_at_what_the_outer_line_said(self, box: Box) -> None:
        project = box.project("given-files")
        project.write("other.yml", "services: {}\n")
        project.script(
            "up.pre", "a.sh", 'echo "$COMPOSE_PROJECT_NAME $COMPOSE_FILE $COMPOSE_PROFILES $DOCKER_HOST" >trace'
        )
        project.docker(
            "-H", "unix:///x.sock", "compose", "-f", "other.yml", "-p", "named", "--profile", "a", "up", "-d"
        )
        assert project.trace() == [f"named {project.path}/other.yml a unix:///x.sock"]
