"""hookman config: hookman.toml read and changed from the command line, and its JSON Schema."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookman.base.durations import seconds
from hookman.base.errors import ConfigError
from hookman.settings import hookman_toml, reading
from hookman.settings.schema import schema
from tests.support.box import Box, Project


def test_set_get_and_unset(shop: Project) -> None:
    for key, value in (("timeout", "900"), ("skip", "a.sh, hook_pre_up"), ("hooks.01-load.sh.timeout", "1.5")):
        assert shop.hookman("config", "set", key, value).code == 0
    assert shop.hookman("config", "get", "timeout").out == "900\n"
    assert shop.hookman("config", "get", "skip").out == '["a.sh", "hook_pre_up"]\n'
    assert shop.hookman("config", "get", "hooks.01-load.sh.timeout").out == "1.5\n"
    assert shop.hookman("config", "unset", "hooks.01-load.sh.timeout").code == 0
    assert shop.hookman("config", "get", "hooks.01-load.sh.timeout").code == 1
    assert shop.hookman("config", "unset", "timeout").code == 0
    assert shop.hookman("config", "get", "timeout").out == "300.0\n"
    assert (shop.path / "hookman.toml").read_text() == 'skip = [\n    "a.sh",\n    "hook_pre_up",\n]\n'


def test_the_projects_file_overrides_your_own(shop: Project) -> None:
    assert shop.hookman("config", "set", "--user", "grace", "1").code == 0
    assert shop.hookman("config", "set", "--user", "review", "true").code == 0
    assert shop.hookman("config", "set", "grace", "2").code == 0
    assert shop.hookman("config", "get", "grace").out == "2\n"
    assert shop.hookman("config", "get", "--user", "grace").out == "1\n"
    listed = shop.hookman("config", "list").out
    assert f"grace = 2    # {shop.path}/hookman.toml\n" in listed
    assert "timeout = 300.0\n" in listed
    assert f"review = true    # {shop.box.home}/.config/hookman/config.toml\n" in listed


@pytest.mark.parametrize("flags", [[], ["--user"]])
def test_notify_is_not_set_but_the_file_and_an_example_are_named(shop: Project, flags: list[str]) -> None:
    path = shop.box.home / ".config/hookman/config.toml" if flags else shop.path / "hookman.toml"
    result = shop.hookman("config", "set", *flags, "notify", "https://chat.example")
    assert result.code == 2
    said = [line.removeprefix("hookman: ") for line in result.err.splitlines()]
    assert said[0].endswith(f"Fix: write a [[notify]] table in {path}, such as:")
    assert not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(said[1:]) + "\n")
    assert shop.hookman("config", "get", "notify").out == '[{ url = "${SLACK_URL}", format = "slack" }]\n'
    assert shop.hookman("config", "unset", *flags, "notify").code == 0
    assert shop.hookman("config", "get", "notify").code == 1


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["set", "timeuot", "1"], 2, "Did you mean 'timeout'?"),
        (["set", "timeout", "soon"], 78, "must be a number of seconds"),
        (["set", "dotenv", "some"], 78, '"functions" or "all"'),
        (["set", "review", "true"], 78, "is for your own config.toml"),
        (["get", "hooks.a.sh.colour"], 2, "hooks.NAME.timeout"),
        (["set", "hooks", "1"], 2, "hooks is a table. Fix: write hooks.NAME.timeout"),
        (["set", "hooks.a", "1"], 2, "there is no setting 'hooks.a'. Fix: write hooks.NAME.timeout"),
        (["set", "hooks.a.sh.timeuot", "1"], 2, "Did you mean 'timeout'?"),
        (
            ["set", "hooks.a.sh.env.X", "1"],
            2,
            "Fix: hookman config set hooks.a.sh.env '{ X",
        ),
        (["set", "stacks.a", "edge"], 2, "Fix: hookman config set stacks.NAME.context CONTEXT"),
        (["set", "stacks", "edge"], 2, "Fix: hookman config set stacks.NAME.context CONTEXT"),
        (["set", "export", "http://x"], 2, "Fix: hookman config set export.otlp http://localhost:4318"),
        (["set", "export.otpl", "http://x"], 2, "Did you mean 'export.otlp'?"),
        (["set", "export.headers", "x"], 2, "Fix: hookman config set export.headers.Authorization 'Bearer ${TOKEN}'"),
        (["set", "notify.url", "http://x"], 2, "write it below [[notify]] in hookman.toml"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(shop: Project, words: list[str], code: int, says: str) -> None:
    result = shop.hookman("config", *words)
    assert result.code == code
    assert says in result.err
    assert sorted(path.name for path in shop.path.iterdir()) == ["compose.yaml"]


def test_unset_says_what_it_did_and_what_is_in_force_now(shop: Project) -> None:
    path = shop.path / "hookman.toml"
    assert shop.hookman("config", "set", "--user", "grace", "1").code == 0
    assert shop.hookman("config", "set", "grace", "2").code == 0
    removed = shop.hookman("config", "unset", "grace")
    assert (removed.code, removed.out) == (0, f"removed grace from {path}\nnow in force: grace = 1\n")
    again = shop.hookman("config", "unset", "grace")
    assert (again.code, again.out, again.err) == (1, "", f"hookman: grace is not set in {path}\n")
    shop.hookman("config", "set", "hooks.a.sh.timeout", "5m")
    assert "now in force: hooks.a.sh.timeout = that of all hooks\n" in (
        shop.hookman("config", "unset", "hooks.a.sh.timeout").out
    )


def test_the_list_as_json(shop: Project) -> None:
    shop.hookman("config", "set", "grace", "2")
    told = json.loads(shop.hookman("config", "list", "--json").out)
    assert told["version"] == 1
    assert told["settings"]["grace"] == {"value": 2, "file": f"{shop.path}/hookman.toml"}
    assert told["settings"]["timeout"] == {"value": 300, "file": None}


def test_a_negative_number_is_a_value_and_a_wrong_option_an_error(shop: Project) -> None:
    assert shop.hookman("config", "set", "hooks.x.priority", "-5", "--user").code == 0
    assert shop.hookman("config", "set", "timeout", "-5").err.startswith(
        f"hookman: {shop.path}/hookman.toml:1: timeout: "
    )
    assert "has no option --usr. Did you mean --user?" in shop.hookman("config", "set", "--usr", "grace", "1").err


def test_a_duration_is_kept_as_it_is_written(shop: Project) -> None:
    assert shop.hookman("config", "set", "timeout", "1h30m").code == 0
    assert shop.hookman("config", "set", "hooks.a.sh.timeout", "5m").code == 0
    assert shop.hookman("config", "set", "grace", "1").code == 0
    expected = 'timeout = "1h30m"\ngrace = 1\n\n[hooks."a.sh"]\ntimeout = "5m"\n'
    assert (shop.path / "hookman.toml").read_text() == expected
    assert shop.hookman("config", "get", "timeout").out == "5400.0\n"


def test_comments_are_kept_beside(shop: Project) -> None:
    shop.write("hookman.toml", "# why: the import is slow\ntimeout = 900\n")
    result = shop.hookman("config", "set", "grace", "1")
    assert f"{shop.path}/hookman.toml.bak" in result.err
    assert (shop.path / "hookman.toml.bak").read_text() == "# why: the import is slow\ntimeout = 900\n"
    assert (shop.path / "hookman.toml").read_text() == "timeout = 900\ngrace = 1\n"


DURATIONS = ("5m", "1h 30m", "5", "1.5s", ".5s", "1.2.3s", "h5", "5M", "-1", "1e3", "", "5m5m", "1ms2s", "1h30")
NAMES = st.sampled_from([*hookman_toml.KEYS, "timeuot"])
VALUES = st.one_of(
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.5, -0.5]),
    st.sampled_from(["warn", "all", "x", *DURATIONS]),
    st.lists(st.sampled_from(["output", "total", "x"]), max_size=2),
    st.just([1]),
)
HOOKS = st.dictionaries(
    st.sampled_from(["a.sh"]), st.dictionaries(st.sampled_from(["timeout", "skip", "x"]), VALUES, max_size=2)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
@given(document=st.dictionaries(NAMES, VALUES, max_size=2), hooks=st.none() | HOOKS)
def test_the_schema_allows_what_is_read_and_nothing_else(
    tmp_path: Path, document: dict[str, object], hooks: dict[str, dict[str, object]] | None
) -> None:
    import tomli_w

    document = {**document, **({} if hooks is None else {"hooks": hooks})}
    path = tmp_path / "hookman.toml"
    path.write_text(tomli_w.dumps(document))
    try:
        reading.read(str(path))
        is_read = True
    except ConfigError:
        is_read = False
    assert jsonschema.Draft202012Validator(schema()).is_valid(document) is is_read


def test_the_schema_in_docs_is_the_one_of_the_code(box: Box) -> None:
    printed = box.hookman("config", "schema").out
    assert json.loads(printed) == schema()
    assert (Path(__file__).parents[2] / "docs/hookman.schema.json").read_text() == printed


@pytest.mark.parametrize("text", DURATIONS)
def test_the_schema_allows_the_durations_that_are_read(tmp_path: Path, text: str) -> None:
    is_legal = seconds(text) is not None
    assert jsonschema.Draft202012Validator(schema()).is_valid({"timeout": text}) is is_legal


def test_the_schema_says_what_each_key_means_and_its_default() -> None:
    properties = schema()["properties"]
    assert [key for key, said in properties.items() if not said["description"].endswith(".")] == []
    assert properties["timeout"]["default"] == 300
    assert properties["grace"] == {
        "description": "The time between SIGTERM and SIGKILL when a hook is stopped. 0 kills it at once.",
        "type": ["number", "string"],
        "minimum": 0,
        "pattern": properties["timeout"]["pattern"],
        "default": 5,
    }


@pytest.mark.parametrize(
    ("key", "typed", "written"),
    [
        ("on", "up.post", 'on = "up.post"'),
        ("run", "123", 'run = "123"'),
        ("run", "echo 'a b'", "run = \"echo 'a b'\""),
        ("priority", "-5", "priority = -5"),
        ("skip", "true", "skip = true"),
        ("when", "{ ci = true }", "ci = true"),
        ("retry_on", "7,timeout", 'retry_on = [\n    7,\n    "timeout",\n]'),
        ("retry_on", "7", "retry_on = [\n    7,\n]"),
        ("retry_on", "timeout", 'retry_on = [\n    "timeout",\n]'),
        ("allow_failure", "3, 75", "allow_failure = [\n    3,\n    75,\n]"),
        ("allow_failure", "true", "allow_failure = true"),
        ("on", "up.post, restart.post", 'on = [\n    "up.post",\n    "restart.post",\n]'),
        ("sources", "a/*.sql,!a/x", 'sources = [\n    "a/*.sql",\n    "!a/x",\n]'),
        ("run", "echo a, b", 'run = "echo a, b"'),
    ],
)
def test_a_key_of_a_hook_is_written_as_the_type_that_it_has(shop: Project, key: str, typed: str, written: str) -> None:
    assert shop.hookman("config", "set", f"hooks.x.{key}", typed).code == 0
    assert written in (shop.path / "hookman.toml").read_text()


def test_a_wrong_table_is_not_taken_for_a_text(shop: Project) -> None:
    result = shop.hookman("config", "set", "hooks.x.when", "{ cii = true }")
    assert (result.code, "unknown key 'cii'" in result.err) == (78, True), result
    assert not (shop.path / "hookman.toml").exists()


def test_jobs_is_the_number_of_cores_unless_a_file_says_another(shop: Project) -> None:
    assert shop.hookman("config", "get", "jobs").out.strip() == str(len(os.sched_getaffinity(0)))
    assert shop.hookman("config", "set", "jobs", "3").code == 0
    assert shop.hookman("config", "get", "jobs").out.strip() == "3"


@pytest.mark.parametrize("own", [False, True])
def test_no_secret_in_the_table_of_a_hook_is_shown(shop: Project, own: bool) -> None:
    text = (
        '[hooks.x]\non = "up.pre"\nenv = {API_TOKEN = "literal-1", TIER = "gold"}\n'
        'run = ["curl", "-u", "me:literal-2"]\n'
        '[hooks.y]\non = "up.pre"\nrun = "DB_PASSWORD=literal-3 mysql -pliteral-4 literal-1"\n'
    )
    user = ("--user",) if own else ()
    if own:
        shop.box.user_settings(text)
    else:
        shop.write("hookman.toml", text)
    keys = [("get", *user, f"hooks.{key}") for key in ("x.env", "x.run", "y.run")]
    for args in (("list", *user), ("list", *user, "--json"), *keys):
        result = shop.hookman("config", *args)
        assert result.code == 0, result
        assert "literal-" not in result.out + result.err
    assert 'TIER = "gold"' in shop.hookman("config", "get", *user, "hooks.x.env").out
