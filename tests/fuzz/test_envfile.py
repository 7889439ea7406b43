"""`.env` texts, read by us and by the real Compose."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.envfile import read_env_files
from hookman.errors import ConfigError
from tests.support.fuzz import compose, fuzz, surroundings

ENVIRON = {"OUTER": "outer", "EMPTY": "", "A": "process"}

NAMES = st.sampled_from(["A", "B", "C", "_x", "a.b-c", "OUTER", "EMPTY", "A[0]", "É", "9", "", "A B", "A\tB", "A!"])
PIECES = st.one_of(
    st.sampled_from(
        [
            *("$", "$$", "$B", "${A}", "${B:-d}", "${C-", "${B:+y}", "${C:?no}", "${B?x}", "{", "}", "{}", "\\", "\\$"),
            *("\\n", "\\0101", "\\07", "\\0189", "\\t", '\\"', "\\'", "'", '"', "#", " #", "\t#", " ", "\t", "=", ":"),
            *("\n", "\r\n", "\r", "\x00", "\x0b", "\xa0", "\x85", "\u2003", "\x1f", "\ufeff", "export ", "x", "1", "-"),
        ]
    ),
    st.text(max_size=3),
)
VALUES = st.lists(PIECES, max_size=6).map("".join)
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


@fuzz
@given(text=TEXTS)
def test_an_env_file_is_read_or_refused_as_compose_does_it(directory: Path, text: str) -> None:
    dotenv = directory / ".env"
    dotenv.write_bytes(text.encode())
    environ = {**surroundings(directory), **ENVIRON, "COMPOSE_PROJECT_NAME": "p"}
    shown = compose(["compose", "config", "--environment"], directory, environ)
    try:
        ours = {**read_env_files([str(dotenv)], environ), **environ}
    except ConfigError:
        assert shown.returncode != 0
        return
    assert shown.returncode == 0, shown.stderr.decode()
    assert shown.stdout.decode() == "".join(sorted(f"{name}={value}\n" for name, value in ours.items()))
