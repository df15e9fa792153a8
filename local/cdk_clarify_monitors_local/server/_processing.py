"""Runs processing jobs: S3 in, the stand-in for the Clarify container, S3 out.

A job works with the credentials of its own role, as SageMaker's agent and the container do, so that with IAM enforced
a role that lacks a permission fails its job.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import logging
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cdk_clarify_monitors_local.server._container import ContainerProcess
from cdk_clarify_monitors_local.server._faults import JobFault
from cdk_clarify_monitors_local.server._platform import Platform, Scope

_log = logging.getLogger("sagemaker")

_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_IMAGE = "sagemaker-clarify-processing"
_DEFAULT_MAX_RUNTIME = 86_400  # seconds; SageMaker's own default
_MAX_MESSAGE = 1024  # FailureReason and ExitMessage hold no more
_STOP_WITHIN = 0.05  # seconds from the wish to stop a job to its end

# A session's first client of a service costs a tenth of a second, further ones next to nothing. So all jobs share one,
# one after the other, because sessions are not made for several threads.
_session, _session_lock = boto3.session.Session(), threading.Lock()

#: What the job's role may need for the shadow endpoint of a model. Without IAM enforced all of it is allowed.
_SHADOW_ENDPOINT = (
    ("sagemaker:DescribeModel", "model/{model}"),
    ("sagemaker:CreateEndpointConfig", "endpoint-config/{endpoint}"),
    ("sagemaker:CreateEndpoint", "endpoint-config/{endpoint}"),
    ("sagemaker:CreateEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:DescribeEndpointConfig", "endpoint-config/{endpoint}"),
    ("sagemaker:DescribeEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:AddTags", "endpoint-config/{endpoint}"),
    ("sagemaker:AddTags", "endpoint/{endpoint}"),
    ("sagemaker:InvokeEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:DeleteEndpoint", "endpoint/{endpoint}"),
    ("sagemaker:DeleteEndpointConfig", "endpoint-config/{endpoint}"),
)


class JobFailedError(Exception):
    """A job cannot go on; the text becomes its FailureReason."""


class ProcessingJob:
    """One processing job: the request it was made with, and how far it is."""

    def __init__(self, scope: Scope, arn: str, request: Mapping[str, Any]) -> None:
        self.scope = scope
        self.arn = arn
        self.request = request
        self.name: str = request["ProcessingJobName"]
        self.status = "InProgress"
        self.created = time.time()
        self.modified = self.created
        self.started: float | None = None
        self.ended: float | None = None
        self.failure_reason: str | None = None
        self.exit_message: str | None = None
        self.stop_requested = threading.Event()

    @property
    def is_active(self) -> bool:
        """Whether the job still holds instances."""
        return self.status in ("InProgress", "Stopping")

    @property
    def instance_count(self) -> int:
        """How many instances the job takes."""
        return int(self.request["ProcessingResources"]["ClusterConfig"]["InstanceCount"])

    @property
    def max_runtime(self) -> int:
        """After how many seconds SageMaker stops the job."""
        return int(self.request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", _DEFAULT_MAX_RUNTIME))

    def stop(self) -> bool:
        """Ask the job to stop; False if it does not run."""
        if self.status != "InProgress":
            return False
        self._move("Stopping")
        self.stop_requested.set()
        return True

    def finish(self, status: str, *, failure_reason: str | None = None, exit_message: str | None = None) -> None:
        """Move the job to its final status."""
        self.failure_reason = failure_reason and failure_reason[:_MAX_MESSAGE]
        self.exit_message = exit_message and exit_message[:_MAX_MESSAGE]
        self.ended = time.time()
        self._move(status)

    def describe(self) -> dict[str, Any]:
        """Return the answer to DescribeProcessingJob."""
        optional = {
            "ProcessingStartTime": self.started,
            "ProcessingEndTime": self.ended,
            "FailureReason": self.failure_reason,
            "ExitMessage": self.exit_message,
        }
        return {
            "StoppingCondition": {"MaxRuntimeInSeconds": self.max_runtime},
            **self.request,
            "ProcessingJobArn": self.arn,
            "ProcessingJobStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            **{name: value for name, value in optional.items() if value is not None},
        }

    def summary(self) -> dict[str, Any]:
        """Return the job's entry in the answer to ListProcessingJobs."""
        shown = (
            "ProcessingJobName",
            "ProcessingJobArn",
            "CreationTime",
            "ProcessingEndTime",
            "LastModifiedTime",
            "ProcessingJobStatus",
            "FailureReason",
            "ExitMessage",
        )
        description = self.describe()
        return {name: description[name] for name in shown if name in description}

    def _move(self, status: str) -> None:
        self.status = status
        self.modified = time.time()


@dataclass(frozen=True)
class RunnerSettings:
    """How jobs reach the emulator and what they run.

    Attributes:
        endpoint_url: The emulator's address.
        ca_bundle: The certificate the emulator answers with, None without TLS.
        directory: Where jobs keep their files.
        models: The joblib file of each model, by the model's name. May grow while jobs run.
    """

    endpoint_url: str
    ca_bundle: str | None
    directory: Path
    models: dict[str, str] = field(default_factory=dict)


class ProcessingJobRunner:
    """Runs each job in a thread."""

    def __init__(self, platform: Platform, settings: RunnerSettings) -> None:
        self._platform = platform
        self._settings = settings

    def start(self, job: ProcessingJob, fault: JobFault) -> None:
        """Start a job and return at once."""
        threading.Thread(target=self._run, args=(job, fault), name=job.name, daemon=True).start()

    def _run(self, job: ProcessingJob, fault: JobFault) -> None:
        self._announce(job)
        try:
            _Execution(job, fault, self._platform, self._settings).run()
        except JobFailedError as error:
            job.finish("Failed", failure_reason=str(error), exit_message=fault.exit_message)
        except Exception:
            _log.exception("processing job %s", job.name)
            job.finish("Failed", failure_reason="InternalServerError: We encountered an internal error.")
        _log.info("processing job %s: %s %s", job.name, job.status, job.failure_reason or "")
        self._announce(job)

    def _announce(self, job: ProcessingJob) -> None:
        self._platform.publish(job.scope, "SageMaker Processing Job State Change", job.arn, job.describe())


class _Execution:
    """One run of one job."""

    def __init__(self, job: ProcessingJob, fault: JobFault, platform: Platform, settings: RunnerSettings) -> None:
        self._job = job
        self._fault = fault
        self._platform = platform
        self._settings = settings
        self._credentials = platform.role_credentials(job.scope, job.request["RoleArn"], "SageMaker")
        self._log_lines: list[str] = []

    def run(self) -> None:
        job, fault = self._job, self._fault
        job.started = time.time()
        message = None
        with tempfile.TemporaryDirectory(prefix="processing-", dir=self._settings.directory) as folder:
            root = Path(folder)
            try:
                if fault.failure_reason is not None:
                    self._wait_until(job.started + fault.seconds)
                    raise JobFailedError(fault.failure_reason)
                self._download(root)
                self._check_shadow_endpoint(root)
                message = self._run_container(root)
                self._wait_until(job.started + fault.seconds)
                if not fault.without_results and not job.stop_requested.is_set():
                    self._upload(root)
            finally:
                self._write_log()
        job.finish(
            "Stopped" if job.stop_requested.is_set() else "Completed", exit_message=fault.exit_message or message
        )

    def _wait_until(self, moment: float) -> None:
        limit = (self._job.started or 0) + self._job.max_runtime
        self._job.stop_requested.wait(max(0.0, min(moment, limit) - time.time()))
        if moment > limit:
            self._job.stop_requested.set()

    # Data

    def _client(self, service: str) -> Any:
        client: Any = _session.client  # its overloads know literal names only
        with _session_lock:
            return client(
                service,
                region_name=self._job.scope.region,
                endpoint_url=self._settings.endpoint_url,
                verify=self._settings.ca_bundle,
                aws_access_key_id=self._credentials.access_key,
                aws_secret_access_key=self._credentials.secret_key,
                aws_session_token=self._credentials.session_token,
            )

    def _download(self, root: Path) -> None:
        s3 = self._client("s3")
        for entry in self._job.request.get("ProcessingInputs", ()):
            source = entry.get("S3Input")
            if source is None:
                raise JobFailedError(f"ClientError: The embedded AWS cannot read input '{entry['InputName']}': not S3.")
            for name, supported in (("S3DataType", "S3Prefix"), ("S3InputMode", "File")):
                if source.get(name, supported) != supported:
                    raise JobFailedError(
                        f"ClientError: The embedded AWS reads inputs with {name} {supported} only, not {source[name]}."
                    )
            target = _inside(root, source["LocalPath"])
            target.mkdir(parents=True, exist_ok=True)
            try:
                self._download_prefix(s3, source, target)
            except (ClientError, BotoCoreError) as error:
                raise JobFailedError(f"ClientError: Data download failed:{error}") from error

    def _download_prefix(self, s3: Any, source: Mapping[str, Any], target: Path) -> None:
        bucket, prefix = _split_uri(source["S3Uri"])
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ()) if not entry["Key"].endswith("/")]
        if not keys:
            raise JobFailedError(
                f'ClientError: Data download failed:No S3 objects found under S3 URL "{source["S3Uri"]}" given in '
                "input data source. Please ensure that the bucket exists in the selected region "
                f"({self._job.scope.region}), that objects exist under that S3 prefix, and that the role "
                f'"{self._job.request["RoleArn"]}" has "s3:ListBucket" permissions on bucket "{bucket}".'
            )
        folder = prefix[: prefix.rfind("/") + 1]
        for key in keys:
            below = key.removeprefix(f"{prefix}/" if key.startswith(f"{prefix}/") else folder)
            path = _inside(target, below)
            path.parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, key, str(path))
            if source.get("S3CompressionType") == "Gzip":
                path.write_bytes(gzip.decompress(path.read_bytes()))

    def _upload(self, root: Path) -> None:
        s3 = self._client("s3")
        for output in self._job.request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
            target = output["S3Output"]
            bucket, prefix = _split_uri(target["S3Uri"])
            folder = _inside(root, target["LocalPath"])
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    key = "/".join(part for part in (prefix, path.relative_to(folder).as_posix()) if part)
                    try:
                        s3.upload_file(str(path), bucket, key)
                    except (ClientError, BotoCoreError, boto3.exceptions.Boto3Error) as error:
                        raise JobFailedError(f"ClientError: Data upload failed:{error}") from error

    # The container

    def _check_shadow_endpoint(self, root: Path) -> None:
        """Fail as the container would if the role lacks what a shadow endpoint of the model takes."""
        try:
            config = json.loads(_inside(root, "/opt/ml/processing/input/config/analysis_config.json").read_text())
            predictor = config.get("predictor") or {}
        except (OSError, ValueError, AttributeError):
            return  # the container says what is wrong with its configuration
        if not isinstance(predictor, Mapping) or "model_name" not in predictor:
            return
        prefix = predictor.get("endpoint_name_prefix") or "sm-clarify"
        names = {"model": predictor["model_name"], "endpoint": f"{prefix}-0123456789"}
        for action, resource in _SHADOW_ENDPOINT:
            arn = self._job.scope.arn(*resource.format(**names).split("/", 1))
            denial = self._platform.denial(self._job.scope, self._credentials.access_key, action, arn)
            if denial is not None:
                operation = action.partition(":")[2]
                raise JobFailedError(
                    f"ClientError: An error occurred (AccessDeniedException) when calling the {operation} operation: "
                    f"{denial}"
                )

    def _run_container(self, root: Path) -> str | None:
        image = self._job.request["AppSpecification"]["ImageUri"]
        if _IMAGE not in image:
            raise JobFailedError(
                f"ClientError: The embedded AWS has no container for the image {image}, only {_IMAGE}."
            )
        for output in self._job.request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
            _inside(root, output["S3Output"]["LocalPath"]).mkdir(parents=True, exist_ok=True)
        message_file = _inside(root, "/opt/ml/output/message")
        message_file.parent.mkdir(parents=True, exist_ok=True)
        container = ContainerProcess(root, self._container_environment(), self._settings.models)
        watcher = threading.Thread(target=self._collect_log, args=(container,), daemon=True)
        watcher.start()
        exit_code = self._wait_for(container)
        watcher.join()
        message = message_file.read_text().strip() if message_file.exists() else None
        if exit_code != 0 and not self._job.stop_requested.is_set():
            raise JobFailedError(
                message or f"AlgorithmError: See job logs for more information, exit code: {exit_code}"
            )
        return message

    def _container_environment(self) -> dict[str, str]:
        credentials = {
            "AWS_ACCESS_KEY_ID": self._credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self._credentials.secret_key,
            "AWS_SESSION_TOKEN": self._credentials.session_token,
            "AWS_DEFAULT_REGION": self._job.scope.region,
            "AWS_ENDPOINT_URL": self._settings.endpoint_url,
            "AWS_CA_BUNDLE": self._settings.ca_bundle,
        }
        return {
            # First: a job's Environment must not redirect this Python.
            **self._job.request.get("Environment", {}),
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{name: value for name, value in credentials.items() if value is not None},
        }

    def _collect_log(self, container: ContainerProcess) -> None:
        for line in container.lines():
            self._log_lines.append(line)
            _log.info("%s: %s", self._job.name, line)

    def _wait_for(self, container: ContainerProcess) -> int:
        """Wait for the container's end, and end it if the job is stopped or runs too long; return its exit code."""
        deadline = (self._job.started or 0) + self._job.max_runtime
        while (exit_code := container.wait(_STOP_WITHIN)) is None:
            if self._job.stop_requested.is_set() or time.time() > deadline:
                self._job.stop_requested.set()
                container.kill()
        return exit_code

    def _write_log(self) -> None:
        """Send what the container printed to CloudWatch Logs; as with SageMaker, a job runs on if it may not."""
        if not self._log_lines:
            return
        logs, stream = self._client("logs"), f"{self._job.name}/algo-1-{int(self._job.created)}"
        now = int(time.time() * 1000)
        try:
            with contextlib.suppress(logs.exceptions.ResourceAlreadyExistsException):
                logs.create_log_group(logGroupName=_LOG_GROUP)
            logs.create_log_stream(logGroupName=_LOG_GROUP, logStreamName=stream)
            logs.put_log_events(
                logGroupName=_LOG_GROUP,
                logStreamName=stream,
                logEvents=[{"timestamp": now, "message": line or " "} for line in self._log_lines],
            )
        except (ClientError, BotoCoreError) as error:
            _log.warning("no logs of processing job %s: %s", self._job.name, error)


def _split_uri(uri: str) -> tuple[str, str]:
    """Split an S3 URI into bucket and key, without a slash at the key's end."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key.rstrip("/")


def _inside(root: Path, path: str) -> Path:
    """Return where a path of the container lies under the job's folder.

    Raises:
        JobFailedError: It would lie outside.
    """
    found = (root / path.lstrip("/")).resolve()
    if not found.is_relative_to(root.resolve()):
        raise JobFailedError(f"ClientError: The path {path} leaves the container's folder.")
    return found
