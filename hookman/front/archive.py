"""The bytecode of the modules on the way from the shim to Compose, in one file: opening one is cheaper than seventy.

`hookman install` writes it (install/bytecode.py), beside the modules as Python writes its own bytecode. As
there, a module counts only while its source has the size and the time of change that it was compiled with; for
any other, and where the file is missing, broken or of another Python, Python's own way is taken.

    4 bytes    importlib's magic number of this Python
    4 bytes    the length of the index
    4 bytes    the length of the code
    index      marshal: {module: [path in the package, is it a package, time of change, size, offset, length]}
    code       marshal, one module after the other
"""

from __future__ import annotations

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

MAGIC: bytes = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
HEAD = 12  # bytes before the index
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATH = os.path.join(PACKAGE, "__pycache__", f"front.{sys.implementation.cache_tag}.archive")


class Archive:
    """Finds and loads modules of the archive, as importlib asks for them."""

    def __init__(self, data: bytes) -> None:
        size = int.from_bytes(data[4:8], "little")
        self._index: dict[str, Any] = marshal.loads(data[HEAD : HEAD + size])  # noqa: S302 (ours, as a .pyc is)
        self._code = memoryview(data)[HEAD + size :]
        self._spec = type(__spec__) if __spec__ else None

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """How to load the module `name`; None if it is not here, or its source is another by now."""
        found = self._index.get(name)
        if found is None or self._spec is None:
            return None
        path = os.path.join(PACKAGE, found[0])
        try:
            status = os.stat(path)
        except OSError:
            return None
        if (status.st_mtime_ns, status.st_size) != (found[2], found[3]):
            return None
        spec = self._spec(name, self, origin=path, is_package=found[1])  # type: ignore[arg-type]
        spec.has_location = True
        if found[1]:
            spec.submodule_search_locations = [os.path.dirname(path)]
        return spec

    def create_module(self, _spec: ModuleSpec) -> None:
        """A module like any other."""

    def exec_module(self, module: ModuleType) -> None:
        """Run the module's code."""
        *_, offset, size = self._index[module.__name__]
        exec(marshal.loads(self._code[offset : offset + size]), module.__dict__)  # noqa: S102, S302


def use() -> None:
    """Have our modules come from the archive, where there is one for this Python."""
    try:
        file = os.open(PATH, os.O_RDONLY)
        try:
            data = os.read(file, os.fstat(file).st_size)
        finally:
            os.close(file)
        sizes = int.from_bytes(data[4:8], "little") + int.from_bytes(data[8:HEAD], "little")
        if data[:4] == MAGIC and len(data) == HEAD + sizes:
            sys.meta_path.insert(0, Archive(data))
    except (OSError, ValueError, EOFError, TypeError):
        pass  # it is not there, or was cut off
