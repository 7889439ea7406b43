from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.errors import ConfigError
from hookman.compose.envfile import parse_env


def read(text: str, **environ: str) -> dict[str, str]:
    values: dict[str, str] = {}
    parse_env(text, environ, values)
    return values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=1", "1"),
        ("A = sp ace  ", "sp ace"),
        ("export A=1", "1"),
        ("A: 1", "1"),
        ("A=", ""),
        ("A=a#b", "a#b"),
        ("A=a #b", "a"),
        # where python-dotenv reads otherwise (docs/design/traps.md C8)
        ("A= # c", "# c"),
        ("A=a\t# c", "a\t# c"),
        ('A="a"b', "a"),
        (r"A='it\'s'", "it's"),
        (r"A=\$B", "\\b"),
        ("A='x'\r\nC=1", "x"),
        ('A="x\r\ny"', "x\r\ny"),
        ("A=x\r\nB=y\r\n", "x"),
        (r'A="\0189"', r"\189"),
        ("A=${B:-{}}", "b"),
        ("A=${NO:-x{y}z} ${B}", "x{y}z b"),
        ("A=x\x1f", "x\x1f"),
        ("A=x\u2003", "x"),
        # quotes and escapes
        ('A="x # y" # c', "x # y"),
        ("A='$B \\n'", "$B \\n"),
        (r'A="a\nb\tc\$B\q"', "a\nb\tc$B\\q"),
        (r'A="\0101 \07 \012"', "A \\7 \\12"),
        ('A="two\nlines"', "two\nlines"),
        # interpolation
        ("A=$B-${B}-${NO:-d}-${B:+yes}-$$x-$5", "b-b-d-yes-$x-$5"),
        ("A=$(touch x)`id`", "$(touch x)`id`"),
    ],
)
def test_a_value_is_read_as_compose_reads_it(text: str, value: str) -> None:
    assert read(text, B="b")["A"] == value


def test_names_may_hold_dots_and_dashes() -> None:
    assert read("a.b-c=1") == {"a.b-c": "1"}


def test_a_name_alone_takes_the_processs_value() -> None:
    assert read("A\nB\n", A="mine") == {"A": "mine"}


def test_the_environment_feeds_interpolation_before_the_file() -> None:
    assert read("A=file\nB=$A\nC=1\nD=$C", A="process") == {"A": "file", "B": "process", "C": "1", "D": "1"}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("=x\n", {"": "x"}),
        ("===== x =====\nA=1\n", {"": "==== x =====", "A": "1"}),
        ("export =x\n", {"": "x"}),
        ("export\nA=1\n", {"A": "1"}),
        ("A=1\x00\nB=2\n", {"A": "1\x00", "B": "2"}),
        ("last", {"": "last"}),
        ('A="1"B=2\n', {"A": "1", "B": "2"}),
    ],
)
def test_odd_lines_that_compose_takes(text: str, values: dict[str, str]) -> None:
    assert read(text) == values


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("A=1\nA B=2", 2, "space"),
        ("\n\nA='open", 3, "not closed"),
        ("export ", 1, "needs a name"),
        ('A="${B:-x\ny}"', 1, "invalid template"),
        ("A=${OPEN", 1, "invalid template"),
        ("A=1\nB!=2", 2, "unexpected character '!'"),
        ("A=${B:?must be set}", 1, "is not set"),
    ],
)
def test_an_error_names_its_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert caught.value.message.startswith(f".env:{line}: ")
    assert problem in caught.value.message


@given(st.text())
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    try:
        read(text)
    except ConfigError as error:
        assert error.message.startswith(".env:")  # noqa: PT017 (both ends are right)


@given(st.dictionaries(st.from_regex(r"[A-Z_][A-Z0-9_]*", fullmatch=True), st.text(st.characters(codec="utf-8"))))
def test_what_is_quoted_comes_back(values: dict[str, str]) -> None:
    wanted = {name: value.replace("\\", "").replace("'", "") for name, value in values.items()}
    assert read("\n".join(f"{name}='{value}'" for name, value in wanted.items())) == wanted


@pytest.mark.parametrize(
    "value",
    [
        "hunter2${open",
        '"hunter2${open"',
        "hunter2${!bang}",
        "${NO?hunter2}",
        "hunter2${NO:?hunter2}",
        "${NO-${hunter2!}}",
        "'hunter2",
        '"hunter2',
        '"hunter2\n${open"',
    ],
)
@pytest.mark.parametrize(
    "form", ["DB_PASSWORD={}\n", "export DB_PASSWORD={}\n", "DB_PASSWORD: {}\n", "DB_PASSWORD = {}\n"]
)
def test_an_error_names_the_variable_and_shows_nothing_of_its_value(value: str, form: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(form.format(value))
    shown = f"{caught.value.message} {caught.value.fix}"
    assert shown.startswith(".env:1: DB_PASSWORD: ")
    assert "hunter2" not in shown
    assert "open" not in shown.replace("not closed", "")


def test_a_file_of_a_hundred_thousand_lines_is_read() -> None:
    assert len(read("".join(f"NAME_{number}=value\n" for number in range(100_000)))) == 100_000
