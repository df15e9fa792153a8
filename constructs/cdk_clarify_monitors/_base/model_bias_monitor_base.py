"""ModelBiasMonitorBase: the metrics of bias drift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import aws_cdk as cdk

from .._config.bias_metric_threshold import BiasMetricThreshold
from .._config.monitoring_kind import BIAS
from .._lazy_module import LazyModule
from .._observability.alarms import ALARM_ARGUMENTS, AlarmOptions, MonitorAlarms, check_spans
from .._observability.bias_graphs import ConstraintLines, all_graphs, limit_graphs, threshold_series
from .._observability.graphs import Graph
from .._spec.metric_dimensions import baseline_bias_metrics, bias_dimensions, published_bias_metrics
from .._validation import InvalidValue, boolean, instance_of, is_token, list_of, names_arguments
from .monitor_base import ClarifyMonitorBase

if TYPE_CHECKING:
    from aws_cdk import aws_cloudwatch as cloudwatch
else:
    cloudwatch = LazyModule("aws_cdk.aws_cloudwatch")

_THRESHOLDS: Final = list_of(instance_of(BiasMetricThreshold))


class ModelBiasMonitorBase(ClarifyMonitorBase):
    """The common base of a bias monitor of this app and of another app."""

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

        Numbers are written as in the analysis config; strings are used unchanged. AWS does not document how CloudWatch
        shows several values, or a column that the analysis config names by its index: look in CloudWatch, and give a
        string.

        Args:
            metric: The metric's short name, like DPPL.
            facet: The facet, as in the analysis config. Default: the monitor's only one.
            facet_value: Its value or threshold, as in the analysis config. Default: the facet's only one.
            label: The label, as in the analysis config. Default: the monitor's.
            label_value: Its value or threshold, as in the analysis config. Default: the label's only one.
            bias_stage: Whether the metric is about the data or about the predictions. Default: the stage that has the
                metric.
            statistic: CloudWatch's statistic. Default: Average.
            period: Its period. Default: the schedule's period; see `metric`.

        Raises:
            ValueError: The monitor has no such facet, label or value, has none or several where nothing is given, or
                publishes no metrics, or not this one.
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

    @names_arguments(
        {**ALARM_ARGUMENTS, **dict.fromkeys(("metrics", "thresholds", "limits"), "write bias_metrics={value}")}
    )
    def add_alarms(
        self,
        id: str = "Alarms",  # noqa: A002  CDK's name
        *,
        violations: bool = True,
        execution_failed: bool = True,
        executions_stopped: bool | None = None,
        bias_metrics: Sequence[BiasMetricThreshold] = (),
        period: cdk.Duration | None = None,
        actions: Sequence[cloudwatch.IAlarmAction] = (),
    ) -> MonitorAlarms:
        """Add alarms on the monitor's executions, and on bias metrics with limits of your own.

        Alarms on executions use EventBridge's count of the events of `on_event` (the metric TriggeredRules of rules
        that the monitor creates once). So they also work without CloudWatch metrics of the monitor. An alarm on
        violations or failures ends after one to three periods of the schedule. The alarm on missing executions goes off
        if no execution has completed for two to four periods. Missing data is breaching, so this alarm is in alarm from
        the deployment to the end of the first execution, and while the schedule is stopped. An alarm on a bias metric
        keeps its state until the next execution. (Not tried on AWS.)

        Args:
            id: The id of the construct that holds the alarms. Default: "Alarms".
            violations: Whether there is an alarm on executions that find violations. Default: True.
            execution_failed: Whether there is an alarm on executions that fail or are stopped. Default: True.
            executions_stopped: Whether there is an alarm on missing executions. Default: True, except for a schedule
                that runs once.
            bias_metrics: The bias metrics that get an alarm, or two, with their limits. Default: none.
            period: The time between two executions, which is the alarms' period. Default: the schedule's period;
                required if synthesis does not know the schedule.
            actions: What the alarms do, such as `[aws_cloudwatch_actions.SnsAction(topic)]`. Default: nothing; add
                actions with `add_alarm_action` of the returned object, or of a single alarm.

        Returns:
            The alarms.

        Raises:
            ValueError: The id is taken, a metric is not published, or something that the alarms need is not known.
                Nothing has been created.
            TypeError: A value is of the wrong type.
        """
        options = AlarmOptions(
            violations=violations,
            execution_failed=execution_failed,
            executions_stopped=executions_stopped,
            bias_metrics=bias_metrics,
            period=period,
            actions=actions,
        )
        series = threshold_series(self._analysis_config, options.bias_metrics)
        if series:
            self._check_alarms_on_metrics(options)
        metrics = [self.metric(each.name, dimensions_map=each.dimensions, period=options.period) for each in series]
        alarms = self._make_alarms(id, options, metrics)
        for threshold in options.bias_metrics:
            for message in threshold.doubtful_limits():
                cdk.Annotations.of(self).add_warning_v2("cdk-clarify-monitors:limits", message)
        return alarms

    def _check_alarms_on_metrics(self, options: AlarmOptions) -> None:
        """Refuse alarms on metrics that CloudWatch would not make.

        Raises:
            ValueError: The metrics are in another region, or an alarm would look back too far.
        """
        source, here = self._metric_source(), cdk.Stack.of(self).region
        if source.region is not None and not is_token(here) and source.region != here:
            remedy = f"make the alarms in a stack of {source.region}: an alarm has its metric's region"
            must = f"be left out in {here}, as the metrics are in {source.region}"
            raise InvalidValue("bias_metrics", must, options.bias_metrics, remedy)
        hours = source.period_in_hours if options.period is None else options.period.to_hours(integral=False)
        check_spans(options.bias_metrics, hours)

    def dashboard_widgets(
        self,
        *,
        executions: bool = True,
        bias_metrics: Sequence[BiasMetricThreshold] | None = None,
        baseline_metrics: Sequence[str] = (),
    ) -> list[cloudwatch.IWidget]:
        """The widgets that show this monitor on a dashboard: a title, executions, the alarms added so far, metrics.

        A metric with limits has a graph of its own, with lines for the limits: those of alarms, the
        `constraints_overrides`, and the value of the baseline if it is among the `baseline_metrics`, or `constraints`
        has a `body_dict`. All others share a graph, by stage and facet. `ClarifyDashboard` is a dashboard with these
        widgets.

        Args:
            executions: Whether to show how executions ended, by rules that count events (see `add_alarms`). Default:
                True.
            bias_metrics: The metrics to show, with their limits as lines; this creates no alarms. Default: all that the
                monitor publishes.
            baseline_metrics: The short names of metrics that have a graph of their own with a line for the baseline,
                such as `["DPPL", "DI"]`: the values that the baselining job suggests, even if `constraints_overrides`
                replace them. The custom resource returns them to CloudFormation, whose limit of 4 KB has room for a few
                dozen. Where Clarify gives no number, the line is hidden. Default: none.

        Raises:
            ValueError: The monitor publishes no metrics, or no such metric, or what the widgets need is not known; the
                baseline is not known, or has more values than CloudFormation takes.
            TypeError: A value is of the wrong type.
        """
        if bias_metrics is None:
            return super().dashboard_widgets(executions=executions, baseline_metrics=baseline_metrics)
        boolean("executions", executions)
        chosen = self._check_baseline_metrics(baseline_metrics)
        thresholds = _THRESHOLDS("bias_metrics", bias_metrics)
        shown = [threshold.metric for threshold in thresholds]
        if others := [metric for metric in chosen if metric not in shown]:
            must = f"be among the metrics of 'bias_metrics', {', '.join(dict.fromkeys(shown))}"
            raise InvalidValue("baseline_metrics", must, others[0], "show it there, or leave 'bias_metrics' out")
        graphs = limit_graphs(self._analysis_config, thresholds, self._constraint_lines(chosen))
        return self._widgets(graphs, executions=executions)

    # ---------------------------------------------------------------- parts
    @property
    def _metrics_with_baseline(self) -> Sequence[str]:
        published, baselining = published_bias_metrics(self._analysis_config), self._baselining_config
        computed = published if baselining is None else baseline_bias_metrics(baselining)
        return [name for name in published if name in computed]

    def _constraint_lines(self, baseline_metrics: Sequence[str]) -> ConstraintLines:
        is_computed = bool(baseline_metrics) and not self._given_constraints
        return ConstraintLines(self._constraint_limits, self._given_constraints, baseline_metrics, is_computed)

    def _graphs(self, baseline_metrics: Sequence[str]) -> list[Graph]:
        of_alarms = [[pair.threshold for pair in alarms.bias_metrics] for alarms in self._alarms]
        return all_graphs(self._analysis_config, of_alarms, self._constraint_lines(baseline_metrics))
