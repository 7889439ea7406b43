"""hookman doctor: each state between `docker compose` and its hooks, named with its fix."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from tests.support.box import STUB, Box, Project


def shim_of(box: Box) -> Path:
    return box.data / "cli-plugins/docker-compose"


def doctor(box: Box, *, cwd: Path | None = None, **environ: str) -> list[tuple[str, str, str]]:
    """What doctor finds: state, part and the rest, with the fix."""
    result = box.hookman("doctor", cwd=cwd, **environ)
    assert "Traceback" not in result.err
    found: list[tuple[str, str, str]] = []
    for line in result.out.splitlines()[:-1]:
        if line[:5].strip():
            state, rest = line.split(maxsplit=1)
            part, _, what = rest.partition("  ")
            found.append((state, part, what.strip()))
        else:
            found[-1] = (*found[-1][:2], f"{found[-1][2]} | {line.strip()}")
    assert result.code == (1 if any(state == "bad" for state, _, _ in found) else 0)
    return found


def bad(box: Box, *, cwd: Path | None = None, **environ: str) -> list[tuple[str, str]]:
    return [(part, what) for state, part, what in doctor(box, cwd=cwd, **environ) if state == "bad"]


def fixed(box: Box) -> None:
    """`hookman install`, which doctor named as the fix, is one."""
    box.install()
    assert bad(box) == []
    assert box.run("docker", "compose", "version").code == 0


def test_all_is_well_after_install(box: Box) -> None:
    assert bad(box) == []
    assert box.hookman("doctor").out.splitlines()[-1] == "all is well"


def test_not_installed(bare: Box) -> None:
    assert bad(bare) == [("shim", "hookman is not in front of docker compose | Fix: hookman install")]
    fixed(bare)


def test_no_docker(box: Box, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    found = bad(box, PATH=str(tmp_path / "bin"))
    assert found[0][0] == "docker"
    assert "no docker command" in found[0][1]


def test_the_config_no_longer_names_the_shim(box: Box) -> None:
    (box.config / "config.json").write_text('{"auths": {}}')
    assert [(part, "does not name" in what) for part, what in bad(box)] == [("config.json", True)]
    fixed(box)


def test_the_config_cannot_be_parsed(box: Box) -> None:
    (box.config / "config.json").write_text('{"auths": {}, // mine\n}')
    (found,) = bad(box)
    assert found[0] == "config.json"
    assert f'"cliPluginsExtraDirs": ["{box.data}/cli-plugins"]' in found[1]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another directory with a Compose."""
    other = tmp_path / "desktop"
    other.mkdir()
    shutil.copy(STUB, other / "docker-compose")
    return other


def search_in(box: Box, directories: list[Path]) -> None:
    """Have docker look for its plugins in these directories."""
    path = box.config / "config.json"
    document = {**json.loads(path.read_text()), "cliPluginsExtraDirs": list(map(str, directories))}
    path.write_text(json.dumps(document))


def test_another_directory_with_a_compose_is_before_ours(box: Box, other: Path) -> None:
    ours = box.data / "cli-plugins"
    search_in(box, [other, ours])
    parts = [what for part, what in bad(box) if part == "config.json"]
    assert parts == [f"docker finds {other}/docker-compose before the shim | Fix: hookman install"]
    fixed(box)
    searched = json.loads((box.config / "config.json").read_text())["cliPluginsExtraDirs"]
    assert searched == [str(ours), str(other)]


def test_a_directory_that_came_after_ours_changes_which_compose_is_real(box: Box, other: Path) -> None:
    search_in(box, [box.data / "cli-plugins", other])
    assert ["other directories than Docker searches now" in what for _, what in bad(box)] == [True]
    fixed(box)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda shim: shim.unlink(), "it is gone"),
        (lambda shim: shim.chmod(0o644), "it is not executable"),
        (lambda shim: shim.write_text("#!/bin/sh\nexit 3\n"), "something else is in its place"),
        (lambda shim: shim.write_text(shim.read_text().replace("version 3", "version 2")), "by another hookman"),
        (
            lambda shim: shim.write_text(shim.read_text().replace("python=", "python=/gone")),
            "the Python that it starts",
        ),
        (lambda shim: shim.write_text(shim.read_text().replace("entry=", "entry=/gone")), "the hookman that it starts"),
    ],
    ids=["gone", "mode", "foreign", "old", "python", "package"],
)
def test_the_shim_is_damaged(box: Box, damage: object, says: str) -> None:
    assert callable(damage)
    damage(shim_of(box))
    found = bad(box)
    assert any(part == "shim" and says in what and what.endswith("Fix: hookman install") for part, what in found)
    fixed(box)


def test_the_real_compose_is_gone(box: Box) -> None:
    (box.config / "cli-plugins/docker-compose").unlink()
    assert [(part, what.split(" |")[0]) for part, what in bad(box)] == [
        ("real compose", "Docker Compose is not installed")
    ]


def test_the_real_compose_is_not_executable(box: Box) -> None:
    path = box.config / "cli-plugins/docker-compose"
    path.unlink()
    shutil.copy(STUB, path)
    path.chmod(0o644)
    ((part, what),) = bad(box)
    assert part == "real compose"
    assert what.endswith(f"Fix: chmod +x {path}")


def test_the_real_compose_does_not_work(box: Box) -> None:
    path = box.config / "cli-plugins/docker-compose"
    path.unlink()
    path.write_text("#!/bin/sh\necho broken; exit 4\n")
    path.chmod(0o755)
    assert "does not work (exit 4): broken" in dict(bad(box))["real compose"]


def test_a_link_to_nothing_among_the_plugins_is_mentioned(box: Box) -> None:
    other = box.base / "extra"
    other.mkdir()
    shutil.copy(STUB, other / "docker-compose")
    path = box.config / "config.json"
    document = json.loads(path.read_text())
    document["cliPluginsExtraDirs"].append(str(other))
    path.write_text(json.dumps(document))
    box.install()
    link = box.config / "cli-plugins/docker-compose"
    link.unlink()
    link.symlink_to(box.base / "nowhere")
    assert ("note", "real compose", f"{link} is a link to nothing | Fix: rm {link}") in doctor(box)
    assert bad(box) == []


def test_the_data_directory_is_open_to_others(box: Box) -> None:
    box.data.chmod(0o755)
    assert bad(box) == [("data", f"{box.data} is open to other users | Fix: chmod 700 {box.data}")]


def test_reports_of_internal_errors_are_mentioned(box: Box) -> None:
    (box.data / "reports").mkdir()
    (box.data / "reports/one").write_text("x")
    assert [part for state, part, _ in doctor(box) if state == "note"] == ["reports"]


def test_hooks_that_nobody_enabled_are_mentioned(box: Box) -> None:
    project = box.project(enable=False)
    project.hooks_sh("hook_pre_up() { :; }\n")
    found = [(state, what) for state, part, what in doctor(box, cwd=project.path) if part == "project"]
    assert [state for state, _ in found] == ["note"]
    assert found[0][1].endswith("Fix: hookman enable")


def test_a_hook_that_cannot_run_is_a_finding(box: Box, shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() {\n")
    assert [part for part, _ in bad(box, cwd=shop.path)] == ["hooks.sh"]


def test_a_docker_config_of_ones_own_is_looked_at(box: Box) -> None:
    other = box.base / "other-config"
    (other / "cli-plugins").mkdir(parents=True)
    os.symlink(STUB, other / "cli-plugins/docker-compose")
    assert bad(box) == []
    assert ["does not name" in what for _, what in bad(box, DOCKER_CONFIG=str(other))] == [True]


def test_all_is_not_well_where_something_never_runs(box: Box) -> None:
    shop = box.project()
    shop.hooks_sh("hook_pre_upp() { :; }\n")
    result = box.hookman("doctor", cwd=shop.path)
    assert "hook_pre_upp never runs" in result.out
    assert result.out.splitlines()[-1] == "nothing is broken, but read the note above"
    assert result.code == 0


def test_as_json(box: Box) -> None:
    shim_of(box).chmod(0o644)
    result = box.hookman("doctor", "--json")
    told = json.loads(result.out)
    assert (result.code, told["version"], told["to_fix"]) == (1, 1, 1)
    assert [one for one in told["findings"] if one["state"] == "bad"] == [
        {
            "state": "bad",
            "part": "shim",
            "found": "",
            "problem": {"what": f"{shim_of(box)}: it is not executable", "where": "", "fix": "hookman install"},
        }
    ]
