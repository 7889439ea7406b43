"""What tests take from documents: the corpus of command lines, the blocks of Kompose's page, the recipes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.support.box import DATA, Project

CORPUS = [json.loads(line) for line in (DATA / "argv.jsonl").read_text().splitlines()]
KOMPOSE = (DATA / "reference/kompose-hooks.md").read_text()
PAGE = (Path(__file__).parents[2] / "docs/recipes.md").read_text()
RECIPES = dict(re.findall(r"^## (.*?)\n.*?```\w+\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE))


def block(heading: str, number: int = 0) -> str:
    """The bash code block with that number under a heading of Kompose's page."""
    section = KOMPOSE.split(f"# {heading}\n", 1)[1]
    blocks: list[str] = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    return blocks[number]


def take(project: Project, heading: str) -> None:
    """Write the file of a recipe where its first line says that it goes."""
    text = RECIPES[heading]
    place = next(line for line in text.splitlines() if line.startswith("# ")).removeprefix("# ")
    project.write(place, text, 0o755 if place.endswith(".sh") and "/" in place else 0o644)
