"""ModelExplainabilityMonitorBase: the metrics of feature attribution drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import aws_cdk as cdk

from .._config.monitoring_kind import EXPLAINABILITY
from .._lazy_module import LazyModule
from .._observability.attribution_graphs import attribution_graphs
from .._observability.graphs import EXPECTED_VALUE, Graph
from .._spec.metric_dimensions import shap_dimensions
from .._validation import boolean
from .monitor_base import ClarifyMonitorBase

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")


class ModelExplainabilityMonitorBase(ClarifyMonitorBase):
    """The common base of an explainability monitor of this app and of another app."""

    _kind = EXPLAINABILITY

    def metric_feature_attribution(
        self,
        feature: str,
        *,
        label: str | int | None = None,
        statistic: str = "Average",
        period: cdk.Duration | None = None,
    ) -> cloudwatch.Metric:
        """The global SHAP value of a feature in this monitor's executions.

        Args:
            feature: The feature's name.
            label: The label that the model's score belongs to. Default: the only one of the `label_headers`; without
                `label_headers`, the names are label0, label1 and so on, and the default is label0.
            statistic: CloudWatch's statistic. Default: Average.
            period: Its period. Default: the schedule's period; see `metric`.

        Raises:
            ValueError: The monitor has no such feature or label, several labels where none is given, no SHAPConfig, or
                publishes no metrics.
            TypeError: A value is of the wrong type.
        """
        dimensions = shap_dimensions(self._analysis_config, "GlobalShapValues", label=label, feature=feature)
        return self.metric(f"feature_{feature}", dimensions_map=dimensions, statistic=statistic, period=period)

    def metric_expected_value(
        self, *, label: str | int | None = None, statistic: str = "Average", period: cdk.Duration | None = None
    ) -> cloudwatch.Metric:
        """The model's output for the SHAP baseline in this monitor's executions.

        Args:
            label: The label that the model's score belongs to. Default: see `metric_feature_attribution`.
            statistic: CloudWatch's statistic. Default: Average.
            period: Its period. Default: the schedule's period; see `metric`.

        Raises:
            ValueError: See `metric_feature_attribution`.
            TypeError: A value is of the wrong type.
        """
        dimensions = shap_dimensions(self._analysis_config, "ExpectedValue", label=label)
        return self.metric("ExpectedValue", dimensions_map=dimensions, statistic=statistic, period=period)

    def dashboard_widgets(
        self,
        *,
        executions: bool = True,
        features: Sequence[str] | None = None,
        labels: Sequence[str | int] | None = None,
        baseline_metrics: Sequence[str] = (),
    ) -> list[cloudwatch.IWidget]:
        """The widgets that show this monitor on a dashboard: a title, executions, the alarms added so far, metrics.

        The attributions of the features are stacked, for each label. `ClarifyDashboard` is a dashboard with these
        widgets.

        Args:
            executions: Whether to show how executions ended, by rules that count events (see `add_alarms`). Default:
                True.
            features: The features to show. Default: all that are explained, by their `headers`.
            labels: The labels to show. Default: all.
            baseline_metrics: The metrics that have a line for the baseline: `["ExpectedValue"]`, or none. Attributions
                have none, because executions compare their ranking. Default: none.

        Raises:
            ValueError: The monitor publishes no metrics, has no such feature or label, or what the widgets need is not
                known; or the baseline is not.
            TypeError: A value is of the wrong type.
        """
        boolean("executions", executions)
        graphs = self._attribution_graphs(self._check_baseline_metrics(baseline_metrics), features, labels)
        return self._widgets(graphs, executions=executions)

    # ---------------------------------------------------------------- parts
    @property
    def _metrics_with_baseline(self) -> Sequence[str]:
        return (EXPECTED_VALUE,)

    def _graphs(self, baseline_metrics: Sequence[str]) -> list[Graph]:
        return self._attribution_graphs(baseline_metrics)

    def _attribution_graphs(
        self,
        baseline_metrics: Sequence[str],
        features: Sequence[str] | None = None,
        labels: Sequence[str | int] | None = None,
    ) -> list[Graph]:
        is_computed = bool(baseline_metrics) and not self._given_constraints
        given = self._given_constraints
        return attribution_graphs(self._analysis_config, features, labels, given, is_computed=is_computed)
