from __future__ import annotations

from pathlib import Path

import pytest

from hookman.base.errors import ConfigError
from hookman.settings.hookman_toml import Settings, load
from tests.support.box import Project


def test_without_files_the_defaults(tmp_path: Path) -> None:
    assert load(str(tmp_path / "none"), None, str(tmp_path), {}, "/data") == Settings()


def test_the_project_wins_over_the_root_and_the_root_over_the_user(tmp_path: Path) -> None:
    user, root, project = tmp_path / "config.toml", tmp_path / "root", tmp_path / "root/web"
    project.mkdir(parents=True)
    user.write_text('timeout = 1\ngrace = 1\nkeep_runs = 1\n[hooks."a.sh"]\ntimeout = 1\nskip = true\n')
    (root / "hookman.toml").write_text("timeout = 2\ngrace = 2\n")
    (project / "hookman.toml").write_text('timeout = 3\n[hooks."a.sh"]\ntimeout = 3\n')
    found = load(str(user), str(root), str(project), {}, "/data")
    assert (found.timeout, found.grace, found.keep_runs) == (3, 2, 1)
    assert found.hooks == {"a.sh": {"timeout": 3, "skip": True}}


def test_hookman_timeout_wins_over_all_files(tmp_path: Path) -> None:
    (tmp_path / "hookman.toml").write_text('timeout = 1\n[hooks."a.sh"]\ntimeout = 2\n')
    found = load("", None, str(tmp_path), {"HOOKMAN_TIMEOUT": "7.5"}, "/data")
    assert (found.timeout, found.hooks) == (7.5, {"a.sh": {}})


def test_durations_have_units_everywhere(tmp_path: Path) -> None:
    (tmp_path / "hookman.toml").write_text(
        'timeout = "5m"\nfunction_timeout = "1h30m"\ngrace = "500ms"\nlock_timeout = "1d"\n'
        '[hooks."a.sh"]\ntimeout = "90s"\n'
    )
    found = load("", None, str(tmp_path), {}, "/data")
    assert (found.timeout, found.function_timeout, found.grace, found.lock_timeout) == (300, 5400, 0.5, 86400)
    assert found.hooks == {"a.sh": {"timeout": 90}}
    assert load("", None, str(tmp_path), {"HOOKMAN_TIMEOUT": "1m30s"}, "/data").timeout == 90


@pytest.mark.parametrize("text", ["soon", "-1", "5m5m", "nan"])
def test_a_wrong_hookman_timeout_is_a_clear_error(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=f"HOOKMAN_TIMEOUT={text}: must be a number of seconds"):
        load("", None, str(tmp_path), {"HOOKMAN_TIMEOUT": text}, "/data")


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("# c\ntimeuot = 5\n", ":2: timeuot", "unknown key"),
        ('timeout = "soon"\n', ":1: timeout", "a number of seconds"),
        ('[hooks."a.sh"]\ntimeout = "5x"\n', ":2: timeout", "a number of seconds"),
        ("timeout = -1\n", ":1: timeout", "a number of seconds"),
        ("timeout = true\n", ":1: timeout", "a number of seconds"),
        ("timeout = nan\n", ":1: timeout", "a number of seconds"),
        ('dotenv = "some"\n', ":1: dotenv", '"functions" or "all"'),
        ("skip = [1]\n", ":1: skip", "a list of strings"),
        ("keep_runs = 0\n", ":1: keep_runs", "a whole number"),
        ('\n[hooks."a.sh"]\ntimeouts = 5\n', ":3: timeouts", "unknown key"),
        ('[hooks]\n"a.sh" = 5\n', ":2: a.sh", "must be a table"),
        ("hooks = 5\n", ":1: hooks", "must be tables"),
        ('grace = 1\n[hook.a]\nrun = "true"\n', ":2: hook", "unknown key"),
        ('[hooks.a]\ngrace = 1\nwhen.service = "web"\n', ":3: when", "unknown key 'service'"),
        ("timeout = \n", ":1: ", "Invalid value"),
        ("timeout = 1\n[hooks.a\n", ":2: ", "Expected ']'"),
        ("[hooks.a]\n[hooks.a]\n", ":2: ", "the table hooks.a is there twice"),
        ("timeout = 1\ntimeout = 2\n# end\n", ":2: ", "a key is there twice"),
        ("skip = [\n\n", ":1: ", "Invalid value (at end of document)"),
        ('timeout = 1\n[hooks.a]\nrun = """\nx\n', ":4: ", "(at end of document)"),
        ('[hooks.a]\nsources = ["a", "b/[x*"]\n', ":2: sources", "'b/[x*' has a [ without its ]"),
        ('[hooks.a]\nwhen.exists = "[!]"\n', ":2: when", "'[!]' has a [ without its ]"),
        ('[hooks.a]\nsources = "*.{sql,py}"\n', ":2: sources", "has braces, which mean nothing in a glob"),
        ('[hooks.a]\non = "up.pre"\nrun = "x"\nenv = {"A-B" = 1}\n', ":4: env", "'A-B' has signs that a name can't"),
        ('[hooks.a]\nenv = {"A B" = 1}\n', ":2: env", "'A B' is not a name of a variable"),
    ],
)
def test_a_mistake_is_an_error_that_names_file_line_and_key(tmp_path: Path, text: str, where: str, what: str) -> None:
    path = tmp_path / "hookman.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load("", None, str(tmp_path), {}, "/data")
    assert f"{path}{where}" in caught.value.message
    assert what in caught.value.message


def test_a_misspelt_key_gets_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "hookman.toml").write_text("timeuot = 5\n")
    with pytest.raises(ConfigError) as caught:
        load("", None, str(tmp_path), {}, "/data")
    assert caught.value.fix == "Did you mean 'timeout'?"


@pytest.mark.parametrize(
    ("key", "meant"),
    [("retry", "retries"), ("retry_o", "retry_on"), ("command", "run"), ("environment", "env"), ("if", "when")],
)
def test_a_word_of_another_tool_gets_the_key_that_means_it(tmp_path: Path, key: str, meant: str) -> None:
    (tmp_path / "hookman.toml").write_text(f"[hooks.a]\n{key} = 5\n")
    with pytest.raises(ConfigError) as caught:
        load("", None, str(tmp_path), {}, "/data")
    assert caught.value.fix == f"Did you mean {meant!r}?"


@pytest.mark.parametrize("glob", ["app/[]]x", "app/[!]a]", "[[]slug]/*", "{{cookiecutter.name}}/a", "a]b"])
def test_brackets_that_are_closed_or_no_brackets_are_legal(tmp_path: Path, glob: str) -> None:
    (tmp_path / "hookman.toml").write_text(f'[hooks.a]\nsources = "{glob}"\n')
    assert load("", None, str(tmp_path), {}, "/data").hooks["a"]["sources"] == [glob]


def test_a_program_gets_variables_that_no_shell_has(shop: Project) -> None:
    shop.write(
        "hookman.toml",
        """\
        [hooks.a]
        on = "up.pre"
        run = ["env"]
        env = { "A-B" = "one", "a.b" = "two" }
        """,
    )
    result = shop.compose("up", "-d")
    assert {"A-B=one", "a.b=two"} <= {*result.err.replace("│", "").split()}, result


def test_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "hookman.toml").write_bytes(b"# caf\xe9\n")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load("", None, str(tmp_path), {}, "/data")


@pytest.mark.parametrize(
    "text",
    [
        "output_limit = 0",
        "output_limit = 1",
        "timeout = 2592000",
        "function_timeout = 9999999999",
        "timeout = 1e300",
        "grace = 1e300",
        "lock_timeout = 1e300",
    ],
)
def test_legal_settings_of_any_size_work(shop: Project, text: str) -> None:
    shop.write("hookman.toml", f"{text}\n")
    shop.script("up.pre", "a.sh", "echo script >>trace; echo shown")
    shop.hooks_sh("hook_pre_up() { echo function >>trace; echo shown; }\n")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), result.err.count("shown")) == (0, ["script", "function"], 2), result


def test_brackets_without_end_are_a_clear_error(shop: Project) -> None:
    shop.write("hookman.toml", f"skip = {'[' * 5000}\n")
    shop.script("up.pre", "a.sh", "echo script >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (78, [], [])
    assert "hookman.toml: values are nested too deeply" in result.err
