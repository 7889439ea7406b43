"""Wherever a secret comes from, it is nowhere in what hookman writes: one table of sources, all places at once."""

from __future__ import annotations

import stat
import subprocess
import sys

import pytest

from hookman.base.redact import MASK
from tests.support.box import PATIENCE, Project, Result
from tests.support.secrets import SECRET, leaks, up, written
from tests.support.waiting import let_go

PEM_LINES = ["Zq7xW2vNk9Lp0000AAAA", "BBBBZq7xW2vNk9Lp1111"]
# What the hooks do with $S: print it in one piece, and in two with something of the other stream between them.
PRINT = """
    echo "out $S"
    printf '%s\\r\\n' "crlf $S" >&2
    echo "err $S" >&2
"""
PRINT_SPLIT = """
    printf %s "${S%??????}"; echo between >&2; sleep 0.01; echo "${S#??????}"
"""


def assert_masked(project: Project, result: Result) -> None:
    """Nothing of it is written anywhere, and the hook's output is there with a mask in it."""
    assert leaks(project.box, result) == []
    assert any(MASK in data for path, data in written(project.box).items() if "output" in path.parts)


@pytest.mark.parametrize("end", ["return 1", "exit 0", "false; exit 3"])
def test_what_a_function_exported_before_it_failed_is_masked_in_what_it_printed(shop: Project, end: str) -> None:
    shop.hooks_sh(f"hook_pre_up() {{ S={SECRET}\n{PRINT}\nexport DB_URL=redis://:$S@cache; {end}; }}\n")
    assert_masked(shop, up(shop))


FROM_DOTENV = {
    "password": f"DB_PASSWORD={SECRET}\n",
    "pass": f"DB_PASS='{SECRET}'\n",
    "dsn": f"SENTRY_DSN={SECRET}\n",
    "webhook": f"SLACK_WEBHOOK_URL={SECRET}\n",
    "url": f"DB_URL=postgres://shop:{SECRET}@db/shop\n",
    "url with a token": f"REMOTE=https://{SECRET}@example.com/a\n",
    "named by the config": f"MY_PIN={SECRET}\n",
    "field of another value": f'SETTINGS={{"token": "{SECRET}"}}\n',
}


@pytest.mark.parametrize("text", FROM_DOTENV.values(), ids=FROM_DOTENV.keys())
def test_a_secret_in_the_dotenv_is_written_nowhere(shop: Project, text: str) -> None:
    shop.write(".env", text)
    shop.write("hookman.toml", 'redact = ["my_pin"]\n')
    shop.script("up.pre", "a.sh", f"S={SECRET}\n{PRINT}{PRINT_SPLIT}\nexit 1")
    assert_masked(shop, up(shop))


def test_a_secret_in_the_environment_is_written_nowhere(shop: Project) -> None:
    shop.script("up.pre", "a.sh", f"S=$API_TOKEN\n{PRINT}{PRINT_SPLIT}\nexit 1")
    assert_masked(shop, shop.compose("up", "-d", API_TOKEN=SECRET))


def test_what_a_function_exports_is_masked_also_where_it_was_printed_before(shop: Project) -> None:
    shop.script("up.pre", "a.sh", f"S={SECRET}\n{PRINT}")
    shop.hooks_sh(f"hook_pre_up() {{ S={SECRET}\n{PRINT}\nexport DB_PASSWORD=$S; }}\n")
    shop.script("up.post", "b.sh", f"S={SECRET}\n{PRINT}\nexit 1")
    result = up(shop)
    assert "b.sh" in result.err
    assert_masked(shop, result)


@pytest.mark.parametrize(
    "line", [f"DB_PASSWORD={SECRET}", f"export DB_PASSWORD='{SECRET}'", f"BROKEN=${{\nA_TOKEN={SECRET}"]
)
def test_what_a_hook_writes_into_the_dotenv_is_masked_also_where_it_was_printed_before(
    shop: Project, line: str
) -> None:
    shop.write("line", f"{line}\n")
    shop.script("up.pre", "a.sh", f"S={SECRET}\n{PRINT}\ncat line >>.env\n{PRINT}{PRINT_SPLIT}\nexit 1")
    assert_masked(shop, up(shop))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_secret_of_several_lines_is_masked_by_line(shop: Project, end: str) -> None:
    shop.write(".env", f'TLS_KEY="{end.join(PEM_LINES)}"\n')
    shop.script("up.pre", "a.sh", "".join(f"echo {line}; echo {line} >&2\n" for line in PEM_LINES) + "exit 1")
    assert_masked(shop, up(shop))


def test_half_a_secret_that_the_limit_of_the_output_leaves_is_masked(shop: Project) -> None:
    shop.write("hookman.toml", "output_limit = 100\n")
    print_it = "printf '%042d%s' 0 $S; seq 1000; printf '%s%042d' $S 0"
    shop.hooks_sh(f"hook_pre_up() {{ S={SECRET}\n{print_it}\nexport A_TOKEN=$S; }}\n")
    assert_masked(shop, up(shop))


@pytest.mark.parametrize("after", [4085, 4090, 4093])
def test_half_a_secret_at_the_beginning_of_a_failure_s_message_is_masked(shop: Project, after: int) -> None:
    shop.write(".env", f"A_TOKEN={SECRET}\n")
    shop.script("up.pre", "a.sh", f"printf {SECRET} >&2; head -c {after} /dev/zero | tr '\\0' x >&2; exit 1")
    result = up(shop)
    assert 'Hook "a.sh" failed' in result.err
    assert_masked(shop, result)


COMMAND_LINES = [
    ["run", "-e", f"DB_PASSWORD={SECRET}", "web"],
    ["run", f"-eDB_PASSWORD={SECRET}", "web"],
    ["run", f"--env=DB_URL=postgres://a:{SECRET}@db/a", "web"],
    ["build", "--build-arg", f"NPM_TOKEN={SECRET}"],
    ["build", f"--build-arg=NPM_TOKEN={SECRET}"],
    ["exec", "web", "login", "--password", SECRET],
    ["exec", "web", "sh", "-c", f"mysql -p{SECRET}"],
    ["run", "web", "git", "clone", f"https://{SECRET}@example.com/a"],
]


@pytest.mark.parametrize("argv", COMMAND_LINES, ids=map(" ".join, COMMAND_LINES))
def test_a_secret_on_the_command_line_is_written_nowhere_and_reaches_compose(shop: Project, argv: list[str]) -> None:
    shop.script(f"{argv[0]}.post", "a.sh", f"S={SECRET}\n{PRINT}\nexit 1")
    result = shop.compose(*argv)
    assert SECRET in shop.box.calls()[-1]
    assert_masked(shop, result)
    assert SECRET not in shop.hookman("explain", "--json", "--", "docker", "compose", *argv).out


def test_a_secret_on_the_command_line_is_in_no_note_of_the_lock_and_no_waiting_line(
    shop: Project, holder: subprocess.Popen[bytes]
) -> None:
    waiter = shop.start("docker", "compose", "build", "--build-arg", f"A_TOKEN={SECRET}", stderr=subprocess.PIPE)
    assert waiter.stderr is not None
    waiter.stderr.readline()
    shown = shop.hookman("status", "--json")
    assert "A_TOKEN=***" in shown.out
    assert leaks(shop.box, shown) == []
    let_go(shop, holder)
    waiter.communicate(timeout=PATIENCE)


def test_a_bug_report_shows_no_secret_of_the_environment_the_command_line_or_the_dotenv(shop: Project) -> None:
    shop.write(".env", f"DB_PASSWORD={SECRET[::-1]}\n")
    shop.hooks_sh("hook_pre_up() { :; }\n")
    code = (
        "import os, sys, hookman.cli.hook_test as hook_test, hookman.cli as cli\n"
        "def broken(*_): raise RuntimeError(f'{sys.argv} {os.environ} ' + open('.env').read())\n"
        "hook_test._Runner = broken\ncli.main()\n"
    )
    argv = ["test", "-e", f"A_TOKEN={SECRET.lower()}", "hook_pre_up"]
    result = shop.box.run(sys.executable, "-c", code, *argv, cwd=shop.path, API_KEY=SECRET)
    (report,) = (shop.box.data / "reports").iterdir()
    assert str(report) in result.err
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert "arguments: ['test', '-e', 'A_TOKEN=***', 'hook_pre_up']" in report.read_text()
    assert "DB_PASSWORD=***" in report.read_text()
    assert not any(one in report.read_text() for one in (SECRET, SECRET[::-1], SECRET.lower()))


def test_of_a_key_of_more_lines_than_a_failure_repeats_no_line_is_shown(shop: Project) -> None:
    lines = [f"{number:02d}{SECRET}{number:02d}" for number in range(40)]
    text = "\n".join(lines)
    shop.write(".env", f'TLS_KEY="{text}"\n')
    shop.write("key", text)
    shop.script("up.pre", "a.sh", "cat key key key key key key >&2; cat key; exit 1")
    assert_masked(shop, up(shop))


def test_hookman_run_shows_no_secret_of_its_command_line(shop: Project) -> None:
    shop.script("run.pre", "a.sh", f"S={SECRET}\n{PRINT}\nexit 1")
    words = [
        "run",
        "--root",
        ".",
        "-e",
        f"A_TOKEN={SECRET}",
        "shop",
        "run",
        "-e",
        "A_TOKEN",
        "-e",
        f"B_KEY={SECRET}",
        "web",
    ]
    for more in ([], ["--dry-run"]):
        result = shop.box.hookman(*words, *more)
        assert SECRET not in result.out
        assert leaks(shop.box, result) == []


def test_the_report_page_is_for_its_user_alone_also_where_another_lay_open(shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo hello")
    up(shop)
    page = shop.write("page.html", "open to all\n")
    assert shop.hookman("log", "--report", "page.html").code == 0
    assert "hello" in page.read_text()
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_an_error_in_the_dotenv_names_the_line_and_the_variable_and_shows_nothing_of_the_value(shop: Project) -> None:
    shop.write(".env", f"A=1\nDB_PASSWORD={SECRET}${{b\n")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = up(shop)
    assert (result.code, shop.trace()) == (78, [])
    assert f"{shop.path}/.env:2: DB_PASSWORD: " in result.err
    assert SECRET not in result.err


def test_hookman_test_env_shows_no_value_of_a_variable_that_looks_secret_however_short(shop: Project) -> None:
    shop.write(".env", f"A_TOKEN=abc\nDB_URL=postgres://a:{SECRET}@db/a\nPLAIN=here\n")
    shop.hooks_sh("hook_pre_up() { :; }\n")
    shown = shop.hookman("test", "--env", "hook_pre_up").out
    assert "A_TOKEN=***\n" in shown
    assert "DB_URL=postgres://a:***@db/a\n" in shown
    assert "PLAIN=here\n" in shown


def test_the_name_and_place_of_a_project_stay_readable_where_a_password_is_the_same_word(shop: Project) -> None:
    shop.write(".env", "DB_PASSWORD=shop\n")
    shop.script("up.pre", "a.sh", "echo ran")
    up(shop)
    (run,) = shop.box.runs()
    assert (run["name"], run["project"]) == ("shop", str(shop.path))


def test_a_secret_that_hooks_do_not_get_is_masked_where_one_prints_the_file(shop: Project) -> None:
    shop.write(".env", "NPM_CONFIG__AUTHTOKEN=Zq3abcdef\nHOOKMAN_X_SECRET=Zq4abcdef\n")
    shop.hooks_sh("hook_pre_up() { cat .env; }\n")
    assert shop.compose("up", "-d").code == 0
    written = b"".join(path.read_bytes() for path in shop.box.data.rglob("*") if path.is_file())
    assert b"AUTHTOKEN" in written
    assert (b"Zq3abcdef" in written, b"Zq4abcdef" in written) == (False, False)


def test_passwords_with_quotes_in_urls_and_pwd_fields_are_masked(shop: Project) -> None:
    line = ("exec", "web", "x", "pg://u:Zq59'passw9@h/db", "Server=h;Uid=a;Pwd=Zq91pwdx;")
    shop.script("exec.pre", "a.sh")
    shop.compose(*line)
    written = b"".join(path.read_bytes() for path in shop.box.data.rglob("*") if path.is_file())
    assert b"Uid=a" in written
    assert (b"Zq59" in written, b"Zq91" in written) == (False, False)
