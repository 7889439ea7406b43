"""Why an engine can't be reached, as docker itself says it, and how to fix that."""

from __future__ import annotations

from hookman.compose.context import DEFAULT, address_shown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from hookman.compose.endpoint import Endpoint
    from hookman.compose.engine_api import EngineError

LONGEST = 500  # characters of what docker says
START = "start the engine, or correct its address (docker context ls)"
CERTIFICATES = "DOCKER_CERT_PATH, or docker context update"
# What docker, ssh and Go say, in lower case, and the fix. {host} is the machine's name.
FIXES = (
    ("remote error: tls: expired certificate", f"renew your certificate, cert.pem ({CERTIFICATES})"),
    ("has expired or is not yet valid", "renew the engine's certificate; if it is new, set the clock of this machine"),
    (
        "unknown certificate authority",
        f"take a certificate, cert.pem, that the engine's CA has signed ({CERTIFICATES})",
    ),
    ("signed by unknown authority", f"take the ca.pem of the CA that signed the engine's certificate ({CERTIFICATES})"),
    ("certificate is valid for", "use a name or address that is in the engine's certificate"),
    ("certificate required", f"the engine wants a certificate of yours: cert.pem and key.pem ({CERTIFICATES})"),
    ("bad certificate", f"the engine wants a certificate of its CA: cert.pem and key.pem ({CERTIFICATES})"),
    ("http request to an https server", "the engine wants TLS: set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH"),
    ("host key verification failed", "check whose key it is, then: ssh-keygen -R {host}, and `ssh {host}` once"),
    ("permission denied (", "`ssh {host}` must work without a question: add your key there, or start an agent"),
    ("docker: command not found", "install docker on {host}, or put it on the PATH that `ssh {host} env` shows"),
    ("could not resolve hostname", "correct the host's name in the context or in DOCKER_HOST, or look at the DNS"),
    ("no such host", "correct the host's name in the context or in DOCKER_HOST, or look at the DNS"),
    ("dial tcp: lookup", "correct the host's name in the context or in DOCKER_HOST, or look at the DNS"),
    ("permission denied", "become a member of the group that owns the socket (usually docker)"),
    ("temporarily unavailable", "check whether `docker version` answers there: the engine may hang"),
    ("does not answer", "check whether `docker version` answers there: the engine may hang, or the network"),
    ("not http", "check what listens at that address: it is not a Docker engine"),
    ("not json", "check what listens at that address: it is not a Docker engine"),
    ("not what was asked for", "check what listens at that address: it is not a Docker engine"),
    (
        "connection reset",
        "check what listens at that address, and whether it wants TLS (DOCKER_TLS_VERIFY=1)",
    ),
)


def place(engine: Endpoint) -> str:
    """An engine as people are told of it."""
    return address_shown(engine.host) if engine.context == DEFAULT else f"the context {engine.context}"


def why(engine: Endpoint, error: EngineError, environ: Mapping[str, str], patience: float) -> tuple[str, str]:
    """What is wrong with an engine that gave this `error`, and how to fix it.

    `docker system dial-stdio` does not say why it could not connect (ssh, certificates), so `docker version` is asked.
    """
    said = str(error)
    if not engine.socket and "does not answer" not in said:
        said = _docker_says(engine, environ, patience) or said
    return said, fix_of(said, engine)


def fix_of(said: str, engine: Endpoint, default: str = START) -> str:
    """How to fix what docker, or the engine, `said`; the `default` if that is not known."""
    lower = said.lower()
    host = engine.host.partition("://")[2].partition("/")[0].rpartition("@")[2] or "HOST"
    return next((fix.format(host=host) for needle, fix in FIXES if needle in lower), default)


def _docker_says(engine: Endpoint, environ: Mapping[str, str], patience: float) -> str:
    """What docker says to a question to the engine; "" if it has an answer, or says nothing in time."""
    import subprocess

    argv = [*engine.docker, "version", "--format", "{{.Server.Version}}"]
    try:
        done = subprocess.run(
            argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired:
        return "it does not answer"
    except (OSError, subprocess.SubprocessError):
        return ""
    return _short(done.stderr.decode("utf-8", "replace")) if done.returncode else ""


def _short(text: str) -> str:
    """What docker says, without what is always the same: the request, and how it called ssh."""
    text = " ".join(text.split())
    _, is_ssh, told = text.rpartition("stderr=")
    if (is_ssh and told) or (text.startswith("error during connect: ") and (told := text.partition('": ')[2])):
        text = told
    return text[-LONGEST:]
