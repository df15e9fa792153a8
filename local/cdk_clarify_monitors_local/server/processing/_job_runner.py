"""Runs processing jobs: S3 in, the stand-in for the Clarify container, S3 out.

A job works with the credentials of its own role, as SageMaker's agent and the container do, so that with IAM enforced
a role that lacks a permission fails its job.
"""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdk_clarify_monitors_local.container import _process
from cdk_clarify_monitors_local.container.monitoring._contract import ENDPOINT_MODEL, JOB_CONFIG
from cdk_clarify_monitors_local.server._clients import Clients
from cdk_clarify_monitors_local.server._errors import JobFailedError
from cdk_clarify_monitors_local.server._faults import JobFault
from cdk_clarify_monitors_local.server._platform import Platform
from cdk_clarify_monitors_local.server.cloudwatch import _cloudwatch_logs
from cdk_clarify_monitors_local.server.processing import _job_data, _shadow_endpoint
from cdk_clarify_monitors_local.server.processing._container import ContainerProcess
from cdk_clarify_monitors_local.server.processing._processing_job import ProcessingJob

_log = logging.getLogger("sagemaker")

_LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_IMAGES = ("sagemaker-clarify-processing", "sagemaker-model-monitor-groundtruth-merger")
_STOP_WITHIN = 0.05  # seconds from the wish to stop a job to its end


@dataclass(frozen=True)
class RunnerSettings:
    """How jobs reach the emulator and what they run.

    Attributes:
        clients: How to reach the emulator.
        directory: Where jobs keep their files.
        models: The joblib file of each model, by the model's name. May grow while jobs run.
    """

    clients: Clients
    directory: Path
    models: Mapping[str, str]


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
            job.finish("Failed", failure_reason=str(error), exit_message=fault.exit_message or error.exit_message)
        except Exception:
            _log.exception("processing job %s", job.name)
            job.finish("Failed", failure_reason="InternalServerError: We encountered an internal error.")
        _log.info("processing job %s: %s %s", job.name, job.status, job.failure_reason or "")
        try:
            self._announce(job)
        finally:
            job.over.set()  # last: who waits for the job finds its event, too

    def _announce(self, job: ProcessingJob) -> None:
        self._platform.publish(job.scope, "SageMaker Processing Job State Change", job.arn, job.event())


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
        job.begin()
        with tempfile.TemporaryDirectory(prefix="processing-", dir=self._settings.directory) as folder:
            root = Path(folder)
            try:
                if fault.failure_reason is not None:
                    self._run_for(fault.seconds)
                    raise JobFailedError(fault.failure_reason)
                _job_data.download(self._client("s3"), job, root)
                config = root / _process.CONFIG
                _shadow_endpoint.check_permissions(self._platform, job.scope, self._credentials.access_key, config)
                message = self._run_container(root)
                self._run_for(fault.seconds)
                if not fault.without_results and not job.stop_requested.is_set():
                    _job_data.upload(self._client("s3"), job, root)
            finally:
                self._write_log()
        job.finish(
            "Stopped" if job.stop_requested.is_set() else "Completed", exit_message=fault.exit_message or message
        )

    def _run_for(self, seconds: float) -> None:
        """Wait until it has run for so long, or has to stop."""
        left = seconds - self._job.seconds_run
        too_long = left > self._job.seconds_left
        self._job.stop_requested.wait(max(0.0, min(left, self._job.seconds_left)))
        if too_long:
            self._job.stop_requested.set()

    def _client(self, service: str) -> Any:
        return self._settings.clients.make(service, self._job.scope.region, self._credentials)

    def _run_container(self, root: Path) -> str | None:
        image = self._job.request["AppSpecification"]["ImageUri"]
        if not any(known in image for known in _IMAGES):
            raise JobFailedError(
                f"ClientError: The embedded AWS has no container for the image {image}, only {_IMAGES[0]}."
            )
        _job_data.make_output_folders(self._job, root)
        message_file = root / _process.MESSAGE
        message_file.parent.mkdir(parents=True, exist_ok=True)
        _write_config(self._job, root)
        container = ContainerProcess(root, self._container_environment(), self._settings.models)
        watcher = threading.Thread(target=self._collect_log, args=(container,), daemon=True)
        watcher.start()
        exit_code = self._wait_for(container)
        watcher.join()
        message = message_file.read_text().strip() if message_file.exists() else None
        if exit_code != 0 and not self._job.stop_requested.is_set():
            reason = message or f"AlgorithmError: See job logs for more information, exit code: {exit_code}"
            raise JobFailedError(reason, _text_of(reason) if self._job.schedule_arn is not None else None)
        return message

    def _container_environment(self) -> dict[str, str]:
        own = {
            "AWS_ACCESS_KEY_ID": self._credentials.access_key,
            "AWS_SECRET_ACCESS_KEY": self._credentials.secret_key,
            "AWS_SESSION_TOKEN": self._credentials.session_token,
            "AWS_DEFAULT_REGION": self._job.scope.region,
            "AWS_ENDPOINT_URL": self._settings.clients.endpoint_url,
            "AWS_CA_BUNDLE": self._settings.clients.ca_bundle,
            ENDPOINT_MODEL: self._job.endpoint_model,
        }
        return {
            # First: a job's Environment must not redirect this Python.
            **self._job.request.get("Environment", {}),
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{name: value for name, value in own.items() if value is not None},
        }

    def _collect_log(self, container: ContainerProcess) -> None:
        for line in container.lines():
            self._log_lines.append(line)
            _log.info("%s: %s", self._job.name, line)

    def _wait_for(self, container: ContainerProcess) -> int:
        """Wait for the container's end, and end it if the job is stopped or runs too long; return its exit code."""
        while (exit_code := container.wait(_STOP_WITHIN)) is None:
            if self._job.stop_requested.is_set() or self._job.seconds_left < 0:
                self._job.stop_requested.set()
                container.kill()
        return exit_code

    def _write_log(self) -> None:
        """Send what the container printed to CloudWatch Logs; as with SageMaker, a job runs on if it may not."""
        stream = f"{self._job.name}/algo-1-{int(self._job.created)}"
        _cloudwatch_logs.write(self._client("logs"), _LOG_GROUP, stream, self._log_lines)


def _write_config(job: ProcessingJob, root: Path) -> None:
    """Tell the container about its job, as SageMaker does."""
    path = root / JOB_CONFIG
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"ProcessingJobArn": job.arn, **job.request}))


def _text_of(reason: str) -> str:
    """Return what the container said, of a FailureReason made of it."""
    return re.sub(r", exit code: \d+$", "", re.sub(r"^(?:Client|Algorithm)Error: ", "", reason))
