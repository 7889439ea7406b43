"""Which tests stay together in one process where scripts/test runs several."""

from __future__ import annotations

from xdist.scheduler import LoadFileScheduling

# They use one database server.
ONE_SERVER = (
    "tests/database/test_asking.py",
    "tests/database/test_gitignore.py",
    "tests/database/test_imports.py",
    "tests/database/test_kompose.py",
    "tests/database/test_loading.py",
    "tests/database/test_operations.py",
    "tests/database/test_programs.py",
)
# Their projects on the engine have the same names.
SAME_NAMES = (
    "tests/engine/test_picture.py",
    "tests/hooks/test_environment.py",
    "tests/hooks/test_once.py",
    "tests/hooks/test_volumes.py",
    "tests/hooks/test_when_services.py",
    "tests/run/test_other_files.py",
    "tests/run/test_other_projects.py",
    "tests/run/test_remote_files.py",
    "tests/run/test_what_hooks_make.py",
)


class Together(LoadFileScheduling):
    """The tests of a file run in one process, in their order."""

    def _split_scope(self, nodeid: str) -> str:
        """The group of a test: some files use one server, and some the same names."""
        path = nodeid.partition("::")[0]
        if path in ONE_SERVER:
            return "database"
        return "same names" if path in SAME_NAMES else path
