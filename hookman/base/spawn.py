"""Starting a program with given descriptors. `subprocess` costs 8 ms to import, this almost nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NULL = -1  # /dev/null, in place of a descriptor of ours


def spawn(
    program: str,
    argv: list[str],
    environ: Mapping[str, str],
    descriptors: Mapping[int, int],
    *,
    group: bool = False,
    session: bool = False,
    default_signals: Iterable[int] = (),
    closed: Iterable[int] = (),
) -> int:
    """Start `program` and return its process number. If it has no slash it is searched for on our PATH.

    `descriptors` says for each of its descriptors which of ours it is, or NULL. It also inherits those of ours that
    are inheritable. With `group` or `session` it gets its own. It does not ignore
    the `default_signals`. The descriptors in `closed` are not passed on. Raises OSError.
    """
    actions: list[tuple[object, ...]] = [(os.POSIX_SPAWN_CLOSE, number) for number in closed]
    actions += [
        (os.POSIX_SPAWN_OPEN, its, os.devnull, os.O_RDWR, 0) if ours == NULL else (os.POSIX_SPAWN_DUP2, ours, its)
        for its, ours in descriptors.items()
    ]
    start = os.posix_spawn if "/" in program else os.posix_spawnp
    own_group = {"setpgroup": 0} if group else {}
    return start(
        program,
        argv,
        environ,
        file_actions=actions,
        setsid=session,
        setsigdef=default_signals,
        **own_group,  # type: ignore[arg-type]  # mypy takes it for all that is left
    )
