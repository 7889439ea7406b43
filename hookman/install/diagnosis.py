"""Diagnosis of the parts between `docker compose` and its hooks, with a fix for each that is wrong."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import tempfile

from hookman.base import paths
from hookman.base.errors import ConfigError
from hookman.base.findings import BAD, Finding, bad, note, ok
from hookman.compose import locate
from hookman.install import links, shims
from hookman.install.plugin_dirs import DockersPlugins

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hookman.base.errors import Problem

INSTALL = "hookman install"
PATIENCE = 10  # seconds that a program may take to say who it is


def inspect(environ: Mapping[str, str]) -> list[Finding]:
    """Look at every part between `docker compose` and the hooks. Nothing is changed."""
    docker = shutil.which("docker", path=environ.get("PATH"))
    if docker is None:
        return [bad("docker", "there is no docker command on your PATH", "https://docs.docker.com/engine/install/")]
    found = [_docker(docker, environ)]
    config = shims.docker_config(environ)
    try:
        extra = config.extra_dirs()
    except ConfigError as error:
        return [*found, Finding(state=BAD, part="config.json", problem=error.problem)]
    plugins = DockersPlugins(environ)
    found += [*_shims(environ, extra, config.path, plugins), *_real_compose(extra, environ, plugins)]
    if not any(finding.state == BAD for finding in found):
        found += _first_by_docker(plugins)
    found += _standalone(environ)
    return [*found, *_data(environ), *_bash(environ)]


def shim_problem(environ: Mapping[str, str]) -> Problem | None:
    """Why hooks do not run on plain `docker compose`; None if nothing is wrong with the shim. Nothing is changed."""
    config = shims.docker_config(environ)
    plugins = DockersPlugins(environ)
    try:
        found = _shims(environ, config.extra_dirs(), config.path, plugins)
    except ConfigError as error:
        return error.problem
    wrong = [finding.problem for finding in found if finding.state == BAD] or [
        finding.problem for finding in _first_by_docker(plugins)
    ]
    return wrong[0] if wrong else None


def _shims(environ: Mapping[str, str], extra: list[str], config: str, plugins: DockersPlugins) -> list[Finding]:
    """The state of the shims that can be in front of this user's `docker compose`."""
    found = [*_own_shim(environ, extra, config, plugins), *_system_shim()]
    return found or [bad("shim", "hookman is not in front of docker compose", INSTALL)]


def _docker(docker: str, environ: Mapping[str, str]) -> Finding:
    code, out = _ask([docker, "--version"], environ)
    if code or "podman" in out.lower():
        return bad("docker", f"{docker} is not Docker's own command line ({out or code})", "install Docker's CLI")
    return ok("docker", f"{out}  {docker}")


def _own_shim(environ: Mapping[str, str], extra: list[str], config: str, plugins: DockersPlugins) -> Iterator[Finding]:
    """The state of this user's shim; nothing if they have none."""
    directory = paths.plugin_dir(paths.data_dir(environ))
    shim = os.path.join(directory, locate.COMPOSE)
    if directory not in extra:
        if os.path.lexists(shim):
            yield bad("config.json", f"{config} does not name {directory}", INSTALL)
        return
    problem = _shim_problem(shim)
    if not problem and _text(shim) != shims.expected_plugin_shim(environ, extra, plugins):
        problem = "it was written by another hookman, or for other directories than Docker searches now"
    for before in extra[: extra.index(directory)]:
        path = os.path.join(before, locate.COMPOSE)
        if os.path.exists(path):
            yield bad("config.json", f"docker finds {path} before the shim", INSTALL)
    yield bad("shim", f"{shim}: {problem}", INSTALL) if problem else ok("shim", shim)


def _system_shim() -> Iterator[Finding]:
    """The state of the shim for all users; nothing if there is none."""
    shim = locate.SYSTEM_SHIMS[0]
    if not os.path.isdir(os.path.dirname(shim)):
        return
    fix = f"sudo {INSTALL} --system"
    if not links.is_link_to(shims.SYSTEM_PLUGIN_LINK, shim):
        yield bad("shim for all", f"{shims.SYSTEM_PLUGIN_LINK} is not the link to it any more", fix)
    elif problem := _shim_problem(shim):
        yield bad("shim for all", f"{shim}: {problem}", fix)
    else:
        yield ok("shim for all", shims.SYSTEM_PLUGIN_LINK)


def _shim_problem(path: str) -> str:
    """What is wrong with the shim at `path`, "" if nothing is."""
    if not os.path.exists(path):
        return "it is gone"
    if not locate.is_shim(path):
        return "something else is in its place"
    if not os.access(path, os.X_OK):
        return "it is not executable"
    programs = []
    for name, what in (("python", "the Python that it starts"), ("entry", "the hookman that it starts")):
        value = next((line for line in _text(path).splitlines() if line.startswith(f"{name}=")), "")
        programs.append("".join(shlex.split(value.partition("=")[2])[:1]))
        if not os.path.exists(programs[-1]):
            return f"{what} is gone ({programs[-1]})"
    python, entry = programs
    with tempfile.TemporaryDirectory() as folder:
        code, out = _ask(
            [python, "-I", "-S", entry, "starts", os.path.join(folder, "proof"), "x"], {"PATH": os.defpath}
        )
    return "" if out == "yes" else f"the hookman that it starts does not start ({out or f'exit code {code}'})"


def _first_by_docker(plugins: DockersPlugins) -> Iterator[Finding]:
    """What Docker itself says about the file that it starts."""
    compose = plugins.compose()
    path = compose.get("Path", "")
    if compose.get("Err"):
        yield bad("docker", f"docker can't use {path}: {compose['Err']}", INSTALL)
    elif path and not locate.is_shim(path):
        yield bad("docker", f"docker starts {path}, not the shim", INSTALL)


def _real_compose(extra: list[str], environ: Mapping[str, str], plugins: DockersPlugins) -> Iterator[Finding]:
    config_dir = locate.docker_config_dir(environ)
    user_plugin = os.path.join(config_dir, "cli-plugins", locate.COMPOSE)
    if os.path.islink(user_plugin) and not os.path.exists(user_plugin):
        yield note("real compose", f"{user_plugin} is a link to nothing", f"rm {shlex.quote(user_plugin)}")
    path = locate.find_plugin(extra, config_dir) or locate.find_plugin(extra, config_dir, plugins.system_dirs(extra))
    if path is None:
        yield bad("real compose", "Docker Compose is not installed", "https://docs.docker.com/compose/install/linux/")
        return
    if not os.path.isfile(path) or not os.access(path, os.X_OK):
        fix = f"chmod +x {shlex.quote(path)}" if os.path.isfile(path) else f"move {shlex.quote(path)} away"
        yield bad("real compose", f"{path} can't be executed, but it is the first that docker finds", fix)
        return
    code, out = _ask([path, "docker-cli-plugin-metadata"], environ)
    try:
        version = json.loads(out)["Version"]
    except (ValueError, KeyError, TypeError):
        yield bad("real compose", f"{path} does not work (exit {code}): {out[:200]}", "install it again")
        return
    yield ok("real compose", f"{version}  {path}")


def _standalone(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The `docker-compose` command: covered, meant to be covered, or left alone."""
    first = shutil.which(locate.COMPOSE, path=environ.get("PATH"))
    for home, flags in ((paths.data_dir(environ), "--standalone"), (paths.SYSTEM_DIR, "--system --standalone")):
        shim = os.path.join(paths.standalone_dir(home), locate.COMPOSE)
        if not os.path.isdir(os.path.dirname(shim)):
            continue
        problem = _shim_problem(shim)
        if not problem and (first is None or not locate.is_shim(first)):
            problem = f"your shell finds {first} first" if first else "it is not on your PATH"
        if problem:
            yield bad(locate.COMPOSE, f"{shim}: {problem}", f"{INSTALL} {flags}")
            return
    if first is None:
        return
    if locate.is_shim(first):
        yield ok(locate.COMPOSE, first)
    else:
        yield note(locate.COMPOSE, f"{first} runs no hooks", f"{INSTALL} --standalone")


def _data(environ: Mapping[str, str]) -> Iterator[Finding]:
    data = paths.data_dir(environ)
    if not os.path.isdir(data):
        return
    stat = os.stat(data)
    if stat.st_uid != os.geteuid():
        yield bad("data", f"{data} belongs to another user", f"sudo chown -R {os.geteuid()} {shlex.quote(data)}")
    elif stat.st_mode & 0o077:
        yield bad("data", f"{data} is open to other users", f"chmod 700 {shlex.quote(data)}")
    elif not os.access(data, os.W_OK):
        yield bad("data", f"{data} is not writable: no log, no lock", "set HOOKMAN_DATA_DIR")
    else:
        yield ok("data", data)
    try:
        reports = os.listdir(os.path.join(data, "reports"))
    except OSError:
        reports = []
    if reports:
        yield note("reports", f"{len(reports)} of internal errors in {data}/reports", "report them, then remove them")


def _bash(environ: Mapping[str, str]) -> Iterator[Finding]:
    if shutil.which("bash", path=environ.get("PATH")) is None:
        yield bad("bash", "it is not on your PATH, and hooks.sh needs it", "install bash")


def _ask(argv: list[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """A program's exit code and its stdout, or 1 and the reason if it does not start."""
    try:
        done = subprocess.run(
            argv, env=environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return 1, f"no answer in {PATIENCE} s"
    except OSError as error:
        return 1, error.strerror or str(error)
    return done.returncode, done.stdout.decode("utf-8", "replace").strip()


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
