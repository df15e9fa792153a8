"""Processing jobs: create, describe, stop, delete, list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.processing._job_runner import ProcessingJobRunner
from cdk_clarify_monitors_local.server.processing._processing_job import ProcessingJob
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import PAGE, Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map, without_tags


class ProcessingJobs:
    """Serves processing jobs.

    Args:
        permissions: What IAM says.
        runner: Runs the jobs.
        faults: What goes wrong because a test wants it to.
        clock: Dates the jobs.
    """

    def __init__(self, permissions: Permissions, runner: ProcessingJobRunner, faults: Faults, clock: Clock) -> None:
        self._permissions = permissions
        self._runner = runner
        self._faults = faults
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateProcessingJob": self._create,
            "DescribeProcessingJob": self._describe,
            "StopProcessingJob": self._stop,
            "DeleteProcessingJob": self._delete,
            "ListProcessingJobs": self._list,
        }

    def _create(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["ProcessingJobName"]
        arn = region.scope.arn("processing-job", name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if name in region.jobs:
            raise ApiError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, "
                f"and a job with this name already exists ({arn})",
            )
        self._check_quota(region, request["ProcessingResources"]["ClusterConfig"])
        self._start(region, arn, request)
        return {"ProcessingJobArn": arn}

    def start(
        self, region: Region, request: Request, schedule_arn: str, endpoint_model: str | None = None
    ) -> ProcessingJob:
        """Start a job of a monitoring schedule.

        Args:
            region: Where.
            request: As for CreateProcessingJob.
            schedule_arn: The schedule's ARN.
            endpoint_model: The name of the model behind the endpoint that is monitored; None: there is none.

        Raises:
            ApiError: SageMaker cannot assume the role, or there are too many jobs.
        """
        arn = region.scope.arn("processing-job", request["ProcessingJobName"])
        self._permissions.check_create(region.scope, arn, request, None)
        self._check_quota(region, request["ProcessingResources"]["ClusterConfig"])
        return self._start(region, arn, request, schedule_arn, endpoint_model)

    def _start(
        self,
        region: Region,
        arn: str,
        request: Request,
        schedule_arn: str | None = None,
        endpoint_model: str | None = None,
    ) -> ProcessingJob:
        job = ProcessingJob(region.scope, arn, without_tags(request), self._clock, schedule_arn, endpoint_model)
        region.tags[arn] = tag_map(request)
        region.jobs[job.name] = job
        self._runner.start(job, self._faults.next_job())
        return job

    def _check_quota(self, region: Region, cluster: Mapping[str, Any]) -> None:
        quota = self._faults.processing_quota
        if quota is None:
            return
        used = sum(job.instance_count for job in region.jobs.values() if job.is_active)
        wanted = cluster["InstanceCount"]
        if used + wanted > quota:
            raise ApiError(
                "ResourceLimitExceeded",
                f"The account-level service limit '{cluster['InstanceType']} for processing job usage' is {quota} "
                f"Instances, with current utilization of {used} Instances and a request delta of {wanted} Instances. "
                "Please use AWS Service Quotas to request an increase for this quota.",
            )

    def _job(self, region: Region, request: Request) -> ProcessingJob:
        name = request["ProcessingJobName"]
        job = region.jobs.get(name)
        if job is None:
            # The service's own answer, though its reference lists ResourceNotFound.
            raise validation_error(f"Could not find requested job with name: {name}")
        return job

    def _describe(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return self._job(region, request).describe()

    def _stop(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        job = self._job(region, request)
        if not job.stop():
            raise validation_error(f"The request was rejected because the processing job is in status {job.status}.")
        return {}

    def _delete(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["ProcessingJobName"]
        # The errors are those of the service's reference; their wording is inferred from that of other operations.
        arn = region.scope.arn("processing-job", name)
        job = region.jobs.get(name)
        if job is None:
            raise ApiError("ResourceNotFound", f"Could not find requested job with name: {name}")
        if job.is_active:
            raise ApiError("ResourceInUse", f"Processing job {arn} is in status {job.status}; stop it to delete it.")
        del region.jobs[name]
        region.tags.pop(arn, None)
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        found = [
            job.summary()
            for job in region.jobs.values()
            if request.get("NameContains", "") in job.name and request.get("StatusEquals", job.status) == job.status
        ]
        newest_first = request.get("SortOrder", "Descending") == "Descending"
        found.sort(key=lambda summary: summary["CreationTime"], reverse=newest_first)
        return {"ProcessingJobSummaries": found[: request.get("MaxResults", PAGE)]}
