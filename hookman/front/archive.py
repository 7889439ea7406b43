"""The bytecode of the modules on the way from the shim to Compose, in one file: reading one is cheaper than seventy.

`hookman install` writes it (install/bytecode.py), beside the modules as Python writes its own bytecode. As
there, a module counts only while its source has the size and the time of change that it was compiled with; for
any other, and where the file is missing, broken or of another Python, Python's own way is taken.

    4 bytes    importlib's magic number of this Python
    4 bytes    the length of the reader
    4 bytes    the length of the core
    4 bytes    the length of the rest
    reader     marshal: the code of this module, which entry.py runs
    core       marshal: [time of change and size of this module], [the modules that each run needs], {the others}
    rest       marshal: the code of the others, one after the other

The modules that each run needs are made at once and in order, past importlib. Any other one comes when it is imported,
and the modules that it imports itself, which the archive knows, come right before it in the same way.
"""

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Facts = tuple[str, bool, int, int]  # the source's path in the package, is it a package, time of change, size
    Loaded = tuple[str, Facts, CodeType]
    Kept = tuple[Facts, int, int, tuple[str, ...]]  # where its code begins in the rest, its length, what it needs

HEAD = 16  # bytes before the reader
_SPEC: "type[ModuleSpec]" = sys.modules["_frozen_importlib"].ModuleSpec  # which importlib.machinery offers, at a price


class Archive:
    """Finds and loads modules of the archive, as importlib asks for them."""

    def __init__(self, package: str, file: int, start: int, kept: "dict[str, Kept]") -> None:
        self._package = package
        self._file = file
        self._start = start  # of the rest
        self._kept = kept

    def make(self, modules: "Iterable[Loaded]") -> None:
        """Make each of the `modules` that is not there yet and is as its source is."""
        there = sys.modules
        for name, facts, code in modules:
            if name in there or not self._is_current(facts):
                continue
            there[name] = module = type(sys)(name)
            own = module.__dict__
            own["__file__"] = path = f"{self._package}/{facts[0]}"
            own["__loader__"] = self
            above, _, last = name.rpartition(".")
            own["__package__"] = name if facts[1] else above
            if facts[1]:
                own["__path__"] = [os.path.dirname(path)]
            try:
                exec(code, own)  # noqa: S102
            except BaseException:
                del there[name]
                raise
            if above:
                setattr(there[above], last, module)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> "ModuleSpec | None":
        """How to load the module `name`; None if it is not here, or its source is another by now."""
        kept = self._kept.get(name)
        if kept is None or not self._is_current(kept[0]):
            return None
        self.make((one, self._kept[one][0], self._code(one)) for one in kept[3] if one not in sys.modules)
        path = f"{self._package}/{kept[0][0]}"
        spec = _SPEC(name, self, origin=path, is_package=kept[0][1])  # type: ignore[arg-type]
        spec.has_location = True
        if kept[0][1]:
            spec.submodule_search_locations = [os.path.dirname(path)]
        return spec

    def create_module(self, _spec: "ModuleSpec") -> None:
        """A module like any other."""

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module's code."""
        exec(self._code(module.__name__), module.__dict__)  # noqa: S102

    def _code(self, name: str) -> "CodeType":
        _, offset, size, _ = self._kept[name]
        code: CodeType = marshal.loads(os.pread(self._file, size, self._start + offset))  # noqa: S302 (ours, as a .pyc is)
        return code

    def _is_current(self, facts: "Facts") -> bool:
        try:
            status = os.stat(f"{self._package}/{facts[0]}")
        except OSError:
            return False
        return (status.st_mtime_ns, status.st_size) == facts[2:]


def use(file: int, head: bytes) -> None:
    """Have our modules come from the archive that is open as `file`, whose `head` was read and whose reader is this."""
    reader, core, rest = (int.from_bytes(head[at : at + 4], "little") for at in (4, 8, 12))
    start = HEAD + reader + core
    if os.fstat(file).st_size != start + rest:
        return
    own, modules, kept = marshal.loads(os.pread(file, core, HEAD + reader))  # noqa: S302
    archive = Archive(os.path.dirname(os.path.dirname(__file__)), file, start, kept)
    if archive._is_current(own):  # noqa: SLF001
        sys.meta_path.insert(0, archive)
        archive.make(modules)
