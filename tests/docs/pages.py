"""The pages of the documentation, and the blocks of code on them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^( *)```(\w*)([^\n]*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """`told` is what stands after the language: a reader does not see it, the tests do."""

    language: str
    told: str
    text: str


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def block_of(found: re.Match[str]) -> Block:
    """A block without the indentation of a list that it stands in."""
    indent, language, told, text = found.groups()
    return Block(language, told.strip(), re.sub(rf"^{indent}", "", text, flags=re.MULTILINE))


def blocks_of(page: Path) -> list[Block]:
    return [block_of(found) for found in BLOCK.finditer(page.read_text("utf-8"))]


def prose_of(page: Path) -> str:
    return BLOCK.sub("", page.read_text("utf-8"))


def written_as(found: re.Match[str], text: str) -> str:
    """The block with another text, fences and indentation as they were."""
    indent, language, told, _ = found.groups()
    inner = textwrap.indent(text, indent)
    return f"{indent}```{language}{told}\n{inner}{indent}```"
