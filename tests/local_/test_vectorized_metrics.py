"""Bias metrics on whole columns are smclarify's to the last bit, and take no call for each record."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from smclarify.bias import metrics, report

from cdk_clarify_monitors_local.container._vectorized_metrics import vectorized

Random = np.random.Generator
Column = Callable[[Random, int], Any]


def numbers(random: Random, size: int) -> Any:
    return random.normal(40, 10, size)


def rounded(random: Random, size: int) -> Any:
    return random.normal(0, 2, size).round()


def few(random: Random, size: int) -> Any:
    return random.integers(0, 3, size)


def many(random: Random, size: int) -> Any:
    return random.integers(-40, 40, size)


def flags(random: Random, size: int) -> Any:
    return random.random(size) < 0.4


def words(random: Random, size: int) -> Any:
    return random.choice(np.array(["a", "b", "c"], dtype=object), size)


def with_gaps(column: Column, missing: Any) -> Column:
    def gapped(random: Random, size: int) -> Any:
        values = np.asarray(column(random, size), dtype=object)
        values[random.random(size) < 0.1] = missing
        return values if missing is None else values.astype(float)

    return gapped


def categories(random: Random, size: int) -> Any:
    return pd.Categorical(words(random, size))


# Columns that smclarify takes for categories and for thresholds, with what selects a group of them.
FACETS: dict[str, tuple[Column, list[Any] | None]] = {
    "few numbers": (few, [1]),
    "several of few numbers": (few, [0, 2]),
    "numbers as text": (few, ["1"]),
    "words": (words, ["a"]),
    "every word": (words, None),
    "every flag": (flags, None),
    "a category": (categories, ["b"]),
    "a threshold": (numbers, [40]),
    "a threshold as text": (numbers, ["40.5"]),
    "a threshold above all": (numbers, [1000]),
    "a threshold of whole numbers": (many, [0]),
    "a threshold and gaps": (with_gaps(numbers, np.nan), [40.0]),
    "words and gaps": (with_gaps(words, None), ["a"]),
    "nobody": (words, ["z"]),
}
LABELS: dict[str, tuple[Column, list[Any]]] = {
    "numbers": (few, [1]),
    "flags": (flags, [True]),
    "words": (words, ["a", "c"]),
    "a threshold": (numbers, [38]),
    "a threshold of whole numbers": (many, [-3]),
    "gaps": (with_gaps(few, np.nan), [1]),
}
FEATURES: dict[str, list[Column]] = {
    "numbers": [numbers, numbers, few],
    "numbers with many ties": [rounded, few, few],
    "whole numbers": [few, many],
    "flags": [flags, flags],
    "flags and numbers": [flags, numbers, few],
    "two distinct records": [flags],
    "gaps": [numbers, with_gaps(numbers, np.nan)],
    "words": [numbers, words],
    "sixteen columns": [numbers, rounded] * 8,
    "sixteen columns of whole numbers": [few, many] * 8,
    "sixteen columns of few values": [few] * 16,
    "none": [],
}
GROUPS: dict[str, Column] = {
    "numbers": many,
    "different numbers": numbers,
    "numbers and gaps": with_gaps(rounded, np.nan),
    "words": words,
    "words and gaps": with_gaps(words, None),
    "categories": categories,
    "nothing": lambda _random, _size: np.array([], dtype=object),
}


def bias_reports(
    seed: int, size: int, facet: str = "few numbers", label: str = "numbers", features: str = "numbers", group: str = ""
) -> Any:
    """The metrics of a random table before and after training, or how they fail."""
    random = np.random.default_rng(seed)
    facet_column, facet_values = FACETS[facet]
    label_column, label_values = LABELS[label]
    table = pd.DataFrame({f"f{i}": column(random, size) for i, column in enumerate(FEATURES[features])})
    table["facet"] = facet_column(random, size)
    observed, predicted = (pd.Series(label_column(random, size)) for _ in range(2))
    groups = pd.Series(GROUPS[group or "nothing"](random, size))
    found: list[Any] = []
    for stage in report.StageType:
        try:
            found.append(
                report.bias_report(
                    table,
                    report.FacetColumn("facet", facet_values and list(facet_values)),
                    report.LabelColumn("label", observed, list(label_values)),
                    stage,
                    report.LabelColumn("predicted", predicted, list(label_values)),
                    group_variable=groups,
                )
            )
        except (ValueError, TypeError, RuntimeError, NameError) as error:
            found.append(f"{type(error).__name__}: {error}")
    return found


def assert_same(size: int, **table: str) -> None:
    expected = bias_reports(size, size, **table)
    with vectorized():
        found = bias_reports(size, size, **table)
    assert repr(found) == repr(expected)  # unlike ==, NaN is NaN, 1 is not 1.0, and 0.0 is not -0.0


# The Flip Test asks one neighbour up to nine records, then five.
SIZES = [1, 9, 30, 150]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("facet", FACETS)
def test_facets_have_the_metrics_of_smclarify(facet: str, size: int) -> None:
    assert_same(size, facet=facet)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("label", LABELS)
def test_labels_have_the_metrics_of_smclarify(label: str, size: int) -> None:
    assert_same(size, label=label, facet="words")


@pytest.mark.parametrize("size", [*SIZES, 1500])
@pytest.mark.parametrize("features", FEATURES)
def test_features_have_the_metrics_of_smclarify(features: str, size: int) -> None:
    assert_same(size, features=features)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("group", GROUPS)
def test_groups_have_the_metrics_of_smclarify(group: str, size: int) -> None:
    assert_same(size, group=group)


def test_smclarify_is_as_it_was_afterwards() -> None:
    before = [*metrics.POSTTRAINING_METRICS]
    with vectorized():
        assert before != metrics.POSTTRAINING_METRICS
    assert before == metrics.POSTTRAINING_METRICS


@pytest.mark.parametrize(
    "table",
    [
        {"facet": "a threshold", "label": "a threshold"},
        {"facet": "words", "features": "numbers with many ties", "group": "different numbers"},
    ],
    ids=["thresholds", "groups"],
)
def test_more_records_take_no_more_calls(table: Any) -> None:
    def calls(size: int) -> int:
        count = 0

        def profile(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal count
            count += event in ("call", "c_call")

        with vectorized():
            sys.setprofile(profile)
            try:
                bias_reports(0, size, **table)
            finally:
                sys.setprofile(None)
        return count

    calls(500)  # what is imported and cached at first
    assert calls(4_000) == pytest.approx(calls(1_000), rel=0.05)
