"""Values that hooks are told of the command line, and that they tell later hooks and Compose (DESIGN 1.10)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hookman.compose.commandline import parse
from hookman.run.values import parsed
from tests.support.box import Project

SAY = 'echo "$TAG|${MORE-unset}" >>trace'


def left(shop: Project) -> list[Path]:
    """The files of values that are left in the data directory."""
    return [path for path in shop.box.data.rglob("*") if path.name.startswith("values-")]


def test_values_reach_later_hooks_of_all_phases_and_compose(shop: Project) -> None:
    shop.script("up.pre", "01.sh", 'echo "TAG=a b=c \'d\'" >>"$HOOKMAN_ENV"; echo "TAG is ${TAG-unset}" >>trace')
    shop.script("up.pre", "02.sh", SAY)
    shop.script("up.post", "01.sh", f'{SAY}; printf "# more\\n\\nMORE=1\\r\\nTAG=x" >>"$HOOKMAN_ENV"')
    shop.script("up.always", "01.sh", SAY)
    shop.hooks_sh('hook_pre_up() { echo "function $TAG" >>trace; }\n')
    result = shop.compose("up", "-d")
    assert result.code == 0, result
    value = "a b=c 'd'"
    assert shop.trace() == ["TAG is unset", f"{value}|unset", f"function {value}", f"{value}|unset", "x|1"]
    assert shop.box.compose_environ()["TAG"] == value
    assert left(shop) == []


def test_a_value_overrides_the_callers_environment(shop: Project) -> None:
    shop.script("up.pre", "01.sh", 'echo "TAG=new" >"$HOOKMAN_ENV"')
    assert shop.compose("up", "-d", TAG="old").code == 0
    assert shop.box.compose_environ()["TAG"] == "new"


def test_a_hook_that_fails_tells_nothing(shop: Project) -> None:
    shop.script("up.post", "01.sh", 'echo "TAG=new" >"$HOOKMAN_ENV"; exit 3')
    shop.script("up.always", "01.sh", SAY)
    assert shop.compose("up", "-d", TAG="old").code == 0
    assert shop.trace() == ["old|unset"]


def test_functions_can_write_it_too(shop: Project) -> None:
    shop.hooks_sh('hook_pre_up() { export TAG=1; echo "MORE=2" >>"$HOOKMAN_ENV"; }\n')
    shop.script("up.post", "01.sh", SAY)
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["1|2"]


@pytest.mark.parametrize("how", ['echo "DB_PASSWORD=geheim-1" >>"$HOOKMAN_ENV"', "false"], ids=["file", "function"])
def test_what_looks_secret_is_masked_from_then_on(shop: Project, how: str) -> None:
    if how == "false":
        shop.hooks_sh("hook_pre_up() { export DB_PASSWORD=geheim-1; }\n")
    else:
        shop.script("up.pre", "01.sh", how)
    shop.script("up.post", "01.sh", 'echo "it is $DB_PASSWORD"')
    assert shop.compose("up", "-d").code == 0
    shown = shop.hookman("log", shop.box.runs()[-1]["run"]).out
    assert "it is ***" in shown
    assert all(b"geheim-1" not in path.read_bytes() for path in shop.box.data.rglob("*") if path.is_file())


WRONG = {
    "printf 'A=1\\nB\\n'": "line 2 of its HOOKMAN_ENV is not NAME=VALUE",
    "printf 'A=1\\n\\n2B=3\\n'": "line 3 of its HOOKMAN_ENV does not begin with the name of a variable",
    "printf 'export A=1\\n'": "line 1 of its HOOKMAN_ENV does not begin with the name of a variable",
    "printf '=1\\n'": "line 1 of its HOOKMAN_ENV does not begin with the name of a variable",
    "printf 'A=1\\0002\\n'": "line 1 of its HOOKMAN_ENV has a NUL in it",
}
FORM = "write lines NAME=VALUE"
NOT_ITS_FORM = {
    "printf 'LD_PRELOAD=/x.so\\n'": (
        *("line 1 of its HOOKMAN_ENV sets LD_PRELOAD, which changes how programs start", "use another name"),
    ),
    "printf 'HOOKMAN_SKIP=1\\n'": (
        *("line 1 of its HOOKMAN_ENV sets HOOKMAN_SKIP, which changes how programs start", "use another name"),
    ),
    "head -c 10000000 /dev/zero": (
        "its HOOKMAN_ENV is larger than 1048576 bytes",
        "write the large value to a file of your own, and the path of that here",
    ),
}
EVERY = {command: (what, FORM) for command, what in WRONG.items()} | NOT_ITS_FORM


@pytest.mark.parametrize("command", EVERY)
def test_what_can_not_be_taken_is_a_failure_that_names_the_line(shop: Project, command: str) -> None:
    shop.script("up.pre", "01.sh", f'{command} >"$HOOKMAN_ENV"')
    result = shop.compose("up", "-d")
    assert result.code == 1
    what, fix = EVERY[command]
    assert f'Hook "01.sh" failed with exit code 1: {what}. Fix: {fix}' in result.err
    assert f" in {shop.path}/.dde/hooks/project.up.pre/01.sh" in result.err
    assert shop.box.calls() == []
    assert left(shop) == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ('ln -s /etc/hostname "$HOOKMAN_ENV"', "a link"),
        ('mkfifo "$HOOKMAN_ENV"', "not a regular file"),
        ('mkdir "$HOOKMAN_ENV"', "Is a directory"),
    ],
)
def test_what_is_no_file_is_not_read(shop: Project, command: str, why: str) -> None:
    shop.script("up.pre", "01.sh", command)
    result = shop.compose("up", "-d")
    assert result.code == 1
    assert f"its HOOKMAN_ENV can't be read: {why}" in result.err
    assert left(shop) == []


def test_a_removed_file_tells_nothing(shop: Project) -> None:
    shop.script("up.pre", "01.sh", 'echo A=1 >"$HOOKMAN_ENV"; rm "$HOOKMAN_ENV"')
    assert shop.compose("up", "-d").code == 0


def test_a_line_that_is_wrong_is_not_shown() -> None:
    values, wrong = parsed(b"KEY=first line\nc2Vj+mV0==\n")
    assert values == {"KEY": "first line"}
    assert "mV0" not in wrong


def test_scripts_are_told_what_was_typed(shop: Project) -> None:
    body = """
    eval "set -- $HOOKMAN_ARGS"
    printf '<%s>' "$@" >>trace
    echo >>trace
    tr '\\0' '|' <"$HOOKMAN_ARGS_FILE" >>trace
    echo >>trace
    echo "services: $HOOKMAN_SERVICES" >>trace
    """
    for event in ("exec.pre", "exec.post"):
        shop.script(event, "01.sh", body)
    assert shop.compose("exec", "-T", "web", "it's $HOME\n;x", "").code == 0
    one = ["<exec><-T><web><it's $HOME", ";x><>", "exec|-T|web|it's $HOME", ";x||", "services: web"]
    assert shop.trace() == one * 2


def test_a_line_that_is_too_long_for_a_variable_is_in_the_file_alone(shop: Project) -> None:
    shop.script("ps.pre", "01.sh", 'echo "${#HOOKMAN_ARGS} $(wc -c <"$HOOKMAN_ARGS_FILE")" >>trace')
    assert shop.compose("ps", *["x" * 50_000] * 3).code == 0
    assert shop.trace() == ["0 150006"]


@pytest.mark.parametrize(
    ("line", "services"),
    [
        ("up -d web db web", "web db"),
        ("--profile x up", ""),
        ("logs -n 10 web", "web"),
        ("exec -T web ls db", "web"),
        ("run --rm web ls", "web"),
        ("scale web=2 db=3", "web db"),
        ("cp ./a:b web:/x", "web"),
        ("cp db:/x -", "db"),
        ("down -v", ""),
        ("port web 80", "web"),
        ("commit web image", "web"),
        ("publish name", ""),
    ],
)
def test_the_services_are_those_that_the_command_line_names(line: str, services: str) -> None:
    assert " ".join(parse(["compose", *line.split()]).services) == services


def test_a_trial_has_them_too_and_leaves_nothing(shop: Project, tmp_path: Path) -> None:
    shop.script("up.pre", "01.sh", 'echo A=1 >>"$HOOKMAN_ENV"; echo "$HOOKMAN_ARGS $HOOKMAN_SERVICES" >>trace')
    shop.script("up.pre", "02.sh", 'echo "$A" >>trace; ls "$HOOKMAN_ARGS_FILE" >>trace')
    folder = tmp_path / "temporary"
    folder.mkdir()
    tried = shop.hookman("test", "up", "--", "-d", "web", TMPDIR=str(folder))
    assert tried.code == 0, tried
    assert shop.trace()[:2] == ["up -d web web", "1"]
    assert shop.trace()[2].startswith(str(folder))
    assert list(folder.iterdir()) == []


def test_a_killed_run_leaves_none_once_the_next_has_run(shop: Project) -> None:
    shop.write("hookman.toml", "grace = 0.1\n")
    shop.script(
        "up.pre", "01.sh", 'echo A=1 >>"$HOOKMAN_ENV"; [ -e again ] || { touch again; kill -9 $PPID; sleep 100; }'
    )
    process = shop.start("docker", "compose", "up", "-d", stderr=subprocess.PIPE, own_group=True)
    process.communicate(timeout=60)
    assert len(left(shop)) == 2
    assert shop.compose("up", "-d").code == 0
    assert left(shop) == []


def test_another_project_called_in_a_hook_gets_none_of_them(shop: Project) -> None:
    other = shop.box.project("other")
    other.script(
        "up.pre", "01.sh", 'env | grep -c "^HOOKMAN_ENV=" >>../shop/trace; echo "$HOOKMAN_ARGS" >>../shop/trace'
    )
    shop.script("down.pre", "01.sh", "cd ../other && docker compose up -d web")
    assert shop.compose("down").code == 0
    assert shop.trace() == ["1", "up -d web"]
