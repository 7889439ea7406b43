"""What the shim decides alone: a command that only looks, where nothing could be its hook, is Compose's at once.

It must decide as Python does. So trees and command lines are made up, and each one that the shim gives to Compose
itself is also given to Python: Compose must be called in the same way, with the same environment, and the same must
be said.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from hookman.base.paths import enabled_mark
from hookman.compose.project import FILE_NAMES, OVERRIDE_NAMES
from hookman.front import entry
from hookman.install import script
from tests.support.box import Box, Project, Result

EXAMPLES = int(os.environ.get("HOOKMAN_FUZZ", "150"))  # noqa: TID251 (as in tests/fuzz)
SEED = os.environ.get("HOOKMAN_FUZZ_SEED", "")  # noqa: TID251
RUNNER = 99  # the exit code of a shim that would start Python
LINES = (
    *("ps", "logs -f web", "exec web ls", "run --rm web ls", "port web 80", "top", "cp a web:b", "ps --dry-run"),
    *("-f compose.yaml ps", "-p x ps", "--project-directory . ps", "ps --skip-hooks", "--dry-run logs", "--verbose ps"),
    *("ps --no-such-flag", "ps --help", "exec web -- ls", "ps up", "logs ps", "config", "up -d", "-p ps up -d"),
)
SAID = (
    *("HOOKMAN_TIMEOUT=x", "HOOKMAN_TIMEOUT=5", "HOOKMAN_SKIP=1", "HOOKMAN_QUIET=1", "HOOKMAN_RUNNING=1 x"),
    *("COMPOSE_FILE=compose.yaml", "COMPOSE_ENV_FILES=.env", "HOME=", "XDG_CONFIG_HOME=conf"),
)


def say_runner(box: Box) -> None:
    """Have the shim end where it would start Python."""
    text = box.shim.read_text()
    assert text.count("\nif starts; then\n") == 1
    box.shim.write_text(text.replace("\nif starts; then\n", f"\nexit {RUNNER}\nif starts; then\n"))


def outcome(box: Box, result: Result) -> tuple[object, ...]:
    environ = box.compose_environ() if box.env_file.exists() else {}
    for name in ("_", "PWD", "OLDPWD"):
        environ.pop(name, None)
    return result.code, result.out, result.err, box.calls()[-1:], environ


def decided(project: Project, line: list[str], environ: dict[str, str], cwd: Path) -> bool:
    """Did the shim decide alone? Then Python must do the same."""
    box = project.box
    box.calls_file.unlink(missing_ok=True)
    box.env_file.unlink(missing_ok=True)
    result = box.run(box.shim, "compose", *line, cwd=cwd, stdin=None, **environ)
    if result.code == RUNNER:
        return False
    alone = outcome(box, result)
    box.calls_file.unlink()
    box.env_file.unlink()
    compose = box.config / "cli-plugins/docker-compose"
    python: list[str | Path] = [
        sys.executable,
        "-I",
        "-S",
        entry.__file__,
        "plugin",
        compose,
        box.data,
        "compose",
        *line,
    ]
    assert outcome(box, box.run(*python, cwd=cwd, stdin=None, **environ)) == alone, (line, environ)
    assert project.trace() == []
    return True


def one_of(dice: random.Random, *ways: object, often: object = None) -> object:
    """One of the `ways`, but most of the time `often`."""
    return dice.choice(ways) if dice.random() < 0.3 else often


def made_up(dice: random.Random, box: Box, number: int) -> tuple[Project, list[str], dict[str, str], Path]:
    """A project below a directory of its own, a command line, an environment, and where it is typed."""
    above = box.base / f"root-{number}"
    project = box.project(f"root-{number}/shop", enable=dice.random() < 0.9)
    (project.path / "compose.yaml").unlink()
    name = one_of(dice, *FILE_NAMES, "elsewhere.yaml", often="compose.yaml")
    project.write(str(name), dice.choice(["services: {}\n"] * 6 + ["x-hookman: {}\n", "services: {}  # x-hookman\n"]))
    if over := one_of(dice, *OVERRIDE_NAMES):
        project.write(str(over), dice.choice(["services: {}\n", "x-hookman: {hooks: {a: {on: ps.pre, run: ':'}}}\n"]))
    for event in dice.sample(
        ["up.pre", "down.post", "ps.pre", "logs.always", "exec.failed"], dice.choice([0, 0, 1, 1, 2])
    ):
        project.script(event, dice.choice(["a.sh", "b.txt"]), 'echo "$0" >>trace\n', mode=dice.choice([0o755, 0o644]))
    extra = one_of(
        dice, "hooks.sh", "hookman.toml", "hookman.local.toml", "link", ".dde", ".dde/hooks", "event", "folder"
    )
    if extra == "link":
        (project.path / "hooks.sh").symlink_to("nowhere")
    elif extra in (".dde", ".dde/hooks", "event"):
        place = ".dde/hooks/project.ps.post" if extra == "event" else str(extra)
        shutil.rmtree(project.path / place, ignore_errors=True)
        project.write(place, "a file\n")
    elif extra == "folder":
        (project.path / ".dde/hooks/project.ps.pre").mkdir(parents=True, exist_ok=True)
    elif extra:
        text = {"hooks.sh": ["hook_pre_ps() { :; }\n", "hook_pre_up() {\n", ""]}.get(
            str(extra), ["timeout = 5\n", "wrong"]
        )
        project.write(str(extra), dice.choice(text))
    if env := one_of(
        dice, "A=1\n", "COMPOSE_FILE=compose.yaml\n", "COMPOSE_PROJECT_NAME=x\n", "A='\n", "COMPOSE_PATH\n"
    ):
        project.write(".env", str(env))
    if one_of(dice, True):
        (above / "kompose.sh").write_text("#!/bin/sh\n")
        (above / ".env").write_text("FROM_ROOT=1\n")
    mark = Path(enabled_mark(str(box.data), str(project.path)))
    if mark.exists() and (change := one_of(dice, "birth=0", "inode=1", "kind=root", "old")):
        lines = [line for line in mark.read_text().splitlines() if not line.startswith(str(change).partition("=")[0])]
        mark.write_text("kind=project\n" if change == "old" else "\n".join([str(change), *lines]) + "\n")
    environ: dict[str, str] = {}
    for pair in (*SAID, f"HOOKMAN_ROOT={above}"):
        if dice.random() < 0.04:
            environ[pair.partition("=")[0]] = pair.partition("=")[2]
    if one_of(dice, True):
        project.write("conf/hookman/config.toml", dice.choice(["timeout = 5\n", "wrong"]))
    cwd = project.path
    if one_of(dice, True):
        cwd = project.path / "below"
        cwd.mkdir()
    return project, str(one_of(dice, *LINES, often=dice.choice(LINES[:4]))).split(), environ, cwd


def test_it_decides_as_python_does(box: Box) -> None:
    dice = random.Random(SEED or "idle")  # noqa: S311 (it makes up examples)
    say_runner(box)
    found = Counter(decided(*made_up(dice, box, number)) for number in range(EXAMPLES))
    assert min(found[True], found[False]) > EXAMPLES / 10


@pytest.mark.parametrize("line", ["ps", "logs -f web", "exec web ls"])
def test_it_decides_alone_where_others_have_hooks(box: Box, shop: Project, line: str) -> None:
    shop.script("up.post", "a.sh", "echo ran >>trace")
    say_runner(box)
    assert decided(shop, line.split(), {}, shop.path)


@pytest.mark.parametrize(
    "name", ["hooks.sh", "hookman.toml", "hookman.local.toml", ".dde/hooks/project.ps.failed/a.sh"]
)
def test_anything_that_could_be_a_hook_is_for_python(box: Box, shop: Project, name: str) -> None:
    say_runner(box)
    assert decided(shop, ["ps"], {}, shop.path)
    shop.write(name, "")
    assert not decided(shop, ["ps"], {}, shop.path)


def test_a_compose_file_that_mentions_hooks_is_for_python(box: Box, shop: Project) -> None:
    say_runner(box)
    assert decided(shop, ["ps"], {}, shop.path)
    shop.write("compose.override.yml", "x-hookman: {}\n")
    assert not decided(shop, ["ps"], {}, shop.path)


def test_a_compose_file_that_is_a_pipe_is_left_to_compose(box: Box, shop: Project) -> None:
    (shop.path / "compose.yaml").unlink()
    os.mkfifo(shop.path / "compose.yaml")
    say_runner(box)
    assert not decided(shop, ["ps"], {}, shop.path)


def test_the_standalone_command_decides_too(box: Box, shop: Project) -> None:
    text = script.shim_text(
        "standalone", str(box.shim), f"{box.config}/cli-plugins", home=str(box.home), data=str(box.data)
    )
    box.shim.write_text(text)
    say_runner(box)
    assert box.run(box.shim, "ps", cwd=shop.path).code == 0
    assert box.run(box.shim, "up", cwd=shop.path).code == RUNNER
