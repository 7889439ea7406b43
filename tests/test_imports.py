"""The modules that a plain managed operation may load: each costs every `docker compose` its start-up."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.box import STUB, Box, Project
from tests.support.leases import engine_answering

ROOT = Path(__file__).parents[1]
# What Python itself loads with -I -S, and what the runner needs of the standard library.
ALLOWED = {
    *("abc", "builtins", "codecs", "encodings", "genericpath", "io", "marshal", "os", "posix", "posixpath"),
    *("stat", "sys", "time", "zipimport", "__future__", "__main__"),
    *("errno", "fcntl", "gc", "pwd", "select"),
}
HEAVY = {
    "click",
    "dotenv",
    "filelock",
    "platformdirs",
    "tomllib",
    "subprocess",
    "pathlib",
    "dataclasses",
    "typing",
    "site",
    "json",
    "re",
    "enum",
    "signal",
    "ctypes",
}


def loaded(box: Box, settings: str = "", shop: Project | None = None) -> set[str]:
    """The top-level modules that `docker compose up -d` loads until Compose has run."""
    return {name.partition(".")[0] for name in modules(box, settings, shop)}


def modules(box: Box, settings: str, shop: Project | None = None) -> set[str]:
    """All modules that it loads, with these settings of the project, or in a `shop` as it is."""
    if shop is None:
        shop = box.project()
        shop.script("up.pre", "a.sh")
    if settings:
        shop.write("hookman.toml", settings)
    code = (
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from hookman.front import program\n"
        "program.main()\n"
        "print(*sys.modules)\n"
    )
    result = box.run(
        *(sys.executable, "-I", "-S", "-c", code, "plugin", STUB, box.data, "compose", "up", "-d"), cwd=shop.path
    )
    assert result.code == 0, result
    return set(result.out.split())


def test_a_managed_operation_loads_no_heavy_module(box: Box) -> None:
    names = loaded(box)
    assert "hookman" in names
    assert names & HEAVY == set()


def test_a_managed_operation_loads_only_what_it_may(box: Box) -> None:
    extra = {name for name in loaded(box) if not name.startswith("_")} - ALLOWED - {"hookman"}
    assert extra == set()


def test_with_a_local_lock_nothing_of_the_one_on_the_engine_is_loaded(box: Box) -> None:
    found = modules(box, 'lock = "local"\n')
    assert {name for name in found if name.startswith("hookman.lock.")} == {"hookman.lock.local"}
    assert "hookman.compose.endpoint" not in found


def test_where_nothing_is_exported_nothing_of_it_is_loaded(box: Box) -> None:
    assert [name for name in modules(box, "") if name.startswith("hookman.export")] == []


def test_a_run_that_is_exported_loads_no_heavy_module(box: Box) -> None:
    shop = box.project()
    shop.write("hookman.toml", '[export]\notlp = "http://127.0.0.1:1"\nheaders = {X-Key = "${HOME}"}\n')
    for _ in range(2):  # to read the settings once, and to keep them
        loaded(box, shop=shop)
    found = modules(box, "", shop)
    assert "hookman.export.start" in found
    assert {name.partition(".")[0] for name in found} & HEAVY == set()


def test_on_this_machines_own_engine_that_is_little_more(box: Box) -> None:
    found = modules(box, "")
    more = {"hookman.lock.shared", "hookman.lock.identity"}
    assert {name for name in found if name.startswith("hookman.lock.")} == {"hookman.lock.local", *more}


def test_the_lock_on_the_engine_loads_no_heavy_module(box: Box, tmp_path: Path) -> None:
    answer = b'HTTP/1.1 403 Forbidden\r\nContent-Length: 16\r\n\r\n{"message":"no"}'
    box.environ["DOCKER_HOST"] = f"unix://{tmp_path}/engine.sock"
    with engine_answering(tmp_path / "engine.sock", answer * 2):
        found = modules(box, "")
    assert "hookman.lock.keeper" in found
    assert found & {*HEAVY, "socket", "random", "urllib", "hashlib"} == set()


def test_conditions_that_ask_nobody_load_no_heavy_module(box: Box) -> None:
    shop = box.project()
    for number, keys in enumerate(("when = {exists = 'compose.yaml', flags = '-d'}", "sources = '*.yaml'")):
        shop.write("hookman.toml", f"[hooks.a{number}]\non = 'up.pre'\nrun = 'true'\n{keys}\n")
        for _ in range(2):  # to read the settings once, and to keep them
            loaded(box, shop=shop)
        assert loaded(box, shop=shop) & HEAVY == set()
