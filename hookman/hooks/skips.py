"""What is to be skipped: --skip-hooks, HOOKMAN_SKIP and `skip` in the settings (DESIGN 1.3, 11)."""

from __future__ import annotations

from hookman.base.records import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.settings.hookman_toml import Settings


# Why a hook is skipped by its name:
FROM_ENVIRONMENT = "HOOKMAN_SKIP"
FROM_CONFIG = "skip in the config"


@record
class Skips:
    """What is to be skipped: everything, or what names it (HOOKMAN_SKIP, `skip` in the config)."""

    everything: str = ""  # the reason, if everything is
    names: tuple[tuple[str, str], ...] = ()  # name → reason

    def reason(self, event: str, name: str) -> str:
        """Why the hook `name` of `event` is skipped; "" if it is not."""
        if self.everything:
            return self.everything
        wanted = (name, event, f"{event}/{name}")
        return next((reason for skipped, reason in self.names if skipped in wanted), "")


def skips(settings: Settings, environ: Mapping[str, str], *, skip_hooks: bool) -> Skips:
    """What --skip-hooks, HOOKMAN_SKIP and the config say (DESIGN 1.3, 11)."""
    if skip_hooks:
        return Skips(everything="--skip-hooks")
    stated = environ.get("HOOKMAN_SKIP", "").strip()
    if stated.lower() in ("1", "true", "yes", "all"):
        return Skips(everything=f"HOOKMAN_SKIP={stated}")
    words = [] if stated.lower() in ("0", "false", "no") else [word.strip() for word in stated.split(",")]
    names = [(word, FROM_ENVIRONMENT) for word in words if word]
    names += [(name, FROM_CONFIG) for name in settings.skip]
    names += [(name, FROM_CONFIG) for name, keys in settings.hooks.items() if keys.get("skip")]
    return Skips(names=tuple(names))
