"""Can the engine of a docker context be reached? docker itself tries it, so it says what is wrong in its own words."""

from __future__ import annotations

import subprocess

from hookman.base.messages import redactor
from hookman.compose.contexts import in_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

PATIENCE = 20.0  # seconds; an ssh connection may take some
LONGEST = 500  # characters of what docker says


def why_not_reached(context: str, environ: Mapping[str, str], patience: float = PATIENCE) -> str:
    """Why the engine of the context can't be reached, on one line; "" if it answers."""
    argv = ["docker", "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(
            argv,
            env=in_context(context, environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not answer within {patience:g} s"
    except OSError as error:
        return f"docker can't be started ({error.strerror})"
    if not done.returncode:
        return ""
    said = " ".join(done.stderr.decode("utf-8", "replace").split())
    return redactor.shown(said)[-LONGEST:] or f"docker version failed with exit code {done.returncode}"
