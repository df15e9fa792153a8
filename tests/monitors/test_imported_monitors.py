"""Monitors of other apps, and what they have in common with the app's own: metrics, rules, grants, the role."""

from __future__ import annotations

import json
import typing
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs

from cdk_clarify_monitors import (
    BiasAnalysisConfig,
    BiasConfig,
    BiasMetricThreshold,
    ExplainabilityAnalysisConfig,
    IClarifyMonitor,
    IModelBiasMonitor,
    IModelExplainabilityMonitor,
    ModelBiasMonitorConstruct,
    ModelExplainabilityMonitorConstruct,
    SHAPConfig,
)
from tests.support.monitors.builders import bias_monitor, explainability_monitor, only, template_of
from tests.support.templates.annotations import warnings_of
from tests.support.templates.deployment import Cloud
from tests.support.templates.iam import Request, allows
from tests.support.templates.lint import findings

ACCOUNT, REGION = "111111111111", "eu-central-1"
SCHEDULES = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule"
ARN = "arn:aws:sagemaker:us-east-1:222222222222:monitoring-schedule/loans-bias"
BIAS = BiasAnalysisConfig(BiasConfig([1], "age", [40]), headers=["approved", "age"], label="approved")
KINDS = [ModelBiasMonitorConstruct, ModelExplainabilityMonitorConstruct]

Bias = ModelBiasMonitorConstruct
Explainability = ModelExplainabilityMonitorConstruct


def named(stack: cdk.Stack, name: str = "loans-bias", **told: Any) -> IModelBiasMonitor:
    return Bias.from_monitoring_schedule_name(stack, "Imported", name, **told)


def reader(stack: cdk.Stack) -> iam.Role:
    return iam.Role(stack, "Reader", assumed_by=iam.AccountRootPrincipal())


def statements_of(app: cdk.App, logical_id: str, stack: str = "Stack") -> list[dict[str, Any]]:
    """The statements of the policies whose logical ids start like this."""
    deployed = Cloud(ACCOUNT, REGION).deploy(app.synth(force=True).directory, stack)
    resources = deployed.template["Resources"].items()
    policies = [r for id_, r in resources if r["Type"] == "AWS::IAM::Policy" and id_.startswith(logical_id)]
    return [s for policy in policies for s in deployed.value(policy["Properties"])["PolicyDocument"]["Statement"]]


# ---------------------------------------------------------------- interfaces
def test_constructs_and_imports_implement_the_interfaces(stack: cdk.Stack) -> None:
    bias = bias_monitor(stack), named(stack, endpoint_name="loans")
    explainability = explainability_monitor(stack), Explainability.from_monitoring_schedule_arn(stack, "Arn", ARN)
    for monitor in (*bias, *explainability):
        assert isinstance(monitor, IClarifyMonitor)
        assert monitor.stack is stack
        assert isinstance(monitor, IModelBiasMonitor) is (monitor in bias)
        assert isinstance(monitor, IModelExplainabilityMonitor) is (monitor in explainability)
    assert not isinstance(stack, IClarifyMonitor)


@pytest.mark.parametrize("kind", [*KINDS, IModelBiasMonitor, IModelExplainabilityMonitor])
def test_all_annotations_can_be_looked_up(kind: type) -> None:
    for name, member in vars(kind).items() if kind not in KINDS else ((n, getattr(kind, n)) for n in dir(kind)):
        if not name.startswith("_"):
            function = member.fget if isinstance(member, property) else member
            if callable(function):
                assert "return" in typing.get_type_hints(function), name


def test_an_import_adds_nothing_to_the_template(stack: cdk.Stack) -> None:
    named(stack)
    assert "Resources" not in template_of(stack).to_json()


# ---------------------------------------------------------------- names and ARNs
def test_a_name_is_of_the_stacks_environment(stack: cdk.Stack) -> None:
    monitor = named(stack)
    assert monitor.monitoring_schedule_name == "loans-bias"
    assert stack.resolve(monitor.monitoring_schedule_arn) == f"{SCHEDULES}/loans-bias"


def test_an_arn_says_where_the_monitor_is(stack: cdk.Stack) -> None:
    monitor: Any = Bias.from_monitoring_schedule_arn(stack, "Imported", ARN)
    control = sqs.Queue.from_queue_arn(stack, "Queue", "arn:aws:sqs:us-east-1:222222222222:queue")
    assert monitor.monitoring_schedule_name == "loans-bias"
    for resource in (monitor, control):
        assert (resource.env.account, resource.env.region) == ("222222222222", "us-east-1")


def test_an_arn_may_be_known_at_deployment_only(stack: cdk.Stack) -> None:
    arn = cdk.CfnParameter(stack, "Arn").value_as_string
    monitor = Bias.from_monitoring_schedule_arn(stack, "Imported", arn, endpoint_name="loans")
    monitor.grant_start_stop(reader(stack))
    (statement,) = only(template_of(stack), "AWS::IAM::Policy")["PolicyDocument"]["Statement"]
    assert statement["Resource"] == {"Ref": "Arn"}
    dimensions = stack.resolve(monitor.metric("ExpectedValue").dimensions)
    assert dimensions["MonitoringSchedule"] == {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Select": [5, ANY_SPLIT]}]}]}


ANY_SPLIT = {"Fn::Split": [":", {"Ref": "Arn"}]}


@pytest.mark.parametrize(
    ("region", "account", "expected"),
    [
        (cdk.Aws.REGION, cdk.Aws.ACCOUNT_ID, (REGION, ACCOUNT)),
        ("us-east-1", cdk.Aws.ACCOUNT_ID, ("us-east-1", ACCOUNT)),
        (cdk.Aws.REGION, "222222222222", (REGION, "222222222222")),
    ],
)
def test_a_part_of_an_arn_may_be_a_token(stack: cdk.Stack, region: str, account: str, expected: Any) -> None:
    arn = f"arn:{cdk.Aws.PARTITION}:sagemaker:{region}:{account}:monitoring-schedule/loans"
    monitor = Bias.from_monitoring_schedule_arn(stack, "Imported", arn, endpoint_name="loans", analysis_config=BIAS)
    assert (monitor.monitoring_schedule_arn, monitor.monitoring_schedule_name) == (arn, "loans")
    found = monitor.metric_bias("DPPL").to_metric_config().metric_stat
    assert found is not None
    assert (found.region, found.account) == expected


def test_alarms_of_a_region_in_an_arn_of_tokens_are_refused(stack: cdk.Stack) -> None:
    arn = f"arn:aws:sagemaker:us-east-1:{cdk.Aws.ACCOUNT_ID}:monitoring-schedule/loans"
    told: Any = {"endpoint_name": "loans", "analysis_config": BIAS, "output_s3_uri": "s3://results/loans"}
    monitor = Bias.from_monitoring_schedule_arn(stack, "Imported", arn, **told)
    threshold = BiasMetricThreshold("DPPL", max_value=0.1)
    with pytest.raises(
        ValueError, match=r"^'bias_metrics' must be left out in eu-central-1, as the metrics are in us-"
    ):
        monitor.add_alarms(bias_metrics=[threshold], period=cdk.Duration.hours(1))
    with pytest.raises(ValueError, match=r"^'region' must be the monitor's, us-east-1, for a monitoring alert"):
        monitor.add_monitoring_alert("Alert", monitoring_alert_name="a", datapoints_to_alert=1, evaluation_period=1)
    monitor.on_violations("Violations")
    assert warnings_of(stack, "the monitor's events are those of region us-east-1: a rule here sees them only if")


@pytest.mark.parametrize(
    ("arn", "remedy"),
    [
        ("loans-bias", "for a name, use from_monitoring_schedule_name"),
        ("arn:aws:s3:::data", "this one is of s3"),
        (f"arn:aws:iam::{cdk.Aws.ACCOUNT_ID}:role/loans", "this one is of iam"),
        (f"arn:aws:sagemaker:{cdk.Aws.REGION}:{cdk.Aws.ACCOUNT_ID}:endpoint/loans", "this one is of 'endpoint'"),
        (f"arn:aws:{cdk.Aws.REGION}", "check its form"),
        (f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/loans", "this one is of 'endpoint': pass the"),
        (f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-bias-job-definition/loans", "pass the monitoring_schedule_arn"),
        (
            f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-quality-job-definition/loans",
            "pass the monitoring_schedule_arn",
        ),
        (f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/loans", "pass the monitoring_schedule_arn"),
        (f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedules/loans", "pass the monitoring_schedule_arn"),
        (f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/", "check its form"),
        (f"arn:aws:sagemaker:{REGION}::monitoring-schedule/loans", "check its form"),
        (f"arn:aws:sagemaker::{ACCOUNT}:monitoring-schedule/loans", "check its form"),
        ("arn:aws:events:eu-central-1:111111111111:rule/monitoring-schedule/loans", "this one is of events"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_arn_of_something_else_is_refused(stack: cdk.Stack, kind: Any, arn: str, remedy: str) -> None:
    with pytest.raises(
        ValueError, match=r"^'monitoring_schedule_arn' must be the ARN of a monitoring schedule"
    ) as refused:
        kind.from_monitoring_schedule_arn(stack, "Imported", arn)
    assert repr(arn) in str(refused.value)
    assert remedy in str(refused.value)
    assert stack.node.children == []


@pytest.mark.parametrize(
    ("name", "told", "message"),
    [
        (ARN, {}, "'monitoring_schedule_name' must be a name, got 'arn:"),
        ("loans_bias", {}, "'monitoring_schedule_name' must be letters, digits and hyphens"),
        ("x" * 64, {}, "'monitoring_schedule_name' must have at most 63"),
        ("", {}, "'monitoring_schedule_name' must not be empty"),
        ("loans", {"endpoint_name": "arn:aws:sagemaker:r:1:endpoint/e"}, "'endpoint_name' must be letters"),
        ("loans", {"endpoint_name": "e", "batch_transform": True}, "'endpoint_name' must be left out with"),
        ("loans", {"output_s3_uri": "/reports"}, "'output_s3_uri' must be the URI of something in S3"),
    ],
)
def test_a_value_that_cannot_work_is_refused(stack: cdk.Stack, name: str, told: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        named(stack, name, **told)
    assert str(refused.value).startswith(message)
    assert stack.node.children == []


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"batch_transform": "yes"}, "'batch_transform' must be"),
        ({"role": "arn:aws:iam::111111111111:role/r"}, "'role' must be an iam.IRole"),
        ({"bucket": "reports"}, "'bucket' must be an s3.IBucket"),
        ({"output_kms_key": "alias/k"}, "'output_kms_key' must be a kms.IKey"),
        (
            {"analysis_config": ExplainabilityAnalysisConfig(SHAPConfig())},
            "'analysis_config' must be a BiasAnalysisConfig",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(stack: cdk.Stack, told: Any, message: str) -> None:
    with pytest.raises(TypeError, match=r".") as refused:
        named(stack, **told)
    assert str(refused.value).startswith(message)


def test_a_bucket_goes_with_the_results_in_it(stack: cdk.Stack) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "reports")
    with pytest.raises(ValueError, match=r"^'output_s3_uri' must be given with 'bucket'"):
        named(stack, bucket=bucket)
    with pytest.raises(
        ValueError, match=r"^'output_s3_uri' must lie in the given bucket 'reports', got 's3://others/x'"
    ):
        named(stack, bucket=bucket, output_s3_uri="s3://others/x")


def test_an_id_is_used_once(stack: cdk.Stack) -> None:
    named(stack)
    with pytest.raises(ValueError, match=r"^'id' must be unique in 'Stack', got 'Imported'"):
        named(stack)


# ---------------------------------------------------------------- metrics
def test_metrics_are_those_of_the_monitor_itself(stack: cdk.Stack) -> None:
    own = bias_monitor(stack, monitor_schedule_name="loans-bias")
    imported = named(stack, endpoint_name="loans-endpoint", analysis_config=BIAS)
    mine, theirs = (monitor.metric_bias("DPPL") for monitor in (own, imported))
    assert stack.resolve(mine.dimensions) == theirs.dimensions
    assert (mine.namespace, mine.metric_name, mine.statistic) == (
        theirs.namespace,
        theirs.metric_name,
        theirs.statistic,
    )


def test_a_batch_transform_has_other_metrics(stack: cdk.Stack) -> None:
    metric = named(stack, batch_transform=True, analysis_config=BIAS).metric_bias("DPPL")
    assert metric.namespace == "aws/sagemaker/ModelMonitoring/bias-metrics"
    assert metric.dimensions is not None
    assert "Endpoint" not in metric.dimensions


def test_metrics_of_attributions_are_known_with_the_label(stack: cdk.Stack) -> None:
    monitor = Explainability.from_monitoring_schedule_name(stack, "Imported", "loans", endpoint_name="loans-endpoint")
    for metric in (monitor.metric_feature_attribution("age", label="label0"), monitor.metric_expected_value(label=0)):
        assert metric.namespace == "aws/sagemaker/Endpoints/explainability-metrics"
    with pytest.raises(ValueError, match=r"^'label' must be given, got None"):
        monitor.metric_expected_value()


def test_what_a_metric_needs_and_nobody_told_is_refused(stack: cdk.Stack) -> None:
    monitor = named(stack)
    for ask in (
        lambda: monitor.metric("x"),
        lambda: monitor.metric_bias("CI", facet="a", facet_value="1", label="b", label_value="1"),
    ):
        with pytest.raises(
            ValueError, match=r"^'endpoint_name' must be given where metrics are asked for, got None: pass "
        ):
            ask()  # type: ignore[no-untyped-call]
    known = Bias.from_monitoring_schedule_name(stack, "Known", "loans", endpoint_name="loans")
    with pytest.raises(ValueError, match=r"^'facet' must be given, got None"):
        known.metric_bias("CI")


def test_a_metric_takes_the_options_of_the_cdk(stack: cdk.Stack) -> None:
    for monitor in (bias_monitor(stack), named(stack, endpoint_name="loans")):
        metric = monitor.metric(
            "bias_metric_CI", dimensions_map={"Facet": "age"}, label="CI", color="#ff0000", statistic="Maximum",
            period=cdk.Duration.days(1), region="us-east-1", account="333333333333",
        )  # fmt: skip
        assert (metric.label, metric.color, metric.statistic) == ("CI", "#ff0000", "Maximum")
        assert (metric.region, metric.account, metric.period.to_days()) == ("us-east-1", "333333333333", 1)
        assert metric.dimensions is not None
        assert metric.dimensions["Facet"] == "age"
        with pytest.raises(ValueError, match=r"^'dimensions_map' must have no 'MonitoringSchedule'"):
            monitor.metric("bias_metric_CI", dimensions_map={"MonitoringSchedule": "other"})


def test_an_alarm_is_about_the_account_of_the_arn(stack: cdk.Stack) -> None:
    arn = ARN.replace("us-east-1", REGION)
    metric = Bias.from_monitoring_schedule_arn(stack, "Imported", arn, endpoint_name="e").metric("bias_metric_CI")
    metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)
    (queried,) = only(template_of(stack), "AWS::CloudWatch::Alarm")["Metrics"]
    assert queried["AccountId"] == "222222222222"


def test_an_alarm_of_another_region_is_refused_by_the_cdk(stack: cdk.Stack) -> None:
    metric = Bias.from_monitoring_schedule_arn(stack, "Imported", ARN, endpoint_name="e").metric("bias_metric_CI")
    with pytest.raises(RuntimeError, match="Cannot create an Alarm in region 'eu-central-1' based on metric"):
        metric.create_alarm(stack, "Alarm", threshold=1, evaluation_periods=1)


# ---------------------------------------------------------------- rules
def test_a_rule_is_restricted_to_the_monitor(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_arn(stack, "Role", "arn:aws:iam::111111111111:role/jobs")
    named(stack, output_s3_uri="s3://reports/loans", role=role).on_violations("Violations", rule_name="drift")
    rule = only(template_of(stack), "AWS::Events::Rule")
    assert rule["Name"] == "drift"
    assert rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Processing Job State Change"],
        "detail": {
            "ProcessingJobStatus": ["Completed"],
            "ExitMessage": [{"prefix": "CompletedWithViolations"}],
            "RoleArn": ["arn:aws:iam::111111111111:role/jobs"],
            "ProcessingOutputConfig": {"Outputs": {"S3Output": {"S3Uri": [{"prefix": "s3://reports/loans/"}]}}},
        },
    }


def test_a_rule_without_the_output_is_refused(stack: cdk.Stack) -> None:
    monitor = named(stack)
    for ask in (monitor.on_event, monitor.on_violations, monitor.on_execution_failed):
        with pytest.raises(
            ValueError, match=r"^'output_s3_uri' must be given where rules are asked for, got None: pass "
        ):
            ask("Rule")


@pytest.mark.parametrize("is_imported", [False, True])
def test_a_pattern_narrows_and_never_widens(stack: cdk.Stack, is_imported: bool) -> None:
    monitor: IClarifyMonitor = named(stack, output_s3_uri="s3://reports/x") if is_imported else bias_monitor(stack)
    stopped = events.EventPattern(detail={"ProcessingJobStatus": ["Stopped"]}, account=[ACCOUNT])
    monitor.on_event("Stopped", event_pattern=stopped)
    pattern = only(template_of(stack), "AWS::Events::Rule")["EventPattern"]
    assert pattern["account"] == [ACCOUNT]
    assert pattern["detail"]["ProcessingJobStatus"] == ["Stopped"]
    assert "ProcessingOutputConfig" in pattern["detail"]
    for refused, message in (
        (events.EventPattern(source=["aws.s3"]), "'event_pattern.source' must be about 'aws.sagemaker', got"),
        (events.EventPattern(detail_type=["x"]), "'event_pattern.detail_type' must be about 'SageMaker Processing"),
        (
            events.EventPattern(detail={"ProcessingOutputConfig": [{"exists": True}]}),
            "'event_pattern.detail' must have no 'ProcessingOutputConfig', got",
        ),
    ):
        with pytest.raises(ValueError, match=r".") as error:
            monitor.on_event("Refused", event_pattern=refused)
        assert str(error.value).startswith(message)
    with pytest.raises(ValueError, match=r"^'event_pattern.detail' must have no 'ProcessingJobStatus'"):
        monitor.on_violations("Widened", event_pattern=stopped)


def test_a_rule_may_be_in_the_stack_of_its_target(app: cdk.App, stack: cdk.Stack) -> None:
    other = cdk.Stack(app, "Other", env=cdk.Environment(account=ACCOUNT, region=REGION))
    named(stack, output_s3_uri="s3://reports/x").on_event("Rule", cross_stack_scope=other)
    template_of(other).resource_count_is("AWS::Events::Rule", 1)
    template_of(stack).resource_count_is("AWS::Events::Rule", 0)


def test_events_of_another_account_are_warned_of(app: cdk.App, stack: cdk.Stack) -> None:
    monitor = Bias.from_monitoring_schedule_arn(stack, "Imported", ARN, output_s3_uri="s3://reports/x")
    monitor.on_event("Rule")
    assert len(warnings_of(stack, "account 222222222222, region us-east-1: a rule here sees them only if")) == 1


# ---------------------------------------------------------------- grants
def test_whoever_starts_and_stops_may_do_no_more(app: cdk.App, stack: cdk.Stack) -> None:
    grant = named(stack, "Loans").grant_start_stop(reader(stack))
    assert grant.success
    statements = statements_of(app, "Reader")
    for verb in ("Start", "Stop", "Describe"):
        for name in ("Loans", "loans"):  # SageMaker writes some ARNs in lower case
            assert allows(statements, Request(f"sagemaker:{verb}MonitoringSchedule", f"{SCHEDULES}/{name}"))
        assert not allows(statements, Request(f"sagemaker:{verb}MonitoringSchedule", f"{SCHEDULES}/loans2"))
    for verb in ("Delete", "Update", "Create"):
        assert not allows(statements, Request(f"sagemaker:{verb}MonitoringSchedule", f"{SCHEDULES}/loans"))


def test_the_apps_own_schedule_is_granted_by_its_name(app: cdk.App, stack: cdk.Stack) -> None:
    monitor = bias_monitor(stack, monitor_schedule_name="Loans")
    monitor.grant(reader(stack), "sagemaker:ListMonitoringExecutions")
    monitor.grant_start_stop(monitor)  # no circle: the policy does not refer to the schedule
    statements = statements_of(app, "Reader")
    for name in ("Loans", "loans"):
        assert allows(statements, Request("sagemaker:ListMonitoringExecutions", f"{SCHEDULES}/{name}"))
    assert not allows(statements, Request("sagemaker:StartMonitoringSchedule", f"{SCHEDULES}/loans"))


@pytest.mark.parametrize(
    ("actions", "message"),
    [
        ((), "'actions' must have at least one item, got []"),
        (
            ("StartMonitoringSchedule",),
            "'actions' must have IAM's form, got 'StartMonitoringSchedule': write 'sagemaker:",
        ),
        (("sagemaker:",), "'actions' must"),
        (("",), "'actions' must"),
    ],
)
def test_actions_that_iam_does_not_know_are_refused(stack: cdk.Stack, actions: Any, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        named(stack).grant(reader(stack), *actions)
    assert str(refused.value).startswith(message)


def test_only_those_who_can_be_granted_something_are(stack: cdk.Stack) -> None:
    monitor = named(stack, output_s3_uri="s3://reports/x")
    for ask in (monitor.grant_start_stop, monitor.grant_read_results):
        with pytest.raises(TypeError, match=r"^'grantee' must be an iam.IGrantable, got 'arn:"):
            ask("arn:aws:iam::111111111111:role/reader")  # type: ignore[arg-type]


def reads(bucket: str, key: str) -> Request:
    return Request("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")


@pytest.mark.parametrize("is_bucket_given", [False, True])
def test_results_are_read_and_nothing_beside_them(app: cdk.App, stack: cdk.Stack, is_bucket_given: bool) -> None:
    bucket = s3.Bucket.from_bucket_name(stack, "Bucket", "reports") if is_bucket_given else None
    key = kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1")
    monitor = named(stack, output_s3_uri="s3://reports/loans/", bucket=bucket, output_kms_key=key)
    assert monitor.grant_read_results(reader(stack)).success
    statements = statements_of(app, "Reader")
    assert allows(statements, reads("reports", "loans/e/s/2021/report.json"))
    assert allows(statements, Request("s3:ListBucket", "arn:aws:s3:::reports"))
    assert allows(statements, Request("kms:Decrypt", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"))
    assert not allows(statements, reads("reports", "loans-fair/report.json"))
    assert not allows(statements, Request("s3:PutObject", "arn:aws:s3:::reports/loans/x"))


def test_results_of_an_own_monitor_are_read(app: cdk.App, stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1")
    bucket = s3.Bucket(stack, "Bucket", bucket_name="reports", encryption_key=kms.Key(stack, "BucketKey"))
    monitor = bias_monitor(stack, bucket=bucket, output_kms_key=key)
    elsewhere = bias_monitor(stack, "Elsewhere", output_s3_uri="s3://elsewhere/x", bucket=bucket)
    for each in (monitor, elsewhere):
        each.grant_read_results(reader(stack) if each is monitor else iam.Role.from_role_name(stack, "Name", "reader"))
    policy = template_of(stack).find_resources("AWS::IAM::Policy")
    (mine,) = (p["Properties"]["PolicyDocument"]["Statement"] for id_, p in policy.items() if id_.startswith("Reader"))
    actions = [s["Action"] for s in mine]
    assert actions[0] == ["s3:GetBucket*", "s3:GetObject*", "s3:List*"]
    assert len([action for action in actions if "kms:Decrypt" in action]) == 2  # the bucket's key, and the monitor's
    (other,) = (p["Properties"]["PolicyDocument"]["Statement"] for id_, p in policy.items() if id_.startswith("Name"))
    assert other[0]["Resource"] == ["arn:aws:s3:::elsewhere", "arn:aws:s3:::elsewhere/x/*"]


def test_results_of_an_unknown_place_are_refused(stack: cdk.Stack) -> None:
    with pytest.raises(
        ValueError, match=r"^'output_s3_uri' must be given where results are to be read, got None: pass "
    ):
        named(stack).grant_read_results(reader(stack))


@pytest.mark.parametrize("is_imported", [False, True])
def test_another_account_is_let_into_the_bucket(stack: cdk.Stack, is_imported: bool) -> None:
    """As the CDK's grant does: a bucket of the app gets a policy for it."""
    bucket = s3.Bucket(stack, "Bucket", bucket_name="reports")
    stranger = iam.AccountPrincipal("333333333333")
    monitor: IClarifyMonitor = (
        named(stack, output_s3_uri="s3://reports/loans", bucket=bucket)
        if is_imported
        else bias_monitor(stack, bucket=bucket)
    )
    assert monitor.grant_read_results(stranger).success
    assert not monitor.grant_start_stop(stranger).success  # a schedule has no policy
    policy = only(template_of(stack), "AWS::S3::BucketPolicy")["PolicyDocument"]["Statement"]
    assert ["s3:GetBucket*", "s3:GetObject*", "s3:List*"] in [statement["Action"] for statement in policy]


# ---------------------------------------------------------------- the role
def test_an_own_role_takes_statements_before_the_job(stack: cdk.Stack) -> None:
    role = iam.Role(stack, "Jobs", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    for id_, given in (("New", None), ("Given", role)):
        monitor = bias_monitor(stack, id_, role=given)
        monitor.add_to_role_policy(iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"arn:aws:s3:::{id_}/*"]))
    text = str(template_of(stack).find_resources("AWS::IAM::Policy"))
    assert "arn:aws:s3:::New/*" in text
    assert "arn:aws:s3:::Given/*" in text


def test_a_role_that_takes_nothing_is_warned_of(stack: cdk.Stack) -> None:
    arn = "arn:aws:iam::111111111111:role/jobs"
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::x/*"])
    bias_monitor(stack, role=iam.Role.from_role_arn(stack, "Role", arn, mutable=False)).add_to_role_policy(statement)
    assert len(warnings_of(stack, "takes no permissions from here: add this statement to it by hand: .*s3:::x/")) == 1


def test_an_imported_monitor_is_granted_by_its_role(stack: cdk.Stack) -> None:
    role = iam.Role.from_role_name(stack, "Role", "jobs")
    monitor = named(stack, role=role)
    s3.Bucket(stack, "Bucket").grant_read(monitor)
    monitor.add_to_role_policy(iam.PolicyStatement(actions=["sns:Publish"], resources=["*"]))
    policy = only(template_of(stack), "AWS::IAM::Policy")
    assert policy["Roles"] == ["jobs"]
    assert "sns:Publish" in str(policy)


def test_an_unknown_role_is_warned_of(stack: cdk.Stack) -> None:
    statement = iam.PolicyStatement(actions=["sns:Publish"], resources=["*"])
    named(stack).add_to_role_policy(statement)
    assert len(warnings_of(stack, r"Add statement to this resource's role: .*sns:Publish")) == 1


# ---------------------------------------------------------------- templates
def test_the_template_is_valid(app: cdk.App, stack: cdk.Stack) -> None:
    monitor = named(stack, endpoint_name="loans", output_s3_uri="s3://reports/loans", analysis_config=BIAS)
    role = reader(stack)
    monitor.grant_read_results(role)
    monitor.grant_start_stop(role)
    monitor.on_event("Event", description="All", event_pattern=events.EventPattern(region=[REGION]))
    monitor.on_execution_failed("Failed")
    monitor.metric_bias("DPPL").create_alarm(stack, "Alarm", threshold=0.1, evaluation_periods=1)
    assert findings(json.dumps(template_of(stack).to_json()), REGION) == []
    assert app.synth()


# ---------------------------------------------------------------- what the CDK or CloudWatch would refuse
@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            {"period": cdk.Duration.seconds(7)},
            ValueError,
            "'period' must be one or more whole minutes, or 1, 5, 10 or 30 seconds, got",
        ),
        (
            {"period": cdk.Duration.seconds(0)},
            ValueError,
            "'period' must be one or more whole minutes, or 1, 5, 10 or 30 seconds, got",
        ),
        ({"period": cdk.Duration.seconds(90)}, ValueError, "'period' must be one or more .* got '90 seconds'"),
        ({"period": cdk.Duration.millis(1500)}, ValueError, "'period' must be one or more .* got '1.5 seconds'"),
        ({"dimensions_map": []}, TypeError, "'dimensions_map' must be a mapping of strings"),
        ({"dimensions_map": ""}, TypeError, "'dimensions_map' must be a mapping of strings"),
        (
            {"dimensions_map": {f"d{number}": "v" for number in range(29)}},
            ValueError,
            "'dimensions_map' must have at most 28 entries beside the monitor's own, .*with those they are 31",
        ),
    ],
)
def test_a_metric_that_cannot_be_is_refused(
    stack: cdk.Stack, given: dict[str, Any], error: type[Exception], message: str
) -> None:
    for monitor in (bias_monitor(stack), named(stack, endpoint_name="loans")):
        with pytest.raises(error, match=f"^{message}"):
            monitor.metric("bias_metric_DPPL", **given)
    for seconds in (1, 5, 10, 30, 60, 120):
        monitor.metric("bias_metric_DPPL", period=cdk.Duration.seconds(seconds))


@pytest.mark.parametrize("name", ["a b", "a/b", "ä", "x" * 65, ""])
def test_a_rule_has_a_name_of_eventbridge(stack: cdk.Stack, name: str) -> None:
    monitor = named(stack, output_s3_uri="s3://reports/loans")
    with pytest.raises(ValueError, match=r"^'rule_name' must "):
        monitor.on_event("Event", rule_name=name)
    assert monitor.node.try_find_child("Event") is None


@pytest.mark.parametrize("statement", [None, "s3:GetObject", {"actions": ["s3:GetObject"]}, []])
def test_only_a_statement_is_added_to_a_policy(stack: cdk.Stack, statement: Any) -> None:
    for monitor in (bias_monitor(stack), named(stack, endpoint_name="loans")):
        with pytest.raises(TypeError, match=r"^'statement' must be an iam.PolicyStatement, got "):
            monitor.add_to_role_policy(statement)


# ---------------------------------------------------------------- the default bucket
@pytest.mark.parametrize(("asked", "found"), [(None, "Retain"), (cdk.RemovalPolicy.DESTROY, "Delete")])
def test_the_default_bucket_is_kept_unless_told_otherwise(stack: cdk.Stack, asked: Any, found: str) -> None:
    bucket = bias_monitor(stack).bucket
    assert bucket is not None
    if asked:
        bucket.apply_removal_policy(asked)
    (resource,) = template_of(stack).find_resources("AWS::S3::Bucket").values()
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == (found, found)
