"""What is to be skipped, and why."""

from __future__ import annotations

import pytest

from hookman.base.records import replaced
from hookman.hooks.skips import Skips, skips
from hookman.settings.hookman_toml import Settings


def test_nothing_is_skipped_where_nothing_is_said() -> None:
    assert skips(Settings(), {}, skip_hooks=False).reason("project.up.pre", "a.sh") == ""


@pytest.mark.parametrize("stated", ["1", "true", "yes", "all", " ALL "])
def test_a_word_for_yes_skips_everything(stated: str) -> None:
    skip = skips(Settings(), {"HOOKMAN_SKIP": stated}, skip_hooks=False)
    assert skip.reason("project.up.pre", "a.sh") == f"HOOKMAN_SKIP={stated.strip()}"


@pytest.mark.parametrize("stated", ["0", "false", "no", " No ", "", " ", ","])
def test_a_word_that_means_no_is_not_a_name(stated: str) -> None:
    assert skips(Settings(), {"HOOKMAN_SKIP": stated}, skip_hooks=False) == Skips()


def test_the_option_skips_everything_whatever_the_variable_says() -> None:
    assert skips(Settings(), {"HOOKMAN_SKIP": "0"}, skip_hooks=True).everything == "--skip-hooks"


@pytest.mark.parametrize("name", ["a.sh", "project.up.pre", "project.up.pre/a.sh"])
def test_a_hook_is_skipped_by_its_name_its_event_or_both(name: str) -> None:
    skip = skips(Settings(), {"HOOKMAN_SKIP": f"x, {name} ,y"}, skip_hooks=False)
    assert skip.reason("project.up.pre", "a.sh") == "HOOKMAN_SKIP"
    assert skip.reason("project.up.post", "b.sh") == ""


def test_the_settings_skip_names_and_hooks() -> None:
    settings = replaced(Settings(), skip=("a.sh",), hooks={"b.sh": {"skip": True}, "c.sh": {"skip": False}})
    skip = skips(settings, {}, skip_hooks=False)
    reasons = [skip.reason("project.up.pre", name) for name in ("a.sh", "b.sh", "c.sh")]
    assert reasons == ["skip in the config", "skip in the config", ""]
