"""Which variables hookman adds to the environment of a hook, and how a call inside the hook removes them again.

A hook may start another project's stack, whose containers must not get this project's values. So hookman writes into
variables that begin with GIVEN which variables it added, with a digest of each value. The digest needs a key that only
this user can read. So a hook that prints its environment helps nobody to guess a password. Without the key there are
no digests, and then each variable that we added counts as unchanged.
"""

from __future__ import annotations

import os

from hookman.base.files import create_file, read_regular
from hookman.base.lean import keyed_digest
from hookman.base.paths import make_private_dir

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

GIVEN = "HOOKMAN_GIVEN_"  # and a number
# Why a variable was given: each line of GIVEN begins with one of these.
DOTENV = "d"  # it is in a .env that Compose reads itself
SHARED = "s"  # it is in the root's .env
NAME = "n"  # the project's name, which Compose finds in the project itself
TARGET = "t"  # it was on the command line
OWN = "o"  # hookman's own
# Hookman's own, which nobody else sets. They are removed whatever is in them, and have no digest.
OURS = (
    *("HOOKMAN_EVENT", "HOOKMAN_PHASE", "HOOKMAN_COMMAND", "HOOKMAN_PROJECT_DIR", "HOOKMAN_RUN_ID"),
    "HOOKMAN_LEASE",
    *("HOOKMAN_EXIT_CODE", "HOOKMAN_RESULT", "HOOKMAN_FAILED_HOOK"),
    *("HOOKMAN_ENV", "HOOKMAN_ARGS", "HOOKMAN_ARGS_FILE", "HOOKMAN_SERVICES"),
)
EVERYTHING = DOTENV + SHARED + NAME + TARGET + OWN
_KEY_FILE = "key"  # in the data directory
_KEY_LENGTH = 32  # bytes
_CHUNK = 16 * 1024  # characters, of up to four bytes: the kernel takes no variable of more than 128 KiB


def told(environ: Mapping[str, str]) -> bool:
    """Is this the environment of a hook that hookman started?"""
    return f"{GIVEN}0" in environ


def note(values: Mapping[str, str], why: Mapping[str, str], callers: Mapping[str, str], data: str) -> dict[str, str]:
    """The GIVEN variables for a hook with the environment `values`: which of them we added, and why.

    `why` has the reason for each name, `callers` is the environment of the caller; our own files are below `data`.
    """
    key = _key(data)
    lines = []
    for name, reason in why.items():
        if name in OURS or name not in values or values[name] == callers.get(name) or "\n" in name:
            continue
        before = f"={quoted(callers[name])}" if name in callers else ""
        lines.append(f"{reason}{_digest(values[name], key)} {name}{before}")
    return _chunks(lines)


def without(environ: Mapping[str, str], data: str, reasons: Collection[str] = EVERYTHING) -> dict[str, str]:
    """The environment of a hook without the variables that we added for one of `reasons`.

    They get the values back that the caller had. What the hook has changed stays as it is.
    """
    key = _key(data)
    taken = OURS if OWN in reasons else ()
    values = {name: value for name, value in environ.items() if not name.startswith(GIVEN) and name not in taken}
    kept = []
    for line in _lines(environ):
        told_digest, _, rest = line.partition(" ")
        name, has_before, before = rest.partition("=")
        if told_digest[:1] not in reasons:
            kept.append(line)
        elif name in values and told_digest[1:] in ("", _digest(values[name], key)):
            del values[name]
            if has_before:
                values[name] = unquoted(before)
    # A call in a hook still counts as one until everything is removed.
    return values if reasons == EVERYTHING else values | _chunks(kept)


def _lines(environ: Mapping[str, str]) -> list[str]:
    lines: list[str] = []
    while (text := environ.get(f"{GIVEN}{len(lines)}")) is not None:
        lines.append(text)
    return [line for text in lines for line in text.split("\n") if line]


def _chunks(lines: list[str]) -> dict[str, str]:
    chunks = [""]
    for line in lines:
        if len(chunks[-1]) + len(line) > _CHUNK:
            chunks.append("")
        chunks[-1] += f"{line}\n"
    return {f"{GIVEN}{number}": text for number, text in enumerate(chunks)}


def _digest(value: str, key: bytes) -> str:
    """A digest of `value`, "" without a key."""
    return keyed_digest(os.fsencode(value), key) if key else ""


def _key(data: str) -> bytes:
    """This user's key, created if there is none yet; empty if it can't be created."""
    path = os.path.join(data, _KEY_FILE)
    try:
        if not os.path.lexists(path):
            make_private_dir(data)
            create_file(path, os.urandom(_KEY_LENGTH))
    except FileExistsError:
        pass  # another run was faster
    except OSError:
        return b""
    try:
        key = read_regular(path)
    except OSError:
        return b""
    return key if len(key) == _KEY_LENGTH else b""


def quoted(text: str) -> str:
    """`text` on one line."""
    return text.replace("%", "%25").replace("\n", "%0A")


def unquoted(text: str) -> str:
    """The text that `quoted` put on one line."""
    return text.replace("%0A", "\n").replace("%25", "%")
