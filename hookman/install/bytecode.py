"""The bytecode of hookman, made at install: Python's own for each module, and the archive of front/archive.py."""

from __future__ import annotations
import __future__

import ast
import importlib.util
import marshal
import os

from hookman.base.files import replace_file
from hookman.front.entry import ARCHIVE, PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType
    from typing import TypeVar

    Documented = TypeVar("Documented", ast.Module, ast.ClassDef, ast.FunctionDef)

# The rooms on the way from the shim to Compose.
ROOMS = ("", "base", "compose", "consent", "settings", "hooks", "lock", "log", "run", "front")
READER = "hookman.front.archive"
FIRST = "hookman.front.start"  # what it imports, each run needs


def write_bytecode() -> None:
    """Have all bytecode ready: some installers leave that to the first run, and to who may write. Never fails."""
    import compileall

    compileall.compile_dir(PACKAGE, quiet=2)
    try:
        fresh = archive()
        if not (os.path.isfile(ARCHIVE) and _bytes_of(ARCHIVE) == fresh):
            replace_file(ARCHIVE, fresh, mode=0o644)
    except (OSError, SyntaxError):
        pass  # nobody may write there, or a module is broken: Python's own way is taken


def remove_archive() -> None:
    """Remove the archive, if this user may."""
    try:
        os.unlink(ARCHIVE)
    except OSError:
        pass


def archive() -> bytes:
    """The archive of the modules as they are now. Raises OSError, and SyntaxError."""
    modules = {module.name: module for module in _modules()}
    core = list(_needed(FIRST, modules, {}))
    kept: dict[str, tuple[object, ...]] = {}
    rest: list[bytes] = []
    offset = 0
    for name, module in modules.items():
        if name in (*core, READER):
            continue
        code = marshal.dumps(module.code)
        *first, _ = _needed(name, modules, dict.fromkeys(core))
        kept[name] = (module.facts, offset, len(code), tuple(first))
        rest.append(code)
        offset += len(code)
    reader = marshal.dumps(modules[READER].code)
    loaded = [(name, modules[name].facts, modules[name].code) for name in core]
    body = marshal.dumps((modules[READER].facts, loaded, kept))
    sizes = b"".join(size.to_bytes(4, "little") for size in (len(reader), len(body), offset))
    return b"".join([importlib.util.MAGIC_NUMBER, sizes, reader, body, *rest])


class _Module:
    """One module as it goes into the archive."""

    def __init__(self, room: str, file: str) -> None:
        path = os.path.join(PACKAGE, room, file)
        status = os.stat(path)
        words = [word for word in ("hookman", room, file.removesuffix(".py")) if word and word != "__init__"]
        self.name = ".".join(words)
        self.facts = (os.path.join(room, file), file == "__init__.py", status.st_mtime_ns, status.st_size)
        tree = _Lean().visit(ast.parse(_bytes_of(path), path))
        self.imports = [name for statement in tree.body for name in _imported(statement)]
        flags = __future__.annotations.compiler_flag
        self.code: CodeType = compile(ast.fix_missing_locations(tree), path, "exec", flags, dont_inherit=True)


class _Lean(ast.NodeTransformer):
    """Leaves out what nobody asks for in a run, and what would take a third of the time to load: docstrings, types."""

    def visit_Module(self, node: ast.Module) -> ast.Module:
        node.body = [one for one in node.body if not (isinstance(one, ast.ImportFrom) and one.module == "__future__")]
        return self._without_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        return self._without_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.returns = None
        arguments = node.args
        for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if one:
                one.annotation = None
        return self._without_docstring(node)

    def visit_If(self, node: ast.If) -> ast.If | list[ast.stmt]:
        self.generic_visit(node)
        return node.orelse if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING" else node

    def _without_docstring(self, node: Documented) -> Documented:
        if ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        self.generic_visit(node)
        return node


def _modules() -> Iterator[_Module]:
    for room in ROOMS:
        for file in sorted(os.listdir(os.path.join(PACKAGE, room))):
            if file.endswith(".py") and file != "__main__.py":
                yield _Module(room, file)


def _imported(statement: ast.stmt) -> Iterator[str]:
    """The names that may be modules which a statement of a module imports when it is loaded."""
    for node in [statement] if not isinstance(statement, (ast.If, ast.Try)) else ast.walk(statement):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _needed(name: str, modules: dict[str, _Module], there: dict[str, None]) -> Iterator[str]:
    """The module `name`, and before it what it imports, as Python orders them; not what is `there`."""
    if name not in modules or name in there:
        return
    there[name] = None
    yield from _needed(name.rpartition(".")[0], modules, there)
    for one in modules[name].imports:
        yield from _needed(one, modules, there)
    yield name


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
