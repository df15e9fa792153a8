"""docs/report.md is true."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from smclarify.bias.metrics import posttraining, pretraining, registry

from cdk_clarify_monitors_operations.data._metric_meanings import METRICS
from cdk_clarify_monitors_operations.report import _page
from tests.operations.account import HOUR, Account
from tests.support.pages import blocks, name_of
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
BLOCKS = [block for block in blocks("python") if name_of(block.page) == "docs/report.md"]

ONE_SIDED = {"KL", "JS", "LP", "TVD", "KS", "GE"}


def test_the_block_runs(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    account.add_execution("credit", HOUR, "Failed", reason="Job inputs had no data", with_job=False)
    monkeypatch.setattr("boto3.Session", lambda: account.session)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    printed: list[Any] = []

    (block,) = BLOCKS
    exec(compile(block.code, str(block), "exec"), {"print": lambda *values: printed.extend(values)})  # noqa: S102

    assert printed == ["credit.html", True]
    assert json.loads((tmp_path / "credit.json").read_text())["complete"] is True


def test_what_is_quoted_is_on_the_page() -> None:
    template = (Path(_page.__file__).parent / "templates" / "report.html.jinja").read_text()

    assert "This report is not complete" in PAGE
    assert "This report is not complete" in template
    assert _page._NEAR == 0.05


def test_all_of_clarifys_metrics_have_a_meaning() -> None:
    assert set(METRICS) == {getattr(metric, "__name__", metric) for metric in registry.all_metrics()}
    assert len(METRICS) == 21


def test_signs_are_what_smclarify_computes() -> None:
    """Everything is worse for the second group: fewer rows, labels, predictions; more errors to its disadvantage."""
    group = pd.Series([False] * 12 + [True] * 8)
    label = pd.Series([True] * 8 + [False] * 4 + [True] * 4 + [False] * 4)
    predicted = pd.Series(
        [True] * 7 + [False] + [True, True] + [False] * 2 + [True] + [False] * 3 + [True] + [False] * 3
    )
    values = {
        "CI": pretraining.CI(group, group),
        "DPL": pretraining.DPL(group, group, label),
        "CDDL": pretraining.CDDL(group, group, label, pd.Series([0] * 20)),
        "DPPL": posttraining.DPPL(group, group, predicted),
        "RD": posttraining.RD(group, group, label, predicted),
        "SD": posttraining.SD(group, group, label, predicted),
        "DAR": posttraining.DAR(group, group, label, predicted),
        "AD": posttraining.AD(group, group, label, predicted),
        "TE": posttraining.TE(group, group, label, predicted),
        "CDDPL": posttraining.CDDPL(group, group, predicted, pd.Series([0] * 20)),
    }

    assert {name for name, value in values.items() if value <= 0} == set()
    assert posttraining.DI(group, group, predicted) < 1
    assert posttraining.DRR(group, group, label, predicted) < 0


@pytest.mark.parametrize("name", sorted(ONE_SIDED))
def test_metrics_without_a_direction_say_so(name: str) -> None:
    assert "does not say to whose disadvantage" in METRICS[name].unfair
    assert METRICS[name].range.startswith("0")
