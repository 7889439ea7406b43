"""hookman enable and disable: what they cover is said, and asked about where it is more than one project."""

from __future__ import annotations

import pytest

from tests.support.box import Box, Project
from tests.support.consent import may_run, nothing_is_enabled
from tests.support.terminal import Terminal

HOOKS = 'hook_pre_up() { echo "$stack" >>"$SCRIPT_DIR/trace"; }\n'


class Root(Project):
    """A directory with the stacks blog and web, which nobody has enabled."""

    def __init__(self, box: Box) -> None:
        super().__init__(box, box.base / "stacks")
        self.add("blog")
        self.add("web")

    def add(self, name: str) -> Project:
        stack = self.box.project(f"stacks/{name}", enable=False)
        stack.hooks_sh(HOOKS)
        return stack

    def up(self, *names: str) -> list[str]:
        """`docker compose up -d` in each; the stacks whose hook ran."""
        for name in names:
            assert self.box.run("docker", "compose", "up", "-d", cwd=self.path / name).code == 0
        ran = self.trace()
        (self.path / "trace").unlink(missing_ok=True)
        return ran


@pytest.fixture
def root(box: Box) -> Root:
    return Root(box)


class TestARoot:
    def test_without_a_terminal_it_stops_with_the_list_and_the_command(self, root: Root) -> None:
        result = root.hookman("enable")
        assert (result.code, result.out) == (1, "")
        assert result.err == (
            f"hookman: {root.path} is a root. The hooks of its stacks could run:\nhookman:   blog\nhookman:   web\n"
            "hookman: Nothing was enabled, because there is no terminal to ask you\n"
            "hookman: Fix: if you agree: hookman enable --yes\n"
        )
        assert nothing_is_enabled(root.box)

    @pytest.mark.parametrize(("answer", "ran"), [("y\n", ["blog", "web"]), ("n\n", []), ("\n", [])])
    def test_at_a_terminal_it_lists_the_stacks_and_asks(self, root: Root, answer: str, ran: list[str]) -> None:
        terminal = Terminal(root, "hookman", "enable")
        terminal.expect(b"Enable it? [y/N]")
        assert b"  blog\r\n  web\r\n" in terminal.seen
        terminal.type(answer.encode())
        assert terminal.wait() == (0 if ran else 1)
        assert root.up("blog", "web") == ran
        assert nothing_is_enabled(root.box) is not bool(ran)

    @pytest.mark.parametrize("keys", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
    def test_leaving_at_the_question_enables_nothing(self, root: Root, keys: bytes) -> None:
        terminal = Terminal(root, "hookman", "enable")
        terminal.expect(b"Enable it? [y/N]")
        terminal.type(keys)
        assert terminal.wait() != 0
        assert b"Traceback" not in terminal.seen
        assert nothing_is_enabled(root.box)

    @pytest.mark.parametrize("which", ["web", "."])
    def test_what_is_enabled_is_the_directory_that_was_listed(self, root: Root, which: str) -> None:
        terminal = Terminal(root, "hookman", "enable", str(root.path))
        terminal.expect(b"Enable it? [y/N]")
        Project(root.box, root.path / which).remove()
        again = Root(root.box)
        terminal.type(b"y\n")
        assert terminal.wait() == 1
        assert b"there is another directory now at " in terminal.seen
        assert nothing_is_enabled(root.box)
        assert again.up("blog", "web") == []

    def test_the_stacks_that_are_there_are_enabled_and_one_that_comes_later_is_not(self, root: Root) -> None:
        assert root.hookman("enable", "--yes").code == 0
        root.add("clone")
        assert root.up("blog", "clone", "web") == ["blog", "web"]
        result = root.box.run("docker", "compose", "up", "-d", cwd=root.path / "clone")
        assert result.err == (
            f"hookman: the hooks of {root.path}/clone are not enabled on this machine. Fix: hookman enable\n"
        )

    def test_enabling_it_again_adds_new_stacks_and_asks_only_about_them(self, root: Root) -> None:
        root.hookman("enable", "--yes")
        root.add("clone")
        asked = root.hookman("enable")
        assert asked.code == 1
        assert "could run:\nhookman:   clone\nhookman: Nothing" in asked.err
        assert root.hookman("enable", "--yes").out.startswith(f"enabled  {root.path}/clone\n")
        assert root.up("clone") == ["clone"]
        assert "enabled already" in root.hookman("enable").out

    def test_a_stack_that_was_removed_and_cloned_again_is_not_enabled(self, root: Root) -> None:
        root.hookman("enable", "--yes")
        Project(root.box, root.path / "web").remove()
        root.add("web")
        assert root.up("web") == []

    def test_future_takes_in_what_comes_later_and_says_so_before(self, root: Root) -> None:
        asked = root.hookman("enable", "--future")
        assert asked.code == 1
        assert "and those of every stack that comes later" in asked.err
        assert "hookman enable --future --yes" in asked.err
        assert root.hookman("enable", "--future", "--yes").code == 0
        root.add("clone")
        assert root.up("clone") == ["clone"]

    def test_future_can_be_said_later(self, root: Root) -> None:
        root.hookman("enable", "--yes")
        root.add("clone")
        assert root.hookman("enable", "--future", "--yes").code == 0
        root.add("later")
        assert root.up("clone", "later") == ["clone", "later"]

    def test_future_is_an_error_for_a_project(self, root: Root) -> None:
        result = root.hookman("enable", "--future", "web")
        assert result.code == 2
        assert "is not a root of stacks" in result.err
        assert nothing_is_enabled(root.box)

    @pytest.mark.parametrize("flags", [["--yes"], ["--yes", "--future"]])
    def test_hidden_directories_never_belong_to_it(self, root: Root, flags: list[str]) -> None:
        root.add(".before")
        root.hookman("enable", *flags)
        root.add(".later")
        assert root.up(".before", ".later") == []

    @pytest.mark.parametrize("flags", [["--yes"], ["--yes", "--future"]])
    def test_links_never_belong_to_it_wherever_they_lead(self, root: Root, flags: list[str]) -> None:
        outside = root.box.project("outside", enable=False)
        outside.hooks_sh("hook_pre_up() { touch ran; }\n")
        (root.path / "link").symlink_to(outside.path)
        asked = root.hookman("enable")
        assert (
            f"Not link, because it is a link. To enable what it leads to: hookman enable {outside.path}\n" in asked.err
        )
        root.hookman("enable", *flags)
        (root.path / "link2").symlink_to(outside.path)
        root.up("link", "link2")
        assert not (outside.path / "ran").exists()

    def test_disable_takes_back_the_root_and_what_was_enabled_with_it(self, root: Root) -> None:
        root.hookman("enable", "web")
        root.hookman("enable", "--future", "--yes")
        (root.path / "gone").mkdir()
        result = root.hookman("disable")
        assert result.out == f"disabled  {root.path}\ndisabled  {root.path}/blog\n"
        assert root.up("blog", "web") == ["web"]

    def test_a_stack_that_is_enabled_by_itself_stays_so(self, root: Root) -> None:
        root.hookman("enable", "--yes")
        root.hookman("enable", "web")
        root.hookman("disable")
        assert root.up("blog", "web") == ["web"]

    def test_disable_takes_back_a_stack_whose_directory_is_gone(self, root: Root) -> None:
        root.hookman("enable", "--yes")
        Project(root.box, root.path / "web").remove()
        root.hookman("disable")
        assert nothing_is_enabled(root.box)

    def test_a_stack_can_be_taken_back_alone(self, root: Root) -> None:
        root.hookman("enable", "--yes")
        root.hookman("disable", "web")
        assert root.up("blog", "web") == ["blog"]

    def test_a_stack_of_a_root_with_future_says_that_the_root_still_covers_it(self, root: Root) -> None:
        root.hookman("enable", "--future", "--yes")
        assert f"hookman disable {root.path}" in root.hookman("disable", "web").out

    def test_a_compose_file_further_up_does_not_make_it_a_project(self, root: Root) -> None:
        (root.path.parent / "compose.yaml").write_text("services: {}\n")
        assert root.hookman("enable", str(root.path), "--yes").code == 0
        assert root.up("blog", "web") == ["blog", "web"]

    def test_it_stays_a_root_when_it_gets_a_compose_file_or_hooks(self, root: Root) -> None:
        root.hookman("enable", "--future", "--yes")
        root.write("compose.yaml", "services: {}\n")
        root.hookman("init")
        root.add("clone")
        assert root.up("clone") == ["clone"]

    @pytest.mark.parametrize("name", ["with a blank", "it's", 'a"b', "-x", "\x1b[31mred", "two\nlines"])
    def test_what_its_stacks_are_called_does_no_harm(self, root: Root, name: str) -> None:
        root.add(name)
        asked = root.hookman("enable")
        assert (asked.code, "\x1b" in asked.err, len(asked.err.splitlines())) == (1, False, 6)
        root.hookman("enable", "--yes")
        assert may_run(root.box, root.path / name)


class TestADirectory:
    def test_that_is_neither_project_nor_root_is_asked_about(self, box: Box) -> None:
        empty = Project(box, box.base / "empty")
        result = empty.hookman("enable")
        assert result.code == 1
        assert f"{empty.path} has no compose file, no hooks and no stacks" in result.err
        assert "hookman enable --yes" in result.err
        assert nothing_is_enabled(box)
        assert empty.hookman("enable", "--yes").code == 0
        assert may_run(box, empty.path)

    @pytest.mark.parametrize("kind", ["function", "script"])
    def test_with_hooks_and_no_compose_file_of_the_usual_name_is_the_one_that_is_enabled(
        self, box: Box, kind: str
    ) -> None:
        above = box.project("above", enable=False)
        inner = Project(box, above.path / "inner")
        inner.write("other.yml", "services: {}\n")
        if kind == "function":
            inner.hooks_sh("hook_pre_up() { echo ran >>trace; }\n")
        else:
            inner.script("up.pre", "a.sh", "echo ran >>trace")
        assert inner.hookman("enable").out.startswith(f"enabled  {inner.path}\n")
        assert not may_run(box, above.path)
        inner.compose("-f", "other.yml", "up", "-d")
        inner.compose("up", "-d", COMPOSE_FILE="other.yml")
        assert inner.trace() == ["ran", "ran"]
        assert inner.hookman("disable").out == f"disabled  {inner.path}\n"

    def test_of_a_project_without_hooks_of_its_own_is_the_projects(self, shop: Project) -> None:
        shop.hookman("disable")
        (shop.path / "src").mkdir()
        result = shop.box.hookman("enable", cwd=shop.path / "src")
        assert result.out.startswith(f"enabled  {shop.path}\n")


def test_install_in_a_root_lists_its_stacks_and_enables_none_unasked(bare: Box) -> None:
    root = Root(bare)
    result = root.hookman("install")
    assert result.code == 0
    assert "  blog\n  web\n" in result.out
    assert nothing_is_enabled(bare)
    root.hookman("install", "--yes")
    assert root.up("blog", "web") == ["blog", "web"]


def test_init_root_lists_the_stacks_and_makes_nothing_unasked(root: Root) -> None:
    result = root.hookman("init", "--root")
    assert result.code == 1
    assert (
        "hookman:   blog\nhookman:   web\nhookman: Nothing was enabled, because there is no terminal to ask you\n"
        in result.err
    )
    assert f"hookman init --root {root.path} --yes" in result.err
    assert not (root.path / "kompose.sh").exists()
    assert nothing_is_enabled(root.box)
    assert root.hookman("init", "--root", "--yes").code == 0
    root.add("clone")
    assert root.up("blog", "clone", "web") == ["blog", "web"]


def test_init_root_where_there_are_no_stacks_yet_asks_nothing(box: Box) -> None:
    assert box.hookman("init", "--root", "new").code == 0
    assert (box.base / "new/kompose.sh").exists()


def test_init_root_future_takes_in_what_comes_later(root: Root) -> None:
    assert root.hookman("init", "--root", "--future", "--yes").code == 0
    root.add("clone")
    assert root.up("clone") == ["clone"]


def test_init_in_a_directory_with_stacks_enables_none_of_them(root: Root) -> None:
    assert root.hookman("init").code == 0
    assert root.up("blog", "web") == []
