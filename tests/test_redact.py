from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.redact import Redactor, looks_secret, secret_values


@pytest.mark.parametrize(
    "name", ["DB_PASSWORD", "db_password", "API_KEY", "GITHUB_TOKEN", "AWS_SECRET", "X_CREDENTIALS"]
)
def test_secret_looking_names(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", ["PATH", "HOME", "SSH_AUTH_SOCK", "COMPOSE_FILE", "USER"])
def test_names_that_look_like_no_secret(name: str) -> None:
    assert not looks_secret(name)


def test_the_config_can_name_more() -> None:
    assert looks_secret("MY_PIN", ["my_pin"])


def test_values_shorter_than_four_characters_are_left_alone() -> None:
    assert secret_values({"A_TOKEN": "abc", "B_TOKEN": "abcd"}) == [b"abcd"]


@given(
    st.lists(st.binary(min_size=4, max_size=6), min_size=1, max_size=3),
    st.lists(st.binary(max_size=12), max_size=8),
    st.integers(min_value=0, max_value=8),
)
def test_no_secret_comes_through_however_the_stream_is_cut(secrets: list[bytes], parts: list[bytes], at: int) -> None:
    secrets = sorted({secret for secret in secrets if b"*" not in secret}, key=len, reverse=True)
    if not secrets:
        return
    stream = b"".join(parts[:at]) + secrets[0] + b"".join(parts[at:])
    for size in (1, 3, len(stream)):
        redactor = Redactor(secrets)
        out = b"".join(redactor.feed(stream[i : i + size]) for i in range(0, len(stream), size)) + redactor.end()
        assert not any(secret in out for secret in secrets)


@given(st.lists(st.binary(max_size=20)))
def test_without_secrets_nothing_is_changed_or_held_back(parts: list[bytes]) -> None:
    redactor = Redactor([])
    assert [redactor.feed(part) for part in parts] == parts
