"""Values that are known at deployment only keep their types, in requests and in analysis configs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aws_cdk as cdk
import jsii
import pytest

from cdk_clarify_monitors import BaselineOptions, BiasConfig, ModelPredictedLabelConfig, NetworkConfig, SHAPConfig
from tests.monitors.late_values import deployed, number, strings, text
from tests.support.monitors.builders import HEADERS, bias_monitor, data_config, explainability_monitor, model_config


# ---------------------------------------------------------------- numbers
def test_numbers_stay_numbers(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bias_monitor(
            stack,
            data_config=data_config(headers=None, label=number(stack, "LabelIndex")),
            bias_config=BiasConfig(
                label_values_or_threshold=[number(stack, "Threshold")],
                facet_name=number(stack, "FacetIndex"),
                facet_values_or_threshold=[number(stack, "Age")],
            ),
            model_config=model_config(instance_count=number(stack, "ShadowInstances")),
            model_predicted_label_config=ModelPredictedLabelConfig(
                probability=number(stack, "ProbabilityIndex"),
                probability_threshold=number(stack, "ProbabilityThreshold"),
            ),
            instance_count=number(stack, "Instances"),
            volume_size_in_gb=number(stack, "Gigabytes"),
            max_runtime_in_seconds=number(stack, "Seconds"),
        )

    result = deployed(
        tmp_path,
        make,
        LabelIndex="0",
        Threshold="-1.5",
        FacetIndex="12",
        Age="40",
        ShadowInstances="3",
        ProbabilityIndex="1",
        ProbabilityThreshold="0.75",
        Instances="2",
        Gigabytes="64",
        Seconds="1200",
    )
    (job,) = result.processing_jobs  # botocore takes no strings here
    cluster = {"InstanceCount": 2, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 64}
    assert job["ProcessingResources"]["ClusterConfig"] == cluster
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 1200}
    facets = {
        "label": 0,
        "label_values_or_threshold": [-1.5],
        "facet": [{"name_or_index": 12, "value_or_threshold": [40]}],
    }
    assert result.monitoring_config == facets
    assert facets.items() <= result.baselining_config.items()
    assert result.baselining_config["predictor"]["initial_instance_count"] == 3
    assert result.baselining_config["predictor"]["probability"] == 1
    assert result.baselining_config["probability_threshold"] == 0.75
    for config in (result.monitoring_config, result.baselining_config):
        assert all(type(n) is int for n in (config["label"], config["facet"][0]["name_or_index"]))
    # CloudFormation makes numbers of strings where the resource type has numbers.
    watched = result.job_definition["ModelBiasJobInput"]["EndpointInput"]
    assert watched["ProbabilityAttribute"] == "1"
    assert watched["ProbabilityThresholdAttribute"] == "0.75"


def test_numbers_of_the_baselining_job_stay_numbers(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        options = BaselineOptions(
            instance_count=number(stack, "Instances"), volume_size_in_gb=number(stack, "Gigabytes")
        )
        bias_monitor(stack, baseline=options)

    (job,) = deployed(tmp_path, make, Instances="4", Gigabytes="100").processing_jobs
    assert job["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 4
    assert job["ProcessingResources"]["ClusterConfig"]["VolumeSizeInGB"] == 100


@pytest.mark.parametrize("value", ["five", "NaN", "1e999", ""])
def test_a_number_that_is_none_fails_the_deployment(tmp_path: Path, value: Any) -> None:
    with pytest.raises(Exception, match=r"/ProcessingJob/.*/InstanceCount must be a Number, got"):
        deployed(tmp_path, lambda stack: bias_monitor(stack, instance_count=number(stack, "N")), N=value)


# ---------------------------------------------------------------- lists
def test_lists_stay_lists(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        bias_monitor(
            stack,
            data_config=data_config(headers=strings(stack, "Headers"), excluded_columns=strings(stack, "Excluded")),
            model_predicted_label_config=ModelPredictedLabelConfig(label_headers=strings(stack, "LabelHeaders")),
            network_config=NetworkConfig(
                security_group_ids=strings(stack, "Groups", "List<AWS::EC2::SecurityGroup::Id>"),
                subnets=strings(stack, "Subnets", "List<AWS::EC2::Subnet::Id>"),
            ),
        )

    result = deployed(
        tmp_path,
        make,
        Headers=",".join(HEADERS),
        Excluded="debt",
        LabelHeaders="denied,approved",
        Groups="sg-1",
        Subnets="subnet-1,subnet-2",
    )
    assert result.baselining_config["headers"] == result.monitoring_config["headers"] == HEADERS
    assert result.baselining_config["excluded_columns"] == ["debt"]
    assert result.baselining_config["predictor"]["label_headers"] == ["denied", "approved"]
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1", "subnet-2"]}
    assert result.processing_jobs[0]["NetworkConfig"]["VpcConfig"] == vpc
    assert result.job_definition["NetworkConfig"]["VpcConfig"] == vpc


def test_a_list_with_some_tokens_in_it_is_whole(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        headers = ["approved", text(stack, "Second"), "income", text(stack, "Last")]
        bias_monitor(stack, data_config=data_config(headers=headers))

    result = deployed(tmp_path, make, Second="age", Last="debt")
    assert result.monitoring_config["headers"] == HEADERS


class Late:
    """The producer of a lazy value. Not a stable one: jsii before 1.132 cannot call those in Python."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def produce(self, _context: cdk.IResolveContext) -> Any:
        return self._value


@jsii.implements(cdk.IStringProducer)
class LateString(Late):
    pass


@jsii.implements(cdk.INumberProducer)
class LateNumber(Late):
    pass


@jsii.implements(cdk.IListProducer)
class LateList(Late):
    pass


def test_lazy_values_are_resolved_by_the_cdk(tmp_path: Path) -> None:
    result = deployed(
        tmp_path,
        lambda stack: bias_monitor(
            stack,
            model_config=model_config(
                model_name=cdk.Lazy.uncached_string(LateString("late-model")),
                instance_count=cdk.Lazy.uncached_number(LateNumber(7)),
            ),
            data_config=data_config(headers=cdk.Lazy.uncached_list(LateList(HEADERS))),
        ),
    )
    predictor = result.baselining_config["predictor"]
    assert predictor == {"model_name": "late-model", "initial_instance_count": 7, "instance_type": "ml.m5.large"}
    assert result.baselining_config["headers"] == HEADERS


# ---------------------------------------------------------------- the label of an explainability monitor
def test_a_label_that_is_one_of_the_headers_is_no_feature(tmp_path: Path) -> None:
    def make(stack: cdk.Stack) -> None:
        label = text(stack, "Label")
        explainability_monitor(stack, data_config=data_config(label=label, headers=[label, "age", "income", "debt"]))

    result = deployed(tmp_path, make, Label="approved")
    assert result.baselining_config["headers"] == HEADERS
    assert result.monitoring_config["headers"] == HEADERS[1:]


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        (lambda stack: {"label": text(stack, "Label")}, {"Label": "approved"}),
        (lambda stack: {"label": number(stack, "Label")}, {"Label": "0"}),
        (lambda stack: {"headers": strings(stack, "Headers")}, {"Headers": ",".join(HEADERS)}),
        (lambda stack: {"headers": strings(stack, "Headers"), "label": 0}, {"Headers": ",".join(HEADERS)}),
    ],
    ids=["label by name", "label by index", "headers", "headers and index"],
)
def test_a_label_among_unknown_headers_is_refused_or_taken_out(tmp_path: Path, arguments: Any, parameters: Any) -> None:
    """One header too many in the executions' config would give every attribution to the wrong feature."""
    try:
        result = deployed(
            tmp_path,
            lambda stack: explainability_monitor(
                stack, data_config=data_config(**arguments(stack)), explainability_config=SHAPConfig(num_clusters=1)
            ),
            **parameters,
        )
    except ValueError as refusal:
        assert "'label'" in str(refusal) or "'headers'" in str(refusal)  # noqa: PT017  one of the two will do
    else:
        assert result.monitoring_config["headers"] == HEADERS[1:]
