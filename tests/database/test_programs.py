"""Which environment and which arguments a database's client programs get, and what of their words reaches the user."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.box import Box, Project, Result
from tests.support.databases import Server, dumps

# What loads code, other servers, other passwords or other files into a client.
LOADING = {
    "OPENSSL_CONF": "{evil}/openssl.cnf",
    "OPENSSL_MODULES": "{evil}",
    "OPENSSL_ENGINES": "{evil}",
    "LIBMYSQL_PLUGINS": "evil",
    "LIBMYSQL_PLUGIN_DIR": "{evil}",
    "MARIADB_PLUGIN_DIR": "{evil}",
    "MYSQL_HOME": "{evil}",
    "MYSQL_TEST_LOGIN_FILE": "{evil}/login",
    "MYSQL_UNIX_PORT": "{evil}/socket",
    "MYSQL_TCP_PORT": "1",
    "MYSQL_HOST": "evil.example",
    "MYSQL_PWD": "evil",
    "PGSERVICE": "evil",
    "PGSERVICEFILE": "{evil}/service",
    "PGSYSCONFDIR": "{evil}",
    "PGPASSFILE": "{evil}/pass",
    "PGPASSWORD": "evil",
    "PGHOST": "evil.example",
    "PGHOSTADDR": "192.0.2.1",
    "PGOPTIONS": "-c evil=1",
    "PGSSLKEY": "{evil}/key",
    "PGSSLROOTCERT": "{evil}/root",
    "PGKRBSRVNAME": "evil",
    "PGLOCALEDIR": "{evil}",
    "PSQLRC": "{evil}/psqlrc",
    "PSQL_PAGER": "{evil}/run",
    "PAGER": "{evil}/run",
    "EDITOR": "{evil}/run",
    "KRB5_CONFIG": "{evil}/krb5",
    "GSS_MECH_CONFIG": "{evil}/mech",
    "SASL_PATH": "{evil}",
    "PATH": "{evil}",
    "LD_PRELOAD": "{evil}/evil.so",
    "LD_LIBRARY_PATH": "{evil}",
    "LD_AUDIT": "{evil}/evil.so",
    "GCONV_PATH": "{evil}",
    "LOCPATH": "{evil}",
    "NLSPATH": "{evil}",
    "GZIP": "-1",
    "PERL5OPT": "-MEvil",
    "BASH_ENV": "{evil}/run",
    "ENV": "{evil}/run",
    "HOME": "{evil}",
    "TMPDIR": "{evil}",
    "SSLKEYLOGFILE": "{evil}/keys",
    "ANYTHING": "else",
}
CLIENTS = ("psql", "pg_dump", "mariadb", "mariadb-dump", "git")


def stand_ins(box: Box) -> Path:
    """A directory with clients that write down their environments and arguments, and do nothing."""
    folder = box.base / "clients"
    folder.mkdir()
    for name in CLIENTS:
        path = folder / name
        path.write_text(
            f"#!/bin/sh\ncat /proc/$$/environ >>{folder}/{name}.env\nprintf '%s\\n' \"$@\" >>{folder}/{name}.args\n"
        )
        path.chmod(0o755)
    return folder


def dotenv(folder: Path, **more: str) -> str:
    """A .env with all of LOADING, and with a database."""
    values = {name: value.format(evil=folder / "evil") for name, value in LOADING.items()}
    return "".join(
        f"{name}='{value}'\n" for name, value in ({"DB_NAME": "shop", "DB_PASSWORD": "own"} | values | more).items()
    )


def seen(folder: Path) -> dict[str, list[str]]:
    """The environments of the clients that ran."""
    return {path.stem: path.read_text().split("\0") for path in folder.glob("*.env")}


def is_clean(folder: Path, ran: set[str]) -> None:
    """Nothing of a .env of LOADING reached the programs that ran, which were these."""
    environs = seen(folder)
    assert set(environs) == ran
    for name, environ in environs.items():
        bad = [one for one in environ if "evil" in one or one in ("ANYTHING=else", "MYSQL_TCP_PORT=1", "GZIP=-1")]
        assert bad == [], name


class TestTheEnvironment:
    @pytest.mark.parametrize("enable", [True, False], ids=["enabled", "never enabled"])
    @pytest.mark.parametrize(("engine", "ran"), [("postgres", {"pg_dump"}), ("mariadb", {"mariadb-dump"})])
    def test_nothing_of_a_env_reaches_client_and_git(
        self, box: Box, engine: str, ran: set[str], *, enable: bool
    ) -> None:
        folder = stand_ins(box)
        project = box.project(enable=enable)
        (project.path / ".git").mkdir()
        project.write(".env", dotenv(project.path, DB_ENGINE=engine))
        result = project.hookman("db", "export", PATH=f"{folder}:{box.environ['PATH']}")
        assert result.code == 0, result
        is_clean(folder, {*ran, "git"})
        variable = {"postgres": "PGPASSWORD", "mariadb": "MYSQL_PWD"}[engine]
        (client,) = ran
        assert f"{variable}=own" in seen(folder)[client]
        assert f"{variable}=own" not in seen(folder)["git"]

    def test_nor_inside_a_hook_which_has_the_values_of_the_env_itself(self, box: Box) -> None:
        folder = stand_ins(box)
        project = box.project()
        project.write(".env", dotenv(project.path))
        project.hooks_sh("hook_pre_up() { env >hook-env; hookman db export; }\n")
        box.install()
        result = project.compose("up", PATH=f"{folder}:{box.environ['PATH']}")
        assert result.code == 0, result
        assert "DB_PASSWORD=own" in (project.path / "hook-env").read_text()
        is_clean(folder, {"pg_dump"})

    @pytest.mark.parametrize("enable", [True, False], ids=["enabled", "never enabled"])
    def test_nor_does_it_reach_compose_which_reads_that_file_itself(self, box: Box, *, enable: bool) -> None:
        project = box.project(enable=enable)
        project.write(".env", dotenv(project.path, DB_SERVICE="db", DB_ENGINE="postgres"))
        project.hookman("db", "export")
        assert [f"{name}={value}" for name, value in box.compose_environ().items() if "evil" in value] == []
        assert "own" not in box.compose_environ().values()

    @pytest.mark.parametrize("enable", [True, False], ids=["enabled", "never enabled"])
    def test_nor_of_the_roots_env(self, box: Box, *, enable: bool) -> None:
        folder = stand_ins(box)
        stack = box.project("stacks/one", enable=False)
        root = Project(box, box.base / "stacks")
        root.write(".env", dotenv(root.path))
        if enable:
            assert box.hookman("init", "--root", "--yes", "stacks").code == 0
        result = box.hookman("run", "--root", str(root.path), "*", "db:export", PATH=f"{folder}:{box.environ['PATH']}")
        assert result.code == 0, result
        is_clean(folder, {"pg_dump"})
        assert len(dumps(stack)) == 1

    def test_what_the_caller_and_functions_export_does(self, box: Box) -> None:
        folder = stand_ins(box)
        project = box.project()
        project.write(".env", "DB_NAME=shop\nPGSSLMODE=disable\nPGAPPNAME=dotenv\n")
        project.hooks_sh("hook_pre_db_export() { export PGHOST=hook.example PGAPPNAME=hook; }\n")
        path = f"{folder}:{box.environ['PATH']}"
        result = project.hookman("db", "export", PATH=path, PGSSLMODE="require", PGSERVICEFILE="/mine")
        assert result.code == 0, result
        environ = seen(folder)["pg_dump"]
        for one in ("PGSSLMODE=require", "PGSERVICEFILE=/mine", "PGHOST=hook.example", "PGAPPNAME=hook"):
            assert one in environ

    def test_a_client_is_not_taken_from_a_relative_entry_of_path(self, box: Box) -> None:
        folder = stand_ins(box)
        project = box.project(enable=False)
        project.write(".env", "DB_NAME=shop\n")
        project.write("bin/pg_dump", "#!/bin/sh\ntouch ran\n", 0o755)
        project.write("pg_dump", "#!/bin/sh\ntouch ran\n", 0o755)
        result = project.hookman("db", "export", PATH=f"bin:./bin:.::{folder}:{box.environ['PATH']}")
        assert result.code == 0, result
        assert not (project.path / "ran").exists()
        assert "pg_dump" in seen(folder)

    def test_a_project_that_is_not_enabled_hears_first_which_database_is_meant(self, box: Box) -> None:
        folder = stand_ins(box)
        project = box.project(enable=False)
        project.write(".env", "DB_NAME=shop\nDB_HOST=db.example\nDB_PORT=5433\n")
        for flags in ([], ["--skip-hooks"]):
            result = project.hookman("db", "export", *flags, PATH=f"{folder}:{box.environ['PATH']}")
            assert "the database shop on db.example, port 5433" in result.err
            assert result.err.index("db.example") < result.err.index("exported")


class TestArguments:
    @pytest.mark.parametrize("engine", ["postgres", "mariadb"])
    @pytest.mark.parametrize(
        "value",
        ["--version", "-x", "--plugin-dir=/evil", "--defaults-file=/evil", "host=evil", "postgres://evil/x", "/evil"],
    )
    def test_a_value_is_never_an_option_of_its_own(self, box: Box, engine: str, value: str) -> None:
        folder = stand_ins(box)
        project = box.project(enable=False)
        project.write(".env", f"DB_NAME={value}\nDB_USER={value}\nDB_HOST={value}\nDB_ENGINE={engine}\n")
        result = project.hookman("db", "export", PATH=f"{folder}:{box.environ['PATH']}")
        assert result.code == 0, result
        (arguments,) = [path.read_text().splitlines() for path in folder.glob("*dump.args")]
        if engine == "mariadb":
            assert arguments[-2:] == ["--", value]
            assert {f"--user={value}", f"--host={value}"} < set(arguments)
            arguments = arguments[:-2]
        else:
            assert arguments[-1].startswith(f"--dbname=dbname='{value}' user='{value}' ")
        assert value not in arguments
        assert all(one.startswith("--") for one in arguments)

    def test_the_name_of_a_service_is_no_option_of_compose(self, box: Box) -> None:
        project = box.project(enable=False)
        project.write(".env", "DB_NAME=shop\nDB_SERVICE=--privileged\nDB_ENGINE=postgres\n")
        project.hookman("db", "export")
        assert "<exec><-T><--><--privileged><sh><-c>" in box.calls()[-1]

    @pytest.mark.parametrize(
        "name", ["host=127.0.0.1 dbname=postgres", "postgres://127.0.0.1/postgres", "-l", "--help"]
    )
    def test_a_database_of_that_very_name_is_meant(self, shop: Project, server: Server, name: str) -> None:
        server.sql(f'CREATE DATABASE "{name}"')
        server.sql("CREATE TABLE only_here (i int)", name)
        shop.write("new.sql", "CREATE TABLE new (i int);\n")
        exported = shop.hookman("db", "export", DB_NAME=name)
        assert exported.code == 0, exported
        assert "only_here" in dumps(shop)[-1].read_text() or "only_here" in dumps(shop)[0].read_text()
        assert shop.hookman("db", "import", "new.sql", DB_NAME=name).code == 0
        assert sorted(server.databases()) == sorted([name, "shop"])


class TestWhatAFailingClientSays:
    def fails(self, shop: Project, script: str) -> Result:
        """An import whose psql does `script` and fails when it is to load the dump."""
        folder = shop.box.base / "clients"
        folder.mkdir()
        psql = folder / "psql"
        psql.write_text(
            f'#!/bin/sh\ncase "$*" in *--file=-*) {script}; exit 3;; esac\nexec {shutil.which("psql")} "$@"\n'
        )
        psql.chmod(0o755)
        shop.write("new.sql", "CREATE TABLE new (i int);\n")
        result = shop.hookman("db", "import", "new.sql", PATH=f"{folder}:{shop.box.environ['PATH']}")
        assert result.code == 1, result
        return result

    def test_its_words_on_stdout_reach_the_user(self, shop: Project) -> None:
        assert "psql failed with exit code 3: the reason" in self.fails(shop, "echo the reason").err

    def test_its_first_and_last_lines_do_of_many(self, shop: Project) -> None:
        said = self.fails(shop, "seq 100000 >&2; echo the reason >&2").err
        assert "exit code 3: 1\nhookman: 2\nhookman: 3\nhookman: …\n" in said
        assert "\nhookman: the reason\n" in said
        assert len(said) < 2000

    def test_what_is_not_printable_is_escaped(self, shop: Project) -> None:
        said = self.fails(shop, r"printf 'a\033[2Jb\377\007\r\n' >&2").err
        assert "a\\x1b[2Jb" in said
        assert "\x1b" not in said

    def test_the_reason_of_a_real_server_reaches_the_user(self, shop: Project) -> None:
        broken = shop.write(
            "broken.sql", "DO $$ BEGIN FOR i IN 1..50 LOOP RAISE NOTICE 'n'; END LOOP; END $$;\nnonsense;\n"
        )
        result = shop.hookman("db", "import", broken)
        assert result.code == 1
        assert 'syntax error at or near "nonsense"' in result.err
