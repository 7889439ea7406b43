"""docs/ and README: the site builds without a warning, links lead somewhere, messages are the real ones."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from hookman.cli import cli
from hookman.settings.hookman_toml import KEYS
from tests.support.browser import Browser

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built with warnings as errors: mkdocs checks the links between pages, to their headings too."""
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", target],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    return target


def test_the_site_has_every_page_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = [page.read_text() for page in site.glob("*.html")]
    assert len(pages) > len(PAGES)
    assert [url for page in pages for url in re.findall(r'(?:src|stylesheet" href)="(https?:[^"]+)', page)] == []


BLOCKS = ".md-content :is(pre, code, table, [class^=md-typeset__], img, p, li)"
CUT = f"""[...document.querySelectorAll('{BLOCKS}')].filter(one =>
    one.offsetParent && (one.getBoundingClientRect().right > innerWidth
        || (getComputedStyle(one).display !== 'inline' && one.scrollWidth > one.clientWidth + 4))
).map(one => one.outerHTML.slice(0, 200))"""


@pytest.mark.parametrize("width", [400, 1400])
def test_no_block_of_a_page_is_cut(site: Path, tmp_path: Path, width: int) -> None:
    browser = Browser(tmp_path)
    try:
        for page in sorted(site.glob("*.html")):
            browser.open(page, width=width)
            assert (page.name, browser.ask(CUT)) == (page.name, [])
            assert (page.name, browser.ask("document.documentElement.scrollWidth") <= width) == (page.name, True)
    finally:
        browser.close()


def test_on_a_phone_a_wide_table_names_its_columns_in_each_row(site: Path, tmp_path: Path) -> None:
    browser = Browser(tmp_path)
    try:
        browser.open(site / "comparison.html", width=400)
        cell = "document.querySelectorAll('td')[2]"
        assert browser.ask(f"getComputedStyle({cell}, '::before').content") == '"Compose 5.3: "'
        assert browser.ask("document.querySelector('thead').offsetParent") is None
    finally:
        browser.close()


def test_the_first_page_says_what_hookman_and_the_two_others_are_and_how_to_install_it() -> None:
    text = (ROOT / "docs/index.md").read_text()
    assert (
        text.index("hookman install")
        < text.index("(screenshot.svg)")
        < text.index("**dde** is")
        < text.index("**Kompose** is")
    )


def test_the_picture_of_the_readme_shows_no_path_of_the_machine_that_made_it() -> None:
    text = (ROOT / "docs/screenshot.svg").read_text()
    assert "/srv/shop" in text
    assert re.findall(r"/(?:tmp|root|home|work|var)/", text) == []


def test_links_in_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_page_is_reached_from_the_readme_or_the_first_page() -> None:
    entrances = (ROOT / "README.md").read_text() + (ROOT / "docs/index.md").read_text()
    assert [page.name for page in PAGES if page.name not in entrances and page.name != "index.md"] == []


HEADINGS = re.findall(r"^## (.*)", (ROOT / "docs/troubleshooting.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize("heading", [one for one in HEADINGS[1:] if "syntax error" not in one])  # that is bash's
def test_messages_in_troubleshooting_are_the_programs_own(heading: str) -> None:
    sources = "".join(path.read_text() for path in (ROOT / "hookman").rglob("*.py"))
    sources = re.sub(r'"\n\s*f?"', "", sources)  # a message over several lines
    parts = [re.escape(part.strip()) for part in heading.split("…") if part.strip()]
    assert re.search(".*".join(parts), sources), heading


def test_files_that_how_it_works_and_contributing_name_exist() -> None:
    named = {
        name
        for page in ("docs/how-it-works.md", "CONTRIBUTING.md")
        for name in re.findall(r"`(?:hookman/)?(\w+/\w+\.py)`", (ROOT / page).read_text())
    }
    assert len(named) > 15
    assert [
        name for name in sorted(named) if not (ROOT / "hookman" / name).exists() and not (ROOT / name).exists()
    ] == []


CITED = re.compile(
    r"(?<![\w./:-])(?:hookman|docs|tests|scripts|templates|benchmarks)/[\w./-]*\w(?![\w*…]|/?[<*{])(?:/(?=[`\s]))?"
)


@pytest.mark.parametrize("place", ["README.md", "CONTRIBUTING.md", "docs", "hookman", "templates", "scripts", "bin"])
def test_files_that_docs_messages_and_comments_name_exist(place: str) -> None:
    """A path of this repository, wherever it is written."""
    start = ROOT / place
    files = [start] if start.is_file() else [path for path in start.rglob("*") if path.is_file()]
    texts = {
        path: path.read_text(errors="replace")
        for path in files
        if path.suffix in (".py", ".md", ".sh", ".html", "") and "design" not in path.parts
    }
    named = {(path.name, name) for path, text in texts.items() for name in CITED.findall(text)}
    assert [(file, name) for file, name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_setting_is_described() -> None:
    text = (ROOT / "docs/settings.md").read_text()
    assert [key for key in KEYS if not re.search(rf"^{key} = ", text, re.MULTILINE)] == []


def helps(command: click.Command, name: str, above: click.Context | None = None) -> Iterator[tuple[str, str]]:
    """The --help of a command and of all below it, for a terminal of 80 columns."""
    context = click.Context(command, info_name=name, parent=above, max_content_width=80, terminal_width=80)
    yield context.command_path, command.get_help(context)
    for inner in command.list_commands(context) if isinstance(command, click.Group) else ():
        found = command.get_command(context, inner) if isinstance(command, click.Group) else None
        if found:
            yield from helps(found, inner, context)


def test_no_line_of_any_help_is_longer_than_a_terminal_of_80_columns() -> None:
    lines = [(name, line) for name, text in helps(cli, "hookman") for line in text.splitlines()]
    assert len({name for name, _ in lines}) > 25
    assert [(name, line) for name, line in lines if len(line) > 80] == []
    # click cuts what has no room in the list of commands
    assert [(name, line) for name, line in lines if re.match(r"  \w.*\.\.\.$", line)] == []


PLACES = ("hookman", "templates", "tests", "docs", "scripts", "benchmarks", "bin")
TEXTS = [path for place in PLACES for path in (ROOT / place).rglob("*")] + list(ROOT.glob("*"))
INSTALLERS = re.compile(
    r"\b(?:pip3?|pipx|uv|uvx|poetry|pdm|conda)"
    r"(?:[ \t]+(?:tool|pip|install|uninstall|reinstall|upgrade|add|remove|run))+"
    r"(?:[ \t]+-[^\s]+)*[ \t]+[\"'`]?hookman(?![-\w])|\buvx[ \t]+hookman|pypi\.org/\S*/hookman(?![-\w])"
)


def test_nothing_tells_to_install_the_hookman_of_somebody_else() -> None:
    """On PyPI `hookman` is another program; ours is hookman-compose."""
    told = "pip install hookman, pipx install --force 'hookman', uv tool install hookman==1, uvx hookman"
    assert len(INSTALLERS.findall(told)) == 4
    assert INSTALLERS.findall("pipx install hookman-compose, pipx uninstall hookman-compose, hookman install") == []
    found = {
        str(path.relative_to(ROOT)): INSTALLERS.findall(path.read_text(errors="replace"))
        for path in TEXTS
        if path.is_file() and path.suffix != ".pyc" and path != Path(__file__)
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_package_is_hookman_compose_and_its_command_hookman() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    scripts = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-scripts"]
    assert (settings["project"]["name"], "hookman" in scripts.values()) == ("hookman-compose", True)


PROMISES = [line for line in (ROOT / "docs/security.md").read_text().splitlines() if line.startswith("| ")]


def test_every_promise_about_security_names_tests_that_there_are() -> None:
    rows = [row for row in PROMISES if not row.startswith("| promise")]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        assert [
            (file, test) for file, test in named if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
        ] == []
