"""A user's machine in a directory: a home, a Docker configuration, hookman, projects."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import textwrap
from functools import cached_property
from pathlib import Path
from typing import Any

from hookman.consent import marks
from tests.support.warm import warm

DATA = Path(__file__).parents[1] / "data"
STUB = DATA / "compose-stub"
BIN = Path(sys.executable).parent
PATIENCE = 120  # seconds until what must come has come, also on a busy machine
SOMEBODY = 12345  # the number of another user


class Result:
    """How a command ended; output as bytes, and as text for reading."""

    def __init__(self, done: subprocess.CompletedProcess[bytes]) -> None:
        self.code = done.returncode
        self.stdout = done.stdout
        self.stderr = done.stderr
        self.out = done.stdout.decode("utf-8", "surrogateescape")
        self.err = done.stderr.decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


class Box:
    """Everything is below `base`; nothing of the real user's is used."""

    def __init__(self, base: Path, compose: Path, more: dict[str, str] | None = None) -> None:
        self.base = base
        self.home = base / "home"
        self.config = self.home / ".docker"
        self.data = self.home / ".local/share/hookman"
        self.shim = self.data / "cli-plugins/docker-compose"
        self.calls_file = base / "stub-calls"
        self.env_file = base / "stub-env"
        plugins = self.config / "cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-compose").symlink_to(compose)
        self.environ = {
            "HOME": str(self.home),
            "PATH": f"{BIN}:{os.environ['PATH']}",  # noqa: TID251 (where docker lies on this machine)
            "LANG": "C.UTF-8",
            "STUB_CALLS": str(self.calls_file),
            "STUB_ENV": str(self.env_file),
            **(more or {}),
        }

    def run(
        self, *argv: str | Path | bytes, cwd: Path | None = None, stdin: bytes | None = None, **environ: str
    ) -> Result:
        """Run a command on this machine; stdin is empty unless given."""
        done = subprocess.run(
            argv,
            cwd=cwd or self.base,
            env={**self.environ, "PWD": str(cwd or self.base), **environ},
            input=stdin if stdin is not None else b"",
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        return Result(done)

    def hookman(self, *args: str | Path, cwd: Path | None = None, **environ: str) -> Result:
        """Run hookman in a fork of a process that has loaded it. `run("hookman", ...)` starts it as a user does."""
        cwd = cwd or self.base
        return Result(warm().hookman(args, cwd, {**self.environ, "PWD": str(cwd), **environ}, PATIENCE))

    def install(self) -> None:
        """Install the shim."""
        result = self.hookman("install")
        assert result.code == 0, result

    def prove(self) -> None:
        """Have the shim ask once whether hookman starts, as the first command on a machine does."""
        assert self.run(self.shim, "compose", "version", "--skip-hooks").code == 0
        assert (self.data / "starts").exists()

    def copy_installation(self, other: Box) -> None:
        """Be as `other`, on which hookman was installed: the same files, with the paths of this machine in them.

        It is what `install` and `prove` would write here (tests/test_suite.py compares), in a hundredth of the time.
        """
        for name, status, text in other.installation:
            target = str(self.base / name).replace(_digest(other), _digest(self))
            if text is None:
                os.makedirs(target, exist_ok=True)
            else:
                with open(target, "wb") as file:
                    file.write(text.replace(bytes(other.base), bytes(self.base)))
            os.chmod(target, stat.S_IMODE(status.st_mode))
            os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))  # the proof must be newer than the shim

    @cached_property
    def installation(self) -> list[tuple[str, os.stat_result, bytes | None]]:
        """The files of this machine with their bytes, and its directories, as they are when somebody first asks.

        The real Compose, which each machine has, is a link, and left out.
        """
        return [
            (str(path.relative_to(self.base)), path.stat(), None if path.is_dir() else path.read_bytes())
            for path in sorted(self.home.rglob("*"))
            if not path.is_symlink()
        ]

    def project(self, name: str = "shop", compose: str = "services: {}\n", *, enable: bool = True) -> Project:
        """A new project, enabled unless told otherwise."""
        project = Project(self, self.base / name)
        project.write("compose.yaml", compose)
        if enable:
            # What `hookman enable` does where no user's config asks for a review, without its 0.1 s.
            marks.enable(str(self.data), str(project.path.resolve()), marks.PROJECT)
        return project

    def user_settings(self, text: str) -> Path:
        """Write the user's own settings, and return the file."""
        path = self.home / ".config/hookman/config.toml"
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return path

    def calls(self) -> list[str]:
        """How the stub was called: a line a call, each argument in <>."""
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    def compose_environ(self) -> dict[str, str]:
        """The environment of the stub's last call."""
        parts = self.env_file.read_bytes().decode("utf-8", "surrogateescape").split("\0")
        return dict(part.split("=", 1) for part in parts if "=" in part)

    def runs(self) -> list[dict[str, Any]]:
        """The runs in the log, oldest first, as `hookman log --json` tells them."""
        result = self.hookman("log", "--json", "-n", "1000")
        return [json.loads(line) for line in reversed(result.out.splitlines())]


def _digest(box: Box) -> str:
    """What the name of the kept config.json says of where that is."""
    return hashlib.sha256(bytes(box.config)).hexdigest()[:12]


class Project:
    """A project directory."""

    def __init__(self, box: Box, path: Path) -> None:
        self.box = box
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        """Write a file of the project; the text may be indented."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8", errors="surrogateescape")
        path.chmod(mode)
        return path

    def script(self, event: str, name: str, body: str = "", mode: int = 0o755, first: str = "#!/bin/sh") -> Path:
        """Write a directory hook: event up.pre, the lines after `first`."""
        text = f"{first}\n{textwrap.dedent(body)}" if first else textwrap.dedent(body)
        return self.write(f".dde/hooks/project.{event}/{name}", text, mode)

    def hooks_sh(self, body: str, mode: int = 0o644) -> Path:
        """Write hooks.sh."""
        return self.write("hooks.sh", body, mode)

    def docker(self, *args: str | bytes, cwd: Path | None = None, stdin: bytes | None = None, **environ: str) -> Result:
        """Run docker in the project."""
        return self.box.run("docker", *args, cwd=cwd or self.path, stdin=stdin, **environ)

    def compose(
        self, *args: str | bytes, cwd: Path | None = None, stdin: bytes | None = None, **environ: str
    ) -> Result:
        """Run docker compose in the project."""
        return self.docker("compose", *args, cwd=cwd, stdin=stdin, **environ)

    def hookman(self, *args: str | Path, **environ: str) -> Result:
        """Run hookman in the project."""
        return self.box.hookman(*args, cwd=self.path, **environ)

    def start(
        self,
        *argv: str | Path,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
        stderr: int = subprocess.DEVNULL,
        own_group: bool = False,
        **environ: str,
    ) -> subprocess.Popen[bytes]:
        """Start a command in the project and go on; what it prints is thrown away unless a pipe is given."""
        return subprocess.Popen(
            argv,
            cwd=self.path,
            env={**self.box.environ, "PWD": str(self.path), **environ},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            process_group=0 if own_group else None,
        )

    def trace(self) -> list[str]:
        """The lines that hooks of this project wrote to the file `trace`."""
        path = self.path / "trace"
        return path.read_text().splitlines() if path.exists() else []

    def remove(self) -> None:
        """Take the directory away."""
        shutil.rmtree(self.path)
