"""An account of the embedded AWS: stacks deployed into it as the cdk command would, and a look at what came of them.

Where the cdk command adds nothing but time, an app is synthesized in this process, its assets are put where the command
would put them, and CloudFormation gets the template.
"""

from __future__ import annotations

import json
import runpy
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aws_cdk as cdk

from cdk_clarify_monitors_local import EmbeddedAws
from tests.support.repository import ROOT

FEATURE_FLAGS: Mapping[str, Any] = {
    **json.loads((ROOT / "cdk.json").read_text())["context"],
    "aws:cdk:enable-path-metadata": True,  # as the cdk command has it
    "@aws-cdk/core:validateAgainstDefaultRules": False,  # seconds for each process, and another test's matter
}

DATA_BUCKET = "training-data"
_ASSET_BUCKET = "assets-of-the-tests"
_PATIENCE = 120.0  # seconds
_POLL = 0.05

Build = Callable[[cdk.Stack], object]


class Account:
    """An account: what is in S3 and SageMaker, and its stacks.

    Args:
        aws: The embedded AWS.
        folder: For what is synthesized.
    """

    def __init__(self, aws: EmbeddedAws, folder: Path) -> None:
        self.aws = aws
        self._folder = folder
        self._count = 0
        self._clients: dict[str, Any] = {}
        for bucket in (DATA_BUCKET, _ASSET_BUCKET):
            self.create_bucket(bucket)

    def client(self, service: str) -> Any:
        """A boto3 client."""
        if service not in self._clients:
            self._clients[service] = self.aws.client(service)
        return self._clients[service]

    # ---------------------------------------------------------------- stacks
    def stack(self, name: str, *, tags: Mapping[str, str] | None = None) -> Stack:
        """A stack that is deployed later.

        Args:
            name: Its name.
            tags: Its tags.
        """
        return Stack(self, name, dict(tags or {}))

    def deployed(self, name: str) -> Stack:
        """A stack that somebody else has deployed."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        return Stack(self, name, {}, id=found["StackId"])

    def synthesize(
        self, name: str, build: Build, *, tags: Mapping[str, str] | None = None, bootstrapped: bool = False
    ) -> Path:
        """Synthesize an app of one stack.

        Args:
            name: The stack's name.
            build: Puts the constructs into the stack.
            tags: The stack's tags.
            bootstrapped: Whether it is for the cdk command, in an account that it has bootstrapped.

        Returns:
            The folder of the cloud assembly.
        """
        self._count += 1
        folder = self._folder / f"{name}-{self._count}"
        app = cdk.App(outdir=str(folder), context=dict(FEATURE_FLAGS), analytics_reporting=False)
        stack = cdk.Stack(
            app,
            name,
            env=cdk.Environment(account=self.aws.account, region=self.aws.region),
            synthesizer=None if bootstrapped else _own_bucket(),
            tags=tags,
        )
        build(stack)
        app.synth()
        return folder

    def synthesize_script(self, script: Path, context: Mapping[str, str]) -> Path:
        """Synthesize the app that a script makes as the cdk command's `--app`.

        Args:
            script: Calls `cdk.App()` and its `synth()`.
            context: Its context values.

        Returns:
            The folder of the cloud assembly.
        """
        self._count += 1
        folder = self._folder / f"{script.stem}-{self._count}"
        app = partial(
            cdk.App,
            outdir=str(folder),
            context={**FEATURE_FLAGS, **context},
            default_stack_synthesizer=_own_bucket(),
            analytics_reporting=False,
        )
        with patch.object(cdk, "App", app):
            runpy.run_path(str(script), run_name="__main__")
        return folder

    def publish(self, assembly: Path, name: str) -> dict[str, Any]:
        """Put the assets of a stack into S3, and return its template."""
        stack_template = _template(assembly, name)
        manifest = json.loads(Path(str(stack_template).replace(".template.json", ".assets.json")).read_text())
        for asset in manifest["files"].values():
            source = stack_template.parent / asset["source"]["path"]
            if asset["source"]["packaging"] == "zip":
                source = Path(shutil.make_archive(str(source), "zip", source))
            for place in asset["destinations"].values():
                self.client("s3").upload_file(str(source), place["bucketName"], place["objectKey"])
        template: dict[str, Any] = json.loads(stack_template.read_text())
        return template

    def put_template(self, template: Mapping[str, Any]) -> str:
        """Put a template into S3, where there is no limit of 51,200 bytes, and return its URL."""
        self._count += 1
        key = f"templates/{self._count}.json"
        self.client("s3").put_object(Bucket=_ASSET_BUCKET, Key=key, Body=json.dumps(template))
        return f"{self.aws.endpoint_url}/{_ASSET_BUCKET}/{key}"

    # ---------------------------------------------------------------- S3
    def create_bucket(self, name: str) -> None:
        region = {"LocationConstraint": self.aws.region}
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=region)

    def put(self, uri: str, content: str | bytes) -> str:
        """Write an object, and return its URI."""
        bucket, key = _split(uri)
        body = content.encode() if isinstance(content, str) else content
        self.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
        return uri

    def json(self, uri: str) -> Any:
        """Content of a JSON file."""
        bucket, key = _split(uri)
        return json.loads(self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())

    def head(self, uri: str) -> dict[str, Any]:
        """What S3 says about an object."""
        bucket, key = _split(uri)
        return dict(self.client("s3").head_object(Bucket=bucket, Key=key))

    def files(self, uri: str) -> dict[str, str]:
        """URIs and ETags of the objects below a URI. An ETag changes when an object is written again."""
        bucket, prefix = _split(uri)
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        found = (entry for page in pages for entry in page.get("Contents", ()))
        return {f"s3://{bucket}/{entry['Key']}": f"{entry['ETag']} {entry['LastModified']}" for entry in found}

    # ---------------------------------------------------------------- SageMaker
    def jobs(self, name_contains: str) -> list[dict[str, Any]]:
        """The processing jobs whose names have this text, oldest first."""
        sagemaker = self.client("sagemaker")
        found = sagemaker.list_processing_jobs(NameContains=name_contains, SortOrder="Ascending", MaxResults=100)
        names = [summary["ProcessingJobName"] for summary in found["ProcessingJobSummaries"]]
        return [sagemaker.describe_processing_job(ProcessingJobName=name) for name in names]

    def statuses(self, name_contains: str) -> list[str]:
        """The statuses of these jobs, oldest first."""
        return [job["ProcessingJobStatus"] for job in self.jobs(name_contains)]

    def running_job(self, name_contains: str) -> dict[str, Any]:
        """The job with this text in its name, as soon as there is one that runs."""
        found: list[dict[str, Any]] = wait_for(
            f"a running job *{name_contains}*",
            lambda: [job for job in self.jobs(name_contains) if job["ProcessingJobStatus"] == "InProgress"],
        )
        return found[0]

    def tags(self, arn: str) -> dict[str, str]:
        """The tags of something in SageMaker."""
        return {tag["Key"]: tag["Value"] for tag in self.client("sagemaker").list_tags(ResourceArn=arn)["Tags"]}


@dataclass
class Monitor:
    """What CloudFormation made of a monitor.

    Attributes:
        schedule: DescribeMonitoringSchedule of its schedule.
        definition: Describe…JobDefinition of the job definition that the schedule names.
    """

    schedule: dict[str, Any]
    definition: dict[str, Any]

    @property
    def kind(self) -> str:
        return str(self.schedule["MonitoringType"])

    @property
    def config_uri(self) -> str:
        return str(self.definition[f"{self.kind}AppSpecification"]["ConfigUri"])

    @property
    def constraints_uri(self) -> str:
        return str(self.definition[f"{self.kind}BaselineConfig"]["ConstraintsResource"]["S3Uri"])

    @property
    def job_name(self) -> str:
        """The baselining job: its results lie in a folder of its name."""
        return self.constraints_uri.split("/")[-2]


@dataclass
class Stack:
    """A stack of CloudFormation."""

    account: Account
    name: str
    tags: dict[str, str]
    id: str = ""
    _seen: set[str] = field(default_factory=set)

    # ---------------------------------------------------------------- operations
    def deploy(self, build: Build) -> None:
        """Create the stack, or update it, and expect that this works."""
        self.begin(build)
        self.finish()
        assert self.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), self.failures

    def fail_to_deploy(self, build: Build) -> None:
        """Create the stack, or update it, and expect that this is rolled back."""
        self.begin(build)
        self.finish()
        assert self.status in ("ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"), self.events

    def begin(self, build: Build) -> None:
        """Begin to create the stack, or to update it."""
        assembly = self.account.synthesize(self.name, build, tags=self.tags)
        self.begin_template(self.account.publish(assembly, self.name))

    def begin_template(self, template: Mapping[str, Any]) -> None:
        """The same with a template."""
        cloudformation = self.account.client("cloudformation")
        self._seen = {event["EventId"] for event in self._all_events()} if self.id else set()
        change = cloudformation.update_stack if self.id else cloudformation.create_stack
        answer = change(
            StackName=self.id or self.name,
            TemplateURL=self.account.put_template(template),
            Capabilities=["CAPABILITY_IAM"],
            Tags=[{"Key": key, "Value": value} for key, value in self.tags.items()],
        )
        self.id = answer["StackId"]

    def finish(self) -> None:
        """Wait until CloudFormation has come to an end."""
        wait_for(f"the end of what happens to {self.name}", lambda: not self.status.endswith("_IN_PROGRESS"))

    def begin_deletion(self) -> None:
        """Begin to delete the stack."""
        self._seen = {event["EventId"] for event in self._all_events()}
        self.account.client("cloudformation").delete_stack(StackName=self.id)

    def delete(self) -> None:
        """Delete the stack, and expect that this works."""
        self.begin_deletion()
        self.finish()
        assert self.status == "DELETE_COMPLETE", self.failures

    # ---------------------------------------------------------------- outcome
    @property
    def status(self) -> str:
        (stack,) = self.account.client("cloudformation").describe_stacks(StackName=self.id)["Stacks"]
        return str(stack["StackStatus"])

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events of the last operation, oldest first."""
        return [event for event in self._all_events() if event["EventId"] not in self._seen]

    @property
    def failures(self) -> dict[str, str]:
        """The reasons of what failed in the last operation, by logical id."""
        return {
            event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
            for event in self.events
            if event["ResourceStatus"].endswith("_FAILED")
        }

    def resources(self, type_: str) -> dict[str, str]:
        """The physical ids of the resources of a type, by logical id."""
        described = self.account.client("cloudformation").describe_stack_resources(StackName=self.id)
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in described["StackResources"]
            if resource["ResourceType"] == type_
        }

    @property
    def outputs(self) -> dict[str, str]:
        """Its outputs."""
        (stack,) = self.account.client("cloudformation").describe_stacks(StackName=self.id)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}

    @property
    def bucket(self) -> str:
        """The bucket that its monitors share."""
        (name,) = self.resources("AWS::S3::Bucket").values()
        return name

    def monitor(self, id_: str) -> Monitor:
        """The monitor with this construct id."""
        sagemaker = self.account.client("sagemaker")
        schedules = self.resources("AWS::SageMaker::MonitoringSchedule")
        (arn,) = (physical for logical, physical in schedules.items() if logical.startswith(id_))
        schedule = _answer(sagemaker.describe_monitoring_schedule(MonitoringScheduleName=arn.split("/")[-1]))
        kind = {"ModelBias": "model_bias", "ModelExplainability": "model_explainability"}[schedule["MonitoringType"]]
        name = schedule["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"]
        describe = getattr(sagemaker, f"describe_{kind}_job_definition")
        return Monitor(schedule, _answer(describe(JobDefinitionName=name)))

    def printed(self) -> list[str]:
        """What the functions of the custom resource have printed, one text for each run, oldest first."""
        pages = self.account.client("logs").get_paginator("describe_log_streams").paginate(logGroupName=self._log_group)
        runs = []
        for stream in (stream for page in pages for stream in page["logStreams"]):
            events = self.account.client("logs").get_log_events(
                logGroupName=self._log_group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
            runs.append((events[0]["timestamp"], "\n".join(event["message"] for event in events)))
        return [text for _, text in sorted(runs)]

    def log(self, event: str) -> list[dict[str, Any]]:
        """The lines that our own functions have logged about an event, oldest first."""
        logs = self.account.client("logs")
        found = logs.filter_log_events(logGroupName=self._log_group, filterPattern='"logical_resource_id"')["events"]
        lines = [json.loads(line["message"]) for line in found if line["message"].startswith('{"event":')]
        return [line for line in lines if line["event"] == event]

    @property
    def _log_group(self) -> str:
        (name,) = self.resources("AWS::Logs::LogGroup").values()
        return name

    def _all_events(self) -> list[dict[str, Any]]:
        pages = self.account.client("cloudformation").get_paginator("describe_stack_events").paginate(StackName=self.id)
        return [event for page in pages for event in page["StackEvents"]][::-1]


def wait_for(what: str, ask: Callable[[], Any]) -> Any:
    """Ask until the answer is true, and return it."""
    deadline = time.monotonic() + _PATIENCE
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"{what}: not after {_PATIENCE:.0f} s"
        time.sleep(_POLL)
    return answer


def _template(assembly: Path, name: str) -> Path:
    """The template of a stack, which may lie in a nested assembly."""
    for manifest in assembly.rglob("manifest.json"):
        for id_, artifact in json.loads(manifest.read_text())["artifacts"].items():
            properties = artifact.get("properties", {})
            if "templateFile" in properties and properties.get("stackName", id_) == name:
                return manifest.parent / str(properties["templateFile"])
    raise LookupError(f"no stack {name} in {assembly}")


def _own_bucket() -> cdk.DefaultStackSynthesizer:
    return cdk.DefaultStackSynthesizer(file_assets_bucket_name=_ASSET_BUCKET, generate_bootstrap_version_rule=False)


def _answer(response: Mapping[str, Any]) -> dict[str, Any]:
    """What a service answered, without boto3's words on how."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def _split(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
