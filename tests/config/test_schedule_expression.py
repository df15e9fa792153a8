"""Schedules: the SDK's expressions, and which of them SageMaker takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cdk_clarify_monitors import CronExpressionGenerator
from tests.support.monitors.calls import schedule

RECORDED = json.loads((Path(__file__).parent / "cron_expressions.json").read_text())["cases"]


def accepted(expression: str | None, **arguments: Any) -> bool:
    try:
        schedule(expression, **arguments)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("case", RECORDED, ids=lambda case: f"{case['call']}-{case['kwargs']}")
def test_expressions_are_the_sdks(case: dict[str, Any]) -> None:
    generate = getattr(CronExpressionGenerator, case["call"].split(".")[1])
    if not accepted(case["result"], data_analysis_start_time="-PT2H", data_analysis_end_time="-PT1H"):
        # The SDK makes these expressions, and SageMaker refuses them.
        with pytest.raises(ValueError, match=r"'(hour|hour_interval|starting_hour)' must be at (least|most) \d+, got "):
            generate(**case["kwargs"])
        return

    assert generate(**case["kwargs"]) == case["result"]


@pytest.mark.parametrize("hour", [*range(24), "00", "07"])
def test_every_hour_of_the_day_is_accepted(hour: int | str) -> None:
    assert accepted(CronExpressionGenerator.daily(hour))


@pytest.mark.parametrize("interval", [*range(1, 25), "01", "06"])
def test_every_interval_up_to_a_day_is_accepted(interval: int | str) -> None:
    assert accepted(CronExpressionGenerator.daily_every_x_hours(interval, 23))


@pytest.mark.parametrize(
    "expression",
    [
        "rate(1 hour)",
        "cron(0 * * * ? *)",
        "cron(30 * ? * * *)",
        "cron(0 */6 ? * * *)",
        "cron(0 1,13 ? * * *)",
        "cron(0 24 ? * * *)",
        "cron(0 0/0 ? * * *)",
        "cron(0 0/25 ? * * *)",
        "cron(0 0 ? * MON *)",
        "cron(0 * ? * * *) ",
        "hourly",
    ],
)
def test_what_sagemaker_does_not_take_is_refused(expression: str) -> None:
    assert not accepted(expression)


@pytest.mark.parametrize("expression", [None, ""])
def test_no_expression_is_the_services_daily_run(expression: str | None) -> None:
    assert accepted(expression, max_runtime_in_seconds=86400)
    # As with the SDK, there is no place for them then.
    assert accepted(expression, data_analysis_start_time="-PT2H", data_analysis_end_time="-PT1H")


def test_one_run_needs_both_analysis_times() -> None:
    assert accepted("NOW", data_analysis_start_time="-PT2H", data_analysis_end_time="-PT1H")
    assert not accepted("NOW", data_analysis_start_time="-PT2H")
    assert not accepted("NOW", data_analysis_start_time="-PT2H", data_analysis_end_time="")


@pytest.mark.parametrize(
    ("start", "end", "fits"),
    [
        ("-PT1H", "-PT1H", True),
        ("-P1D", "-PT0H", True),
        ("-P1DT1H", "-PT1H", True),
        ("-P1DT1S", "-PT0S", False),
        ("-PT1H", "-PT2H", False),
        ("PT0H", "-PT1M", False),
        ("-P1W", "-PT0H", True),  # weeks are not compared
        ("-P9999999999D", "-PT0H", True),  # nor what is no time span
    ],
)
def test_the_window_goes_forward_and_is_no_longer_than_a_day(start: str, end: str, fits: bool) -> None:
    times = {"data_analysis_start_time": start, "data_analysis_end_time": end}

    assert accepted("cron(0 0 ? * * *)", **times) is fits


@pytest.mark.parametrize(
    ("expression", "monitoring_type", "longest"),
    [
        ("cron(0 * ? * * *)", "ModelBias", 1800),
        ("cron(0 * ? * * *)", "ModelExplainability", 3600),
        ("cron(0 5/1 ? * * *)", "ModelBias", 1800),
        ("cron(0 0/6 ? * * *)", "ModelBias", 6 * 3600),
        ("cron(0 7 ? * * *)", "ModelBias", 86400),
        ("NOW", "ModelBias", 86400),
    ],
)
def test_an_execution_ends_before_the_next_one(expression: str, monitoring_type: str, longest: int) -> None:
    arguments: dict[str, Any] = {"monitoring_type": monitoring_type}
    if expression == "NOW":
        arguments |= {"data_analysis_start_time": "-PT2H", "data_analysis_end_time": "-PT1H"}

    assert accepted(expression, max_runtime_in_seconds=longest, **arguments)
    assert not accepted(expression, max_runtime_in_seconds=longest + 1, **arguments)
