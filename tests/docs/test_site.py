"""The documentation as a site: it can be built without a network, is whole, and loads nothing from other hosts."""

from __future__ import annotations

import html
import inspect
import os
import re
import subprocess
import sys
import zlib
from collections import Counter
from functools import partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import aws_cdk as cdk
import pytest
import yaml

import cdk_clarify_monitors as library
from tests.support.browser import BROWSER, Browser
from tests.support.embedded_aws.account import wait_for
from tests.support.monitors.builders import bias_monitor, template_of
from tests.support.repository import ROOT

# mkdocs in a process that cannot connect to anything.
_BUILD = """
import socket, sys

def refuse(*arguments):
    raise OSError("the documentation must be built without a network")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from mkdocs.__main__ import cli
cli(sys.argv[1:])
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as `make docs` builds it."""
    folder = tmp_path_factory.mktemp("site")
    # Not --quiet: with it, --strict lets warnings pass.
    command = [sys.executable, "-c", _BUILD, "build", "--strict", "--site-dir", str(folder)]
    variables = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    run = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return folder


class _Loaded(HTMLParser):
    """What a browser loads for a page by itself, and the classes of its elements."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.classes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.classes |= set((attributes.get("class") or "").split())
        loads = tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "use", "image")
        if tag == "link" and attributes.get("rel") not in ("canonical", "next", "prev", "alternate"):
            loads = True
        if loads:
            self.addresses += [v for n in ("src", "href", "data", "xlink:href") if (v := attributes.get(n))]


def test_pages_load_nothing_from_other_hosts(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        loaded = _Loaded()
        loaded.feed(page.read_text(encoding="utf-8"))
        assert [a for a in loaded.addresses if urlsplit(a).netloc] == [], page
        # The theme would take Mermaid's script from a CDN for it.
        assert "mermaid" not in loaded.classes, page


def test_style_sheets_load_nothing_from_other_hosts(site: Path) -> None:
    for sheet in site.rglob("*.css"):
        addresses = re.findall(r"(?:url\(|@import)\s*['\"]?([^'\")]+)", sheet.read_text(encoding="utf-8"))
        assert [a for a in addresses if urlsplit(a).netloc] == [], sheet


# ---------------------------------------------------------------- the pages
_ASIDE = re.compile(r"<(pre|code|script|style|svg|h[1-6])\b.*?</\1>", re.DOTALL)
_MARKDOWN = re.compile(r"^[ \t]*(?:[*-]|\d{1,2}\.)[ \t]+\S.*|.*(?:\*\*|`|\]\().*", re.MULTILINE)


def _text_of(element: str) -> str:
    """What a piece of HTML says, each tag a space; code and headings are left out."""
    return html.unescape(re.sub(r"<[^>]+>", " ", _ASIDE.sub("…", element)))


@pytest.fixture(scope="module")
def articles(site: Path) -> dict[str, str]:
    """The content of each page, by its path."""
    pages = {page.relative_to(site).as_posix(): page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    found = {name: re.search(r"<article.*?</article>", page, re.DOTALL) for name, page in pages.items()}
    return {name: article[0] for name, article in found.items() if article}


def test_no_markdown_is_left_in_a_page(articles: dict[str, str]) -> None:
    """GitHub takes a list's paragraph that is indented by two; MkDocs would end the list, and show the next stars."""
    left = {name: _MARKDOWN.findall(_text_of(article)) for name, article in articles.items()}
    assert {name: lines for name, lines in left.items() if lines} == {}


def test_titles_of_pages_differ(site: Path) -> None:
    pages = [page.read_text(encoding="utf-8") for page in site.rglob("*.html")]
    titles = Counter(re.findall(r"<title>(.*?)</title>", page)[0] for page in pages)
    assert [title for title, count in titles.items() if count > 1] == []


def test_headings_do_not_leave_out_a_level(articles: dict[str, str]) -> None:
    levels = {name: [int(level) for level in re.findall(r"<h([1-6])\b", text)] for name, text in articles.items()}
    assert [name for name, found in levels.items() if found[:1] != [1] or found.count(1) > 1] == []
    assert [
        name for name, found in levels.items() if any(after > before + 1 for before, after in pairwise(found))
    ] == []


def test_every_column_of_a_table_has_a_name(articles: dict[str, str]) -> None:
    cells = {name: re.findall(r"<th\b[^>]*>(.*?)</th>", article, re.DOTALL) for name, article in articles.items()}
    assert len(cells["limits.html"]) > 5
    assert [
        name for name, found in cells.items() if not all(re.sub(r"<[^>]+>", "", cell).strip() for cell in found)
    ] == []


def test_every_picture_is_described(articles: dict[str, str]) -> None:
    pictures = [picture for article in articles.values() for picture in re.findall(r"<img\b[^>]*>", article)]
    assert len(pictures) >= 3
    assert [picture for picture in pictures if not re.search(r'alt="[^"]{15,}"', picture)] == []


# ---------------------------------------------------------------- the examples
@pytest.mark.parametrize("path", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.stem)
def test_an_example_is_a_page_with_its_code(site: Path, path: Path) -> None:
    page = (site / "examples" / f"{path.stem}.html").read_text(encoding="utf-8")
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    source = path.read_text(encoding="utf-8")
    code = source[source.index('"""\n', 3) + 4 :].strip()
    assert code in text
    assert f'href="{path.stem}.html"' in (site / "examples" / "index.html").read_text(encoding="utf-8")


# ---------------------------------------------------------------- in a browser
needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs Chromium or Chrome (on Debian: apt-get install chromium)"
)

_SEARCH = """
(() => {
  const query = document.querySelector("[data-md-component=search-query]");
  query.value = "%s";
  for (const type of ["focus", "input", "keyup"]) query.dispatchEvent(new Event(type, { bubbles: true }));
})()
"""
_FOUND = "[...document.querySelectorAll('.md-search-result__link')].map((link) => link.getAttribute('href'))"

# A word of the text that is in two lines. Words of blocks are not: blocks scroll.
_BROKEN_WORDS = r"""
(() => {
  const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  const broken = document.documentElement.scrollWidth > innerWidth ? ["the page is wider than the screen"] : [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.parentElement.closest("script, style, pre")) continue;
    for (const word of node.data.matchAll(/\w+/g)) {
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].filter((r) => r.width).map((r) => Math.round(r.top)));
      if (lines.size > 1) broken.push(word[0]);
    }
  }
  return broken;
})()
"""
# Those with the widest tables and the longest names.


def _is_found(browser: Browser, page: str) -> bool:
    return any(page in link for link in browser.evaluate(_FOUND))


@needs_browser
def test_search_works_from_the_folder_without_a_server(site: Path) -> None:
    with Browser() as browser:
        browser.send("Emulation.setFocusEmulationEnabled", enabled=True)
        browser.open(site / "index.html", width=1200)
        browser.evaluate("document.querySelector('#__search').click()")
        for text, page in (("inference id", "ground-truth"), ("four-fifths rule", "own-limits")):
            browser.evaluate(_SEARCH % text)
            wait_for(f"a page about {text}", partial(_is_found, browser, page))
        assert browser.complaints == []
        assert {urlsplit(address).scheme for address in browser.requests} == {"file", "data"}


@pytest.mark.slow
@needs_browser
def test_no_word_is_broken_on_a_narrow_screen(site: Path) -> None:
    with Browser() as browser:
        for page in sorted(site.rglob("*.html")):
            browser.open(page, width=400)
            assert page.name == "404.html" or browser.evaluate(_BROKEN_WORDS) == [], page


# The lowest contrast of text with what is behind it, of all words on a page but those of code, whose colours are the
# theme's.
_LOWEST_CONTRAST = r"""
(() => {
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const linear = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const color = parts(getComputedStyle(element).backgroundColor);
      if ((color[3] ?? 1) > 0.9) return light(color);
    }
    return 1;
  };
  const walker = document.createTreeWalker(document.querySelector("article"), NodeFilter.SHOW_TEXT);
  let lowest = 21;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || element.closest("script, style, svg, pre") || !element.getClientRects().length) continue;
    if (style.opacity === "0" || style.visibility === "hidden") continue;
    const both = [light(parts(style.color)), behind(element)];
    lowest = Math.min(lowest, (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05));
  }
  return lowest;
})()
"""


@needs_browser
@pytest.mark.parametrize("scheme", ["default", "slate"])
def test_text_and_links_can_be_read_in_light_and_dark(site: Path, scheme: str) -> None:
    with Browser() as browser:
        for name in ("start-here", "adr/0007-charts-of-the-report", "reference/alarms"):
            browser.open(site / f"{name}.html", dark=scheme == "slate")
            assert browser.evaluate("document.body.getAttribute('data-md-color-scheme')") == scheme
            assert browser.evaluate(_LOWEST_CONTRAST) >= 4.5, name


# ---------------------------------------------------------------- the reference
def _groups() -> list[list[str]]:
    """The public names as `__all__` groups them, by a comment each."""
    source = inspect.getsource(library)
    lists = source.partition("__all__ = [")[2].partition("]")[0].split("    # ")[1:]
    return [re.findall(r'"(\w+)"', part) for part in lists]


def _pages_of_the_reference() -> list[Path]:
    """In the order of the navigation."""
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    (entries,) = [entry["Reference"] for entry in navigation if "Reference" in entry]
    return [ROOT / "docs" / path for entry in entries if isinstance(entry, dict) for path in entry.values()]


def test_the_reference_is_grouped_like_the_public_names() -> None:
    pages = [re.findall(r"^::: cdk_clarify_monitors\.(\w+)$", p.read_text(), re.M) for p in _pages_of_the_reference()]
    assert [names for names in pages if names] == _groups()
    assert sorted(name for group in _groups() for name in group) == sorted(library.__all__)


@pytest.fixture(scope="module")
def documented(site: Path) -> set[str]:
    """The names that have a place in the site, from the list that it keeps for other sites to link to."""
    header, _, compressed = (site / "objects.inv").read_bytes().partition(b"zlib.\n")
    assert header.startswith(b"# Sphinx inventory version 2")
    return {line.split(" ")[0] for line in zlib.decompress(compressed).decode().splitlines()}


def _own_members(cls: type) -> set[str]:
    """Public methods and properties of a class and of what it inherits from this library."""
    own = [base for base in cls.__mro__ if base.__module__.startswith("cdk_clarify_monitors")]
    members = {name: value for base in reversed(own) for name, value in vars(base).items() if name[0] != "_"}
    methods = {name for name, value in members.items() if _is_described(value)}
    return {f"cdk_clarify_monitors.{cls.__name__}.{name}" for name in methods}


def _is_described(value: object) -> bool:
    """Whether it is a method or a property; fields are among the arguments."""
    function = getattr(value, "__func__", value)
    return inspect.isfunction(function) or isinstance(value, property)


@pytest.mark.parametrize("name", library.__all__)
def test_every_public_name_has_its_members_in_the_reference(documented: set[str], name: str) -> None:
    value = getattr(library, name)
    expected = {f"cdk_clarify_monitors.{name}"}
    if isinstance(value, type):
        expected |= _own_members(value)
    assert sorted(expected - documented) == []


def test_what_a_monitor_inherits_is_there(documented: set[str]) -> None:
    for name in ("monitoring_schedule_name", "on_violations", "grant_principal", "metric_bias"):
        assert f"cdk_clarify_monitors.ModelBiasMonitorConstruct.{name}" in documented


def test_private_types_of_signatures_are_explained(site: Path, documented: set[str]) -> None:
    pages = [page.read_text(encoding="utf-8") for page in (site / "reference").glob("*.html")]
    named = {name for page in pages for name in re.findall(r'title="cdk_clarify_monitors\._\w+\.(\w+)"', page)}
    assert {"Values", "AnalysisConfigSource"} <= {name.rpartition(".")[2] for name in documented}
    assert named - {name.rpartition(".")[2] for name in documented} <= {"CSV"}  # no type but a default


def test_docstrings_are_markdown(site: Path) -> None:
    pages = list((site / "reference").glob("*.html"))
    assert [page.name for page in pages if re.search(r"&gt;(</code>|`)_", page.read_text(encoding="utf-8"))] == []


# ---------------------------------------------------------------- the picture
def test_the_picture_of_the_flow_shows_what_is_deployed(stack: cdk.Stack) -> None:
    picture = ElementTree.parse(ROOT / "docs" / "images" / "flow.svg").getroot()  # noqa: S314  it is ours
    texts = " ".join(" ".join(picture.itertext()).split())
    bias_monitor(stack)
    resources = {resource["Type"] for resource in template_of(stack).to_json()["Resources"].values()}
    assert "Custom::ClarifyBaseline" in texts
    assert "Custom::ClarifyBaseline" in resources
    for shown, type_ in {
        "job definition": "AWS::SageMaker::ModelBiasJobDefinition",
        "monitoring schedule": "AWS::SageMaker::MonitoringSchedule",
        "Lambda functions": "AWS::Lambda::Function",
    }.items():
        assert shown in texts
        assert type_ in resources
    addresses = [value for element in picture.iter() for name, value in element.attrib.items() if "href" in name]
    assert addresses == []
