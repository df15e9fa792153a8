"""The resolved specification of a monitor, computed before any construct is created."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import api_requests

if TYPE_CHECKING:
    from .._config.analysis.data_config import DataConfig
    from .._config.monitor_settings import MonitorSettings
    from .._config.monitoring_kind import MonitoringKind
    from .analysis.analysis_spec import AnalysisSpec
    from .api_requests import ApiRequest, JobContext
    from .monitoring_target import MonitoringTarget
    from .naming import MonitorNames
    from .s3_layout import S3Layout


@dataclass(frozen=True, kw_only=True)
class MonitorSpec:
    """The specification of a monitor: names, S3 layout, what is analysed, and the requests to SageMaker.

    Attributes:
        kind: Its kind.
        settings: What both kinds of monitor are told.
        analysis: What its jobs analyse.
        baselined: What the baselining job reads; None: there is no baselining job.
        monitored: What its executions watch.
        names: The names that are made up for it.
        s3_layout: Where in S3 it reads and writes.
    """

    kind: MonitoringKind
    settings: MonitorSettings
    analysis: AnalysisSpec
    baselined: DataConfig | None
    monitored: MonitoringTarget
    names: MonitorNames
    s3_layout: S3Layout

    @property
    def schedule_name(self) -> str:
        """The name of the monitoring schedule."""
        return self.settings.monitor_schedule_name or self.names.schedule

    @property
    def metric_namespace(self) -> str:
        """The namespace of the metrics that the monitoring executions publish."""
        return self.kind.metric_namespace(self.monitored.endpoint_name)

    def definition(self, context: JobContext) -> ApiRequest:
        """The request of the job definition, without what its resources know: role, analysis config, constraints."""
        return api_requests.job_definition(
            context,
            self.settings,
            self.kind,
            job_input=self.monitored.request,
            output_s3_uri=self.s3_layout.output_s3_uri,
        )

    def schedule(self) -> ApiRequest:
        """The request of the monitoring schedule, without the name of the job definition."""
        return api_requests.monitoring_schedule(self.settings, self.kind, name=self.schedule_name)

    def schedule_inputs(self, context: JobContext) -> ApiRequest:
        """All that makes CloudFormation update the schedule, but for the role, names, and what the baseline answers."""
        return {
            "Definition": self.definition(context),
            "ConfigUri": self.analysis.monitoring_uri,
            "ConstraintsUri": self.settings.constraints_s3_uri,
            "Schedule": api_requests.monitoring_schedule(self.settings, self.kind, name=""),
        }
