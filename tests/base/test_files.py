"""Files in directories that others fill too: nothing is written where a planted link leads."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from hookman.base import files
from tests.support.box import Box, Project

VICTIM = "mine, and nobody else's\n"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the user's that a planted link leads to."""
    path = tmp_path / "authorized_keys"
    path.write_text(VICTIM)
    return path


class TestCreating:
    def test_it_is_complete_and_for_its_owner_alone(self, tmp_path: Path) -> None:
        files.create_file(str(tmp_path / "key"), b"one")
        (path,) = tmp_path.iterdir()
        assert (path.name, path.read_bytes(), path.stat().st_mode & 0o777) == ("key", b"one", 0o600)

    def test_an_existing_file_stays_and_is_an_error(self, tmp_path: Path, victim: Path) -> None:
        path = tmp_path / "key"
        path.symlink_to(victim)
        with pytest.raises(FileExistsError):
            files.create_file(str(path), b"two")
        assert (path.is_symlink(), victim.read_text()) == (True, VICTIM)
        assert sorted(file.name for file in tmp_path.iterdir()) == ["authorized_keys", "key"]


class TestReplacingWithALink:
    @pytest.mark.parametrize("before", ["", "file", "link"])
    def test_it_leads_to_its_target_whatever_was_there(self, tmp_path: Path, victim: Path, before: str) -> None:
        path = tmp_path / "plugin"
        if before == "file":
            path.write_text("old")
        elif before == "link":
            path.symlink_to(victim)
        files.replace_link(str(path), "/new")
        assert (os.readlink(path), victim.read_text()) == ("/new", VICTIM)
        assert sorted(file.name for file in tmp_path.iterdir()) == ["authorized_keys", "plugin"]

    def test_where_that_fails_nothing_is_left_over(self, tmp_path: Path) -> None:
        (tmp_path / "plugin").mkdir()
        with pytest.raises(IsADirectoryError):
            files.replace_link(str(tmp_path / "plugin"), "/new")
        assert [file.name for file in tmp_path.iterdir()] == ["plugin"]


class TestReplacing:
    def test_it_is_there_at_once_with_its_mode(self, tmp_path: Path) -> None:
        path = tmp_path / "file"
        files.replace_file(str(path), b"one")
        files.replace_file(str(path), b"two", 0o640)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o640)
        assert [one.name for one in tmp_path.iterdir()] == ["file"]

    def test_a_link_is_replaced_and_what_it_leads_to_stays(self, tmp_path: Path, victim: Path) -> None:
        path = tmp_path / "link"
        path.symlink_to(victim)
        files.replace_file(str(path), b"new")
        assert (path.is_symlink(), path.read_bytes(), victim.read_text()) == (False, b"new", VICTIM)

    @pytest.mark.root
    def test_the_mode_and_owner_of_another_file_can_be_kept(self, victim: Path) -> None:
        victim.chmod(0o604)
        os.chown(victim, 12345, 12345)
        files.replace_file(str(victim), b"new", like=victim.stat())
        status = victim.stat()
        assert (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o604, 12345, 12345)

    @pytest.mark.parametrize("kind", ["pipe", "directory"])
    def test_what_is_no_file_stays_and_nothing_is_left_over(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "x"
        os.mkfifo(path) if kind == "pipe" else path.mkdir()
        with pytest.raises(OSError, match="not a regular file"):
            files.replace_file(str(path), b"new")
        assert [one.name for one in tmp_path.iterdir()] == ["x"]

    def test_where_it_can_not_be_written_the_file_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError, match="none/file"):
            files.replace_file(str(tmp_path / "none/file"), b"new")


class TestReading:
    def test_a_file_and_a_link_to_one(self, tmp_path: Path, victim: Path) -> None:
        (tmp_path / "link").symlink_to(victim)
        for path in (victim, tmp_path / "link"):
            assert files.read_regular(str(path)).decode() == VICTIM

    @pytest.mark.parametrize("target", ["/dev/zero", "/dev/tty", "pipe", "/", "/nowhere"])
    def test_what_is_no_file_or_never_ends_is_an_error_at_once(self, tmp_path: Path, target: str) -> None:
        os.mkfifo(tmp_path / "pipe")
        (tmp_path / "link").symlink_to(target)
        with pytest.raises(OSError):  # noqa: PT011 (each has its own message)
            files.read_regular(str(tmp_path / "link"))

    def test_more_than_the_limit_is_an_error(self, victim: Path) -> None:
        with pytest.raises(OSError, match="too large"):
            files.read_regular(str(victim), 5)


class TestCommands:
    def test_config_keeps_comments_in_a_file_of_its_own(self, shop: Project, victim: Path) -> None:
        shop.write("hookman.toml", "# why\ntimeout = 900\n", 0o640)
        (shop.path / "hookman.toml.bak").symlink_to(victim)
        for words in (("set", "grace", "1"), ("unset", "grace")):
            assert shop.hookman("config", *words).code == 0
        assert victim.read_text() == VICTIM
        kept = shop.path / "hookman.toml.bak"
        assert (kept.is_symlink(), kept.read_text()) == (False, "# why\ntimeout = 900\n")
        assert [path.stat().st_mode & 0o777 for path in (kept, shop.path / "hookman.toml")] == [0o640, 0o640]

    @pytest.mark.parametrize("name", ["hookman.toml.new", "hookman.toml.bak", ".hookman.toml.new", "hookman.toml.tmp"])
    def test_config_writes_through_no_link_beside_the_file(self, shop: Project, victim: Path, name: str) -> None:
        shop.write("hookman.toml", "# why\ntimeout = 900\n")
        (shop.path / name).symlink_to(victim)
        assert shop.hookman("config", "set", "grace", "1").code == 0
        assert victim.read_text() == VICTIM

    @pytest.mark.parametrize("content", ["", "timeout = 1\n", None])
    def test_config_writes_through_no_link_in_the_files_place(
        self, shop: Project, tmp_path: Path, content: str | None
    ) -> None:
        target = tmp_path / "target"
        if content is not None:
            target.write_text(content)
        (shop.path / "hookman.toml").symlink_to(target)
        for words in (("set", "grace", "1"), ("unset", "timeout")):
            result = shop.hookman("config", *words)
            assert (target.read_text() if target.exists() else None) == content
            assert "Traceback" not in result.err
            assert result.code != 0

    def test_your_own_config_may_be_a_link(self, shop: Project, tmp_path: Path) -> None:
        own = shop.box.home / ".config/hookman/config.toml"
        own.parent.mkdir(parents=True)
        (tmp_path / "dotfiles").mkdir()
        (tmp_path / "dotfiles/config.toml").touch()
        own.symlink_to(tmp_path / "dotfiles/config.toml")
        assert shop.hookman("config", "set", "--user", "grace", "1").code == 0
        assert (own.is_symlink(), (tmp_path / "dotfiles/config.toml").read_text()) == (True, "grace = 1\n")

    @pytest.mark.parametrize("place", [".dde", ".dde/hooks", ".dde/hooks/project.up.pre"])
    @pytest.mark.parametrize("examples", [(), ("--examples",)])
    def test_init_creates_nothing_behind_a_link(
        self, box: Box, tmp_path: Path, place: str, examples: tuple[str, ...]
    ) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        clone = box.project(enable=False)
        (clone.path / place).parent.mkdir(parents=True, exist_ok=True)
        (clone.path / place).symlink_to(elsewhere)
        result = clone.hookman("init", *examples)
        assert (result.code, list(elsewhere.iterdir())) == (1, [])
        assert f"{clone.path / place}: a link, and links are not followed here" in result.err

    @pytest.mark.parametrize("place", ["hooks.sh", ".dde/hooks/project.up.pre/01-check-env.sh", "kompose.sh"])
    @pytest.mark.parametrize("target", ["authorized_keys", "not-there"])
    def test_init_writes_through_no_link(self, box: Box, victim: Path, tmp_path: Path, place: str, target: str) -> None:
        clone = box.project(enable=False)
        (clone.path / place).parent.mkdir(parents=True, exist_ok=True)
        (clone.path / place).symlink_to(tmp_path / target)
        clone.hookman("init", "--examples", "--yes")
        clone.hookman("init", "--root", "--yes")
        assert (victim.read_text(), (tmp_path / "not-there").exists()) == (VICTIM, False)
        assert victim.stat().st_mode & 0o111 == 0

    @pytest.mark.parametrize("target", ["authorized_keys", "not-there", "/dev/stdout"])
    def test_a_report_is_written_where_no_link_leads(self, shop: Project, victim: Path, target: str) -> None:
        shop.script("up.pre", "a.sh")
        assert shop.compose("up", "-d").code == 0
        (shop.path / "run.html").symlink_to(victim.parent / target)
        result = shop.hookman("log", "--report", "run.html")
        assert result.code == 1
        assert "run.html is a link, so nothing was written" in result.err
        assert (victim.read_text(), (victim.parent / "not-there").exists()) == (VICTIM, False)

    def test_a_report_is_written_through_no_directory_that_is_a_link(self, shop: Project, tmp_path: Path) -> None:
        shop.script("up.pre", "a.sh")
        assert shop.compose("up", "-d").code == 0
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (shop.path / "out").symlink_to(elsewhere)
        result = shop.hookman("log", "--report", "out/run.html")
        assert (result.code, list(elsewhere.iterdir())) == (1, [])
        assert "out/run.html" in result.err
        (shop.path / "in").mkdir()
        for path in ("in/run.html", "./in/../run.html", str(shop.path / "out/own.html")):
            assert shop.hookman("log", "--report", path).code == 0

    def test_a_report_is_for_you_alone(self, shop: Project) -> None:
        shop.script("up.pre", "a.sh")
        assert shop.compose("up", "-d").code == 0
        shop.write("run.html", "an older one\n", 0o644)
        assert shop.hookman("log", "--report", "run.html").code == 0
        assert (shop.path / "run.html").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("target", ["/dev/zero", "/dev/tty", "/dev/stdin", "pipe"])
    def test_settings_that_are_no_file_are_an_error_and_keep_nobody_waiting(self, shop: Project, target: str) -> None:
        os.mkfifo(shop.path / "pipe")
        (shop.path / "hookman.toml").symlink_to(target)
        shop.script("up.pre", "a.sh", "echo ran >>trace")
        result = shop.compose("up", "-d")  # a device anybody may write to is refused as such
        assert (result.code in (1, 78), shop.trace(), shop.box.calls()) == (True, [], [])
        result = shop.hookman("config", "set", "grace", "1")
        assert (result.code, f"{shop.path}/hookman.toml" in result.err) == (78, True)

    def test_a_number_without_end_in_settings_is_an_error(self, shop: Project) -> None:
        shop.write("hookman.toml", f"timeout = {'9' * 5000}\n")
        result = shop.compose("up", "-d")
        assert (result.code, "internal error" in result.err) == (78, False)

    def test_an_error_in_settings_shows_no_value_of_the_file(self, shop: Project, tmp_path: Path) -> None:
        (tmp_path / "secrets").write_text('API_KEY = "s3cr3t-value"\nbroken s3cr3t-line\n')
        for text in (None, 'API_KEY = "s3cr3t-value"\n', 'timeout = "s3cr3t-value"\n', '"s3cr3t" x\n'):
            if text is not None:
                (tmp_path / "secrets").write_text(text)
            (shop.path / "hookman.toml").unlink(missing_ok=True)
            (shop.path / "hookman.toml").symlink_to(tmp_path / "secrets")
            result = shop.compose("up", "-d")
            assert (result.code, "s3cr3t" in result.err) == (78, False), result


def test_a_log_that_is_cut_back_writes_through_no_link(shop: Project, victim: Path) -> None:
    shop.write("hookman.toml", "keep_runs = 1\n")
    shop.script("up.pre", "a.sh")
    folder = shop.box.data / "projects" / str(shop.path).strip("/").replace("/", "%")
    assert shop.compose("up", "-d").code == 0
    (folder / "log.jsonl.new").symlink_to(victim)
    for _ in range(4):
        assert shop.compose("up", "-d").code == 0
    assert victim.read_text() == VICTIM
    assert len((folder / "log.jsonl").read_text().splitlines()) < 5


def test_no_other_way_of_replacing_a_file_is_in_the_tree() -> None:
    """Where a file takes another one's place that is done in files.py; the rest of these move what is there."""
    root = Path(__file__).parents[2]
    found = subprocess.run(
        ["grep", "-rlE", r"os\.(replace|rename)\(", "--include=*.py", "hookman"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(found.stdout.split()) - {"hookman/base/files.py"} == {
        "hookman/database/dumps.py",  # a dump gets its name
        "hookman/front/start.py",  # the proof that hookman starts
        "hookman/install/links.py",  # links
        "hookman/install/script.py",  # what lay in the shim's place is set aside
    }


def test_no_file_is_opened_for_writing_that_could_be_a_link() -> None:
    """O_EXCL or O_NOFOLLOW wherever a file is created; open(path, "w") follows links, so it is nowhere."""
    sources = {path: path.read_text() for path in (Path(__file__).parents[2] / "hookman").rglob("*.py")}
    creating = [line for text in sources.values() for line in text.splitlines() if "O_CREAT" in line]
    assert creating
    assert [line for line in creating if "O_EXCL" not in line and "O_NOFOLLOW" not in line] == []
    opened = r"\bopen\((?!file\b|sys\.)[^()]*(?:\([^()]*\)[^()]*)*, ?(?:mode=)?[\"'][wxa]"
    own = ("gitignore.py",)  # it writes in a temporary directory that only we can write to
    found = {path.name: re.findall(opened, text) for path, text in sources.items() if path.name not in own}
    assert {name: lines for name, lines in found.items() if lines} == {}
