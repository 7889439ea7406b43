"""The tables of hooks in `hookman config`: as they are written, without the secrets in them."""

from __future__ import annotations

from hookman.base.messages import redactor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def shown(table: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of one hook's table, with values that may be shown: no secret of its `env` and of its command."""
    env, run = table.get("env"), table.get("run")
    if isinstance(env, dict):
        redactor.learn({name: str(value) for name, value in env.items()})
    if run:
        redactor.learn_arguments([str(word) for word in run] if isinstance(run, (list, tuple)) else [str(run)])
    return {key: _masked(value) for key, value in table.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(one) for one in value]
    return redactor.shown(value) if isinstance(value, str) else value
