"""A project as its hooks find it: with its root, its settings, the environment and our own files."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project
    from hookman.settings.hookman_toml import Settings


@record
class Scope:
    """A project and what goes with it."""

    project: Project
    root: str | None  # the root of stacks that it is one of
    settings: Settings
    data: str  # where our own files are
    environ: Mapping[str, str]  # of the process, with -e over it
    enabled: bool
