"""Docker's config.json keeps what is the user's: how it is written, who may read it, whose it is."""

from __future__ import annotations

import os

import pytest

from tests.support.box import SOMEBODY, Box

CONFIGS = ['{\n  "auths": {}\n}\n', '{\n    "auths": {}\n}', '{\n\t"auths": {}\n}\n']


@pytest.mark.parametrize("text", CONFIGS)
def test_config_json_keeps_its_indentation(bare: Box, text: str) -> None:
    path = bare.config / "config.json"
    path.write_text(text)
    bare.install()
    indent = text.partition("\n")[2].partition('"')[0]
    folder = bare.data / "cli-plugins"
    expected = f'{{\n{indent}"auths": {{}},\n{indent}"cliPluginsExtraDirs": [\n{indent * 2}"{folder}"\n{indent}]\n}}'
    assert path.read_text() == expected + ("\n" if text.endswith("\n") else "")


@pytest.mark.root
def test_config_json_keeps_mode_and_owner(bare: Box) -> None:
    path = bare.config / "config.json"
    path.write_text('{"auths": {}}')
    path.chmod(0o604)
    os.chown(path, SOMEBODY, SOMEBODY)
    for command in ("install", "uninstall"):
        assert bare.hookman(command).code == 0
        status = path.stat()
        assert (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o604, SOMEBODY, SOMEBODY)
