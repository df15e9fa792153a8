"""The role of the custom resource's functions: allows the calls that they make, and nothing that no call needs.

The functions' own code runs against a simulated AWS through histories of a stack, with the properties and the policy
that were synthesized. Each call of AWS that it makes counts as a need.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from cdk_clarify_monitors import BaselineOptions, BiasConstraint
from cdk_clarify_monitors_lambda.clarify_baseline.model.properties import ConfigAsset, Properties
from cdk_clarify_monitors_lambda.clarify_baseline.schedule_guard import ScheduleGuard
from tests.support.monitors.builders import bias_monitor, data_config, explainability_monitor
from tests.support.simulation.simulated_aws import RefusedError, SimulatedAws, bias_metrics
from tests.support.simulation.simulated_cloudformation import Disturbance, Stack
from tests.support.templates.iam import (
    ACCOUNT,
    REGION,
    Request,
    Synthesize,
    Template,
    allows,
    reductions,
    without_conditions,
)

_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_HANDLERS = "ClarifyBaselineProviderHandlerRole"

Calls = list[tuple[str, dict[str, Any]]]


def requests_of(calls: Calls, *, bucket_keys: Mapping[str, str]) -> Iterator[Request]:
    """What IAM is asked about calls.

    Args:
        calls: Operations and their parameters.
        bucket_keys: The keys that encrypt buckets by default.
    """
    keys: dict[str, str] = {}
    for operation, given in calls:
        if operation in _S3_OBJECTS:
            arn = f"arn:aws:s3:::{given['Bucket']}/{given['Key']}"
            yield Request(_S3_OBJECTS[operation], arn)
            if operation == "PutObject" and (key := _key_of(given, bucket_keys)):
                keys[arn] = key
                yield Request("kms:GenerateDataKey", key)
            if operation == "GetObject" and arn in keys:
                yield Request("kms:Decrypt", keys[arn])
        elif operation == "ListObjectsV2":
            yield Request("s3:ListBucket", f"arn:aws:s3:::{given['Bucket']}", {"s3:prefix": given["Prefix"]})
        elif operation == "DescribeMonitoringSchedule":
            for each in (name := given["MonitoringScheduleName"], name.lower()):
                schedule = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/{each}"
                yield Request(f"sagemaker:{operation}", schedule)
        else:
            yield from _requests_about_a_job(operation, given)


def _requests_about_a_job(operation: str, parameters: Mapping[str, Any]) -> Iterator[Request]:
    name = parameters["ProcessingJobName"]
    for spelling in (name, name.lower()):  # some of SageMaker's ARNs are lower-cased (boto/boto3#4606)
        job = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/{spelling}"
        yield Request(f"sagemaker:{operation}", job)
        if "Tags" in parameters:
            yield Request("sagemaker:AddTags", job)
    if "RoleArn" in parameters:
        yield Request("iam:PassRole", parameters["RoleArn"], {"iam:PassedToService": "sagemaker.amazonaws.com"})


def _key_of(put: Mapping[str, Any], bucket_keys: Mapping[str, str]) -> str | None:
    """The key that encrypts an object: its own, or the bucket's unless it says otherwise."""
    if put.get("ServerSideEncryption") == "AES256":
        return None
    return put.get("SSEKMSKeyId") or bucket_keys.get(put["Bucket"])


_S3_OBJECTS = {"PutObject": "s3:PutObject", "GetObject": "s3:GetObject", "DeleteObject": "s3:DeleteObject"}


def calls_of(template: Template) -> Calls:
    """The calls that the functions make for all baselines of a stack, in all that can happen to it."""
    calls: Calls = []
    for properties in template.of_type("Custom::ClarifyBaseline").values():
        for history in (_changed, _rolled_back, _deleted_early):
            for aws in (StrictS3(), OnlyWithKeys()):
                _publish(aws, properties)
                aws.metrics = bias_metrics("DPPL")
                history(Stack(aws), properties)
                calls += aws.calls
    for properties in template.of_type("Custom::ClarifyScheduleGuard").values():
        account = SimulatedAws()
        guard = ScheduleGuard(sagemaker=account.client("sagemaker"), clock=account.world.time)
        event = Stack(account).event("Delete", properties, physical_id="monitoring-schedules")
        assert guard.is_complete({**event, **guard.on_event(event)})["IsComplete"]
        calls += account.calls
    return calls


class StrictS3(SimulatedAws):
    """S3 says that an object is missing to those only who may list the whole bucket. The functions may not."""

    def _GetObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if (params["Bucket"], params["Key"]) not in self.objects:
            raise RefusedError("AccessDenied", "Access Denied")
        return super()._GetObject(params)


class OnlyWithKeys(StrictS3):
    """Buckets whose policy refuses what is not encrypted with a KMS key, as security teams have them."""

    def _PutObject(self, params: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        if params.get("ServerSideEncryption") == "AES256":
            raise RefusedError("AccessDenied", "Access Denied")
        return super()._PutObject(params)


def _publish(aws: SimulatedAws, properties: dict[str, Any]) -> None:
    """Put the analysis configs that are assets where the cdk command would put them."""
    parsed = Properties.parse(properties)
    for part in (parsed.monitoring, parsed.baselining):
        if part and isinstance(part.analysis_config, ConfigAsset):
            aws.put_file(str(part.analysis_config.location), b"{}")


def _changed(stack: Stack, properties: dict[str, Any]) -> None:
    assert stack.create(properties)
    assert stack.update(_other(properties))
    assert stack.delete()


def _rolled_back(stack: Stack, properties: dict[str, Any]) -> None:
    assert stack.create(properties)
    assert not stack.update(_other(properties), Disturbance(fails_at_last=True))


def _deleted_early(stack: Stack, properties: dict[str, Any]) -> None:
    stack.create(properties, Disturbance(fails_after=15))


def _other(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties that ask for another baseline of the same monitor."""
    document = json.loads(properties["Baseline"])
    for part in ("Monitoring", "Baselining"):
        if "AnalysisConfig" in document.get(part, ()):
            document[part]["AnalysisConfig"]["joinsource_name_or_index"] = "id"
        elif part == "Baselining" and part in document:
            document[part]["BaselineVersion"] = "2"
    return {**properties, "Baseline": json.dumps(document)}


def _both(stack: cdk.Stack) -> None:
    cdk.Tags.of(stack).add("team", "credit")
    bias_monitor(stack, tags={"team": "credit"})
    explainability_monitor(stack)


def _given_places(stack: cdk.Stack) -> None:
    data = data_config(s3_output_path="s3://models/loans/", s3_analysis_config_output_path="s3://configs/loans")
    monitor = bias_monitor(stack, data_config=data, base_job_name="Fairness", tags={"team": "credit"})
    monitor.dashboard_widgets(executions=False, baseline_metrics=["DPPL"])


def _cleaned_up(stack: cdk.Stack) -> None:
    options = BaselineOptions(remove_outputs=True, dataset_identity=True)
    bias_monitor(stack, baseline=options, tags={"team": "credit"})


def _with_output_key(stack: cdk.Stack) -> None:
    bias_monitor(stack, output_kms_key=kms.Key.from_key_arn(stack, "Key", _KEY), tags={"team": "credit"})


def _with_limits(stack: cdk.Stack) -> None:
    bias_monitor(
        stack,
        data_config=data_config(
            s3_output_path="s3://models/loans/", s3_analysis_config_output_path="s3://configs/loans"
        ),
        constraints_overrides=[BiasConstraint("DPPL", at_most=0.1)],
        output_kms_key=kms.Key.from_key_arn(stack, "Key", _KEY),
        tags={"team": "credit"},
    )


def _with_encrypted_bucket(stack: cdk.Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", _KEY)
    bucket = s3.Bucket.from_bucket_attributes(stack, "Bucket", bucket_name="encrypted", encryption_key=key)
    bias_monitor(stack, bucket=bucket, tags={"team": "credit"})


def _without_job(stack: cdk.Stack) -> None:
    bias_monitor(stack, constraints="s3://models/analysis.json")


def _with_large_configs(stack: cdk.Stack) -> None:
    headers = ["approved", "age", *(f"column_{number}" for number in range(1000))]
    bias_monitor(stack, data_config=data_config(headers=headers), tags={"team": "credit"})


def _with_a_large_config(stack: cdk.Stack) -> None:
    headers = ["approved", "age", *(f"column_{number}" for number in range(1000))]
    bias_monitor(stack, data_config=data_config(headers=headers), constraints="s3://models/analysis.json")


CASES: dict[str, tuple[Callable[[cdk.Stack], None], dict[str, str]]] = {
    "both monitors": (_both, {}),
    "places given": (_given_places, {}),
    "outputs removed": (_cleaned_up, {}),
    "limits of the user's own": (_with_limits, {}),
    "a key for the outputs": (_with_output_key, {}),
    "a bucket with a key": (_with_encrypted_bucket, {"encrypted": _KEY}),
    "no job": (_without_job, {}),
    "configs in assets": (_with_large_configs, {}),
    "a config in an asset, no job": (_with_a_large_config, {}),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, stack: cdk.Stack, synthesize: Any) -> tuple[list[Any], list[Request]]:
    """The statements of the functions' role, and what the functions ask for."""
    build, bucket_keys = CASES[request.param]
    build(stack)
    template = synthesize(stack)
    needs = dict.fromkeys(map(str, found := list(requests_of(calls_of(template), bucket_keys=bucket_keys))))
    by_text = {str(request): request for request in found}
    return template.role(_HANDLERS), [by_text[text] for text in needs]


def test_every_call_of_the_functions_is_allowed(case: Any) -> None:
    statements, needs = case
    assert len(needs) >= 4
    assert [str(need) for need in needs if not allows(statements, need)] == []


def test_no_action_no_resource_and_no_value_can_go(case: Any) -> None:
    statements, needs = case
    # Lambda itself writes the log, and adds to what it may do.
    policy = [statement for statement in statements if "logs:PutLogEvents" not in statement["Action"]]
    idle = [lost for lost, reduced in reductions(policy) if all(allows(reduced, need) for need in needs)]
    assert idle == []


def _foreign() -> list[Request]:
    role = f"arn:aws:iam::{ACCOUNT}:role"
    return [
        Request("iam:PassRole", f"{role}/Admin", {"iam:PassedToService": "sagemaker.amazonaws.com"}),
        *(
            Request("iam:PassRole", f"{role}/BiasRoleE0063FE6", {"iam:PassedToService": f"{service}.amazonaws.com"})
            for service in ("ec2", "lambda")
        ),
        *(
            Request("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix})
            for bucket in ("clarifymonitorbucket", "encrypted", "models", "configs", "data")
            for prefix in ("", "secrets/")
        ),
        Request("s3:GetObject", "arn:aws:s3:::data/train.csv"),
        *(
            Request(action, f"arn:aws:s3:::{folder}/{name}")
            for folder in ("models/loans/loan-1", "models/loans", "clarifymonitorbucket/other/baselining/loan-1")
            for action, name in (
                ("s3:GetObject", "analysis.json"),
                ("s3:PutObject", "analysis.json"),
                ("s3:PutObject", "constraints-0123456789abcdef/analysis.json"),
            )
        ),
        Request("s3:GetObject", f"arn:aws:s3:::cdk-hnb659fds-assets-{ACCOUNT}-{REGION}/{'0' * 64}.json"),
        Request("s3:PutObject", "arn:aws:s3:::clarifymonitorbucket/other-stack-x/analysis_config.json"),
        Request("sagemaker:CreateProcessingJob", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/other"),
        Request("sagemaker:StopProcessingJob", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/loan-1"),
        Request(
            "sagemaker:DescribeMonitoringSchedule", f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:monitoring-schedule/other"
        ),
    ]


def test_what_is_not_the_functions_is_not_allowed(case: Any) -> None:
    statements, _ = case
    assert [str(request) for request in _foreign() if allows(statements, request)] == []


def test_no_condition_can_go(case: Any) -> None:
    statements, _ = case
    idle = [lost for lost, looser in without_conditions(statements) if not any(allows(looser, r) for r in _foreign())]
    assert idle == []


def test_values_on_a_dashboard_are_read_by_the_functions(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack).dashboard_widgets(executions=False, baseline_metrics=["DPPL"])
    statements = synthesize(stack).role(_HANDLERS)
    job = "arn:aws:s3:::clarifymonitorbucket/loans-bias-1a2b3c4d/baselining/loans-bias-1a2b3c4d-0123456789abcdef"
    assert allows(statements, Request("s3:GetObject", f"{job}/analysis.json"))
    assert not allows(statements, Request("s3:GetObject", f"{job}/report.html"))
    assert not allows(statements, Request("s3:PutObject", f"{job}/analysis.json"))


def test_nothing_else_lets_functions_read_constraints(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack)
    statements = synthesize(stack).role(_HANDLERS)
    job = "arn:aws:s3:::clarifymonitorbucket/loans-bias-1a2b3c4d/baselining/loans-bias-1a2b3c4d-0123456789abcdef"
    assert allows(statements, Request("s3:GetObject", f"{job}/request-1.json"))
    for action, name in (
        ("s3:GetObject", "analysis.json"),
        ("s3:PutObject", "constraints-0123456789abcdef/analysis.json"),
    ):
        assert not allows(statements, Request(action, f"{job}/{name}"))


def test_suggested_constraints_stay_as_the_job_wrote_them(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack, constraints_overrides=[BiasConstraint("DPPL", at_most=0.1)])
    statements = synthesize(stack).role(_HANDLERS)
    job = "arn:aws:s3:::clarifymonitorbucket/loans-bias-1a2b3c4d/baselining/loans-bias-1a2b3c4d-0123456789abcdef"
    assert allows(statements, Request("s3:GetObject", f"{job}/analysis.json"))
    assert allows(statements, Request("s3:PutObject", f"{job}/constraints-0123456789abcdef/analysis.json"))
    for name in ("analysis.json", "report.html", "constraints-0123456789abcdef/report.html"):
        assert not allows(statements, Request("s3:PutObject", f"{job}/{name}"))


def test_a_removed_monitor_can_still_be_cleaned_up(stack: cdk.Stack, synthesize: Synthesize) -> None:
    """CloudFormation deletes its baseline after the permissions were updated to what is left."""
    bias_monitor(stack, "Kept")
    statements = synthesize(stack).role(_HANDLERS)
    removed = cdk.Stack(cdk.App(), "Loans", env=cdk.Environment(account=ACCOUNT, region=REGION))
    explainability_monitor(removed, "Removed")
    template = Template(cdk.assertions.Template.from_stack(removed).to_json())
    (properties,) = template.of_type("Custom::ClarifyBaseline").values()
    aws = StrictS3()
    simulated = Stack(aws)
    assert simulated.create(properties)
    before = len(aws.calls)
    assert simulated.delete()
    needs = list(requests_of(aws.calls[before:], bucket_keys={}))
    assert needs
    assert [str(need) for need in needs if not allows(statements, need)] == []


def test_the_log_is_the_functions_own(stack: cdk.Stack, synthesize: Synthesize) -> None:
    bias_monitor(stack)
    template = synthesize(stack)
    (group,) = template.of_type("AWS::Logs::LogGroup")
    logging = [s for s in template.role(_HANDLERS) if "logs:PutLogEvents" in s["Action"]]
    stream = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:log-stream:2026/01/31/[$LATEST]1"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        assert allows(logging, Request(action, stream))
        assert not allows(logging, Request(action, stream.replace(group, "other")))
