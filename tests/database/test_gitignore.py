"""A dump that git does not ignore is said, and nothing of the repository runs for that."""

from __future__ import annotations

import subprocess

import pytest

from tests.support.box import Project
from tests.support.databases import dumps


class TestGitignore:
    def git(self, project: Project, *args: str) -> None:
        argv = ["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *args]
        subprocess.run(argv, cwd=project.path, env=project.box.environ, check=True, stdout=subprocess.DEVNULL)

    def test_an_export_says_which_line_ignores_it_and_then_is_quiet(self, shop: Project) -> None:
        self.git(shop, "init", "-q")
        first = shop.hookman("db", "export")
        (path,) = dumps(shop)
        assert f"git does not ignore {path}" in first.err
        fix = first.err.split("Fix: ")[1].splitlines()[0]
        assert shop.box.run("sh", "-c", fix).code == 0
        assert "git does not ignore" not in shop.hookman("db", "export", "--gzip").err
        shop.write("shop_seed.sql", "x")
        shop.write(".env", "")
        self.git(shop, "add", "-A")
        staged = subprocess.check_output(["git", "ls-files"], cwd=shop.path, env=shop.box.environ, text=True)
        assert [name for name in staged.splitlines() if ".sql" in name] == ["shop_seed.sql"]

    @pytest.mark.parametrize("where", [".gitignore", ".git/info/exclude", "../.gitignore"])
    def test_it_is_quiet_where_any_of_gits_own_files_ignores_it(self, shop: Project, where: str) -> None:
        if where.startswith(".."):
            subprocess.run(["git", "init", "-q", shop.path.parent], env=shop.box.environ, check=True)
        else:
            self.git(shop, "init", "-q")
        (shop.path / where).write_text("*.sql\n")
        assert "git" not in shop.hookman("db", "export").err

    def test_it_is_quiet_outside_a_work_tree(self, shop: Project) -> None:
        assert "git" not in shop.hookman("db", "export").err

    def test_no_code_of_the_repository_runs(self, shop: Project) -> None:
        self.git(shop, "init", "-q")
        evil = shop.write("evil", "#!/bin/sh\ntouch ran\n", 0o755)
        for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "core.askPass", "core.alternateRefsCommand"):
            self.git(shop, "config", name, str(evil))
        self.git(shop, "config", "core.hooksPath", str(shop.path))
        exported = shop.hookman("db", "export", GIT_DIR=str(shop.path / "elsewhere"), GIT_TRACE="1")
        assert "git does not ignore" in exported.err
        assert not (shop.path / "ran").exists()
