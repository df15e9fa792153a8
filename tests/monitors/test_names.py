"""The names that are made up for a monitor."""

from __future__ import annotations

import re
from fnmatch import fnmatch

import aws_cdk as cdk
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cdk_clarify_monitors._spec.naming import MAX_LENGTH, MonitorNames
from tests.support.monitors.builders import bias_monitor, template_of

_STACK_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,127}", fullmatch=True)
_PATHS = st.text(min_size=1, max_size=300)
_VALID = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")


@given(_STACK_NAMES, _STACK_NAMES)
def test_no_other_stack_has_names_that_start_alike(one: str, other: str) -> None:
    assume(one.lower() != other.lower())
    mine, others = (MonitorNames(name, "Bias").stack_prefix for name in (one, other))
    assert not mine.startswith(others)
    assert not others.startswith(mine)


@given(_STACK_NAMES, _PATHS, st.none() | st.from_regex(_VALID, fullmatch=True).filter(lambda name: len(name) <= 63))
def test_names_are_names_for_sagemaker(stack: str, path: str, base: str | None) -> None:
    names = MonitorNames(stack, path, base)
    for name in (names.unique, names.schedule, names.job_prefix):
        assert _VALID.fullmatch(name)
        assert len(name) <= MAX_LENGTH
    assert names.unique.startswith(names.stack_prefix)


def test_stages_of_one_app_do_not_touch_each_others_jobs() -> None:
    templates = {}
    for stage in ("dev", "prod"):
        stack = cdk.Stack(cdk.App(), f"acme-fraud-detection-monitors-{stage}")
        bias_monitor(stack)
        templates[stage] = template_of(stack)
    (schedule,) = templates["prod"].find_resources("AWS::SageMaker::MonitoringSchedule").values()
    prefix = schedule["Properties"]["MonitoringScheduleName"].split("-")[0]
    assert prefix in str(templates["prod"].to_json())
    assert prefix not in str(templates["dev"].to_json())


# The names that SageMaker gives the jobs of monitoring schedules.
_EXECUTIONS = [
    f"{kind}-202601310600-e03ba5d6d5eb3ed13314e479"
    for kind in (
        "data-quality-monitoring",
        "groundtruth-merge",
        "model-bias-monitoring",
        "model-explainability-monitoring",
        "model-quality-monitoring",
    )
]


def _matched(names: MonitorNames) -> list[str]:
    """The executions that the patterns of a monitor are for, whatever the case of an ARN."""
    patterns = (names.job_pattern, f"{names.job_prefix}-*", names.schedule_pattern, f"{names.stack_prefix}*")
    return [each for each in _EXECUTIONS for pattern in patterns if fnmatch(each, pattern.lower())]


@pytest.mark.parametrize("stack", ["Model", "model", "MODEL", "GroundTruth", "groundtruth", "Data", "M-o-d-e-l"])
def test_no_pattern_of_a_stack_is_for_jobs_of_model_monitor(stack: str) -> None:
    names = MonitorNames(stack, "Bias")
    assert _matched(names) == []
    assert names.stack_prefix.startswith(re.sub("[^a-z]", "", stack.lower()))


@given(_STACK_NAMES, st.sampled_from(_EXECUTIONS), st.integers(1, 63))
def test_no_base_name_leads_to_jobs_of_model_monitor(stack: str, execution: str, length: int) -> None:
    base = execution[:length].rstrip("-")
    names = MonitorNames(stack, "Bias", base)
    assert _matched(names) == []
    assert len(names.job_prefix) <= 39
    assert _VALID.fullmatch(names.job_prefix)


@pytest.mark.parametrize(
    ("stack", "prefix"), [("Models", "models-"), ("Modeling", "modeling-"), ("Loans", "loans-"), ("Dat", "dat-")]
)
def test_names_of_other_stacks_are_as_they_were(stack: str, prefix: str) -> None:
    assert MonitorNames(stack, "Bias").stack_prefix == prefix
    assert MonitorNames(stack, "Bias", "models-bias").job_prefix == "models-bias"
    assert MonitorNames(stack, "Bias", "groundtruth2").job_prefix == "groundtruth2"
