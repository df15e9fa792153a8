"""Rules between two members of a request, or of an analysis config, that only a warning can state."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import botocore.session
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from cdk_clarify_monitors import (
    BaselineOptions,
    BatchTransformInput,
    EndpointInput,
    ExplainabilityAnalysisConfig,
    ModelConfig,
    MonitoringDatasetFormat,
    NetworkConfig,
    SHAPConfig,
)
from cdk_clarify_monitors._spec.local_storage import has_local_storage, local_storage_in_gb
from tests.support.monitors.builders import (
    bias_monitor,
    data_config,
    explainability_monitor,
    model_config,
    only,
    template_of,
)
from tests.support.templates.annotations import warnings_of


# ---------------------------------------------------------------- instance types with disks of their own
@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor])
def test_a_volume_beside_local_storage_is_warned_of(stack: cdk.Stack, make: Any) -> None:
    key = kms.Key(stack, "Key")

    make(stack, instance_type="ml.m5d.xlarge", volume_size_in_gb=500, volume_kms_key=key)

    refused, large = warnings_of(stack, "local storage")
    assert "'instance_type' 'ml.m5d.xlarge' has local storage" in refused
    assert "SageMaker refuses 'volume_kms_key' with it; leave the key out" in refused
    assert "has 150 GB of local storage" in large
    assert "refuses 'volume_size_in_gb' 500; give at most 150" in large


def test_the_baselining_jobs_own_cluster_is_looked_at(stack: cdk.Stack) -> None:
    key = kms.Key(stack, "Key")

    bias_monitor(stack, volume_kms_key=key, baseline=BaselineOptions(instance_type="ml.g5.xlarge"))
    assert len(warnings_of(stack, "'baseline.instance_type' 'ml.g5.xlarge' has local storage")) == 1
    assert not warnings_of(stack, "'instance_type' 'ml.m5.xlarge'")


@pytest.mark.parametrize(
    "changes",
    [
        {"instance_type": "ml.m5d.xlarge"},
        {"instance_type": "ml.m5d.xlarge", "volume_size_in_gb": 150},
        {"instance_type": "ml.m5.xlarge", "volume_size_in_gb": 16_384},
        {"instance_type": "ml.g7e.2xlarge", "volume_size_in_gb": 16_384},
        {"instance_type": "ml.r5.large", "volume_size_in_gb": 16_384},
    ],
)
def test_other_volumes_get_no_warning(stack: cdk.Stack, changes: dict[str, Any]) -> None:
    bias_monitor(stack, **changes)

    assert not warnings_of(stack, "local storage")


def test_instance_types_of_the_api_are_told_apart() -> None:
    service: Any = botocore.session.get_session().get_service_model("sagemaker")
    types = [*service.shape_for("ProcessingInstanceType").enum]
    families = {name.split(".")[1] for name in types if has_local_storage(name)}

    assert families == {"g4dn", "g5", "g6", "g6e", "g7", "g7e", "m5d", "p5", "r5d"} & {n.split(".")[1] for n in types}
    assert {name for name in types if local_storage_in_gb(name)} <= {name for name in types if has_local_storage(name)}
    for other in ("ml.m6id.large", "ml.c5d.xlarge", "ml.p3dn.24xlarge", "ml.p4d.24xlarge", "ml.p4de.24xlarge"):
        assert has_local_storage(other)
    for none in (
        "ml.m5.xlarge",
        "ml.c7i-flex.large",
        "ml.r8i.2xlarge",
        "ml.t3.medium",
        "ml.p3.2xlarge",
        "ml.m8i.large",
    ):
        assert not has_local_storage(none)


# ---------------------------------------------------------------- records of several files or instances
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"instance_count": 2}, "the baselining job runs on 2 instances"),
        ({"baseline": BaselineOptions(instance_count=3)}, "the baselining job runs on 3 instances"),
        (
            {"data_config": data_config(predicted_label_dataset_uri="s3://data/predicted.csv"), "model_config": None},
            "'predicted_label_dataset_uri' is a data set of its own",
        ),
    ],
)
def test_records_without_an_identifier_are_warned_of(stack: cdk.Stack, changes: dict[str, Any], reason: str) -> None:
    bias_monitor(stack, **changes)

    (warning,) = warnings_of(stack, "joinsource")
    assert reason in warning
    assert "give it, unless each data set is one file" in warning


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"instance_count": 2, "baseline": BaselineOptions(instance_count=1)},
        {"instance_count": 2, "data_config": data_config(joinsource="income")},
        {"instance_count": 2, "constraints": "s3://data/analysis.json"},
    ],
)
def test_records_that_are_told_apart_get_no_warning(stack: cdk.Stack, changes: dict[str, Any]) -> None:
    bias_monitor(stack, **changes)

    assert not warnings_of(stack, "joinsource")


# ---------------------------------------------------------------- more than one machine
def smaller_endpoints(monitor: Construct) -> list[str]:
    """What is said about endpoints that have fewer instances than the jobs that ask them."""
    found = [str(entry.data) for entry in monitor.node.metadata if entry.type == "aws:cdk:info"]
    return [text for text in found if "will ask an endpoint of" in text]


@pytest.mark.parametrize(
    ("make", "changes", "jobs"),
    [
        (bias_monitor, {"instance_count": 2}, ["baselining job on 2"]),
        (bias_monitor, {"baseline": BaselineOptions(instance_count=3)}, ["baselining job on 3"]),
        (explainability_monitor, {"instance_count": 2}, ["baselining job on 2", "executions on 2"]),
        (
            explainability_monitor,
            {"instance_count": 2, "baseline": BaselineOptions(instance_count=1)},
            ["executions on 2"],
        ),
        (explainability_monitor, {"instance_count": 2, "model_config": model_config(instance_count=2)}, []),
        (explainability_monitor, {"instance_count": 2, "model_config": model_config(instance_count=4)}, []),
        (explainability_monitor, {}, []),
    ],
)
def test_an_endpoint_smaller_than_its_job_is_told(
    stack: cdk.Stack, make: Any, changes: dict[str, Any], jobs: list[str]
) -> None:
    found = smaller_endpoints(make(stack, **changes))

    assert len(found) == len(jobs)
    assert all(f"the {job} instances will ask an endpoint of 1" in text for job, text in zip(jobs, found, strict=True))


@pytest.mark.parametrize("jobs", [True, False])
def test_a_number_that_is_not_known_is_not_compared(stack: cdk.Stack, jobs: bool) -> None:
    token = cdk.CfnParameter(stack, "Count", type="Number").value_as_number
    changes: dict[str, Any] = (
        {"instance_count": token} if jobs else {"model_config": model_config(instance_count=token)}
    )

    assert smaller_endpoints(explainability_monitor(stack, **{"instance_count": 2, **changes})) == []


OTHERS = {"predicted_label_dataset_uri": "s3://data/predicted.csv", "facet_dataset_uri": "s3://data/facets.csv"}


@pytest.mark.parametrize("changes", [{"instance_count": 2}, {"baseline": BaselineOptions(instance_count=2)}])
@pytest.mark.parametrize("others", [{name: uri} for name, uri in OTHERS.items()] + [OTHERS], ids=str)
def test_joined_data_sets_on_instances_need_a_column(
    stack: cdk.Stack, changes: dict[str, Any], others: dict[str, str]
) -> None:
    model = None if "predicted_label_dataset_uri" in others else model_config()
    with pytest.raises(ValueError, match="joinsource") as refused:
        bias_monitor(stack, data_config=data_config(**others), model_config=model, **changes)

    named = " and ".join(repr(name) for name in ("facet_dataset_uri", "predicted_label_dataset_uri") if name in others)
    assert str(refused.value) == (
        f"'data_config.joinsource' must be given for 2 instances of the baselining job with {named}, got None: name "
        "the column by which both data sets tell their records apart, or take one instance"
    )
    assert stack.node.try_find_child("Bias") is None


@pytest.mark.parametrize(
    "changes",
    [
        {"data_config": data_config(**OTHERS, joinsource="income"), "instance_count": 2},
        {"data_config": data_config(**OTHERS)},
        {"data_config": data_config(**OTHERS), "instance_count": 2, "baseline": BaselineOptions(instance_count=1)},
        {"data_config": data_config(**OTHERS), "instance_count": 2, "constraints": "s3://data/analysis.json"},
        {"data_config": data_config(**OTHERS), "instance_count": cdk.Token.as_number({"Ref": "Count"})},
    ],
)
def test_joined_data_sets_are_fine_otherwise(stack: cdk.Stack, changes: dict[str, Any]) -> None:
    assert bias_monitor(stack, model_config=None, **changes)


def sharded(kind: type[Any]) -> dict[str, Any]:
    if kind is EndpointInput:
        return {"endpoint_input": EndpointInput("loans", "/opt/x", s3_data_distribution_type="ShardedByS3Key")}
    capture = BatchTransformInput(
        "s3://data/capture", "/opt/x", MonitoringDatasetFormat.csv(), s3_data_distribution_type="ShardedByS3Key"
    )
    return {"endpoint_input": None, "batch_transform_input": capture}


@pytest.mark.parametrize("make", [bias_monitor, explainability_monitor])
@pytest.mark.parametrize("kind", [EndpointInput, BatchTransformInput])
def test_captures_are_not_shared_out_over_instances(stack: cdk.Stack, make: Any, kind: type[Any]) -> None:
    argument = "endpoint_input" if kind is EndpointInput else "batch_transform_input"
    with pytest.raises(ValueError, match="ShardedByS3Key") as refused:
        make(stack, instance_count=3, **sharded(kind))

    assert str(refused.value).startswith(
        f"'{argument}.s3_data_distribution_type' must be 'FullyReplicated' for 3 instances of an execution, got "
    )
    # On one instance it is the same as the other.
    assert make(stack, baseline=BaselineOptions(instance_count=3), **sharded(kind))


@pytest.mark.parametrize(
    ("changes", "count"), [({}, 0), ({"instance_count": 2}, 1), ({"baseline": BaselineOptions(instance_count=2)}, 1)]
)
def test_isolated_instances_are_warned_of(stack: cdk.Stack, changes: dict[str, Any], count: int) -> None:
    isolated, data = NetworkConfig(enable_network_isolation=True), data_config(predicted_label="debt")
    bias_monitor(stack, network_config=isolated, model_config=None, data_config=data, **changes)

    assert len(warnings_of(stack, "network isolation .* on several instances, which Spark has to connect")) == count


# ---------------------------------------------------------------- executions without a predictor
def without_predictor(stack: cdk.Stack, **changes: Any) -> Any:
    config = ExplainabilityAnalysisConfig(SHAPConfig([[1, 2]]), label_headers=changes.pop("label_headers", None))
    nothing: dict[str, Any] = dict.fromkeys(("data_config", "explainability_config", "model_config"))
    return explainability_monitor(stack, analysis_config=config, **{**nothing, **changes})


def test_executions_without_a_predictor_may_ask_their_endpoint(stack: cdk.Stack) -> None:
    without_predictor(stack)

    roles = template_of(stack).find_resources("AWS::IAM::Role")
    text = json.dumps(next(role for name, role in roles.items() if name.startswith("Explainability")))
    assert "sagemaker:InvokeEndpoint" in text
    assert ":endpoint/loans-endpoint" in text
    assert "sagemaker:CreateEndpoint" not in text
    assert not warnings_of(stack, "the executions ask the model")


def test_executions_without_a_predictor_cannot_be_isolated(stack: cdk.Stack) -> None:
    without_predictor(stack, network_config=NetworkConfig(enable_network_isolation=True))

    assert len(warnings_of(stack, "network isolation")) == 1


def test_a_named_model_is_asked_as_before(stack: cdk.Stack) -> None:
    config = ExplainabilityAnalysisConfig(SHAPConfig([[1, 2]]), ModelConfig(endpoint_name="other"))
    nothing: dict[str, Any] = dict.fromkeys(("data_config", "explainability_config", "model_config"))
    explainability_monitor(stack, analysis_config=config, **nothing)

    text = json.dumps(template_of(stack).find_resources("AWS::IAM::Role"))
    assert ":endpoint/other" in text
    assert "loans-endpoint" not in text


# ---------------------------------------------------------------- what is kept, and for how long
def test_the_default_buckets_policy_is_kept_with_it(stack: cdk.Stack) -> None:
    bias_monitor(stack)

    for type_ in ("AWS::S3::Bucket", "AWS::S3::BucketPolicy"):
        (resource,) = template_of(stack).find_resources(type_).values()
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("own", [False, True])
def test_results_expire_and_the_baseline_does_not(stack: cdk.Stack, own: bool) -> None:
    monitor = bias_monitor(stack, bucket=s3.Bucket(stack, "Given") if own else None)

    monitor.expire_results(cdk.Duration.days(90))

    (rule,) = only(template_of(stack), "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert (rule["ExpirationInDays"], rule["Status"]) == (90, "Enabled")
    assert rule["Prefix"] == monitor.output_s3_uri.split("/", 3)[3].rstrip("/") + "/"
    assert rule["Prefix"].endswith("/results/")


def test_merged_files_may_expire_sooner(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)

    monitor.expire_results(cdk.Duration.days(90), merged_after=cdk.Duration.days(1))

    merged, results = only(template_of(stack), "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert merged["Prefix"] == f"{results['Prefix']}merge/"
    assert (merged["ExpirationInDays"], results["ExpirationInDays"]) == (1, 90)


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (7, "'merged_after' must be a Duration, got 7: write merged_after=cdk.Duration.days(90)"),
        (cdk.Duration.hours(1), "'merged_after' must be one or more whole days, got '0.0416667 days'"),
        (cdk.Duration.days(91), "'merged_after' must be at most 90 days, as 'after', got '91 days'"),
    ],
)
def test_merged_files_that_cannot_expire_say_why(stack: cdk.Stack, days: Any, message: str) -> None:
    monitor = bias_monitor(stack)
    bucket = template_of(stack).to_json()

    with pytest.raises((ValueError, TypeError)) as refused:
        monitor.expire_results(cdk.Duration.days(90), merged_after=days)

    assert str(refused.value).startswith(message)
    assert template_of(stack).to_json() == bucket


def test_an_explanation_has_no_merged_files_to_expire(stack: cdk.Stack) -> None:
    monitor = explainability_monitor(stack)

    with pytest.raises(ValueError, match=r"'merged_after' must be left out.*: this monitor merges nothing"):
        monitor.expire_results(cdk.Duration.days(90), merged_after=cdk.Duration.days(7))


@pytest.mark.parametrize(
    ("changes", "after", "message"),
    [
        ({}, 90, "'after' must be a Duration, got 90: write after=cdk.Duration.days(90)"),
        ({}, cdk.Duration.hours(36), "'after' must be one or more whole days, got '1.5 days'"),
        ({"output_s3_uri": "s3://other/x"}, cdk.Duration.days(1), "'output_s3_uri' must be in a bucket of the app"),
    ],
)
def test_what_cannot_expire_says_why(stack: cdk.Stack, changes: dict[str, Any], after: Any, message: str) -> None:
    monitor = bias_monitor(stack, **changes)

    with pytest.raises((ValueError, TypeError)) as refused:
        monitor.expire_results(after)

    assert str(refused.value).startswith(message)


def in_results(monitor: Any) -> str:
    return f"s3://{monitor.bucket.bucket_name}/{monitor.output_s3_uri.split('/', 3)[3]}/earlier/analysis.json"


@pytest.mark.parametrize("own", [False, True])
@pytest.mark.parametrize("rule_first", [False, True])
def test_a_result_in_force_as_a_baseline_does_not_expire(stack: cdk.Stack, own: bool, rule_first: bool) -> None:
    """Whichever comes first, the rule or the monitor that reads it."""
    bucket = s3.Bucket(stack, "Given") if own else None
    monitor = bias_monitor(stack, bucket=bucket)
    steps: list[Any] = [
        lambda: explainability_monitor(stack, bucket=bucket, constraints=in_results(monitor)),
        lambda: monitor.expire_results(cdk.Duration.days(90)),
    ]
    one, other = reversed(steps) if rule_first else steps
    one()
    with pytest.raises(ValueError, match=r"'constraints' must not be below results that expire \(expire_results\)"):
        other()
    assert (stack.node.try_find_child("Explainability") is None) == rule_first


@pytest.mark.parametrize("argument", ["s3_output_path", "s3_analysis_config_output_path"])
def test_a_baseline_below_expiring_results_is_refused(stack: cdk.Stack, argument: str) -> None:
    bucket = s3.Bucket(stack, "Given")
    place = f"s3://{bucket.bucket_name}/reports"
    monitor = bias_monitor(
        stack, bucket=bucket, output_s3_uri=place, data_config=data_config(**{argument: f"{place}/baselines/"})
    )
    with pytest.raises(ValueError, match=f"'{argument}' must not be below results that expire"):
        monitor.expire_results(cdk.Duration.days(90))
    assert "LifecycleConfiguration" not in json.dumps(template_of(stack).find_resources("AWS::S3::Bucket"))


def test_results_below_a_prefix_of_the_own_bucket_expire(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Given")
    bias_monitor(stack, bucket=bucket, output_s3_uri=f"s3://{bucket.bucket_name}/reports/").expire_results(
        cdk.Duration.days(90)
    )
    (rule,) = only(template_of(stack), "AWS::S3::Bucket")["LifecycleConfiguration"]["Rules"]
    assert rule["Prefix"] == "reports/"


@pytest.mark.parametrize("uri", ["s3://other", "s3://other/", "{own}", "{imported}"])
def test_results_without_a_prefix_do_not_expire(stack: cdk.Stack, uri: str) -> None:
    bucket = s3.Bucket(stack, "Given")
    uri = uri.format(own=f"s3://{bucket.bucket_name}", imported=cdk.Fn.import_value("Results"))
    monitor = bias_monitor(stack, bucket=bucket, output_s3_uri=uri)
    with pytest.raises(ValueError, match=r"'output_s3_uri' must be in a bucket of the app.*write the results below a"):
        monitor.expire_results(cdk.Duration.days(90))


def test_results_in_an_imported_bucket_do_not_expire(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, bucket=s3.Bucket.from_bucket_name(stack, "Given", "given"))

    with pytest.raises(ValueError, match=r"add a lifecycle rule with prefix '.*/results/' where the bucket is made"):
        monitor.expire_results(cdk.Duration.days(1))
