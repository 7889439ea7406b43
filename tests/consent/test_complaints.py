"""What is wrong with the owner and the mode of a file, in words, and the command that fixes it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from hookman.consent import trust
from hookman.consent.trust import Complaint, Trust

OWN = os.geteuid()
ANOTHER = 54321  # the number of another user; nothing here is given away
ME = Trust(owners=(OWN, 0))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with a file in it."""
    (tmp_path / "place").mkdir()
    (tmp_path / "place/file").write_text("")
    return tmp_path / "place"


def status(mode: int, owner: int = OWN) -> os.stat_result:
    return os.stat_result((mode, 1, 1, 1, owner, 0, 0, 0, 0, 0))


def found(path: Path, who: Trust = ME) -> list[str]:
    return [complaint.path for complaint in trust.complaints([str(path)], who)]


class TestOnePath:
    @pytest.mark.parametrize("kind", [stat.S_IFREG, stat.S_IFDIR])
    @pytest.mark.parametrize("owner", [OWN, 0])
    def test_what_you_or_root_own_is_well(self, kind: int, owner: int) -> None:
        assert trust.complaint("x", status(kind | 0o755, owner), ME) is None

    @pytest.mark.parametrize("owner", [ANOTHER, ANOTHER - 1, ANOTHER + 1])
    def test_what_another_user_owns_is_named_with_the_owner(self, owner: int) -> None:
        assert trust.complaint("x", status(stat.S_IFREG | 0o755, owner), ME) == Complaint(path="x", owner=owner)

    def test_whom_you_trust_may_own_it(self) -> None:
        assert trust.complaint("x", status(stat.S_IFREG | 0o755, ANOTHER), Trust(owners=(ANOTHER,))) is None

    def test_the_group_may_write(self) -> None:
        assert trust.complaint("x", status(stat.S_IFREG | 0o775), ME) is None

    @pytest.mark.parametrize("mode", [0o002, 0o777])
    def test_what_any_user_may_write_is_named(self, mode: int) -> None:
        assert trust.complaint("x", status(stat.S_IFDIR | mode), ME) == Complaint(path="x")

    def test_a_sticky_directory_that_any_user_may_write_is_named(self) -> None:
        assert trust.complaint("x", status(stat.S_IFDIR | 0o1777), ME) == Complaint(path="x")

    def test_further_up_a_sticky_directory_is_well(self) -> None:
        assert trust.complaint("x", status(stat.S_IFDIR | 0o1777), ME, sticky_will_do=True) is None
        assert trust.complaint("x", status(stat.S_IFDIR | 0o777), ME, sticky_will_do=True) == Complaint(path="x")

    @pytest.mark.parametrize("kind", [stat.S_IFCHR, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFBLK])
    def test_what_is_neither_file_nor_directory_is_well(self, kind: int) -> None:
        assert trust.complaint("x", status(kind | 0o777, ANOTHER), ME) is None

    def test_where_all_is_shared_nothing_is_wrong(self) -> None:
        assert trust.complaint("x", status(stat.S_IFREG | 0o777, ANOTHER), Trust(owners=(OWN,), shared=True)) is None


class TestAllPaths:
    def test_nothing_is_wrong(self, place: Path) -> None:
        assert found(place / "file") == []

    def test_the_file_comes_before_the_directories_above_it(self, place: Path) -> None:
        (place / "file").chmod(0o666)
        place.chmod(0o777)
        assert found(place / "file") == [f"{place}/file", str(place)]

    def test_each_directory_above_counts(self, place: Path) -> None:
        place.parent.chmod(0o777)
        assert found(place / "file") == [str(place.parent)]

    def test_a_sticky_directory_above_is_well_but_not_one_that_is_asked_for(self, place: Path) -> None:
        place.chmod(0o1777)
        assert found(place / "file") == []
        assert found(place) == [str(place)]

    def test_a_directory_that_is_asked_for_and_above_another_is_looked_at_as_asked_for(self, place: Path) -> None:
        place.chmod(0o1777)
        both = trust.complaints([f"{place}/file", str(place)], ME)
        assert [complaint.path for complaint in both] == [str(place)]

    def test_what_is_missing_is_left_out_and_the_rest_is_not(self, place: Path) -> None:
        place.chmod(0o777)
        assert found(place / "missing") == [str(place)]

    def test_where_all_is_shared_nothing_is_wrong(self, place: Path) -> None:
        place.chmod(0o777)
        assert found(place, Trust(owners=(OWN,), shared=True)) == []


def test_a_user_trusts_itself_and_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert trust.yourself() == Trust(owners=(1000, 0))


class TestWords:
    def test_nobody_is_trusted_beside_you_and_root(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        assert str(Trust(owners=(1000, 0))) == ""
        assert str(Trust(owners=(1000, 0, 1))) == "its owner (number 1) is trusted"

    def test_an_owner_who_is_trusted(self) -> None:
        assert str(Trust(owners=(OWN, 0, 12))) == "its owner (number 12) is trusted"
        assert str(Trust(owners=(OWN, 0, 12, 13))) == "its owner (number 12 and 13) is trusted"

    def test_all_is_shared(self) -> None:
        assert str(Trust(owners=(OWN, 12), shared=True)) == "what others may write here runs too"

    def test_a_complaint(self) -> None:
        assert str(Complaint(path="/a b")) == "any user of this machine may write to /a b"
        assert str(Complaint(path="/a", owner=12)) == "/a belongs to another user (number 12)"
        assert str(Complaint(path="/a", owner=0)) == "/a belongs to another user (number 0)"

    def test_each_path_is_named_once_and_the_directory_once(self, place: Path) -> None:
        error = trust.refusal([Complaint(path="/a"), Complaint(path="/b", owner=12), Complaint(path="/a")], str(place))
        assert str(error).splitlines() == [
            f"others may change what runs in {place}, so its hooks do not run:",
            "  any user of this machine may write to /a",
            "  /b belongs to another user (number 12)",
        ]


class TestFix:
    SUDO = "sudo " if OWN else ""

    def test_what_any_user_may_write_is_closed(self, place: Path) -> None:
        place.chmod(0o777)
        assert trust.one_fix([Complaint(path=str(place))]) == f"chmod o-w {place}"

    def test_what_belongs_to_another_user_becomes_yours(self) -> None:
        complaint = Complaint(path="/missing file", owner=ANOTHER)
        assert trust.one_fix([complaint]) == f"{self.SUDO}chown {OWN} '/missing file'"

    def test_one_command_does_both(self, place: Path) -> None:
        place.chmod(0o777)
        both = [Complaint(path="/missing", owner=ANOTHER), Complaint(path=str(place))]
        assert trust.one_fix(both) == f"{self.SUDO}chown {OWN} /missing && chmod o-w {place}"

    def test_what_belongs_to_another_user_and_is_open_to_all_is_closed_too(self, place: Path) -> None:
        place.chmod(0o777)
        complaint = Complaint(path=str(place), owner=ANOTHER)
        assert trust.one_fix([complaint]) == f"{self.SUDO}chown {OWN} {place} && chmod o-w {place}"

    def test_what_belongs_to_another_user_and_is_closed_only_becomes_yours(self, place: Path) -> None:
        complaint = Complaint(path=str(place), owner=ANOTHER)
        assert trust.one_fix([complaint]) == f"{self.SUDO}chown {OWN} {place}"

    def test_the_file_system_of_the_first_path_counts(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("hookman.base.mounts.file_system", lambda path: "9p" if path == "/a" else "ext4")
        first, second = Complaint(path="/a"), Complaint(path="/b")
        assert "9p" in trust.fixes([first, second], str(place))
        assert "9p" not in trust.fixes([second, first], str(place))

    def test_a_sticky_directory_of_another_user_is_not_closed(self, place: Path) -> None:
        place.chmod(0o1777)
        complaint = Complaint(path=str(place), owner=ANOTHER)
        assert trust.one_fix([complaint]) == f"{self.SUDO}chown {OWN} {place}"

    @pytest.mark.parametrize(("owner", "sudo"), [(1000, ""), (0, "sudo "), (999, "sudo "), (1001, "sudo ")])
    def test_only_what_is_not_yours_is_closed_with_sudo(
        self, monkeypatch: pytest.MonkeyPatch, owner: int, sudo: str
    ) -> None:
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
        monkeypatch.setattr(trust, "_owner", lambda _path: owner)
        assert trust.one_fix([Complaint(path="/a")]) == f"{sudo}chmod o-w /a"

    def test_the_owner_of_all_that_was_found_can_be_trusted(self, place: Path) -> None:
        owner = place.stat().st_uid
        told = trust.fixes([Complaint(path=f"{place}/file", owner=owner)], str(place))
        assert told.endswith(f"\nTo trust their owner here: hookman enable --trust-owner {place}")

    def test_what_several_may_change_can_be_accepted(self, place: Path) -> None:
        owner = place.stat().st_uid
        several = [Complaint(path=f"{place}/file", owner=owner), Complaint(path=str(place))]
        assert trust.fixes(several, str(place)).endswith(f"\nTo accept that here: hookman enable --shared {place}")

    @pytest.mark.parametrize("owner", [0, 1, ANOTHER])
    def test_nobody_owns_a_directory_that_has_gone(self, place: Path, owner: int) -> None:
        told = trust.fixes([Complaint(path=str(place), owner=owner)], f"{place}/gone")
        assert f"hookman enable --shared {place}/gone" in told


def test_beside_a_file_its_directory_counts(place: Path) -> None:
    assert set(trust.beside(f"{place}/file")) == {f"{place}/file", str(place)}


def test_beside_a_link_both_directories_count(place: Path) -> None:
    link = place.parent / "link"
    link.symlink_to(place / "file")
    assert trust.beside(str(link)) == [f"{place}/file", str(place), str(place.parent)]


def test_open_to_its_group(place: Path) -> None:
    assert not trust.open_to_group(str(place))
    place.chmod(0o775)
    assert trust.open_to_group(str(place))
    assert not trust.open_to_group(f"{place}/missing")
