"""The examples of the two systems' documents, as written there, on the real engine.

tests/data/reference/ holds the documents. Kompose's code blocks are taken from its page word for
word; dde's page lost its line breaks, so its scripts stand here with them. Programs that can't be
had here (curl's server, php, redis) have stand-ins that note how they were called; image names
are those that exist here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.box import Box, Project
from tests.support.documents import block
from tests.support.engine import engine_variable

pytestmark = pytest.mark.engine

SERVICE = """
services:
  web:
    image: {image}
    network_mode: host
    container_name: {container}
    command: sleep 1000
    stop_grace_period: 0s
    volumes: ["./standin:/usr/bin"]
    healthcheck: {{test: "true", interval: 1s}}
"""


@pytest.fixture
def shop(real_box: Box, tmp_path: Path) -> Project:
    name = f"hm-{tmp_path.name.lower().replace('_', '-')[:40]}"
    project = real_box.project(
        name, SERVICE.format(image=engine_variable("HOOKMAN_TEST_IMAGE"), container=f"{name}-container")
    )
    for program in ("php", "redis-cli"):
        project.write(f"standin/{program}", f'#!/bin/sh\necho "{program} $*" >>/usr/bin/called\n', 0o755)
    # On the host: what reaches nobody here, and what only takes time.
    for program in ("curl", "sleep"):
        project.write(f"host/{program}", f'#!/bin/sh\necho "{program} $*" >>"{project.path}/called"\n', 0o755)
    real_box.environ["PATH"] = f"{project.path}/host:{real_box.environ['PATH']}"
    return project


def called(project: Project, name: str = "called") -> list[str]:
    path = project.path / name
    return path.read_text().splitlines() if path.exists() else []


class TestKompose:
    def test_creating_hooks(self, shop: Project) -> None:
        shop.hooks_sh(block("Creating Hooks"))
        shop.write("backup.sh", "#!/bin/sh\necho backup >>trace\n", 0o755)
        up = shop.compose("up", "-d", "--wait")
        assert up.code == 0, up
        assert (shop.path / "uploads").is_dir()
        assert "  Running pre-flight checks...\n  Creating uploads directory...\n" in up.err
        assert "  ✓ Services are healthy\n" in up.err
        assert called(shop) == ["sleep 5"]
        restart = shop.compose("restart", "-t", "0")
        assert restart.code == 0
        assert "  Restarting dependent services...\n ✔ project.restart.post/hook_post_restart" in restart.err
        down = shop.compose("down")
        assert down.code == 0
        assert down.err.startswith("  Creating backup before shutdown...\n")
        assert shop.trace() == ["backup"]

    def test_health_monitoring(self, shop: Project) -> None:
        shop.hooks_sh(block("Example 2: Health Monitoring"))
        assert shop.compose("up", "-d").code == 0
        assert shop.compose("down").code == 0
        form = "-X POST https://monitoring.example.com/webhook -H Content-Type: application/json "
        form += '-d {"stack": "%s", "status": "%s"}'
        assert called(shop) == ["curl " + form % (shop.path.name, status) for status in ("up", "down")]

    def test_automated_backups(self, shop: Project) -> None:
        image = engine_variable("HOOKMAN_TEST_IMAGE")
        shop.write("compose.yaml", f"services:\n  app:\n    image: {shop.path.name}_app\n    build: .\n")
        shop.write("Dockerfile", f"FROM {image}\nENV BUILT=1\n")
        text = block("Example 3: Automated Backups").replace("        alpine tar", f"        {image} tar")
        assert image in text
        shop.hooks_sh(text.replace("$backup_dir:/backup", "$PWD/$backup_dir:/backup"))
        build = shop.compose("build", DOCKER_BUILDKIT="0")
        assert build.code == 0, build
        assert len(list((shop.path / "backups").glob("*/data.tar.gz"))) == 1
        assert "  Backup saved to: ./backups/" in build.err
        tags = shop.docker("images", f"{shop.path.name}_app", "--format", "{{.Tag}}").out.split()
        assert len(tags) == 2  # latest, and the one that the post hook made
        shop.docker("rmi", *(f"{shop.path.name}_app:{tag}" for tag in tags))
        shop.docker("volume", "rm", "app_data")

    def test_cache_warming(self, shop: Project) -> None:
        shop.hooks_sh(block("Example 4: Cache Warming").replace("app_container", f"{shop.path.name}-container"))
        assert shop.compose("up", "-d").code == 0
        assert called(shop) == ["sleep 10", "curl -s http://localhost:3000/api/cache/warm"]
        assert shop.compose("restart", "-t", "0").code == 0
        assert called(shop, "standin/called") == ["redis-cli FLUSHALL"]

    def test_accessing_command_arguments(self, shop: Project) -> None:
        shop.hooks_sh(block("Accessing Command Arguments"))
        up = shop.compose("up", "-d", "--build")
        assert up.code == 0
        assert "  Command: up\n  All args: up -d --build\n" in up.err
        assert "  Build flag detected, running pre-build tasks...\n" in up.err
        assert "Build flag" not in shop.compose("up", "-d").err

    @pytest.mark.parametrize(("environment", "ran"), [("", False), ("production", True)])
    def test_conditional_execution(self, shop: Project, environment: str, ran: bool) -> None:
        shop.hooks_sh(block("Conditional Execution"))
        shop.write("production-checks.sh", "#!/bin/sh\necho checks >>trace\n", 0o755)
        shop.write(".env", f"ENVIRONMENT={environment}\n" if environment else "")
        assert shop.compose("up", "-d").code == 0
        assert (shop.trace() == ["checks"]) is ran

    def test_parallel_hook_execution(self, shop: Project) -> None:
        helpers = "cache_warm() { echo warm >>warm; }\nindex_rebuild() { echo index >>index; }\n"
        shop.hooks_sh(helpers + block("Parallel Hook Execution"))
        assert shop.compose("up", "-d").code == 0
        assert ((shop.path / "warm").exists(), (shop.path / "index").exists()) == (True, True)

    def test_debugging(self, shop: Project) -> None:
        text = block("Best debugging approach").split("# Add debug output in your hook\n")[1]
        shop.hooks_sh(text)
        up = shop.compose("up", "-d")
        assert up.code == 0
        assert f"  [DEBUG] Stack: {shop.path.name}\n  [DEBUG] Args: up -d\n  [DEBUG] Container: CONTAINER ID" in up.err

    def test_dry_run(self, shop: Project) -> None:
        shop.hooks_sh("touch sourced\n" + block("Creating Hooks"))
        result = shop.compose("up", "-d", "--dry-run")
        assert result.code == 0
        assert "would run project.up.pre/hook_pre_up" in result.err
        assert "would run project.up.post/hook_post_up" in result.err
        assert not (shop.path / "sourced").exists()
        assert shop.compose("ps", "-q").out == ""

    def test_post_hooks_only_run_if_the_command_succeeds(self, shop: Project) -> None:
        shop.hooks_sh("hook_post_up() { echo post >>trace; }\n")
        assert shop.compose("up", "-d", "nothing").code != 0
        assert shop.trace() == []


class TestDde:
    EXEC = "#!/usr/bin/env bash\nset -euo pipefail\ndde project:exec -s web php bin/console {}\n"

    @pytest.mark.parametrize(
        "arguments", ["doctrine:fixtures:load --no-interaction", "doctrine:migrations:migrate --no-interaction"]
    )
    def test_after_containers_start(self, shop: Project, arguments: str) -> None:
        shop.write(".dde/hooks/project.up.post/01-load.sh", self.EXEC.format(arguments), 0o755)
        result = shop.compose("up", "-d")
        assert (result.code, called(shop, "standin/called")) == (0, [f"php bin/console {arguments}"]), result

    def test_install_dependencies_before_containers_start(self, shop: Project) -> None:
        shop.write("compose.yaml", (shop.path / "compose.yaml").read_text() + "    env_file: .env.local\n")
        shop.write(".env", "A=1\n")
        shop.write(
            ".dde/hooks/project.up.pre/01-env.sh",
            """\
            #!/usr/bin/env bash
            set -euo pipefail
            if [ ! -f .env.local ]; then
                cp .env .env.local
                echo "Created .env.local from .env"
            fi
            """,
            0o755,
        )
        result = shop.compose("up", "-d")
        assert result.code == 0
        assert result.err.startswith("Created .env.local from .env\n")
        assert shop.compose("exec", "-T", "web", "sh", "-c", "echo $A").out == "1\n"
        assert "Created" not in shop.compose("up", "-d").err

    def test_clear_cache_on_shutdown(self, shop: Project) -> None:
        script = self.EXEC.format("cache:clear || true")
        shop.write(".dde/hooks/project.down.pre/01-cache.sh", script, 0o755)
        assert shop.compose("up", "-d").code == 0
        assert shop.compose("down").code == 0
        assert called(shop, "standin/called") == ["php bin/console cache:clear"]
        assert shop.compose("down").code == 0  # with no container `|| true` holds

    def test_a_failing_pre_hook_aborts_the_entire_operation(self, shop: Project) -> None:
        shop.script("up.pre", "01-load-fixtures.sh", "echo 'no such table' >&2; exit 1", first="#!/usr/bin/env bash")
        result = shop.compose("up", "-d")
        assert result.code == 1
        assert 'Hook "01-load-fixtures.sh" failed with exit code 1: no such table' in result.err
        assert shop.compose("ps", "-aq").out == ""

    def test_a_failing_post_hook_is_a_warning_and_the_project_keeps_running(self, shop: Project) -> None:
        shop.script("up.post", "01-load-fixtures.sh", "echo 'no such table' >&2; exit 1", first="#!/usr/bin/env bash")
        result = shop.compose("up", "-d")
        assert result.code == 0
        assert 'Hook "01-load-fixtures.sh" failed with exit code 1: no such table' in result.err
        assert len(shop.compose("ps", "-q").out.split()) == 1

    def test_skip_hooks(self, shop: Project) -> None:
        shop.script("up.pre", "01.sh", "exit 1")
        shop.script("down.pre", "01.sh", "exit 1")
        assert shop.compose("up", "-d", "--skip-hooks").code == 0
        assert len(shop.compose("ps", "-q").out.split()) == 1
        assert shop.compose("down", "--skip-hooks").code == 0
        assert shop.compose("ps", "-aq").out == ""
