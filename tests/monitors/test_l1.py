"""All that is asked of SageMaker arrives in the template: an L1 drops in silence what it has no property for."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any
from unittest.mock import ANY

import aws_cdk as cdk
import pytest

from cdk_clarify_monitors import (
    BatchTransformInput,
    EndpointInput,
    ModelBiasMonitorConstruct,
    MonitoringDatasetFormat,
)
from cdk_clarify_monitors._config.monitor_settings import MonitorSettings
from cdk_clarify_monitors._resources import monitor
from cdk_clarify_monitors._resources.monitor_document import monitor_document
from tests.support.monitors.all_options import bias_monitor_with_all_options, explainability_monitor_with_all_options
from tests.support.monitors.builders import bias_monitor, explainability_monitor, template_of
from tests.support.monitors.calls import watched

# A value of each field of the inputs.
VALUES: dict[str, Any] = {
    "endpoint_name": "loans",
    "data_captured_destination_s3_uri": "s3://data/captured",
    "destination": "/opt/ml/processing/input/captured",
    "dataset_format": MonitoringDatasetFormat.json(),
    "s3_input_mode": "Pipe",
    "s3_data_distribution_type": "ShardedByS3Key",
    "start_time_offset": "-P2D",
    "end_time_offset": "-P1D",
    "features_attribute": "features",
    "inference_attribute": "label",
    "probability_attribute": "score",
    "probability_threshold_attribute": 0.7,
    "exclude_features_attribute": "id",
}
# Each with the argument that takes it, and all but what the other monitor has no property for.
INPUTS = {"endpoint_input": EndpointInput, "batch_transform_input": BatchTransformInput}
MONITORS: dict[str, Callable[..., Any]] = {"ModelBias": bias_monitor, "ModelExplainability": explainability_monitor}


def with_every_field(monitoring_type: str, argument: str) -> dict[str, Any]:
    """The values of an input in which every field is given, but for those that CloudFormation cannot express."""
    made = INPUTS[argument]
    given = {each.name: VALUES[each.name] for each in fields(made) if each.default is MISSING}
    for each in fields(made):
        field = {each.name: VALUES[each.name]}
        try:
            watched(monitoring_type, **{argument: made(**given | field)})
        except ValueError as refused:
            assert "has no property for it" in str(refused)  # noqa: PT017  most fields are not refused
        else:
            given |= field
    return given


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What JavaScript makes monitors of."""
    found: list[dict[str, Any]] = []
    written = monitor_document

    def remembered(*arguments: Any) -> dict[str, Any]:
        found.append(written(*arguments))
        return found[-1]

    monkeypatch.setattr(monitor, "monitor_document", remembered)
    return found


def asked(stack: cdk.Stack, document: dict[str, Any]) -> list[dict[str, Any]]:
    """The requests of a document as the template is to have them: with anything for what other resources answer."""
    definition, schedule = stack.resolve([document["definition"], document["schedule"]])
    specification = f"{document['type']}AppSpecification"
    filled = {
        "RoleArn": ANY,
        specification: definition[specification] | {"ConfigUri": ANY},
        f"{document['type']}BaselineConfig": {"ConstraintsResource": {"S3Uri": ANY}},
    }
    config = schedule["MonitoringScheduleConfig"] | {"MonitoringJobDefinitionName": ANY}
    return [definition | filled, schedule | {"MonitoringScheduleConfig": config}]


def in_template(stack: cdk.Stack) -> list[dict[str, Any]]:
    resources = template_of(stack).to_json()["Resources"].values()
    return [resource["Properties"] for resource in resources if resource["Type"].startswith("AWS::SageMaker::")]


def test_what_an_l1_has_no_property_for_is_refused(stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    written = monitor_document

    def with_more(*arguments: Any) -> dict[str, Any]:
        document = written(*arguments)
        document["definition"]["JobResources"]["ClusterConfig"]["InstanceColour"] = "red"
        return document

    monkeypatch.setattr(monitor, "monitor_document", with_more)
    with pytest.raises(
        RuntimeError, match=r"JobDefinition of .* has no property JobResources.ClusterConfig.InstanceCol"
    ):
        bias_monitor(stack)


@pytest.mark.parametrize("make", [bias_monitor_with_all_options, explainability_monitor_with_all_options])
def test_every_option_arrives_in_the_template(
    stack: cdk.Stack, documents: list[dict[str, Any]], make: Callable[[cdk.Stack], Any]
) -> None:
    make(stack)
    assert in_template(stack) == asked(stack, documents[0])


@pytest.mark.parametrize("monitoring_type", MONITORS)
@pytest.mark.parametrize("argument", INPUTS)
def test_every_field_of_an_input_arrives_in_the_template(
    stack: cdk.Stack, documents: list[dict[str, Any]], monitoring_type: str, argument: str
) -> None:
    given = with_every_field(monitoring_type, argument)
    MONITORS[monitoring_type](stack, **{"endpoint_input": None, argument: INPUTS[argument](**given)})
    definition, _ = in_template(stack)
    assert definition == asked(stack, documents[0])[0]
    job_input = definition[f"{monitoring_type}JobInput"]
    assert len(job_input[INPUTS[argument].__name__]) == len(given)


def test_all_options_are_all_there_are(stack: cdk.Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those that stand for something that is made otherwise."""
    parameters = inspect.signature(ModelBiasMonitorConstruct.__init__).parameters
    made: list[MonitorSettings] = []
    validate = MonitorSettings.__post_init__

    def validate_and_record(settings: MonitorSettings) -> None:
        validate(settings)
        made.append(settings)

    monkeypatch.setattr(MonitorSettings, "__post_init__", validate_and_record)
    bias_monitor_with_all_options(stack)
    names = [field.name for field in fields(MonitorSettings)]
    left_out = [name for name in names if getattr(made[0], name) == parameters[name].default]
    assert left_out == ["constraints", "enable_cloudwatch_metrics", "role", "data_capture_s3_uri"]
