"""What functions of hooks.sh see, and what they export (CONTRACT B, C32)."""

from __future__ import annotations

from tests.support.box import Box, Project


class TestEnvironment:  # C27 to C29, C33
    def test_functions_see_dotenv_as_compose_reads_it(self, shop: Project) -> None:
        shop.write(".env", "export A=\"x y\" # note\nB=plain # note\nC=${A}!\nD=$(touch ran)\nE='$A'\r\n")
        shop.hooks_sh('hook_pre_up() { printf \'%s|\' "$A" "$B" "$C" "$D" "$E" >trace; }\n')
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["x y|plain|x y!|$(touch ran)|$A|"]
        assert not (shop.path / "ran").exists()

    def test_lines_that_no_environment_can_hold_stop_nothing(self, shop: Project) -> None:
        shop.write(".env", "=x\n===== x =====\nexport =x\nA=1\0\nB='two\r\nlines'\n")
        shop.hooks_sh('hook_pre_up() { printf "<%s>" "$A" "$B" >trace; }\n')
        result = shop.compose("up", "-d")
        assert (result.code, (shop.path / "trace").read_bytes()) == (0, b"<><two\r\nlines>")

    def test_the_callers_environment_wins_over_dotenv(self, shop: Project) -> None:
        shop.write(".env", "A=file\nB=file\n")
        shop.hooks_sh('hook_pre_up() { echo "$A $B" >trace; }\n')
        shop.compose("up", "-d", A="shell")
        assert shop.trace() == ["shell file"]

    def test_the_files_of_env_file_take_the_place_of_dotenv(self, shop: Project) -> None:
        shop.write(".env", "A=default\n")
        shop.write("other.env", "A=other\n")
        shop.hooks_sh('hook_pre_up() { echo "$A" >trace; }\n')
        shop.compose("--env-file", "other.env", "up", "-d")
        assert shop.trace() == ["other"]

    def test_the_stacks_dotenv_overrides_the_roots(self, box: Box) -> None:
        stack = box.project("stacks/web")
        (box.base / "stacks/kompose.sh").write_text("")
        (box.base / "stacks/.env").write_text("A=root\nB=root\n")
        stack.write(".env", "B=stack\n")
        stack.hooks_sh('hook_pre_up() { echo "$A $B $SCRIPT_DIR" >trace; }\n')
        stack.compose("up", "-d")
        assert stack.trace() == [f"root stack {box.base}/stacks"]
        seen = box.compose_environ()
        assert seen["A"] == "root"  # Compose interpolates what hooks see
        assert "B" not in seen  # and reads the stack's own .env itself

    def test_a_broken_dotenv_is_named_with_its_line(self, shop: Project) -> None:
        shop.write(".env", 'A=1\nB="open\n')
        shop.hooks_sh("hook_pre_up() { :; }\n")
        result = shop.compose("up", "-d")
        assert (result.code, shop.box.calls()) == (78, [])
        assert f'{shop.path}/.env:2: B: the quote " is not closed' in result.err

    def test_dotenv_cannot_set_hookmans_own_variables(self, shop: Project) -> None:
        shop.write(".env", "HOOKMAN_SKIP=1\nHOOKMAN_DATA_DIR=/nowhere\nHOOKMAN_RUNNING=/x\n")
        shop.hooks_sh('hook_pre_up() { echo "<$HOOKMAN_SKIP>" >trace; }\n')
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["<>"]


class TestExports:  # C32
    def test_what_functions_export_reaches_compose_and_the_post_phase(self, shop: Project) -> None:
        shop.hooks_sh("""
            export TOP=1
            hook_pre_up() { export TAG="a b"$'\\n'"c"; unset GONE; HIDDEN=1; }
            hook_post_up() { echo "$TAG" >trace; }
        """)
        shop.compose("up", "-d", GONE="here")
        seen = shop.box.compose_environ()
        assert (seen["TAG"], seen["TOP"], seen.get("GONE"), seen.get("HIDDEN")) == ("a b\nc", "1", None, None)
        assert shop.trace() == ["a b", "c"]

    def test_a_top_level_export_counts_without_a_function(self, shop: Project) -> None:
        shop.hooks_sh("export TAG=top\n")
        shop.compose("up", "-d")
        assert shop.box.compose_environ()["TAG"] == "top"

    def test_exports_before_an_early_exit_count(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() { export TAG=early; exit 0; echo never >trace; }\n")
        assert shop.compose("up", "-d").code == 0
        assert (shop.box.compose_environ()["TAG"], shop.trace()) == ("early", [])

    def test_cd_and_shell_variables_do_not_reach_compose(self, shop: Project) -> None:
        shop.hooks_sh("hook_pre_up() { cd /; }\n")
        shop.compose("up", "-d")
        seen = shop.box.compose_environ()
        assert seen["PWD"] == str(shop.path)
        assert [name for name in seen if name.startswith("HOOKMAN_") or "hookman" in name] == []
