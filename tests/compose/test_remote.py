"""Which names of compose files Compose fetches; the real one says so."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hookman.compose.declared import is_remote

NAMES = """
https://h/y.git http://h/y.git https://h/y.git#main https://h/y.git#main:sub https://h/y.git?ref=v1
HTTPS://h/y.git https://h/y https://h/y.GIT https://h/y.git/ https://h/a.git/compose.yaml https://h/y.gitx
https:///y.git https://h.git https://u:p@h/y.git https://[::1]/y.git https:/h/y.git http://h/compose.yaml
git://h/y git://h/y.git Git://h/y ssh://git@h/y ssh://h:22/y.git git:h/y ssh:h/y git+ssh://h/y file:///y.git
ftp://h/y.git git@h:y git@h:y.git git@h:x/y#v1:sub user@h:y git@h:/abs git@h: git@h h:y host.com:x/y.git a@b
@h:y a+b@h:p x.y@h.com:p a/b@c:d /x/git@h:y a@h_x:p a_b-c@h-x.y:p git@h:a@b:c é@h:p github.com/x/y
github.com/x/y#main:sub github.com/ github.com ./github.com/x ../https://h/y.git oci:foo/bar OCI://foo/bar
oci://nowhere.invalid/bar compose.yaml ./compose.yaml sub/compose.yaml
"""


@pytest.mark.parametrize("name", NAMES.split())
def test_a_name_is_remote_where_compose_fetches_it(real_compose: Path, tmp_path: Path, name: str) -> None:
    git = tmp_path / "git"
    git.write_text("#!/bin/sh\nexit 3\n")
    git.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path), "PWD": str(tmp_path)}
    asked = subprocess.run(
        [real_compose, "-f", name, "config", "-q"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode
    assert is_remote(name) is ("no such file or directory" not in asked.stderr), asked.stderr
