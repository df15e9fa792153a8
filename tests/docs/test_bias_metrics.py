"""docs/bias-metrics.md: its words are the report's, its numbers those of the stand-in, which are smclarify's."""

from __future__ import annotations

import io
import math

import pandas as pd
import pytest
from smclarify.bias.metrics import posttraining

from cdk_clarify_monitors._config.bias_metrics import RANGES, greatest_distance
from cdk_clarify_monitors_operations.data._metric_meanings import BIAS_RULE, METRICS
from tests.support.container.container_job import Job
from tests.support.pages import blocks, name_of
from tests.support.repository import ROOT

PAGE = (ROOT / "docs" / "bias-metrics.md").read_text(encoding="utf-8")
ROWS = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `")}


@pytest.fixture(scope="module")
def example() -> pd.DataFrame:
    (block,) = [block for block in blocks("csv") if name_of(block.page) == "docs/bias-metrics.md"]
    return pd.read_csv(io.StringIO(block.code))


@pytest.fixture(scope="module")
def computed(example: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    job = Job(tmp_path_factory.mktemp("job"))
    pd.concat([example] * 10).to_csv(job.data / "loans.csv", index=False)
    analysis = job.run(
        {
            "dataset_type": "text/csv",
            "label": "approved",
            "predicted_label": "predicted",
            "label_values_or_threshold": [1],
            "facet": [{"name_or_index": "sex", "value_or_threshold": [2]}],
            "group_variable": "region",
            "methods": {
                "report": {"name": "report"},
                "pre_training_bias": {"methods": "all"},
                "post_training_bias": {"methods": "all"},
            },
        }
    )
    stages = [analysis[f"{stage}_training_bias_metrics"] for stage in ("pre", "post")]
    return {m["name"]: m["value"] for stage in stages for m in stage["facets"]["sex"][0]["metrics"]}


def test_the_words_are_those_of_the_report() -> None:
    assert list(ROWS) == list(METRICS)
    for name, meaning in METRICS.items():
        cells = f"| `{name}` {meaning.title} | {meaning.range} | {meaning.meaning} | {meaning.unfair} | "
        assert ROWS[name].startswith(cells)
    assert " ".join(PAGE.split("## What a violation is")[1].split()).startswith(BIAS_RULE)


def test_limits_go_by_the_ranges_of_the_page() -> None:
    for name, meaning in METRICS.items():
        least, most = RANGES[name]
        assert meaning.greatest_distance == greatest_distance(name)
        assert meaning.range.startswith("0") is (least == 0)
        assert meaning.range.endswith("\N{INFINITY}") is math.isinf(most)


def test_the_error_of_many_is_more_than_half() -> None:
    refused = pd.Series([True] * 100), pd.Series([False] * 90 + [True] * 10)
    assert posttraining.GE(*refused) == pytest.approx(4.5)


@pytest.mark.parametrize("name", METRICS)
def test_the_numbers_are_those_of_clarify(computed: dict[str, float], name: str) -> None:

    value = ROWS[name].split(" | ")[4].partition(":")[0].replace("\N{MINUS SIGN}", "-")
    assert float(value) == pytest.approx(computed[name], abs=0.0051)


def test_the_counts_are_those_of_the_example(example: pd.DataFrame) -> None:
    counts = example.groupby(["sex", "approved", "predicted"]).size()
    for sex, who in ((2, "women"), (1, "men")):
        cells = [counts[sex, repaid, granted] for repaid, granted in ((1, 1), (1, 0), (0, 1), (0, 0))]
        assert f"| {who} | {' | '.join(map(str, cells))} |" in PAGE


def test_the_flip_tests_sign_is_that_of_the_text(example: pd.DataFrame, computed: dict[str, float]) -> None:
    women, men = example[example["sex"] == 2], example[example["sex"] == 1]
    nearest = [men.loc[(men["income"] - income).abs().idxmin(), "predicted"] for income in women["income"]]
    harder = sum((women["predicted"] == 0) & (pd.Series(nearest, index=women.index) == 1))
    easier = sum((women["predicted"] == 1) & (pd.Series(nearest, index=women.index) == 0))
    assert (harder, easier) == (1, 0)
    assert computed["FT"] == (easier - harder) / len(women)
