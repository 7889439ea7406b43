"""The files in templates/ and pages of docs/, as packaged with the wheel or in a checkout."""

from __future__ import annotations

import os


def template_path(name: str) -> str:
    """The path of the template `name`."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packaged = os.path.join(package, "templates", name)
    return packaged if os.path.exists(packaged) else os.path.join(os.path.dirname(package), "templates", name)


def template(name: str) -> str:
    """The text of the template `name`."""
    with open(template_path(name), encoding="utf-8") as file:
        return file.read()


def page(topic: str) -> str:
    """The text of a page of docs/."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    packaged = os.path.join(package, "topics", f"{topic}.md")
    path = packaged if os.path.exists(packaged) else os.path.join(os.path.dirname(package), "docs", f"{topic}.md")
    with open(path, encoding="utf-8") as file:
        return file.read()
