"""SageMaker's control plane for monitors: processing jobs, Clarify's job definitions, monitoring schedules and tags."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from cdk_clarify_monitors_local.server._errors import ApiError, validation_error
from cdk_clarify_monitors_local.server._faults import Faults
from cdk_clarify_monitors_local.server._job_runner import ProcessingJobRunner
from cdk_clarify_monitors_local.server._platform import Caller, Platform, Scope
from cdk_clarify_monitors_local.server._processing_job import ProcessingJob
from cdk_clarify_monitors_local.server._requests import check_request

Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]

#: The monitoring types with a job definition here, with the ARN segment of each.
DEFINITION_KINDS = {
    "ModelBias": "model-bias-job-definition",
    "ModelExplainability": "model-explainability-job-definition",
}

_PAGE = 100  # the default of MaxResults is 10; no caller here has more than a page


@dataclass
class _Region:
    """What one account has in one region."""

    jobs: dict[str, ProcessingJob] = field(default_factory=dict)
    definitions: dict[tuple[str, str], Answer] = field(default_factory=dict)
    schedules: dict[str, Answer] = field(default_factory=dict)
    tags: dict[str, dict[str, str]] = field(default_factory=dict)


class ControlPlane:
    """Answers SageMaker requests. Every request is checked against AWS's description of the API first."""

    def __init__(self, platform: Platform, runner: ProcessingJobRunner, faults: Faults) -> None:
        self._platform = platform
        self._runner = runner
        self._faults = faults
        self._lock = threading.RLock()
        self._regions: dict[Scope, _Region] = collections.defaultdict(_Region)
        self._operations: dict[str, Callable[[Scope, Request, Caller | None], Answer]] = {
            "CreateProcessingJob": self._create_processing_job,
            "DescribeProcessingJob": self._describe_processing_job,
            "StopProcessingJob": self._stop_processing_job,
            "DeleteProcessingJob": self._delete_processing_job,
            "ListProcessingJobs": self._list_processing_jobs,
            "CreateMonitoringSchedule": self._create_schedule,
            "DescribeMonitoringSchedule": self._describe_schedule,
            "UpdateMonitoringSchedule": self._update_schedule,
            "DeleteMonitoringSchedule": self._delete_schedule,
            "StartMonitoringSchedule": self._start_schedule,
            "StopMonitoringSchedule": self._stop_schedule,
            "ListMonitoringSchedules": self._list_schedules,
            "ListMonitoringExecutions": self._list_executions,
            "ListMonitoringAlerts": self._list_alerts,
            "ListMonitoringAlertHistory": self._list_alert_history,
            "AddTags": self._add_tags,
            "DeleteTags": self._delete_tags,
            "ListTags": self._list_tags,
        }
        for kind in DEFINITION_KINDS:
            self._add_definition_operations(kind)

    @property
    def operations(self) -> frozenset[str]:
        """The operations that are served."""
        return frozenset(self._operations)

    def call(self, scope: Scope, operation: str, request: Request, caller: Caller | None = None) -> Answer:
        """Carry out one request.

        Args:
            scope: The account and region of the request.
            operation: The operation's name, e.g. `CreateProcessingJob`.
            request: Its parameters.
            caller: Who asks. None for CloudFormation, whose own permissions are not in question here.

        Raises:
            ApiError: The request is refused.
        """
        serve = self._operations.get(operation)
        if serve is None:
            raise ApiError("UnknownOperationException", f"The embedded AWS does not serve sagemaker:{operation}.")
        check_request(operation, request)
        with self._lock:
            return serve(scope, request, caller)

    def reset(self) -> None:
        """Stop every job and forget everything."""
        with self._lock:
            for region in self._regions.values():
                for job in region.jobs.values():
                    job.stop()
            self._regions.clear()

    # Processing jobs

    def _create_processing_job(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        region, name = self._regions[scope], request["ProcessingJobName"]
        arn = scope.arn("processing-job", name)
        self._check_create(scope, arn, request, caller)
        if name in region.jobs:
            raise ApiError(
                "ResourceInUse",
                "Job name must be unique within an AWS account and region, "
                f"and a job with this name already exists ({arn})",
            )
        self._check_quota(region, request["ProcessingResources"]["ClusterConfig"])
        region.tags[arn] = _tag_map(request)
        job = ProcessingJob(scope, arn, {key: value for key, value in request.items() if key != "Tags"})
        region.jobs[name] = job
        self._runner.start(job, self._faults.next_job())
        return {"ProcessingJobArn": arn}

    def _check_quota(self, region: _Region, cluster: Mapping[str, Any]) -> None:
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

    def _job(self, scope: Scope, name: str) -> ProcessingJob:
        job = self._regions[scope].jobs.get(name)
        if job is None:
            # The service's own answer, though its reference lists ResourceNotFound.
            raise validation_error(f"Could not find requested job with name: {name}")
        return job

    def _describe_processing_job(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        return self._job(scope, request["ProcessingJobName"]).describe()

    def _stop_processing_job(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        job = self._job(scope, request["ProcessingJobName"])
        if not job.stop():
            raise validation_error(f"The request was rejected because the processing job is in status {job.status}.")
        return {}

    def _delete_processing_job(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        region, name = self._regions[scope], request["ProcessingJobName"]
        # The errors are those of the service's reference; their wording is inferred from that of other operations.
        arn = scope.arn("processing-job", name)
        job = region.jobs.get(name)
        if job is None:
            raise ApiError("ResourceNotFound", f"Could not find requested job with name: {name}")
        if job.is_active:
            raise ApiError("ResourceInUse", f"Processing job {arn} is in status {job.status}; stop it to delete it.")
        del region.jobs[name]
        region.tags.pop(arn, None)
        return {}

    def _list_processing_jobs(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        found = [
            job.summary()
            for job in self._regions[scope].jobs.values()
            if request.get("NameContains", "") in job.name and request.get("StatusEquals", job.status) == job.status
        ]
        newest_first = request.get("SortOrder", "Descending") == "Descending"
        found.sort(key=lambda summary: summary["CreationTime"], reverse=newest_first)
        return {"ProcessingJobSummaries": found[: request.get("MaxResults", _PAGE)]}

    # Job definitions

    def _add_definition_operations(self, kind: str) -> None:
        segment = DEFINITION_KINDS[kind]

        def create(scope: Scope, request: Request, caller: Caller | None) -> Answer:
            region, key = self._regions[scope], (kind, request["JobDefinitionName"])
            arn = scope.arn(segment, request["JobDefinitionName"])
            self._check_create(scope, arn, request, caller)
            if key in region.definitions:
                raise ApiError("ResourceInUse", f"Job Definition {arn} already exists")
            description = {name: value for name, value in request.items() if name != "Tags"}
            region.definitions[key] = {**description, "JobDefinitionArn": arn, "CreationTime": time.time()}
            region.tags[arn] = _tag_map(request)
            return {"JobDefinitionArn": arn}

        def describe(scope: Scope, request: Request, caller: Caller | None) -> Answer:
            definition = self._regions[scope].definitions.get((kind, request["JobDefinitionName"]))
            if definition is None:
                arn = scope.arn(segment, request["JobDefinitionName"])
                raise ApiError("ResourceNotFound", f"Could not find requested job definition with name: {arn}")
            return dict(definition)

        def delete(scope: Scope, request: Request, caller: Caller | None) -> Answer:
            region = self._regions[scope]
            arn = describe(scope, request, caller)["JobDefinitionArn"]
            del region.definitions[kind, request["JobDefinitionName"]]
            region.tags.pop(arn, None)
            return {}

        def list_(scope: Scope, request: Request, caller: Caller | None) -> Answer:
            return {
                "JobDefinitionSummaries": [
                    {
                        "MonitoringJobDefinitionName": definition["JobDefinitionName"],
                        "MonitoringJobDefinitionArn": definition["JobDefinitionArn"],
                        "CreationTime": definition["CreationTime"],
                        "EndpointName": definition[f"{kind}JobInput"].get("EndpointInput", {}).get("EndpointName", ""),
                    }
                    for (owner, _), definition in self._regions[scope].definitions.items()
                    if owner == kind
                ]
            }

        self._operations |= {
            f"Create{kind}JobDefinition": create,
            f"Describe{kind}JobDefinition": describe,
            f"Delete{kind}JobDefinition": delete,
            f"List{kind}JobDefinitions": list_,
        }

    # Monitoring schedules

    def _check_schedule(self, scope: Scope, request: Request) -> None:
        config = request["MonitoringScheduleConfig"]
        name, kind = config.get("MonitoringJobDefinitionName"), config.get("MonitoringType")
        if name is not None and (kind, name) not in self._regions[scope].definitions:
            raise ApiError("ResourceNotFound", f"Could not find requested {kind} job definition with name: {name}")

    def _create_schedule(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        region, name = self._regions[scope], request["MonitoringScheduleName"]
        arn = scope.arn("monitoring-schedule", name)
        self._check_create(scope, arn, request, caller)
        if name in region.schedules:
            raise ApiError("ResourceInUse", f"Monitoring Schedule {arn} already exists")
        self._check_schedule(scope, request)
        now = time.time()
        region.schedules[name] = {
            "MonitoringScheduleArn": arn,
            "MonitoringScheduleName": name,
            "MonitoringScheduleStatus": "Scheduled",
            "MonitoringScheduleConfig": request["MonitoringScheduleConfig"],
            "CreationTime": now,
            "LastModifiedTime": now,
        }
        if "MonitoringType" in request["MonitoringScheduleConfig"]:
            region.schedules[name]["MonitoringType"] = request["MonitoringScheduleConfig"]["MonitoringType"]
        region.tags[arn] = _tag_map(request)
        return {"MonitoringScheduleArn": arn}

    def _schedule(self, scope: Scope, request: Request) -> Answer:
        schedule = self._regions[scope].schedules.get(request["MonitoringScheduleName"])
        if schedule is None:
            arn = scope.arn("monitoring-schedule", request["MonitoringScheduleName"])
            raise ApiError("ResourceNotFound", f"Monitoring Schedule {arn} not found")
        return schedule

    def _idle_schedule(self, scope: Scope, request: Request) -> Answer:
        schedule = self._schedule(scope, request)
        if self._faults.is_executing(schedule["MonitoringScheduleName"]):
            # What is refused is documented, the service's wording is not.
            raise validation_error(f"Monitoring Schedule {schedule['MonitoringScheduleArn']} has an execution running")
        return schedule

    def _describe_schedule(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        schedule = dict(self._schedule(scope, request))
        name = schedule["MonitoringScheduleName"]
        if self._faults.is_executing(name):
            job = scope.arn("processing-job", f"model-monitoring-of-{name}"[:63])
            schedule["LastMonitoringExecutionSummary"] = {
                "MonitoringScheduleName": name,
                "MonitoringExecutionStatus": "InProgress",
                "ProcessingJobArn": job,
                "ScheduledTime": schedule["CreationTime"],
                "CreationTime": schedule["CreationTime"],
                "LastModifiedTime": schedule["CreationTime"],
            }
        return schedule

    def _update_schedule(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        schedule = self._idle_schedule(scope, request)
        self._check_schedule(scope, request)
        schedule["MonitoringScheduleConfig"] = request["MonitoringScheduleConfig"]
        schedule["LastModifiedTime"] = time.time()
        return {"MonitoringScheduleArn": schedule["MonitoringScheduleArn"]}

    def _delete_schedule(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        schedule = self._idle_schedule(scope, request)
        region = self._regions[scope]
        del region.schedules[request["MonitoringScheduleName"]]
        region.tags.pop(schedule["MonitoringScheduleArn"], None)
        return {}

    def _start_schedule(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        self._schedule(scope, request)["MonitoringScheduleStatus"] = "Scheduled"
        return {}

    def _stop_schedule(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        self._schedule(scope, request)["MonitoringScheduleStatus"] = "Stopped"
        return {}

    def _list_schedules(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        shown = (
            "MonitoringScheduleName",
            "MonitoringScheduleArn",
            "MonitoringScheduleStatus",
            "MonitoringType",
            "CreationTime",
            "LastModifiedTime",
        )
        return {
            "MonitoringScheduleSummaries": [
                {name: schedule[name] for name in shown if name in schedule}
                for schedule in self._regions[scope].schedules.values()
                if request.get("NameContains", "") in schedule["MonitoringScheduleName"]
                and request.get("StatusEquals") in (None, schedule["MonitoringScheduleStatus"])
                and request.get("MonitoringTypeEquals") in (None, schedule.get("MonitoringType"))
            ]
        }

    def _list_executions(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        # Schedules are kept, not carried out: there is no endpoint whose captured data could be analysed.
        return {"MonitoringExecutionSummaries": []}

    def _list_alerts(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        # SageMaker makes an alert with each schedule; its name and numbers are documented nowhere.
        self._schedule(scope, request)
        return {}  # the model allows no empty list

    def _list_alert_history(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        return {}

    # Tags

    def _tagged(self, scope: Scope, request: Request) -> dict[str, str]:
        tags = self._regions[scope].tags.get(request["ResourceArn"])
        if tags is None:
            raise validation_error(f"Could not find resource with ARN {request['ResourceArn']}")
        return tags

    def _add_tags(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        tags = self._tagged(scope, request)
        tags |= _tag_map(request)
        return {"Tags": _tag_list(tags)}

    def _delete_tags(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        tags = self._tagged(scope, request)
        for key in request["TagKeys"]:
            tags.pop(key, None)
        return {}

    def _list_tags(self, scope: Scope, request: Request, caller: Caller | None) -> Answer:
        return {"Tags": _tag_list(self._tagged(scope, request))}

    # Permissions

    def _check_create(self, scope: Scope, arn: str, request: Request, caller: Caller | None) -> None:
        """Check the role of a new resource, and that the caller may pass it on and may tag."""
        if caller is not None and request.get("Tags"):
            self._require(scope, caller, "sagemaker:AddTags", arn)
        role = request.get("RoleArn")
        if role is None:
            return
        if caller is not None:
            self._require(scope, caller, "iam:PassRole", role, {"iam:PassedToService": "sagemaker.amazonaws.com"})
        policy = self._platform.trust_policy(scope, role)
        if policy is None or not _trusts_sagemaker(policy):
            raise validation_error(
                f"Could not assume role {role}. Please ensure that the role exists and allows principal "
                "'sagemaker.amazonaws.com' to assume the role."
            )

    def _require(
        self, scope: Scope, caller: Caller, action: str, resource: str, context: Mapping[str, str] | None = None
    ) -> None:
        denial = self._platform.denial(scope, caller.access_key, action, resource, context)
        if denial is not None:
            raise ApiError("AccessDeniedException", denial)


def _trusts_sagemaker(policy: Mapping[str, Any]) -> bool:
    statements = policy.get("Statement", [])
    for statement in [statements] if isinstance(statements, Mapping) else statements:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, Mapping) else []
        trusted = [services] if isinstance(services, str) else services
        if statement.get("Effect") == "Allow" and "sagemaker.amazonaws.com" in trusted:
            return True
    return False


def _tag_map(request: Request) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in request.get("Tags") or ()}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
