"""SageMaker Clarify monitors after the deployment: see, explain and change what runs.

boto3 is imported when the first request is sent; `drift` never needs it.
"""

from ._alerts import MonitoringAlertHistorySummary, MonitoringAlertSummary
from ._captured_data import DataSearch, FailureExplanation
from ._constraint_check import NDCG_THRESHOLD, DriftResult, drift
from ._doctor import Finding
from ._errors import (
    AccessDenied,
    AlertNotFound,
    ClarifyOperationsError,
    DefinitionNotFound,
    InvalidArgument,
    InvalidChange,
    InvalidFile,
    JobFailed,
    JobNotFound,
    ManagedByStack,
    NoBaseline,
    NoExecutions,
    NoProcessingJob,
    NotFound,
    NothingToUpdate,
    NotReady,
    NotSupported,
    ResultMissing,
    ScheduleFailed,
    ScheduleNotFound,
    ServiceError,
    WaitTimeout,
    WrongMonitorType,
)
from ._execution import ClarifyMonitoringExecution, S3File
from ._files import (
    BiasMetric,
    Constraints,
    ConstraintViolations,
    FeatureAttribution,
    MonitoringFile,
    Statistics,
    Violation,
)
from ._inputs import REMOVE, BatchTransformInput, EndpointInput, MonitoringDatasetFormat, NetworkConfig
from ._logs import LogLine
from ._monitor import ClarifyModelMonitor, ModelBiasMonitor, ModelExplainabilityMonitor
from ._operations import MonitoringScheduleSummary, MonitorOperations
from ._processing_job import ClarifyBaseliningJob, JobInput, ProcessingJob
from ._update import Change, PlannedCall

__all__ = [
    # monitors
    "MonitorOperations",
    "MonitoringScheduleSummary",
    "ClarifyModelMonitor",
    "ModelBiasMonitor",
    "ModelExplainabilityMonitor",
    # executions and jobs
    "ClarifyMonitoringExecution",
    "ClarifyBaseliningJob",
    "ProcessingJob",
    "JobInput",
    "LogLine",
    "S3File",
    "FailureExplanation",
    "DataSearch",
    # results
    "MonitoringFile",
    "Constraints",
    "BiasMetric",
    "FeatureAttribution",
    "ConstraintViolations",
    "Violation",
    "Statistics",
    "drift",
    "DriftResult",
    "NDCG_THRESHOLD",
    # changes
    "EndpointInput",
    "BatchTransformInput",
    "MonitoringDatasetFormat",
    "NetworkConfig",
    "REMOVE",
    "Change",
    "PlannedCall",
    # alerts
    "MonitoringAlertSummary",
    "MonitoringAlertHistorySummary",
    # examination
    "Finding",
    # errors
    "ClarifyOperationsError",
    "ServiceError",
    "AccessDenied",
    "NotFound",
    "ScheduleNotFound",
    "DefinitionNotFound",
    "JobNotFound",
    "AlertNotFound",
    "InvalidArgument",
    "InvalidChange",
    "NothingToUpdate",
    "NotSupported",
    "WrongMonitorType",
    "ManagedByStack",
    "NoBaseline",
    "NoExecutions",
    "NoProcessingJob",
    "JobFailed",
    "NotReady",
    "ResultMissing",
    "InvalidFile",
    "ScheduleFailed",
    "WaitTimeout",
]
