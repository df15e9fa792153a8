"""What `make bench` compares is comparable, and docs/performance.md says what it has measured."""

import collections
import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks import plot, report, results
from benchmarks.processes import HERE, JAVASCRIPT, OURS, PYTHON, ROOT, synthesize

MEASURED = results.load()


def resource_types(app: str, monitors: int) -> collections.Counter[str]:
    resources = json.loads(synthesize(app, monitors).template)["Resources"]
    return collections.Counter(resource["Type"] for resource in resources.values())


@pytest.mark.slow
def test_the_stack_by_hand_has_the_same_resources() -> None:
    """But for the managed policies: by hand, all that the jobs may do is in the roles' inline policies."""
    ours, by_hand = resource_types(OURS, 2), resource_types(PYTHON, 2)
    assert ours - by_hand == {"AWS::IAM::ManagedPolicy": 2}
    assert by_hand - ours == {}


@pytest.mark.skipif(not (HERE / "node_modules").exists(), reason="`make bench` installs the CDK for JavaScript")
def test_both_stacks_by_hand_are_the_same() -> None:
    assert synthesize(PYTHON, 2).template == synthesize(JAVASCRIPT, 2).template


def test_an_added_monitor_is_a_few_calls_into_the_kernel() -> None:
    few, more = (json.loads(synthesize(OURS, count, observed=True).output)["messages"] for count in (2, 12))
    calls, sent = ((more[what] - few[what]) / 10 for what in ("calls", "request_bytes"))
    assert calls == 1
    assert sent <= 8_000


@pytest.mark.parametrize("package", ["aws-cdk-lib", "constructs"])
def test_all_are_on_the_same_version_of_the_cdk(package: Any) -> None:
    (pinned,) = re.findall(rf"^{package}==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert json.loads((HERE / "package.json").read_text())["dependencies"][package] == pinned
    assert MEASURED["environment"]["versions"][package] == pinned


def test_the_page_has_the_figures_that_were_measured() -> None:
    page = report.PAGE.read_text()
    assert report.with_figures(page, MEASURED) == page


def test_the_image_shows_what_was_measured(tmp_path: Path) -> None:
    image = tmp_path / "synthesis.svg"
    plot.draw(MEASURED, image)
    assert image.read_text() == report.IMAGE.read_text()


def test_medians_are_of_seven_rounds_or_more() -> None:
    assert MEASURED["rounds"] >= 7
    for app in MEASURED["synthesis"].values():
        assert {len(samples) for samples in app["seconds"].values()} == {MEASURED["rounds"]}
