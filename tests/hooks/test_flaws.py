"""What a look at the files of hooks tells: the same states in list, explain, --dry-run, test and doctor."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest

from tests.support.box import Box, Project

NAME = "c.sh"
LABEL = f"project.up.pre/{NAME}"
FLAWS = {
    "crlf": (b"#!/bin/sh\r\ntrue\r\n", "Windows line endings"),
    "crlf_below": (b"#!/bin/sh\ntrue\r\n", "Windows line endings"),
    "bom": (b"\xef\xbb\xbf#!/bin/sh\ntrue\n", "byte order mark"),
    "cr": (b"#!/bin/sh\rtrue\r", "Mac line endings"),
    "utf16": ("#!/bin/sh\ntrue\n".encode("utf-16"), "UTF-16"),
    "gone": (b"#!/opt/none -x\n", "interpreter missing"),
    "gone_relative": (b"#! bin/none\n", "interpreter missing"),
    "a_directory": (b"#!/usr\n", "interpreter missing"),
    "not_executable": (b"#!/etc/passwd\n", "interpreter missing"),
    "env": (b"#!/usr/bin/env python9\n", "interpreter missing"),
    "env_split": (b"#!/usr/bin/env -S python9 -u\n", "interpreter missing"),
    "env_split_glued": (b"#!/usr/bin/env -vSpython9 -u\n", "interpreter missing"),
    "env_split_long": (b"#!/usr/bin/env --split-string=python9 -u\n", "interpreter missing"),
    "env_options": (b"#!/usr/bin/env -S -i -u HOME A=b python9\n", "interpreter missing"),
    "env_path": (b"#!/usr/bin/env -S PATH=/none sh\n", "interpreter missing"),
    "env_itself": (b"#!/none/env sh\n", "interpreter missing"),
    "env_nothing": (b"#!/usr/bin/env\n", "wrong first line"),
    "too_long": (b"#!/" + b"x" * 300 + b"/sh\n", "wrong first line"),
    "sh": (b"#!/bin/sh\nif true\n", "syntax error"),
    "no_first_line": (b"if true\n", "syntax error"),
    "bash": (b"#!/usr/bin/env bash\ncase x in\n", "syntax error"),
    "bash_options": (b"#!/usr/bin/env -S bash -eu\n(\n", "syntax error"),
    "sh_with_an_array": (b"#!/bin/dash\na=(b c)\n", "syntax error"),
    "python": (f"#!{sys.executable}\ndef f(:\n".encode(), "syntax error"),
}
FINE = {
    "an_array": b"#!/bin/bash\na=(b c)\n",
    "extglob": b"#!/bin/bash\nshopt -s extglob\ncase x in @(a|b)) : ;; esac\n",
    "a_payload_behind_the_end": b"#!/bin/bash\ntrue\nexit 0\n)) \xff\n",
    "a_value_for_env": b"#!/usr/bin/env -S A=b bash -e\n",
    "a_variable_for_env": b"#!/usr/bin/env -S ${INTERPRETER}\n",
    "crlf_in_python": f"#!{sys.executable}\nprint()\r\n".encode(),
    "blanks": b"#! \t/bin/sh \t-e\n",
    "a_program": Path("/bin/true").read_bytes(),
    "nothing": b"",
}


def write(project: Project, data: bytes) -> None:
    project.script("up.pre", NAME)
    (project.path / f".dde/hooks/{LABEL}").write_bytes(data)


def state(project: Project, name: str = NAME) -> str:
    found = json.loads(project.hookman("list", "--json").out)["hooks"]
    return str({hook["name"]: hook["state"] for hook in found}[name])


@pytest.mark.parametrize(("data", "expected"), FLAWS.values(), ids=FLAWS)
def test_a_script_that_cannot_work_has_that_state(shop: Project, data: bytes, expected: str) -> None:
    write(shop, data)
    assert state(shop) == expected


@pytest.mark.parametrize("data", FINE.values(), ids=FINE)
def test_a_script_that_works_is_ready(shop: Project, data: bytes) -> None:
    write(shop, data)
    assert state(shop) == "ready"
    run = shop.compose("up", "-d", INTERPRETER="sh")
    assert run.code == 0, run


@pytest.mark.linux
def test_env_gets_the_rest_of_the_line_as_one_name(shop: Project) -> None:
    shop.script("up.pre", NAME, first="#!/usr/bin/env bash -e")
    assert state(shop) == "wrong first line"
    assert "write: #!/usr/bin/env -S bash -e\n" in shop.hookman("list").out


def test_an_interpreter_that_is_a_script_without_its_own_is_missing(shop: Project) -> None:
    tool = shop.write("bin/tool", "#!/opt/gone/python\n", 0o755)
    shop.script("up.pre", NAME, first=f"#!{tool}")
    assert state(shop) == "interpreter missing"
    assert "its interpreter /opt/gone/python does not exist" in shop.hookman("list").out


@pytest.mark.root
def test_a_script_on_a_mount_that_forbids_programs(shop: Project) -> None:
    folder = shop.script("up.pre", NAME).parent
    done = shop.box.run("mount", "-t", "tmpfs", "-o", "noexec", "none", folder)
    assert done.code == 0, done
    try:
        shop.script("up.pre", NAME)
        assert "mounted noexec" in state(shop)
        table = shop.hookman("list").out
    finally:
        shop.box.run("umount", folder)
    assert f"  {NAME}  script  300 s  mounted noexec\n" in table


def test_every_view_has_the_same_state_and_reason(shop: Project) -> None:
    shop.script("up.pre", NAME, "if true\n")
    reason = f'{NAME}:3: Syntax error: end of file unexpected (expecting "then")'
    dry_run = shop.compose("up", "--dry-run").err
    shown = {
        name: shop.hookman(*words).out for name, *words in (("list", "list"), ("test", "test"), ("doctor", "doctor"))
    }
    assert f"  {NAME}  script  300 s  syntax error\n" in shown["list"]
    assert f"run           {LABEL} (syntax error)\n" in shop.hookman("explain", "--", "docker", "compose", "up").out
    assert f"would run {LABEL} (syntax error)\n" in dry_run
    assert f"would run  {LABEL}  (syntax error)\n" in shop.hookman("test", "up", "--dry-run").out
    assert all(reason in text for text in shown.values())


def test_json_has_the_problem(shop: Project) -> None:
    script = shop.script("up.pre", NAME, first="#!/usr/bin/env python9")
    problem = {
        "what": "its interpreter python9 is not on your PATH",
        "where": str(script),
        "fix": f"install it, or fix the first line of {script}",
    }
    (listed,) = json.loads(shop.hookman("list", "--json").out)["hooks"]
    (explained,) = json.loads(shop.hookman("explain", "--json", "--", "docker", "compose", "up").out)["hooks"]
    assert (listed["action"], listed["problem"]) == ("run", problem)
    assert (explained["action"], explained["reason"], explained["problem"]) == ("run", "interpreter missing", problem)


@pytest.mark.parametrize("name", ["a\nb.sh", os.fsdecode(b"caf\xe9.sh"), "-n.sh", "a: b.sh", "$(x).sh"])
def test_the_line_of_an_error_is_found_whatever_the_name(shop: Project, name: str) -> None:
    shop.script("up.pre", name, "if true\n")
    (hook,) = json.loads(shop.hookman("list", "--json").out)["hooks"]
    assert hook["problem"]["where"].endswith(f"/{name}:3")
    assert ":3: Syntax error: end of file unexpected" in hook["problem"]["what"]


def test_a_skipped_script_is_not_looked_at(shop: Project) -> None:
    shop.script("up.pre", NAME, "if true\n")
    shop.write("hookman.toml", f'skip = ["{NAME}"]\n')
    assert state(shop) == "skip in the config"


def test_nothing_of_the_project_is_started_to_look(box: Box) -> None:
    project = box.project(enable=False)
    project.write("bin/bash", "#!/bin/sh\necho ran >>trace\n", 0o755)
    project.script("up.pre", NAME, first="#!bin/bash")
    project.script("up.pre", "d.sh", first="#!/usr/bin/env bash")
    found = project.hookman("list", PATH=f"{project.path}/bin:{box.environ['PATH']}")
    assert (found.code, project.trace()) == (0, [])


@pytest.mark.parametrize(("data", "reason"), [(b"\xef\xbb\xbf", "byte order mark"), (b"\xff\xfe", "UTF-16")])
def test_a_hooks_sh_with_a_mark_before_its_text(shop: Project, data: bytes, reason: str) -> None:
    path = shop.hooks_sh("")
    path.write_bytes(data + b"#!/bin/bash\nhook_pre_up() { :; }\n")
    assert reason in state(shop, "hook_pre_up")
    tested = shop.hookman("test")
    assert tested.code == 1
    assert re.search(rf"✘ hooks.sh: .*hooks.sh .*{reason}", tested.out)


def test_without_bash_functions_say_so(shop: Project) -> None:
    shop.hooks_sh("hook_pre_up() { :; }\n")
    folder = shop.path / "few"
    folder.mkdir()
    for name in ("python3", "sh", "dirname", "readlink"):
        os.symlink(f"/usr/bin/{name}", folder / name)
    for words in (["list"], ["test"]):
        result = shop.hookman(*words, PATH=f"{Path(sys.executable).parent}:{folder}")
        assert "hooks.sh needs bash, and there is none on your PATH" in result.out, result


def test_a_hooks_sh_with_extglob_runs(shop: Project) -> None:
    shop.hooks_sh("shopt -s extglob\nhook_pre_up() { case a in @(a|b)) echo ran >>trace ;; esac; }\n")
    assert state(shop, "hook_pre_up") == "ready"
    assert shop.compose("up", "-d").code == 0
    assert shop.trace() == ["ran"]
