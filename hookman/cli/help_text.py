"""A page of docs/ (Markdown) as plain text for a terminal."""

from __future__ import annotations

import re
import textwrap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterator

LINK = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")
CELLS = re.compile(r"(?<!\\)\|")
ITEM = re.compile(r"(\s*)([-*]|\d+\.)\s+")


def plain(markdown: str, width: int, topics: Container[str]) -> str:
    """The page in lines of at most `width` columns; only a command in an example may be longer."""
    lines: list[str] = []
    before = ""
    for block in _blocks(markdown.split("\n")):
        together = ITEM.match(block[0]) and ITEM.match(before)
        lines += [*([] if together or not lines else [""]), *_block(block, width, topics)]
        before = block[0]
    return "\n".join(lines) + "\n"


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """The blocks of a page: code, a table, a heading, an item of a list, a paragraph."""
    block: list[str] = []
    for line in lines:
        is_fence = line.lstrip().startswith("```")
        in_code = bool(block) and block[0].lstrip().startswith("```")
        if in_code:
            block.append(line)
            if is_fence:
                yield block
                block = []
        elif block and (is_fence or not line.strip() or _begins(line, block[0])):
            yield block
            block = [line] if line.strip() else []
        elif line.strip():
            block.append(line)
    if block:
        yield block


def _begins(line: str, first: str) -> bool:
    """Does another block begin with `line`, after one that begins with `first`?"""
    return bool(ITEM.match(line)) or first.startswith("#") or line.startswith("|") != first.startswith("|")


def _block(block: list[str], width: int, topics: Container[str]) -> list[str]:
    first = block[0]
    if first.lstrip().startswith("```"):
        code = textwrap.dedent("\n".join(line for line in block[1:] if not line.lstrip().startswith("```")))
        return [f"    {part}".rstrip() for line in code.split("\n") for part in _code(line, width - 4)]
    if first.startswith("|"):
        return _table(block, width, topics)
    text = _inline(" ".join(line.strip() for line in block), topics)
    if first.startswith("#"):
        title = text.lstrip("# ")
        return [title.upper(), "=" * len(title)] if first.startswith("# ") else [title, "-" * len(title)]
    if item := ITEM.match(first):
        indent = " " * len(item.group(1))
        mark = f"{indent}{item.group(2)} "
        return _wrapped(ITEM.sub("", text, count=1), width, mark, " " * len(mark))
    return _wrapped(text, width)


def _code(line: str, width: int) -> list[str]:
    """A line of an example. A comment behind it that leads too far is put above it."""
    code, sign, comment = line.partition(" # ")
    if len(line) <= width or not sign or not code.strip():
        return [line]
    indent = " " * (len(code) - len(code.lstrip()))
    return [*_wrapped(comment.strip(), width, f"{indent}# ", f"{indent}# "), code.rstrip()]


def _table(block: list[str], width: int, topics: Container[str]) -> list[str]:
    """A table as a list: its first column, and below it the others."""
    rows = [[_inline(cell.strip(), topics) for cell in CELLS.split(line.strip().strip("|"))] for line in block]
    has_heads = len(rows) > 1 and set(block[1]) <= set("|-: ")
    # Where there is one column beside the first, its head says nothing more.
    heads = rows[0][1:] if has_heads and len(rows[0]) > 2 else []
    return [line for row in (rows[2:] if has_heads else rows) for line in _row(row, heads, width)]


def _row(row: list[str], heads: list[str], width: int) -> list[str]:
    first, *others = (cell.replace("\\|", "|") for cell in row)
    lines = _wrapped(first, width, "", "  ")
    for number, cell in enumerate(others):
        name = f"{heads[number]}: " if number < len(heads) and heads[number] else ""
        lines += _wrapped(f"{name}{cell}", width, "    ", "    ") if cell else []
    return lines


def _inline(text: str, topics: Container[str]) -> str:
    """A text without the marks of Markdown; a link says where it leads."""

    def link(found: re.Match[str]) -> str:
        name, target = found.groups()
        topic = target.partition("#")[0].removesuffix(".md")
        if found.group(0).startswith("!"):
            return ""
        if target.startswith("http"):
            return target if name in target else f"{name} ({target})"
        return f"{name} (hookman help {topic})" if topic in topics else name

    return LINK.sub(link, text).replace("**", "")


def _wrapped(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    wrapped = textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=then, break_long_words=False, break_on_hyphens=False
    )
    return wrapped or [first.rstrip()]
