"""Transform jobs: create, describe, stop, list."""

from __future__ import annotations

from collections.abc import Mapping

from cdk_clarify_monitors_local.server._clock import Clock
from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._platform import Caller
from cdk_clarify_monitors_local.server.sagemaker._listing import list_page
from cdk_clarify_monitors_local.server.sagemaker._permissions import Permissions
from cdk_clarify_monitors_local.server.sagemaker._region import Answer, Operation, Region, Request
from cdk_clarify_monitors_local.server.sagemaker._tags import tag_map, without_tags
from cdk_clarify_monitors_local.server.sagemaker.hosting._models import model_of
from cdk_clarify_monitors_local.server.transform._job_runner import TransformJobRunner
from cdk_clarify_monitors_local.server.transform._records import Processing
from cdk_clarify_monitors_local.server.transform._transform_job import TransformJob

_SUMMARY = (
    "TransformJobName",
    "TransformJobArn",
    "CreationTime",
    "TransformEndTime",
    "LastModifiedTime",
    "TransformJobStatus",
    "FailureReason",
)


class TransformJobs:
    """Serves transform jobs.

    Args:
        permissions: What IAM says.
        runner: Runs the jobs.
        clock: Dates the jobs.
    """

    def __init__(self, permissions: Permissions, runner: TransformJobRunner, clock: Clock) -> None:
        self._permissions = permissions
        self._runner = runner
        self._clock = clock
        self.operations: Mapping[str, Operation] = {
            "CreateTransformJob": self._create,
            "DescribeTransformJob": self._describe,
            "StopTransformJob": self._stop,
            "ListTransformJobs": self._list,
        }

    def _create(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        name = request["TransformJobName"]
        arn = region.scope.arn("transform-job", name)
        self._permissions.check_create(region.scope, arn, request, caller)
        if name in region.transform_jobs:
            raise ApiError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, "
                f"and a job with this name already exists ({arn})",
            )
        model = model_of(region, request["ModelName"])
        job = TransformJob(region.scope, arn, without_tags(request), model.get("ExecutionRoleArn"), self._clock)
        _check_processing(job)
        region.transform_jobs[name] = job
        region.tags[arn] = tag_map(request)
        self._runner.start(job)
        return {"TransformJobArn": arn}

    def _job(self, region: Region, request: Request) -> TransformJob:
        name = request["TransformJobName"]
        if name not in region.transform_jobs:
            raise validation_error(f"Could not find requested job with name: {name}")
        return region.transform_jobs[name]

    def _describe(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return self._job(region, request).describe()

    def _stop(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        job = self._job(region, request)
        if not job.stop():
            raise validation_error(f"The request was rejected because the transform job is in status {job.status}.")
        return {}

    def _list(self, region: Region, request: Request, caller: Caller | None) -> Answer:
        return list_page(
            request,
            [job.summary() for job in region.transform_jobs.values()],
            answer="TransformJobSummaries",
            shown=_SUMMARY,
            name="TransformJobName",
            status="TransformJobStatus",
        )


def _check_processing(job: TransformJob) -> None:
    # What is refused is documented; the wordings are inferred.
    try:
        processing = Processing.of(job.request, job.created)
    except ValueError as error:
        raise validation_error(str(error)) from error
    source, output = job.request["TransformInput"], job.request["TransformOutput"]
    split_type = source.get("SplitType", "None")
    if split_type not in ("None", "Line"):
        raise validation_error(f"The embedded AWS does not split {split_type} files, only lines.")
    is_csv = source.get("ContentType", "").partition(";")[0] == "text/csv"
    needs_rows = processing.looks_at_output or not processing.input_filter.is_root
    if is_csv and needs_rows and not (split_type == "Line" and output.get("AssembleWith", "None") == "Line"):
        raise validation_error(
            "To filter or join CSV, or to generate inference ids for it, set SplitType and AssembleWith to Line."
        )
