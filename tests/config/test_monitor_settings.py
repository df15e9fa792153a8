"""Variables and tags, and SageMaker's own limits of what a monitor is told."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import botocore.session
import pytest

from cdk_clarify_monitors import BaselineOptions
from tests.support.monitors.calls import settings

SAGEMAKER = botocore.session.Session().get_service_model("sagemaker")


def entries(count: int) -> dict[str, str]:
    return {f"V{number}": "x" for number in range(count)}


LIMITS: dict[str, Callable[[int], dict[str, Any]]] = {
    "MonitoringScheduleName": lambda most: {"monitor_schedule_name": "x" * most},
    "MonitoringTimeOffsetString": lambda most: {"data_analysis_start_time": "P" * most},
    "ProcessingInstanceCount": lambda most: {"instance_count": most},
    "ProcessingVolumeSizeInGB": lambda most: {"volume_size_in_gb": most},
    "MonitoringMaxRuntimeInSeconds": lambda most: {"max_runtime_in_seconds": most},
    "MonitoringEnvironmentMap": lambda most: {"env": entries(most), "enable_cloudwatch_metrics": None},
    "ProcessingEnvironmentKey": lambda most: {"env": {"x" * most: "x"}},
    "ProcessingEnvironmentValue": lambda most: {"env": {"x": "x" * most}},
    "TagList": lambda most: {"tags": entries(most)},
    "TagKey": lambda most: {"tags": {"x" * most: "x"}},
    "TagValue": lambda most: {"tags": {"x": "x" * most}},
}


@pytest.mark.parametrize("shape", LIMITS)
def test_the_limits_are_sagemakers(shape: str) -> None:
    most = SAGEMAKER.shape_for(shape).metadata["max"]

    settings(**LIMITS[shape](most))
    with pytest.raises(ValueError, match=f"must (be|have) at most {most}"):
        settings(**LIMITS[shape](most + 1))


def test_baselining_job_may_run_nine_days() -> None:
    most = SAGEMAKER.shape_for("ProcessingMaxRuntimeInSeconds").metadata["max"]

    assert BaselineOptions(max_runtime_in_seconds=most).max_runtime_in_seconds == most == 777_600
    for wrong in (most + 1, 0):
        with pytest.raises(ValueError, match="'max_runtime_in_seconds' must be at"):
            BaselineOptions(max_runtime_in_seconds=wrong)


@pytest.mark.no_cover  # a tracer would count each of 65,536 characters
def test_tags_may_have_the_characters_that_sagemaker_takes() -> None:
    """Its pattern has categories of Unicode, which Python's regular expressions do not know."""
    assert SAGEMAKER.shape_for("TagValue").metadata["pattern"] == r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)"
    good: list[str] = []
    bad: list[str] = []
    for c in map(chr, range(0x10000)):
        (good if unicodedata.category(c)[0] in "LZN" or c in "_.:/=+-@" else bad).append(c)

    # A monitor may have 50 tags, and each monitor takes its time.
    assert all(are_taken(*good[first : first + 50]) for first in range(0, len(good), 50))
    assert [c for c in bad if are_taken(c)] == []


def are_taken(*values: str) -> bool:
    try:
        settings(tags={f"tag-{number}": value for number, value in enumerate(values)})
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("metrics", [True, False])
def test_the_variable_for_metrics_counts(metrics: bool) -> None:
    assert len(settings(env=entries(49), enable_cloudwatch_metrics=metrics).execution_environment) == 50
    with pytest.raises(ValueError, match="'env' must have at most 49 entries with 'enable_cloudwatch_metrics', got "):
        settings(env=entries(50), enable_cloudwatch_metrics=metrics)


def test_a_variable_that_is_given_and_replaced_counts_once() -> None:
    given = {**entries(49), "publish_cloudwatch_metrics": "Disabled"}

    replaced = settings(env=given, enable_cloudwatch_metrics=True).execution_environment

    assert replaced == {**given, "publish_cloudwatch_metrics": "Enabled"}


def test_the_metrics_are_left_to_the_variables() -> None:
    assert settings(env=entries(2), enable_cloudwatch_metrics=None).execution_environment == entries(2)
