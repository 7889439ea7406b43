"""Which room may import from which: a room only from those before it in this list, so there is no circle."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "hookman"
ROOMS = (
    *("base", "compose", "consent", "settings", "hooks", "lock", "log", "export", "run"),
    *("front", "install", "database", "cli"),
)


def imported(path: Path) -> set[str]:
    """The rooms from which a module imports, types included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "hookman":
            parts = node.module.split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_rooms_before_it(room: str) -> None:
    allowed = {*ROOMS[: ROOMS.index(room) + 1], "__version__"}
    modules = sorted((PACKAGE / room).glob("*.py"))
    assert modules
    climbs = {str(path.relative_to(PACKAGE)): sorted(imported(path) - allowed) for path in modules}
    assert {path: rooms for path, rooms in climbs.items() if rooms} == {}


def test_every_module_is_in_a_room() -> None:
    assert sorted(path.name for path in PACKAGE.iterdir() if path.name != "__pycache__") == sorted(
        [*ROOMS, "__init__.py", "__main__.py", "py.typed"]
    )


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_belongs_there(room: str) -> None:
    assert len(ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text())) or "") > 40


def test_the_picture_of_the_code_names_every_room_and_only_files_that_exist() -> None:
    picture = (ROOT / "docs/rooms.svg").read_text()
    rooms = re.findall(r'class="head" x="622"[^>]*>(\w+)<', picture)
    assert rooms == list(ROOMS)
    files = re.findall(r'class="file"[^>]*>([^<]+)<', picture)
    assert [name for name in files if not (PACKAGE / name).exists()] == []
    assert "prefers-color-scheme: dark" in picture
