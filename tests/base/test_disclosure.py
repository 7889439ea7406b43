"""What counts as a secret, and in which forms it is masked."""

from __future__ import annotations

import json
import shlex
import subprocess
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.base.disclosure import WORDS, in_arguments, in_variables, looks_secret
from hookman.base.redact import Redactor

PEM = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nQ==\n-----END KEY-----\n"


def masked(name: str, value: str, text: str) -> str:
    redactor = Redactor()
    redactor.learn({name: value})
    return redactor.shown(text)


@pytest.mark.parametrize(
    "name",
    [
        *("DB_PASSWORD", "db_password", "PASSWD", "KEY_PASSPHRASE", "DB_PASS", "MYSQL_PWD", "API_KEY", "GITHUB_TOKEN"),
        *("AWS_SECRET", "X_CREDENTIALS", "PRIVATE_ID", "BASIC_AUTH", "SENTRY_DSN", "SLACK_WEBHOOK_URL"),
    ],
)
def test_secret_looking_names(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOME", "PWD", "OLDPWD", "SSH_AUTH_SOCK", "COMPOSE_FILE", "USER", "XAUTHORITY", "TLSKEY"),
        *("SSH_ASKPASS", "SUDO_ASKPASS", "GIT_ASKPASS", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"),
    ],
)
def test_names_that_look_like_no_secret(name: str) -> None:
    assert not looks_secret(name)


def test_the_config_can_name_more() -> None:
    assert looks_secret("MY_PIN", ["my_pin"])
    assert not looks_secret("MY_PIN", [""])


@pytest.mark.parametrize("value", ["abc", "true", "False", "none", "localhost", "/tmp"])
def test_what_is_too_short_or_too_common_or_a_directory_is_left_alone(value: str) -> None:
    assert masked("A_TOKEN", value, f"a {value} b") == f"a {value} b"


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        ("postgres://shop:hunter22@db/shop", ["hunter22"]),
        ("postgres://shop:hunt%2F%40r@db/shop", ["hunt%2F%40r", "hunt/@r"]),
        ("postgres://shop:p@ss:word@db:5432/shop?x=1", ["p@ss:word"]),
        ("postgres://shop:pa/ss#w?rd@db/shop", ["pa/ss#w?rd"]),
        ("mongodb://a:first1@one,b,mongodb://c:second2@two", ["first1", "second2"]),
        ("https://ghp_token@github.com/a/b.git", ["ghp_token"]),
        ("https://ghp_token:x-oauth-basic@github.com/a/b", ["ghp_token", "x-oauth-basic"]),
        ("redis://:hunter22@cache", ["hunter22"]),
        ("postgres://shop@db/shop?password=hunter22&sslmode=off", ["hunter22"]),
        ("host=db password=hunter22 user=shop", ["hunter22"]),
        ("Server=db;Password=hunter22;User=shop", ["hunter22"]),
        ('{"password": "hunter 22", "a": 1}', ["hunter 22"]),
        ("-Xmx1g -Djavax.net.ssl.keyStorePassword=changeit", ["changeit"]),
        ("https://registry.example:5000/@scope/package", []),
        ("ssh://git@github.com/a/b", []),
        ("postgres://shop@db/shop", []),
        ("no secret at all", []),
    ],
)
def test_secrets_inside_the_value_of_any_variable(value: str, secrets: list[str]) -> None:
    assert sorted({*in_variables({"DB_URL": value})}) == sorted(secrets)


@pytest.mark.parametrize(
    ("argv", "secret"),
    [
        (["run", "-e", "DB_PASSWORD=hunter22", "web"], "hunter22"),
        (["run", "-eDB_PASSWORD=hunter22", "web"], "hunter22"),
        (["run", "--env", "DB_PASSWORD=hunter 22;x", "web"], "hunter 22;x"),
        (["run", "--env=DB_PASSWORD=hunter=22", "web"], "hunter=22"),
        (["build", "--build-arg", "NPM_TOKEN=hunter22"], "hunter22"),
        (["build", "--build-arg=NPM_TOKEN=hunter22"], "hunter22"),
        (["exec", "web", "login", "--token", "hunter22"], "hunter22"),
        (["exec", "web", "login", "--password=hunter22"], "hunter22"),
        (["exec", "web", "sh", "-c", "PGPASSWORD='hunter 22' psql"], "hunter 22"),
        (["exec", "web", "sh", "-c", "mysql -uroot -phunter22 shop"], "hunter22"),
        (["exec", "db", "mysqldump", "-phunter22", "shop"], "hunter22"),
        (["exec", "web", "sh", "-c", "mysql -p'hunter22' shop"], "hunter22"),
        (["exec", "cache", "redis-cli", "-a", "hunter22"], "hunter22"),
        (["exec", "db", "mongosh", "-u", "root", "-p", "hunter22"], "hunter22"),
        (["exec", "web", "curl", "-u", "user:hunter22", "host"], "hunter22"),
        (["exec", "db", "psql", "-c", "ALTER ROLE a WITH PASSWORD 'hunter22';"], "hunter22"),
        (["exec", "web", "curl", "-H", "Authorization: Bearer hunter22"], "hunter22"),
        (["run", "web", "git", "clone", "https://hunter22@github.com/a/b"], "hunter22"),
        (["run", "-e", "DB_URL=postgres://a:hunter22@db/a"], "hunter22"),
    ],
)
def test_secrets_on_a_command_line(argv: list[str], secret: str) -> None:
    assert secret in [*in_arguments(argv)]


@pytest.mark.parametrize(
    "argv",
    [
        ["run", "-v", "./keys:/keys", "-p", "8080:80", "web", "ls"],
        ["-f", "compose.mysql.yaml", "-p", "shop", "up", "-d"],
        ["exec", "db", "mysql", "-p", "shop"],
        ["run", "-e", "TAG=latest", "-e", "DB_PASSWORD", "web"],
    ],
)
def test_what_is_no_secret_on_a_command_line(argv: list[str]) -> None:
    assert [*filter(None, in_arguments(argv))] == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\\n", "\n    "])
def test_a_value_of_several_lines_is_masked_line_by_line_whatever_ends_them(end: str) -> None:
    printed = masked("TLS_KEY", PEM, PEM.replace("\n", end))
    assert "MIIE" not in printed
    assert "hkiG" not in printed
    assert masked("TLS_KEY", PEM.replace("\n", "\\n"), PEM) == printed or "MIIE" not in printed


@given(st.text(min_size=4, max_size=30).filter(lambda text: len(text.strip().encode("utf-8", "ignore")) >= 8))
def test_a_secret_is_masked_in_the_forms_that_json_shells_python_and_urls_give_it(value: str) -> None:
    value = value.strip()
    forms = [value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]]
    in_shell = shlex.quote(value)
    forms += [in_shell if in_shell == value else in_shell[1:-1], quote(value, safe="")]
    for form in forms:
        if len(value.splitlines()) == 1:
            assert form not in masked("A_TOKEN", value, f"<{form}>")


def test_a_secret_is_masked_in_the_forms_that_bash_gives_it() -> None:
    value = 'it\'s $1 "odd" & a\\b'
    script = 'printf \'%q\\n\' "$A_TOKEN"; set -x; : "$A_TOKEN"'
    done = subprocess.run(["bash", "-c", script], env={"A_TOKEN": value}, capture_output=True, check=True, text=True)
    printed = masked("A_TOKEN", value, done.stdout + done.stderr)
    assert "odd" not in printed


ODD = st.text(st.characters(codec=None) | st.sampled_from("=:@/%'\" \\-$&;\n\0")).map(
    lambda text: text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape")
)


@given(st.dictionaries(st.sampled_from(["A_KEY", "DB_URL", "X"]), ODD), st.lists(ODD | st.just("--password")), ODD)
def test_whatever_stands_in_an_environment_a_dotenv_or_a_command_line_can_be_learned(
    environ: dict[str, str], argv: list[str], text: str
) -> None:
    redactor = Redactor()
    redactor.learn(environ)
    redactor.learn_arguments(argv)
    redactor.learn_text(f"{text}\npassword={text}\nurl=http://{text}@x:'{text}")
    assert all(len(secret) >= 4 for secret in redactor.secrets)


EACH_WORD = ("PASS", "PWD", "SECRET", "TOKEN", "KEY", "CREDENTIAL", "PRIVATE", "AUTH", "DSN", "WEBHOOK")


@pytest.mark.parametrize("word", EACH_WORD)
def test_a_name_with_one_of_these_words_in_it_looks_secret(word: str) -> None:
    assert (looks_secret(f"A_{word}_B"), looks_secret(f"a{word.lower()}b")) == (True, True)


def test_the_list_of_these_words_is_complete() -> None:
    assert EACH_WORD == WORDS
