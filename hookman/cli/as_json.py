"""How our commands print JSON: every document has a version, as docs/json.md says."""

from __future__ import annotations

import json

import click

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

VERSION = 1  # it changes when a key changes its meaning or is removed

option = click.option("--json", "is_json", is_flag=True, help="Print JSON (see: hookman help json).")


def show(document: Mapping[str, Any]) -> None:
    """Print a document."""
    click.echo(json.dumps({"version": VERSION, **document}, indent=2))
