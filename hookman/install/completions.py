"""Where each shell finds the completion of our commands."""

from __future__ import annotations

import os

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = b"_HOOKMAN_COMPLETE"  # in every completion of ours


@record
class Shell:
    """Where a shell looks by itself, and what else it needs."""

    variable: str
    default: str  # for the variable, below the home
    file: str
    needs: str = ""


SHELLS = {
    "bash": Shell(
        variable="XDG_DATA_HOME",
        default=".local/share",
        file="bash-completion/completions/hookman",
        needs="It needs the package bash-completion. Without that, add to ~/.bashrc: source {path}",
    ),
    "zsh": Shell(
        variable="XDG_DATA_HOME",
        default=".local/share",
        file="zsh/site-functions/_hookman",
        needs="Add to ~/.zshrc, before compinit: fpath=({folder} $fpath)",
    ),
    "fish": Shell(variable="XDG_CONFIG_HOME", default=".config", file="fish/completions/hookman.fish"),
}


def place(shell: str, environ: Mapping[str, str]) -> str:
    """The file with the completion for `shell`."""
    it = SHELLS[shell]
    return os.path.join(environ.get(it.variable) or os.path.join(os.path.expanduser("~"), it.default), it.file)


def installed(environ: Mapping[str, str]) -> dict[str, str]:
    """The completions that are installed: shell → file. Files that hookman did not write are left out."""
    found = {}
    for shell in SHELLS:
        path = place(shell, environ)
        try:
            with open(path, "rb") as file:
                if MARK in file.read(100_000):
                    found[shell] = path
        except OSError:
            continue
    return found
