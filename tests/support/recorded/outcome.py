"""What a deployment resulted in: the requests to SageMaker, and the configs that they point at."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

import cdk_clarify_monitors
from tests.support.monitors.builders import UNSTAGED
from tests.support.recorded.arguments import construct_arguments
from tests.support.recorded.matching import differences
from tests.support.recorded.record import Case
from tests.support.templates.deployment import Cloud, Stack
from tests.support.templates.pretend_aws import split

STACK = "Parity"

# Stand for a value in an outcome that is right only if it belongs to another part of it.
CONSTRAINTS = "<analysis.json in the output of the baselining job>"
DEFINITION_NAME = "<name of the job definition>"


@dataclass(frozen=True)
class Outcome:
    """Requests in CloudFormation's form, which is the API's with two exceptions; None: there is none."""

    processing_jobs: list[dict[str, Any]]
    baselining_config: Any
    job_definition: Any
    schedule: Any
    monitoring_config: Any


def compared(expected: Outcome, actual: Outcome) -> list[str]:
    """All differences, but for parts of which there is no expectation."""
    wanted = {name: part for name, part in vars(expected).items() if part is not None}
    there = {name: part for name, part in vars(actual).items() if name in wanted}
    return differences(wanted, there)


def synthesized(case: Case, outdir: Path) -> None:
    """Synthesize the construct of a case.

    Raises:
        ValueError: The library refuses an argument.
        TypeError: The library refuses an argument.
    """
    app = cdk.App(
        outdir=str(outdir),
        context=UNSTAGED,
        analytics_reporting=False,
        tree_metadata=False,
    )
    stack = cdk.Stack(app, STACK, env=cdk.Environment(account=case.account, region=case.region))
    construct = getattr(cdk_clarify_monitors, f"{case.monitor}Construct")
    construct(stack, "Monitor", **construct_arguments(case, stack))
    app.synth()


def deployed(case: Case, outdir: Path) -> Outcome:
    """Synthesize and deploy the construct of a case."""
    synthesized(case, outdir)
    cloud = Cloud(case.account, case.region)
    return outcome(cloud.deploy(outdir, STACK))


def outcome(stack: Stack) -> Outcome:
    """The outcome of a stack with one monitor."""
    aws = stack.cloud.aws
    definition, definition_arn = _definition(stack)
    schedule = stack.properties("AWS::SageMaker::MonitoringSchedule")
    job = aws.processing_jobs[-1] if aws.processing_jobs else None
    config_uri = _part(definition, "AppSpecification")["ConfigUri"]

    resource = _part(definition, "BaselineConfig").get("ConstraintsResource", {})
    if (
        job
        and resource.get("S3Uri") == f"{job['ProcessingOutputConfig']['Outputs'][0]['S3Output']['S3Uri']}/analysis.json"
    ):
        resource["S3Uri"] = CONSTRAINTS
    config = schedule["MonitoringScheduleConfig"]
    if config["MonitoringJobDefinitionName"] == definition_arn.rpartition("/")[2]:
        config["MonitoringJobDefinitionName"] = DEFINITION_NAME
    return Outcome(
        processing_jobs=[_sorted_tags(job) for job in aws.processing_jobs],
        baselining_config=_config(stack, job["ProcessingInputs"][1]["S3Input"]["S3Uri"]) if job else None,
        job_definition=_sorted_tags(definition),
        schedule=_sorted_tags(schedule),
        monitoring_config=_config(stack, config_uri),
    )


def _definition(stack: Stack) -> tuple[dict[str, Any], str]:
    (logical_id,) = [
        logical_id
        for kind in ("ModelBias", "ModelExplainability")
        for logical_id in stack.logical_ids(f"AWS::SageMaker::{kind}JobDefinition")
    ]
    properties = stack.value(stack.template["Resources"][logical_id]["Properties"])
    return properties, stack.value({"Fn::GetAtt": [logical_id, "JobDefinitionArn"]})


def _part(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return next((part for key, part in definition.items() if key.endswith(name)), {})


def _config(stack: Stack, uri: str) -> dict[str, Any] | None:
    """The config that was uploaded to a URI."""
    body = stack.cloud.aws.objects.get(split(uri))
    return json.loads(body) if body else None


def _sorted_tags(request: dict[str, Any]) -> dict[str, Any]:
    if "Tags" not in request:
        return request
    return {**request, "Tags": sorted(request["Tags"], key=lambda tag: str(tag["Key"]))}
