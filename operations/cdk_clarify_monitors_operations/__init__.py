"""Client for deployed SageMaker Clarify monitors: list, explain and change them.

boto3 is imported when the first request is sent; `drift` never needs it.
"""

from cdk_clarify_monitors_operations._alerts import MonitoringAlertHistorySummary, MonitoringAlertSummary
from cdk_clarify_monitors_operations._doctor import Finding
from cdk_clarify_monitors_operations._errors import (
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
from cdk_clarify_monitors_operations._execution import ClarifyMonitoringExecution, S3File
from cdk_clarify_monitors_operations._logs import LogLine
from cdk_clarify_monitors_operations._monitor import ClarifyModelMonitor, ModelBiasMonitor, ModelExplainabilityMonitor
from cdk_clarify_monitors_operations._operations import MonitoringScheduleSummary, MonitorOperations, MonitorOverview
from cdk_clarify_monitors_operations._processing_job import ClarifyBaseliningJob, JobInput, ProcessingJob
from cdk_clarify_monitors_operations.data._captured_data import DataSearch, FailureExplanation
from cdk_clarify_monitors_operations.data._constraint_check import NDCG_THRESHOLD, DriftResult, drift
from cdk_clarify_monitors_operations.data._files import (
    BiasMetric,
    Constraints,
    ConstraintViolations,
    FeatureAttribution,
    MonitoringFile,
    Statistics,
    Violation,
)
from cdk_clarify_monitors_operations.definitions._inputs import (
    REMOVE,
    BatchTransformInput,
    EndpointInput,
    MonitoringDatasetFormat,
    NetworkConfig,
)
from cdk_clarify_monitors_operations.definitions._update import Change, PlannedCall
from cdk_clarify_monitors_operations.report._numbers import (
    AttributionSeries,
    BiasSeries,
    FeatureSeries,
    ReportedExecution,
    ReportedViolation,
    ReportNumbers,
)
from cdk_clarify_monitors_operations.report._reading import Unreadable
from cdk_clarify_monitors_operations.report._report import MonitorReport

__all__ = [
    # monitors
    "MonitorOperations",
    "MonitoringScheduleSummary",
    "MonitorOverview",
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
    # reports
    "MonitorReport",
    "ReportNumbers",
    "ReportedExecution",
    "ReportedViolation",
    "BiasSeries",
    "AttributionSeries",
    "FeatureSeries",
    "Unreadable",
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
