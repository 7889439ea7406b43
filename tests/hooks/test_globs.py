"""The names that part of a glob means are those of fnmatch."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase

from hookman.hooks import globs


def test_a_part_of_a_glob_means_what_fnmatch_says() -> None:
    chance = random.Random(7)  # noqa: S311 (the same patterns each time)
    for _ in range(20_000):
        part = "".join(chance.choice("ab*?[]!-c\\^.") for _ in range(chance.randrange(8)))
        name = "".join(chance.choice("abc-]![.\\^") for _ in range(chance.randrange(6)))
        assert globs.means(part, name) == fnmatchcase(name, part), (part, name)
