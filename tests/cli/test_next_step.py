"""init, enable and install end with the step that is really next."""

from __future__ import annotations

from tests.support.box import Box


def last_line(text: str) -> str:
    return text.splitlines()[-1]


def test_the_steps_of_a_new_user_lead_to_a_hook_that_runs(bare: Box) -> None:
    shop = bare.project(enable=False)
    install = "Next: hookman install    (puts hookman in front of docker compose)"
    assert last_line(shop.hookman("init").out) == install
    first = "Next: hookman add up.post hello    (a hook that runs after docker compose up)"
    assert last_line(shop.hookman("install").out) == first
    assert last_line(shop.hookman("init").out) == first
    assert shop.hookman("add", "up.post", "hello").code == 0
    shop.script("up.post", "hello.sh", "echo ran >>trace")
    up = "Next: docker compose up -d    (to see what would run: hookman list)"
    assert last_line(shop.hookman("enable").out) == up
    assert last_line(shop.hookman("install").out) == up
    assert (shop.compose("up", "-d").code, shop.trace()) == (0, ["ran"])


def test_without_a_compose_file_that_comes_first(box: Box) -> None:
    (box.base / "new").mkdir()
    result = box.hookman("init", "new")
    assert f"\nNext: write {box.base}/new/compose.yaml" in result.out
    assert result.out.endswith("(hooks run around docker compose)\n")


def test_in_another_directory_the_step_leads_there(box: Box) -> None:
    shop = box.project(enable=False)
    shop.script("up.post", "a.sh")
    result = box.hookman("enable", str(shop.path))
    assert f"\nNext: cd {shop.path} && docker compose up -d" in result.out


def test_a_shim_that_does_not_work_comes_first(box: Box) -> None:
    shop = box.project(enable=False)
    shop.script("up.post", "a.sh")
    (box.data / "cli-plugins/docker-compose").unlink()
    assert last_line(shop.hookman("enable").out).startswith("Next: hookman install ")


def test_of_a_root(box: Box) -> None:
    (box.base / "stacks").mkdir()
    assert (
        last_line(box.hookman("init", "--root", "--yes", "stacks").out)
        .strip()
        .startswith(("Next: create a stack", "(a directory"))
    )
    box.project("stacks/web", enable=False)
    told = box.hookman("init", "--root", "--yes", "stacks").out
    assert f"Next: cd {box.base}/stacks && hookman run '*' ps" in told
