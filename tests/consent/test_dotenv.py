"""A .env can't say what hookman starts, or where."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project


@pytest.mark.parametrize(
    "name",
    [
        *("HOOKMAN_DATA_DIR", "HOOKMAN_SKIP", "LD_PRELOAD", "LD_LIBRARY_PATH", "BASH_ENV", "SHELLOPTS"),
        *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_TLS"),
    ],
)
def test_a_dotenv_file_cannot_say_what_hookman_starts_or_where(box: Box, name: str) -> None:
    """docs/rules.md; neither the project's .env nor its root's, neither for hooks nor for Compose."""
    stack = box.project("stacks/web")
    (box.base / "stacks/kompose.sh").write_text("")
    (box.base / "stacks/.env").write_text(f"{name}=/planted\nPLAIN=root\n")
    stack.write(".env", f"{name}=/planted\nOWN=stack\n")
    stack.hooks_sh(f'hook_pre_up() {{ echo "${{{name}-unset}} $PLAIN $OWN" >>trace; }}\n')
    assert stack.compose("up", "-d").code == 0
    seen = stack.trace()[0]
    assert "/planted" not in seen
    assert seen.endswith("root stack")
    assert box.compose_environ().get(name) != "/planted"
    assert box.compose_environ()["PLAIN"] == "root"


def test_a_dotenv_file_cannot_change_the_path_or_pythons_paths(box: Box, shop: Project) -> None:
    (shop.path / "bin").mkdir()
    for name in ("bash", "sh", "cat", "python3"):
        fake = shop.path / "bin" / name
        fake.write_text("#!/bin/sh\ntouch planted\n")
        fake.chmod(0o755)
    (shop.path / "bin/json.py").write_text("import os; os.mkdir('planted')\n")
    shop.write(".env", f"PATH={shop.path}/bin\nPYTHONPATH={shop.path}/bin\nPYTHONSTARTUP=x\nHOME=/nowhere\n")
    shop.hooks_sh('hook_pre_up() { echo "$PATH" >>trace; }\n')
    assert shop.compose("up", "-d").code == 0
    assert not (shop.path / "planted").exists()
    assert not shop.trace()[0].startswith(str(shop.path))
    assert len(box.runs()) == 1
