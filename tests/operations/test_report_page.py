"""The report's page, in a real browser: drawn, quiet, offline, readable on any screen and on paper, safe to open."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from benchmarks.made_up_monitor import FIRST, MadeUpMonitor
from cdk_clarify_monitors_operations import ClarifyModelMonitor, MonitorReport, Violation
from cdk_clarify_monitors_operations._aws import Aws
from cdk_clarify_monitors_operations._execution import execution_of_summary
from cdk_clarify_monitors_operations.report._numbers import numbers_of
from cdk_clarify_monitors_operations.report._reading import ExecutionResult, Unreadable
from tests.support.browser import BROWSER, Browser

needs_browser = pytest.mark.skipif(
    BROWSER is None, reason="needs Chromium or Chrome (on Debian: apt-get install chromium)"
)

HOSTILE = "\"'><script>alert(1)</script></script><img src=x onerror=alert(2)>{{ 7 * 7 }};&lt;`${8}`</style><!--"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A page of each kind."""
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, kind, count in (("bias", "ModelBias", 20), ("shap", "ModelExplainability", 20), ("one", "ModelBias", 1)):
        monitor = MadeUpMonitor(kind, count)
        attached = ClarifyModelMonitor.attach(monitor.name, monitor.session)
        made[name] = Path(attached.report(cache_directory=folder / "cache").save(folder / f"{name}.html")[0])
    made["hostile"] = Path(hostile().save(folder / "hostile.html")[0])
    return made


def hostile() -> MonitorReport:
    """A report in which every text that others choose would like to be something else."""
    facet, feature = f"facet {HOSTILE}", f"feature {HOSTILE}"
    summary = {
        "MonitoringExecutionStatus": "CompletedWithViolations",
        "ScheduledTime": FIRST,
        "CreationTime": FIRST,
        "LastModifiedTime": FIRST,
        "MonitoringScheduleName": HOSTILE,
    }
    key = ("post-training", facet, f"group {HOSTILE}", f"metric {HOSTILE}")
    violation = Violation("bias_drift_check", key[3], f"said {HOSTILE}", key[1], key[2], value=2.0, limit=1.0)
    results = [
        ExecutionResult(
            execution_of_summary(Aws(), {**summary, "ScheduledTime": datetime(2026, 3, 2 + day, tzinfo=UTC)}),
            outcome,
            f"reason {HOSTILE}" if outcome == "Failed" else None,
            {key: 1.0, (*key[:3], "DI"): None} if outcome != "Failed" else {},
            {(*key[:3], "DI"): f"error {HOSTILE}"},
            {f"label {HOSTILE}": {feature: 0.5, "other": 0.1}} if outcome != "Failed" else {},
            violations=[(violation, f"`sentence` {HOSTILE}")] if outcome == "CompletedWithViolations" else [],
        )
        for day, outcome in enumerate(("Completed", "Failed", "CompletedWithViolations"))
    ]
    unreadable = [Unreadable(f"what {HOSTILE}", f"because {HOSTILE}", FIRST)]
    return MonitorReport(
        HOSTILE, "ModelBias", HOSTILE, HOSTILE, HOSTILE, HOSTILE, None, None, None, True, unreadable,
        numbers_of(results, None), Aws(),
    )  # fmt: skip


class Tags(HTMLParser):
    """What a page consists of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


# ---------------------------------------------------------------- without a browser
def test_texts_of_others_are_texts(pages: dict[str, Path]) -> None:
    page = pages["hostile"].read_text()
    found = Tags(page)

    assert found.tags.count("script") == 2
    assert "img" not in found.tags
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert "{{ 7 * 7 }}" in page
    assert "<!--" not in page


@pytest.mark.parametrize("name", ["bias", "shap", "one", "hostile"])
def test_nothing_comes_from_somewhere_else(pages: dict[str, Path], name: str) -> None:
    page = pages[name].read_text()
    found = Tags(page)

    assert not {"link", "iframe", "object", "embed", "base"} & set(found.tags)
    assert not [value for attribute, value in found.attributes if attribute in ("src", "href", "xlink:href")]
    assert not re.findall(r"url\(|@import", page)
    assert "default-src 'none'" in page


def test_a_hundred_executions_fit_into_two_megabytes(tmp_path: Path) -> None:
    monitor = MadeUpMonitor(executions=100)

    page = ClarifyModelMonitor.attach(monitor.name, monitor.session).report(cache_directory=tmp_path).html()

    assert page.count('class="chart') == 3 * 19 + 2  # three groups, 19 metrics that have values, and the data twice
    assert len(page.encode()) < 500_000


def test_the_same_executions_give_the_same_bytes(pages: dict[str, Path], tmp_path: Path) -> None:
    monitor = MadeUpMonitor(executions=20)

    page = ClarifyModelMonitor.attach(monitor.name, monitor.session).report(cache_directory=tmp_path).html()

    assert page == pages["bias"].read_text()


def test_headings_have_an_order_and_charts_have_words(pages: dict[str, Path]) -> None:
    for page in pages.values():
        text = page.read_text()
        levels = [int(level) for level in re.findall(r"<h(\d)", text)]
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert len(re.findall(r"<figure", text)) == len(
            re.findall(r'aria-roledescription="chart" aria-label="[^"]', text)
        )


def test_a_metric_says_what_it_means_and_what_is_unfair(pages: dict[str, Path]) -> None:
    page = pages["bias"].read_text()

    assert "How much less often the model predicts the positive label for the group than for the rest." in page
    assert "Disparate Impact included, although its fair value is 1" in page
    assert "Not computed: CDDL, CDDPL (Group variable is empty or not provided)" in page


# ---------------------------------------------------------------- in a browser
@needs_browser
@pytest.mark.parametrize("name", ["bias", "shap", "one", "hostile"])
@pytest.mark.parametrize("width", [400, 1000, 1600])
def test_it_is_drawn_quietly_and_fits(browser: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    browser.open(pages[name], width=width, dark=width == 1000)
    browser.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    found = browser.evaluate("""({
      width: document.documentElement.scrollWidth,
      charts: [...document.querySelectorAll('.chart')].filter((each) => each.offsetParent).map((chart) => {
        const box = chart.querySelector('svg').getBoundingClientRect();
        const marks = [...chart.querySelectorAll('svg path, svg line, svg rect')];
        return box.width > 50 && box.height > 20 && marks.some((each) => getComputedStyle(each).stroke !== 'none'
          || getComputedStyle(each).fill !== 'none');
      }),
    })""")

    lines = browser.evaluate("""[...document.querySelectorAll('.number, thead th, .row.head span')].filter(
      (each) => each.offsetParent).map((each) => each.getClientRects().length > 1 || each.offsetHeight > 40)""")

    assert not any(lines)  # none is broken into two lines
    assert browser.complaints == []
    assert browser.requests == [pages[name].as_uri()]
    assert found["width"] <= width
    assert len(found["charts"]) > 1
    assert all(found["charts"])


@needs_browser
def test_keys_and_pointer_show_the_values(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["bias"])
    browser.evaluate("document.querySelector('.card .chart').focus()")

    browser.press("ArrowLeft")
    newest = browser.evaluate("document.querySelector('.on output').textContent")
    browser.press("Home")
    oldest = browser.evaluate("document.querySelector('.on output').textContent")
    box = browser.evaluate("(({x, y}) => ({x, y}))(document.querySelector('.card .chart').getBoundingClientRect())")
    browser.send("Input.dispatchMouseEvent", type="mouseMoved", x=box["x"] + 200, y=box["y"] + 40)
    browser.evaluate("document.activeElement.blur()")

    assert re.fullmatch(r"21 Mar 2026, 06:00 UTC  \d\.\d+  violation", newest)
    assert re.fullmatch(r"02 Mar 2026, 06:00 UTC  \d\.\d+", oldest)


@needs_browser
def test_paper_shows_what_is_folded(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["bias"], dark=True)
    browser.send("Emulation.setEmulatedMedia", media="print", features=[])

    found = browser.evaluate("""({
      heights: [...document.querySelectorAll('.card')].map((each) => each.getBoundingClientRect().height),
      ground: getComputedStyle(document.body).backgroundColor,
    })""")
    pdf = browser.printed()
    browser.send("Emulation.setEmulatedMedia", media="", features=[])

    assert len(found["heights"]) == 3 * 19
    assert min(found["heights"]) > 100
    assert found["ground"] == "rgb(255, 255, 255)"
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) > 5


@needs_browser
def test_the_hostile_page_does_nothing(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["hostile"])

    dialogs = [event for event in browser.events if event.get("method") == "Page.javascriptDialogOpening"]
    texts: Any = browser.evaluate("document.querySelector('h1').textContent")

    assert dialogs == []
    assert texts == HOSTILE
    assert json.loads(pages["hostile"].with_suffix(".json").read_text())["monitoring_schedule_name"] == HOSTILE
