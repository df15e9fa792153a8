"""Every link of the documentation leads somewhere, as far as that can be told without a network."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.pages import PAGES, code_spans, headings, links, name_of
from tests.support.repository import ROOT

# On GitHub; `make docs` checks the same links of the site, whose snippets have none of their own.
LINKS = [pytest.param(page, link, id=f"{name_of(page)}-{link}") for page in PAGES for link in links(page)]
LOCAL = [param for param in LINKS if not urlsplit(str(param.values[1])).scheme]
EXTERNAL = [param for param in LINKS if param not in LOCAL]

CONTRIBUTING = ROOT / "CONTRIBUTING.md"
_FOLDERS = {"benchmarks", "constructs", "docs", "examples", "lambda", "local", "operations", "tests"}
_PATH = re.compile(r"[\w.-]+(/[\w.-]*)+")
MADE = {"dist/", "site/"}


def _anchor(heading: str) -> str:
    """The anchor of a heading, as GitHub and Python-Markdown make it."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()).strip())


@pytest.mark.parametrize(("page", "link"), LOCAL)
def test_a_local_link_leads_to_a_file_and_a_heading(page: Path, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists()
    assert not anchor or anchor in {_anchor(heading) for heading in headings(target)}


@pytest.mark.parametrize(("page", "link"), EXTERNAL)
def test_an_external_link_is_a_safe_url(page: Path, link: str) -> None:
    url = urlsplit(link)
    assert url.scheme == "https"
    assert re.fullmatch(r"([a-z0-9-]+\.)+[a-z]{2,}", url.netloc)
    assert re.fullmatch(r"[\w./#?=&%~:+-]*", link.removeprefix("https://"))


_REGISTRIES = re.compile(r"py\W?pi|npm|conda|crates|docker|libraries\.io")
_TEXTS = {".md", ".py", ".js", ".jinja", ".html", ".toml", ".yml", ".yaml", ".json", ".css", ""}


def _hosts(text: str) -> set[str]:
    return {host.lower() for host in re.findall(r"https?://([\w.-]+)", text)}


def test_no_link_leads_to_a_package_registry() -> None:
    """A library's own page says what it is, and stays where it is."""
    folders = [*(path for path in ROOT.iterdir() if path.name in _FOLDERS), ROOT / ".github"]
    made = {"node_modules", ".ruff_cache", ".mypy_cache"}
    files = [path for folder in folders for path in folder.rglob("*") if made.isdisjoint(path.parts)]
    files = [path for path in [*files, *ROOT.iterdir()] if path.suffix in _TEXTS and path.is_file()]
    hosts = {path: _hosts(path.read_text(encoding="utf-8", errors="replace")) for path in files}
    assert set().union(*hosts.values()) >= {"docs.aws.amazon.com", "github.com"}
    assert [name_of(path) for path, found in hosts.items() if any(map(_REGISTRIES.search, found))] == []


@pytest.mark.parametrize("span", sorted({span for span in code_spans(CONTRIBUTING) if _PATH.fullmatch(span)}))
def test_a_path_that_contributing_names_exists(span: str) -> None:
    assert span in MADE or (ROOT / span).exists()


def test_every_folder_of_tests_is_explained() -> None:
    spans = code_spans(CONTRIBUTING)
    folders = [path for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))]
    folders += [path for path in (ROOT / "tests" / "support").iterdir() if any(path.glob("*.py"))]
    assert [name_of(folder) for folder in folders if name_of(folder) not in spans] == []


def test_names_of_tests_have_less_than_sixty_characters() -> None:
    modules = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")]
    names = [name for module in modules for name in re.findall(r"^ *def (test_\w+)", module, re.MULTILINE)]
    assert len(names) > 1000
    assert [name for name in names if len(name) >= 60] == []


def test_every_command_of_make_that_is_named_exists() -> None:
    named = {span for page in PAGES for span in code_spans(page) if span.startswith("make ")}
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {span.split()[1] for span in named} <= targets
    assert len(named) >= 8


def test_the_documentation_has_links_of_both_kinds() -> None:
    assert len(LOCAL) > 20
    assert len(EXTERNAL) > 5
