"""Which database is meant; what is wrong with it is said without a part of a URL or a value."""

from __future__ import annotations

import pytest

from hookman.base.errors import ConfigError
from hookman.database.connection import database_of


@pytest.mark.parametrize(
    "environ",
    [
        {"DB_URL": "postgres://shop:hunter2/x@db/shop"},
        {"DB_URL": "postgres://shop:hunter2#x@db/shop"},
        {"DB_URL": "postgres://[hunter2/shop"},
        {"DB_URL": "hunter2://db/shop"},
        {"DB_URL": "postgres://db:hunter2/shop"},
        {"DB_NAME": "shop", "DB_PORT": "hunter2"},
        {"DB_NAME": "shop", "DB_ENGINE": "hunter2"},
    ],
    ids=lambda environ: " ".join(environ.values()),
)
def test_an_error_shows_no_part_of_a_value(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        database_of(environ)
    assert "DB_" in caught.value.message
    assert "hunter2" not in f"{caught.value.message} {caught.value.fix}"
