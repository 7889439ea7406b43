"""`.env` texts, read by us and by the real Compose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.errors import ConfigError
from hookman.compose.envfile import read_env_files
from tests.support.fuzz import compose, fuzz, surroundings

pytestmark = pytest.mark.engine

ENVIRON = {"OUTER": "outer", "EMPTY": "", "A": "process"}

NAMES = st.sampled_from(["A", "B", "C", "_x", "a.b-c", "OUTER", "EMPTY", "A[0]", "É", "9", "", "A B", "A\tB", "A!"])
PIECES = st.one_of(
    st.sampled_from(
        [
            *("$", "$$", "$B", "${A}", "${B:-d}", "${C-", "${B:+y}", "${C:?no}", "${B?x}", "{", "}", "{}", "\\", "\\$"),
            *("\\n", "\\0101", "\\07", "\\0189", "\\t", '\\"', "\\'", "'", '"', "#", " #", "\t#", " ", "\t", "=", ":"),
            *(
                "$A",
                "$C",
                "$OUTER",
                "${EMPTY:-e}",
                "${EMPTY-e}",
                "${EMPTY+s}",
                "${OUTER:+y}",
                "${C:-${A:-z}}",
                "${B:-$A}",
            ),
            *(
                "${A:-'q'}",
                "$9",
                "${9}",
                "${a.b-c}",
                "$_x",
                "${ A }",
                "${A",
                "${A:}",
                "${B:-#x}",
                "${B:- #x}",
                "$A$B",
                "$É",
            ),
            *(
                "\\\n",
                "\\\r\n",
                "\\u00e9",
                "\\x41",
                "\\$$A",
                "\\\\",
                "'\\''",
                "`id`",
                "$(id)",
                ";",
                "&",
                "!",
                "%",
                "😀",
            ),
            *("\n", "\r\n", "\r", "\x00", "\x0b", "\xa0", "\x85", "\u2003", "\x1f", "\ufeff", "export ", "x", "1", "-"),
        ]
    ),
    st.text(max_size=3),
)
# Compose itself takes a time that grows with the square of the variables in a line.
LONG = st.one_of(
    st.builds(str.__mul__, PIECES, st.sampled_from([10, 60])),
    st.sampled_from(["x", " ", "\\", "é", "{", "}", "'", "#", "x "]).map(lambda piece: piece * 20_000),
)
VALUES = st.lists(st.one_of(PIECES, PIECES, PIECES, PIECES, PIECES, LONG), max_size=6).map("".join)
LINES = st.one_of(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", "", "", "export ", "export\t", " ", "#", "export\n"]),
            NAMES,
            st.sampled_from(["=", "=", "= ", " = ", ": ", ":", "", "=="]),
            st.sampled_from(["", "", '"', "'"]).flatmap(lambda quote: VALUES.map(lambda value: quote + value + quote)),
            st.sampled_from(["", "", " ", " # c", "x"]),
        ),
    ),
    VALUES,
    st.sampled_from(["===== x =====", "", "# c", "A", "B"]),
)
TEXTS = st.builds(
    lambda bom, lines, newline, end: bom + newline.join(lines) + end,
    st.sampled_from(["", "", "", "\ufeff"]),
    st.lists(LINES, max_size=5),
    st.sampled_from(["\n", "\n", "\r\n"]),
    st.sampled_from(["\n", ""]),
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("env")
    (path / "compose.yaml").write_text("services: {}\n")
    return path


def shown(directory: Path, *env_files: str) -> tuple[bool, str]:
    """Does Compose take the .env files, and the environment that it then fills in from."""
    named = [word for name in env_files for word in ("--env-file", name)]
    environ = {**ENVIRON, "COMPOSE_PROJECT_NAME": "p"}
    done = compose(["compose", *named, "config", "--environment"], directory, environ)
    return done.returncode == 0, done.stdout.decode()


def read(directory: Path, *env_files: str) -> tuple[bool, str]:
    """The same as we read them."""
    environ = {**surroundings(directory), **ENVIRON, "COMPOSE_PROJECT_NAME": "p"}
    try:
        values = {**read_env_files([str(directory / name) for name in env_files], environ), **environ}
    except ConfigError:
        return False, ""
    return True, "".join(sorted(f"{name}={value}\n" for name, value in values.items()))


@fuzz
@given(text=TEXTS)
def test_an_env_file_is_read_or_refused_as_compose_does_it(directory: Path, text: str) -> None:
    (directory / ".env").write_bytes(text.encode())
    assert read(directory, ".env") == shown(directory)


@fuzz
@given(first=TEXTS, second=TEXTS)
def test_two_env_files_are_read_one_over_the_other(directory: Path, first: str, second: str) -> None:
    (directory / "first").write_bytes(first.encode())
    (directory / "second").write_bytes(second.encode())
    assert read(directory, "first", "second") == shown(directory, "first", "second")
