"""What a monitor synthesizes."""

import json
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match

from cdk_clarify_monitors import (
    BaselineOptions,
    BiasAnalysisConfig,
    BiasConfig,
    BiasConstraint,
    Constraints,
    ExplainabilityAnalysisConfig,
    SHAPConfig,
)
from tests.support.monitors.builders import (
    FEATURE_FLAGS,
    bias_monitor,
    document_of,
    explainability_monitor,
    model_config,
    only,
    template_of,
)
from tests.support.repository import ROOT
from tests.support.templates.annotations import warnings_of

LAMBDA = ROOT / "lambda" / "cdk_clarify_monitors_lambda"

BIAS = "AWS::SageMaker::ModelBiasJobDefinition"
EXPLAINABILITY = "AWS::SageMaker::ModelExplainabilityJobDefinition"
SCHEDULE = "AWS::SageMaker::MonitoringSchedule"
BASELINE = "Custom::ClarifyBaseline"
GUARD = "Custom::ClarifyScheduleGuard"


def get_att(template: Any, type_: Any, attribute: Any) -> Any:
    (logical_id,) = template.find_resources(type_)
    return {"Fn::GetAtt": [logical_id, attribute]}


@pytest.mark.parametrize(
    ("make", "kind"), [(bias_monitor, "ModelBias"), (explainability_monitor, "ModelExplainability")]
)
def test_the_job_definition_uses_what_the_baseline_answers(stack: cdk.Stack, make: Any, kind: Any) -> None:
    make(stack)
    template = template_of(stack)
    definition = only(template, f"AWS::SageMaker::{kind}JobDefinition")
    constraints = definition[f"{kind}BaselineConfig"]["ConstraintsResource"]["S3Uri"]
    assert constraints == get_att(template, BASELINE, "ConstraintsS3Uri")
    assert definition[f"{kind}AppSpecification"]["ConfigUri"] == get_att(template, BASELINE, "AnalysisConfigS3Uri")
    assert "JobDefinitionName" not in definition  # a named definition could not be replaced


@pytest.mark.parametrize(("make", "type_"), [(bias_monitor, BIAS), (explainability_monitor, EXPLAINABILITY)])
def test_the_schedule_names_its_definition_by_the_arn(stack: cdk.Stack, make: Any, type_: Any) -> None:
    make(stack)
    template = template_of(stack)
    config = only(template, SCHEDULE)["MonitoringScheduleConfig"]
    arn = get_att(template, type_, "JobDefinitionArn")
    kind = {"ModelBias": "model-bias", "ModelExplainability": "model-explainability"}[config["MonitoringType"]]
    name = {"Fn::Select": [1, {"Fn::Split": [f":{kind}-job-definition/", arn]}]}
    assert config["MonitoringJobDefinitionName"] == name


@pytest.mark.parametrize(("make", "type_"), [(bias_monitor, BIAS), (explainability_monitor, EXPLAINABILITY)])
def test_a_monitor_tells_names_and_arns_of_what_it_made(stack: cdk.Stack, make: Any, type_: Any) -> None:
    monitor = make(stack)
    told = stack.resolve(
        {
            "schedule": monitor.monitoring_schedule_arn,
            "definition": monitor.job_definition_arn,
            "name": monitor.job_definition_name,
            "bucket": monitor.bucket.bucket_name,
            "reports": monitor.output_s3_uri,
        }
    )
    template = template_of(stack)
    (bucket,) = template.find_resources("AWS::S3::Bucket")
    assert told == {
        "schedule": get_att(template, SCHEDULE, "MonitoringScheduleArn"),
        "definition": get_att(template, type_, "JobDefinitionArn"),
        "name": only(template, SCHEDULE)["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"],
        "bucket": {"Ref": bucket},
        "reports": {"Fn::Join": ["", ["s3://", {"Ref": bucket}, f"/{monitor.monitoring_schedule_name}/results"]]},
    }


def test_a_monitor_with_a_bucket_of_the_users_tells_that(stack: cdk.Stack) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    assert bias_monitor(stack, bucket=bucket).bucket is bucket


def test_a_second_monitor_costs_four_resources(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    before = len(template_of(stack).to_json()["Resources"])
    other = cdk.Stack(cdk.App(), "Other", env=cdk.Environment(account="111111111111", region="eu-central-1"))
    bias_monitor(other)
    explainability_monitor(other)
    after = template_of(other).to_json()["Resources"]
    assert len(after) - before == 4
    assert before - 4 <= 20  # what the first monitor brings for all of them


def test_the_functions_have_no_code_of_others(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path), context=FEATURE_FLAGS, analytics_reporting=False)
    bias_monitor(cdk.Stack(app, "Stack"))
    (handler,) = Path(app.synth().directory).glob("asset.*/handler.py")
    names = {path.relative_to(handler.parent).as_posix() for path in handler.parent.rglob("*") if path.is_file()}
    source = {
        path.relative_to(LAMBDA).as_posix() for path in LAMBDA.rglob("*") if path.suffix != ".pyc" and path.is_file()
    }
    imports = {f"clarify_baseline/{name}.py" for name in ("identity", "properties", "s3_uri")}
    assert source - names == {"py.typed", *imports}
    assert names < source


def test_a_stack_has_at_most_twenty_fixed_resources(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    assert len(template_of(stack).to_json()["Resources"]) - 4 == 20


def test_the_guard_is_deleted_first_and_lists_sorted_schedules(stack: cdk.Stack) -> None:
    bias_monitor(stack, "Zeta")
    explainability_monitor(stack, "Alpha", monitor_schedule_name="Of-The-User")
    bias_monitor(stack, "Given", constraints="s3://models/analysis.json", analysis_config="s3://models/config.json")
    template = template_of(stack)
    (guard,) = template.find_resources(GUARD).values()
    schedules = template.find_resources(SCHEDULE)
    watched = {
        id_: each["Properties"]["MonitoringScheduleName"] for id_, each in schedules.items() if "Given" not in id_
    }
    assert guard["Properties"]["Schedules"] == sorted(watched.values())
    assert sorted(guard["DependsOn"]) == sorted(watched)


@pytest.mark.parametrize(
    ("change", "asks"),
    [
        ({"schedule_cron_expression": "cron(0 * ? * * *)"}, True),
        ({"enable_cloudwatch_metrics": False}, True),
        ({"output_s3_uri": "s3://elsewhere/results"}, True),
        ({"endpoint_input": "another-endpoint"}, True),
        ({"baseline": BaselineOptions()}, False),
    ],
)
def test_changes_of_the_schedule_wait_until_it_is_idle(change: Any, asks: Any) -> None:
    def inputs(**changes: Any) -> Any:
        stack = cdk.Stack(cdk.App(), "Loans")
        bias_monitor(stack, **changes)
        return only(template_of(stack), BASELINE)["ScheduleInputs"]

    assert (inputs() != inputs(**change)) is asks


def test_the_default_bucket_is_private_encrypted_and_kept(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    template_of(stack).has_resource(
        "AWS::S3::Bucket",
        {
            "DeletionPolicy": "Retain",
            "UpdateReplacePolicy": "Retain",
            "Properties": {
                "BucketEncryption": Match.any_value(),
                "PublicAccessBlockConfiguration": {
                    "BlockPublicAcls": True,
                    "BlockPublicPolicy": True,
                    "IgnorePublicAcls": True,
                    "RestrictPublicBuckets": True,
                },
            },
        },
    )
    policy = only(template_of(stack), "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert any(s["Effect"] == "Deny" and s["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for s in policy)


def test_a_given_bucket_takes_everything(stack: cdk.Stack) -> None:
    bias_monitor(stack, bucket=s3.Bucket.from_bucket_name(stack, "Given", "given-bucket"))
    template = template_of(stack)
    template.resource_count_is("AWS::S3::Bucket", 0)
    document = document_of(template)
    assert document["Monitoring"]["Location"].startswith("s3://given-bucket/")
    results = document["Baselining"]["ProcessingJob"]["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"]
    assert results.startswith("s3://given-bucket/")
    assert "ConfigLocation" not in document["Baselining"]  # beside the results
    outputs = only(template, BIAS)["ModelBiasJobOutputConfig"]["MonitoringOutputs"]
    assert outputs[0]["S3Output"]["S3Uri"].startswith("s3://given-bucket/")


def test_given_constraints_need_no_job(stack: cdk.Stack) -> None:
    bias_monitor(stack, constraints="s3://data/constraints/analysis.json")
    template = template_of(stack)
    assert "Baselining" not in document_of(template)
    config = only(template, BIAS)["ModelBiasBaselineConfig"]
    assert config == {"ConstraintsResource": {"S3Uri": "s3://data/constraints/analysis.json"}}


def test_constraints_can_be_an_object(stack: cdk.Stack) -> None:
    constraints = Constraints(body_dict={}, constraints_file_s3_uri="s3://data/constraints/analysis.json")
    monitor = bias_monitor(stack, constraints=constraints)
    assert monitor.constraints_s3_uri == "s3://data/constraints/analysis.json"
    assert monitor.baselining_job_name is None


def test_uris_of_config_and_constraints_need_no_custom_resource(stack: cdk.Stack) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ["data_config", "bias_config", "model_config", "model_predicted_label_config"]
    )
    bias_monitor(
        stack,
        **nothing,
        analysis_config="s3://data/analysis_config.json",
        constraints="s3://data/analysis.json",
        output_s3_uri="s3://data/results",
    )
    template = template_of(stack)
    types = sorted(r["Type"] for r in template.to_json()["Resources"].values())
    assert types == ["AWS::IAM::ManagedPolicy", "AWS::IAM::Role", BIAS, SCHEDULE]


_MODEL_WARNING = "the executions ask the model that the 'analysis_config' in S3 names, and the role may not"


def test_the_role_may_use_the_model_named_by_a_config_in_s3(stack: cdk.Stack) -> None:
    given = {"analysis_config": "s3://models/config.json", "constraints": "s3://models/analysis.json"}
    explainability_monitor(stack, "Named", data_config=None, explainability_config=None, **given)
    assert warnings_of(stack, _MODEL_WARNING) == []
    role = only(template_of(stack), "AWS::IAM::Role")
    assert "model/loans" in json.dumps(role["Policies"])


def test_a_model_that_is_not_known_is_warned_of(stack: cdk.Stack) -> None:
    given = {"analysis_config": "s3://models/config.json", "constraints": "s3://models/analysis.json"}
    explainability_monitor(stack, data_config=None, explainability_config=None, model_config=None, **given)
    assert len(warnings_of(stack, _MODEL_WARNING)) == 1


def test_the_role_may_use_both_models_of_two_configs(stack: cdk.Stack) -> None:
    other = ExplainabilityAnalysisConfig(
        SHAPConfig(num_samples=10, agg_method="mean_abs"), model_config(model_name="x")
    )
    explainability_monitor(stack, analysis_config=other)
    roles = template_of(stack).find_resources("AWS::IAM::Role")
    (policies,) = (json.dumps(each["Properties"]["Policies"]) for name, each in roles.items() if "Explain" in name)
    assert "model/x" in policies
    assert "model/loans" in policies


def test_an_analysis_config_object_is_written_without_a_job(stack: cdk.Stack) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ["data_config", "bias_config", "model_config", "model_predicted_label_config"]
    )
    config = BiasAnalysisConfig(
        BiasConfig(label_values_or_threshold=[1], facet_name="age"), headers=["y", "age"], label="y"
    )
    bias_monitor(stack, **nothing, analysis_config=config)
    template = template_of(stack)
    assert "Baselining" not in document_of(template)
    assert document_of(template)["Monitoring"]["AnalysisConfig"]["facet"] == [{"name_or_index": "age"}]
    assert "ModelBiasBaselineConfig" not in only(template, BIAS)


def test_names_are_stable_literals(stack: cdk.Stack, app: cdk.App) -> None:
    monitor = bias_monitor(stack)
    name = only(template_of(stack), SCHEDULE)["MonitoringScheduleName"]
    assert name == document_of(template_of(stack))["Name"] == monitor.monitoring_schedule_name
    assert name.startswith("stack-bias-")
    assert len(name) <= 63


def test_base_job_name_starts_the_names(stack: cdk.Stack) -> None:
    bias_monitor(stack, base_job_name="fairness-of-loans" * 4)
    template = template_of(stack)
    name = only(template, SCHEDULE)["MonitoringScheduleName"]
    assert name.startswith("fairness-of-loansfairness-of-loans")
    assert len(name) <= 63
    assert document_of(template)["NamePrefix"].startswith("fairness-of-loans")


def test_a_given_schedule_name_is_taken_to_the_letter(stack: cdk.Stack) -> None:
    bias_monitor(stack, monitor_schedule_name="Loans-Bias")
    assert only(template_of(stack), SCHEDULE)["MonitoringScheduleName"] == "Loans-Bias"


def test_the_image_is_literal_where_the_region_is_known(stack: cdk.Stack) -> None:
    bias_monitor(stack)
    image = only(template_of(stack), BIAS)["ModelBiasAppSpecification"]["ImageUri"]
    assert image == "017069133835.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-clarify-processing:1.0"
    assert "Mappings" not in template_of(stack).to_json()


def test_the_image_is_looked_up_where_the_region_is_not_known(agnostic_stack: cdk.Stack) -> None:
    bias_monitor(agnostic_stack)
    explainability_monitor(agnostic_stack)
    template = template_of(agnostic_stack)
    (mapping,) = template.find_mappings("ClarifyImage").values()
    uri = "017069133835.dkr.ecr.eu-central-1.amazonaws.com/sagemaker-clarify-processing:1.0"
    assert mapping["eu-central-1"] == {"account": "017069133835", "uri": uri}
    image = only(template, BIAS)["ModelBiasAppSpecification"]["ImageUri"]
    assert image == {"Fn::FindInMap": ["ClarifyImage", {"Ref": "AWS::Region"}, "uri"]}


def test_synthesis_says_nothing_of_a_usual_monitor(agnostic_stack: cdk.Stack) -> None:
    bias_monitor(agnostic_stack, data_capture_s3_uri="s3://captured-data/here")
    warnings_of(agnostic_stack)
    said = [entry for construct in agnostic_stack.node.find_all() for entry in construct.node.metadata]
    assert [entry.data for entry in said if entry.type in ("aws:cdk:info", "aws:cdk:warning", "aws:cdk:error")] == []


def test_a_region_without_the_resource_types_is_warned_of(app: cdk.App) -> None:
    stack = cdk.Stack(app, "China", env=cdk.Environment(account="111111111111", region="cn-north-1"))
    bias_monitor(stack)
    assert len(warnings_of(stack, "cn-north-1")) == 1
    image = only(template_of(stack), BIAS)["ModelBiasAppSpecification"]["ImageUri"]
    assert image == "122526803553.dkr.ecr.cn-north-1.amazonaws.com.cn/sagemaker-clarify-processing:1.0"


def test_tags_reach_the_definition_the_schedule_and_the_job(app: cdk.App) -> None:
    stack = cdk.Stack(app, "Tagged", tags={"team": "credit"})
    monitor = bias_monitor(stack, tags={"cost-center": "42"})
    cdk.Tags.of(monitor).add("purpose", "fairness")
    template = template_of(stack)
    expected = [{"Key": "cost-center", "Value": "42"}, {"Key": "purpose", "Value": "fairness"}]
    assert only(template, BIAS)["Tags"] == expected
    assert only(template, SCHEDULE)["Tags"] == expected
    assert only(template, BASELINE)["Tags"] == expected
    assert only(template, BASELINE)["StackTags"] == [{"Key": "team", "Value": "credit"}]


def test_grants_go_to_the_role(stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack)
    s3.Bucket(stack, "More").grant_read(monitor)
    (logical_id,) = [k for k in template_of(stack).find_resources("AWS::IAM::Role") if k.startswith("BiasRole")]
    template_of(stack).has_resource_properties("AWS::IAM::Policy", {"Roles": [{"Ref": logical_id}]})


def test_a_given_role_gets_the_permissions(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Mine", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    bias_monitor(stack, role=role)
    policies = template_of(stack).find_resources(
        "AWS::IAM::Policy", {"Properties": {"Roles": [{"Ref": Match.any_value()}]}}
    )
    text = json.dumps(policies)
    assert "sagemaker:InvokeEndpoint" in text
    assert "cloudwatch:PutMetricData" in text


def test_an_immutable_role_stays_as_it_is_and_the_user_is_told(stack: cdk.Stack) -> None:
    arn = "arn:aws:iam::111111111111:role/given"
    bias_monitor(stack, role=iam.Role.from_role_arn(stack, "Given", arn, mutable=False))
    assert only(template_of(stack), BIAS)["RoleArn"] == arn
    assert "sagemaker:InvokeEndpoint" in warnings_of(stack)[0]


def test_baseline_options_reach_the_baselining_job_only(stack: cdk.Stack) -> None:
    options = BaselineOptions(
        version="2024-06",
        timeout=cdk.Duration.minutes(20),
        instance_count=2,
        instance_type="ml.c5.4xlarge",
        volume_size_in_gb=100,
        max_runtime_in_seconds=900,
        dataset_identity=True,
        remove_outputs=True,
    )
    bias_monitor(stack, baseline=options)
    baselining = document_of(template_of(stack))["Baselining"]
    cluster = baselining["ProcessingJob"]["ProcessingResources"]["ClusterConfig"]
    assert cluster == {"InstanceCount": 2, "InstanceType": "ml.c5.4xlarge", "VolumeSizeInGB": 100}
    assert baselining["ProcessingJob"]["StoppingCondition"] == {"MaxRuntimeInSeconds": 900}
    assert baselining["BaselineVersion"] == "2024-06"
    assert baselining["TimeoutSeconds"] == 1200
    assert baselining["DatasetIdentity"] is baselining["RemoveOutputs"] is True
    definition = only(template_of(stack), BIAS)
    assert definition["JobResources"]["ClusterConfig"]["InstanceType"] == "ml.m5.xlarge"
    assert "StoppingCondition" not in definition


def test_a_long_baseline_is_a_chain_of_custom_resources(stack: cdk.Stack) -> None:
    bias_monitor(stack, baseline=BaselineOptions(timeout=cdk.Duration.hours(2)))
    template = template_of(stack)
    chain = template.find_resources(BASELINE)
    documents = [json.loads(link["Properties"]["Baseline"])["Baselining"] for link in chain.values()]
    assert [(d["TimeoutSeconds"], d.get("HandOver")) for d in documents] == [
        (3300, "AtTimeout"),
        (3300, "AtTimeout"),
        (600, None),
    ]
    assert [d.get("Link") for d in documents] == [None, 2, 3]
    # All alike but for that: each link finds the job of the one before it.
    links = {"TimeoutSeconds": 0, "HandOver": None, "Link": None}
    assert len({json.dumps({**d, **links}, sort_keys=True) for d in documents}) == 1
    first, second, last = chain
    assert chain[second]["DependsOn"] == [first]
    assert chain[last]["DependsOn"] == [second]
    constraints = only(template, BIAS)["ModelBiasBaselineConfig"]["ConstraintsResource"]["S3Uri"]
    assert constraints == {"Fn::GetAtt": [last, "ConstraintsS3Uri"]}


def test_the_last_of_a_chain_gets_the_limits(stack: cdk.Stack) -> None:
    limits = [BiasConstraint("DPPL", at_most=0.1), BiasConstraint("CI", at_most=1, facet="age", facet_value=40)]
    bias_monitor(stack, baseline=BaselineOptions(timeout=cdk.Duration.hours(2)), constraints_overrides=limits)
    template = template_of(stack)
    *others, last = [
        json.loads(link["Properties"]["Baseline"])["Baselining"] for link in template.find_resources(BASELINE).values()
    ]
    assert last["ConstraintsOverrides"] == [
        {"Metric": "DPPL", "AtMost": 0.1},
        {"Metric": "CI", "AtMost": 1.0, "Facet": "age", "FacetValue": 40},
    ]
    assert [link for link in others if "ConstraintsOverrides" in link] == []


def test_a_limit_can_be_known_at_deployment_only(stack: cdk.Stack) -> None:
    number, name = cdk.CfnParameter(stack, "Limit", type="Number"), cdk.CfnParameter(stack, "Metric")
    limit = BiasConstraint(name.value_as_string, at_most=number.value_as_number, facet="age")
    bias_monitor(stack, constraints_overrides=[limit])
    properties = only(template_of(stack), BASELINE)
    place = "/Baselining/ConstraintsOverrides/0"
    assert properties["Tokens"]["Number"] == {f"{place}/AtMost": {"Ref": "Limit"}}
    assert properties["Tokens"]["String"][f"{place}/Metric"] == {"Ref": "Metric"}


@pytest.mark.parametrize("none", [None, [], ()])
def test_without_limits_nothing_is_told_of_them(stack: cdk.Stack, none: Any) -> None:
    bias_monitor(stack, constraints_overrides=none)
    assert "ConstraintsOverrides" not in document_of(template_of(stack))["Baselining"]


def test_an_explainability_monitor_has_no_limits(stack: cdk.Stack) -> None:
    assert explainability_monitor(stack, constraints_overrides=None).constraints_s3_uri


def test_a_deployment_need_not_wait(stack: cdk.Stack) -> None:
    bias_monitor(stack, baseline=BaselineOptions(wait=False))
    assert document_of(template_of(stack))["Baselining"]["HandOver"] == "WhenStarted"


def test_the_baselining_job_may_run_longer_than_an_execution(stack: cdk.Stack) -> None:
    bias_monitor(stack, max_runtime_in_seconds=86_400, baseline=BaselineOptions(max_runtime_in_seconds=777_600))
    template = template_of(stack)
    job = document_of(template)["Baselining"]["ProcessingJob"]
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 777_600}
    definition = only(template, "AWS::SageMaker::ModelBiasJobDefinition")
    assert definition["StoppingCondition"] == {"MaxRuntimeInSeconds": 86_400}
