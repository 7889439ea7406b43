"""What the log keeps of a hook's output: its beginning and its end, masked."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hookman.base.redact import Redactor
from hookman.log.hook_output import HookOutput
from tests.support.journals import RUN, journal


class TestOutput:
    def output(self, path: Path, limit: int = 20, *secrets: bytes) -> HookOutput:
        return HookOutput(str(path), Redactor(secrets), limit, lambda error: pytest.fail(str(error)))

    def kept(self, path: Path, *parts: bytes) -> bytes:
        output = self.output(path / "o")
        for part in parts:
            output.write(part)
        output.close()
        return (path / "o").read_bytes()

    def test_output_as_long_as_the_limit_is_kept_completely(self, tmp_path: Path) -> None:
        assert self.kept(tmp_path, b"0123456789abcdefghij") == b"0123456789abcdefghij"

    def test_output_as_long_as_the_limit_in_small_parts_is_kept_completely(self, tmp_path: Path) -> None:
        assert self.kept(tmp_path, *(b"%d" % (number % 10) for number in range(20))) == b"01234567890123456789"

    @pytest.mark.parametrize("size", [9, 10, 11, 15, 19])
    def test_output_shorter_than_the_limit_is_kept_completely(self, tmp_path: Path, size: int) -> None:
        assert self.kept(tmp_path, b"0123456789abcdefghij"[:size]) == b"0123456789abcdefghij"[:size]

    def test_of_one_byte_more_one_is_left_out(self, tmp_path: Path) -> None:
        gap = b"\n[... 1 bytes left out by hookman ...]\n"
        assert self.kept(tmp_path, b"0123456789abcdefghijk") == b"0123456789" + gap + b"bcdefghijk"

    def test_of_more_in_uneven_parts_both_ends_are_kept(self, tmp_path: Path) -> None:
        gap = b"\n[... 10 bytes left out by hookman ...]\n"
        parts = (b"0123456", b"789abcd", b"efghijk", b"lmnopqr", b"st")
        assert self.kept(tmp_path, *parts) == b"0123456789" + gap + b"klmnopqrst"

    def test_of_endless_output_little_is_kept_in_memory(self, tmp_path: Path) -> None:
        output = self.output(tmp_path / "o")
        for number in range(1000):
            output.write(b"%03d" % number)
        assert sum(map(len, output._end)) < 20  # noqa: SLF001 (nothing else tells)
        output.close()
        assert (tmp_path / "o").read_bytes().endswith(b"7998999")

    def test_its_file_is_named_by_number_and_hook(self, tmp_path: Path) -> None:
        run = journal(tmp_path)
        run.start()
        assert run.output(3, "a.sh").path == f"{tmp_path}/output/{RUN}/03-a.sh"
        assert run.output(12, "a b/ü\n.sh").path == f"{tmp_path}/output/{RUN}/12-a_b___.sh"
        assert len(os.path.basename(run.output(1, "x" * 300).path)) == 103
        run.end("ok", 0, 200)

    def test_only_its_user_can_read_it(self, tmp_path: Path) -> None:
        self.kept(tmp_path, b"x")
        assert stat.S_IMODE((tmp_path / "o").stat().st_mode) == 0o600

    def test_its_path_is_told_when_it_ends(self, tmp_path: Path) -> None:
        output = self.output(tmp_path / "o")
        output.write(b"x")
        assert output.close() == f"{tmp_path}/o"

    def test_without_a_byte_there_is_no_file(self, tmp_path: Path) -> None:
        output = self.output(tmp_path / "o")
        output.write(b"")
        assert (output.close(), os.listdir(tmp_path)) == ("", [])

    def test_what_stderr_says_between_does_not_split_a_secret(self, tmp_path: Path) -> None:
        output = self.output(tmp_path / "o", 1000, b"hunter22")
        output.write(b"hunt", 1)
        output.write(b"problem\n", 2)
        output.write(b"er22", 1)
        output.close()
        assert b"hunt" not in (tmp_path / "o").read_bytes()
        assert b"problem\n" in (tmp_path / "o").read_bytes()

    def test_where_it_cannot_be_written_that_is_said_when_it_ends(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        errors: list[OSError] = []
        output = HookOutput(str(tmp_path / "file/o"), Redactor(), 20, errors.append)
        output.write(b"x")
        output.write(b"y")
        assert errors == []
        output.close()
        assert len(errors) == 1

    def test_a_file_that_is_there_already_is_not_written_to(self, tmp_path: Path) -> None:
        (tmp_path / "o").write_text("before")
        errors: list[OSError] = []
        output = HookOutput(str(tmp_path / "o"), Redactor(), 20, errors.append)
        output.write(b"x")
        output.close()
        assert ((tmp_path / "o").read_text(), len(errors)) == ("before", 1)
