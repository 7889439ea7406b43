"""Real database servers: a PostgreSQL of the tests' own, and what is done to it and to MariaDB alike."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.box import BIN, PATIENCE, Project
from tests.support.ports import free_port

PASSWORD = "hunter 2 # x"  # noqa: S105 (of a server that lives as long as the tests)
PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)

KILLS = int(os.environ.get("HOOKMAN_KILLS", "4"))  # noqa: TID251 (how long the tests go on)
SIDE_BY_SIDE = min(4, -(-KILLS // 4))
KILLS_IN_A_ROW = 8
FAIR = KILLS // 8  # so often, at least, a kill must have come before the swap, and after it
# Comes before a client program on PATH, and kills hookman with all its processes at a call: the one with the number
# KILL_AT among those that do more than ask.
KILLER = """#!/bin/sh
case "$*" in *CREATE\\ * | *DROP\\ * | *RENAME\\ * | *--file=* | *--database=*)
    echo >>{calls}
    [ "$(wc -l <{calls})" != "$KILL_AT" ] || kill -9 "-$PPID" ;;
esac
exec {program} "$@"
"""


# What costs time and only helps a server that may lose its power.
HASTE = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0"


def folder(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """A directory for a server's files: in memory, where there is one."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    return tempfile.TemporaryDirectory(prefix=prefix, dir=memory, ignore_cleanup_errors=True)


class Server:
    """A PostgreSQL server of the tests' own, on a loopback port, that wants a password."""

    def __init__(self, base: Path) -> None:
        assert PROGRAMS is not None, "PostgreSQL is not installed: run the tests with scripts/test"
        self.base = base
        # The server refuses to run as root.
        is_root = os.geteuid() == 0
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if is_root else []
        if self.as_user:
            shutil.chown(base, "postgres", "postgres")
        secret = base / "secret"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.port = str(free_port())
        options = ["--auth=scram-sha-256", "--username=me", f"--pwfile={secret}", "--encoding=UTF8", "--no-sync"]
        self.run(PROGRAMS / "initdb", f"--pgdata={base}/data", *options)
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={base} {HASTE}"
        self.run(PROGRAMS / "pg_ctl", "start", "-w", "-D", base / "data", "-l", base / "log", "-o", settings)

    def run(self, *argv: str | Path) -> None:
        subprocess.run([*self.as_user, *argv], check=True, stdout=subprocess.DEVNULL, cwd=self.base)

    def stop(self) -> None:
        """Stop it."""
        assert PROGRAMS is not None
        self.run(PROGRAMS / "pg_ctl", "stop", "-m", "immediate", "-D", self.base / "data")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """What the server answers."""
        environ = {"PATH": os.defpath, "PGHOST": "127.0.0.1", "PGPORT": self.port, "PGUSER": "me"}
        environ["PGPASSWORD"] = PASSWORD
        connection = "dbname='" + database.replace("\\", "\\\\").replace("'", "\\'") + "'"
        assert PROGRAMS is not None
        # Debian's `psql` is a program in Perl that finds this one, and takes three times as long.
        argv = [
            str(PROGRAMS / "psql"),
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            connection,
            "-c",
            statement,
        ]
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def wait_until(self, is_there: str) -> None:
        """Wait until there is a row in `pg_stat_activity` for which the condition is true; the server looks."""
        self._wait(f"NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {is_there})")

    def wait_while(self, is_there: str) -> None:
        """Wait until there is no such row any more."""
        self._wait(f"EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {is_there})")

    def _wait(self, condition: str) -> None:
        wait = "PERFORM pg_sleep(0.01), pg_stat_clear_snapshot()"
        self.sql(f"DO $$ BEGIN WHILE {condition} LOOP {wait}; END LOOP; END $$")

    def databases(self) -> list[str]:
        """The names of all databases that are not the server's own."""
        names = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1"
        return self.sql(names).splitlines()


# All hooks of both commands, each of which says that it ran, and what it was given.
DB_HOOKS = """
hook_pre_db_export() { echo "pre_db_export [$*]" >>trace; }
hook_post_db_export() { echo "post_db_export [$*] $(test -s "$1" && echo there)" >>trace; }
hook_pre_db_import() { echo "pre_db_import [$*]" >>trace; }
hook_post_db_import() { echo "post_db_import [$*]" >>trace; }
"""


def things(server: Server, database: str = "shop") -> str:
    """The names of the things in the fixture `shop`'s database, in their order."""
    return server.sql("SELECT string_agg(name, ',' ORDER BY id) FROM things", database)


def kill_at_each_call(
    shop: Project, dump: Path, program: Path, reset: Callable[[str], object], state: Callable[[str], str]
) -> tuple[int, int]:
    """SIGKILL imports of `dump`: one as the client `program` is first told to do something, one the second time …

    The database is the old one up to a call, and the new one from then on. Returns in how many it was the old one, and
    in how many the new one. `reset` and `state` are those of `kill_imports`.
    """
    front = shop.path.with_name("front")
    calls = front / "calls"
    shop.write("../front/" + program.name, KILLER.format(calls=calls, program=program), 0o755)
    name = shop.path.name
    path = f"{front}:{shop.box.environ['PATH']}"
    seen: list[str] = []
    code = -signal.SIGKILL
    while code == -signal.SIGKILL:
        reset(name)
        calls.write_text("")
        argv = (BIN / "hookman", "db", "import", dump)
        at = str(len(seen) + 1)
        process = shop.start(*argv, own_group=True, DB_NAME=name, PGAPPNAME=name, PATH=path, KILL_AT=at)
        code = process.wait(PATIENCE)
        seen.append(state(name))
    assert code == 0
    old = seen.count(seen[0])
    assert seen == [seen[0]] * old + [seen[-1]] * (len(seen) - old)
    return old, len(seen) - 1 - old  # nobody killed the last one


def kill_imports(
    shop: Project, dump: Path, reset: Callable[[str], object], state: Callable[[str], str]
) -> Counter[str]:
    """Begin imports of `dump` and SIGKILL each at a random moment, KILLS or a few more. What was there then?

    They go into several databases at a time. `reset` makes the database of that name an old one
    again; `state` waits until the server has noticed that its client has gone, and says what is there.
    The moments are spread over the time that an import takes. That is measured again all the while,
    for the load of the machine changes. An import that ends before its moment does not count.
    It ends once KILLS were killed, and FAIR of them before and FAIR after the swap. There are few unless one asks
    for more, because `kill_at_each_call` kills in each phase.
    """
    seen: Counter[str] = Counter()

    def in_one(number: int) -> None:
        name = f"shop{number}"
        project = Project(shop.box, shop.path.with_name(name))
        shutil.copy(shop.path / ".env", project.path)
        moments = random.Random(number)  # noqa: S311 (any moments will do)

        def time_of_one(limit: float) -> float | None:
            """How long an import into an old database took; None if it was killed at the limit."""
            reset(name)
            began = time.monotonic()
            process = project.start(BIN / "hookman", "db", "import", dump, own_group=True, DB_NAME=name, PGAPPNAME=name)
            try:
                assert process.wait(limit) == 0
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                return None
            return time.monotonic() - began

        takes = 0.0
        kills = killed_in_a_row = 0
        for _ in range(6 * KILLS // SIDE_BY_SIDE):
            # If none has ended for long, imports may take longer now: this one is only measured.
            measured = not takes or killed_in_a_row == KILLS_IN_A_ROW
            # Every second one at about the end of an import, where the new database takes the old one's place.
            earliest = 0.1 if kills % 2 else 0.8 * takes
            took = time_of_one(PATIENCE if measured else moments.uniform(earliest, 1.3 * takes))
            if took is None:
                assert not measured, "an import did not end"
                kills += 1
                killed_in_a_row += 1
                seen[state(name)] += 1
            else:
                takes, killed_in_a_row = took, 0
            if kills >= KILLS // SIDE_BY_SIDE and (not FAIR or (len(seen) > 1 and min(seen.values()) >= FAIR)):
                break
        result = project.hookman("db", "import", dump, DB_NAME=name, PGAPPNAME=name)
        assert result.code == 0, result

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        list(pool.map(in_one, range(SIDE_BY_SIDE)))
    return seen


def imports_at_once(shop: Project, text: str, content: Callable[[], tuple[str, list[str]]]) -> tuple[int, int]:
    """Import two dumps into one database at the same time, from two checkouts with data directories of their own.

    As often as HOOKMAN_FAULTS says (2 times). The dumps are `text` with a and with b in it. After
    each round both imports have succeeded, and `content`, the thing's name and the databases, is that
    of one dump. Returns the number of rounds, and in how many one import met the other: it said that
    it waited.
    """
    rounds = int(os.environ.get("HOOKMAN_FAULTS", "2"))  # noqa: TID251 (how long the tests go on)
    met = 0
    checkouts = []
    for letter in "ab":
        project = Project(shop.box, shop.path.with_name(f"checkout-{letter}"))
        for name in (".env", "compose.yaml"):
            shutil.copy(shop.path / name, project.path)
        checkouts.append((project, project.write("dump.sql", text.format(letter)), str(project.path / "data")))
    for number in range(rounds):
        processes = [
            project.start(BIN / "hookman", "db", "import", dump, stderr=subprocess.PIPE, HOOKMAN_DATA_DIR=data)
            for project, dump, data in checkouts
        ]
        said = b"".join(process.communicate(timeout=60)[1] for process in processes)
        assert [process.returncode for process in processes] == [0, 0], (number, said)
        assert content() in (("a", ["shop"]), ("b", ["shop"])), (number, said)
        met += b"waiting for another import into shop" in said
    return rounds, met


def dumps(project: Project) -> list[Path]:
    """The dumps in the project, oldest first by name."""
    return sorted(path for path in project.path.iterdir() if ".sql" in path.name)
