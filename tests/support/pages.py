"""The documentation as data: its pages, and the blocks, links and tables in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.repository import ROOT

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "examples/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

_MARKDOWN = MarkdownIt("commonmark").enable("table")


def name_of(page: Path) -> str:
    """A page's path in the repository."""
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A code block; an indented one has no language."""

    page: Path
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        return f"{name_of(self.page)}:{self.line}"


def blocks(language: str | None = None) -> list[Block]:
    """The code blocks of all pages, or those in one language."""
    found = [block for page in PAGES for block in _blocks_of(page)]
    return [block for block in found if language in (None, block.language)]


def _blocks_of(page: Path) -> Iterator[Block]:
    for token in _tokens(page):
        if token.type in ("fence", "code_block"):
            assert token.map
            yield Block(page, token.map[0] + 1, token.info.strip(), token.content)


def links(page: Path) -> list[str]:
    """Where a page's links and pictures lead to, in Markdown and in its snippets of HTML."""
    targets = []
    for token in _walk(_tokens(page)):
        if token.type in ("link_open", "image"):
            targets.append(str(token.attrGet("href") or token.attrGet("src")))
        elif token.type in ("html_inline", "html_block"):
            targets += re.findall(r'(?:href|src)="([^"]*)"', token.content)
    return targets


def headings(page: Path) -> list[str]:
    """The texts of a page's headings."""
    tokens = _tokens(page)
    return [
        "".join(c.content for c in text.children or ())
        for start, text in pairwise(tokens)
        if start.type == "heading_open"
    ]


def texts(page: Path) -> Iterator[str]:
    """The texts of a page's paragraphs, headings and cells, each code span one word."""
    for token in _tokens(page):
        if token.type == "inline":
            yield "".join(_word(child) for child in token.children or ())


def _word(token: Token) -> str:
    return {"text": token.content, "code_inline": "`code`", "softbreak": " ", "hardbreak": " "}.get(token.type, "")


def rows(page: Path) -> Iterator[list[Token]]:
    """The rows of a page's tables without their headings: the inline token of each cell."""
    row: list[Token] | None = None
    in_cell = False
    for token in _tokens(page):
        match token.type:
            case "tbody_open":
                row = []
            case "tr_open" if row is not None:
                row = []
            case "td_open":
                in_cell = True
            case "inline" if in_cell and row is not None:
                row.append(token)
            case "td_close":
                in_cell = False
            case "tr_close" if row:
                yield row


def code_spans(page: Path) -> list[str]:
    """All code within a page's lines."""
    return [token.content for token in _walk(_tokens(page)) if token.type == "code_inline"]


def code_of(cell: Token) -> list[str]:
    """The code spans in a cell."""
    return [child.content for child in cell.children or () if child.type == "code_inline"]


@cache
def _tokens(page: Path) -> list[Token]:
    return _MARKDOWN.parse(page.read_text(encoding="utf-8"))


def _walk(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _walk(token.children or [])
