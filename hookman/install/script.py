"""The text of a shim, for this Python and this hookman, and putting it in its place."""

from __future__ import annotations

import os
import sys

from hookman.base import paths
from hookman.base.errors import HookmanError
from hookman.base.files import replace_file
from hookman.base.resources import template
from hookman.compose import commandline, locate, project
from hookman.consent import marks
from hookman.front import entry
from hookman.front.main import PLUGIN
from hookman.hooks import functions, scripts
from hookman.hooks.planned import PHASES, event_name
from hookman.settings import hookman_toml

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_USER_SETTINGS = (  # as in base/paths.py
    '"$HOME/Library/Application Support/hookman/config.toml"'
    if sys.platform == "darwin"
    else '"$HOME/.config/hookman/config.toml" "$XDG_CONFIG_HOME/hookman/config.toml"'
)
# Of the user who runs the shim, where the shim is everyone's and HOME is not set.
_HOME_OF_USER = '$(getent passwd "$(id -u)" | cut -d: -f6)'


def shim_text(form: str, path: str, search: str, *, home: str, data: str) -> str:
    """The shim of `form` (front.PLUGIN, front.STANDALONE) that is at `path`.

    `search` is the list of directories that it searches for the real Compose, `home` and `data`
    the user's directories where the environment does not say them; all three are shell words.
    """
    import shlex

    values = {
        "PYTHON": shlex.quote(sys.executable),
        "ENTRY": shlex.quote(os.path.abspath(entry.__file__)),
        "LIBRARY": shlex.quote(os.path.dirname(os.__file__)),
        "OWN": shlex.quote(path),
        "HOME": home,
        "DATA": data,
        "WHERE": search,
        # docker takes the first file that exists, a shell the first that it can execute.
        "FOUND": "-e" if form == PLUGIN else "-x",
        "SYSTEM_SHIM": locate.SYSTEM_SHIMS[0 if form == PLUGIN else 1],
        "OPERATIONS": " | ".join(commandline.OPERATIONS),
        "LOOKING": " | ".join(name for name in commandline.OPERATIONS if name not in commandline.LOCKING),
        "FILES": words(list(project.FILE_NAMES)),
        "OVERRIDES": words(list(project.OVERRIDE_NAMES)),
        "HOOKS": _hooks_of("$1"),
        "USER_SETTINGS": _USER_SETTINGS,
        "ROOT": marks.ROOT_SCRIPT,
        "MARK": paths.ENABLED_MARK,
        "FORM": form,
    }
    text = template("shim.sh")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _hooks_of(command: str) -> str:
    """What in a project may be a hook of `command`, or say that there is one, as shell words."""
    files = (functions.FILE_NAME, hookman_toml.FILE_NAME, hookman_toml.LOCAL_NAME)
    return " ".join([*files, *(f'"{scripts.HOOKS_DIR}/{event_name(command, phase)}"' for phase in PHASES)])


def words(values: list[str]) -> str:
    """`values` as shell words."""
    import shlex

    return " ".join(map(shlex.quote, values))


def plugin_search(extra_dirs: list[str], config_dir: str | None, system_dirs: Iterable[str] = ()) -> str:
    """Where a shim of the plugin searches; `config_dir` is that of the user, `system_dirs` this docker's."""
    recorded = [os.path.join(os.path.abspath(config_dir), "cli-plugins")] if config_dir else []
    kept_and_system = [locate.KEPT_PLUGIN_DIR, *system_dirs, *locate.SYSTEM_DIRS]
    return f'{words(extra_dirs)} "$config/cli-plugins" {words(recorded + kept_and_system)}'.strip()


def standalone_search() -> str:
    """Where a shim of the `docker-compose` command searches."""
    return f"{words([locate.KEPT_STANDALONE_DIR])} $PATH"


def user_words(environ: Mapping[str, str]) -> dict[str, str]:
    """`home` and `data` of a shim of this user's own."""
    import shlex

    data = shlex.quote(paths.data_dir(environ))
    if not environ.get("HOOKMAN_DATA_DIR") and sys.platform != "darwin":
        data = "${XDG_DATA_HOME:-$home/.local/share}/hookman"
    return {"home": shlex.quote(os.path.expanduser("~")), "data": data}


def system_words() -> dict[str, str]:
    """`home` and `data` of a shim for all users."""
    own = "$home/Library/Application Support" if sys.platform == "darwin" else "${XDG_DATA_HOME:-$home/.local/share}"
    return {"home": _HOME_OF_USER, "data": f"{own}/hookman"}


def write_shim(path: str, text: str, aside: str, make_dir: Callable[[str], None]) -> bool:
    """Write the shim in one step; False if it is there already.

    A file in its place that is not ours is moved to `aside`, and a file that is there already gets a number.
    `make_dir` creates missing directories. Raises HookmanError.
    """
    data = os.fsencode(text)
    try:
        with open(path, "rb") as file:
            if file.read() == data and os.access(path, os.X_OK):
                return False
    except OSError:
        pass
    try:
        make_dir(os.path.dirname(path))
        if os.path.lexists(path) and not locate.is_shim(path):
            make_dir(os.path.dirname(aside))
            set_aside(aside)
            os.replace(path, aside)
        replace_file(path, data, 0o755)
    except OSError as error:
        raise cant_write(path, error) from error
    return True


def make_public_dir(path: str) -> None:
    """Create `path` and what is missing above it, readable by all whatever the umask is. Raises OSError."""
    if os.path.isdir(path):
        return
    make_public_dir(os.path.dirname(path))
    os.mkdir(path)
    os.chmod(path, 0o755)


def set_aside(path: str) -> None:
    """Rename what is at `path`, if anything: add the first free number to its name. Raises OSError."""
    number = 1
    while os.path.lexists(f"{path}.{number}"):
        number += 1
    if os.path.lexists(path):
        os.rename(path, f"{path}.{number}")


def cant_write(path: str, error: OSError) -> HookmanError:
    """The error for a place that can't be written."""
    if path.startswith("/usr/"):
        return HookmanError(f"can't write {path}: {error.strerror}", "sudo hookman …")
    return HookmanError(f"can't write {path}: {error.strerror}", "make the directory writable, or set HOOKMAN_DATA_DIR")
