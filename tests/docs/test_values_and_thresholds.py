"""docs/concepts.md says when Clarify takes a number for a value and when for a threshold: smclarify is asked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.support.container.container_job import Job
from tests.support.container.credit import bias
from tests.support.pages import rows
from tests.support.repository import ROOT

SAID = {row[0].content: row[1].content for row in rows(ROOT / "docs" / "concepts.md") if len(row) == 2}

# Columns of each kind, and a number or word of theirs.
COLUMNS: Mapping[str, Sequence[tuple[Sequence[Any], Any]]] = {
    "words, `true` and `false`": [(["yes", "no"] * 5, "yes"), ([True, False] * 5, True)],
    "whole numbers, often repeated: fewer distinct numbers than 5 % of the rows": [([*[0, 1] * 20, 0], 1)],
    "whole numbers, 5 % of the rows or more are distinct": [([0, 1] * 20, 0), ([*range(20)], 7)],
    "numbers with a decimal point, or a column with missing numbers": [
        ([0.0, 1.0] * 500, 0),
        ([*[0, 1] * 500, None, None], 0),
    ],
}


def understood(folder: Path, column: Sequence[Any], *numbers: Any) -> str:
    """What stands in analysis.json for a facet of these numbers."""
    job = Job(folder)
    labels = ["yes" if row % 3 else "no" for row in range(len(column))]
    table = pd.DataFrame({"approved": labels, "facet": pd.Series(column, dtype=object)})
    table.to_csv(job.data / "train.csv", index=False)
    facet = {"name_or_index": "facet", "value_or_threshold": list(numbers)}
    analysis = job.run(bias(headers=None, label_values_or_threshold=["yes"], facet=[facet]))
    (group,) = analysis["pre_training_bias_metrics"]["facets"]["facet"]
    return str(group["value_or_threshold"])


def test_every_kind_of_column_is_tried() -> None:
    assert COLUMNS.keys() == SAID.keys()


@pytest.mark.parametrize(("kind", "column", "number"), [(k, *case) for k, cases in COLUMNS.items() for case in cases])
def test_a_number_is_what_the_page_says(tmp_path: Path, kind: str, column: Sequence[Any], number: Any) -> None:
    found = understood(tmp_path, column, number)
    assert (found == str(number)) == (SAID[kind] == "a value")
    assert found.startswith(f"({number}") == (SAID[kind] == "a threshold")


def test_several_numbers_are_values(tmp_path: Path) -> None:
    assert understood(tmp_path, range(20), 3, 7) == "3,7"


def test_no_one_is_above_the_largest(tmp_path: Path) -> None:
    assert understood(tmp_path, [0, 1] * 20, 1) == ""


@pytest.mark.parametrize(("count", "is_value"), [(1200, False), (1201, True)])
def test_an_age_among_many_ages_is_a_value_or_a_threshold(tmp_path: Path, count: int, is_value: bool) -> None:
    ages = [20 + number % 60 for number in range(count)]
    assert understood(tmp_path, ages, 40) == ("40" if is_value else "(40, 79]")
