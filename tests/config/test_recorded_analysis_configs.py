"""The analysis configs, job inputs and refusals against what the SageMaker Python SDK sent for the same arguments.

The whole requests are compared elsewhere; here only what the configuration classes make, without a stack.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from cdk_clarify_monitors._spec.analysis.analysis_spec import AnalysisSpec
from cdk_clarify_monitors._spec.analysis.bias import bias_analysis
from cdk_clarify_monitors._spec.analysis.explainability import explainability_analysis
from cdk_clarify_monitors._spec.api_requests import network
from tests.support.monitors import calls
from tests.support.recorded.agreements import CORRECTED_CONFIGS
from tests.support.recorded.arguments import made
from tests.support.recorded.record import FILES

CASES = {path.stem: json.loads(path.read_text()) for path in FILES}

# What the SDK sends and we refuse, with the argument that the refusal has to name.
REFUSED_HERE = {
    "P031": "exclude_features_attribute",  # CloudFormation has no property for it
    "P036": "exclude_features_attribute",
    "P043": "exclude_features_attribute",
    "P038": "s3_input_mode",  # FastFile is no value of the API
    "P059": "s3_compression_type",  # Gzip needs Pipe mode
    "P054": "facet_name",  # an excluded column, which captured data do not have
    "P055": "facet_name",  # only in the facet data set, which executions do not read
}
# What the SDK refuses and the configuration has nothing to do with.
NOT_CONFIGURATION = {
    "P200": "an abstract class",
    "P201": "the role is made",
    "P202": "the region",
    "P203": "ground_truth_input is the construct's",
    "P204": "an argument that the construct does not have",
    "P207": "one schedule per object",
    "P239": "enable_cloudwatch_metrics is the construct's",
    "P240": "logs",
    "P241": "the constraints are read at run time",
    "P242": "no such method",
    "P138": "an AWS call fails",
}
# The SDK fails on a list of explainability configs after it has sent the job; we go on.
LIST_OF_METHODS = "P210"
# A score object without a label becomes the text "None".
NO_SCORE_LABEL = "P094"


def run(case: dict[str, Any]) -> tuple[AnalysisSpec, dict[str, Any]]:
    """Everything that a case's arguments go through before there is a stack."""
    monitor = case["inputs"]["monitor"]
    steps = {step["call"]: step["kwargs"] for step in case["inputs"]["steps"]}
    baseline = {name: made(value) for name, value in steps.get("suggest_baseline", {}).items()}
    schedule = {
        name: made(value) for name, value in steps.get("create_monitoring_schedule", {"endpoint_input": "e"}).items()
    }
    if "network_config" in monitor:
        network(made(monitor["network_config"]))
    bias = monitor["$type"] == "ModelBiasMonitor"
    names = ("data_config", "model_config") + (
        ("bias_config", "model_predicted_label_config") if bias else ("explainability_config", "model_scores")
    )
    analyse: Any = bias_analysis if bias else explainability_analysis
    arguments = {name: baseline.get(name) for name in names}
    analysis: AnalysisSpec = analyse(**arguments, analysis_config=schedule.get("analysis_config"))
    monitoring_type = monitor["$type"].removesuffix("Monitor")
    calls.schedule(
        schedule.get("schedule_cron_expression"),
        monitoring_type,
        data_analysis_start_time=schedule.get("data_analysis_start_time"),
        data_analysis_end_time=schedule.get("data_analysis_end_time"),
        max_runtime_in_seconds=monitor.get("max_runtime_in_seconds"),
    )
    request = calls.watched(
        monitoring_type,
        endpoint_input=schedule.get("endpoint_input"),
        batch_transform_input=schedule.get("batch_transform_input"),
        attributes=analysis.attributes,
    )
    return analysis, request


def cases(*, refused: bool) -> list[Any]:
    """The cases that are refused, or not, by the configuration."""
    selected = []
    for name, case in CASES.items():
        number = name.split("-")[0]
        if number in NOT_CONFIGURATION:
            continue
        is_refused = number in REFUSED_HERE or (case["expected"]["outcome"] == "error" and number != LIST_OF_METHODS)
        if is_refused is refused:
            selected.append(pytest.param(number, case, id=name))
    return selected


@pytest.mark.parametrize(("number", "case"), cases(refused=False))
def test_what_is_analysed_is_what_the_sdk_sends(number: str, case: dict[str, Any]) -> None:
    analysis, watched = run(case)

    expected = case["expected"]
    if expected["baselining"]:
        assert analysis.baselining == expected["baselining"]["analysis_config"]["body"]
    monitoring = expected["monitoring"]
    if number == LIST_OF_METHODS:
        methods = dict(expected["baselining"]["analysis_config"]["body"]["methods"])
        del methods["report"]
        assert analysis.monitoring is not None
        assert analysis.monitoring["methods"] == methods
        assert list(methods) == ["shap", "pdp"]
    if monitoring is None:
        return
    if monitoring["analysis_config"] is None:
        assert analysis.monitoring is None
        given = case["inputs"]["steps"][-1]["kwargs"]["analysis_config"]
        assert analysis.monitoring_uri == given
    else:
        body = monitoring["analysis_config"]["body"]
        assert analysis.monitoring == body | CORRECTED_CONFIGS.get(number, {})
        assert analysis.monitoring_uri is None
    definition = monitoring["create_job_definition"]
    sent = next(value for key, value in definition.items() if key.endswith("JobInput"))
    (kind, values), *_ = [(key, dict(value)) for key, value in sent.items() if key != "GroundTruthS3Input"]
    if values.get("DatasetFormat") == {"Parquet": {}}:
        values["DatasetFormat"] = {"Parquet": True}  # as CloudFormation has it
    if number == NO_SCORE_LABEL:
        assert values.pop("InferenceAttribute") == "None"
    assert watched == {kind: values}


@pytest.mark.parametrize(("number", "case"), cases(refused=True))
def test_what_cannot_work_is_refused(number: str, case: dict[str, Any]) -> None:
    with pytest.raises((ValueError, TypeError)) as refused:
        run(case)

    assert "unexpected keyword" not in str(refused.value)
    assert REFUSED_HERE.get(number, "") in str(refused.value)
