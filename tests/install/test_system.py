"""install --system and --standalone, for all users, on this machine's own /usr.

Each test is one script in a mount namespace of its own, where an overlay takes what is written below /usr.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.box import STUB, Box, Result
from tests.support.trees import copy_tree

pytestmark = pytest.mark.root  # it writes to the system's directories, in a mount namespace of its own

ROOT = Path(__file__).parents[2]
PLUGIN_LINK = "/usr/local/lib/docker/cli-plugins/docker-compose"
OTHER = 12345  # the number of another user

SITE = sysconfig.get_paths()["purelib"]
PRELUDE = f"""
link={PLUGIN_LINK} shop=$base/shop
mkdir "$base/over"; mount -t tmpfs none "$base/over"; mkdir "$base/over/up" "$base/over/work"
mount -t overlay none -o "lowerdir=/usr,upperdir=$base/over/up,workdir=$base/over/work" /usr
printf '#!/bin/sh\nPYTHONPATH=%s exec /usr/bin/python3 -m hookman "$@"\n' $base/lib:{SITE} >/usr/local/bin/hookman
chmod +x /usr/local/bin/hookman; hash -r
export PATH=/usr/local/bin:$PATH
put() {{ mkdir -p "${{1%/*}}"; rm -f "$1"; cp "$stub" "$1"; }}
as_other() {{
    HOME=$base/other STUB_CALLS=$base/other/calls setpriv --reuid={OTHER} --regid={OTHER} --clear-groups "$@"
}}
# Every file and link of the places where something is installed.
usr() {{
    mkdir -p /usr/local/lib/docker /usr/local/opt
    find /usr/local/lib/docker /usr/local/bin /usr/local/opt -type f -printf '%p %m %s\n' -o -type l -printf '%p %l\n' |
        sort
}}
"""


class Machine:
    def __init__(self, base: Path, library: Path) -> None:
        base.chmod(0o755)
        self.box = Box(base, STUB)
        (self.box.config / "cli-plugins/docker-compose").unlink()
        copy_tree(library, base / "lib").chmod(0o755)
        shutil.copy(STUB, base / "stub")
        for name in ("shop", "other/shop"):
            hook = base / name / ".dde/hooks/project.up.pre/a.sh"
            hook.parent.mkdir(parents=True)
            hook.write_text("#!/bin/sh\necho ran >>trace\n")
            hook.chmod(0o755)
            (base / name / "compose.yaml").write_text("services: {}\n")
        for path in (base / "other", *(base / "other").rglob("*")):
            os.chown(path, OTHER, OTHER)

    def sh(self, script: str) -> Result:
        """Run `script` as root, what it writes below /usr being gone afterwards."""
        self.box.environ |= {"base": str(self.box.base), "stub": str(self.box.base / "stub")}
        result = self.box.run("unshare", "-m", "bash", "-eu", "-o", "pipefail", "-c", PRELUDE + script)
        assert result.code == 0, result
        return result

    def trace(self, name: str = "shop") -> list[str]:
        """The lines that the hooks wrote."""
        path = self.box.base / name / "trace"
        return path.read_text().split() if path.exists() else []


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of hookman with the bytecode of the system's Python."""
    library = tmp_path_factory.mktemp("lib")
    shutil.copytree(ROOT / "hookman", library / "hookman", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "templates", library / "templates")
    code = "from hookman.install.bytecode import write_bytecode; write_bytecode()"
    subprocess.run(["/usr/bin/python3", "-c", code], cwd="/", env={"PYTHONPATH": f"{library}:{SITE}"}, check=True)
    return library


@pytest.fixture
def machine(library: Path) -> Iterator[Machine]:
    """A machine on which other users can read what is tested (pytest's own directories are closed)."""
    with tempfile.TemporaryDirectory(prefix="hookman-test-") as base:
        yield Machine(Path(base), library)


@pytest.mark.parametrize("where", ["/usr/local/lib", "/usr/local/libexec", "/usr/lib", "/usr/libexec"])
def test_the_real_compose_is_found_in_each_system_directory(machine: Machine, where: str) -> None:
    machine.sh(f"put {where}/docker/cli-plugins/docker-compose; cd $shop; hookman install; docker compose up -d")
    assert (machine.trace(), machine.box.calls()) == (["ran"], ["<compose><up><-d>"])


def test_another_user_has_hooks_by_their_own_consent(machine: Machine) -> None:
    result = machine.sh("""
        put /usr/libexec/docker/cli-plugins/docker-compose; hookman install --system; cd $base/other/shop
        as_other docker compose up -d
        as_other hookman enable
        as_other docker compose up -d
    """)
    assert machine.trace("other/shop") == ["ran"]
    assert result.err.count("are not enabled on this machine") == 1


@pytest.mark.parametrize(
    "existing",
    [
        "put /usr/libexec/docker/cli-plugins/docker-compose",
        "put $link",
        "put /usr/local/opt/docker-compose; mkdir -p ${link%/*}; ln -s ../../../opt/docker-compose $link",
        "put /usr/local/opt/docker-compose; mkdir -p ${link%/*}; ln -s /usr/local/opt/docker-compose $link",
    ],
    ids=["elsewhere", "file", "relative link", "absolute link"],
)
def test_uninstall_leaves_the_system_as_it_was(machine: Machine, existing: str) -> None:
    result = machine.sh(f"""
        {existing}
        before=$(usr); hookman install --system >&2; once=$(usr)
        test "$before" != "$once"
        hookman install --system; test "$(usr)" = "$once"
        hookman doctor
        docker compose version
        hookman uninstall --system; test "$(usr)" = "$before"
        docker compose ps
    """)
    assert "installed already" in result.out
    assert "all is well" in result.out
    assert machine.box.calls() == ["<compose><version>", "<compose><ps>"]


def test_an_upgrade_of_compose_written_through_the_link_becomes_the_real_one(machine: Machine) -> None:
    result = machine.sh("""
        put $link; hookman install --system >/dev/null
        echo '# newer' >>$stub; cp $stub $link
        docker compose version
        hookman doctor && exit 9; hookman install --system >/dev/null
        hookman doctor
        cd $shop; hookman enable >/dev/null; docker compose up -d
        hookman uninstall --system
        tail -n 1 $link
        ls /usr/local/lib/docker/hookman/kept/plugin
    """)
    assert "something else is in its place" in result.out
    assert machine.trace() == ["ran"]
    assert result.out.splitlines()[-2:] == ["# newer", "docker-compose.1"]


def test_a_users_own_shim_and_that_for_all_run_hooks_once(machine: Machine) -> None:
    machine.sh("""
        put $link; hookman install --system; hookman install
        cd $shop; hookman enable; docker compose up -d; docker compose ps
        hookman uninstall; docker compose up -d
        hookman doctor
    """)
    assert machine.trace() == ["ran", "ran"]
    assert machine.box.calls() == ["<compose><up><-d>", "<compose><ps>", "<compose><up><-d>"]


def test_a_hookman_that_others_cannot_read_is_not_installed_for_them(machine: Machine) -> None:
    result = machine.sh(
        "chmod 700 $base/lib; put /usr/libexec/docker/cli-plugins/docker-compose; hookman install --system || usr"
    )
    assert "other users can't run this hookman" in result.err
    assert "/usr/local/lib/docker/hookman" not in result.out


def test_the_standalone_command_of_all_users_is_kept_and_comes_back(machine: Machine) -> None:
    result = machine.sh("""
        put $link; put /usr/local/bin/docker-compose; before=$(usr)
        hookman install --system --standalone; hookman install --system --standalone | tail -2
        cd $shop; hookman enable >/dev/null
        docker-compose up -d; /usr/local/bin/docker-compose ps; docker compose down
        hookman doctor
        hookman uninstall --system; test "$(usr)" = "$before"
        docker-compose up -d
    """)
    assert "hookman is installed already" in result.out
    assert "all is well" in result.out
    assert machine.trace() == ["ran"]
    assert machine.box.calls() == ["<up><-d>", "<ps>", "<compose><down>", "<up><-d>"]
