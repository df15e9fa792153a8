"""Translates the steps of recorded cases, which are calls of the SDK, into calls of the client."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

import cdk_clarify_monitors as constructs
from cdk_clarify_monitors_operations import (
    AccessDenied,
    BatchTransformInput,
    ClarifyBaseliningJob,
    ClarifyModelMonitor,
    ClarifyMonitoringExecution,
    ClarifyOperationsError,
    Constraints,
    ConstraintViolations,
    EndpointInput,
    InvalidFile,
    JobFailed,
    LogLine,
    ModelBiasMonitor,
    ModelExplainabilityMonitor,
    MonitoringAlertHistorySummary,
    MonitoringAlertSummary,
    MonitoringDatasetFormat,
    MonitoringFile,
    NetworkConfig,
    NoBaseline,
    NoProcessingJob,
    NothingToUpdate,
    ProcessingJob,
    ResultMissing,
    ScheduleFailed,
    Statistics,
    WaitTimeout,
    WrongMonitorType,
)

MONITORS = {"ModelBiasMonitor": ModelBiasMonitor, "ModelExplainabilityMonitor": ModelExplainabilityMonitor}
FILES = {"Constraints": Constraints, "ConstraintViolations": ConstraintViolations, "Statistics": Statistics}

# The judge's names of errors, as far as a class of ours means the same.
KINDS: dict[type[Exception], str] = {
    AccessDenied: "AccessDenied",
    InvalidFile: "InvalidFile",
    JobFailed: "JobFailed",
    NoBaseline: "NoBaseline",
    NoProcessingJob: "NoJob",
    NothingToUpdate: "NothingToUpdate",
    ResultMissing: "NotFound",
    ScheduleFailed: "Failed",
    WaitTimeout: "Timeout",
    WrongMonitorType: "WrongType",
}

# The client's own classes come first; configuration objects are those of the constructs.
VALUES = {
    "BatchTransformInput": BatchTransformInput,
    "EndpointInput": EndpointInput,
    "MonitoringDatasetFormat": MonitoringDatasetFormat,
    "NetworkConfig": NetworkConfig,
}

# What the client does not take: S3 decrypts by itself, and analysis.json has one name.
DROPPED = {
    "suggested_constraints": {"file_name", "kms_key"},
    "constraint_violations": {"kms_key"},
    "wait": {"logs"},
    "list_monitoring_alerts": {"next_token", "max_results"},
    "list_monitoring_alert_history": {"next_token", "max_results"},
}
TIMES = ("creation_time_before", "creation_time_after")
# What the SDK returns nothing of.
NOTHING = ("update_monitoring_schedule", "update_monitoring_alert", "wait", "stop")


class NoScheduleError(Exception):
    """The client has no monitors without a schedule."""

    kind = "NoSchedule"


class NewMonitor:
    """The SDK's monitor before it has a schedule. All that it could be asked for is its baselining job."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._job: ClarifyBaseliningJob | None = None

    def suggest_baseline(self, **arguments: Any) -> None:
        # A deployment starts the job; its name is what the client is told.
        self._job = ClarifyBaseliningJob(arguments["job_name"], self._session)

    def describe_latest_baselining_job(self) -> dict[str, Any]:
        if self._job is None:
            raise NoBaseline("There is no baselining job.")
        return self._job.describe()

    def suggested_constraints(self) -> Constraints:
        if self._job is None:
            raise NoBaseline("There is no baselining job.")
        return self._job.suggested_constraints()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise NoScheduleError(f"{name}: there is no monitoring schedule.")


class Driver:
    """Runs the steps of a case."""

    results: list[Any]

    def begin(self, fake: Any, inputs: dict[str, Any]) -> None:
        self.session = fake.session
        self.monitor: Any = None
        # The fake has no CloudFormation; here nothing was made by a stack.
        self.session.events.register("before-call.cloudformation.DescribeStackResources", _no_stack)

    def end(self) -> None:
        """The session ends with the fake."""

    def step(self, inputs: dict[str, Any], step: dict[str, Any]) -> Any:
        try:
            return self._step(inputs, step)
        except ClarifyOperationsError as error:
            kind = next((KINDS[each] for each in type(error).__mro__ if each in KINDS), None)
            if kind is not None:
                error.kind = kind  # type: ignore[attr-defined]
            raise

    def _step(self, inputs: dict[str, Any], step: dict[str, Any]) -> Any:
        owner, _, name = step["call"].rpartition(".")
        arguments = [self._value(value) for value in step.get("args", [])]
        keywords = {key: self._value(value) for key, value in step.get("kwargs", {}).items()}
        keywords = {key: value for key, value in keywords.items() if key not in DROPPED.get(name, ())}
        if name == "attach":
            self.monitor = MONITORS[inputs["monitor_kind"]].attach(*arguments, **{"session": self.session, **keywords})
            return self.monitor
        if name == "new_monitor":
            self.monitor = NewMonitor(self.session)
            return None
        if name == "ClarifyBaseliningJob":
            keywords.pop("output_kms_key", None)  # SageMaker knows it
            name = arguments[0] if arguments else keywords.pop("job_name")
            return ClarifyBaseliningJob(name, self.session, **keywords)
        if name in FILES:
            return self._value({"$type": name, **keywords})
        if owner == "ClarifyMonitoringExecution":
            return getattr(ClarifyMonitoringExecution, name)(*arguments, session=self.session, **keywords)
        if owner in FILES:
            if arguments == []:
                arguments = [keywords.pop(next(key for key in keywords if key.endswith(("_uri", "_string", "_path"))))]
            return getattr(FILES[owner], name)(*arguments, session=self.session, **keywords)
        return self._called(self._target(step), name, arguments, keywords)

    @staticmethod
    def _called(target: Any, name: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
        for key in TIMES:
            if isinstance(keywords.get(key), str):
                keywords[key] = datetime.fromisoformat(keywords[key])
        result = getattr(target, name)(*arguments, **keywords)
        if name in NOTHING:
            return None
        lazy = ("list_executions", "list_monitoring_alerts", "list_monitoring_alert_history")
        return list(result) if name in lazy or name.endswith("logs") else result

    def _target(self, step: dict[str, Any]) -> Any:
        if "on" not in step:
            return self.monitor
        result = self.results[step["on"]["step"]]
        return result if step["on"].get("index") is None else result[step["on"]["index"]]

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if not isinstance(value, dict):
            return value
        values = {key: self._value(each) for key, each in value.items()}
        if "$type" not in values:
            return values
        owner, _, method = values.pop("$type").partition(".")
        if owner in FILES:
            positional = [values.pop(key) for key in [*values] if key.endswith(("_uri", "_string", "_path"))]
            if method:
                return getattr(FILES[owner], method)(*positional, session=self.session, **values)
            return FILES[owner](values.pop("body_dict"), *positional, **{"session": self.session, **values})
        made = VALUES.get(owner) or getattr(constructs, owner)
        return (getattr(made, method) if method else made)(**values)

    def neutral(self, result: Any) -> Any:
        if isinstance(result, ClarifyModelMonitor):
            return _neutral_monitor(result)
        if isinstance(result, ClarifyMonitoringExecution):
            return _neutral_execution(result, with_job=True)
        if isinstance(result, ProcessingJob):
            return {"processing_job_name": result.processing_job_name}
        if isinstance(result, MonitoringFile):
            return {"s3_uri": result.file_s3_uri, "body": result.body_dict, "kms_key": result.kms_key}
        if isinstance(result, list) and all(isinstance(each, ClarifyMonitoringExecution) for each in result):
            return [_neutral_execution(each, with_job=False) for each in result]
        if isinstance(result, list) and all(isinstance(each, LogLine) for each in result):
            return {"log_lines": [line.message for line in result]}
        if isinstance(result, list):
            return {"items": [_neutral_alert(each) for each in result]}
        return result


def _no_stack(**_: Any) -> tuple[AWSResponse, dict[str, Any]]:
    error = {"Code": "ValidationError", "Message": "Stack for this resource does not exist"}
    return AWSResponse("", 400, HTTPHeaders(), None), {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}}


def _neutral_monitor(monitor: ClarifyModelMonitor) -> dict[str, Any]:
    network = monitor.network_config
    names = (
        "monitoring_schedule_name",
        "job_definition_name",
        "role",
        "instance_count",
        "instance_type",
        "volume_size_in_gb",
        "volume_kms_key",
        "output_kms_key",
        "max_runtime_in_seconds",
        "env",
    )
    return {
        **{name: getattr(monitor, name) for name in names},
        "tags": [{"Key": key, "Value": value} for key, value in monitor.tags.items()],
        "network_config": network.to_dict() if network else None,
        "monitor": type(monitor).__name__,
    }


def _neutral_execution(execution: ClarifyMonitoringExecution, *, with_job: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "processing_job_name": execution.processing_job_name,
        "processing_job_arn": execution.processing_job_arn,
        "scheduled_time": execution.scheduled_time,
        "status": execution.status,
        "failure_reason": execution.failure_reason,
    }
    if with_job:
        found["output_s3_uri"] = execution.output_s3_uri
        found["output_kms_key"] = execution.output_kms_key
        found["inputs"] = [each.to_dict() for each in execution.inputs]
    return found


def _neutral_alert(alert: MonitoringAlertSummary | MonitoringAlertHistorySummary) -> dict[str, Any]:
    found = alert.to_dict()
    if isinstance(alert, MonitoringAlertSummary):
        found["actions"] = {"model_dashboard_indicator": {"enabled": found.pop("dashboard_indicator")}}
    return found
