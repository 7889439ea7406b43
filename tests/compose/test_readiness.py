"""The judge of an attached `up`, on events and lists as the engine gives them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookman.compose.labels import SERVICE
from hookman.compose.readiness import HEALTHY, LOOK, RUNNING, SETTLED, Readiness, exit_code


def event(action: str, container: str = "1", code: str = "") -> dict[str, Any]:
    return {"Action": action, "Actor": {"ID": container, "Attributes": {"exitCode": code} if code else {}}}


def container(state: str, status: str = "Up", service: str = "web", ident: str = "1") -> dict[str, Any]:
    return {"Id": ident, "State": state, "Status": status, "Labels": {SERVICE: service}}


def judge(*events: dict[str, Any], services: set[str] | None = None, completing: set[str] | None = None) -> Readiness:
    found = Readiness()
    found.services, found.completing = services, completing or set()
    for one in events:
        found.event(one, 0.0)
    return found


def settled(found: Readiness, *containers: dict[str, Any]) -> bool:
    found.look(list(containers), 1.0)
    return found.look(list(containers), 1.0 + SETTLED)


def test_nothing_is_looked_at_before_compose_has_created_everything() -> None:
    found = judge(event("create"), event("die", code="0"), event("destroy"))
    assert found.next_look is None
    found.event(event("attach"), 1.0)
    assert found.next_look is not None


@pytest.mark.parametrize(
    ("status", "up"),
    [
        ("Up 2 seconds", True),
        ("Up 2 seconds (healthy)", True),
        ("Up 2 seconds (health: starting)", False),
        ("Up 2 seconds (unhealthy)", False),
    ],
)
def test_running_and_healthy_where_there_is_a_check(status: str, up: bool) -> None:
    assert settled(judge(event("attach")), container("running", status)) is up


@pytest.mark.parametrize("state", ["created", "restarting", "paused", "dead"])
def test_other_states_are_not_up(state: str) -> None:
    assert not settled(judge(event("attach")), container(state))


def test_all_must_be_up_and_have_been_for_a_moment() -> None:
    found = judge(event("attach"))
    web, db = container("running"), container("running", "Up (health: starting)", "db", "2")
    assert not found.look([web, db], 1.0)
    assert found.next_look == 1.0 + LOOK
    db["Status"] = "Up (healthy)"
    assert not found.look([web, db], 2.0)
    assert found.next_look == 2.0 + SETTLED
    assert not found.look([web, container("exited", "Exited (1)", "db", "2")], 2.1)
    assert not found.look([web, db], 2.2)
    assert found.look([web, db], 2.2 + SETTLED)


def test_a_one_shot_counts_when_it_ended_with_0_in_this_run() -> None:
    ended = container("exited", "Exited (0) 5 minutes ago")
    assert not settled(judge(event("attach")), ended)  # of an earlier run
    assert settled(judge(event("attach"), event("start"), event("die", code="0")), ended)
    assert not settled(judge(event("start"), event("die", code="1")), container("exited", "Exited (1)"))
    assert not settled(judge(event("start"), event("die", code="0"), event("start")), ended)


def test_a_one_shot_that_was_stopped_does_not_count() -> None:
    found = judge(event("start"), event("kill"), event("die", code="0"))
    assert not settled(found, container("exited", "Exited (0)"))


def test_what_others_wait_for_to_complete_must_have_ended() -> None:
    found = judge(event("start"), completing={"init"})
    assert not settled(found, container("running", service="init"))
    found.event(event("die", code="0"), 2.0)
    assert settled(found, container("exited", service="init"))


def test_services_that_are_not_of_this_up_do_not_count() -> None:
    web, other = container("running"), container("exited", "Exited (1)", "other", "2")
    assert settled(judge(event("attach"), services={"web"}), web, other)
    assert not settled(judge(event("attach"), services={"web"}), other)


json = st.recursive(
    st.sampled_from((None, True, 7, "", "start")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("Action", "Actor", "ID")), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(("Action", "Actor", "Id", "State", "Status", "Labels")), json))
def test_events_and_containers_of_any_shape_are_judged(value: dict[str, Any]) -> None:
    found = judge(event("attach"))
    found.event(value, 1.0)
    assert found.look([value, container("created")], 2.0) is False


def test_containers_that_somebody_removed_were_not_up_at_the_end() -> None:
    found = judge(event("attach"), event("kill"), event("die", code="0"), event("destroy"))
    assert not found.were_up([])


def test_containers_that_compose_replaced_at_the_start_say_nothing_about_the_end() -> None:
    found = judge(event("destroy", "old"), event("attach"), event("die", code="0"))
    assert found.were_up([container("exited", "Exited (0)")])


def test_an_up_without_any_container_was_up_at_the_end() -> None:
    assert judge().were_up([])


def after(wants: str = HEALTHY, services: set[str] | None = None) -> Readiness:
    """The judge of a command that has ended well."""
    found = Readiness(wants, ended=1.0)
    found.services = services
    return found


@pytest.mark.parametrize(
    "one",
    [
        container("running", "Up 2 seconds"),
        container("running", "Up Less than a second (healthy)"),
        container("exited", "Exited (0) 1 second ago"),
    ],
)
def test_what_can_no_longer_crash_at_its_start_needs_no_pause(one: dict[str, Any]) -> None:
    assert after().look([one], 1.0)


def test_one_that_was_just_started_must_run_for_a_moment_after_the_command() -> None:
    found, web = after(), container("running", "Up Less than a second")
    assert not found.look([web], 1.1)
    assert found.next_look == 1.0 + SETTLED
    assert found.look([web], 1.0 + SETTLED)
    assert after(RUNNING).look([web], 1.0)


def test_one_that_crashed_and_was_started_again_must_run_for_a_second() -> None:
    found = after()
    assert not found.look([container("restarting", "Restarting (1) Less than a second ago")], 1.1)
    assert found.died == []
    assert not found.look([container("running", "Up Less than a second")], 1.2)
    assert not found.look([container("running", "Up Less than a second")], 1.2 + SETTLED)
    assert found.look([container("running", "Up 1 second")], 2.3)


def test_after_a_command_one_that_ended_badly_has_died_without_an_event() -> None:
    found = after()
    assert not found.look([container("exited", "Exited (3) 1 second ago")], 1.1)
    assert ([exit_code(one) for one in found.died], found.waits_for) == (["3"], "web (exited 3)")


def test_beside_an_attached_up_one_that_ended_before_it_has_not_died() -> None:
    stale = container("exited", "Exited (3) 5 minutes ago")
    found = judge(event("attach", "other"))
    assert (found.look([stale], 1.0), found.died) == (False, [])
    found.event(event("die", code="3"), 1.1)
    assert not found.look([stale], 1.2)
    assert found.died == [stale]


def test_one_that_somebody_removed_is_not_up() -> None:
    found = after()
    assert not found.look([container("running", "Up 2 seconds (health: starting)")], 1.1)
    assert not found.look([], 1.2)
    assert found.waits_for == "web (gone)"
