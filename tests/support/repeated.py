"""Hooks that do not run at each command: `sources`, `once` and `when`."""

from __future__ import annotations

from tests.support.box import Project


def declare(shop: Project, keys: str, run: str = "echo ran >>trace", event: str = "up.post") -> None:
    """Declare the hook x with `keys`."""
    shop.write("hookman.toml", f'[hooks.x]\non = "{event}"\nrun = "{run}"\n{keys}\n')


def runs(shop: Project, *words: str) -> bool:
    """Does a hook that writes the trace run at this command (up -d)?"""
    before = len(shop.trace())
    shop.compose(*(words or ("up", "-d")))
    return len(shop.trace()) > before


def hook(shop: Project, when: str, event: str = "up.post") -> None:
    """Declare the hook x with a condition."""
    shop.write("hookman.toml", f'[hooks.x]\non = "{event}"\nrun = "echo ran >>trace"\nwhen = {when}\n')


def hooks(shop: Project, conditions: list[str], event: str = "up.post") -> None:
    """Declare a hook for each condition."""
    tables = (
        f'[hooks.x{at}]\non = "{event}"\nrun = "echo x{at} >>trace"\nwhen = {when}\n'
        for at, when in enumerate(conditions)
    )
    shop.write("hookman.toml", "".join(tables))


def reasons(shop: Project) -> list[str]:
    """Why these hooks were skipped, as the log says it ("": not at all, and they ran)."""
    logged = {hook["name"]: hook.get("reason", "") for hook in shop.box.runs()[-1]["hooks"]}
    assert sorted(shop.trace()) == sorted(name for name, reason in logged.items() if not reason)
    return [logged[f"x{at}"] for at in range(len(logged))]
