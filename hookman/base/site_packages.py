"""Third-party packages for an interpreter that was started without them (-I -S)."""

from __future__ import annotations


def enable_site_packages() -> None:
    """Make installed packages importable; costs 10 ms, so only branches that need one call it."""
    import sys

    if sys.flags.no_site and "site" not in sys.modules:
        import site

        site.main()
