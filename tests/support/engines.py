"""More real engines beside the tests' own: dockerd with its own socket and data root, without a network."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.box import PATIENCE
from tests.support.engine import SHORT_LIVED, engine_variable
from tests.support.waiting import wait_until

APART = ("--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-masq=false")

# Docker before 23 keeps an engine's id in /etc/docker, and each is to have its own; also its own network, because
# an engine with --bridge=none removes docker0, which is that of the tests' own engine.
OWN_SETTINGS = (
    "unshare",
    "-m",
    "-n",
    "sh",
    "-c",
    'mkdir -p /etc/docker && mount -t tmpfs none /etc/docker && exec "$@"',
    "sh",
)


class Engine:
    """One engine, that has the tests' image once it is `ready`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self.start()

    def start(self) -> None:
        """Start it; `ready` waits for it."""
        self._folder.mkdir(exist_ok=True)
        places = [f"--{name}={self._folder}/{name}" for name in ("pidfile", "data-root", "exec-root")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*OWN_SETTINGS, "dockerd", "--host", self.host, *places, *APART],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def ready(self, image: bytes) -> None:
        """Wait until it answers, and load the image."""

        def answers() -> bool:
            assert self._process.poll() is None, (self._folder / "log").read_text()[-2000:]
            return not self._docker("version").returncode

        wait_until(answers, f"{self.host} does not answer")
        assert not self._docker("load", "-q", stdin=image).returncode

    def stop(self) -> None:
        """Stop it, with all that runs on it."""
        running = self._docker("ps", "-q").stdout.decode().split()
        if running:
            self._docker("kill", *running)
        self._process.terminate()
        self._process.wait(PATIENCE)

    def containers(self, *options: str) -> list[str]:
        """The names of the containers that run there."""
        return sorted(self._docker("ps", "--format", "{{.Names}}", *options).stdout.decode().split())

    def remove_containers(self) -> None:
        """Remove all of them."""
        found = self._docker("ps", "-aq").stdout.decode().split()
        if found:
            assert not self._docker("rm", "-f", *found).returncode

    def _docker(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        argv, environ = ["docker", "-H", self.host, *words], {**os.environ, **SHORT_LIVED}  # noqa: TID251
        return subprocess.run(argv, env=environ, input=stdin, capture_output=True, timeout=PATIENCE, check=False)


@contextmanager
def engines(count: int) -> Iterator[list[Engine]]:
    """So many engines. They need root."""
    docker, image = ["docker", "-H", engine_variable("DOCKER_HOST")], engine_variable("HOOKMAN_TEST_IMAGE")
    saved = subprocess.run([*docker, "save", image], capture_output=True, check=True).stdout
    with tempfile.TemporaryDirectory(prefix="hm-", ignore_cleanup_errors=True) as folder:  # short, for a socket's path
        found = [Engine(Path(folder, str(number))) for number in range(count)]
        try:
            for engine in found:
                engine.ready(saved)
            yield found
        finally:
            for engine in found:
                engine.stop()
