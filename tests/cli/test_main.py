from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from hookman.cli import COMMANDS
from tests.support.box import Box

ROOT = Path(__file__).parents[2]


def test_help_names_every_command(bare: Box) -> None:
    shown = bare.hookman("--help").out
    assert all(re.search(rf"^  {name} ", shown, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(bare: Box, name: str) -> None:
    result = bare.hookman(name, "--help")
    assert result.code == 0
    assert result.out.startswith("Usage: hookman ")


def test_what_is_made_from_the_code_is_up_to_date(bare: Box) -> None:
    made = bare.run(sys.executable, ROOT / "scripts/make-docs", bare.base)
    assert made.code == 0, made
    names = ["commands.md", "settings.md", "hookman.schema.json"]
    names += [f"man/{path.name}" for path in (bare.base / "man").iterdir()]
    assert sorted(f"man/{path.name}" for path in (ROOT / "docs/man").iterdir()) == sorted(names[3:])
    for name in names:
        assert (ROOT / "docs" / name).read_text() == (bare.base / name).read_text(), "run scripts/make-docs"


def test_no_help_shows_a_mark_that_is_meant_for_click(bare: Box) -> None:
    page = (ROOT / "docs/commands.md").read_text()
    assert "\\b" not in page
    assert "\n    hookman test up.pre               runs the pre hooks of up, without Compose\n" in page


MANUAL = sorted((ROOT / "docs/man").iterdir())


@pytest.mark.parametrize("page", MANUAL, ids=lambda page: page.name)
def test_a_manual_page_is_sound_and_has_all_sections(bare: Box, page: Path) -> None:
    result = bare.run("groff", "-man", "-Tutf8", "-ww", "-z", page)
    assert (result.code, result.err) == (0, "")
    text = page.read_text()
    for section in ("NAME", "SYNOPSIS", "DESCRIPTION", '"EXIT STATUS"', '"ENVIRONMENT"', '"FILES"', "SEE ALSO"):
        assert f".SH {section}\n" in text, section
    assert "HOOKMAN_SKIP" in text


def test_every_command_has_a_manual_page() -> None:
    assert {page.stem for page in MANUAL} == {"hookman", *(f"hookman-{name}" for name in COMMANDS)}


def test_a_misspelt_command_gets_a_suggestion(bare: Box) -> None:
    result = bare.hookman("instal")
    assert result.code == 2
    assert "Did you mean 'install'?" in result.err


def test_python_m_hookman_is_the_same(bare: Box) -> None:
    assert bare.run(sys.executable, "-m", "hookman", "--version").out == bare.hookman("--version").out


def test_a_broken_project_file_is_an_error_that_names_it(bare: Box) -> None:
    project = bare.project()
    project.write("hookman.toml", "nope = 1\n")
    result = project.hookman("list")
    assert result.code == 78
    assert f"{project.path}/hookman.toml:1: nope: unknown key" in result.err


def test_a_deleted_working_directory_is_an_error_that_says_so(bare: Box) -> None:
    script = "mkdir gone && cd gone && rmdir ../gone && hookman list"
    result = bare.run("sh", "-c", script)
    assert result.code == 1
    assert "the current directory does not exist any more" in result.err


def test_in_a_deleted_directory_compose_runs_all_the_same(box: Box) -> None:
    result = box.run("sh", "-c", "mkdir gone && cd gone && rmdir ../gone && docker compose -p x down")
    assert (result.code, box.calls()) == (0, ["<compose><-p><x><down>"])


def test_output_into_a_closed_pipe_is_no_error(bare: Box) -> None:
    result = bare.run("sh", "-c", "(hookman log --help; echo $? >code) | true")
    assert (result.code, result.err) == (0, "")


def test_an_internal_error_leaves_a_report_and_no_traceback(bare: Box) -> None:
    code = (
        "import hookman.cli.log as log, hookman.cli as cli\n"
        "def broken(*_, **__): raise RuntimeError('oops')\n"
        "log.all_runs = broken\ncli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "log"], env=bare.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    report = next((bare.data / "reports").iterdir())
    assert str(report) in done.stderr
    assert "RuntimeError: oops" in report.read_text()
