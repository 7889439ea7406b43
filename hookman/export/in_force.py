"""The settings that say where the runs of a project are sent, as they are now."""

from __future__ import annotations

from hookman.base import paths
from hookman.consent import marks
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.settings.hookman_toml import Settings


def settings_for(project: str, data: str, environ: Mapping[str, str]) -> Settings:
    """The settings for the project with that real path; our own files are in `data`. Raises HookmanError.

    Where it is not enabled (any more), or gone, only the user's own count.
    """
    user_file = paths.config_file(environ)
    if not marks.is_enabled(data, project):
        return hookman_toml.load(user_file, None, data, environ, data)
    return hookman_toml.load(user_file, marks.root_of(data, project, environ), project, environ, data)
