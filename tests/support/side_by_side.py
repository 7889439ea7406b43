"""Hooks that run at the same time, in a project with the stub of Compose."""

from __future__ import annotations

from tests.support.box import Project

# Two that can only end together: each waits for the other.
MEET = "touch $HOOKMAN_RUN_ID-%s; while ! [ -e $HOOKMAN_RUN_ID-%s ]; do sleep 0.01; done; echo %s >>trace"


def settings(shop: Project, text: str) -> None:
    """Settings with room for eight hooks at once."""
    shop.write("hookman.toml", f"grace = 0.5\njobs = 8\n{text}\n")


def together(shop: Project, phase: str = "up.pre", **scripts: str) -> None:
    """Scripts of that phase that run side by side."""
    for name, body in scripts.items():
        shop.script(phase, f"{name}.sh", body)
    settings(shop, f'parallel = ["{phase}"]')


def results(shop: Project) -> list[tuple[str, str]]:
    """How the hooks of the last run ended, in the order of their ends."""
    return [(hook["name"], hook["result"]) for hook in shop.box.runs()[-1]["hooks"]]
