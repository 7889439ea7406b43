"""What the shim does when a part of hookman is gone or damaged: Compose runs."""

from __future__ import annotations

import shutil

import pytest

from tests.support.box import Box, Project


class TestBroken:
    """Whatever of ours is missing or broken, the real Compose runs, with one line that says what to do."""

    def run(self, box: Box) -> None:
        shop = Project(box, box.base / "shop")
        result = shop.compose("up", "-d", "--skip-hooks", STUB_OUT="out", STUB_EXIT="5")
        assert (result.code, result.out, box.calls()) == (5, "out", ["<compose><up><-d>"])
        assert shop.trace() == []
        assert result.err.startswith("hookman: hooks did not run")
        assert "Fix: " in result.err
        assert result.err.count("\n") == 1
        assert shop.compose("version").err == ""

    def test_the_copy_works_before_it_is_broken(self, copied: Box) -> None:
        shop = Project(copied, copied.base / "shop")
        assert shop.compose("up", "-d").code == 0
        assert shop.trace() == ["ran"]

    def test_python_is_gone(self, copied: Box) -> None:
        (copied.base / "python").unlink()
        self.run(copied)

    def test_the_package_is_gone(self, copied: Box) -> None:
        shutil.rmtree(copied.base / "copy/hookman")
        self.run(copied)

    @pytest.mark.parametrize(
        "program",
        [
            "",
            "#!/bin/sh\n",
            "#!/bin/sh\nexit 0\n",
            "#!/bin/sh\nexit 127\n",
            "#!/bin/sh\nkill -9 $$\n",
            "#!/nowhere/python\n",
            "\x7fELF",
        ],
        ids=["empty", "nothing", "true", "127", "killed", "no interpreter", "broken binary"],
    )
    def test_python_does_not_start(self, copied: Box, program: str) -> None:
        assert Project(copied, copied.base / "shop").compose("ps").code == 0  # now it does
        copied.calls_file.unlink()
        python = copied.base / "python"
        python.unlink()
        python.write_text(program)
        python.chmod(0o755)
        self.run(copied)

    @pytest.mark.parametrize("kept", [0.0, 0.2, 0.5, 0.8, 0.95, 0.99])
    @pytest.mark.parametrize(
        "part", ["front/entry.py", "front/program.py", "front/start.py", "front/main.py", "base/messages.py"]
    )
    def test_a_part_of_the_package_is_cut_off(self, copied: Box, part: str, kept: float) -> None:
        path = copied.base / "copy/hookman" / part
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(lines[: int(len(lines) * kept)]))
        shop = Project(copied, copied.base / "shop")
        result = shop.compose("up", "-d", "--skip-hooks", STUB_OUT="out", STUB_EXIT="5")
        assert (result.code, result.out, copied.calls()) == (5, "out", ["<compose><up><-d>"]), result
        assert "Traceback" not in result.err

    @pytest.mark.parametrize(
        "part", ["front/program.py", "base/errors.py", "front/decide.py", "compose/project.py", "run/carry_out.py"]
    )
    def test_a_part_of_the_package_is_gone(self, copied: Box, part: str) -> None:
        (copied.base / "copy/hookman" / part).unlink()
        self.run(copied)

    def test_a_part_of_the_package_is_damaged(self, copied: Box) -> None:
        (copied.base / "copy/hookman/compose/project.py").write_text("this is no Python")
        self.run(copied)

    def test_the_bytecode_of_the_first_module_is_damaged(self, copied: Box) -> None:
        bytecode = next((copied.base / "copy/hookman/front/__pycache__").glob("program.*.pyc"))
        bytecode.write_bytes(bytecode.read_bytes()[:16] + b"\xff" * 100)  # the head, which says of which source it is
        self.run(copied)

    def test_an_internal_error_leaves_a_report_and_no_traceback(self, copied: Box) -> None:
        with (copied.base / "copy/hookman/consent/marks.py").open("a") as file:
            file.write("\n\ndef is_enabled(data, directory):\n    return {}['oops']\n")
        self.run(copied)
        report = next((copied.data / "reports").iterdir()).read_text()
        assert "KeyError: 'oops'" in report

    def test_an_internal_error_once_hooks_ran_does_not_start_compose(self, copied: Box) -> None:
        path = copied.base / "copy/hookman/run/one_hook.py"
        text = path.read_text()
        assert "def judge(" in text
        path.write_text(text.replace("def judge(", "def _other(", 1))
        shop = Project(copied, copied.base / "shop")
        result = shop.compose("up", "-d")
        assert (result.code, copied.calls(), shop.trace()) == (1, [], ["ran"])
        assert "internal error" in result.err
        assert "Traceback" not in result.err

    def test_the_real_compose_is_gone(self, copied: Box) -> None:
        (copied.config / "cli-plugins/docker-compose").unlink()
        result = Project(copied, copied.base / "shop").compose("up", "-d")
        assert result.code == 1
        assert "no Docker Compose behind hookman's shim" in result.err
