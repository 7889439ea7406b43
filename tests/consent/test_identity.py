"""A directory that was enabled is told from any other one at its path, on the file systems that there are."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hookman.base.paths import enabled_mark
from hookman.consent import marks
from hookman.consent.identity import ID_FILE, identity
from tests.support.box import Box, Project

pytestmark = pytest.mark.root  # it mounts file systems

Mount = Callable[..., None]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where file systems are mounted."""
    place = tmp_path / "mounted"
    place.mkdir()
    return place


@pytest.fixture
def mount(place: Path) -> Iterator[Mount]:
    """Mount something at `place` in the stead of what is mounted there; afterwards nothing is."""

    mounted: list[Path] = []

    def unmount() -> None:
        while mounted:
            subprocess.run(["umount", mounted.pop()], check=True)

    def mount(*argv: str | Path) -> None:
        unmount()
        subprocess.run(["mount", *argv, place], check=True)
        mounted.append(place)

    yield mount
    unmount()


def image(path: Path, *options: str) -> Path:
    """A new ext4 file system in a file, as if each were created in the same second."""
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.truncate(20 << 20)
    environ = {"PATH": "/usr/sbin:/sbin:/usr/bin:/bin", "E2FSPROGS_FAKE_TIME": "1700000000"}
    subprocess.run(["mkfs.ext4", "-q", "-F", *options, path], check=True, capture_output=True, env=environ)
    return path


def marked(directory: Path, data: Path) -> bool:
    return marks.is_enabled(str(data), str(directory))


def enable(directory: Path, data: Path) -> None:
    assert marks.enable(str(data), str(directory), marks.PROJECT)
    assert marked(directory, data)


def anew(directory: Path) -> None:
    """Take the directory away and put another one to its path, until the inode is the same."""
    inode = directory.stat().st_ino
    for _ in range(100):
        shutil.rmtree(directory)
        directory.mkdir()
        if directory.stat().st_ino == inode:
            return
    pytest.fail(f"no directory at {directory} got the inode {inode} again", pytrace=False)


def test_a_clone_at_the_path_of_a_project_that_was_removed_runs_nothing(box: Box) -> None:
    for number in range(10):
        shop = box.project()
        shop.remove()
        clone = Project(box, shop.path)
        clone.write("compose.yaml", "services: {}\n")
        clone.script("up.pre", "a.sh", "echo ran >>../trace")
        result = clone.compose("up", "-d")
        assert (result.code, Project(box, box.base).trace()) == (0, []), number
        assert result.err == (
            f"hookman: {shop.path} is not the directory that was enabled: another one is there now, "
            "so its hooks do not run. Fix: if you trust it: hookman enable\n"
        )


def test_another_directory_with_the_same_inode_is_not_enabled(tmp_path: Path, place: Path, mount: Mount) -> None:
    mount("-o", "loop", image(tmp_path / "image"))
    shop = place / "shop"
    shop.mkdir()
    enable(shop, tmp_path / "data")
    anew(shop)
    assert not marked(shop, tmp_path / "data")


def test_a_file_system_that_is_mounted_again_is_the_same(tmp_path: Path, place: Path, mount: Mount) -> None:
    mine = image(tmp_path / "mine")
    mount("-o", "loop", mine)
    enable(place, tmp_path / "data")
    mount("-o", "loop", mine)
    assert marked(place, tmp_path / "data")


def test_the_top_of_another_file_system_created_in_the_same_second_is_not_enabled(
    tmp_path: Path, place: Path, mount: Mount
) -> None:
    mine, other = image(tmp_path / "mine"), image(tmp_path / "other")
    mount("-o", "loop", mine)
    before = identity(str(place))
    enable(place, tmp_path / "data")
    mount("-o", "loop", other)
    now = identity(str(place))
    assert (now["inode"], now["birth"], now["device"]) == (before["inode"], before["birth"], before["device"])
    assert not marked(place, tmp_path / "data")


def test_another_tmpfs_is_not_enabled(tmp_path: Path, place: Path, mount: Mount) -> None:
    mount("-t", "tmpfs", "tmpfs")
    enable(place, tmp_path / "data")
    mount("-t", "tmpfs", "tmpfs")
    assert not marked(place, tmp_path / "data")


def test_what_is_mounted_over_an_enabled_directory_is_not_enabled(tmp_path: Path, place: Path, mount: Mount) -> None:
    enable(place, tmp_path / "data")
    mount("-t", "tmpfs", "tmpfs")
    assert not marked(place, tmp_path / "data")


def test_another_directory_bound_to_the_path_is_not_enabled(tmp_path: Path, place: Path, mount: Mount) -> None:
    enable(place, tmp_path / "data")
    (tmp_path / "other").mkdir()
    mount("--bind", tmp_path / "other")
    assert not marked(place, tmp_path / "data")


def test_a_directory_of_an_images_layer_stays_enabled_when_something_is_written_into_it(
    tmp_path: Path, place: Path, mount: Mount
) -> None:
    for name in ("layer/shop", "changes", "work"):
        (tmp_path / name).mkdir(parents=True)
    layers = f"lowerdir={tmp_path}/layer,upperdir={tmp_path}/changes,workdir={tmp_path}/work"
    mount("-t", "overlay", "overlay", "-o", layers)
    enable(place / "shop", tmp_path / "data")
    (place / "shop/file").write_text("")
    assert marked(place / "shop", tmp_path / "data")


def test_a_copy_moved_to_the_path_is_not_enabled(tmp_path: Path) -> None:
    shop, copy = tmp_path / "shop", tmp_path / "copy"
    shop.mkdir()
    enable(shop, tmp_path / "data")
    subprocess.run(["cp", "-a", shop, copy], check=True)
    shutil.rmtree(shop)
    copy.rename(shop)
    assert not marked(shop, tmp_path / "data")


class TestWithoutATimeOfBirth:
    """ext4 with inodes of 128 bytes has none; so have some network file systems."""

    @pytest.fixture
    def shop(self, tmp_path: Path, place: Path, mount: Mount) -> Path:
        mount("-o", "loop", image(tmp_path / "image", "-I", "128"))
        shop = place / "shop"
        shop.mkdir()
        assert identity(str(shop))["birth"] == ""
        return shop

    def test_a_mark_of_our_own_in_git_tells_a_clone(self, tmp_path: Path, shop: Path) -> None:
        (shop / ".git").mkdir()
        enable(shop, tmp_path / "data")
        assert (shop / ".git" / ID_FILE).stat().st_mode & 0o777 == 0o600
        anew(shop)
        assert not marked(shop, tmp_path / "data")
        (shop / ".git").mkdir()
        assert not marked(shop, tmp_path / "data")

    def test_a_mark_that_a_clone_brings_along_is_not_kept(self, tmp_path: Path, shop: Path) -> None:
        (shop / ".git").mkdir()
        (shop / ".git" / ID_FILE).write_text("known")
        enable(shop, tmp_path / "data")
        anew(shop)
        (shop / ".git").mkdir()
        (shop / ".git" / ID_FILE).write_text("known")
        assert not marked(shop, tmp_path / "data")

    @pytest.mark.parametrize("planted", [".git", f".git/{ID_FILE}"])
    def test_a_mark_is_never_written_or_read_through_a_link(self, tmp_path: Path, shop: Path, planted: str) -> None:
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / ID_FILE).write_text("mine")
        if planted == ".git":
            (shop / ".git").symlink_to(outside)
        else:
            (shop / ".git").mkdir()
            (shop / planted).symlink_to(outside / ID_FILE)
        assert identity(str(shop))["id"] == ""
        enable(shop, tmp_path / "data")
        assert (outside / ID_FILE).read_text() == "mine"
        assert [path.name for path in outside.iterdir()] == [ID_FILE]

    def test_without_git_the_directory_itself_must_do(self, tmp_path: Path, shop: Path) -> None:
        enable(shop, tmp_path / "data")
        shop.rename(shop.parent / "aside")
        shop.mkdir()
        assert not marked(shop, tmp_path / "data")

    def test_where_nothing_can_be_written_the_directory_itself_must_do(
        self, tmp_path: Path, place: Path, shop: Path
    ) -> None:
        (shop / ".git").mkdir()
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        enable(shop, tmp_path / "data")


def test_a_mark_of_an_older_hookman_is_not_enough_and_one_line_says_what_to_do(box: Box, shop: Project) -> None:
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    mark = Path(enabled_mark(str(box.data), str(shop.path)))
    new = {"birth", "fsid", "id"}
    lines = [line for line in mark.read_text().splitlines() if line.partition("=")[0] not in new]
    mark.write_text("".join(f"{line}\n" for line in lines))
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), box.calls()) == (0, [], ["<compose><up><-d>"])
    assert result.err == (
        f"hookman: {shop.path} was enabled by an older hookman, which could not tell it from another directory "
        "at its path, so its hooks do not run. Fix: if you trust it: hookman enable\n"
    )
    assert shop.hookman("enable").out.startswith("enabled")
    shop.compose("up", "-d")
    assert shop.trace() == ["ran"]


@pytest.mark.parametrize("major", [0, 8])
def test_the_device_counts_where_it_stays_the_same_over_a_mount(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, major: int
) -> None:
    monkeypatch.setattr("hookman.consent.identity.os.major", lambda _device: major)
    assert identity(str(tmp_path))["device"] == (str(tmp_path.stat().st_dev) if major else "0")


def test_the_number_of_the_file_system_counts_at_its_top(tmp_path: Path) -> None:
    """Of which `/` is one, that has nothing above it; below it counts nowhere, whichever inode is the greater."""
    assert identity("/")["fsid"] == str(os.statvfs("/").f_fsid)
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    lower, higher = sorted((first, second), key=lambda path: path.stat().st_ino)
    assert identity(str(higher.rename(lower / "below")))["fsid"] == ""
    assert identity(str((lower / "below").rename(tmp_path / "beside")))["fsid"] == ""
    assert identity(str(lower.rename(tmp_path / "beside/below")))["fsid"] == ""
