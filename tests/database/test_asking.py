"""What replaces or deletes data that nobody named is asked about before anything runs (CONTRACT C92, C94)."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.support.box import BIN, Box, Project
from tests.support.databases import Server, things
from tests.support.terminal import Terminal

HOOKS = "hook_pre_db_import() { echo pre >>trace; }\n"
SQL = "CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, 'new');\n"
OLD = "shop_20260101_000000.sql"
NEW = "shop_20260102_000000.sql"


def at_terminal(project: Project, *args: str) -> Terminal:
    return Terminal(project, str(BIN / "hookman"), *args)


def aged(path: Path, seconds: float) -> Path:
    os.utime(path, (time.time() - seconds,) * 2)
    return path


@pytest.fixture
def dumped(shop: Project) -> Project:
    """The project `shop`, with two dumps, and a seed that is none."""
    aged(shop.write(OLD, "nonsense;\n"), 86400 * 9)
    aged(shop.write(NEW, SQL), 7200)
    shop.write("shop_seed.sql", "nonsense;\n")
    shop.hooks_sh(HOOKS)
    return shop


class TestAtATerminal:
    @pytest.mark.parametrize(("answer", "code", "what"), [(b"y", 0, "new"), (b"n", 1, "ü,b"), (b"", 1, "ü,b")])
    def test_an_import_without_a_file_names_file_size_age_database_and_server(
        self, dumped: Project, server: Server, answer: bytes, code: int, what: str
    ) -> None:
        terminal = at_terminal(dumped, "db", "import")
        terminal.expect(b"do that? [y/N] ")
        said = terminal.seen.decode()
        assert f"replace the database shop on 127.0.0.1, port {server.port}" in said
        assert f"with the dump {dumped.path / NEW} ({len(SQL)} B, 2 hours old)" in said
        assert dumped.trace() == []
        terminal.type(answer + b"\r")
        assert terminal.wait() == code, terminal.seen
        assert (things(server), dumped.trace()) == (what, ["pre"] if answer == b"y" else [])

    def test_an_import_in_place_says_that_it_drops_first(self, dumped: Project, server: Server) -> None:
        terminal = at_terminal(dumped, "db", "import", NEW, "--in-place")
        terminal.expect(b"in place: everything in it is dropped first")
        terminal.type(b"n\r")
        assert (terminal.wait(), things(server)) == (1, "ü,b")

    def test_a_file_that_is_named_asks_nothing(self, dumped: Project, server: Server) -> None:
        terminal = at_terminal(dumped, "db", "import", NEW)
        assert (terminal.wait(), things(server)) == (0, "new"), terminal.seen

    @pytest.mark.parametrize("flags", [[], [NEW, "--in-place"]])
    @pytest.mark.parametrize("text", ["\\! touch ran\n", "-- only a comment\n"])
    def test_a_dump_that_is_refused_is_not_asked_about(
        self, dumped: Project, server: Server, flags: list[str], text: str
    ) -> None:
        dumped.write(NEW, text)
        terminal = at_terminal(dumped, "db", "import", *flags)
        assert terminal.wait() == 1, terminal.seen
        assert NEW.encode() in terminal.seen
        assert b"[y/N]" not in terminal.seen
        assert (things(server), dumped.trace()) == ("ü,b", [])

    @pytest.mark.parametrize("answer", [b"y", b"n"])
    def test_a_cleanup_names_every_file_it_would_delete(self, dumped: Project, answer: bytes) -> None:
        terminal = at_terminal(dumped, "db", "cleanup")
        terminal.expect(b"do that? [y/N] ")
        assert f"{dumped.path / OLD} (10 B, 9 days old)".encode() in terminal.seen
        assert NEW.encode() not in terminal.seen
        assert b"the database shop on 127.0.0.1" in terminal.seen
        terminal.type(answer + b"\r")
        assert terminal.wait() == (0 if answer == b"y" else 1)
        assert (dumped.path / OLD).exists() == (answer == b"n")
        assert (dumped.path / "shop_seed.sql").exists()

    def test_a_cleanup_with_nothing_to_delete_asks_nothing(self, dumped: Project) -> None:
        assert at_terminal(dumped, "db", "cleanup", "--keep", "2").wait() == 0

    def test_control_c_at_the_question_changes_nothing(self, dumped: Project, server: Server) -> None:
        terminal = at_terminal(dumped, "db", "import")
        terminal.expect(b"[y/N] ")
        terminal.type(b"\x03")
        assert (terminal.wait(), things(server), dumped.trace()) == (130, "ü,b", [])

    def test_a_pre_hook_that_makes_it_another_database_stops_what_was_agreed_to(
        self, dumped: Project, server: Server
    ) -> None:
        server.sql("CREATE DATABASE other")
        dumped.hooks_sh("hook_pre_db_import() { export DB_NAME=other; }\n")
        terminal = at_terminal(dumped, "db", "import")
        terminal.expect(b"[y/N] ")
        terminal.type(b"y\r")
        assert terminal.wait() == 1
        assert b"you were asked about the database shop" in terminal.seen
        assert (things(server), server.sql("SELECT count(*) FROM pg_tables WHERE tablename = 'things'", "other")) == (
            "ü,b",
            "0",
        )

    def test_names_of_a_clone_reach_the_terminal_escaped(self, box: Box) -> None:
        project = box.project(enable=False)
        project.write(".env", 'DB_NAME="a\x1b]0;x"\nDB_HOST="h\x1b[2J"\n')
        for number in (1, 2):
            (project.path / f"a\x1b]0;x_2026010{number}_000000.sql").write_text(SQL)
        terminal = at_terminal(project, "db", "cleanup")
        terminal.expect(b"[y/N] ")
        assert b"\x1b" not in terminal.seen
        terminal.type(b"n\r")
        assert terminal.wait() == 1


class TestWithoutATerminal:
    @pytest.mark.parametrize(
        "args", [["import"], ["import", NEW, "--in-place"], ["cleanup"], ["cleanup", "--keep", "1"]]
    )
    def test_it_stops_before_any_hook_and_says_what_to_type(
        self, dumped: Project, server: Server, args: list[str]
    ) -> None:
        result = dumped.hookman("db", *args)
        assert (result.code, result.out, dumped.trace(), things(server)) == (2, "", [], "ü,b")
        assert f"hookman db {args[0]}" in result.err
        assert "--yes" in result.err
        assert "no terminal to ask" in result.err
        assert (dumped.path / OLD).exists()

    def test_yes_answers_for_scripts(self, dumped: Project, server: Server) -> None:
        imported = dumped.hookman("db", "import", "--yes")
        assert (imported.code, things(server)) == (0, "new"), imported
        cleaned = dumped.hookman("db", "cleanup", "--yes")
        assert (cleaned.code, cleaned.out) == (0, f"removed  {dumped.path / OLD}\n"), cleaned
        assert (dumped.path / "shop_seed.sql").exists()

    def test_an_answer_from_a_pipe_is_none(self, dumped: Project, server: Server) -> None:
        result = dumped.box.run(BIN / "hookman", "db", "import", cwd=dumped.path, stdin=b"y\n")
        assert (result.code, things(server)) == (2, "ü,b")

    def test_without_a_database_the_hook_runs_unasked(self, box: Box) -> None:
        project = box.project()
        project.hooks_sh(HOOKS)
        assert (project.hookman("db", "import").code, project.trace()) == (0, ["pre"])

    def test_a_dry_run_asks_nothing(self, dumped: Project, server: Server) -> None:
        for command in ("import", "cleanup"):
            result = dumped.hookman("db", command, "--dry-run")
            assert (result.code, things(server)) == (0, "ü,b"), result
        assert (dumped.path / OLD).exists()


class TestOnManyStacks:
    @pytest.fixture
    def root(self, box: Box, server: Server, shop: Project) -> Project:
        """A root with the stacks `one` and `two`, which have databases and dumps, and `three`, which has none."""
        root = Project(box, box.base / "stacks")
        (root.path / ".env").write_text(
            "".join(line for line in (shop.path / ".env").read_text().splitlines(True) if "DB_NAME" not in line)
        )
        for name in ("one", "two", "three"):
            stack = box.project(f"stacks/{name}", enable=False)
            stack.hooks_sh(HOOKS)
            if name != "three":
                server.sql(f"CREATE DATABASE {name}")
                server.sql("CREATE TABLE things (id int, name text); INSERT INTO things VALUES (1, 'old')", name)
                stack.write(".env", f"DB_NAME={name}\n")
                aged(stack.write(f"{name}_20260101_000000.sql", SQL), 3600)
                aged(stack.write(f"{name}_20260102_000000.sql", SQL), 60)
        assert box.hookman("init", "--root", "--yes", "stacks").code == 0
        return root

    @pytest.mark.parametrize("jobs", [[], ["--jobs", "3"]])
    def test_one_question_lists_them_all(self, root: Project, server: Server, jobs: list[str]) -> None:
        terminal = at_terminal(root, "run", *jobs, "*", "db:import")
        terminal.expect(b"do that? [y/N] ")
        for name in ("one", "two"):
            assert f"replace the database {name} on 127.0.0.1".encode() in terminal.seen
            assert f"{name}_20260102_000000.sql".encode() in terminal.seen
        assert not (root.path / "three/trace").exists()
        terminal.type(b"y\r")
        assert terminal.wait() == 0, terminal.seen
        assert [things(server, name) for name in ("one", "two")] == ["new", "new"]
        assert terminal.seen.count(b"[y/N]") == 1

    def test_a_dump_that_is_refused_is_told_in_the_question(self, root: Project, server: Server) -> None:
        (root.path / "one/one_20260102_000000.sql").write_text("\\! touch ran\n")
        terminal = at_terminal(root, "run", "*", "db:import")
        terminal.expect(b"do that? [y/N] ")
        assert b"replace the database one" not in terminal.seen
        assert b"it will fail: " in terminal.seen
        assert b"replace the database two" in terminal.seen
        terminal.type(b"y\r")
        assert terminal.wait() != 0, terminal.seen
        assert [things(server, name) for name in ("one", "two")] == ["old", "new"]

    def test_a_no_runs_nothing_on_any(self, root: Project, server: Server) -> None:
        terminal = at_terminal(root, "run", "*", "db:import")
        terminal.expect(b"[y/N] ")
        terminal.type(b"n\r")
        assert terminal.wait() == 1
        assert [things(server, name) for name in ("one", "two")] == ["old", "old"]
        assert not any((root.path / name / "trace").exists() for name in ("one", "two", "three"))

    @pytest.mark.parametrize("command", ["db:import", "db:cleanup"])
    def test_without_a_terminal_it_stops_before_any_hook_of_any(
        self, root: Project, server: Server, command: str
    ) -> None:
        for argv in ((BIN / "hookman", "run", "*", command), (root.path / "kompose.sh", "*", command)):
            result = root.box.run(*argv, cwd=root.path)
            assert result.code == 2, result
            assert "hookman run" in result.err
            assert f"{command} --yes" in result.err
        assert [things(server, name) for name in ("one", "two")] == ["old", "old"]
        assert not any((root.path / name / "trace").exists() for name in ("one", "two", "three"))
        assert (root.path / "one/one_20260101_000000.sql").exists()

    def test_kompose_sh_passes_a_yes_on(self, root: Project, server: Server) -> None:
        for command in ("db:import", "db:cleanup"):
            result = root.box.run(root.path / "kompose.sh", "one,two", command, "--yes", cwd=root.path)
            assert result.code == 0, result
        assert [things(server, name) for name in ("one", "two")] == ["new", "new"]
        assert not (root.path / "two/two_20260101_000000.sql").exists()

    def test_what_they_do_not_ask_about_needs_no_yes(self, root: Project, server: Server) -> None:
        kompose = root.path / "kompose.sh"
        dump = root.path / "one/one_20260102_000000.sql"
        for words in (["one", "db:import", str(dump)], ["*", "db:cleanup", "--dry-run"], ["one", "db:export"]):
            result = root.box.run(kompose, *words, cwd=root.path)
            assert result.code in (0, 1 if "*" in words else 0), result
        assert things(server, "one") == "new"
