"""The bytecode of hookman, made at install: Python's own for each module, and the archive of front/archive.py."""

from __future__ import annotations
import __future__

import ast
import hashlib
import importlib.util
import marshal
import os
import sys

from hookman.base.files import replace_file
from hookman.front.program import ARCHIVE, PACKAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import CodeType

    from hookman.front.archive import Facts

# The rooms on the way from the shim to Compose.
ROOMS = ("", "base", "compose", "consent", "settings", "hooks", "lock", "log", "export", "run", "front")
READER = "hookman.front.archive"
SEAL = hashlib.sha256().digest_size
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
        if not is_current():
            replace_file(ARCHIVE, archive(), mode=0o644)
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
    facts = [module.facts for module in modules.values()]
    own = modules.pop(READER)
    parts = _Parts(modules)
    for roots in PARTS:
        parts.put_together(roots)
    for name in modules:
        parts.put_alone(name)
    reader, table = marshal.dumps(own.code), marshal.dumps((own.facts, parts.part_of, parts.places))
    body = b"".join(parts.texts)
    lengths = (len(reader), len(table), len(body) + SEAL)
    sizes = b"".join(length.to_bytes(4, "little") for length in lengths)
    made = b"".join([importlib.util.MAGIC_NUMBER, sizes, reader, table, body])
    return made + _seal(facts, made)


def is_current() -> bool:
    """Is the archive there, and is it what `archive` would make now? That takes a tenth of the time to make it."""
    if not os.path.isfile(ARCHIVE):
        return False
    made = _bytes_of(ARCHIVE)
    return made[-SEAL:] == _seal(_facts(), made[:-SEAL])


def _seal(facts: list[Facts], made: bytes) -> bytes:
    """What the end of an archive says: which modules, which Python and which code these bytes come from."""
    own = os.stat(__file__)
    makers = (sys.version, own.st_mtime_ns, own.st_size)
    return hashlib.sha256(repr((makers, facts)).encode() + made).digest()


class _Module:
    """One module as it goes into the archive."""

    def __init__(self, facts: Facts) -> None:
        path = os.path.join(PACKAGE, facts[0])
        words = ["hookman", *facts[0].removesuffix(".py").split(os.sep)]
        self.name = ".".join(word for word in words if word != "__init__")
        self.facts = facts
        tree = _lean(ast.parse(_bytes_of(path), path))
        self.imports = [name for statement in tree.body for name in _imported(statement)]
        flags = __future__.annotations.compiler_flag
        self.code: CodeType = compile(tree, path, "exec", flags, dont_inherit=True)


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


def _lean(tree: ast.Module) -> ast.Module:
    """Leave out what nobody asks for in a run, and what would take a third of the time to load: docstrings, types.

    It looks at statements alone: most of a module are expressions, and they stay as they are.
    """
    tree.body = [one for one in tree.body if not (isinstance(one, ast.ImportFrom) and one.module == "__future__")]
    tree.body = _statements(_without_docstring(tree))
    return tree


def _statements(statements: list[ast.stmt]) -> list[ast.stmt]:
    """The statements as they go into the archive."""
    lean: list[ast.stmt] = []
    for one in statements:
        if isinstance(one, ast.If) and isinstance(one.test, ast.Name) and one.test.id == "TYPE_CHECKING":
            lean += _statements(one.orelse)
            continue
        if isinstance(one, (ast.ClassDef, ast.FunctionDef)):
            one.body = _without_docstring(one)
        if isinstance(one, ast.FunctionDef):
            _leave_out_types(one)
        _inside(one)
        lean.append(one)
    return lean


def _inside(node: ast.AST) -> None:
    """Leave the same out of the statements in `node`."""
    for name in ("body", "orelse", "finalbody"):
        if statements := getattr(node, name, None):
            setattr(node, name, _statements(statements))
    for name in ("handlers", "cases"):
        for one in getattr(node, name, ()):
            _inside(one)


def _without_docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> list[ast.stmt]:
    """The body of `node`, without its docstring."""
    if ast.get_docstring(node, clean=False) is None:
        return node.body
    return node.body[1:] or [ast.copy_location(ast.Pass(), node.body[0])]


def _leave_out_types(node: ast.FunctionDef) -> None:
    node.returns = None
    arguments = node.args
    for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
        if one:
            one.annotation = None


def _facts() -> list[Facts]:
    """The facts of each module as it is now. Raises OSError."""
    found = []
    for room in ROOMS:
        for file in sorted(os.listdir(os.path.join(PACKAGE, room))):
            if file.endswith(".py") and file != "__main__.py":
                path = os.path.join(room, file)
                status = os.stat(os.path.join(PACKAGE, path))
                found.append((path, file == "__init__.py", status.st_mtime_ns, status.st_size))
    return found


def _modules() -> Iterator[_Module]:
    return map(_Module, _facts())


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
