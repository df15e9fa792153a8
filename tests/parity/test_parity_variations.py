"""What follows from the SDK's rules for arguments that nobody recorded."""

import tempfile
from typing import Any

import aws_cdk as cdk
from hypothesis import given, settings
from hypothesis import strategies as st

from cdk_clarify_monitors import (
    BatchTransformInput,
    BiasConfig,
    EndpointInput,
    ModelBiasMonitorConstruct,
    ModelExplainabilityMonitorConstruct,
    ModelPredictedLabelConfig,
    MonitoringDatasetFormat,
)
from tests.support.monitors.builders import UNSTAGED, bias_arguments, data_config, explainability_arguments
from tests.support.recorded.matching import NameLike
from tests.support.recorded.outcome import STACK, Outcome, outcome
from tests.support.templates.deployment import Cloud

ACCOUNT, REGION = "123456789012", "us-west-2"
BIAS, EXPLAINABILITY = ModelBiasMonitorConstruct, ModelExplainabilityMonitorConstruct

few = settings(max_examples=12)


def deployed(construct: Any, **changes: Any) -> Outcome:
    arguments = bias_arguments(**changes) if construct is BIAS else explainability_arguments(**changes)
    with tempfile.TemporaryDirectory() as outdir:
        app = cdk.App(
            outdir=outdir,
            context=UNSTAGED,
            analytics_reporting=False,
            tree_metadata=False,
        )
        stack = cdk.Stack(app, STACK, env=cdk.Environment(account=ACCOUNT, region=REGION))
        construct(stack, "Monitor", **arguments)
        app.synth()
        return outcome(Cloud(ACCOUNT, REGION).deploy(outdir, STACK))


def part(result: Outcome, name: str) -> dict[str, Any]:
    """A part of the job definition, whose name is the same for both kinds but for its beginning."""
    assert result.job_definition
    return next((value for key, value in result.job_definition.items() if key.endswith(name)), {})


constructs = st.sampled_from([BIAS, EXPLAINABILITY])
place = st.none() | st.sampled_from(["", "given", "predictions[0].label"])
column = st.none() | st.integers(0, 9) | st.sampled_from(["predicted", "scores[1]"])
threshold = st.none() | st.sampled_from([0.0, 0.25, 1.0])


@few
@given(
    construct=constructs,
    batch=st.booleans(),
    features_in_data=st.none() | st.just("instance.features"),
    predicted=st.fixed_dictionaries({"label": column, "probability": column, "probability_threshold": threshold}),
    watched=st.fixed_dictionaries(
        {
            "features_attribute": place,
            "inference_attribute": place,
            "probability_attribute": place,
            "probability_threshold_attribute": threshold,
        }
    ),
)
def test_what_the_input_leaves_open_comes_from_the_baseline(
    construct: Any, batch: Any, features_in_data: Any, predicted: Any, watched: Any
) -> None:
    if construct is EXPLAINABILITY:  # CloudFormation has no property for a threshold there
        watched = {**watched, "probability_threshold_attribute": None}
    source: BatchTransformInput | EndpointInput
    if batch:
        source = BatchTransformInput("s3://data/captured", "/opt/ml/x", MonitoringDatasetFormat.json(), **watched)
    else:
        source = EndpointInput("loans-endpoint", "/opt/ml/x", **watched)
    result = deployed(
        construct,
        endpoint_input=None if batch else source,
        batch_transform_input=source if batch else None,
        data_config=data_config(dataset_type="application/jsonlines", features=features_in_data),
        **{
            "model_predicted_label_config" if construct is BIAS else "model_scores": ModelPredictedLabelConfig(
                **predicted
            )
        },
    )

    def text(value: object) -> str | None:
        return None if value is None else str(value)

    from_baseline = {"FeaturesAttribute": features_in_data, "InferenceAttribute": text(predicted["label"])}
    if construct is BIAS:
        from_baseline["ProbabilityAttribute"] = text(predicted["probability"])
        from_baseline["ProbabilityThresholdAttribute"] = predicted["probability_threshold"]
    from_input = {
        "FeaturesAttribute": watched["features_attribute"],
        "InferenceAttribute": watched["inference_attribute"],
        "ProbabilityAttribute": watched["probability_attribute"],
        "ProbabilityThresholdAttribute": watched["probability_threshold_attribute"],
    }
    expected = {**from_baseline, **{name: value for name, value in from_input.items() if value is not None}}
    job_input = part(result, "JobInput")["BatchTransformInput" if batch else "EndpointInput"]
    attributes = {name: value for name, value in job_input.items() if name.endswith("Attribute")}
    assert attributes == {name: value for name, value in expected.items() if value is not None}


@few
@given(
    construct=constructs,
    cluster=st.fixed_dictionaries(
        {
            "instance_count": st.integers(1, 100),
            "instance_type": st.sampled_from(["ml.m5.large", "ml.c5.xlarge"]),
            "volume_size_in_gb": st.integers(1, 16384),
        }
    ),
    runtime=st.none() | st.integers(1, 86400),
    env=st.dictionaries(
        st.sampled_from(["STAGE", "publish_cloudwatch_metrics", "UMLAUT"]), st.sampled_from(["prod", "ü"]), max_size=3
    ),
    metrics=st.sampled_from([True, False, None]),
)
def test_both_jobs_get_the_same_resources(construct: Any, cluster: Any, runtime: Any, env: Any, metrics: Any) -> None:
    result = deployed(
        construct, **cluster, max_runtime_in_seconds=runtime, env=env or None, enable_cloudwatch_metrics=metrics
    )
    (job,), definition = result.processing_jobs, result.job_definition
    assert job["ProcessingResources"] == definition["JobResources"]
    assert job["ProcessingResources"]["ClusterConfig"] == {
        "InstanceCount": cluster["instance_count"],
        "InstanceType": cluster["instance_type"],
        "VolumeSizeInGB": cluster["volume_size_in_gb"],
    }
    stopping = {"MaxRuntimeInSeconds": runtime} if runtime else None
    assert job.get("StoppingCondition") == definition.get("StoppingCondition") == stopping
    flag = {} if metrics is None else {"publish_cloudwatch_metrics": "Enabled" if metrics else "Disabled"}
    assert job.get("Environment", {}) == env
    assert part(result, "AppSpecification").get("Environment", {}) == {**env, **flag}


@few
@given(base=st.from_regex(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,80}", fullmatch=True).filter(lambda base: len(base) <= 120))
def test_names_start_with_the_base_name(base: Any) -> None:
    result = deployed(BIAS, base_job_name=base)
    name = NameLike(base[:39].rstrip("-"))
    assert name.accepts(result.processing_jobs[0]["ProcessingJobName"])
    assert name.accepts(result.schedule["MonitoringScheduleName"])


@few
@given(
    headers=st.lists(st.text("abcü ,'\"", min_size=1, max_size=5), min_size=2, max_size=5, unique=True),
    position=st.integers(0, 1),
    by_index=st.booleans(),
)
def test_the_label_is_no_feature_to_explain(headers: Any, position: Any, by_index: Any) -> None:
    label = position if by_index else headers[position]
    data = data_config(headers=headers, label=label)
    row = [[0] * (len(headers) - 1)]
    explanation = explainability_arguments()["explainability_config"]
    result = deployed(EXPLAINABILITY, data_config=data, explainability_config=type(explanation)(baseline=row))
    assert result.baselining_config["headers"] == headers
    assert result.baselining_config["label"] == label
    assert result.monitoring_config["headers"] == [header for header in headers if header != headers[position]]
    assert "label" not in result.monitoring_config
    biased = deployed(
        BIAS,
        data_config=data,
        bias_config=BiasConfig(label_values_or_threshold=[1], facet_name=headers[1 - position]),
    )
    assert biased.monitoring_config["headers"] == headers
    assert biased.monitoring_config["label"] == label
