"""What the tests against the real programs share: how many examples, from which seed, and one call of Compose.

HOOKMAN_FUZZ=5000 HOOKMAN_FUZZ_SEED=1 scripts/test tests/fuzz
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import hypothesis

from tests.support.engine import SHORT_LIVED, engine_variable

EXAMPLES = int(os.environ.get("HOOKMAN_FUZZ", "60"))  # noqa: TID251 (how long to look is the caller's word)
SEED = int(os.environ.get("HOOKMAN_FUZZ_SEED", "1"))  # noqa: TID251 (the same lines each time, unless one asks for others)


def fuzz(test: Callable[..., None]) -> Any:
    """A test of many examples from the seed that is printed at the end."""
    settings = hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )
    return settings(hypothesis.seed(SEED)(test))


def compose(argv: Sequence[str], cwd: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[bytes]:
    """Run the real Compose as docker runs it, `argv` being the line after `docker`, with no engine to reach."""
    return subprocess.run(
        [engine_variable("HOOKMAN_TEST_COMPOSE"), *argv],
        cwd=cwd,
        env={**surroundings(cwd), **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


def surroundings(cwd: Path) -> dict[str, str]:
    """The environment that `compose` gives besides the caller's."""
    return {
        "PATH": "/nonexistent",
        "HOME": str(cwd),
        "PWD": str(cwd),
        "DOCKER_HOST": "unix:///nonexistent.sock",
        "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND": "docker",
        **SHORT_LIVED,
    }
