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
    from collections.abc import Iterable, Iterator
    from types import CodeType
    from typing import TypeVar

    Documented = TypeVar("Documented", ast.Module, ast.ClassDef, ast.FunctionDef)

# The rooms on the way from the shim to Compose.
ROOMS = ("", "base", "compose", "consent", "settings", "hooks", "lock", "log", "export", "run", "front")
READER = "hookman.front.archive"
# The parts of the archive that have more than one module: these, and what they import.
PARTS = (
    ("hookman.front.start",),  # each run
    # An enabled project.
    ("hookman.hooks.plan", "hookman.hooks.scope", "hookman.hooks.skips", "hookman.settings.hookman_toml"),
    # An operation that is carried out; its lock, if the engine may have one as well.
    ("hookman.compose.execution", "hookman.log.writer", "hookman.run.carry_out", "hookman.run.operation"),
    ("hookman.run.lock_choice", "hookman.lock.shared"),
    # A hook that runs.
    (
        *("hookman.hooks.groups", "hookman.run.one_hook", "hookman.run.event_loop", "hookman.run.hook_starter"),
        *("hookman.run.problems", "hookman.run.judging", "hookman.log.hook_output"),
    ),
    ("hookman.hooks.script_kind",),
    ("hookman.hooks.function_kind",),
    # The engine, and the lock there.
    ("hookman.compose.dial",),
    ("hookman.lock.engine",),
    ("hookman.settings.layers", "hookman.settings.merging", "hookman.hooks.declared_kind"),  # tables of hooks
    ("hookman.run.conditions",),
    ("hookman.run.past_success", "hookman.hooks.sources"),
)


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
    own = modules.pop(READER)
    parts = _Parts(modules)
    for roots in PARTS:
        parts.put_together(roots)
    for name in modules:
        parts.put_alone(name)
    reader, table = marshal.dumps(own.code), marshal.dumps((own.facts, parts.part_of, parts.places))
    body = b"".join(parts.texts)
    sizes = b"".join(len(text).to_bytes(4, "little") for text in (reader, table, body))
    return b"".join([importlib.util.MAGIC_NUMBER, sizes, reader, table, body])


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


class _Parts:
    """The parts of an archive of `modules`."""

    def __init__(self, modules: dict[str, _Module]) -> None:
        self.part_of: dict[str, int] = {}
        self.places: list[tuple[int, int, tuple[int, ...]]] = []
        self.texts: list[bytes] = []
        self._modules = modules

    def put_together(self, roots: Iterable[str]) -> None:
        """Make a part of the modules `roots` and of all that they import and no part has yet."""
        found: dict[str, None] = {}
        for root in roots:
            self._find(root, found)
        self._put([*found])

    def put_alone(self, name: str) -> None:
        """Make a part of a module; what it imports has others, which come first."""
        if name not in self.part_of:
            for one in self._imported_by(name):
                self.put_alone(one)
            self._put([name])

    def _find(self, name: str, found: dict[str, None]) -> None:
        """Add a module to what was `found`, after what it imports."""
        if name not in found and name not in self.part_of:
            for one in self._imported_by(name):
                self._find(one, found)
            found[name] = None

    def _imported_by(self, name: str) -> list[str]:
        above = name.rpartition(".")[0]
        return [one for one in (above, *self._modules[name].imports) if one in self._modules and one != name]

    def _put(self, names: list[str]) -> None:
        needed = {self.part_of[one] for name in names for one in self._imported_by(name) if one in self.part_of}
        text = marshal.dumps([(name, self._modules[name].facts, self._modules[name].code) for name in names])
        self.part_of.update(dict.fromkeys(names, len(self.places)))
        self.places.append((sum(map(len, self.texts)), len(text), tuple(sorted(needed))))
        self.texts.append(text)


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


def _bytes_of(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
