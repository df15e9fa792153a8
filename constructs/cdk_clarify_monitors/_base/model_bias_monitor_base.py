"""ModelBiasMonitorBase: the metrics of bias drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import aws_cdk as cdk

from .._config.monitoring_kind import BIAS
from .._observability.lazy_module import LazyModule
from .._spec.metric_dimensions import bias_dimensions
from .monitor_base import ClarifyMonitorBase

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")


class ModelBiasMonitorBase(ClarifyMonitorBase):
    """What works for a bias monitor of this app and for one of another app alike."""

    _kind = BIAS

    def metric_bias(
        self,
        metric: str,
        *,
        facet: str | int | None = None,
        facet_value: str | float | None = None,
        label: str | int | None = None,
        label_value: str | float | None = None,
        bias_stage: Literal["Pre-training", "Post-Training"] | None = None,
        statistic: str = "Average",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """A bias metric of this monitor's executions.

        Numbers are written as in the analysis config, strings are taken to the letter. How CloudWatch shows several
        values, or a column that the analysis config has by its index, is not documented: look there, and give a string.

        Args:
            metric: The metric's short name, like DPPL.
            facet: The facet, as in the analysis config. Default: the monitor's only one.
            facet_value: Its value or threshold, as in the analysis config. Default: the facet's only one.
            label: The label, as in the analysis config. Default: the monitor's.
            label_value: Its value or threshold, as in the analysis config. Default: the label's only one.
            bias_stage: Whether it is about the data or about the predictions. Default: whatever has the metric.
            statistic: CloudWatch's statistic. Default: Average.
            period: Its period. Default: that of the schedule; see `metric`.

        Raises:
            ValueError: The monitor has no such facet, label or value, has none or several where nothing is given, or
                publishes no metrics.
            TypeError: A value is of the wrong type.
        """
        dimensions = bias_dimensions(
            self._analysis_config,
            metric,
            facet=facet,
            facet_value=facet_value,
            label=label,
            label_value=label_value,
            bias_stage=bias_stage,
        )
        return self.metric(f"bias_metric_{metric}", dimensions_map=dimensions, statistic=statistic, period=period)
