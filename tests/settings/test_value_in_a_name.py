"""A value that was written into a name, by mistake or not, is told by no error and no reason."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from hookman.base.redact import MASK
from tests.support.box import Project
from tests.support.secrets import SECRET, leaks, up

HOOK = '[hooks.a]\non = "up.pre"\nrun = "true"\n'
VALUE_IN_A_NAME = {
    "variable": f'{HOOK}env = {{"API TOKEN={SECRET}" = "1"}}\n',
    "variable with a colon": f'{HOOK}env = {{"API_TOKEN: {SECRET}" = "1"}}\n',
    "variable with a url": f'{HOOK}env = {{"DB=postgres://a:{SECRET}@db/x" = "1"}}\n',
    "variable for a shell": f'{HOOK}env = {{"API_TOKEN:{SECRET}" = "1"}}\n',
    "key of a hook": f'{HOOK}"API_TOKEN={SECRET}" = "1"\n',
    "key of when": f'{HOOK}when = {{"API_TOKEN={SECRET}" = "1"}}\n',
    "profile": f'{HOOK}when = {{profiles = ["API_TOKEN={SECRET}"]}}\n',
    "condition on a variable": f'{HOOK}when = {{env = ["API_TOKEN={SECRET}"]}}\n',
    "condition on a flag": f'{HOOK}when = {{flags = ["token {SECRET}"]}}\n',
    "event": f'[hooks.a]\non = "API_TOKEN={SECRET}"\nrun = "true"\n',
    "user": f'{HOOK}service = "web"\nuser = "app password={SECRET}"\n',
    "workdir": f'{HOOK}service = "web"\nworkdir = "password={SECRET}"\n',
    "service": f'{HOOK}service = "password={SECRET}"\n',
    "mode": f'{HOOK}service = "web"\nmode = "password={SECRET}"\n',
    "source": f'{HOOK}sources = "password={SECRET}["\n',
    "hook that is no table": f'[hooks]\n"API_TOKEN={SECRET}" = 1\n',
    "hook that does not exist": f'[hooks."API_TOKEN={SECRET}"]\ntimeout = 3\n',
    "setting": f'"API_TOKEN={SECRET}" = "1"\n',
    "skip": f'skip = ["password={SECRET}"]\n',
    "header of the export": f'[export]\notlp = "http://h/x"\nheaders = {{"Authorization: Bearer {SECRET}" = "1"}}\n',
    "key of the export": f'[export]\n"Authorization: Bearer {SECRET}" = "1"\n',
    "header of a notice": f'[[notify]]\nurl = "http://h/x"\nheaders = {{"Authorization: Bearer {SECRET}" = "1"}}\n',
    "key of a notice": f'[[notify]]\n"token={SECRET}" = "1"\n',
    "format of a notice": f'[[notify]]\nurl = "http://h/x"\nformat = "token={SECRET}"\n',
}


@pytest.mark.parametrize("text", VALUE_IN_A_NAME.values(), ids=VALUE_IN_A_NAME.keys())
def test_a_value_that_was_written_into_a_name_in_hookman_toml_is_told_nowhere(shop: Project, text: str) -> None:
    shop.write("hookman.toml", text)
    shop.script("up.pre", "b.sh")
    assert_nothing_told(shop)


VALUE_IN_A_KEY_OF_YAML = {
    "variable": f"hooks: {{a: {{on: up.pre, run: x, env: {{API_TOKEN={SECRET}: 1}}}}}}",
    "variable that is there twice": f"hooks: {{a: {{env: {{A_KEY={SECRET}: 1, A_KEY={SECRET}: 2}}}}}}",
    "hook that is no table": f"hooks: {{API_TOKEN={SECRET}: 1}}",
    "key": f"API_TOKEN={SECRET}: 1",
}


@pytest.mark.parametrize("text", VALUE_IN_A_KEY_OF_YAML.values(), ids=VALUE_IN_A_KEY_OF_YAML.keys())
def test_a_value_that_was_written_into_a_key_of_x_hookman_is_told_nowhere(shop: Project, text: str) -> None:
    shop.write("compose.yaml", f"services: {{}}\nx-hookman: {{{text}}}\n")
    assert_nothing_told(shop)


def assert_nothing_told(project: Project) -> None:
    """Neither `up`, nor the log, nor those commands that say what is wrong, tell SECRET; some say what was masked."""
    told = [up(project), *(project.hookman(name) for name in ("list", "doctor", "log"))]
    kept = {place for result in told for place in leaks(project.box, result)}
    assert {Path(place).name for place in kept} <= {"settings"}  # a copy of the project's own file, for its user alone
    assert all(stat.S_IMODE(Path(place).stat().st_mode) == 0o600 for place in kept)
    shown = "".join(result.out + result.err for result in told)
    assert MASK.decode() in shown
    assert SECRET not in shown
