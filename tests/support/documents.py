"""What tests take from documents: the corpus of command lines, the blocks of Kompose's page, the recipes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.support.box import DATA, Project

CORPUS = [json.loads(line) for line in (DATA / "argv.jsonl").read_text().splitlines()]
KOMPOSE = (DATA / "reference/kompose-hooks.md").read_text()
DOCS = Path(__file__).parents[2] / "docs"


def _blocks(page: str) -> dict[str, str]:
    """The first block under each heading of a page of the docs."""
    text = (DOCS / page).read_text()
    return dict(re.findall(r"^## (.*?)\n.*?```\w+\n(.*?)```", text, re.DOTALL | re.MULTILINE))


RECIPES = _blocks("recipes.md")
HOOKS_PAGE = _blocks("hooks.md")


def block(heading: str, number: int = 0) -> str:
    """The bash code block with that number under a heading of Kompose's page."""
    section = KOMPOSE.split(f"# {heading}\n", 1)[1]
    blocks: list[str] = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    return blocks[number]


def take(project: Project, heading: str) -> None:
    """Write the file of a recipe where its first line says that it goes."""
    take_from(RECIPES, project, heading)


def take_from(page: dict[str, str], project: Project, heading: str) -> None:
    """As `take`, for a block of another page."""
    text = page[heading]
    place = next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")
    project.write(place, text, 0o755 if place.startswith(".dde/hooks/") else 0o644)
