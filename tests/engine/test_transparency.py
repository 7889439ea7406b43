"""With and without hookman, side by side: the same stdout bytes, the same exit code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import Box
from tests.support.engine import engine_variable, machine_variables, remove_containers

pytestmark = pytest.mark.engine

NEWEST, OLDEST = "HOOKMAN_TEST_COMPOSE", "HOOKMAN_TEST_COMPOSE_OLDEST"
BOTH = pytest.mark.parametrize("machines", [NEWEST, OLDEST], ids=["newest", "oldest"], indirect=True, scope="module")


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory, installed: Box, request: pytest.FixtureRequest
) -> Iterator[list[Box]]:
    """A machine with hookman and one without."""
    compose = Path(engine_variable(request.param))
    boxes = [Box(tmp_path_factory.mktemp(which), compose, machine_variables()) for which in ("with", "without")]
    boxes[0].copy_installation(installed)
    yield boxes
    for box in boxes:
        remove_containers(box)


@pytest.fixture
def real_box(machines: list[Box]) -> Box:
    """The machine with hookman."""
    return machines[0]


@pytest.fixture
def without(machines: list[Box]) -> Box:
    """The machine without."""
    return machines[1]


# What docker makes anew for every call, in `config --environment`.
VARYING = (b"OTEL_RESOURCE_ATTRIBUTES", b"DOCKER_CLI_PLUGIN_SOCKET")
LINES = [
    "compose version",
    "compose --help",
    "compose",
    "compose -h",
    "compose up --help",
    "compose help",
    "compose nothing",
    "compose up --nope",
    "compose --nope up",
    "compose config",
    "compose config --services",
    "compose config --environment",
    "compose ps",
    "compose ps -q",
    "compose images",
    "compose ls --filter name=nobody",  # other tests have projects on the engine
    "compose exec",
    "compose stop -t abc",
    "compose -f nowhere.yaml up -d",
    "compose down",
    "compose docker-cli-plugin-metadata",
    "__complete compose up -",
    "__complete compose ",
    "help compose up",
    "version",
    "ps -q --filter name=nobody",
]


HOOKS = "hook_pre_ps() { exit 1; }\nhook_pre_up() { exit 1; }\nhook_pre_down() { exit 1; }\n"


def answer(box: Box, line: str, where: str) -> tuple[int, list[bytes]]:
    """The exit code and the lines of stdout of `docker LINE`."""
    project = box.project("same", "services: {web: {image: hookman-busybox, command: sleep 9}}\n", enable=False)
    (project.path / "hooks.sh").unlink(missing_ok=True)
    if where == "nothing":
        (project.path / "compose.yaml").unlink()
    if where == "hooks":
        project.hooks_sh(HOOKS)
    result = project.docker(*line.split(" "))
    lines = result.stdout.replace(str(box.base).encode(), b"<base>").splitlines()
    return result.code, [one for one in lines if not one.startswith(VARYING)]


@pytest.fixture(scope="module")
def known() -> dict[tuple[str, ...], tuple[int, list[bytes]]]:
    """The answers without hookman, to which a hooks.sh means nothing."""
    return {}


# Whether hookman has a part in a line does not depend on which Compose there is: the oldest is asked in one place.
@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize(
    ("machines", "where"),
    [(NEWEST, "project"), (NEWEST, "nothing"), (NEWEST, "hooks"), (OLDEST, "hooks")],
    indirect=["machines"],
    scope="module",
)
def test_stdout_and_exit_code_are_the_same(
    real_box: Box, without: Box, known: dict[tuple[str, ...], tuple[int, list[bytes]]], line: str, where: str
) -> None:
    """In a project that is not enabled, in a directory without one, and where hooks are not enabled."""
    asked = (str(without.base), line, "nothing" if where == "nothing" else "project")
    if asked not in known:
        known[asked] = answer(without, line, asked[-1])
    assert answer(real_box, line, where) == known[asked]


@BOTH
def test_docker_info_differs_only_in_where_the_plugin_lies(real_box: Box, without: Box) -> None:
    shown = []
    for box in (real_box, without):
        result = box.run("docker", "info")
        assert result.code == 0
        lines = result.out.splitlines()
        # `Path:` is docker's own word on which file it starts; and these change from call to call.
        varying = (
            "Path:",
            "Goroutines",
            "File Descriptors",
            "System Time",
            "Containers",
            "Running:",
            "Stopped:",
            "Images:",
        )
        # Docker lists runtimes and the like in whatever order its maps have: compare the words.
        shown.append([sorted(line.split()) for line in lines if not line.strip().startswith(varying)])
    assert shown[0] == shown[1]
    assert any("compose:" in words for words in shown[0])


@BOTH
@pytest.mark.parametrize(("command", "code"), [("exit 0", 0), ("exit 42", 42), ("exit 143", 143)])
def test_exit_codes_of_run_come_through(real_box: Box, without: Box, command: str, code: int) -> None:
    """On a machine without hookman, in a project that is not enabled, and in one that is."""
    for box, enable in ((without, False), (real_box, False), (real_box, True)):
        name = f"codes-{enable}".lower()
        text = "services: {web: {image: hookman-busybox, network_mode: host}}\n"
        project = box.project(name, text, enable=enable)
        project.script("run.pre", "a.sh", "echo hook")
        result = project.compose("run", "--rm", "-T", "web", "sh", "-c", f"echo out; {command}")
        assert (result.code, result.out) == (code, "out\n")
        assert ("hook\n" in result.err) is enable


@BOTH
@pytest.mark.parametrize("text", ["name: &n hm-anchored\n", "name: >-\n  hm-folded\n"])
def test_a_name_that_takes_a_yaml_parser_is_asked_for(real_box: Box, text: str) -> None:
    project = real_box.project("hm-directory", text + "services: {web: {image: hookman-busybox}}\n")
    project.script("pull.pre", "a.sh", 'echo "$COMPOSE_PROJECT_NAME" >trace; exit 1')
    assert project.compose("pull").code == 1
    assert project.trace() == [text.rsplit(maxsplit=1)[-1]]


@BOTH
def test_what_is_piped_in_comes_out_of_exec(real_box: Box) -> None:
    project = real_box.project(
        "pipes", "services: {web: {image: hookman-busybox, network_mode: host, init: true, command: sleep 100}}\n"
    )
    project.script("exec.pre", "a.sh", "cat")
    assert project.compose("up", "-d").code == 0
    data = bytes(range(256)) * 400
    result = project.compose("exec", "-T", "web", "cat", stdin=data)
    assert (result.code, result.stdout) == (0, data)
