"""hookman run --context … db:export: the database on that engine, or a clear error (issue 18)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookman.database import dumps
from tests.support.box import Box, Project, Result
from tests.support.contexts import create_context
from tests.support.engine import engine_variable
from tests.support.services import Postgres

UNREACHED = "the engine can't be reached"


@pytest.fixture
def service(real_box: Box) -> Iterator[Postgres]:
    with tempfile.TemporaryDirectory(prefix="hookman-db-") as folder:
        service = Postgres(real_box, folder)
        yield service
        service.project.compose("down", "--skip-hooks", "-t", "0")


def test_it_is_the_database_in_the_container_on_that_engine(service: Postgres) -> None:
    service.start()
    box, shop = service.project.box, service.project
    for name, host in (("one", engine_variable("DOCKER_HOST")), ("gone", "unix:///nowhere.sock")):
        create_context(box, name, host)
    words = ("run", "--context", "gone,one", shop.path.name)
    exported = box.hookman(*words, "db:export", DOCKER_HOST="unix:///nowhere.sock")
    assert (exported.code, exported.err.count(UNREACHED)) == (1, 1), exported
    (dump,) = shop.path.glob("shop_*.sql")
    assert "COPY public.things" in dump.read_text()
    assert [(run["command"], run["context"], run["result"]) for run in box.runs()[-2:]] == [
        ("db_export", "gone", "failed"),
        ("db_export", "one", "ok"),
    ]
    service.sql("UPDATE things SET name = 'b'")
    refused = box.hookman(*words, "db:import")
    assert refused.code == 2
    assert (
        "on gone: the newest dump may be of another engine. Fix: name the file, or one engine: --context" in refused.err
    )
    assert box.hookman("run", "--context", "one", shop.path.name, "db:import", "--yes").code == 0
    assert service.sql("SELECT name FROM things") == "a"


class TestOnThisMachine:
    """A stack without DB_SERVICE, which needs no server for this."""

    @pytest.fixture
    def web(self, box: Box) -> Project:
        for name, host in (("edge-1", "ssh://edge-1"), ("edge-2", "ssh://edge-2"), ("here", "unix:///nowhere.sock")):
            create_context(box, name, host)
        return box.project("stacks/web")

    def run(self, web: Project, contexts: str, command: str) -> Result:
        return web.box.hookman("run", "--context", contexts, "web", command, "--dry-run", cwd=web.path.parent)

    @pytest.mark.parametrize("command", ["db:export", "db:import"])
    @pytest.mark.parametrize(
        "host", ["", "DB_HOST=localhost\n", "DB_HOST=127.0.0.1\n", "DB_URL=postgres://[::1]/shop\n"]
    )
    def test_a_server_on_this_machine_is_not_that_engine(self, web: Project, host: str, command: str) -> None:
        web.write(".env", f"DB_NAME=shop\n{host}")
        result = self.run(web, "edge-1", command)
        assert result.code == 2
        assert "which is this machine and not that engine. Fix: set DB_SERVICE" in result.err
        assert result.err.startswith("hookman: web on edge-1: its database is on ")

    def test_a_server_elsewhere_and_an_engine_on_this_machine_are_right(self, web: Project) -> None:
        web.write(".env", "DB_NAME=shop\nDB_HOST=db.example\n")
        shown = self.run(web, "edge-1", "db:export")
        assert (shown.code, "would dump shop" in shown.err, UNREACHED in shown.err) == (0, True, False)
        web.write(".env", "DB_NAME=shop\nDB_HOST=localhost\n")
        assert "is this machine" not in self.run(web, "here", "db:export").err

    def test_one_server_for_several_engines_is_an_error(self, web: Project) -> None:
        web.write(".env", "DB_NAME=shop\nDB_HOST=db.example\n")
        result = self.run(web, "edge-1,edge-2", "db:export")
        assert result.code == 2
        assert (
            "web on edge-1: its database is on db.example, the same for each engine. Fix: set DB_SERVICE" in result.err
        )

    def test_without_a_database_nothing_is_wrong(self, web: Project) -> None:
        assert "its database" not in self.run(web, "edge-1,edge-2", "db:export").err

    def test_old_dumps_are_removed_once(self, web: Project) -> None:
        web.write(".env", "DB_NAME=shop\nDB_HOST=localhost\n")
        for day in (1, 2):
            web.write(f"shop_2026010{day}_000000.sql", "")
        result = self.run(web, "edge-1,edge-2", "db:cleanup")
        assert (result.code, result.out.count("would remove")) == (0, 1)


@pytest.mark.parametrize("taken", ["shop.sql", ".shop.sql.hookman-part"])
def test_two_exports_never_take_one_name(tmp_path: Path, taken: str) -> None:
    (tmp_path / taken).write_text("theirs")
    with pytest.raises(dumps.TakenError), dumps.writing(str(tmp_path / "shop.sql")):
        pass
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {taken: "theirs"}
