"""Dump files: which count as one, who may read them, what is no dump; without a server."""

from __future__ import annotations

import bz2
import fcntl
import gzip
import io
import lzma
import os
import socket
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from hookman.base.errors import HookmanError
from hookman.database import dumps
from tests.support.box import Box, Project

SQL = b"CREATE TABLE things (id int);\n"


def write_dump(path: Path, data: bytes = SQL) -> None:
    with dumps.writing(str(path)) as dump:
        dump.sql.write(data)


def names(paths: list[str]) -> list[str]:
    return [os.path.basename(path) for path in paths]


class TestWhichFilesAreDumps:
    @pytest.mark.parametrize("name", ["shop_20260101_000000.sql", "shop_20261231_235959.sql.gz"])
    def test_files_named_after_database_and_time_are(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(SQL)
        assert names(dumps.existing(str(tmp_path), "shop")) == [name]

    @pytest.mark.parametrize(
        "name",
        [
            "shop_seed.sql",
            "shop_.sql",
            "shop_20260101.sql",
            "shop_20260101_000000.sql.bak",
            "shop_20260101_000000.sql.gz.part",
            "shop_20260101_000000_seed.sql",
            "shop_20260101-000000.sql",
            "shop_20261301_000000.sql",
            "shop_20260132_000000.sql",
            "shop_20260101_240000.sql",
            "shop_20260101_006000.sql",
            "shop_2026010a_000000.sql",
            "shop_٢٠٢٦٠١٠١_000000.sql",
            "Shop_20260101_000000.sql",
            "myshop_20260101_000000.sql",
            "shopping_20260101_000000.sql",
            "shop_20260101_000000.sql\n",
            "shop_test_20260101_000000.sql",  # a dump of the database shop_test
            "shop_20200101_000000_20260101_000000.sql",  # a dump of the database shop_20200101_000000
            ".shop_20260101_000000.sql.hookman-part",
        ],
    )
    def test_other_files_are_not(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(SQL)
        assert dumps.existing(str(tmp_path), "shop") == []

    def test_directories_links_and_pipes_of_such_a_name_are_not(self, tmp_path: Path) -> None:
        (tmp_path / "shop_20260101_000000.sql").mkdir()
        (tmp_path / "seed.sql").write_bytes(SQL)
        (tmp_path / "shop_20260101_000001.sql").symlink_to("seed.sql")
        (tmp_path / "shop_20260101_000002.sql").symlink_to("nowhere")
        os.mkfifo(tmp_path / "shop_20260101_000003.sql")
        assert dumps.existing(str(tmp_path), "shop") == []

    def test_the_time_in_the_name_says_which_is_the_newest(self, tmp_path: Path) -> None:
        for number, name in enumerate(("shop_20260103_000000.sql.gz", "shop_20260102_235959.sql")):
            (tmp_path / name).write_bytes(SQL)
            os.utime(tmp_path / name, (number, number))  # the older was copied later
        found = names(dumps.existing(str(tmp_path), "shop"))
        assert found == ["shop_20260103_000000.sql.gz", "shop_20260102_235959.sql"]

    @pytest.mark.parametrize("name", ["a/b", "a%2Fb", "a_b", "..", "../b", "a.b", "a*", "[ab]", "ü", "a b", "-x"])
    def test_a_database_finds_its_own_and_no_others(self, tmp_path: Path, name: str) -> None:
        others = [one for one in ("a/b", "a%2Fb", "a_b", "..", "../b", "axb", "a*", "ab", "[ab]", "a") if one != name]
        for one in (name, *others):
            write_dump(Path(dumps.new_path(str(tmp_path), one, zipped=False)))
        (found,) = dumps.existing(str(tmp_path), name)
        assert os.path.dirname(found) == str(tmp_path)
        assert os.path.basename(found).startswith(dumps.file_name(name) + "_2")

    def test_a_packed_and_a_plain_one_of_the_same_second_have_different_times(self, tmp_path: Path) -> None:
        for zipped in (True, False, True):
            write_dump(Path(dumps.new_path(str(tmp_path), "shop", zipped=zipped)))
        assert len({name[: len("shop_20260101_000000")] for name in os.listdir(tmp_path)}) == 3

    def test_a_name_that_another_export_is_writing_to_is_taken(self, tmp_path: Path) -> None:
        first = dumps.new_path(str(tmp_path), "shop", zipped=False)
        with dumps.writing(first) as dump:
            assert dumps.new_path(str(tmp_path), "shop", zipped=True)[: len(first)] != first
            dump.sql.write(SQL)


class TestWriting:
    @pytest.mark.parametrize("name", ["shop_20260101_000000.sql", "shop_20260101_000000.sql.gz"])
    @pytest.mark.parametrize("mask", [0o000, 0o022])
    def test_only_the_owner_may_read_it_also_while_it_is_written(self, tmp_path: Path, name: str, mask: int) -> None:
        old = os.umask(mask)
        try:
            with dumps.writing(str(tmp_path / name)) as dump:
                (part,) = tmp_path.iterdir()
                assert stat.S_IMODE(part.stat().st_mode) == 0o600
                dump.sql.write(SQL)
        finally:
            os.umask(old)
        (path,) = tmp_path.iterdir()
        assert (path.name, stat.S_IMODE(path.stat().st_mode)) == (name, 0o600)

    def test_it_goes_through_no_planted_link(self, tmp_path: Path) -> None:
        victim = tmp_path / "victim"
        path = tmp_path / "shop_20260101_000000.sql"
        (tmp_path / f".{path.name}{dumps.PART}").symlink_to(victim)
        with pytest.raises(dumps.TakenError):
            write_dump(path)
        assert not victim.exists()

    def test_what_fails_leaves_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(ZeroDivisionError), dumps.writing(str(tmp_path / "shop_20260101_000000.sql")):
            raise ZeroDivisionError
        assert list(tmp_path.iterdir()) == []

    def test_what_a_killed_export_left_is_removed(self, tmp_path: Path) -> None:
        left = tmp_path / f".shop_20250101_000000.sql.gz{dumps.PART}"
        left.write_bytes(SQL)
        write_dump(tmp_path / "shop_20260101_000000.sql")
        assert not left.exists()

    def test_what_another_export_still_writes_stays(self, tmp_path: Path) -> None:
        first, second = tmp_path / "shop_20260101_000000.sql", tmp_path / "news_20260101_000000.sql"
        with dumps.writing(str(first)) as dump:
            write_dump(second)
            dump.sql.write(SQL)
        assert (first.read_bytes(), second.read_bytes()) == (SQL, SQL)

    def test_what_a_dump_program_still_writes_stays_though_its_hookman_is_gone(self, tmp_path: Path) -> None:
        part = tmp_path / f".shop_20250101_000000.sql{dumps.PART}"
        with open(part, "wb") as orphan:
            fcntl.flock(orphan, fcntl.LOCK_EX)
            write_dump(tmp_path / "shop_20260101_000000.sql")
            assert part.exists()

    @pytest.mark.parametrize("name", ["notes.hookman-part", ".hookman-part", ".shop_seed.sql.hookman-part"])
    def test_files_that_are_named_otherwise_stay(self, tmp_path: Path, name: str) -> None:
        (tmp_path / name).write_bytes(SQL)
        write_dump(tmp_path / "shop_20260101_000000.sql")
        assert (tmp_path / name).exists()

    def test_links_directories_and_pipes_of_a_temporarys_name_stay(self, tmp_path: Path) -> None:
        victim = tmp_path / "victim"
        victim.write_bytes(SQL)
        (tmp_path / f".a_20250101_000000.sql{dumps.PART}").symlink_to(victim)
        (tmp_path / f".b_20250101_000000.sql{dumps.PART}").mkdir()
        os.mkfifo(tmp_path / f".c_20250101_000000.sql{dumps.PART}")
        write_dump(tmp_path / "shop_20260101_000000.sql")
        assert len(list(tmp_path.iterdir())) == 5


def tar(name: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo(name))
    return out.getvalue()


def zip_of(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("dump.sql", data)
    return out.getvalue()


class TestWhatIsNoDump:
    @pytest.mark.parametrize(
        ("name", "data", "why", "fix"),
        [
            ("a.sql", b"PGDMP\x01\x0e\x00", "custom format", "pg_restore -f - {path} >{bare}.plain.sql"),
            ("a.dump", b"PGDMP\x01\x0e\x00", "custom format", "pg_restore -f - {path} >"),
            ("a.sql.gz", gzip.compress(b"PGDMP\x01\x0e\x00", mtime=0), "custom format", "pg_restore -f - {path} >"),
            ("a.sql", tar("toc.dat"), "tar format", "pg_restore -f - {path} >"),
            ("a.sql", tar("dump.sql"), "a tar archive", "tar -xf {path}"),
            ("a.sql.gz", gzip.compress(tar("dump.sql"), mtime=0), "a tar archive", "tar -xf {path}"),
            ("a.sql", gzip.compress(SQL, mtime=0), "packed with gzip", "mv {path} {path}.gz"),
            ("a.sql.gz", SQL, "not packed with gzip", "mv {path} {bare}.sql"),
            ("a.sql.gz", lzma.compress(SQL), "packed with xz", "xz -dc {path} >{bare}.plain.sql"),
            ("a.sql", lzma.compress(SQL), "packed with xz", "xz -dc {path} >"),
            ("a.sql", bz2.compress(SQL), "packed with bzip2", "bzip2 -dc {path} >"),
            ("a.sql", b"\x28\xb5\x2f\xfd\x00", "packed with zstd", "zstd -dc {path} >"),
            ("a.sql", zip_of(SQL), "a zip archive", "unzip -p {path} >"),
            ("a.sql", "CREATE TABLE ü;".encode("utf-16"), "UTF-16", "iconv -f UTF-16 -t UTF-8 {path} >"),
            ("a.sql", b"SQLite format 3\0rest", "an SQLite database", "as SQL text"),
            ("a.sql", b"", "is empty", "hookman db export"),
            ("a.sql.gz", gzip.compress(SQL, mtime=0)[:-9], "is damaged", "hookman db export"),
            ("a.sql.gz", gzip.compress(SQL, mtime=0)[:20] + b"\xff" * 9, "is damaged", "hookman db export"),
        ],
    )
    def test_another_format_is_named_with_the_way_to_sql(
        self, tmp_path: Path, name: str, data: bytes, why: str, fix: str
    ) -> None:
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(HookmanError) as error:
            dumps.check(str(path))
        assert why in error.value.message
        assert fix.format(path=path, bare=tmp_path / "a") in error.value.fix

    def test_a_directory_of_pg_dump_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "toc.dat").write_bytes(b"PGDMP")
        with pytest.raises(HookmanError, match="directory format") as error:
            dumps.check(str(tmp_path))
        assert f"pg_restore -f - {tmp_path} >" in error.value.fix

    def test_directory_pipe_socket_and_device_are_named_and_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe.sql")
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(tmp_path / "socket.sql"))
        kinds = {"": "a directory", "pipe.sql": "a pipe", "socket.sql": "a socket", "/dev/null": "a device"}
        for name, kind in kinds.items():
            with pytest.raises(HookmanError, match=f"is {kind}, not a dump"):
                dumps.check(str(tmp_path / name))

    def test_an_ordinary_one_is_let_through_also_behind_a_link_that_was_named(self, tmp_path: Path) -> None:
        write_dump(tmp_path / "a.sql.gz")
        (tmp_path / "link.sql.gz").symlink_to("a.sql.gz")
        dumps.check(str(tmp_path / "link.sql.gz"))
        with dumps.reading(str(tmp_path / "link.sql.gz")) as dump:
            assert dump.sql.read() == SQL

    def test_it_is_said_before_any_hook_and_without_a_server(self, box: Box) -> None:
        project = box.project()
        project.write(".env", "DB_NAME=shop\nDB_HOST=127.0.0.1\nDB_PORT=1\n")
        project.hooks_sh("hook_pre_db_import() { echo pre >>trace; }\n")
        (project.path / "a.sql").write_bytes(b"PGDMP\x01\x0e\x00")
        os.mkfifo(project.path / "pipe.sql")
        for name, why in (("a.sql", "pg_restore -f -"), ("pipe.sql", "is a pipe"), (".", "is a directory")):
            result = project.hookman("db", "import", name)
            assert (result.code, project.trace()) == (1, [])
            assert why in result.err


def test_a_directory_named_like_a_dump_is_passed_over_by_import_and_cleanup(box: Box) -> None:
    project: Project = box.project()
    project.write(".env", "DB_NAME=shop\n")
    (project.path / "shop_20260101_000000.sql").mkdir()
    imported = project.hookman("db", "import", "--yes")
    assert imported.code == 1
    assert "there is no dump" in imported.err
    cleaned = project.hookman("db", "cleanup", "--yes")
    assert (cleaned.code, cleaned.out) == (0, "")
