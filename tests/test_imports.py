"""The modules that a plain managed operation may load: each costs every `docker compose` its start-up."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.box import STUB, Box

ROOT = Path(__file__).parents[1]
# What Python itself loads with -I -S, and what the runner needs of the standard library.
# json and ctypes are the next to go.
ALLOWED = {
    *("errno", "fcntl", "posix", "select", "signal", "stat", "time", "os", "posixpath", "genericpath", "abc", "enum"),
    *(
        "codecs",
        "encodings",
        "io",
        "types",
        "operator",
        "keyword",
        "functools",
        "collections",
        "reprlib",
        "re",
        "copyreg",
    ),
    *("json", "ctypes", "struct", "builtins", "sys", "marshal", "zipimport", "itertools", "heapq", "atexit"),
    *("_collections_abc", "__future__", "__main__", "linecache", "tokenize", "token"),
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
}


def loaded(box: Box) -> set[str]:
    """The top-level modules that `docker compose up -d` loads until Compose has run."""
    shop = box.project()
    shop.script("up.pre", "a.sh")
    code = (
        "import json, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from hookman.shim import entry\n"
        "entry.main()\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))\n"
    )
    result = box.run(
        *(sys.executable, "-I", "-S", "-c", code, "plugin", STUB, box.data, "compose", "up", "-d"), cwd=shop.path
    )
    assert result.code == 0, result
    names: list[str] = json.loads(result.out)
    return set(names)


def test_a_managed_operation_loads_no_heavy_module(box: Box) -> None:
    names = loaded(box)
    assert "hookman" in names
    assert names & HEAVY == set()


def test_a_managed_operation_loads_only_what_it_may(box: Box) -> None:
    extra = {name for name in loaded(box) if not name.startswith("_")} - ALLOWED - {"hookman"}
    assert extra == set()
