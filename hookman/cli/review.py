"""hookman review: show what changed in hooks since you approved them."""

from __future__ import annotations

import click

from hookman.base.errors import EXIT_FAILED, ConfigError
from hookman.cli.ask import confirm
from hookman.cli.context import around, here
from hookman.consent import approved
from hookman.hooks import catalogue, plan, planned, skips
from hookman.hooks.scope import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.project import Project


@click.command(short_help="Review hooks that changed since you approved them.")
@click.option("--yes", is_flag=True, help="Approve all of them without asking.")
@click.pass_obj
def command(environ: dict[str, str], *, yes: bool) -> int:
    """Show what changed in this project's hooks since you approved them, and ask whether they may run.

    It is for those who set `review = true` in their own config.toml. When you enable a
    project, you approve the hooks that it has then.
    """
    now = here(environ)
    if not now.settings.approved:
        click.echo("review is off. To have hooks approved first: review = true in your own config.toml")
        return 0
    refused: set[str] = set()
    while pending := [hook for hook in waiting(now) if hook.kept not in refused]:
        for hook in pending:
            changes = approved.difference(hook.waits_for, hook.text, hook.kept)
            click.echo(f"{approved.visible(hook.why)}\n{changes}", nl=False)
            if yes or confirm("Run it from now on?"):
                plan.approved_now(hook, now.settings)
            else:
                refused.add(hook.kept)
    left = len(refused)
    click.echo(f"{left} not approved" if left else "every hook is approved")
    return EXIT_FAILED if left else 0


def waiting(now: Scope) -> list[planned.PlannedHook]:
    """The hooks of a project that wait for review, each file once."""
    hooks = catalogue.hooks(now, skips.Skips())
    return list({hook.kept: hook for hook in hooks if hook.kept}.values())


def approve_all(project: Project, environ: Mapping[str, str]) -> None:
    """Approve the hooks as they are, when a project is enabled. The next run says what is wrong with settings."""
    try:
        now = around(project, environ)
    except ConfigError:
        return
    while hooks := waiting(now):
        for hook in hooks:
            plan.approved_now(hook, now.settings)
