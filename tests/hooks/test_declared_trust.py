"""Whose tables may declare hooks: not those that others may change, nor what was not enabled or approved."""

from __future__ import annotations

import os

import pytest

from tests.support.box import SOMEBODY, Box, Project


def test_of_a_project_that_is_not_enabled_nothing_runs_and_the_user_is_told(box: Box) -> None:
    shop = box.project(enable=False)
    shop.write("hookman.toml", '[hooks.x]\non = "up.pre"\nrun = "echo ran >>trace"\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, [])
    assert "are not enabled on this machine. Fix: hookman enable" in result.err
    assert shop.hookman("enable").code == 0
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["ran"])


def test_settings_alone_are_no_hooks_to_be_enabled(box: Box) -> None:
    shop = box.project(enable=False)
    shop.write("hookman.toml", "timeout = 5\n")
    result = shop.compose("up", "-d")
    assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("name", ["hookman.toml", "hookman.local.toml"])
def test_what_others_may_change_is_refused(shop: Project, name: str) -> None:
    shop.write(name, '[hooks.x]\non = "up.pre"\nrun = "echo ran >>trace"\n')
    (shop.path / name).chmod(0o666)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (1, [], []), result
    assert f"any user of this machine may write to {shop.path}/{name}" in result.err
    (shop.path / name).chmod(0o644)
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["ran"])


@pytest.mark.root
def test_a_file_of_another_user_is_refused(shop: Project) -> None:
    shop.write("hookman.toml", '[hooks.x]\non = "up.pre"\nrun = "echo ran >>trace"\n')
    os.chown(shop.path / "hookman.toml", SOMEBODY, SOMEBODY)
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (1, []), result


def test_with_review_only_what_was_approved_runs(box: Box) -> None:
    box.user_settings("review = true\n")
    shop = box.project(enable=False)
    shop.script("up.pre", "a.sh", 'echo "script $A" >>trace')
    shop.write("hookman.toml", '[hooks.x]\non = "up.pre"\nrun = "echo ran >>trace"\n')
    assert shop.hookman("enable").code == 0
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["script ", "ran"])
    shop.write(
        "hookman.toml", '[hooks.x]\non = "up.pre"\nrun = "echo changed >>trace"\n[hooks."a.sh"]\nenv = { A = "1" }\n'
    )
    result = shop.compose("up", "-d")
    assert (result.code, len(shop.trace())) == (1, 2), result
    assert f"{shop.path}/hookman.toml is not what you approved" in result.err
    review = shop.hookman("review", "--yes")
    assert (review.code, '+run = "echo changed >>trace"' in review.out) == (0, True), review
    assert (shop.compose("up", "-d").code, shop.trace()[2:]) == (0, ["script 1", "changed"])
    shop.write("hookman.local.toml", "[hooks.x]\nrun = 'echo local >>trace'\n")
    assert (shop.compose("up", "-d").code, len(shop.trace())) == (1, 4)
