"""A hook of MkDocs: each file of `examples` is a page of the site, with what its docstring says and its code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_ROOT = Path(__file__).parents[1]
_EXAMPLES = _ROOT / "examples"
_README = (_EXAMPLES / "README.md").read_text(encoding="utf-8")
# In the order of the table.
_SCRIPTS = [_EXAMPLES / name for name in re.findall(r"^\| \[(\w+\.py)\]", _README, re.MULTILINE)]


def on_config(config: MkDocsConfig) -> None:
    """List the pages under `Examples`."""
    (section,) = [entry for entry in config.nav or () if "Examples" in entry]
    section["Examples"] = ["examples/index.md", *({_title(path): f"examples/{path.stem}.md"} for path in _SCRIPTS)]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages."""
    files.append(File.generated(config, "examples/index.md", content=_index()))
    for path in _SCRIPTS:
        files.append(File.generated(config, f"examples/{path.stem}.md", content="\n".join(_page(path))))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let a link to the file of an example, as it is right in the repository, lead to the example's page."""
    return re.sub(r"\]\(\.\./((?:\.\./)*)examples/(\w+)\.(?:py|md)\)", _link_to_page, markdown)


def _link_to_page(link: re.Match[str]) -> str:
    return f"]({link[1]}examples/{'index' if link[2] == 'README' else link[2]}.md)"


def _index() -> str:
    text = re.sub(r"\]\((\w+)\.py\)", r"](\1.md)", _README)
    text = re.sub(r"\]\((\w+)\.csv\)", r"](\1.md#\1csv)", text)
    return re.sub(r"\[([^\]]*)\]\(diabetes\)", r"`examples/\1`", text).replace("](../docs/", "](../")


def _page(path: Path) -> Iterator[str]:
    source = path.read_text(encoding="utf-8")
    statement = ast.parse(source).body[0]
    title, _, rest = _docstring(path).partition(": ")
    yield f"# {title}\n"
    yield re.sub(r"^(What it \w+(?: on AWS)?):", r"**\1:**", rest[0].upper() + rest[1:], flags=re.MULTILINE) + "\n"
    yield _block(path, "\n".join(source.splitlines()[statement.end_lineno :]), "python")
    table = path.with_suffix(".csv")
    if table.exists():
        yield f"## {table.name}\n"
        yield _block(table, table.read_text(encoding="utf-8"), "csv")


def _block(path: Path, content: str, language: str) -> str:
    return f'```{language} title="examples/{path.name}"\n{content.strip()}\n```\n'


def _title(path: Path) -> str:
    return _docstring(path).partition(": ")[0]


def _docstring(path: Path) -> str:
    return ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or path.name
