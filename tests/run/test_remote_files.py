"""A command line with compose files from a git repository or a registry, and a hook's own calls under it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.box import Box, Project

SERVICE = "{image: hookman-busybox, network_mode: host}"
HTTPS = "https://git.example/shop.git"
REMOTE = {
    "alone": ["-f", HTTPS],
    "a file in a subdirectory": ["-f", f"{HTTPS}#main:sub"],
    "git@": ["-f", "git@git.example:shop.git"],
    "ssh": ["-f", "ssh://git@git.example/shop.git"],
    "github.com": ["-f", "github.com/example/shop"],
    "before a local one": ["-f", HTTPS, "-f", "local.yaml"],
    "after a local one": ["-f", "local.yaml", "-f", HTTPS],
    "with a name": ["-p", "outer", "-f", HTTPS],
    "with a directory": ["--project-directory", ".", "-f", HTTPS],
    "with an env file": ["--env-file", "other.env", "-f", HTTPS, "-f", "local.yaml"],
}
ASK = "docker compose config >seen"


@pytest.fixture
def shop(real_box: Box) -> Project:
    """A project with a local file, and a repository that git finds by each of the names in REMOTE."""
    shop = real_box.project("shop", f"services: {{default: {SERVICE}}}\n")
    shop.write(
        "local.yaml",
        "services: {local: {image: hookman-busybox, network_mode: host, environment: {FROM: '${FROM}'}}}\n",
    )
    shop.write(".env", "FROM=dotenv\n")
    shop.write("other.env", "FROM=other\n")
    work = Project(real_box, real_box.base / "work")
    work.write("compose.yaml", f"services: {{remote: {SERVICE}}}\n")
    work.write("sub/compose.yaml", f"name: in-sub\nservices: {{sub: {SERVICE}}}\n")
    bare = real_box.base / "shop.git"
    names = (HTTPS, "git@git.example:shop.git", "ssh://git@git.example/shop.git", "github.com/example/shop")
    instead = "".join(f"\tinsteadOf = {name}\n" for name in names)
    (real_box.home / ".gitconfig").write_text(f'[user]\n\tname = a\n\temail = a@b\n[url "file://{bare}"]\n{instead}')
    for line in (
        ["init", "-q", "-b", "main", "."],
        ["add", "-A"],
        ["commit", "-qm", "x"],
        ["clone", "-q", "--bare", ".", str(bare)],
    ):
        result = real_box.run("git", *line, cwd=work.path)
        assert result.code == 0, result
    return shop


def seen(path: Path) -> str:
    return (path / "seen").read_text()


def without_hookman(shop: Project, *line: str) -> str:
    """What Compose makes of the line where no hook asks."""
    result = shop.compose(*line, "config")
    assert result.code == 0, result
    return result.out


@pytest.mark.parametrize("line", REMOTE.values(), ids=REMOTE)
def test_a_hooks_call_means_the_files_of_the_outer_line_also_from_a_directory_below(
    shop: Project, line: list[str]
) -> None:
    (shop.path / "below").mkdir()
    shop.script("stop.pre", "ask.sh", ASK)
    shop.hooks_sh(f"hook_pre_stop() {{ cd below && {ASK}; }}\n")
    result = shop.compose(*line, "stop")
    assert result.code == 0, result
    expected = without_hookman(shop, *line)
    assert (seen(shop.path), seen(shop.path / "below")) == (expected, expected)


def test_post_hooks_see_the_containers_of_the_outer_line(shop: Project) -> None:
    shop.script("up.post", "ask.sh", "docker compose ps -a --format '{{.Service}}' >seen")
    assert shop.compose("-f", HTTPS, "up", "--no-start", "-y").code == 0
    assert seen(shop.path) == "remote\n"


def test_files_that_a_hook_names_itself_are_its_own(shop: Project) -> None:
    shop.hooks_sh("hook_pre_stop() { docker compose -f local.yaml config --services >seen; }\n")
    assert shop.compose("-f", HTTPS, "stop").code == 0
    assert seen(shop.path) == "local\n"


def test_so_are_those_that_it_names_by_environment(shop: Project) -> None:
    shop.hooks_sh("hook_pre_stop() { COMPOSE_FILE=local.yaml docker compose config --services >seen; }\n")
    assert shop.compose("-f", HTTPS, "stop").code == 0
    assert seen(shop.path) == "local\n"


def test_another_project_gets_none_of_them(shop: Project) -> None:
    other = shop.box.project("other", f"services: {{other: {SERVICE}}}\n", enable=False)
    shop.hooks_sh("hook_pre_stop() { cd ../other && docker compose config --services >seen; }\n")
    assert shop.compose("-f", HTTPS, "stop").code == 0
    assert seen(other.path) == "other\n"


def test_the_name_in_a_remote_file_is_the_projects(shop: Project) -> None:
    shop.script("stop.pre", "ask.sh", 'echo "$COMPOSE_PROJECT_NAME" >seen')
    assert shop.compose("-f", f"{HTTPS}#main:sub", "stop").code == 0
    assert seen(shop.path) == "in-sub\n"


def test_a_local_file_elsewhere_with_the_directory_of_the_outer_line(shop: Project) -> None:
    """COMPOSE_FILE alone would mean the directory of the file."""
    shop.write("elsewhere/compose.yaml", (shop.path / "local.yaml").read_text())
    line = ["--project-directory", ".", "-f", "elsewhere/compose.yaml"]
    shop.script("stop.pre", "ask.sh", ASK)
    assert shop.compose(*line, "stop").code == 0
    assert seen(shop.path) == without_hookman(shop, *line)


def test_a_directory_of_the_outer_line_whose_compose_file_is_above_it(shop: Project) -> None:
    inner = shop.box.project("shop/inner")
    (inner.path / "compose.yaml").unlink()
    inner.script("stop.pre", "ask.sh", ASK)
    line = ["--project-directory", "inner"]
    assert shop.compose(*line, "stop").code == 0
    assert seen(inner.path) == without_hookman(shop, *line)


@pytest.mark.parametrize("name", ["oci://registry.example/shop", HTTPS, "git@git.example:shop.git"])
def test_compose_gets_the_line_as_it_was_typed_and_a_hooks_call_has_its_files(box: Box, name: str) -> None:
    shop = box.project()
    shop.script("up.pre", "call.sh", "docker compose ps -q")
    assert shop.compose("-f", name, "-p", "shop", "up", "-d").code == 0
    assert shop.box.calls() == [
        f"<compose><--file><{name}><--project-directory><{shop.path}><ps><-q>",
        f"<compose><-f><{name}><-p><shop><up><-d>",
    ]
