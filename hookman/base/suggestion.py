"""The existing name that is most like a wrong one, for "Did you mean …?"."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

ALIKE = 0.6  # how much of two names must be the same, from 0 to 1: difflib's own


def nearest(name: str, names: Iterable[str], *, alike: float = ALIKE) -> str:
    """The one of `names` with the same words in another order, else the most similar one; "" if none is near."""
    import difflib  # it costs 5 ms, and only a mistake needs it

    names = list(names)
    by_words = {_words(known): known for known in names}
    return by_words.get(_words(name)) or next(iter(difflib.get_close_matches(name, names, 1, cutoff=alike)), "")


def did_you_mean(name: str, names: Iterable[str], otherwise: str) -> str:
    """The question whether the nearest of `names` is meant; `otherwise` if none is near."""
    found = nearest(name, names)
    return f"Did you mean {found!r}?" if found else otherwise


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(name.lower().replace("-", "_").replace(".", "_").split("_")))
