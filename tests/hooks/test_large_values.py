"""Values that are too large to be handed to a program: the kernel takes no string of more than 128 KiB."""

from __future__ import annotations

import pytest

from tests.support.box import Project

LARGE = 200 * 1024


@pytest.mark.parametrize("kind", ["script", "all", "function"])
def test_a_large_value_in_a_dotenv_is_left_out_and_named_and_compose_runs(shop: Project, kind: str) -> None:
    shop.write(".env", f"BIG={'x' * LARGE}\nSMALL=1\n")
    if kind == "function":
        shop.hooks_sh('hook_pre_up() { echo "${BIG-none} ${SMALL-none}" >>trace; /bin/true; }\n')
    else:
        shop.script("up.pre", "a.sh", 'echo "${BIG-none} ${SMALL-none}" >>trace; /bin/true')
    if kind == "all":
        shop.write("hookman.toml", 'dotenv = "all"\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.calls()) == (0, ["<compose><up><-d>"])
    assert shop.trace() == ["none none" if kind == "script" else "none 1"]
    assert f"hooks do not get BIG ({LARGE} bytes) from .env" in result.err
    assert "Argument list too long" not in result.err


def test_many_values_that_are_too_large_together(shop: Project) -> None:
    shop.write(".env", "".join(f"V{number}={'x' * 100_000}\n" for number in range(30)) + "SMALL=1\n")
    shop.hooks_sh('hook_pre_up() { echo "${SMALL-none}" >>trace; /bin/true; }\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (0, ["1"], ["<compose><up><-d>"])
    assert "hooks do not get V" in result.err


def test_a_value_that_the_kernel_just_takes_is_handed_on(shop: Project) -> None:
    shop.write(".env", f"BIG={'x' * 130_000}\n")
    shop.hooks_sh('hook_pre_up() { echo "${#BIG}" >>trace; /bin/true; }\n')
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace()) == (0, ["130000"])


def test_a_large_value_of_a_root_keeps_compose_from_nothing(shop: Project) -> None:
    (shop.path.parent / "kompose.sh").write_text("")
    (shop.path.parent / ".env").write_text(f"BIG={'x' * LARGE}\n")
    shop.script("up.pre", "a.sh", "echo ran >>trace")
    result = shop.compose("up", "-d")
    assert (result.code, shop.trace(), shop.box.calls()) == (0, ["ran"], ["<compose><up><-d>"])


def test_a_large_export_of_a_function_is_left_out_for_those_that_follow(shop: Project) -> None:
    shop.hooks_sh(f"hook_pre_up() {{ printf -v BIG '%0{LARGE}d' 0; export BIG; export SMALL=1; }}\n")
    result = shop.compose("up", "-d")
    assert (result.code, shop.box.compose_environ().get("SMALL")) == (0, "1")
    assert f"BIG ({LARGE} bytes)" in result.err
