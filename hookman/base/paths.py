"""Where our own files are. The only module that knows their names.

platformdirs is the rule; on Linux its two answers are worked out here, because importing
it costs 12 ms and the hot path asks on every command (tests/base/test_paths.py holds both equal).
"""

from __future__ import annotations

import errno
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

# Marks an enabled directory inside the tree that mirrors the file system below enabled/.
ENABLED_MARK = ".hookman-enabled"
# What `hookman install --system` writes for all users; the Docker CLI looks beside it, never in it.
SYSTEM_DIR = "/usr/local/lib/docker/hookman"


def data_dir(environ: Mapping[str, str]) -> str:
    """The user data directory for hookman; HOOKMAN_DATA_DIR overrides it."""
    own = environ.get("HOOKMAN_DATA_DIR")
    if own:
        return os.path.abspath(own)
    return _user_dir(environ, "XDG_DATA_HOME", "~/.local/share", "user_data_dir")


def config_file(environ: Mapping[str, str]) -> str:
    """The user's own configuration file."""
    return os.path.join(_user_dir(environ, "XDG_CONFIG_HOME", "~/.config", "user_config_dir"), "config.toml")


def _user_dir(environ: Mapping[str, str], variable: str, default: str, function: str) -> str:
    if os.uname().sysname == "Linux":
        base = environ.get(variable, "")
        return os.path.join(base if base.strip() else os.path.expanduser(default), "hookman")
    from hookman.base.site_packages import enable_site_packages

    enable_site_packages()
    import platformdirs

    return str(getattr(platformdirs, function)("hookman", appauthor=False))


def plugin_dir(home: str) -> str:
    """The directory that holds the shim and nothing else (docker lists whatever is there).

    `home` is the data directory, or SYSTEM_DIR.
    """
    return os.path.join(home, "cli-plugins")


def standalone_dir(home: str) -> str:
    """The directory that holds the shim of the `docker-compose` command; `home` as in `plugin_dir`."""
    return os.path.join(home, "standalone")


def enabled_mark(data: str, directory: str) -> str:
    """The file whose existence says that `directory` (a real path) is enabled."""
    return f"{data}/enabled{directory.rstrip('/')}/{ENABLED_MARK}"


def project_data_dir(data: str, directory: str) -> str:
    """Where the lock, the log and the output of one project are.

    The name is the project's real path with `/` as `%`, so that a person can read it;
    a path too long for a file name ends in a digest instead.
    """
    name = directory.strip("/").replace("%", "%25").replace("/", "%") or "%"
    if len(os.fsencode(name)) > 200:
        from hashlib import sha256

        digest = sha256(os.fsencode(directory)).hexdigest()[:16]
        name = os.fsdecode(os.fsencode(name)[-180:]) + "~" + digest
    return os.path.join(data, "projects", name)


def volume_notes_dir(data: str) -> str:
    """Where it is noted which hooks ran for which volumes, of all projects."""
    return os.path.join(data, "volumes")


def make_private_dir(path: str) -> None:
    """Create the directory `path` and what is missing above it, readable only by this user (0700).

    A link in its place is not followed, and a directory of another user is not used. Raises OSError.
    """
    if os.path.isdir(path):
        if os.path.islink(path):
            raise NotADirectoryError(errno.ENOTDIR, "a link where a directory should be", path)
        if os.stat(path).st_uid not in (os.geteuid(), 0):
            raise PermissionError(errno.EPERM, "it belongs to another user", path)
        return
    make_private_dir(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if not os.path.isdir(path):
            raise
