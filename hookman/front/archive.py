"""The bytecode of the modules on the way from the shim to Compose, in one file: reading one is cheaper than seventy.

`hookman install` writes it (install/bytecode.py), beside the modules as Python writes its own bytecode. As
there, a module counts only while its source has the size and the time of change that it was compiled with; for
any other, and where the file is missing, broken or of another Python, Python's own way is taken.

    4 bytes    importlib's magic number of this Python
    4 bytes    the length of the reader
    4 bytes    the length of the table
    4 bytes    the length of the parts and of the seal
    reader     marshal: the code of this module, which program.py runs
    table      marshal: [time of change and size of this module], {each module: its part}, [where each part is]
    parts      marshal: the modules of a part, in the order in which they are made
    seal       from which `install` sees that it would write the same again

Whoever needs one module of a part needs the others, so they are made together, past importlib. The first part is what
each run needs. Any other comes when one of its modules is imported.
"""

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType

    Facts = tuple[str, bool, int, int]  # the source's path in the package, is it a package, time of change, size
    Loaded = tuple[str, Facts, CodeType]
    Part = tuple[int, int, tuple[int, ...]]  # where it begins, its length, the parts that its modules import

HEAD = 16  # bytes before the reader
_SPEC: "type[ModuleSpec]" = sys.modules["_frozen_importlib"].ModuleSpec  # which importlib.machinery offers, at a price


class Archive:
    """Finds and loads modules of the archive, as importlib asks for them."""

    def __init__(self, package: str, file: int, start: int, parts: "list[Part]", part_of: dict[str, int]) -> None:
        self._package = package
        self._file = file
        self._start = start  # of the parts
        self._parts = parts
        self._part_of = part_of
        self._is_made = [False] * len(parts)

    def make(self, number: int) -> None:
        """Make the modules of a part, but for those whose sources are others by now."""
        if self._is_made[number]:
            return
        self._is_made[number] = True
        start, size, needed = self._parts[number]
        for one in needed:
            self.make(one)
        for name, facts, code in marshal.loads(os.pread(self._file, size, self._start + start)):  # noqa: S302 (ours, as a .pyc is)
            if name not in sys.modules and self._is_current(facts):
                self._make(name, facts, code)

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> "ModuleSpec | None":
        """How to load the module `name`; None if it is not here, or its source is another by now."""
        number = self._part_of.get(name)
        if number is None:
            return None
        self.make(number)
        module = sys.modules.get(name)
        if module is None:
            return None
        spec = _SPEC(name, self, origin=module.__file__, is_package=hasattr(module, "__path__"))  # type: ignore[arg-type]
        spec.has_location = True
        if hasattr(module, "__path__"):
            spec.submodule_search_locations = [*module.__path__]
        return spec

    def create_module(self, spec: "ModuleSpec") -> "ModuleType":
        """The module, which was made with its part."""
        return sys.modules[spec.name]

    def exec_module(self, module: "ModuleType") -> None:
        """It ran when it was made."""

    def _make(self, name: str, facts: "Facts", code: "CodeType") -> None:
        above, _, last = name.rpartition(".")
        sys.modules[name] = module = type(sys)(name)
        own = module.__dict__
        own["__file__"] = path = f"{self._package}/{facts[0]}"
        own["__loader__"] = self
        own["__package__"] = name if facts[1] else above
        if facts[1]:
            own["__path__"] = [os.path.dirname(path)]
        try:
            exec(code, own)  # noqa: S102
        except BaseException:
            del sys.modules[name]
            raise
        if above:
            setattr(sys.modules[above], last, module)

    def _is_current(self, facts: "Facts") -> bool:
        try:
            status = os.stat(f"{self._package}/{facts[0]}")
        except OSError:
            return False
        return (status.st_mtime_ns, status.st_size) == facts[2:]


def use(file: int, head: bytes) -> None:
    """Have our modules come from the archive that is open as `file`, whose `head` was read and whose reader is this."""
    reader, table, parts = (int.from_bytes(head[at : at + 4], "little") for at in (4, 8, 12))
    start = HEAD + reader + table
    if os.fstat(file).st_size != start + parts:
        return
    own, part_of, places = marshal.loads(os.pread(file, table, HEAD + reader))  # noqa: S302 (ours, as a .pyc is)
    archive = Archive(os.path.dirname(os.path.dirname(__file__)), file, start, places, part_of)
    if archive._is_current(own):  # noqa: SLF001
        sys.meta_path.insert(0, archive)
        archive.make(0)
