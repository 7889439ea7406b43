"""Which files of a hook directory are hooks: `hook_files` (DESIGN 1.10, issue: any language)."""

from __future__ import annotations

import json

import pytest

from hookman.hooks.scripts import is_hook_name
from tests.support.box import Project

PYTHON = "#!/usr/bin/env python3"
NOTE = "open('trace', 'a').write('python\\n')\n"


def test_hooks_in_other_languages_run_in_byte_order_with_the_others(shop: Project) -> None:
    shop.write("hookman.toml", 'hook_files = ["*.sh", "*.py", "last"]\n')
    shop.script("up.pre", "02.py", NOTE, first=PYTHON)
    for name in ("01.sh", "03.sh", "last"):
        shop.script("up.pre", name, "echo sh >>trace")
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["sh", "python", "sh", "sh"]


def test_an_executable_file_that_is_no_hook_is_named_once_with_what_to_do(shop: Project) -> None:
    shop.script("up.pre", "01.sh")
    shop.script("up.pre", "seed.py", NOTE, first=PYTHON)
    shop.script("up.pre", "notes.txt", mode=0o644)
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert shop.trace() == []
    path = ".dde/hooks/project.up.pre/seed.py"
    told = f"hookman: {path} is executable, but it is not a hook: only *.sh files are (hook_files). Fix: "
    told += f"hookman config set hook_files '*.sh,*.py', or chmod -x {path}\n"
    assert result.err.count(told) == 1
    assert "notes.txt" not in result.err
    passed_by = shop.box.runs()[-1]["hooks"][-1]
    assert (passed_by["name"], passed_by["result"], passed_by["reason"]) == ("seed.py", "skipped", "not a hook")


def test_the_fix_works(shop: Project) -> None:
    shop.script("up.pre", "seed.py", NOTE, first=PYTHON)
    assert shop.hookman("config", "set", "hook_files", "*.sh,*.py").code == 0
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["python"])
    assert "no hook" not in result.err


def test_list_test_and_doctor_name_it_too(shop: Project) -> None:
    shop.script("up.pre", "seed.py", NOTE, first=PYTHON)
    listed = json.loads(shop.hookman("list", "--json").out)["hooks"]
    assert [(hook["name"], hook["action"], hook["state"]) for hook in listed] == [("seed.py", "skip", "not a hook")]
    for words in (["list"], ["test"], ["doctor"]):
        said = shop.hookman(*words)
        assert "it is not a hook: only *.sh files are" in said.out + said.err, words
    assert "0 hooks checked" in shop.hookman("test").out


def test_a_hook_that_was_renamed_to_switch_it_off_is_not_to_be_made_one(shop: Project) -> None:
    shop.script("up.pre", "01.sh.off")
    err = shop.compose("up", "-d").err
    assert "Fix: chmod -x .dde/hooks/project.up.pre/01.sh.off\n" in err


def test_without_hooks_nothing_is_said(shop: Project) -> None:
    shop.script("up.pre", "seed.py", NOTE, first=PYTHON)
    assert "seed.py" not in shop.compose("up", "-d", "--skip-hooks").err
    assert "seed.py" not in shop.compose("up", "-d", HOOKMAN_SKIP="project.up.pre").err


def test_a_script_in_another_language_needs_its_first_line(shop: Project) -> None:
    shop.write("hookman.toml", 'hook_files = ["*.py"]\n')
    shop.script("up.pre", "seed.py", "import os\n", first="")
    result = shop.compose("up", "-d")
    assert result.code == 0
    assert 'Hook "seed.py" has no first line (#!) that names its interpreter, skipped' in result.err
    assert "Fix: begin .dde/hooks/project.up.pre/seed.py with: #!/usr/bin/env python3" in result.err


def test_names_of_other_languages_can_be_skipped(shop: Project) -> None:
    shop.write("hookman.toml", 'hook_files = ["*.py"]\n')
    shop.script("up.pre", "seed.py", NOTE, first=PYTHON)
    result = shop.compose("up", "-d", HOOKMAN_SKIP="seed.py")
    assert (result.code, result.err, shop.trace()) == (0, "", [])


@pytest.mark.parametrize("value", ['"*.py"', '["a/*.py"]', '[""]', "[1]"])
def test_a_value_that_is_not_a_list_of_patterns_is_an_error_with_its_line(shop: Project, value: str) -> None:
    shop.write("hookman.toml", f"timeout = 3\nhook_files = {value}\n")
    result = shop.compose("up", "-d")
    assert result.code == 78
    assert "hookman.toml:2: hook_files: must be a list of patterns for file names" in result.err


@pytest.mark.parametrize(
    ("name", "patterns", "is_one"),
    [
        ("a.sh", ["*.sh"], True),
        ("a.py", ["*.sh"], False),
        ("a.py", ["*.sh", "*.py"], True),
        ("10-a", ["[0-9][0-9]-*"], True),
        ("a1", ["a?"], True),
        ("a", ["*"], True),
        ("a", [], False),
        ("A.SH", ["*.sh"], False),
    ],
)
def test_patterns(name: str, patterns: list[str], is_one: bool) -> None:
    assert is_hook_name(name, patterns) == is_one
