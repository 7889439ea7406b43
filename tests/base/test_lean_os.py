"""The part of `os` that a run loads says what `os` says, about every path; the rest comes from `os` itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hookman.base import lean_os, lean_path

ROOT = Path(__file__).parents[2]
PATHS = [
    *(
        "",
        "/",
        "//",
        "a",
        "a/",
        "/a",
        "/a/",
        "a/b",
        "/a//b",
        "//a",
        "///a",
        "a//",
        "./a",
        "a/./b",
        "..",
        "../a",
        "a/..",
    ),
    *("~", "~/a", "~root", "~root/a", "~nobody-has-this-name/a", "a~", "ä/\udcff", "a b", "/a/../b", "/..", "."),
]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths of directories, files and links, where we are and from the root."""
    (tmp_path / "folder/inner").mkdir(parents=True)
    (tmp_path / "file").write_text("")
    for name, target in (("link", "folder"), ("gone", "nowhere"), ("round", "round"), ("folder/up", "..")):
        (tmp_path / name).symlink_to(target)
    monkeypatch.chdir(tmp_path)
    names = [
        "folder",
        "file",
        "link",
        "link/inner",
        "link/..",
        "gone",
        "gone/a",
        "round",
        "nowhere",
        "file/a",
        "folder/",
    ]
    names += ["folder/up/link/inner", "folder/../link", "nowhere/../file", "link/up", "a\0b"]
    return [*names, *(f"{tmp_path}/{name}" for name in names)]


@pytest.mark.parametrize("name", ["dirname", "basename", "split", "abspath", "normpath", "expanduser"])
def test_a_path_is_read_as_os_reads_it(name: str) -> None:
    ours, theirs = getattr(lean_path, name), getattr(os.path, name)
    assert [ours(path) for path in PATHS] == [theirs(path) for path in PATHS]


@pytest.mark.parametrize("home", ["/", "", "/home/me/", None])
def test_the_home_is_that_of_the_environment(home: str | None) -> None:
    code = "import os; from hookman.base import lean_path as lean\nfor path in '~', '~/a': assert lean.expanduser(path)"
    environ = {} if home is None else {"HOME": home}
    subprocess.run(
        [sys.executable, "-c", f"{code} == os.path.expanduser(path), path"], cwd=ROOT, env=environ, check=True
    )


def test_paths_are_joined_as_os_joins_them() -> None:
    for path in PATHS:
        for more in PATHS:
            assert lean_path.join(path, more) == os.path.join(path, more)
            assert lean_path.join(path, more, "z") == os.path.join(path, more, "z")


@pytest.mark.parametrize("name", ["exists", "lexists", "isdir", "isfile", "islink"])
def test_what_is_at_a_path_is_what_os_finds(tree: list[str], name: str) -> None:
    ours, theirs = getattr(lean_path, name), getattr(os.path, name)
    found = [theirs(path) for path in tree]
    assert True in found
    assert [ours(path) for path in tree] == found


def test_links_are_followed_as_os_follows_them(tree: list[str]) -> None:
    paths = [path for path in tree if "\0" not in path]
    assert [lean_path.realpath(path) for path in paths] == [os.path.realpath(path) for path in paths]


def test_names_are_decoded_as_os_decodes_them() -> None:
    for name in (b"a", "ä".encode(), b"\xff\xfe"):
        assert lean_os.fsdecode(name) == os.fsdecode(name)
        assert lean_os.fsencode(os.fsdecode(name)) == name


def test_what_is_in_both_is_the_same() -> None:
    own = {"path", "fsencode", "fsdecode", "environ", "__getattr__"}
    both = {name for name in vars(lean_os).keys() & vars(os).keys() if not name.startswith("__")} - own
    assert len(both) > 200
    assert {name for name in both if getattr(lean_os, name) != getattr(os, name)} == set()


def test_what_is_in_os_alone_comes_from_there() -> None:
    assert lean_os.makedirs is os.makedirs
    assert lean_path.relpath is os.path.relpath
